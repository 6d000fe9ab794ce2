"""Mark one submission. Runs in a process of its own, which `tito grade` can kill."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    Execute,
    LimitOutput,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from nbgrader.preprocessors.execute import UnresponsiveKernelError
from nbgrader.utils import is_grade
from traitlets import Bool, Unicode
from traitlets.config import Config

from tito.grading.folder import GradingFolder, write_atomically
from tito.grading.sandbox import build_workspace, kernel_environment, kernel_manager
from tito.modules import Module

GRACE = 5  # seconds for an interrupted cell to stop
LARGEST_OUTPUT = 1_000_000  # characters of one cell


class UngradableError(Exception):
    """The submission can have no mark; the message says why, to instructor and student."""


@dataclass(frozen=True)
class Job:
    """What a worker is told."""

    grading: GradingFolder
    module: Module
    student: str
    folder: Path  # a temporary one, which the batch removes
    cell_seconds: int
    is_sandboxed: bool
    lost: frozenset[str] = frozenset()  # checks that got no points

    @property
    def outcome(self) -> Path:
        return self.folder / "outcome.json"

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"


def work(task: Callable[[Job], str | None], job: Job) -> None:
    """What the process runs: do the task, and leave the outcome in a file."""
    silence = os.open(os.devnull, os.O_RDWR)  # what a kernel writes goes to no terminal
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    try:
        because = task(job)
    except Exception as error:  # whatever it is, the batch must hear of it
        lines = str(error).strip().splitlines() or [""]
        because = f"grading it failed ({type(error).__name__}: {lines[0]})"
    write_atomically(job.outcome, json.dumps({"ungraded because": because}))


def mark(job: Job) -> str | None:
    """Put the submission's mark into the gradebook, or return why it can have none."""
    grading, module = job.grading, job.module
    grader = Grader(
        coursedir=grading.course_directory(module, job.student),
        config=settings(grading.source(module), job),
        force=True,
    )
    try:
        require_gradable(grading.submission(job.student, module), grading.source(module))
    except UngradableError as error:
        return str(error)
    enter_workspace(job)
    try:
        grader.start()
    except Exception as error:
        return reason(grader.error or error)
    return None


def enter_workspace(job: Job) -> None:
    """Make the job's workspace. From here on this process only minds the kernel."""
    build_workspace(job.grading.course, job.module, job.workspace)
    os.environ.clear()
    os.environ.update(kernel_environment(job.workspace))


def settings(source: Path, job: Job) -> Config:
    """For the steps below; `source` is the notebook that the checks are restored from."""
    config = Config()
    config.RestoreCells.source = str(source)
    config.ExecuteApart.workspace = str(job.workspace)
    config.ExecuteApart.is_sandboxed = job.is_sandboxed
    config.ExecuteApart.timeout = job.cell_seconds
    return config


def reason(error: Exception) -> str:
    """In our words only: another error's may be those of the submission's kernel."""
    if isinstance(error, UngradableError):
        return str(error)
    return f"it cannot be run ({type(error).__name__})"


def require_gradable(submission: Path, source: Path) -> None:
    """Every blank is there, once, and no check twice; or UngradableError says what is wrong."""
    if not submission.exists():
        raise UngradableError(f"{submission.name} was not handed in")
    expected = nbformat.read(source, as_version=4)
    try:
        nb = nbformat.reads(submission.read_text(encoding="utf-8"), as_version=4)
        names = Counter(name_of(cell) for cell in nb.cells)
    except Exception:  # nbformat promises no particular one for what isn't a notebook
        raise UngradableError(f"{submission.name} is not a whole notebook") from None
    doubled = [n for n in map(name_of, expected.cells) if n and names[n] > 1]
    if doubled:
        raise UngradableError(f"there are {names[doubled[0]]} cells with the id {doubled[0]!r}")
    blanks = [name_of(cell) for cell in expected.cells if _is_blank(cell)]
    lost = [name for name in blanks if name not in names]
    if lost:
        raise UngradableError(f"the cell of the blank {lost[0]!r} is missing, or has lost its id")


