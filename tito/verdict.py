"""What a run of a notebook says of each of its checks."""

import re
from dataclasses import dataclass
from pathlib import Path

from tito.course import CourseError
from tito.kernel import Outcome
from tito.modules import MODULES, Module, needed
from tito.notebook import Cell, blank_of

__all__ = [
    "PASSED", "FAILED", "UNWRITTEN", "WAITING", "NOT_RUN",
    "Result", "require_exported", "judge", "remarks",
]  # fmt: skip

PASSED, FAILED, UNWRITTEN = "passed", "failed", "not written yet"
WAITING, NOT_RUN = "waiting", "not run"


@dataclass(frozen=True)
class Result:
    """How a check ended, and why."""

    check: Cell
    blank: Cell | None
    status: str
    reason: str = ""

    @property
    def name(self) -> str:
        return self.check.name.removeprefix("check-")


def require_exported(root: Path, module: Module) -> None:
    """An error that says what to export first, unless all that the module imports is there."""
    missing = [earlier for earlier in needed(module) if not (root / earlier.exported).is_file()]
    if missing:
        names = ", ".join(earlier.notebook for earlier in missing)
        command = f"tito export {missing[0].number:02d}" if len(missing) == 1 else "tito export"
        raise CourseError(
            f"{module.notebook} imports what earlier modules export, and {names} "
            f"{'is' if len(missing) == 1 else 'are'} not exported yet: run `{command}` first"
        )


def judge(cells: tuple[Cell, ...], outcomes: dict[int, Outcome]) -> list[Result]:
    """Every check's result, from how its cell and those before it ended."""
    return [_judge(check, cells, outcomes) for check in cells if check.is_check]


def _judge(check, cells, outcomes):
    blank = blank_of(check, cells)
    outcome = outcomes.get(check.number)
    if outcome and outcome.end == "passed":
        return Result(check, blank, PASSED)
    if blank and not blank.is_written:
        return Result(check, blank, UNWRITTEN)
    own = outcomes.get(blank.number) if blank else None
    if own and own.end != "passed":
        return Result(check, blank, FAILED, describe(own, blank))
    if outcome is None:
        return Result(check, blank, NOT_RUN, f"the run ended at cell {max(outcomes)}")
    waits_for = _waits_for(check, outcome, cells, outcomes)
    if waits_for:
        return Result(check, blank, WAITING, waits_for)
    lost = "" if blank else "; the notebook has lost the cell that it checks"
    return Result(check, blank, FAILED, describe(outcome, check) + lost)


def describe(outcome: Outcome, cell: Cell) -> str:
    """One line on how a cell ended."""
    if outcome.end == "timeout":
        return f"{outcome.message}: look for a loop that never ends, or raise the time limits"
    if outcome.end == "died":
        return "the kernel died: out of memory, or Python was told to exit"
    where = _where(outcome, cell)
    if outcome.error == "AssertionError" and outcome.message:
        return f"{outcome.message} ({where})"
    return f"{outcome.error}: {outcome.message} ({where})"


def _where(outcome, cell):
    """The innermost line that the student can see, and the line of another cell that led there."""
    seen = [frame for frame in outcome.frames if frame.cell]
    if not seen:
        return f"cell {cell.number}"
    outer, inner = seen[0], seen[-1]
    called_by = f", called by cell {outer.cell}, line {outer.line}" * (outer.cell != inner.cell)
    return f"cell {inner.cell}, line {inner.line}{called_by}"


def _waits_for(check, outcome, cells, outcomes):
    """What is missing before this check can say anything; empty if nothing is."""
    if outcome.error == "NotImplementedError" and outcome.frames:
        inner = outcome.frames[-1]
        for cell in cells:
            if cell.is_blank and cell.number == inner.cell and not cell.is_written:
                return f"waits for `{cell.name}`, {cell.place}"
        for module in MODULES:
            if Path(inner.file).as_posix().endswith(module.exported):
                return (
                    f"waits for module {module.notebook}, which is not finished: "
                    f"`tito check {module.number:02d}` says what is missing"
                )
    unknown = re.match(r"name '(\w+)' is not defined", outcome.message)
    if outcome.error == "NameError" and unknown:
        for cell in cells[: check.number - 1]:
            ended = outcomes[cell.number].end == "error" and not cell.is_check
            if ended and re.search(rf"\b{unknown[1]}\b", cell.source):
                return f"waits for {cell.place}, which raises {outcomes[cell.number].error}"
    return ""


def remarks(
    module: Module, cells: tuple[Cell, ...], outcomes: dict[int, Outcome], results: list[Result]
) -> list[str]:
    """What else is worth a line: cells that went wrong though no check tells, lost checks."""
    told = {result.check.number for result in results}
    told |= {result.blank.number for result in results if result.blank}
    wrong, cut_short = [], False
    for cell in cells:
        outcome = outcomes.get(cell.number, Outcome("passed"))
        if outcome.end == "passed" or cell.number in told:
            continue
        if not _is_a_consequence(outcome, cut_short):
            wrong.append(cell)
        cut_short = True
    a_check_failed = any(result.status == FAILED for result in results)
    shown = wrong[:1] if a_check_failed else wrong
    found = [f"{cell.place}: {describe(outcomes[cell.number], cell)}" for cell in shown]
    if len(wrong) > len(shown):
        numbers = ", ".join(str(cell.number) for cell in wrong[1:])
        found.append(f"errors also in cell {numbers}: mend what failed first, it may be the cause")
    points = sum(result.check.points for result in results)
    if points != module.points:
        found.append(
            f"the notebook's checks make {points:g} points, not {module.points}: a check cell is "
            "missing or was changed; bring it back from the notebook you were given"
        )
    return found


def _is_a_consequence(outcome, cut_short):
    """A cell that uses what is not written yet, or what a cell cut short would have defined."""
    return outcome.error == "NotImplementedError" or (outcome.error == "NameError" and cut_short)
