"""Ordinary training scripts, written for torch: with tinytorch in its place they do the same.

The scripts in `torch_scripts/` say `import torch`. Run for tinytorch, only the name of the library
in their import statements changes.
"""

import re
from pathlib import Path

import pytest

from tito.checks import expect

pytest.importorskip("torch", reason="torch isn't installed: nothing to compare with")

SCRIPTS = sorted((Path(__file__).parent / "torch_scripts").glob("*.py"))


def with_tinytorch(source):
    """The script with its imports from `tinytorch`; `torch` stays its name for the library."""
    source = re.sub(r"^import torch$", "import tinytorch as torch", source, flags=re.MULTILINE)
    return re.sub(r"^(import|from) torch\b", r"\1 tinytorch", source, flags=re.MULTILINE)


def run(script, source):
    """Run a script → the names that it has defined."""
    names = {"__name__": "__main__", "__file__": str(script)}
    exec(compile(source, script, "exec"), names)
    return names


@pytest.fixture(scope="module", params=SCRIPTS, ids=lambda script: script.stem)
def both(request):
    """What a script has defined with tinytorch, and with torch."""
    source = request.param.read_text(encoding="utf-8")
    return run(request.param, with_tinytorch(source)), run(request.param, source)


def test_each_runs_with_the_library_it_was_given(both):
    assert [names["torch"].__name__ for names in both] == ["tinytorch", "torch"]


def test_losses_agree_over_200_steps(both):
    ours, theirs = (names["losses"] for names in both)
    assert len(ours) >= 200
    assert ours[-1] < ours[0] / 2, "the script learns nothing, so it shows nothing"
    expect(ours, theirs, "losses, compared with torch", rtol=0, atol=1e-4)


def test_the_accuracy_agrees(both):
    ours, theirs = (names.get("accuracy", 1.0) for names in both)
    expect(ours, theirs, "accuracy, compared with torch", rtol=0, atol=0.005)
    assert ours > 0.9


def test_a_run_that_was_cut_off_ends_as_one_that_was_not(both):
    for names in both:
        assert names["losses"] == names.get("uncut", names["losses"])
