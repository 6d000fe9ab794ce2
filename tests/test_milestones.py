"""Every milestone of this edition, run as a student runs it: each of its criteria must hold."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tito.course import course_environment
from tito.modules import MILESTONES, MODULES

ROOT = Path(__file__).parents[1]
# Beside other tests, a matrix product in several threads waits for whichever has no core just now.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PRESENT = [m for m in MILESTONES if (ROOT / m.folder / "run.py").is_file()]


def copy_course(folder, milestone):
    """This course in `folder`, with nothing exported but what the milestone requires."""
    later = {Path(m.exported).name for m in MODULES if m.number not in milestone.requires}
    left_out = shutil.ignore_patterns("__pycache__", "evidence.json", "evidence.md", "evidence.png")
    for name in ("tito", "milestones", "tinytorch"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    for name in later:
        (folder / "tinytorch" / name).unlink(missing_ok=True)
    shutil.copy(ROOT / "settings.ini", folder)
    (folder / "nbs").mkdir()
    shutil.copy(ROOT / "nbs" / "tinytorch.mplstyle", folder / "nbs")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("milestone", PRESENT, ids=lambda milestone: milestone.name)
def test_every_criterion_holds_with_no_more_than_it_requires(milestone, tmp_path):
    course = copy_course(tmp_path / "course", milestone)
    result = subprocess.run(
        [sys.executable, "-m", "tito", "milestone", milestone.name],
        cwd=course, env=course_environment(course) | ONE_THREAD,
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    evidence = json.loads((course / milestone.folder / "evidence.json").read_text(encoding="utf-8"))
    held = {criterion["name"]: criterion["holds"] for criterion in evidence["criteria"]}
    always = [criterion.name for criterion in milestone.criteria if not criterion.when_asked]
    assert held == dict.fromkeys(always, True)
    assert (course / milestone.folder / "evidence.png").stat().st_size > 10_000
