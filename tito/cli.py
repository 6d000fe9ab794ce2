"""The `tito` command: what it is called with, and what it says."""

import sys
from contextlib import contextmanager
from typing import Annotated

import typer
from typer.core import TyperGroup

from tito import instructor
from tito.course import CourseError, course_root
from tito.modules import MODULES, find_milestone, find_module, needed

__all__ = ["app", "main"]


class OneLineErrors(TyperGroup):
    """Commands whose CourseErrors are one line and an exit code."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except CourseError as error:
            typer.echo(f"tito: {error}", err=True)
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=OneLineErrors,
    help="Build TinyTorch notebook by notebook. Begin with: tito status",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

ModuleName = Annotated[
    str, typer.Argument(metavar="NN", help="The module: 1, 01, tensor or 01_tensor.")
]


def main():
    """The entry point."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal without ≥ shows ? rather than fail
    app()


@app.command()
def status():
    """Show how far each module is, and what to do next.

    Example: tito status
    """
    from rich.table import Table

    from tito.status import milestones_present, module_status, modules_present, next_step

    root = course_root()
    statuses, unreadable = [], []
    table = Table("Module", "Written", "Checks", "Points", "Exported")
    for module in modules_present(root):
        try:
            one = module_status(root, module)
        except CourseError as error:
            unreadable.append(str(error))
            table.add_row(module.notebook, "cannot be read")
            continue
        statuses.append(one)
        written = f"{len(one.written)} of {len(one.blanks)} blanks"
        table.add_row(module.notebook, written, *_checks_and_points(one), _exported(one))
    _console().print(table)
    for one in milestones_present(root):
        typer.echo(f"Milestone {one.notebook} ({one.year}): {_milestone_state(root, one)}")
    if unreadable:
        raise CourseError(unreadable[0])
    typer.echo(f"Next: {next_step(root, statuses)}")


def _checks_and_points(one):
    if one.checked != "yes":
        note = "not checked" if one.checked == "never" else "changed since the last check"
        return note, f"– of {one.module.points}"
    passed = len(one.checks) - len(one.failing)
    return f"{passed} of {len(one.checks)} pass", f"{one.points:g} of {one.module.points}"


def _exported(one):
    return "notebook changed since" if one.exported == "changed" else one.exported


def _milestone_state(root, milestone):
    from tito.milestone import is_done, missing_for

    missing = missing_for(root, milestone)
    if missing:
        return f"needs {', '.join(module.notebook for module in missing)}"
    return "every criterion held" if is_done(root, milestone) else "unlocked"


@app.command()
def check(
    name: ModuleName,
    cell_limit: Annotated[
        int, typer.Option(min=1, help="Seconds that one cell may take.")
    ] = 60,
    limit: Annotated[
        int, typer.Option(min=1, help="Seconds that the whole notebook may take.")
    ] = 300,
):  # fmt: skip
    """Run a notebook's checks from a fresh kernel, and say how each of them ends.

    Save the notebook in JupyterLab first; it is not changed. Its cells are numbered as Restart
    Kernel and Run All Cells numbers them.

    Example: tito check 01
    """
    from tito import verdict
    from tito.kernel import run_cells
    from tito.notebook import find_notebook, read_cells
    from tito.records import remember
    from tito.status import exported_state, modules_present

    root, module = course_root(), find_module(name)
    cells = read_cells(find_notebook(root, module))
    verdict.require_exported(root, module)
    with _progress(f"Running {module.path}", len(cells)) as advance:
        outcomes = run_cells(root, cells, cell_limit, limit, advance)
    results = verdict.judge(cells, outcomes)
    tries = remember(root, module, cells, results)
    for result in results:
        _report(result, tries[result.name])
    earlier = set(needed(module)) & set(modules_present(root))
    notes = [
        f"{one.notebook} has changed since its export: run tito export {one.number:02d}"
        for one in sorted(earlier, key=lambda one: one.number)
        if exported_state(root, one) == "changed"
    ]
    for note in notes + verdict.remarks(module, cells, outcomes, results):
        typer.echo(f"Note: {note}")
    if not _sum_up(module, results):
        raise typer.Exit(1)


def _report(result, tries):
    from tito.verdict import FAILED, PASSED, UNWRITTEN

    colours = {PASSED: typer.colors.GREEN, FAILED: typer.colors.RED}
    status = typer.style(f"{result.status:<16}", fg=colours.get(result.status))
    points = f"{result.check.points:g} points"
    todo = _what_to_do(result, tries) if result.status in (FAILED, UNWRITTEN) else ""
    beside = todo if result.status == UNWRITTEN else ""
    typer.echo(f"{status} {result.name:<20} {points:<10} {beside}".rstrip())
    if result.reason:
        typer.echo(f"    {result.reason}")
    if todo and not beside:
        typer.echo(f"    {todo}")


