"""Grade a batch: each submission in a worker process, under a limit, stopped by none of them."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import nbformat
import psutil
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.utils import is_grade

from tito.course import CourseError
from tito.grading.folder import NOT_YET, QUIET, GradingFolder, require_solutions, write_atomically
from tito.grading.sandbox import has_bubblewrap
from tito.grading.show import show
from tito.grading.worker import Job, mark, work
from tito.modules import Module
from tito.release import nbgrader_config

__all__ = ["Limits", "Result", "grade_all", "prepare"]

REFERENCE = ".reference"  # no student is called that

# A fork of a process that has imported the worker's libraries starts in no time, and knows nothing
# of this one. Windows has no such thing.
PROCESSES = get_context("spawn" if sys.platform == "win32" else "forkserver")
PROCESSES.set_forkserver_preload(["tito.grading.show"])


@dataclass(frozen=True)
class Limits:
    cell_seconds: int = 30
    notebook_seconds: int = 600


@dataclass(frozen=True)
class Result:
    """A mark, or why there is none."""

    student: str
    module: Module
    points: float | None = None
    because: str | None = None


def grade_all(grading: GradingFolder, submissions, limits: Limits) -> Iterator[Result]:
    """Grade the submissions, pairs of student and module, one by one."""
    modules = list(dict.fromkeys(module for _, module in submissions))
    for module in modules:
        prepare(grading, module)
    grading.back_up_gradebook()
    for module in modules:
        require_sound_reference(grading, module, limits)
        for student in (student for student, other in submissions if other == module):
            yield grade_one(grading, student, module, limits)


def prepare(grading: GradingFolder, module: Module) -> None:
    """Bring source/, release/ and the gradebook's assignment up to date with nbs/."""
    require_solutions(grading.course, module)
    content = (grading.course / module.path).read_bytes()
    source = grading.source(module)
    if grading.release(module).exists() and source.read_bytes() == content:
        return
    _refuse_other_cells(grading, module, content)
    write_atomically(source, content)
    directory = grading.course_directory(module)
    config = nbgrader_config()
    GenerateAssignment(coursedir=directory, config=config, force=True, log=QUIET).start()


def _refuse_other_cells(grading, module, content):
    """nbgrader cannot add cells to, or take cells from, an assignment that has marks."""
    with grading.gradebook() as gradebook:
        try:
            notebook = gradebook.find_notebook(module.notebook, module.notebook)
        except MissingEntry:
            return
        known = {cell.name for cell in notebook.source_cells}
        is_graded = bool(notebook.submissions)
    cells = [cell["metadata"].get("nbgrader", {}) for cell in json.loads(content)["cells"]]
    if is_graded and {cell["grade_id"] for cell in cells if cell} != known:
        raise CourseError(
            f"{module.path} has gained or lost graded cells since submissions were graded: "
            f"move {grading.path} away to keep those marks, then collect and grade again"
        )


def require_sound_reference(grading: GradingFolder, module: Module, limits: Limits) -> None:
    """The course's own notebook must get every point here, or nobody's mark would mean much."""
    with tempfile.TemporaryDirectory(prefix="tito-") as folder:
        scratch = replace(grading, path=Path(folder))
        shutil.copy2(grading.path / "gradebook.db", scratch.path)
        content = grading.source(module).read_bytes()
        for copy in (scratch.source(module), scratch.submission(REFERENCE, module)):
            write_atomically(copy, content)
        because = _run_worker(mark, scratch, REFERENCE, module, limits)
        lost = because or _lost_check(scratch, module)
    if lost:
        raise CourseError(f"nothing was graded: the course's own {module.path} fails here: {lost}")


def _lost_check(grading, module):
    """The first check that the reference fails, and how; empty where it has every point."""
    for cell in nbformat.read(grading.autograded(REFERENCE, module), as_version=4).cells:
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if errors and is_grade(cell):
            message = f"{errors[-1].ename}: {errors[-1].evalue}".splitlines()[0]
            return f"{cell.metadata.nbgrader.grade_id}: {message}"
    return ""


def grade_one(grading: GradingFolder, student: str, module: Module, limits: Limits) -> Result:
    """Grade a submission. Until that is done, whatever happens, no older mark stands for it."""
    grading.set_ungraded(student, module, NOT_YET)
    because = _run_worker(mark, grading, student, module, limits)
    if because:
        grading.withdraw(student, module, because)
        return Result(student, module, because=because)
    with grading.gradebook() as gradebook:
        submission = gradebook.find_submission(module.notebook, student)
        points = submission.score
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        lost = frozenset(one.name for one in grades if (one.auto_score or 0) < one.max_score)
    shutil.rmtree(grading.shown(student, module).parent, ignore_errors=True)
    _run_worker(show, grading, student, module, limits, lost)
    grading.set_ungraded(student, module, None)
    return Result(student, module, points)


def _run_worker(task, grading, student, module, limits, lost=frozenset()):
    """Why the task could not be done; None where it is."""
    with tempfile.TemporaryDirectory(prefix="tito-", ignore_cleanup_errors=True) as folder:
        job = Job(
            grading, module, student, Path(folder).resolve(),
            cell_seconds=limits.cell_seconds,
            is_sandboxed=has_bubblewrap(),
            lost=lost,
        )  # fmt: skip
        if not _finishes(task, job, limits.notebook_seconds):
            return f"it ran longer than {limits.notebook_seconds} s"
        try:
            outcome = json.loads(job.outcome.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return "grading it ended without a result"
    return outcome["ungraded because"]


def _finishes(task, job, seconds):
    worker = PROCESSES.Process(target=work, args=(task, job), daemon=True)
    worker.start()
    try:
        worker.join(seconds)
        return not worker.is_alive()
    finally:
        _kill(worker)


def _kill(worker):
    """The worker, its kernel, and whatever that has started."""
    try:
        process = psutil.Process(worker.pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass
    psutil.wait_procs(family)
    worker.join()
