"""A batch of submissions: each with the right mark, or a clear reason why it has none."""

import base64
import csv
import json
import re
import socket
import subprocess
import sys
import venv
from ast import literal_eval
from functools import partial
from html import unescape

import nbformat
import pytest

from tests.notebooks import PRESENT, ROOT, checks, grade, read
from tests.submissions import SPELLED, file_secrets, make_smuggler, make_submissions
from tests.tiny_course import edit_cell, make_tiny_course, write_blank
from tito.cli import main
from tito.course import CourseError
from tito.grading import sandbox
from tito.grading.collect import collect
from tito.grading.feedback import give_feedback
from tito.grading.folder import GradingFolder
from tito.grading.grade import Limits, grade_all, prepare
from tito.grading.marks import Mark, all_marks, write_csv
from tito.grading.show import hidden_labels
from tito.modules import MODULES
from tito.release import released

MODULE = MODULES[0]
LIMITS = Limits(cell_seconds=4, notebook_seconds=60)
KEEPS, LOSES = 100, 70  # with the last blank right, and wrong
is_confined = pytest.mark.skipif(not sandbox.has_bubblewrap(), reason="bubblewrap doesn't work")


@pytest.fixture(scope="module")
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(scope="module")
def grading(tmp_path_factory):
    return GradingFolder.of(make_tiny_course(tmp_path_factory.mktemp("batch") / "course"))


@pytest.fixture(scope="module")
def submissions(grading, listener):
    course = grading.course
    (course / "tinytorch/tensor.py").write_text("def add(a, b):\n    return a + b\n")
    secrets = ["import tinytorch.tensor", "import tinytorch.activations"]
    if sandbox.has_bubblewrap():
        files = [course / MODULE.path, grading.source(MODULE), grading.path / "gradebook.db"]
        secrets += file_secrets(*files, grading.submission("reference", MODULE), "/etc/shadow")
        secrets += [f"import socket; socket.create_connection(('127.0.0.1', {listener}), 2)"]
        secrets += [f"import os; os.listdir({str(course)!r})[0]"]
    return make_submissions(course / MODULE.path, secrets=secrets)


@pytest.fixture(scope="module")
def results(grading, submissions):
    """One batch over all of them."""
    for student, submission in submissions.items():
        hand_in(grading, student, submission.content)
    hand_in(grading, "nearly", answer(grading, "square", "return 9"))
    done = grade_all(grading, grading.submissions(), LIMITS)
    return {result.student: result for result in done}


def hand_in(grading, student, content, module=MODULE):
    path = grading.submission(student, module)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def answer(grading, blank, body):
    """The reference, with another answer in one blank."""
    path = grading.course / "answer.ipynb"
    path.write_bytes((grading.course / MODULE.path).read_bytes())
    write_blank(path, blank, body)
    return path.read_bytes()


def test_every_submission_has_the_right_mark_or_the_right_reason(results, submissions):
    for student, submission in submissions.items():
        came = results[student]
        if submission.because:
            assert came.points is None and submission.because in came.because, student
        elif student == "untouched":
            assert came.points == 0
        else:
            assert (came.points, came.because) == (KEEPS if submission.keeps else LOSES, None)


def test_formgrader_shows_the_same_marks(grading, results):
    with grading.gradebook() as gradebook:
        shown = {row["student"]: row for row in gradebook.submission_dicts(MODULE.notebook)}
        known = {student.id for student in gradebook.students}
    marks = {mark.student: mark for mark in all_marks(grading)}
    assert known == set(marks) == set(results)
    assert {s: m.points for s, m in marks.items() if m.points is not None} == {
        student: row["score"] for student, row in shown.items()
    }
    assert all(row["max_score"] == marks[s].maximum == 100 for s, row in shown.items())
    assert not any(row["needs_manual_grade"] for row in shown.values())


