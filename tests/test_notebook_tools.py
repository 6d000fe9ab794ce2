"""The tests of the notebooks are tested: each rule reports a notebook that breaks it."""

from dataclasses import replace

import nbformat
import pytest

from tests import notebooks, test_anatomy
from tests.answers._judge import _needed, judge
from tests.sound_notebook import ANSWERS, HINTS, MODULE, code, markdown, sound_notebook
from tests.test_anatomy import anatomy_faults, running_faults


def edit(nb, old, new, count=1):
    """Replaces text in the first `count` cells that hold it."""
    cells = [cell for cell in nb.cells if old in cell.source][:count]
    assert cells, f"no cell holds {old!r}"
    for cell in cells:
        cell.source = cell.source.replace(old, new)


def add(nb, cell):
    nb.cells.insert(-1, cell)


def add_many(nb, cell):
    nb.cells.extend([cell] * 20)


def take_out(nb, name):
    nb.cells = [c for c in nb.cells if notebooks.grade(c).get("grade_id") != name]


def grade_of(nb, name):
    return next(notebooks.grade(c) for c in nb.cells if notebooks.grade(c).get("grade_id") == name)


def move(nb, text, place):
    cell = next(cell for cell in nb.cells if text in cell.source)
    nb.cells.remove(cell)
    nb.cells.insert(place, cell)


def lines(count):
    return "\n".join(f"x{i} = {i}" for i in range(count))


FACADE = "class Facade:\n" + "\n".join(f"    def m{i}(self): return {i}" for i in range(60))
LONG_CLASS = "class Long:\n    def m(self):\n" + "\n".join(["        x = 1"] * 25)
TRY = "try:\n    import numpy as np\nexcept ImportError:\n    pass"
UNDOCUMENTED = '''\
#| export
class A:
    """An A."""

    def m(self):
        x = 1
        return x'''

