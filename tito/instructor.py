"""The instructor's commands: release, collect, grade, feedback, marks."""

from pathlib import Path
from typing import Annotated

import typer

from tito.course import CourseError, course_root
from tito.modules import find_module

ModuleName = Annotated[
    str | None,
    typer.Argument(metavar="NN", help="One module: 1, 01, tensor or 01_tensor. All if none."),
]


def register(app):
    """Add the instructor's commands to the course tool."""
    for command in (release, collect, grade, feedback, marks):
        app.command(rich_help_panel="For instructors")(command)


def release(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new folder to make.")],
):
    """Make the students' edition of the course: all of it but solutions and hidden tests.

    It never overwrites: DIR must be new or empty.

    Example: tito release ../tinytorch-2026
    """
    from rich.console import Console

    root = course_root()
    with Console(stderr=True).status("Making the students' edition"):
        from tito.release import make_edition

        edition = make_edition(root, folder)
    typer.echo(
        f"{edition.folder}: {edition.notebooks} notebooks with {edition.blanks} blanks to write, "
        "and no line of a solution or of a hidden test in any file"
    )
    typer.echo("Next: hand it out, for example as a git repository of its own")


def collect(
    folder: Annotated[Path, typer.Argument(help="The folder that holds what was handed in.")],
):
    """Take the students' notebooks out of FOLDER into grading/submitted/.

    FOLDER holds, for each student, a folder (with a notebook or a whole workspace), a zip file
    of one, or a notebook whose name begins with the student's, as in alice_01_tensor.ipynb.
    What was collected before and differs now is kept in grading/replaced/.

    Example: tito collect ~/Downloads/week-2
    """
    from rich.table import Table

    from tito.grading.collect import collect as collect_all

    report = collect_all(folder, _grading())
    taken = [*report.new, *report.replaced, *report.unchanged]
    table = Table("Module", "New", "Replaced", "As before")
    for module in sorted({module for _, module in taken}, key=lambda module: module.number):
        groups = (report.new, report.replaced, report.unchanged)
        counts = [sum(other == module for _, other in group) for group in groups]
        table.add_row(module.notebook, *map(str, counts))
    for problem in report.problems:
        typer.echo(f"Note: {problem}")
    if not taken:
        raise CourseError(
            f"no submission in {folder}: expected STUDENT/01_tensor.ipynb, STUDENT.zip "
            "or STUDENT_01_tensor.ipynb"
        )
    _console().print(table)
    typer.echo("Next: tito grade")


def grade(
    name: ModuleName = None,
    student: Annotated[str | None, typer.Option(help="This student only.")] = None,
    cell_limit: Annotated[int, typer.Option(min=1, help="Seconds that one cell may take.")] = 30,
    limit: Annotated[
        int, typer.Option(min=1, help="Seconds that a whole notebook may take.")
    ] = 600,
):  # fmt: skip
    """Grade what was collected, in one batch. A submission can't stop it, or see another.

    What cannot be graded is listed as ungraded, with the reason, and gets no mark at all.
    Exit code 0: all are graded; 1: some are not.

    Examples: tito grade, or tito grade 01 --student alice
    """
    from tito.grading.grade import Limits, grade_all

    grading = _grading()
    submissions = _submissions(grading, name, student)
    _say_how_it_runs()
    limits = Limits(cell_limit, limit)
    results = list(_track(grade_all(grading, submissions, limits), "Grading", len(submissions)))
    _show_results(results)
    ungraded = sum(result.points is None for result in results)
    typer.echo(f"{len(results) - ungraded} graded, {ungraded} ungraded. Next: tito feedback")
    if ungraded:
        raise typer.Exit(1)


def _say_how_it_runs():
    from tito.grading.sandbox import has_bubblewrap

    if not has_bubblewrap():
        typer.echo(
            "Note: submissions run with your own rights on this computer: "
            "bubblewrap, which would confine them, is not here or not allowed to work"
        )


def _show_results(results):
    from rich.markup import escape
    from rich.table import Table

    table = Table("Student", "Module", "Points")
    for result in results:
        points = f"{result.points:g}" if result.points is not None else ""
        mark = points or escape(f"ungraded, because {result.because}")
        table.add_row(escape(result.student), result.module.notebook, mark)
    _console().print(table)


def feedback(
    name: ModuleName = None,
    student: Annotated[str | None, typer.Option(help="This student only.")] = None,
):
    """Write a page of feedback for each submission, into grading/feedback/.

    It shows the points, what the checks that students can see say of a submission, and what the
    hidden ones try: those were no part of the run that it shows.

    Examples: tito feedback, or tito feedback 01
    """
    from tito.grading.feedback import give_feedback

    grading = _grading()
    submissions = _submissions(grading, name, student)
    written = 0
    for who, module in _track(submissions, "Writing feedback", len(submissions)):
        if give_feedback(grading, who, module):
            written += 1
        else:
            typer.echo(f"Note: {who}'s {module.notebook} is not graded yet")
    if not written:
        raise CourseError("nothing is graded yet: run `tito grade` first")
    typer.echo(f"{written} pages in {grading.path / 'feedback'}. Next: tito marks")


def marks(
    output: Annotated[
        Path | None, typer.Option(help="The CSV file to write; grading/marks.csv if none.")
    ] = None,
):
    """Write all marks to a CSV file, and show them.

    A submission without a mark has an empty cell for its points, and the reason beside it.

    Examples: tito marks, or tito marks --output ../marks.csv
    """
    from tito.grading.marks import all_marks, write_csv

    grading = _grading()
    rows = all_marks(grading)
    if not rows:
        raise CourseError("there are no submissions yet: begin with `tito collect FOLDER`")
    output = output or grading.path / "marks.csv"
    if not output.absolute().parent.is_dir():
        raise CourseError(f"{output.parent} is not a folder: name a CSV file in one that is there")
    write_csv(rows, output)
    _show_marks(rows)
    typer.echo(f"{output}: {len(rows)} rows")


def _show_marks(rows):
    from rich.markup import escape
    from rich.table import Table

    modules = list(dict.fromkeys(row.module for row in rows))
    table = Table("Student", *(module.notebook for module in modules))
    for student in dict.fromkeys(row.student for row in rows):
        cells = [_cell(row) for row in rows if row.student == student]
        table.add_row(escape(student), *cells)
    _console().print(table)


def _cell(mark):
    if mark.points is not None:
        return f"{mark.points:g} of {mark.maximum:g}"
    return "–" if mark.because == "not handed in" else "ungraded"


def _grading():
    from tito.grading.folder import GradingFolder

    return GradingFolder.of(course_root())


def _submissions(grading, name, student):
    modules = {"modules": [find_module(name)]} if name else {}
    found = grading.submissions(**modules, student=student)
    if not found:
        what = f" of {find_module(name).notebook}" if name else ""
        who = f" by {student}" if student else ""
        raise CourseError(f"no submission{what}{who}: begin with `tito collect FOLDER`")
    return found


def _console():
    from rich.console import Console

    return Console(highlight=False)


def _track(things, title, total):
    """A progress bar on stderr, while someone watches."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    disable = not console.is_terminal
    return track(things, title, total=total, console=console, transient=True, disable=disable)