def test_the_csv_has_every_student_and_no_zero_in_place_of_a_reason(grading, results, tmp_path):
    write_csv(all_marks(grading), tmp_path / "marks.csv")
    rows = read_csv(tmp_path / "marks.csv")
    assert {row["student"] for row in rows} == set(results)
    for row in rows:
        result = results[row["student"]]
        if result.points is None:
            assert row["points"] == "" and row["ungraded because"] == result.because
        else:
            assert float(row["points"]) == result.points and row["ungraded because"] == ""


def test_the_released_notebook_is_that_of_the_students_edition(grading, results):
    edition = released(read(grading.course / MODULE.path))
    assert read(grading.release(MODULE)).cells == edition.cells


def test_a_check_that_was_deleted_or_disarmed_is_back(grading, results):
    source = read(grading.source(MODULE))
    for student in ("deleted", "edited"):
        graded = read(grading.autograded(student, MODULE))
        names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in graded.cells]
        assert names.index("check-square") == names.index("square") + 1
        assert graded.cells[names.index("check-square")].source == source.cells[-1].source


def test_feedback_tells_points_messages_and_reasons_but_no_hidden_test(grading, results):
    for student in results:
        assert give_feedback(grading, student, MODULE)
    pages = {student: page(grading, student) for student in results}
    assert [student for student, text in pages.items() if "square(-2)" in plain(text)] == []
    assert [student for student, text in pages.items() if "HIDDEN" in text] == []
    assert "Score: 70.0 / 100.0" in pages["wrong"] and "expected 9, came None" in pages["wrong"]
    assert "longer than 4 s" in pages["loop"]
    assert "hidden checks did not all pass. They try:\n- (-2)²</pre>" in pages["nearly"]
    assert "hidden checks" not in pages["reference"] + pages["wrong"]
    assert '<a href="#check-square">check-square</a> (Score: 0.0 / 30.0)' in pages["nearly"]
    assert "the kernel ended in the cell check-square" in pages["exit"]
    assert "Score" not in pages["exit"]


def page(grading, student):
    return grading.feedback(student, MODULE).read_text(encoding="utf-8")


def plain(html):
    return unescape(re.sub(r"<[^>]+>", "", html))


@pytest.fixture(scope="module")
def smuggled(tmp_path_factory):
    """The same submission graded in two courses that differ in their hidden tests alone."""
    courses, content = [], None
    for number in (2, 5):
        course = make_tiny_course(tmp_path_factory.mktemp("smuggled") / "course")
        for name, old, new in HIDDEN_TESTS:
            edit_cell(course / MODULE.path, name, partial(replace, old, new.format(number)))
        courses.append(GradingFolder.of(course))
        content = content or make_smuggler(course / MODULE.path)
        hand_in(courses[-1], "mallory", content)
        (result,) = grade_all(courses[-1], courses[-1].submissions(), Limits())
        assert result.points == 0 and give_feedback(courses[-1], "mallory", MODULE)
    return courses


HIDDEN_TESTS = (
    ("check-add", "add(-1, 1), 0", "add(-{0}, {0}), 0"),
    ("check-mul", "mul(0, 3)", "mul(0, {0})"),
    ("check-square", "square(-2), 4", "square(-{0}), {0} * {0}"),
)


def replace(old, new, text):
    assert old in text
    return text.replace(old, new)


def test_the_marked_run_can_be_told_everything(smuggled):
    """If not, the next test would prove nothing."""
    first = read(smuggled[0].autograded("mallory", MODULE))
    said = [error_of(cell) for cell in first.cells]
    add, mul, square = (cell.source for cell in first.cells if grade(cell).get("grade"))
    assert f"ValueError: {encoded(add)}" in said
    assert f"ValueError: {mul[::-1]}".replace("\n", ";") in said
    assert f"ValueError: {encoded(add + mul + square)}" in said
    spelled = [literal_eval(text.removeprefix("ValueError: ")) for text in said[-SPELLED:]]
    assert "".join(spelled) == square[-SPELLED:] and "square(-2)" in square[-SPELLED:]
    count = next(cell.execution_count for cell in first.cells if cell.source == add)
    assert count + 1 == int.from_bytes(add.encode())