# (the rule, what it says, what is done to the sound notebook)
FAULTS = [
    ("broken_code", "not Python", lambda nb: add(nb, code("def f(:"))),
    ("broken_code", "not a valid notebook", lambda nb: nb.cells[0].update(cell_type="prose")),
    ("outputs", "commit it clean", lambda nb: nb.cells[3].update(execution_count=1)),
    ("metadata", "kernel python3", lambda nb: nb.metadata.kernelspec.update(name="ir")),
    ("metadata", "cleaning strips: jp", lambda nb: nb.cells[0].metadata.update(jp=True)),
    ("metadata", "expected metadata", lambda nb: grade_of(nb, "check-double").update(locked=False)),
    ("metadata", "expected metadata", lambda nb: grade_of(nb, "double").update(locked=True)),
    ("unique_ids", "cell id", lambda nb: nb.cells[1].update(id=nb.cells[0].id)),
    ("unique_ids", "grade_id", lambda nb: grade_of(nb, "Scale").update(grade_id="double")),
    ("points", "100 points in all", lambda nb: grade_of(nb, "check-double").update(points=19)),
    ("points", "whole number", lambda nb: grade_of(nb, "check-double").update(points=20.5)),
    ("sections", "title and a promise", lambda nb: nb.cells.pop(0)),
    ("sections", "no section called 'summary'", lambda nb: edit(nb, "## Summary", "Summary")),
    ("sections", "'systems' must come before", lambda nb: move(nb, "## Systems", -1)),
    ("imports_come_first", "imports before", lambda nb: edit(nb, "import", "# ", 3)),
    ("sizes", "26 lines of code", lambda nb: add(nb, code(lines(26)))),
    ("sizes", "61 lines of code", lambda nb: add(nb, code(FACADE))),
    ("sizes", "27 lines of code", lambda nb: add(nb, code(LONG_CLASS))),
    ("sizes", "median", lambda nb: add_many(nb, code(lines(9)))),
    ("word_counts", "151 words", lambda nb: add(nb, markdown("word " * 151))),
    ("word_counts", "words in all", lambda nb: edit(nb, "Reading this takes", "", 99)),
    ("word_counts", "words in all", lambda nb: add_many(nb, markdown("word " * 149))),
    ("predictions", "1 cells say", lambda nb: edit(nb, "Predict", "Look")),
    ("predictions", "4 cells say", lambda nb: edit(nb, "A few", "Predict, then run: a few", 2)),
    ("predictions", "broken on purpose", lambda nb: edit(nb, "Break it", "Leave it")),
    ("pictures", "2 figures", lambda nb: edit(nb, "#| fig-alt", "# fig-alt")),
    ("pictures", "says too little", lambda nb: edit(nb, "that rises from nought to", "")),
    ("pictures", "style sheet", lambda nb: edit(nb, "tinytorch.mplstyle", "default")),
    ("pictures", "no Mermaid", lambda nb: edit(nb, "```mermaid", "```text")),
    ("emoji", "emoji", lambda nb: edit(nb, "A few", "\N{ROCKET} A few")),
    ("blanks", "must be its check", lambda nb: move(nb, "expect(double(3)", -1)),
    ("blanks", "no solution cell", lambda nb: add(nb, code("### BEGIN SOLUTION"))),
    ("blanks", "0 regions", lambda nb: edit(nb, " SOLUTION", "", 99)),
    ("blanks", "pair off", lambda nb: edit(nb, "    ### END SOLUTION", "")),
    ("blanks", "not in a function's body", lambda nb: edit(nb, *whole_function())),
    ("blanks", "cuts a statement", lambda nb: edit(nb, *cut_statement())),
    ("blanks", "after its function's", lambda nb: edit(nb, "return 2 * x", "return x\ny = 1")),
    ("blanks", "region is empty", lambda nb: edit(nb, "return 2 * x", "# nothing")),
    ("blanks", "region of 16 lines", lambda nb: edit(nb, "return 2 * x", long_body(16))),
    ("blanks", "2 regions, expected 1", lambda nb: edit(nb, "return 2 * x", two_regions())),
    ("blanks", "two regions in one function", lambda nb: edit(nb, "return self.f", two_regions(8))),
    ("blanks", "no blanks", lambda nb: nb.update(cells=nb.cells[:3])),
    ("stubs", "needs a docstring", lambda nb: edit(nb, '"""Twice x."""', "")),
    ("stubs", "must stand alone", lambda nb: edit(nb, "Twice x.", "Twice\n    x.")),
    ("stubs", "no worked example", lambda nb: edit(nb, "3 → 6", "3, 6")),
    ("stubs", "nor show shapes", lambda nb: edit(nb, "a number in, a number out", "so")),
    ("stubs", "Hint 1, 2, 3", lambda nb: edit(nb, "Hint 3", "Hint 2")),
    ("stubs", "Hint 1, 2, 3", lambda nb: edit(nb, HINTS, "")),
    ("stubs", "an empty hint", lambda nb: edit(nb, "Think of hint 3.", "")),
    ("stubs", "a hint of 61 words", lambda nb: edit(nb, "Think of hint 3.", "word " * 61)),
    ("checks", "no blank that it checks", lambda nb: take_out(nb, "double")),
    ("checks", "13 visible lines", lambda nb: edit(nb, "expect(", lines(12) + "\nexpect(")),
    ("checks", "1 hidden lines", lambda nb: edit(nb, '\nexpect(double(0), 0, "double(0)")', "")),
    ("checks", "expects nothing", lambda nb: edit(nb, "expect(double(3)", "print(double(3)")),
    ("checks", "bare assert", lambda nb: edit(nb, "expect(Scale(", "assert (Scale(")),
    ("checks", "one region", lambda nb: edit(nb, "### BEGIN HIDDEN TESTS", "")),
    ("checks", "no check cell", lambda nb: add(nb, code("### BEGIN HIDDEN TESTS"))),
    ("default_exp", "default_exp", lambda nb: edit(nb, "default_exp activations", "default_exp t")),
    ("export_comes_first", "first line", lambda nb: edit(nb, "#| export\n", "x = 1\n#| export\n")),
    ("exported_code", "print", lambda nb: edit(nb, "return 2 * x", "print(x)")),
    ("exported_code", "hasattr", lambda nb: edit(nb, "return 2 * x", "return hasattr(x, 'y')")),
    ("exported_code", "assert", lambda nb: edit(nb, "return 2 * x", "assert x")),
    ("exported_code", "try: import", lambda nb: edit(nb, "import numpy as np", TRY)),
    ("imports", "imports *", lambda nb: add(nb, code("from numpy import *"))),
    ("imports", "imports scipy", lambda nb: edit(nb, "import numpy", "import scipy")),
    ("imports", "module losses", lambda nb: add(nb, code("from tinytorch.losses import L1Loss"))),
    ("imports", "module losses", lambda nb: add(nb, code("from tinytorch import losses"))),
    ("imports", "module activations", lambda nb: add(nb, code("import tinytorch.activations"))),
    ("exported_docstrings", "f has no", lambda nb: add(nb, code("#| export\ndef f(): return 1"))),
    ("exported_docstrings", "m has no", lambda nb: add(nb, code(UNDOCUMENTED))),
]  # fmt: skip


