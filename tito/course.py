"""Where the course is: the folder that holds settings.ini and nbs/."""

import os
import sys
from pathlib import Path

__all__ = ["CourseError", "course_root", "course_environment", "write_whole"]


class CourseError(Exception):
    """Something that the person at the keyboard can mend; its message is one clear line."""


def course_root(start: Path | None = None) -> Path:
    """The nearest folder, from `start` (the current one) upwards, that is a course."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "settings.ini").is_file() and (folder / "nbs").is_dir():
            return folder
    raise CourseError(
        f"{start} is not in a course: expected a folder with settings.ini and nbs/ here or "
        "above; change to your course's folder and try again"
    )


def course_environment(root: Path) -> dict[str, str]:
    """The environment of a child process that finds this course's own tinytorch and tito."""
    return {
        **os.environ,
        "PYTHONPATH": _before(root, os.environ.get("PYTHONPATH")),
        "PATH": _before(Path(sys.executable).parent, os.environ.get("PATH")),
    }


def _before(folder, rest):
    return os.pathsep.join([str(folder), rest] if rest else [str(folder)])


def write_whole(path: Path, text: str) -> None:
    """Write the file whole or not at all: to another name first, then rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    os.replace(temporary, path)
