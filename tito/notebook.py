"""What a course notebook holds: its blanks, and the checks that follow them."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from tito.course import CourseError
from tito.modules import Module

__all__ = [
    "STUB", "Cell", "find_notebook", "read_notebook", "read_cells", "blank_of", "code_hash",
]  # fmt: skip

# what stands in the students' edition where a solution was
STUB = 'raise NotImplementedError("write this: see the hints above")'


@dataclass(frozen=True)
class Cell:
    """A code cell. `number` is its prompt's after Restart Kernel and Run All Cells."""

    number: int
    source: str
    heading: str  # the nearest heading above it
    hints: int  # how many hints fold away in the markdown between it and the cell before
    name: str = ""  # nbgrader's grade_id
    is_blank: bool = False
    is_check: bool = False
    points: float = 0

    @property
    def is_written(self) -> bool:
        """No line is still the stub."""
        return not any(line.strip().startswith(STUB) for line in self.source.splitlines())

    @property
    def place(self) -> str:
        return f"cell {self.number}" + (f' under "{self.heading}"' if self.heading else "")


def read_cells(path: Path) -> tuple[Cell, ...]:
    """The notebook's code cells that hold something, in order."""
    cells, heading, hints = [], "", 0
    for raw in read_notebook(path)["cells"]:
        source = raw["source"]
        if raw["cell_type"] == "markdown":
            heading = _last_heading(source) or heading
            hints += source.count("<summary>Hint")
        elif raw["cell_type"] == "code" and source.strip():
            cells.append(_code_cell(len(cells) + 1, source, heading, hints, raw))
            hints = 0
    _refuse_doubled_names(path, cells)
    return tuple(cells)


def find_notebook(root: Path, module: Module) -> Path:
    """The path of a module's notebook."""
    path = root / module.path
    if not path.is_file():
        raise CourseError(
            f"module {module.notebook} is not part of this edition yet: there is no {module.path}"
        )
    return path


def read_notebook(path: Path) -> dict:
    """The notebook as JSON: every cell with a type, metadata, and its source as one string.

    (nbformat would do, but takes over a second to import, and this is in every command's way.)"""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["cell_type"], cell["metadata"].get("nbgrader", {}).keys()
            cell["source"] = "".join(cell["source"])
    except FileNotFoundError:
        raise CourseError(f"{path.name} is not there: expected it in {path.parent}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CourseError(
            f"{path} is not a whole notebook: expected JSON with a list of cells; "
            "bring back an earlier version, for example from your version control"
        ) from None
    return notebook


def _code_cell(number, source, heading, hints, raw):
    grade = raw["metadata"].get("nbgrader", {})
    is_check = bool(grade.get("grade"))
    return Cell(
        number, source, heading, hints, grade.get("grade_id", ""),
        is_blank=bool(grade.get("solution")) and not is_check,
        is_check=is_check,
        points=grade.get("points", 0),
    )  # fmt: skip


def _last_heading(markdown):
    headings = re.findall(r"^#+ +(.+?) *$", markdown, re.MULTILINE)
    return headings[-1] if headings else ""


def _refuse_doubled_names(path, cells):
    seen = {}
    for cell in cells:
        if cell.name and cell.name in seen:
            raise CourseError(
                f"{path.name}: cells {seen[cell.name]} and {cell.number} are both `{cell.name}`, "
                "perhaps a copy; keep one of them and delete the other"
            )
        seen[cell.name] = cell.number


def blank_of(check: Cell, cells: tuple[Cell, ...]) -> Cell | None:
    """The blank that a check is for: `mul` of `check-mul`."""
    name = check.name.removeprefix("check-")
    return next((cell for cell in cells if cell.is_blank and cell.name == name), None)


def code_hash(cells: tuple[Cell, ...]) -> str:
    """The same as long as no code cell changes."""
    text = json.dumps([cell.source for cell in cells])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