def _what_to_do(result, tries):
    if not result.blank:
        return ""
    hint = min(max(tries, 1), result.blank.hints)
    unfold = f"; stuck? unfold Hint {hint} above it" if hint else ""
    return f"{'mend ' if tries else ''}{result.blank.place}{unfold}"


def _sum_up(module, results):
    from tito.verdict import PASSED

    passed = [result for result in results if result.status == PASSED]
    points = sum(result.check.points for result in passed)
    typer.echo(
        f"{module.notebook}: {len(passed)} of {len(results)} checks pass, "
        f"{points:g} of {module.points} points"
    )
    complete = len(passed) == len(results) and points == module.points
    if complete:
        typer.echo(f"Next: tito export {module.number:02d}")
    return complete


@app.command()
def export(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NN]", help="The module: 1, 01, tensor or 01_tensor. All if none."),
    ] = None,
):
    """Write tinytorch/ from the notebooks: what `#| export` marks, so that it can be imported.

    A notebook writes its own module's file and no other; if it cannot be read, the file stays.

    Examples: tito export 01, or tito export for every notebook
    """
    from tito.status import modules_present

    root = course_root()
    modules = [find_module(name)] if name else modules_present(root)
    failures = [module for module in modules if not _export_one(root, module)]
    if failures:
        raise typer.Exit(1)


def _export_one(root, module):
    from tito.export import export as export_module

    try:
        done = export_module(root, module)
    except CourseError as error:  # the others are exported all the same
        typer.echo(f"tito: {error}", err=True)
        return False
    change = "written" if done.is_changed else "is up to date"
    typer.echo(f"{module.exported} {change}")
    if done.empty:
        names = ", ".join(f"`{blank.name}`" for blank in done.empty)
        typer.echo(f"    still to write: {names}; what uses them raises NotImplementedError")
    return True


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def milestone(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NN]", help="The milestone: 1, 01 or perceptron. None: list them."),
    ] = None,
):
    """Rerun history with your own package, and say which criteria hold.

    Without a number: the list of milestones, and what each needs. Further arguments go to the
    milestone's own run.py.

    Examples: tito milestone, or tito milestone 01
    """
    from tito.milestone import run

    root = course_root()
    if name is None:
        return _list_milestones(root)
    chosen = find_milestone(name)
    criteria = run(root, chosen, context.args)
    _show_criteria(chosen, criteria)
    held = bool(criteria) and all(criterion["holds"] for criterion in criteria)
    typer.echo(f"{'Every' if held else 'Not every'} criterion holds. Evidence: {chosen.folder}/")
    if not held:
        raise typer.Exit(1)


def _list_milestones(root):
    from rich.table import Table

    from tito.modules import MILESTONES
    from tito.status import milestones_present

    present = milestones_present(root)
    table = Table("Milestone", "Year", "Title", "State")
    for one in MILESTONES:
        state = _milestone_state(root, one) if one in present else "not part of this edition yet"
        table.add_row(one.notebook, str(one.year), one.title, state)
    _console().print(table)


def _show_criteria(chosen, criteria):
    from rich.table import Table

    table = Table("Criterion", "Target", "Came", "Holds", title=f"{chosen.title}, {chosen.year}")
    for criterion in criteria:
        value = criterion["value"]
        came = f"{value:.6g}" if isinstance(value, float) else str(value)
        holds = "yes" if criterion["holds"] else "NO"
        table.add_row(criterion["name"], str(criterion["target"]), came, holds)
    _console().print(table)


@app.command()
def lab(
    name: ModuleName = MODULES[0].notebook,
    port: Annotated[int, typer.Option(help="The port to serve on.")] = 8888,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser, if there is one.")
    ] = True,
):
    """Open JupyterLab on a module's notebook. Without a screen it prints the address.

    Stop it with Ctrl-C.

    Examples: tito lab, or tito lab 02 --no-browser
    """
    from tito.lab import serve
    from tito.notebook import find_notebook

    root, module = course_root(), find_module(name)
    find_notebook(root, module)
    raise typer.Exit(serve(root, module, port, browser))


def _console():
    from rich.console import Console

    return Console(highlight=False)


@contextmanager
def _progress(title, total):
    """A progress bar on stderr, while someone watches; gives what advances it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda _: progress.advance(task)


instructor.register(app)
