"""The table of the course, `tito status`, and how every command takes bad input."""

import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from tests.tiny_course import clear_blanks, write_blank
from tito.cli import app
from tito.course import CourseError, write_whole
from tito.modules import MILESTONES, MODULES, find_milestone, find_module, needed

EVERYDAY = ["status", "check", "export", "milestone", "lab"]


def tito(*arguments):
    return CliRunner().invoke(app, arguments)


def test_the_table_is_whole():
    assert [module.number for module in MODULES] == list(range(1, 21))
    assert [milestone.number for milestone in MILESTONES] == list(range(1, 7))
    for module in MODULES:
        assert all(number < module.number for number in module.requires)
    tensor = MODULES[0]
    assert (tensor.notebook, tensor.path, tensor.exported) == (
        "01_tensor", "nbs/01_tensor.ipynb", "tinytorch/tensor.py",
    )  # fmt: skip
    assert MILESTONES[0].folder == "milestones/01_perceptron"


def test_what_is_needed_includes_what_that_needs():
    transformers = find_module("transformers")
    for module in needed(transformers):
        assert set(needed(module)) <= set(needed(transformers))
    assert needed(MODULES[0]) == ()
    assert [module.number for module in needed(MODULES[4])] == [1, 2, 3, 4]


@pytest.mark.parametrize("text", ["9", "09", "spatial", "09_spatial", "nbs/09_spatial.ipynb"])
def test_a_module_goes_by_several_names(text):
    assert find_module(text).name == "spatial"


@pytest.mark.parametrize("text", ["0", "21", "", "tens", "-1", "1.5"])
def test_other_names_are_no_module(text):
    with pytest.raises(CourseError, match="01_tensor, 02_activations"):
        find_module(text)


def test_a_milestone_goes_by_several_names():
    assert {find_milestone(text).number for text in ("1", "01", "perceptron")} == {1}


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text() == "old"
    write_whole(path, "new\n")
    assert path.read_bytes() == b"new\n"


@pytest.mark.parametrize("command", EVERYDAY)
def test_help_has_an_example(command):
    result = tito(command, "--help")
    assert result.exit_code == 0 and f"tito {command}" in result.output
    assert "Example" in result.output


def test_help_is_fast():
    def seconds():
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "tito", "--help"], check=True, capture_output=True)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(3)) < 0.7


def test_the_command_line_imports_nothing_heavy():
    heavy = {"numpy", "nbformat", "nbclient", "nbdev", "nbgrader", "jupyter_client", "IPython"}
    program = "import sys, tito.cli; print(*(name for name in sys.modules if '.' not in name))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert not heavy & set(run.stdout.split()), run.stderr


def one_line_error(result):
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("tito: ")
    return line


@pytest.mark.parametrize("command", EVERYDAY)
def test_a_folder_that_is_no_course_is_said_to_be_none(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = [] if command == "status" else ["1"]
    assert "is not in a course" in one_line_error(tito(command, *arguments))


@pytest.mark.parametrize("command", ["check", "export", "lab"])
def test_no_such_module(command, tiny_course):
    assert "the modules are 01_tensor" in one_line_error(tito(command, "99"))
    assert "not part of this edition" in one_line_error(tito(command, "3"))


def test_a_course_is_found_from_inside(tiny_course, monkeypatch):
    monkeypatch.chdir(tiny_course / "tinytorch")
    assert "01_tensor" in tito("status").output


def row(result, module="01_tensor"):
    line = next(line for line in result.output.splitlines() if module in line)
    return [cell.strip() for cell in line.split("│")[2:-1]]


def next_line(result):
    return result.output.splitlines()[-1]


def test_status_follows_the_reader_from_the_first_blank_to_the_export(tiny_course):
    notebook = tiny_course / "nbs/01_tensor.ipynb"
    clear_blanks(notebook)
    result = tito("status")
    assert row(result) == ["0 of 3 blanks", "not checked", "– of 100", "no"]
    assert next_line(result).startswith("Next: write `add` in nbs/01_tensor.ipynb, cell 4")

    write_blank(notebook, "add", "return np.add(a, b)")
    tito("check", "01")
    assert row(tito("status")) == ["1 of 3 blanks", "1 of 3 pass", "40 of 100", "no"]

    write_blank(notebook, "mul", "return np.multiply(a, b)")
    write_blank(notebook, "square", "return a")
    result = tito("status")
    assert row(result)[:2] == ["3 of 3 blanks", "changed since the last check"]
    assert next_line(result) == "Next: run tito check 01"

    tito("check", "01")
    assert "mend `square`" in next_line(tito("status"))

    write_blank(notebook, "square", "return mul(a, a)")
    tito("check", "01")
    assert next_line(tito("status")) == "Next: run tito export 01"

    tito("export", "01")
    result = tito("status")
    assert row(result) == ["3 of 3 blanks", "3 of 3 pass", "100 of 100", "yes"]
    assert next_line(result) == "Next: run tito check 02"

    write_blank(notebook, "square", "return a * a")
    assert row(tito("status"))[3] == "notebook changed since"


def test_status_shows_the_others_when_one_notebook_is_broken(tiny_course):
    (tiny_course / "nbs/01_tensor.ipynb").write_text("{")
    result = tito("status")
    assert result.exit_code == 1
    assert row(result)[0] == "cannot be read"
    assert row(result, "02_activations")[0] == "1 of 1 blanks"
    assert "not a whole notebook" in next_line(result)


def test_a_lost_record_is_no_error(tiny_course):
    tito("check", "01")
    (tiny_course / ".tito/checks.json").write_text("{")
    assert row(tito("status"))[1] == "not checked"
