"""`tito milestone`: runs with the course's own package, and believes only fresh evidence."""

import json

import pytest
from typer.testing import CliRunner

from tests.tiny_course import TENSOR, clear_blanks, write_notebook
from tito.cli import app
from tito.milestone import is_done
from tito.modules import MILESTONES, Criterion, Milestone

RUN = '''
import json, sys
from pathlib import Path
import tinytorch.tensor

evidence = {"milestone": "01_perceptron", "criteria": json.loads(sys.argv[1])}
Path(__file__).with_name("evidence.json").write_text(json.dumps(evidence))
'''


def tito(*arguments):
    return CliRunner().invoke(app, arguments)


def criteria(**changed):
    return json.dumps([
        {"name": one.name, "target": one.target, "value": 0.25, "holds": True} | changed
        for one in MILESTONES[0].criteria
    ])  # fmt: skip


@pytest.fixture
def folder(tiny_course):
    """Milestone 01 as a script whose evidence is its argument; all that it needs is exported."""
    folder = tiny_course / "milestones/01_perceptron"
    folder.mkdir(parents=True)
    (folder / "run.py").write_text(RUN)
    tito("export")
    for name in ("layers", "losses"):
        (tiny_course / f"tinytorch/{name}.py").write_text("")
    return folder


def test_criteria_that_hold(folder):
    result = tito("milestone", "01", criteria())
    assert result.exit_code == 0, result.output
    for one in MILESTONES[0].criteria:
        assert one.name in result.output
    assert "0.25" in result.output and "NO" not in result.output


def test_a_criterion_that_does_not_hold(folder):
    result = tito("milestone", "perceptron", criteria(holds=False))
    assert result.exit_code == 1 and "NO" in result.output


def test_a_criterion_that_the_evidence_lacks_does_not_hold(folder):
    result = tito("milestone", "1", json.dumps(json.loads(criteria())[1:]))
    assert result.exit_code == 1 and "not measured" in result.output


def test_options_are_passed_on(folder):
    (folder / "run.py").write_text(RUN.replace("sys.argv[1]", "sys.argv[2]"))
    assert tito("milestone", "1", "--with", criteria()).exit_code == 0


BAD_RUNS = {
    "one that fails": ("raise SystemExit(3)", "exit code 3"),
    "one without evidence": ("pass", "no new evidence"),
    "one with other evidence": (RUN.replace('"criteria"', '"other"'), "is not evidence"),
}


@pytest.mark.parametrize("case", BAD_RUNS)
def test_an_older_runs_evidence_does_not_count(case, folder):
    assert tito("milestone", "1", criteria()).exit_code == 0
    program, message = BAD_RUNS[case]
    (folder / "run.py").write_text(program)
    result = tito("milestone", "1", criteria())
    assert result.exit_code == 1
    assert message in result.output.splitlines()[-1]


def test_what_it_requires_must_be_exported_and_finished(folder, tiny_course):
    (tiny_course / "tinytorch/losses.py").unlink()
    result = tito("milestone", "01", criteria())
    assert result.exit_code == 1 and "needs 04_losses" in result.output
    clear_blanks(tiny_course / "nbs/01_tensor.ipynb", "mul")
    tito("export", "01")
    assert "needs 01_tensor, 04_losses" in tito("milestone", "01").output
    assert "needs 01_tensor, 04_losses" in tito("status").output


def test_the_list_says_what_is_unlocked_and_what_is_not_there(folder):
    result = tito("milestone")
    lines = {line.split("│")[1].strip(): line for line in result.output.splitlines() if "│" in line}
    assert result.exit_code == 0
    assert "1957" in lines["01_perceptron"] and "unlocked" in lines["01_perceptron"]
    assert "not part of this edition yet" in lines["02_xor"]


def test_status_proposes_the_milestone_until_its_evidence_holds(folder):
    for module in ("01", "02"):
        tito("check", module)
    assert tito("status").output.splitlines()[-1] == "Next: run tito milestone 01"
    tito("milestone", "01", criteria(holds=False))
    assert tito("status").output.splitlines()[-1] == "Next: run tito milestone 01"
    tito("milestone", "01", criteria())
    assert "nothing is left" in tito("status").output.splitlines()[-1]


def test_a_milestone_comes_before_the_modules_that_it_does_without(folder, tiny_course):
    write_notebook(tiny_course / "nbs/05_autograd.ipynb", TENSOR)
    for module in ("01", "02"):
        tito("check", module)
    assert tito("status").output.splitlines()[-1] == "Next: run tito milestone 01"
    said = tito("milestone", "01", criteria()).output.splitlines()[-1]
    assert said == "Every criterion holds. Evidence: milestones/01_perceptron/"
    *_, state, step = tito("status").output.splitlines()
    assert state.endswith("every criterion held") and step == "Next: run tito check 05"


def test_bad_input(tiny_course):
    result = tito("milestone", "9")
    assert result.exit_code == 1 and "the milestones are 01_perceptron" in result.output
    result = tito("milestone", "2")
    assert result.exit_code == 1 and "not part of this edition yet" in result.output


def test_a_criterion_measured_only_when_asked_for_may_lack(tmp_path):
    always, when_asked = Criterion("speed", "fast"), Criterion("all", "much", when_asked=True)
    milestone = Milestone(1, "any", 1957, "Any", (), (always, when_asked))
    folder = tmp_path / milestone.folder
    folder.mkdir(parents=True)
    row = {"name": "speed", "target": "fast", "value": "9", "holds": True}
    (folder / "evidence.json").write_text(json.dumps({"criteria": [row]}))
    assert is_done(tmp_path, milestone)
    (folder / "evidence.json").write_text(json.dumps({"criteria": [{**row, "name": "all"}]}))
    assert not is_done(tmp_path, milestone)
