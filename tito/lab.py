"""`tito lab`: JupyterLab on a module's notebook, with the course's own package."""

import os
import subprocess
import sys
import webbrowser
from importlib.util import find_spec
from pathlib import Path

from tito.course import CourseError, course_environment
from tito.modules import Module

__all__ = ["serve"]


def serve(root: Path, module: Module, port: int, browser: bool) -> int:
    """Serve until it is stopped; its exit code."""
    if find_spec("jupyterlab") is None:
        raise CourseError("JupyterLab is not installed here: run `pip install -e '.[course]'`")
    environment = {
        **course_environment(root),
        # the kernel of this Python comes before one of the same name in the home folder
        "JUPYTER_PREFER_ENV_PATH": "1",
        # without Jupyter's news, and without nbgrader's panels, which are for instructors
        "JUPYTER_CONFIG_PATH": str(Path(__file__).parent / "jupyter"),
    }
    command = _command(root, module, port, browser and _has_browser())
    if os.name == "posix":  # become JupyterLab: it gets every signal itself, Ctrl-C included
        os.chdir(root)
        os.execve(sys.executable, command, environment)
    return subprocess.run(command, cwd=root, env=environment).returncode


def _command(root, module, port, browser):
    command = [
        sys.executable, "-m", "jupyterlab",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{module.path}",
        f"--port={port}",
    ]  # fmt: skip
    if not browser:
        command.append("--no-browser")
    if os.name == "posix" and os.getuid() == 0:  # in a container
        command.append("--allow-root")
    return command


def _has_browser():
    screen = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    try:
        return screen and bool(webbrowser.get())
    except webbrowser.Error:
        return False