def error_of(cell):
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    return f"{errors[-1].ename}: {errors[-1].evalue}" if errors else ""


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def test_feedback_is_the_same_whatever_the_hidden_tests_are(smuggled):
    """So nothing of them is in it, in no encoding that anyone could think of."""
    first, second = (page(grading, "mallory") for grading in smuggled)
    assert first == second
    assert "ValueError" in first and "Score: 0.0 / 100.0" in first


def test_the_points_tell_passed_or_not_and_no_more(smuggled):
    for grading in smuggled:
        with grading.gradebook() as gradebook:
            (notebook,) = gradebook.find_submission(MODULE.notebook, "mallory").notebooks
            assert {one.name: one.score for one in notebook.grades} == {
                "check-add": 0, "check-mul": 0, "check-square": 0,
            }  # fmt: skip


@pytest.mark.parametrize("module", PRESENT, ids=lambda module: module.notebook)
def test_feedback_can_name_what_each_hidden_check_tries(module):
    for name, cell in checks(read(ROOT / module.path)).items():
        labels = hidden_labels(cell.source)
        assert labels and all(label.strip("… ") for label in labels), name
        assert not any("expect(" in label or "\n" in label for label in labels), name


def test_labels_are_texts_as_they_are_written():
    source = """expect(f(1), 1, "seen")
### BEGIN HIDDEN TESTS
for n in (2, 3):
    expect(f(n), n, f"n = {n}, twice")
    expect(f(n), "a value", what)
expect_error(ValueError, lambda: f(4), 'no "four"')
### END HIDDEN TESTS"""
    assert hidden_labels(source) == ["n = …, twice", 'no "four"']


def test_a_submission_that_was_replaced_waits_for_its_mark(tiny_course):
    grading = GradingFolder.of(tiny_course)
    inbox = tiny_course.parent / "inbox"
    (inbox / "ada").mkdir(parents=True)

    def hand_in_again(content):
        (inbox / "ada/01_tensor.ipynb").write_bytes(content)
        collect(inbox, grading)
        (mark,) = all_marks(grading)
        return mark.points, mark.because

    good = (tiny_course / MODULE.path).read_bytes()
    not_yet = None, "not graded yet: run `tito grade`"
    assert hand_in_again(good) == not_yet
    list(grade_all(grading, grading.submissions(), Limits()))
    assert give_feedback(grading, "ada", MODULE)
    assert hand_in_again(good) == (100, "")
    assert hand_in_again(answer(grading, "square", "return 9")) == not_yet
    assert not give_feedback(grading, "ada", MODULE)
    assert not grading.feedback("ada", MODULE).exists()
    list(grade_all(grading, grading.submissions(), Limits()))
    assert all_marks(grading)[0].points == 70


def test_feedback_needs_a_grading(grading, results):
    hand_in(grading, "late", b"")
    assert not give_feedback(grading, "late", MODULE)
    marks = {mark.student: mark for mark in all_marks(grading)}
    assert marks["late"].points is None and "not graded yet" in marks["late"].because
    grading.submission("late", MODULE).unlink()
    grading.submitted("late", MODULE).rmdir()


def test_a_mark_never_outlives_a_submission_that_cannot_be_graded(tiny_course):
    grading = GradingFolder.of(tiny_course)
    good = (tiny_course / MODULE.path).read_bytes()

    def regrade(content):
        hand_in(grading, "ada", content)
        list(grade_all(grading, grading.submissions(), LIMITS))
        give_feedback(grading, "ada", MODULE)
        (mark,) = all_marks(grading)
        with grading.gradebook() as gradebook:
            shown = [row["score"] for row in gradebook.submission_dicts(MODULE.notebook)]
        return mark, shown

    mark, shown = regrade(good)
    assert mark.points == 100 and shown == [100]
    mark, shown = regrade(good[:1000])
    assert mark.points is None and "not a whole notebook" in mark.because and shown == []
    assert not grading.autograded("ada", MODULE).exists()
    assert "no mark yet" in page(grading, "ada") and "Score" not in page(grading, "ada")
    mark, shown = regrade(good)
    assert mark.points == 100 and mark.because == "" and shown == [100]
    assert "Score: 100.0" in page(grading, "ada")
    assert len(list((grading.path / "backups").iterdir())) == 3


