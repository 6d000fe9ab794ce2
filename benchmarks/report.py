"""What was measured, as Markdown."""

import math
from itertools import groupby, pairwise

from benchmarks.libraries import LIBRARIES
from benchmarks.measure import Result
from benchmarks.run import Run

HOW_TO_READ = """\
Each time is the median of a call over the rounds. The ratio says how many times as fast as the
library named beside it tinytorch is: above 1 tinytorch is ahead. Half of the rounds lie within the
range; where it is wide, other work disturbed the machine. *must* and *goal* are what the ratio has
to reach. Each library has a process of its own and does the same work on the same numbers in
float32 (results that differ are an error); the libraries take turns, in an order that changes from
round to round.

*Peak memory*, tinytorch's / that of the library compared with, is how much more the process holds
at the peak of its first three training steps than just before them, when library and model are
there: resident memory without the pages of files, most of which are code. It is coarse: what a
library freed earlier and uses again does not show, and a quarter more or less from one run to the
next is usual where several threads compute."""


def duration(seconds: float) -> str:
    """Three digits and a unit: 0.00123 → 1.23 ms."""
    unit, factor = ("s", 1) if seconds >= 1 else ("ms", 1e3) if seconds >= 1e-3 else ("µs", 1e6)
    number = seconds * factor
    return f"{number:.{max(0, 2 - math.floor(math.log10(number)))}f} {unit}"


def megabytes(size: int | None) -> str:
    """Two digits or more: 5432100 → 5.4 MB."""
    if size is None:
        return "–"
    number = size / 1e6
    return f"{number:.{0 if number >= 10 else 1}f} MB"


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def cell(result: Result, library: str) -> str:
    """The time of a library, or why there is none."""
    if library in result.seconds:
        return duration(result.median(library))
    if library in result.failures:
        return "failed"
    return "–"


def comparison(result: Result) -> list[str]:
    """The ratio with its range."""
    if not result.is_compared:
        return ["–", "–"]
    low, high = result.ratios
    return [f"**{result.ratio:.2f}** × {result.workload.against}", f"{low:.2f}–{high:.2f}"]


def memory(result: Result) -> str:
    """The peaks of tinytorch and the library compared with."""
    if not result.peaks:
        return "–"
    names = ("tinytorch", result.workload.against)
    return " / ".join(megabytes(result.peaks.get(name)) for name in names)


def verdict(result: Result) -> list[str]:
    """must, goal, and which of them is reached."""
    workload = result.workload
    if not result.is_compared:
        reached = "not compared"
    elif result.ratio >= workload.goal:
        reached = "goal"
    else:
        reached = "must" if result.ratio >= workload.must else "missed"
    return [f"{workload.must:.2f}", f"{workload.goal:.2f}", reached]


def columns(results: list[Result]) -> list[str]:
    """The libraries that took part, in the order of their table."""
    return [
        name for name in LIBRARIES if any(name in r.seconds or name in r.failures for r in results)
    ]


def side_by_side(results: list[Result]) -> str:
    names = columns(results)
    rows = [
        [r.workload.title, *(cell(r, n) for n in names), *comparison(r), *verdict(r), memory(r)]
        for r in results
    ]
    header = ["workload", *names, "ratio", "range", "must", "goal", "reached", "peak memory"]
    return table(header, rows)


def growth(results: list[Result]) -> str:
    """One workload at all its sizes, and how many times the time each next size takes."""
    names, workload = columns(results), results[0].workload
    rows = [[f"{r.size:,}", *(cell(r, n) for n in names), *comparison(r)] for r in results]
    text = f"### {workload.title}\n\n" + table([workload.varies, *names, "ratio", "range"], rows)
    steps = [
        f"{large.size / small.size:g} × the {workload.varies} ({small.size:,} → {large.size:,}) "
        f"takes {large.median('tinytorch') / small.median('tinytorch'):.1f} × the time"
        for small, large in pairwise(results)
        if "tinytorch" in small.seconds and "tinytorch" in large.seconds
    ]
    return text + "\n\n" + "".join(f"- tinytorch: {step}\n" for step in steps).rstrip()


def failures(results: list[Result]) -> list[str]:
    """A line for each library that could not do a workload."""
    lines = []
    for result in results:
        size = "" if result.size is None else f" ({result.workload.varies} {result.size:,})"
        for library, reason in result.failures.items():
            lines.append(f"- {library} failed at `{result.workload.name}`{size}: {reason}")
    return lines


def markdown(run: Run) -> str:
    """The whole report."""
    results = run.results
    versions = [
        f"{name} {run.versions[name]} ({library.description})"
        for name, library in LIBRARIES.items()
        if name in run.versions
    ]
    missing = [name for name in LIBRARIES if name not in run.versions]
    parts = [
        "# Speed, side by side",
        f"{run.date} · {run.machine}\n\n"
        f"{run.threads} threads each, {run.rounds}; the machine's load before: {run.load:.1f}\n\n"
        + "\n".join(f"- {version}" for version in versions)
        + "".join(f"\n- {name}: not installed" for name in missing),
        HOW_TO_READ,
    ]
    single = [result for result in results if result.size is None]
    if single:
        parts += ["## The workloads", side_by_side(single)]
    if len(single) < len(results):
        parts.append("## How cost grows")
    for _, sizes in groupby(results, key=lambda result: result.workload.name):
        sizes = list(sizes)
        if sizes[0].size is not None:
            parts.append(growth(sizes))
    if lines := failures(results):
        parts += ["## What failed", "\n".join(lines)]
    parts.append("![The figures of this page as a picture](RESULTS.png)")
    return "\n\n".join(parts) + "\n"
