"""`tito status`: where the reader is, from the notebooks, the exports and the last checks."""

from dataclasses import dataclass
from pathlib import Path

from tito.course import CourseError
from tito.export import render
from tito.milestone import is_done, missing_for
from tito.modules import MILESTONES, MODULES, Milestone, Module
from tito.notebook import Cell, blank_of, code_hash, read_cells
from tito.records import recall

__all__ = [
    "ModuleStatus", "module_status", "exported_state",
    "modules_present", "milestones_present", "next_step",
]  # fmt: skip


@dataclass(frozen=True)
class ModuleStatus:
    """What is known of a module without running it."""

    module: Module
    blanks: tuple[Cell, ...]
    checks: tuple[Cell, ...]
    checked: str  # `yes`, `never` or `changed` since
    failing: tuple[Cell, ...]  # the checks that did not pass, if checked
    exported: str  # `yes`, `no` or `changed` since

    @property
    def written(self) -> tuple[Cell, ...]:
        return tuple(blank for blank in self.blanks if blank.is_written)

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks if check not in self.failing)


def modules_present(root: Path) -> list[Module]:
    """The modules of this edition."""
    return [module for module in MODULES if (root / module.path).is_file()]


def milestones_present(root: Path) -> list[Milestone]:
    """The milestones of this edition."""
    return [one for one in MILESTONES if (root / one.folder / "run.py").is_file()]


def module_status(root: Path, module: Module) -> ModuleStatus:
    """How far a module is."""
    cells = read_cells(root / module.path)
    record = recall(root, module)
    checks = tuple(cell for cell in cells if cell.is_check)
    checked = "never"
    if record:
        checked = "yes" if record["code"] == code_hash(cells) else "changed"
    known = record.get("checks", {})
    failing = tuple(
        check for check in checks
        if not known.get(check.name.removeprefix("check-"), {}).get("passed")
    )  # fmt: skip
    blanks = tuple(cell for cell in cells if cell.is_blank)
    return ModuleStatus(module, blanks, checks, checked, failing, exported_state(root, module))


def exported_state(root: Path, module: Module) -> str:
    """`yes`, `no`, or `changed`: the notebook would now export something else."""
    target = root / module.exported
    if not target.is_file():
        return "no"
    try:
        same = render(root, module) == target.read_text(encoding="utf-8")
    except CourseError:
        return "changed"
    return "yes" if same else "changed"


def next_step(root: Path, statuses: list[ModuleStatus]) -> str:
    """The one thing to do next; a milestone comes before the modules that it does without."""
    milestones = [
        one for one in milestones_present(root)
        if not missing_for(root, one) and not is_done(root, one)
    ]  # fmt: skip
    for status in statuses:
        step = _next_in(status)
        if step and milestones and max(milestones[0].requires) < status.module.number:
            break
        if step:
            return step
    if milestones:
        return f"run tito milestone {milestones[0].number:02d}"
    return "nothing is left to do in this edition; try the notebooks' exercises"


def _next_in(status):
    number = f"{status.module.number:02d}"
    empty = [blank for blank in status.blanks if not blank.is_written]
    if empty:
        return (
            f"write `{empty[0].name}` in {status.module.path}, {empty[0].place}, "
            f"then run tito check {number}"
        )
    if status.checked != "yes":
        return f"run tito check {number}"
    if status.failing:
        blank = blank_of(status.failing[0], status.blanks)
        name = blank.name if blank else status.failing[0].name
        return f"mend `{name}` in {status.module.path}; tito check {number} says what came"
    if status.exported != "yes":
        return f"run tito export {number}"
    return ""
