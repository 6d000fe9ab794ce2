"""The command line of the benchmarks."""

from datetime import date
from pathlib import Path
from typing import Annotated

import psutil
import typer

from benchmarks import ROOT, THREADS
from benchmarks.libraries import LIBRARIES
from benchmarks.measure import measure
from benchmarks.picture import draw
from benchmarks.report import duration, markdown
from benchmarks.run import Run, machine
from benchmarks.workloads import WORKLOADS

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
QUICK_ROUNDS, ROUNDS = 3, 15
QUICK_SECONDS, SECONDS = 0.01, 0.1  # of a round


def chosen(only):
    """The workloads that `--only` names; all if it names none."""
    for name in only:
        if name not in WORKLOADS:
            raise typer.BadParameter(f"expected one of {', '.join(WORKLOADS)}; came {name}")
    return [WORKLOADS[name] for name in only or WORKLOADS]


@app.command()
def main(
    quick: Annotated[
        bool, typer.Option("--quick", help="A few short rounds: does it run? Not for conclusions.")
    ] = False,
    only: Annotated[
        list[str],
        typer.Option(
            help=f"Measure this alone; may be given again. One of: {', '.join(WORKLOADS)}.",
            metavar="NAME",
        ),
    ] = (),
    rounds: Annotated[
        int | None,
        typer.Option(
            help=f"How often each library has its turn ({ROUNDS}; {QUICK_ROUNDS} if quick).", min=2
        ),
    ] = None,
    redraw: Annotated[
        bool,
        typer.Option(
            "--redraw", help="Measure nothing: write report and picture anew from RESULTS.json."
        ),
    ] = False,
    output: Annotated[
        Path,
        typer.Option(
            help="The folder that RESULTS.md, .png and .json are written to.",
            show_default="benchmarks/latest",
        ),
    ] = ROOT / "benchmarks" / "latest",
):
    """How fast is tinytorch? Measure it beside PyTorch, numpy and whatever else is installed.

    All of it takes about ten minutes, best on a machine that has nothing else to do; --quick takes
    one. The report is printed and written to a folder, with a picture. Other libraries take part
    if they are installed: torch, jax, autograd, tinygrad, micrograd.
    """
    raw = output / "RESULTS.json"
    if redraw:
        if not raw.is_file():
            raise typer.BadParameter(f"expected the file of an earlier run, {raw}; there is none")
        run = Run.from_json(raw.read_text("utf-8"))
    else:
        run = measure_all(chosen(only), quick, rounds or (QUICK_ROUNDS if quick else ROUNDS))
    report = markdown(run)
    output.mkdir(parents=True, exist_ok=True)
    raw.write_text(run.to_json(), encoding="utf-8")
    (output / "RESULTS.md").write_text(report, encoding="utf-8")
    draw(run.results, output / "RESULTS.png")
    typer.echo(report)
    typer.echo(f"Written to {output}", err=True)


def measure_all(workloads, quick, rounds):
    """All that is installed, on these workloads, one after the other."""
    load = psutil.getloadavg()[0]
    versions = {name: lib.version() for name, lib in LIBRARIES.items() if lib.is_installed()}
    seconds, results = QUICK_SECONDS if quick else SECONDS, []
    for workload in workloads:
        for size in workload.cases(quick):
            results.append(measure(workload, list(versions), size, rounds, seconds))
            say_shortly(results[-1])
    words = f"{rounds} {'short ' * quick}rounds"
    return Run(str(date.today()), machine(), THREADS, words, load, versions, results)


def say_shortly(result):
    """A sign of life: one line for what has just been measured."""
    size = "" if result.size is None else f" {result.size:,}"
    times = [f"{library} {duration(result.median(library))}" for library in result.seconds]
    times += [f"{library} failed" for library in result.failures]
    typer.echo(f"{result.workload.name}{size}: {', '.join(times)}", err=True)


if __name__ == "__main__":
    app()
