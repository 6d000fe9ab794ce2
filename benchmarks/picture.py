"""The figures of a report as a picture."""

from itertools import groupby
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt

from benchmarks import ROOT
from benchmarks.libraries import LIBRARIES
from benchmarks.measure import Result

COLOURS = {name: f"C{i}" for i, name in enumerate(LIBRARIES)}


def draw(results: list[Result], path: Path) -> None:
    """Above, how fast each library is beside the one compared with; below, how cost grows."""
    matplotlib.use("Agg")
    compared = [r for r in results if r.size is None and r.workload.against in r.seconds]
    grown = [r for r in results if r.size is not None]
    grown = [list(sizes) for _, sizes in groupby(grown, key=lambda r: r.workload.name)]
    with plt.style.context(ROOT / "nbs" / "tinytorch.mplstyle"):
        heights = [0.5 * len(compared) + 1.2 if compared else 0.1, 3.2 if grown else 0.1]
        figure = plt.figure(figsize=(9, sum(heights)))
        above, below = figure.subfigures(2, 1, height_ratios=heights)
        if compared:
            draw_ratios(above.subplots(), compared)
        if grown:
            places = below.subplots(1, len(grown), squeeze=False)[0]
            for axes, sizes in zip(places, grown, strict=True):
                draw_growth(axes, sizes)
            below.legend(*shared_legend(places), loc="outside right upper")
        figure.savefig(path)
        plt.close(figure)


def plain(title):
    """A title without its Markdown."""
    return title.replace("\\", "").replace("`", "")


def shared_legend(places):
    """Lines and names, each once, of several axes."""
    named = {}
    for axes in places:
        lines, names = axes.get_legend_handles_labels()
        named |= dict(zip(names, lines, strict=True))
    return named.values(), named.keys()


def draw_ratios(axes, results):
    """A row for each workload, a dot for each library, 1 for the one compared with."""
    for row, result in enumerate(results):
        base = result.median(result.workload.against)
        for library in result.seconds:
            is_ours = library == "tinytorch"
            axes.plot(
                base / result.median(library), row, "D" if is_ours else "o",
                color=COLOURS[library], markersize=9 if is_ours else 6, zorder=4 if is_ours else 3,
            )  # fmt: skip
        axes.plot([result.workload.must] * 2, [row - 0.3, row + 0.3], color="0.4", zorder=1)
    for library in [name for name in LIBRARIES if any(name in r.seconds for r in results)]:
        marker = "D" if library == "tinytorch" else "o"
        axes.plot([], [], marker, color=COLOURS[library], label=library)
    axes.plot([], [], color="0.4", label="must")
    labels = [f"{plain(r.workload.title)}\n({r.workload.against} = 1)" for r in results]
    axes.set_yticks(range(len(results)), labels)
    axes.set(xscale="log", ylim=(len(results) - 0.5, -0.5), title="How many times as fast")
    axes.set_xlabel("speed / speed of the library compared with (right is faster)")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def draw_growth(axes, results):
    """The time of each library by size, and a line as steep as linear growth."""
    for library in LIBRARIES:
        points = [(r.size, r.median(library)) for r in results if library in r.seconds]
        if points:
            sizes_and_times = zip(*points, strict=True)
            axes.plot(*sizes_and_times, "o-", color=COLOURS[library], label=library, markersize=4)
    sizes = [r.size for r in results]
    if "tinytorch" in results[-1].seconds:
        end = results[-1].median("tinytorch")
        linear = [end * size / sizes[-1] for size in sizes]
        axes.plot(sizes, linear, ":", color="0.5", label="linear", zorder=1)
    axes.set(xscale="log", yscale="log", xlabel=results[0].workload.varies, ylabel="seconds")
    axes.set_title(results[0].workload.name.capitalize())
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize=8)
    axes.minorticks_off()
