"""The students' edition: this repository, with every solution and hidden test taken out."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import nbformat
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets.config import Config

from tito.course import CourseError
from tito.modules import MODULES
from tito.notebook import STUB

__all__ = ["Edition", "make_edition", "nbgrader_config", "released"]

LEFT_OUT = {"tests", "benchmarks", ".ci", ".git", "grading"}
EXPORTED = {module.exported for module in MODULES}
# A line of fewer words and signs, such as `return False`, says nothing about a solution.
TELLING = 8
REGIONS = {
    "BEGIN SOLUTION": "END SOLUTION",
    "BEGIN HIDDEN TESTS": "END HIDDEN TESTS",
}


@dataclass(frozen=True)
class Edition:
    folder: Path
    notebooks: int
    blanks: int


def nbgrader_config() -> Config:
    """The settings that release and grading share, so that both clear alike."""
    config = Config()
    config.ClearSolutions.code_stub = {"python": STUB}
    return config


def make_edition(root: Path, target: Path) -> Edition:
    """Make the students' edition of the course at `root` in the new folder `target`."""
    target = target.absolute()
    _refuse_occupied(target)
    files = _course_files(root, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as temporary:
        folder = Path(temporary) / "edition"
        for file in files:
            _copy(root / file, folder / file)
        _refuse_leaks(root, files, folder)
        _refuse_occupied(target)
        if target.exists():
            target.rmdir()  # empty: Windows doesn't rename onto it
        folder.rename(target)
    return _describe(target, files)


def released(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook as students get it. Changes `nb`."""
    _refuse_whole_cells(nb)
    steps = (
        LockCells, ClearSolutions, ClearOutput, CheckCellMetadata,
        ClearHiddenTests, ComputeChecksums, CheckCellMetadata,
    )  # fmt: skip
    for step in steps:
        nb, _ = step(config=nbgrader_config()).preprocess(nb, {})
    return nb


def _refuse_whole_cells(nb):
    """nbgrader clears a solution cell without a region whole, signature and all."""
    for cell in nb.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        if nbgrader.get("solution") and "BEGIN SOLUTION" not in cell.source:
            raise CourseError(
                f"the blank {nbgrader.get('grade_id')!r} has no solution region; "
                "if this is a students' edition, release from the course that it was made from"
            )


def _refuse_occupied(target):
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise CourseError(
            f"{target} is already there and tito release never overwrites: "
            "name a new folder, or move this one away"
        )


def _course_files(root, target):
    """The paths, relative to `root`, that belong to the students' edition."""
    listing = _git_files(root)
    files = [PurePosixPath(name) for name in sorted(set(listing.split("\0"))) if name]
    return [
        file
        for file in files
        if (root / file).is_file()
        and file.parts[0] not in LEFT_OUT
        and not (root / file).absolute().is_relative_to(target)
        and str(file) not in EXPORTED
    ]


def _git_files(root):
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, encoding="utf-8")
    except FileNotFoundError:
        raise CourseError("tito release needs git, which is not installed") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["git ls-files failed"]
        raise CourseError(f"tito release copies the files that git tracks in {root}: {said[0]}")
    return done.stdout


def _copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix != ".ipynb":
        shutil.copy2(source, target, follow_symlinks=False)
        return
    try:
        nb = released(_read(source))
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CourseError(f"{source} cannot be released: {reason}") from error
    nbformat.write(nb, target)


def _read(path):
    return nbformat.read(path, as_version=4)


def _describe(target, files):
    notebooks = [_read(target / file) for file in files if file.suffix == ".ipynb"]
    cells = [cell.metadata.get("nbgrader", {}) for nb in notebooks for cell in nb.cells]
    blanks = sum(bool(cell.get("solution")) for cell in cells)
    return Edition(target, len(notebooks), blanks)


def _secret_lines(nb):
    """The telling lines of the notebook's solutions and hidden tests, stripped."""
    secret, visible = set(), set()
    for cell in nb.cells:
        end = None
        for line in map(str.strip, cell.source.splitlines()):
            begin = next((mark for mark in REGIONS if mark in line), None)
            if begin:
                end = REGIONS[begin]
            elif end and end in line:
                end = None
            else:
                (secret if end else visible).add(line)
    return {line for line in secret - visible if len(re.findall(r"\w+|\S", line)) >= TELLING}


def _refuse_leaks(root, files, folder):
    """Read the edition back: no line that was to be taken out may be left, in any file."""
    secret, visible = set(), ""
    for file in files:
        if file.suffix == ".ipynb":
            secret |= _secret_lines(_read(root / file))
            visible += "\n".join(cell.source for cell in _read(folder / file).cells)
    secret = {line for line in secret if line not in visible}  # prose may quote a line
    for file in files:
        leaked = secret & set(_lines(_text(folder / file)))
        if leaked:
            raise CourseError(
                f"no edition was made: {file} shows a line of a solution or of a hidden test, "
                f"{min(leaked)!r}; take it out there, or make it visible in its notebook"
            )


def _lines(text):
    return [line.strip() for line in text.splitlines()]


def _text(path):
    """What a reader can find in the file: of a notebook every string, also in its metadata."""
    text = path.read_bytes().decode("utf-8", errors="replace")
    return "\n".join(_strings(json.loads(text))) if path.suffix == ".ipynb" else text


def _strings(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        joined = all(isinstance(item, str) for item in value)
        yield from ["".join(value)] if joined else (s for item in value for s in _strings(item))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