def test_a_whole_notebook_has_its_limit(tiny_course):
    grading = GradingFolder.of(tiny_course)
    hand_in(grading, "slow", answer(grading, "mul", "import time; time.sleep(60)"))
    hand_in(grading, "then", (tiny_course / MODULE.path).read_bytes())
    slow, then = grade_all(grading, grading.submissions(), Limits(60, 8))
    assert slow.points is None and slow.because == "it ran longer than 8 s"
    assert then.points == 100


def test_a_later_module_imports_the_reference_of_the_earlier_ones_only(tiny_course):
    grading, module = GradingFolder.of(tiny_course), MODULES[1]
    hand_in(grading, "ada", (tiny_course / module.path).read_bytes(), module)
    with pytest.raises(CourseError, match="tensor.py is missing"):
        list(grade_all(grading, grading.submissions(), LIMITS))
    (tiny_course / "tinytorch/tensor.py").write_text("def mul(a, b):\n    return a * b\n")
    (tiny_course / "tinytorch/activations.py").write_text("relu = None\n")
    (result,) = grade_all(grading, grading.submissions(), LIMITS)
    assert result.points == 100
    sandbox.build_workspace(tiny_course, module, tiny_course / "workspace")
    modules = {path.name for path in (tiny_course / "workspace/tinytorch").iterdir()}
    assert modules == {"__init__.py", "tensor.py"}


def test_an_editable_install_shows_no_reference(tiny_course, tmp_path, monkeypatch):
    """Neither a path in a .pth file nor an import hook that one installs."""
    (tiny_course / "tinytorch/tensor.py").write_text("")
    venv.create(tmp_path / "venv", symlinks=True)
    (site,) = (tmp_path / "venv").rglob("site-packages")
    (site / "editable.pth").write_text(f"{tiny_course}\nimport editable_hook\n")
    (site / "editable_hook.py").write_text(
        "import sys, importlib.util as u\n"
        "class Hook:\n"
        "    def find_spec(name, path, target=None):\n"
        "        if name == 'tinytorch.tensor':\n"
        f"            return u.spec_from_file_location(name, '{tiny_course}/tinytorch/tensor.py')\n"
        "sys.meta_path.append(Hook)\n"
    )
    monkeypatch.setattr(sys, "executable", str(next((tmp_path / "venv").rglob("python"))))
    monkeypatch.setattr(sandbox, "site_folders", lambda: [str(site)])
    sandbox.build_workspace(tiny_course, MODULE, tmp_path / "workspace")
    command = sandbox.kernel_manager(tmp_path / "workspace", False).kernel_spec.argv
    python = command[: command.index("-m")]
    look = "import tinytorch, importlib.util as u; print(u.find_spec('tinytorch.tensor'))"
    environment = sandbox.kernel_environment(tmp_path / "workspace")
    assert str(tiny_course) not in json.dumps(environment)
    monkeypatch.chdir(tmp_path / "workspace/nbs")
    said = subprocess.run([*python, "-c", look], env=environment, capture_output=True, text=True)
    assert said.stdout.strip() == "None", said.stderr


@is_confined
def test_a_course_installed_as_a_copy_is_covered_up(tmp_path, monkeypatch):
    site = tmp_path / "site-packages"
    (site / "tinytorch").mkdir(parents=True)
    (site / "tinytorch/tensor.py").write_text("the reference")
    monkeypatch.setattr(sandbox, "site_folders", lambda: [str(site)])
    (tmp_path / "workspace/nbs").mkdir(parents=True)
    command = sandbox.bubblewrap(tmp_path / "workspace")
    look = f"import os; print(os.listdir({str(site / 'tinytorch')!r}))"
    said = subprocess.run([*command, sys.executable, "-S", "-c", look], capture_output=True)
    assert said.stdout.strip() == b"[]", said.stderr


