"""Every milestone of this edition, run as a student runs it: each of its criteria must hold."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from milestones import recognition
from tests.test_datasets import ARCHIVE, tar
from tinytorch import dataloader, tensor
from tito.checks import expect
from tito.course import course_environment
from tito.modules import MILESTONES, MODULES

ROOT = Path(__file__).parents[1]
# Beside other tests, a matrix product in several threads waits for whichever has no core just now.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
cnn = import_module("milestones.04_cnn.run")
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


@pytest.mark.parametrize(
    "down, right, expected",
    [
        (0, 1, [[0, 1, 2], [0, 4, 5]]),
        (1, 0, [[0, 0, 0], [1, 2, 3]]),
        (-1, -2, [[6, 0, 0], [0, 0, 0]]),
        (0, 0, [[1, 2, 3], [4, 5, 6]]),
    ],
)
def test_a_moved_picture_comes_with_background_at_the_border(down, right, expected):
    image = tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    expect(cnn.moved(image, down, right), np.array([expected], np.float32), "moved")
    assert len(set(cnn.EIGHT)) == 8 and (0, 0) not in cnn.EIGHT


def colour_records(rng, count):
    """CIFAR-10's records; in every class, a colour of its own shines through the noise."""
    colours = np.random.default_rng(0).uniform(60, 195, (10, 3, 1))
    kinds = np.resize(np.arange(10), count)
    pixels = colours[kinds] + rng.normal(0, 40, (count, 3, 32 * 32))
    records = np.column_stack([kinds, pixels.reshape(count, -1)])
    return records.clip(0, 255).astype(np.uint8).tobytes()


@pytest.mark.slow
def test_colour_photographs_are_learned_from_the_archive_that_cifar_10_comes_in(
    tmp_path, monkeypatch
):
    """The milestone's own recipe, on six hundred pictures for fifty thousand, and few epochs."""
    monkeypatch.setattr(dataloader, "CIFAR_BYTES", 120 * 3073)
    rng = np.random.default_rng(1)
    names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    members = [(f"cifar-10-batches-bin/{name}", colour_records(rng, 120)) for name in names]
    (tmp_path / ARCHIVE).write_bytes(tar(*members))
    result = recognition.run(replace(cnn.colour_photographs(tmp_path), epochs=3))
    assert len(result.trainer.history) == 3 and result.images.shape == (120, 3, 32, 32)
    assert result.accuracy > 0.5, "with ten classes, luck alone would give 0.1"
    figure = Figure(figsize=(14, 5))
    cnn.draw_filters(recognition.draw_learning(figure.subfigures(), result), result)
    figure.savefig(tmp_path / "evidence.png")
