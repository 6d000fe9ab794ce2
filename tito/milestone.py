"""`tito milestone`: history, rerun with the student's own package."""

import json
import subprocess
import sys
from pathlib import Path

from tito.course import CourseError, course_environment
from tito.modules import MODULES, Milestone, Module
from tito.notebook import STUB

__all__ = ["missing_for", "is_done", "run"]


def missing_for(root: Path, milestone: Milestone) -> list[Module]:
    """The modules that it requires and that are not exported, or exported with empty blanks."""
    required = [module for module in MODULES if module.number in milestone.requires]
    return [module for module in required if not _is_whole(root / module.exported)]


def _is_whole(exported):
    return exported.is_file() and STUB not in exported.read_text(encoding="utf-8")


def is_done(root: Path, milestone: Milestone) -> bool:
    """Its evidence is there, and every criterion holds."""
    path = root / milestone.folder / "evidence.json"
    return path.is_file() and all(one["holds"] for one in _criteria(milestone, path))


def run(root: Path, milestone: Milestone, arguments: list[str]) -> list[dict]:
    """Run the milestone; its evidence: a name, target, value and `holds` for every criterion."""
    script = root / milestone.folder / "run.py"
    if not script.is_file():
        raise CourseError(
            f"milestone {milestone.notebook} is not part of this edition yet: "
            f"there is no {milestone.folder}/run.py"
        )
    missing = missing_for(root, milestone)
    if missing:
        names = ", ".join(module.notebook for module in missing)
        raise CourseError(
            f"milestone {milestone.notebook} needs {names}, finished and exported: "
            f"`tito check {missing[0].number:02d}` says what is missing, then run `tito export`"
        )
    evidence = script.with_name("evidence.json")
    before = _written(evidence)
    command = [sys.executable, str(script), *arguments]
    code = subprocess.run(command, cwd=root, env=course_environment(root)).returncode
    if code:
        raise CourseError(f"{milestone.folder}/run.py ended with exit code {code}; see above")
    if _written(evidence) == before:
        raise CourseError(f"{milestone.folder}/run.py wrote no new evidence.json")
    return _criteria(milestone, evidence)


def _written(path):
    return path.stat().st_mtime_ns if path.is_file() else None


def _criteria(milestone, path):
    """The evidence's criteria; one that every run must measure and that lacks does not hold."""
    try:
        criteria = json.loads(path.read_text(encoding="utf-8"))["criteria"]
        for criterion in criteria:
            criterion["name"], criterion["target"], criterion["value"], criterion["holds"]
    except (ValueError, KeyError, TypeError):
        raise CourseError(
            f"{path} is not evidence: expected JSON with criteria, each with a name, a target, "
            "a value and whether it holds"
        ) from None
    names = {criterion["name"] for criterion in criteria}
    lacking = [
        {"name": asked.name, "target": asked.target, "value": "not measured", "holds": False}
        for asked in milestone.criteria
        if asked.name not in names and not asked.when_asked
    ]
    return criteria + lacking
