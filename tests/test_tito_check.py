"""`tito check`: each check by name, from a kernel that can always be killed."""

import json
import re
import time

import psutil
import pytest
from typer.testing import CliRunner

from tests.tiny_course import TENSOR, clear_blanks, code, edit_cell, write_blank, write_notebook
from tito.cli import app
from tito.notebook import read_cells


def tito(*arguments):
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def notebook(tiny_course):
    return tiny_course / "nbs/01_tensor.ipynb"


def report(result):
    """What is said of each check: its status, and what follows beside it and below it."""
    found, name = {}, None
    for line in result.output.splitlines():
        head = re.match(r"(\S.*?) +(\S+) +\d+ points *(.*)$", line)
        if head and not line.startswith(("01_", "02_")):
            status, name, beside = head.groups()
            found[name] = " ".join(filter(None, [status, beside]))
        elif line.startswith("    "):
            found[name] += "\n" + line
    return found


def test_right_answers_pass_and_the_notebook_is_not_touched(notebook):
    before = notebook.read_bytes()
    result = tito("check", "01")
    assert result.exit_code == 0, result.output
    assert report(result) == {"add": "passed", "mul": "passed", "square": "passed"}
    assert "3 of 3 checks pass, 100 of 100 points" in result.output
    assert notebook.read_bytes() == before


def test_the_untouched_notebook_is_not_written_yet(notebook):
    clear_blanks(notebook)
    result = tito("check", "1")
    assert result.exit_code == 1
    for said in report(result).values():
        assert said.startswith("not written yet") and "unfold Hint 1" in said
    assert "0 of 3 checks pass, 0 of 100 points" in result.output
    assert "Note" not in result.output


def test_a_wrong_answer_is_told_with_what_was_expected_and_what_came(notebook):
    write_blank(notebook, "mul", "return np.add(a, b)")
    result = tito("check", "tensor")
    said = report(result)
    assert result.exit_code == 1
    assert said["add"] == "passed"
    assert said["mul"].startswith("failed")
    assert "2 × 3: expected 6, came 5 (cell 7, line 1)" in said["mul"]
    assert 'mend cell 6 under "Multiplication"; stuck? unfold Hint 1' in said["mul"]
    assert said["square"].startswith("failed") and "Traceback" not in result.output


def test_a_check_waits_for_the_earlier_blank_that_it_uses(notebook):
    clear_blanks(notebook, "mul")
    said = report(tito("check", "01"))
    assert said["mul"].startswith("not written yet")
    assert said["square"].startswith("waiting")
    assert 'waits for `mul`, cell 6 under "Multiplication"' in said["square"]


def test_a_stub_in_a_comment_is_not_a_stub(notebook):
    write_blank(
        notebook, "mul",
        '# raise NotImplementedError("write this: see the hints above")\nreturn 0',
    )  # fmt: skip
    assert report(tito("check", "01"))["mul"].startswith("failed")


def test_an_error_is_told_with_the_students_line(notebook):
    write_blank(notebook, "mul", "c = a * b\nreturn c.nonsense")
    said = report(tito("check", "01"))["mul"]
    assert "AttributeError" in said and "(cell 6, line 5, called by cell 7, line 1)" in said


def test_a_syntax_error_is_told_at_its_own_cell(notebook):
    write_blank(notebook, "mul", "return a *")
    said = report(tito("check", "01"))
    assert "SyntaxError: invalid syntax (cell 6, line 4)" in said["mul"]
    assert "waits for cell 6" in said["square"] and "SyntaxError" in said["square"]


def test_hints_grow_stronger_with_each_new_attempt(notebook):
    for attempt, hint in ((0, 1), (0, 1), (1, 2), (2, 3), (3, 3)):
        write_blank(notebook, "mul", f"return {attempt}")
        assert f"unfold Hint {hint} " in report(tito("check", "01"))["mul"]


def test_an_earlier_module_must_be_exported_first(tiny_course, notebook):
    result = tito("check", "02")
    assert result.exit_code == 1 and "run `tito export 01` first" in result.output
    tito("export", "01")
    result = tito("check", "02")
    assert result.exit_code == 0, result.output


def test_a_check_says_which_earlier_module_is_not_finished(tiny_course, notebook):
    clear_blanks(notebook, "mul")
    tito("export", "01")
    said = report(tito("check", "02"))["relu"]
    assert "waits for module 01_tensor" in said and "tito check 01" in said


def test_an_earlier_export_that_is_out_of_date_is_noted(notebook):
    tito("export", "01")
    assert "Note" not in tito("check", "02").output
    write_blank(notebook, "mul", "return a * b")
    assert "01_tensor has changed since its export" in tito("check", "02").output


