"""The instructor's working folder: an nbgrader course directory, and what tito adds to it."""

import json
import logging
import os
import re
import shutil
import sysconfig
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import setenv

from tito.course import CourseError
from tito.modules import MODULES, Module

__all__ = [
    "NOT_YET", "GradingFolder", "is_student_name", "require_solutions", "stamp", "write_atomically",
]  # fmt: skip

# nbgrader logs at length; what matters of it, tito says itself.
QUIET = logging.getLogger("tito.grading")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False

NOT_YET = "not graded yet: run `tito grade`"


@dataclass(frozen=True)
class GradingFolder:
    """`grading/` of the course whose sources are at `course`."""

    course: Path
    path: Path

    @classmethod
    def of(cls, course: Path) -> "GradingFolder":
        return cls(course, course / "grading")

    def submitted(self, student: str, module: Module) -> Path:
        return self.path / "submitted" / student / module.notebook

    def submission(self, student: str, module: Module) -> Path:
        return self.submitted(student, module) / f"{module.notebook}.ipynb"

    def autograded(self, student: str, module: Module) -> Path:
        return self.path / "autograded" / student / module.notebook / f"{module.notebook}.ipynb"

    def shown(self, student: str, module: Module) -> Path:
        return self.path / "shown" / student / module.notebook / f"{module.notebook}.ipynb"

    def feedback(self, student: str, module: Module) -> Path:
        return self.path / "feedback" / student / module.notebook / f"{module.notebook}.html"

    def source(self, module: Module) -> Path:
        return self.path / "source" / module.notebook / f"{module.notebook}.ipynb"

    def release(self, module: Module) -> Path:
        return self.path / "release" / module.notebook / f"{module.notebook}.ipynb"

    def submissions(self, modules=MODULES, student: str | None = None) -> list[tuple[str, Module]]:
        """Every (student, module) that was handed in, by module."""
        folder = self.path / "submitted"
        students = sorted(path.name for path in folder.glob("*") if path.is_dir())
        return [
            (name, module)
            for module in modules
            for name in students
            if student in (None, name) and self.submitted(name, module).is_dir()
        ]

    def course_directory(self, module: Module, student: str = "*") -> CourseDirectory:
        """What nbgrader's converters work on: this assignment, of this student."""
        return CourseDirectory(
            root=str(self.path.absolute()),
            assignment_id=module.notebook,
            notebook_id=module.notebook,
            student_id=student if student == "*" else escape(student),
        )

    def gradebook(self) -> Gradebook:
        self.path.mkdir(parents=True, exist_ok=True)
        # To make a new one, nbgrader runs the command alembic, which is beside our Python.
        path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
        with setenv(PATH=path):
            return Gradebook(f"sqlite:///{self.path.absolute() / 'gradebook.db'}")

    def back_up_gradebook(self) -> None:
        gradebook = self.path / "gradebook.db"
        if gradebook.exists():
            backups = self.path / "backups"
            backups.mkdir(exist_ok=True)
            shutil.copy2(gradebook, backups / f"gradebook-{stamp()}.db")

    def ungraded(self) -> dict[tuple[str, str], str]:
        """Why a submission has no mark, by student and assignment."""
        path = self.path / "ungraded.json"
        if not path.exists():
            return {}
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {(row["student"], row["module"]): row["because"] for row in rows}

    def set_ungraded(self, student: str, module: Module, because: str | None) -> None:
        """Record why a submission has no mark, or with None that it has one."""
        reasons = self.ungraded()
        reasons.pop((student, module.notebook), None)
        if because:
            reasons[student, module.notebook] = because
        rows = [
            {"student": student, "module": name, "because": because}
            for (student, name), because in sorted(reasons.items())
        ]
        write_atomically(self.path / "ungraded.json", json.dumps(rows, indent=1) + "\n")

    def withdraw(self, student: str, module: Module, because: str) -> None:
        """The submission cannot be graded: say why, and let no older mark stand for it."""
        self.set_ungraded(student, module, because)
        for place in (self.autograded, self.shown, self.feedback):
            shutil.rmtree(place(student, module).parent, ignore_errors=True)
        with self.gradebook() as gradebook:
            gradebook.update_or_create_student(student)
            try:
                gradebook.remove_submission(module.notebook, student)
            except MissingEntry:
                pass  # it never had a mark


def is_student_name(name: str) -> bool:
    """One plain folder name on every system: no path, no glob pattern, no control character."""
    return bool(re.fullmatch(r"\w[\w .,'@+-]{0,99}", name)) and name[-1] not in " ."


def require_solutions(course: Path, module: Module) -> None:
    """Is this the instructor's course, with what submissions are graded against?"""
    path = course / module.path
    if not path.exists():
        raise CourseError(f"module {module.notebook} is not part of this edition yet")
    if "### BEGIN SOLUTION" not in path.read_text(encoding="utf-8"):
        raise CourseError(
            f"{path} holds no solutions: this is a students' edition, "
            "and submissions are graded in the course that it was made from"
        )


def stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")


def write_atomically(path: Path, content: str | bytes) -> None:
    """Whoever reads the file finds the old content or the new, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = content.encode() if isinstance(content, str) else content
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
        stream.write(content)
    os.chmod(stream.name, 0o644)
    os.replace(stream.name, path)
