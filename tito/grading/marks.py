"""All marks: from nbgrader's gradebook, with a reason wherever there is none."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from tito.course import CourseError
from tito.grading.folder import NOT_YET, GradingFolder, write_atomically
from tito.modules import MODULES, Module

__all__ = ["Mark", "all_marks", "write_csv"]

COLUMNS = ("student", "module", "points", "maximum", "ungraded because")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet might run


@dataclass(frozen=True)
class Mark:
    student: str
    module: Module
    points: float | None
    maximum: float
    because: str = ""  # why there are no points


def all_marks(grading: GradingFolder) -> list[Mark]:
    """A Mark for every student and every module that anyone has handed in."""
    if not grading.path.is_dir():
        raise CourseError(f"{grading.path} is not there yet: begin with `tito collect FOLDER`")
    handed_in = set(grading.submissions())
    ungraded = grading.ungraded()
    with grading.gradebook() as gradebook:
        assignments = {one.name: one.max_score for one in gradebook.assignments}
        modules = _modules(assignments, handed_in, ungraded)
        names = {student for student, _ in [*handed_in, *ungraded]}
        students = sorted(names | {student.id for student in gradebook.students})
        points = {
            (row["student"], module.notebook): row["score"]
            for module in modules
            for row in gradebook.submission_dicts(module.notebook)
        }
    marks = []
    for student in students:
        for module in modules:
            key = student, module.notebook
            because = ungraded.get(key)
            if not because and key not in points:
                is_in = (student, module) in handed_in
                because = NOT_YET if is_in else "not handed in"
            maximum = assignments.get(module.notebook, module.points)
            marks.append(
                Mark(student, module, None if because else points[key], maximum, because or "")
            )
    return marks


def _modules(assignments, handed_in, ungraded):
    names = {*assignments, *(module.notebook for _, module in handed_in)}
    names |= {name for _, name in ungraded}
    return [module for module in MODULES if module.notebook in names]


def write_csv(marks: list[Mark], path: Path) -> None:
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for mark in marks:
        points = "" if mark.points is None else f"{mark.points:g}"
        texts = [_plain(mark.student), mark.module.notebook, points, f"{mark.maximum:g}"]
        writer.writerow([*texts, _plain(mark.because)])
    write_atomically(path, table.getvalue())


def _plain(text):
    """Text that a spreadsheet takes for text, also where it looks like a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
