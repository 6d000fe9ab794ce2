"""Every milestone of this edition, run as a student runs it: each of its criteria must hold."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tito.course import course_environment
from tito.modules import MILESTONES, MODULES

ROOT = Path(__file__).parents[1]
PRESENT = [m for m in MILESTONES if (ROOT / m.folder / "run.py").is_file()]


@pytest.mark.slow
@pytest.mark.parametrize("milestone", PRESENT, ids=lambda milestone: milestone.name)
def test_every_criterion_holds(milestone):
    command = [sys.executable, "-m", "tito", "milestone", milestone.name]
    result = subprocess.run(
        command, cwd=ROOT, env=course_environment(ROOT), capture_output=True, text=True, timeout=600
    )
    assert result.returncode == 0, result.stdout + result.stderr
    evidence = json.loads((ROOT / milestone.folder / "evidence.json").read_text(encoding="utf-8"))
    held = {criterion["name"]: criterion["holds"] for criterion in evidence["criteria"]}
    assert held == {criterion.name: True for criterion in milestone.criteria}
    assert (ROOT / milestone.folder / "evidence.png").stat().st_size > 10_000


@pytest.mark.parametrize("milestone", PRESENT, ids=lambda milestone: milestone.name)
def test_only_what_it_requires_is_imported(milestone):
    """A milestone runs on the modules that the table says it requires, and no others."""
    source = (ROOT / milestone.folder / "run.py").read_text(encoding="utf-8")
    later = [m.name for m in MODULES if m.number not in milestone.requires]
    assert [name for name in later if f"tinytorch.{name} import" in source] == []