def whole_function():
    old = 'def double(x):\n    """Twice x."""\n    ### BEGIN SOLUTION'
    return old, '### BEGIN SOLUTION\ndef double(x):\n    """Twice x."""'


def cut_statement():
    old = "    ### BEGIN SOLUTION\n    return 2 * x"
    return old, "    return [\n    ### BEGIN SOLUTION\n    2 * x][0]"


def long_body(count):
    return "\n    ".join(["x = 2 * x"] * count)


def two_regions(margin=4):
    space = " " * margin
    return f"x = 1\n{space}### END SOLUTION\n{space}### BEGIN SOLUTION\n{space}return x"


def test_a_sound_notebook_has_no_faults():
    nb = sound_notebook()
    nbformat.validate(nb)
    assert anatomy_faults(nb, MODULE) == []


@pytest.mark.parametrize("rule, says, damage", FAULTS, ids=[f"{f[0]}: {f[1]}" for f in FAULTS])
def test_a_damaged_notebook_is_reported(rule, says, damage):
    nb = sound_notebook()
    damage(nb)
    found = list(getattr(test_anatomy, rule)(nb, MODULE))
    assert any(says in fault for fault in found), found


def test_every_rule_is_tested():
    assert {rule for rule, *_ in FAULTS} == {rule.__name__ for rule in test_anatomy.RULES}


def test_a_notebook_runs_and_shows_its_figures(folder):
    assert running_faults(sound_notebook(), folder / "nbs", folder) == []


@pytest.mark.parametrize(
    "says, old, new",
    [
        ("ZeroDivisionError", "plt.plot(range(10));", "1 / 0"),
        ("shows no figure", "plt.plot(range(10));", "None"),
        ("shows a figure and has no", "#| fig-alt", "# fig-alt"),
        ("stopped", "plt.plot(range(10));", "import os\nos._exit(1)"),
    ],
)
def test_a_run_that_goes_wrong_is_reported(folder, says, old, new):
    nb = sound_notebook()
    edit(nb, old, new)
    assert any(says in fault for fault in running_faults(nb, folder / "nbs", folder))


def test_a_slow_run_is_reported(folder, monkeypatch):
    monkeypatch.setattr(test_anatomy, "RUN_SECONDS", 2)
    nb = sound_notebook()
    edit(nb, "five = 5", "import time\ntime.sleep(5)")
    assert any("stopped" in fault for fault in running_faults(nb, folder / "nbs", folder))


@pytest.fixture
def folder(tmp_path):
    """A course in which module 01 is exported, and 02 as well."""
    (tmp_path / "nbs").mkdir()
    (tmp_path / "nbs/tinytorch.mplstyle").write_text("figure.dpi: 50")
    (tmp_path / "tinytorch").mkdir()
    (tmp_path / "tinytorch/__init__.py").write_text("")
    (tmp_path / "tinytorch/tensor.py").write_text("class Tensor:\n    pass\n")
    (tmp_path / "tinytorch/activations.py").write_text("def double(x):\n    return 2 * x\n")
    return tmp_path


# Answers


def test_sound_answers_have_no_faults(folder):
    verdict = judge(sound_notebook(), MODULE, ANSWERS, folder)
    assert verdict.is_sound, str(verdict)
    assert len(verdict.cases) == 3 * (1 + 3 + 1) + 2  # Scale's two regions, each unwritten alone


def test_only_what_the_checks_need_is_run():
    run = "\n".join(source for _, source, _ in _needed(sound_notebook()))
    assert "five = 5" in run and "import expect" in run
    assert "plt." not in run


def amiss(folder, nb, **changes):
    """What is said where some of `double`'s answers are others; nothing if all is sound."""
    answers = {**ANSWERS, "double": replace(ANSWERS["double"], **changes)}
    verdict = judge(nb, MODULE, answers, folder)
    assert verdict.is_sound == (not str(verdict))
    return str(verdict)


