"""What the last `tito check` of each notebook found, kept in .tito/ for `tito status`."""

import json
from pathlib import Path

from tito.course import write_whole
from tito.modules import Module
from tito.notebook import Cell, code_hash
from tito.verdict import FAILED, PASSED, Result

__all__ = ["recall", "remember"]

FOLDER = ".tito"


def recall(root: Path, module: Module) -> dict:
    """The module's record: `code`, a hash, and `checks` by name; empty without a last check."""
    return _read(root).get(module.notebook, {})


def remember(
    root: Path, module: Module, cells: tuple[Cell, ...], results: list[Result]
) -> dict[str, int]:
    """Keep the results; tell how often each check has failed in a row, each time on other code."""
    last, code = recall(root, module), code_hash(cells)
    fresh = code != last.get("code")
    checks = {}
    for result in results:
        tries = last.get("checks", {}).get(result.name, {}).get("tries", 0)
        tries = max(tries + fresh, 1) if result.status == FAILED else 0
        checks[result.name] = {"passed": result.status == PASSED, "tries": tries}
    _write(root, {**_read(root), module.notebook: {"code": code, "checks": checks}})
    return {name: check["tries"] for name, check in checks.items()}


def _read(root):
    try:
        return json.loads((root / FOLDER / "checks.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # a record that is lost costs no work
        return {}


def _write(root, records):
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    write_whole(folder / "checks.json", json.dumps(records, indent=1) + "\n")
