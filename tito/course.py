"""Where the course is: the folder that holds settings.ini and nbs/."""

import os
from pathlib import Path

__all__ = ["CourseError", "course_root", "course_environment"]


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
    """The environment of a child process that imports this course's own tinytorch and tito."""
    rest = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([str(root), rest] if rest else [str(root)])
    return {**os.environ, "PYTHONPATH": path}