def test_without_bubblewrap_it_grades_all_the_same(tiny_course, monkeypatch, capsys):
    monkeypatch.setattr(sandbox, "has_bubblewrap", lambda: False)
    monkeypatch.setattr("tito.grading.grade.has_bubblewrap", lambda: False)
    grading = GradingFolder.of(tiny_course)
    hand_in(grading, "ada", (tiny_course / MODULE.path).read_bytes())
    loop = "import time\nwhile True: time.sleep(1)"
    hand_in(grading, "loop", answer(grading, "square", loop))
    assert tito(monkeypatch, "grade", "01", "--cell-limit", "3") == 0
    said = capsys.readouterr().out
    assert said.count("with your own rights") == 1
    assert [mark.points for mark in all_marks(grading)] == [100, 70]


def test_a_reference_that_fails_here_stops_before_anyone_gets_a_mark(tiny_course):
    grading = GradingFolder.of(tiny_course)
    hand_in(grading, "ada", (tiny_course / MODULE.path).read_bytes())
    write_blank(tiny_course / MODULE.path, "mul", "### BEGIN SOLUTION\nreturn 0\n### END SOLUTION")
    with pytest.raises(CourseError, match="nothing was graded.*check-mul: AssertionError: 2 × 3"):
        list(grade_all(grading, grading.submissions(), LIMITS))
    assert all_marks(grading)[0].points is None


def test_a_source_that_gains_a_cell_does_not_touch_marks(tiny_course):
    grading = GradingFolder.of(tiny_course)
    hand_in(grading, "ada", (tiny_course / MODULE.path).read_bytes())
    list(grade_all(grading, grading.submissions(), LIMITS))
    nb = read(tiny_course / MODULE.path)
    nb.cells = nb.cells[:-3]
    nbformat.write(nb, tiny_course / MODULE.path)
    with pytest.raises(CourseError, match="gained or lost graded cells"):
        prepare(grading, MODULE)
    assert all_marks(grading)[0].points == 100


def test_names_that_a_spreadsheet_could_misread(tmp_path):
    names = ["O'Brien, \"Bo\"", "two\nlines", "=1+1", "+1", "-1", "@SUM(A1)", "Zoë"]
    marks = [Mark(name, MODULE, 12.5, 100) for name in names]
    write_csv(marks, tmp_path / "marks.csv")
    came = [row["student"] for row in read_csv(tmp_path / "marks.csv")]
    assert came == [*names[:2], "'=1+1", "'+1", "'-1", "'@SUM(A1)", "Zoë"]


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def tito(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["tito", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    return stopped.value.code


def test_the_commands_in_a_row(tiny_course, monkeypatch, capsys):
    inbox = tiny_course.parent / "inbox"
    (inbox / "ada").mkdir(parents=True)
    (inbox / "ada/01_tensor.ipynb").write_bytes((tiny_course / MODULE.path).read_bytes())
    (inbox / "bob_01_tensor.ipynb").write_bytes(b"{")
    assert tito(monkeypatch, "collect", inbox) == 0
    assert tito(monkeypatch, "grade") == 1
    said = capsys.readouterr().out
    assert "ungraded, because 01_tensor.ipynb is not a whole notebook" in said
    assert "1 graded, 1 ungraded" in said
    assert tito(monkeypatch, "feedback") == 0
    assert tito(monkeypatch, "marks", "--output", "m.csv") == 0
    assert [row["points"] for row in read_csv(tiny_course / "m.csv")] == ["100", ""]
    assert tito(monkeypatch, "grade", "01", "--student", "ada") == 0


@pytest.mark.parametrize(
    "arguments",
    [("grade",), ("grade", "99"), ("grade", "01", "--student", "nobody"), ("feedback",),
     ("marks",), ("collect", "nowhere"), ("release", ".")],
)  # fmt: skip
def test_bad_input_is_one_clear_line(tiny_course, monkeypatch, capsys, arguments):
    assert tito(monkeypatch, *arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("tito: ") and len(error.splitlines()) == 1