@pytest.mark.parametrize(
    "says, changes",
    [
        ("passes check-double, fails nothing", dict(wrong=["return x + x"])),
        ("expected 3 wrong answers or more, came 1", dict(wrong=["return 3"])),
        ("expected 1 right answers or more, came 0", dict(right=[])),
        ("is the same as the reference", dict(wrong=["return 2*x"])),
        ("is the same as another answer", dict(wrong=["return 3", "return 3 # three"])),
        ("doesn't fit its blank", dict(wrong=["return ("])),
        ("doesn't fit its blank", dict(wrong=[{"triple": "return 3"}])),
        ("- check-double says AssertionError", dict(right=["return 3 * x"])),
        ("stopped the run", dict(right=["import os; os._exit(0)"])),
        ("fails a check that doesn't need double", dict(wrong=["global five; five = 6; return 3"])),
        ("check-double itself stops, with TypeError", dict(wrong=["return [x]"])),
    ],
)
def test_an_unsound_answer_is_reported(folder, says, changes):
    nb = sound_notebook()
    edit(nb, "expect(double(3), 6", "expect(double(3) + 0, 6")
    assert says in amiss(folder, nb, **changes)


def test_an_endless_answer_is_killed_and_reported(folder, monkeypatch):
    monkeypatch.setattr("tests.answers._judge.LIMIT", 1)
    said = amiss(folder, sound_notebook(), right=["while True: pass"])
    assert said.split("\n") == [
        "double, right:",
        "    | while True: pass",
        "    - stopped the run, or took more than 1 s",
    ]


@pytest.mark.parametrize(
    "says, old, new",
    [
        ("check-double: passes in the untouched notebook", "expect(double(", "expect(2 * ("),
        ("passes check-double, fails check-quadruple", "expect(double(", "expect(2 * ("),
        ("the reference fails in check-double", "expect(double(3), 6", "expect(double(3), 7"),
        ("doesn't say what was expected", "expect(double(3), 6, ", "assert double(3) == 6, ("),
        ("passes check-Scale, fails nothing", ".forward(", ".factor * ("),
        ("No module named", "import expect", "import expect\nimport tinytorch.activations"),
    ],
)
def test_an_unsound_check_is_reported(folder, says, old, new):
    nb = sound_notebook()
    edit(nb, old, new)
    assert says in amiss(folder, nb)


def test_a_blank_that_costs_too_much_is_reported(folder):
    nb = sound_notebook()
    grade_of(nb, "check-double").points, grade_of(nb, "check-Scale").points = 21, 49
    assert amiss(folder, nb) == "double: unwritten, it alone costs 51 of 100 points"


def test_missing_and_spare_answers_are_reported(folder):
    answers = {**ANSWERS, "triple": ANSWERS["double"]}
    del answers["double"]
    assert judge(sound_notebook(), MODULE, answers, folder).faults == [
        "double: no answers are kept for this blank",
        "triple: answers are kept, but the notebook has no such blank",
    ]


# Reading


def test_directives_are_read_line_by_line():
    cell = code("#| export\n#| fig-alt: A line: steep \n#| default_exp tensor\nx = 1")
    expected = {"export": "", "fig-alt": "A line: steep", "default_exp": "tensor"}
    assert notebooks.directives(cell) == expected


def test_an_answer_takes_the_regions_place():
    source = notebooks.blanks(sound_notebook())["Scale"].source
    spliced = notebooks.splice(source, {"forward": "        if x:\n            return 1"})
    assert spliced == source.replace(
        "return self.factor * x", "if x:\n            return 1"
    )  # the region stands at eight spaces


def test_unwritten_is_what_nbgrader_leaves():
    nb = sound_notebook()
    for name, cell in notebooks.blanks(notebooks.cleared(nb)).items():
        source = notebooks.blanks(nb)[name].source
        methods = [region.function.name for region in notebooks.regions(source)]
        unwritten = notebooks.splice(source, dict.fromkeys(methods, notebooks.STUB))
        markers = (notebooks.BEGIN, notebooks.END)
        rest = [line for line in unwritten.split("\n") if line.strip() not in markers]
        assert cell.source == "\n".join(rest)


def test_students_see_no_hidden_test():
    for cell in notebooks.checks(notebooks.cleared(sound_notebook())).values():
        assert notebooks.hidden(cell) == []
        assert notebooks.visible(cell)
