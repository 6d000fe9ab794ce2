"""Running a notebook's cells in a fresh kernel: a process that can be killed, under time limits."""

import builtins
import re
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from subprocess import DEVNULL

from tito.course import CourseError, course_environment
from tito.notebook import Cell

__all__ = ["Frame", "Outcome", "run_cells"]

START_LIMIT = 60  # seconds for the kernel to start
POLL = 0.2  # seconds between looks at the kernel

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
SYNTAX = re.compile(r" *\([^()]*, line (?P<line>\d+)\)$")  # the end of a SyntaxError's message
FRAME = re.compile(r"^(?:Cell In\[(?P<cell>\d+)\], line |File (?P<file>.+?):)(?P<line>\d+)", re.M)


@dataclass(frozen=True)
class Frame:
    """A line that an error passed through: in a cell of the notebook, or in a file."""

    line: int
    cell: int = 0  # its number; 0 for a file
    file: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a cell's run ended: `passed`, `error`, `timeout` or `died`."""

    end: str
    error: str = ""  # the exception's name
    message: str = ""
    frames: tuple[Frame, ...] = ()


def run_cells(
    root: Path,
    cells: tuple[Cell, ...],
    cell_limit: float,
    limit: float,
    on_cell: Callable[[Cell], None] = lambda cell: None,
) -> dict[int, Outcome]:
    """Each cell's outcome, by its number; a timeout or a dead kernel ends the run."""
    outcomes = {}
    deadline = time.monotonic() + limit
    with _fresh_kernel(root) as (manager, client):
        for cell in cells:
            end, late = time.monotonic() + cell_limit, f"stopped after {cell_limit} s"
            if deadline < end:
                end, late = deadline, f"stopped: the whole notebook took over {limit} s"
            outcomes[cell.number] = _run(manager, client, cell, end, late)
            if outcomes[cell.number].end in ("timeout", "died"):
                break
            on_cell(cell)
    return outcomes


@contextmanager
def _fresh_kernel(root):
    """A kernel of this very Python, whatever kernels are installed, in the course's nbs/."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import KernelManager

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name):
            return KernelSpec(**get_kernel_dict(["--HistoryManager.enabled=False"]))

    manager = KernelManager(kernel_spec_manager=ThisPython())
    environment = {**course_environment(root), "MPLBACKEND": "Agg"}
    manager.start_kernel(cwd=str(root / "nbs"), env=environment, stdout=DEVNULL, stderr=DEVNULL)
    try:
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=START_LIMIT)
        yield manager, client
    except RuntimeError as error:
        raise CourseError(f"the notebook's kernel did not start: {error}") from None
    finally:
        _kill(manager)
        client.stop_channels()


def _run(manager, client, cell, end, late):
    request = client.execute(cell.source, stop_on_error=False, allow_stdin=False)
    while time.monotonic() < end:
        try:
            reply = client.get_shell_msg(timeout=POLL)
        except Empty:
            if not manager.is_alive():
                return Outcome("died")
            continue
        if reply["parent_header"].get("msg_id") == request:
            return _read(reply["content"], cell)
    return Outcome("timeout", message=late)


def _read(reply, cell):
    if reply["status"] == "ok":
        return Outcome("passed")
    error, message = reply["ename"], " ".join(COLOUR.sub("", reply["evalue"]).split())
    frames = _frames(COLOUR.sub("", "\n".join(reply["traceback"])))
    syntax = SYNTAX.search(message)
    if issubclass(getattr(builtins, error, Exception), SyntaxError) and syntax:
        message = message[: syntax.start()]
        frames = (*frames, Frame(int(syntax["line"]), cell.number))
    return Outcome("error", error, message, frames)


def _frames(trace):
    found = FRAME.finditer(trace)
    return tuple(Frame(int(f["line"]), int(f["cell"] or 0), f["file"] or "") for f in found)


def _kill(manager):
    """End the kernel and all that it started, even what ignores interrupts."""
    import psutil

    pid = manager.provisioner.pid
    try:
        kernel = psutil.Process(pid)
        family = [*kernel.children(recursive=True), kernel]
    except psutil.NoSuchProcess:
        family = []
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass
    manager.shutdown_kernel(now=True)
