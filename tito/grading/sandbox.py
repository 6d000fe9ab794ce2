"""Where a submission runs: a workspace of its own, and a kernel that sees little else.

Grading module k, the workspace holds the reference's modules 1 … k−1, the package's faces and
data, and `tito.checks`. With bubblewrap (Linux) the kernel sees, besides, only Python and the
system's libraries, read-only, and no network. Without it the kernel has the instructor's rights.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from traitlets import Instance

from tito.course import CourseError
from tito.modules import MODULES, Module, needed

__all__ = ["build_workspace", "has_bubblewrap", "kernel_environment", "kernel_manager"]

SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib64",
    "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime",
)  # fmt: skip
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "WINDIR", "COMSPEC")
IS_SITE = ("site-packages", "dist-packages")


def build_workspace(course: Path, module: Module, folder: Path) -> None:
    """Fill `folder` with what the module's notebook may import and open."""
    for earlier in needed(module):
        if not (course / earlier.exported).exists():
            raise CourseError(
                f"{earlier.exported} is missing, which {module.notebook} imports: "
                f"run `tito export {earlier.number:02d}`"
            )
    later = {Path(other.exported).name for other in MODULES[module.number - 1 :]}

    def is_kept_away(parent, names):
        top = Path(parent) == course / "tinytorch"
        return {"__pycache__"} | (later & set(names) if top else set())

    shutil.copytree(course / "tinytorch", folder / "tinytorch", ignore=is_kept_away)
    (folder / "tito").mkdir()
    for name in ("__init__.py", "checks.py"):
        shutil.copy2(Path(__file__).parents[1] / name, folder / "tito" / name)
    (folder / "home").mkdir()
    no_notebook = shutil.ignore_patterns("*.ipynb", ".*", "__pycache__")
    shutil.copytree(course / "nbs", folder / "nbs", ignore=no_notebook)  # style sheet, pictures


def kernel_environment(workspace: Path) -> dict[str, str]:
    """All that the kernel gets to see of the environment: nothing in it points to the course."""
    home = str(workspace / "home")
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        "HOME": home, "USERPROFILE": home, "TMPDIR": home, "TEMP": home, "TMP": home,
        "USER": "student", "LOGNAME": "student",
        "PYTHONPATH": os.pathsep.join([str(workspace), *site_folders()]),
    }  # fmt: skip


def site_folders() -> list[str]:
    """Where the installed packages are."""
    return [folder for folder in sys.path if Path(folder).name in IS_SITE]


def kernel_manager(workspace: Path, is_sandboxed: bool) -> AsyncKernelManager:
    # Without `site` (-S) no .pth file is read, so an editable install of the course stays unseen.
    argv = [sys.executable, "-S", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    options = {"connection_file": str(workspace / "kernel.json")}
    interrupt = "signal"
    if is_sandboxed:
        argv = [*bubblewrap(workspace), *argv]
        # Sockets that are files in the workspace: there is no network inside.
        options |= {"transport": "ipc", "ip": str(workspace / "socket")}
        interrupt = "message"  # a signal would end bubblewrap
    specs = OneKernel(spec=KernelSpec(argv=argv, language="python", interrupt_mode=interrupt))
    return AsyncKernelManager(kernel_spec_manager=specs, **options)


class OneKernel(KernelSpecManager):
    """Whatever kernel a notebook asks for, it gets this one."""

    spec = Instance(KernelSpec)

    def get_kernel_spec(self, kernel_name):
        return self.spec


def bubblewrap(workspace: Path) -> list[str]:
    """The command line that runs what follows it with nothing but the workspace to write to."""
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session"]
    for folder in SYSTEM:
        command += ["--ro-bind-try", folder, folder]
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for folder in dict.fromkeys([sys.base_prefix, sys.prefix, *site_folders()]):
        command += ["--ro-bind", folder, folder]
    for folder in site_folders():
        if (Path(folder) / "tinytorch").exists():  # the course installed as a copy
            command += ["--tmpfs", str(Path(folder) / "tinytorch")]
    command += ["--bind", str(workspace), str(workspace), "--chdir", str(workspace / "nbs")]
    # ipykernel would take the sandbox's own first process for a parent that has died.
    return [*command, "--unsetenv", "JPY_PARENT_PID"]


@cache
def has_bubblewrap() -> bool:
    """Is bubblewrap here, and allowed to work? Found out by running Python in it."""
    if not (sys.platform == "linux" and shutil.which("bwrap")):
        return False
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "nbs").mkdir()
        command = [*bubblewrap(Path(folder)), sys.executable, "-S", "-c", ""]
        return subprocess.run(command, capture_output=True).returncode == 0