def name_of(cell: nbformat.NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _is_blank(cell):
    nbgrader = cell.metadata.get("nbgrader", {})
    return nbgrader.get("solution", False) and not nbgrader.get("grade", False)


class RestoreCells(NbGraderPreprocessor):
    """Make every check the source's own, wherever it was edited, moved, disarmed or deleted.

    nbgrader's OverwriteCells sees to edited sources and points alone: a check with the tag
    `skip-execution`, or one that claims to be no check, would pass it.
    """

    source = Unicode().tag(config=True)

    def preprocess(self, nb, resources):
        source = nbformat.read(self.source, as_version=4)
        known = {name_of(cell): cell for cell in source.cells if name_of(cell)}
        nb.cells = [cell for cell in nb.cells if not is_grade(known.get(name_of(cell), cell))]
        for cell in nb.cells:
            original = known.get(name_of(cell))
            cell.metadata = deepcopy(original.metadata) if original else {}
        before = None
        for cell in filter(name_of, source.cells):
            if is_grade(cell):
                place = 1 + [name_of(other) for other in nb.cells].index(before) if before else 0
                nb.cells.insert(place, deepcopy(cell))
            before = name_of(cell)
        return nb, resources


class ExecuteApart(Execute):
    """Run the notebook in the workspace's kernel, and say in which cell it went wrong."""

    workspace = Unicode().tag(config=True)
    is_sandboxed = Bool().tag(config=True)
    shutdown_kernel = Unicode("immediate")

    def preprocess(self, nb, resources):
        workspace = Path(self.workspace)
        resources["metadata"]["path"] = str(workspace / "nbs")
        self.sizes = Counter()
        self.error_on_timeout = _timeout_error(self.timeout)
        manager = kernel_manager(workspace, self.is_sandboxed)
        nb, resources = super().preprocess(nb, resources, km=manager)
        return nb, resources

    def preprocess_cell(self, cell, resources, index):
        where = name_of(cell) or f"number {index + 1}"
        try:
            return super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            because = f"the kernel ended in the cell {where}: os._exit, a crash, too much memory"
        except UnresponsiveKernelError:
            because = f"the cell {where} ran on after {self.timeout} s and ignored interrupts"
        except CellTimeoutError:
            because = f"the cell {where} printed without end"
        raise UngradableError(because)

    async def _async_handle_timeout(self, timeout, cell=None):
        """Interrupt the cell, and see that it stops: the rest then goes on being graded."""
        reply = await super()._async_handle_timeout(timeout, cell)
        try:
            await asyncio.wait_for(self._reply_to(self.request), GRACE)
        except TimeoutError:
            raise UnresponsiveKernelError from None
        return reply

    async def _async_poll_for_reply(self, msg_id, *rest):
        self.request = msg_id
        return await super()._async_poll_for_reply(msg_id, *rest)

    async def _reply_to(self, msg_id):
        while True:
            reply = await self.kc.shell_channel.get_msg()
            if reply["parent_header"].get("msg_id") == msg_id:
                return reply

    def output(self, outs, msg, display_id, cell_index):
        """Errors are always kept; of all else what one cell may fill."""
        if msg["msg_type"] != "error":
            self.sizes[cell_index] += len(str(msg["content"]))
            if self.sizes[cell_index] > LARGEST_OUTPUT:
                return None
        return super().output(outs, msg, display_id, cell_index)


def _timeout_error(seconds):
    text = f"stopped, because it ran longer than {seconds} s"
    return {"ename": "TimeoutError", "evalue": text, "traceback": [f"TimeoutError: {text}"]}


class PassOrFail(NbGraderPreprocessor):
    """An error fails a check, and nothing else does.

    nbgrader also fails one that writes to stderr, as a warning does. And where a cell's result is
    a number, it takes that for points: a submission could write what it likes into its mark.
    """

    def preprocess_cell(self, cell, resources, index):
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.name = "stdout"
            if output.output_type == "execute_result":
                output.output_type = "display_data"
                output.pop("execution_count", None)
        return cell, resources


class Grader(Autograde):
    """nbgrader's autograding, with the steps above, remembering what went wrong."""

    error = None
    sanitize_preprocessors = [
        ClearOutput, RestoreCells, OverwriteKernelspec, OverwriteCells, CheckCellMetadata,
    ]  # fmt: skip
    autograde_preprocessors = [
        ExecuteApart, PassOrFail, LimitOutput, SaveAutoGrades, AssignLatePenalties,
        CheckCellMetadata,
    ]  # fmt: skip

    def convert_single_notebook(self, notebook_filename):
        try:
            super().convert_single_notebook(notebook_filename)
        except Exception as error:
            self.error = error
            raise