def test_cells_import_the_courses_own_package_from_nbs(tiny_course, notebook):
    (tiny_course / "tinytorch/__init__.py").write_text("MINE = 'mine'\n")
    source = (
        "import os\nimport tinytorch\nexpect(tinytorch.MINE, 'mine', 'package')\n"
        "expect(os.path.basename(os.getcwd()), 'nbs', 'folder')"
    )
    edit_cell(notebook, "check-add", lambda _: source)
    assert report(tito("check", "01"))["add"] == "passed"


def test_a_missing_check_costs_the_whole(notebook):
    write_notebook(notebook, TENSOR[:-1])
    result = tito("check", "01")
    assert result.exit_code == 1
    assert "checks make 70 points, not 100" in result.output


def test_a_missing_blank_is_said_to_be_missing(notebook):
    write_notebook(notebook, TENSOR[:5] + TENSOR[6:])
    said = report(tito("check", "01"))["add"]
    assert "NameError" in said and "lost the cell that it checks" in said


def test_another_cell_that_fails_is_noted(notebook):
    write_notebook(notebook, [*TENSOR, code("1 / 0")])
    result = tito("check", "01")
    assert result.exit_code == 0
    assert 'Note: cell 10 under "Squares": ZeroDivisionError' in result.output


def test_while_a_check_fails_only_the_first_other_error_is_told(notebook):
    write_notebook(notebook, [*TENSOR, code("1 / 0"), code("2 / 0"), code("3 / 0")])
    assert tito("check", "01").output.count("ZeroDivisionError") == 3
    write_blank(notebook, "mul", "return a + b")
    output = tito("check", "01").output
    assert output.count("ZeroDivisionError") == 1
    assert "Note: errors also in cell 11, 12: mend what failed first" in output


def test_a_figure_of_what_is_not_written_is_not_noted(notebook):
    write_notebook(notebook, [*TENSOR, code("picture = mul(1, 2)"), code("picture")])
    clear_blanks(notebook, "mul")
    result = tito("check", "01")
    assert "Note" not in result.output


def test_a_broken_import_is_told_once_and_the_checks_wait_for_it(notebook):
    cells = [*TENSOR[:3], code("from tito.nowhere import expect"), *TENSOR[4:]]
    write_notebook(notebook, cells)
    result = tito("check", "01")
    assert result.output.count("No module named") == 1
    assert all("waits for cell 3" in said for said in report(result).values())


STOPPED = {
    "an endless loop": ("while True: pass", "stopped after 2 s"),
    "an endless loop that prints": ("while True: print('x' * 1000)", "stopped after 2 s"),
    "one that ignores interrupts": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "stopped after 2 s",
    ),
    "os._exit": ("import os\nos._exit(0)", "the kernel died"),
    "exit": ("exit()", None),
    "a signal to itself": ("import os\nos.kill(os.getpid(), 9)", "the kernel died"),
}


@pytest.mark.parametrize("case", STOPPED)
def test_whatever_a_cell_does_the_command_ends_and_nothing_is_left_running(case, notebook):
    body, reason = STOPPED[case]
    write_blank(notebook, "mul", body)
    start, before = time.monotonic(), children()
    result = tito("check", "01", "--cell-limit", "2")
    assert time.monotonic() - start < 20
    said = report(result)
    assert result.exit_code == 1 and said["add"] == "passed"
    assert said["mul"].startswith("failed")
    if reason:
        assert reason in said["mul"]
        assert said["square"].startswith("not run") and "ended at cell 7" in said["square"]
    assert children() <= before


def test_what_a_cell_started_is_killed_with_it(tiny_course, notebook):
    pids = tiny_course / "pid"
    body = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],\n"
        "                         start_new_session=True)\n"
        f"open({str(pids)!r}, 'w').write(str(child.pid))\n"
        "while True: pass"
    )
    write_blank(notebook, "mul", body)
    tito("check", "01", "--cell-limit", "3")
    child = int(pids.read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie"


def test_the_whole_has_a_limit_too(notebook):
    cells = [*TENSOR, *[code("import time; time.sleep(0.7)")] * 20]
    write_notebook(notebook, cells)
    start = time.monotonic()
    result = tito("check", "01", "--limit", "3")
    assert time.monotonic() - start < 12
    assert "the whole notebook took over 3 s" in result.output


def children():
    """The living processes that this one has started, directly or through others."""
    every = psutil.Process().children(recursive=True)
    return {child for child in every if child.status() != psutil.STATUS_ZOMBIE}


def test_the_record_does_not_show_in_git(tiny_course, notebook):
    tito("check", "01")
    assert (tiny_course / ".tito/.gitignore").read_text() == "*\n"
    record = json.loads((tiny_course / ".tito/checks.json").read_text())
    assert record["01_tensor"]["checks"]["mul"]["passed"] is True


def test_cells_are_numbered_as_their_prompts_will_be(notebook):
    cells = [code(""), code("  \n"), *TENSOR]
    write_notebook(notebook, cells)
    blank = next(cell for cell in read_cells(notebook) if cell.name == "add")
    assert blank.number == 4 and blank.heading == "Addition" and blank.hints == 3
