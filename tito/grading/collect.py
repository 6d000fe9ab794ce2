"""Take students' notebooks out of a folder: workspaces, single notebooks, or an LMS download."""

import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from tito.course import CourseError
from tito.grading.folder import (
    NOT_YET,
    GradingFolder,
    is_student_name,
    stamp,
    write_atomically,
)
from tito.modules import MODULES, Module

__all__ = ["Collected", "collect"]

# 01_tensor.ipynb; a browser or an LMS may have added " (1)", "(1)" or "-1" to a second one
BY_NAME = {module.notebook: module for module in MODULES}
NOTEBOOK = re.compile(
    rf"(?:(?P<student>.+)[_-])?(?P<notebook>{'|'.join(BY_NAME)})(?:-\d+|\s*\(\d+\))?\.ipynb"
)
LARGEST = 50_000_000  # bytes; a notebook with a few figures has a fiftieth of that


@dataclass(frozen=True)
class Found:
    """A notebook somewhere in the folder, not yet taken."""

    student: str
    module: Module
    path: PurePosixPath  # from the student's folder
    modified: datetime
    content: bytes

    @property
    def rank(self):
        """Of several, a workspace's own nbs/ goes first, then what was written last."""
        return self.path.parent.name == "nbs", self.modified, str(self.path)


@dataclass
class Collected:
    """What `tito collect` did; `problems` is what it did not understand, or left aside."""

    new: list[tuple[str, Module]] = field(default_factory=list)
    replaced: list[tuple[str, Module]] = field(default_factory=list)
    unchanged: list[tuple[str, Module]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def collect(folder: Path, grading: GradingFolder) -> Collected:
    """Copy what students handed in into `grading/submitted/<student>/<module>/`."""
    _refuse_wrong_folder(folder)
    report = Collected()
    copies = defaultdict(list)
    for found in _search(folder, report.problems):
        copies[found.student, found.module].append(found)
    for found in copies.values():
        *others, best = sorted(found, key=lambda one: one.rank)
        _take(best, grading, report)
        for other in others:
            report.problems.append(f"{other.student}: {other.path} left aside for {best.path}")
    return report


def _refuse_wrong_folder(folder):
    if not folder.is_dir():
        raise CourseError(f"{folder} is not a folder: name the one that holds the submissions")
    if (folder / "nbs").is_dir():
        raise CourseError(
            f"{folder} is one workspace, it holds nbs/: "
            "name the folder above it, with a folder for each student"
        )


def _search(folder, problems) -> Iterator[Found]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            found = list(_in_directory(path.name, path, problems))
        else:
            found = list(_in_file(None, path, PurePosixPath(path.name), problems))
        if not found:
            problems.append(f"{path.name}: no notebook of the course in it")
        for one in found:
            if is_student_name(one.student):
                yield one
            else:
                problems.append(f"{path.name}: {one.student!r} is not a student's name")


def _in_directory(student, top, problems):
    for parent, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent) / name
            if not path.is_symlink():
                inside = PurePosixPath(path.relative_to(top).as_posix())
                yield from _in_file(student, path, inside, problems)


def _in_file(student, path, inside, problems):
    """A file's notebooks. `student` is None where the file's own name has to tell."""
    if path.suffix == ".zip":
        yield from _in_zip(student or _zip_owner(path.stem), path, problems)
        return
    size = path.stat().st_size
    yield from _found(student, inside, _handed_in(path), size, path.read_bytes, problems)


def _handed_in(path):
    """When: as nbgrader's timestamp.txt beside it says, or when it was written last."""
    try:
        text = path.with_name("timestamp.txt").read_text(encoding="utf-8")
        return parse_utc(text.strip()).replace(tzinfo=UTC)
    except (OSError, ValueError):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _zip_owner(stem):
    match = NOTEBOOK.fullmatch(f"{stem}.ipynb")
    return (match and match["student"]) or stem


def _in_zip(student, path, problems):
    """Members are read, never unpacked: no path in them leads anywhere."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                inside = PurePosixPath(member.filename)
                if member.is_dir() or any(part.startswith(".") for part in inside.parts):
                    continue
                modified = datetime(*member.date_time, tzinfo=UTC)
                yield from _found(
                    student, inside, modified, member.file_size,
                    lambda member=member: archive.read(member), problems,
                )  # fmt: skip
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError) as error:
        problems.append(f"{path.name}: cannot be read as a zip file ({error})")


def _found(student, inside, modified, size, read, problems):
    match = NOTEBOOK.fullmatch(inside.name)
    student = student or (match and match["student"])
    if not match or not student:
        return
    if size > LARGEST:
        problems.append(f"{student}: {inside} is larger than {LARGEST // 10**6} MB")
        return
    yield Found(student, BY_NAME[match["notebook"]], inside, modified, read())


def _take(found, grading, report):
    target = grading.submission(found.student, found.module)
    key = found.student, found.module
    if target.exists() and target.read_bytes() == found.content:
        report.unchanged.append(key)
        return
    if target.exists():
        _keep_replaced(target, found, grading)
        grading.set_ungraded(*key, NOT_YET)  # whatever the version before has got
        report.replaced.append(key)
    else:
        report.new.append(key)
    when = found.modified.strftime("%Y-%m-%d %H:%M:%S.%f UTC")  # as nbgrader writes it
    write_atomically(target.with_name("timestamp.txt"), when)
    write_atomically(target, found.content)


def _keep_replaced(target, found, grading):
    folder = grading.path / "replaced" / found.student / found.module.notebook / stamp()
    folder.mkdir(parents=True)
    for name in (target.name, "timestamp.txt"):
        if target.with_name(name).exists():
            write_atomically(folder / name, target.with_name(name).read_bytes())
