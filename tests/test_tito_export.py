"""`tito export`: each notebook writes its own module's file, whole or not at all."""

import ast
import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from tests.tiny_course import TENSOR, clear_blanks, code, edit_cell, markdown, write_notebook
from tito.cli import app


def tito(*arguments):
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def notebook(tiny_course):
    return tiny_course / "nbs/01_tensor.ipynb"


@pytest.fixture
def exported(tiny_course):
    return tiny_course / "tinytorch/tensor.py"


def files(course):
    return {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}


def test_the_exported_text_reads_as_source(notebook, exported):
    assert tito("export", "01").exit_code == 0
    assert exported.read_text(encoding="utf-8") == '''"""Numbers that remember."""

# Generated from nbs/01_tensor.ipynb. To change it, edit the notebook and run: tito export 01

__all__ = ["add", "mul", "square"]

import numpy as np


def add(a, b):
    """a + b."""
    return np.add(a, b)


def mul(a, b):
    """a times b."""
    return np.multiply(a, b)


def square(a):
    """a times a."""
    return mul(a, a)
'''


def test_a_second_export_from_elsewhere_changes_nothing(tiny_course, notebook, monkeypatch):
    tito("export")
    before, times = files(tiny_course), (tiny_course / "tinytorch/tensor.py").stat().st_mtime_ns
    monkeypatch.chdir(tiny_course / "nbs")
    result = tito("export")
    assert result.exit_code == 0 and "up to date" in result.output
    assert files(tiny_course) == before
    assert (tiny_course / "tinytorch/tensor.py").stat().st_mtime_ns == times


def test_all_notebooks_are_exported_and_import_together(tiny_course):
    tito("export")
    program = "from tinytorch.activations import relu; print(relu(3), relu(-3))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tiny_course, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(tiny_course)},
    )  # fmt: skip
    assert run.stdout.split() == ["3", "0"], run.stderr


def test_nothing_but_the_modules_file_is_written(tiny_course):
    before = files(tiny_course)
    tito("export", "tensor")
    assert set(files(tiny_course)) - set(before) == {tiny_course / "tinytorch/tensor.py"}


def test_many_names_are_listed_in_lines_of_at_most_100(notebook, exported):
    names = [f"a_rather_long_name_{n}" for n in range(40)]
    source = "\n".join(f"{name} = {n}" for n, name in enumerate(names))
    write_notebook(notebook, [*TENSOR, code(f"#| export\n{source}")])
    assert tito("export", "01").exit_code == 0
    text = exported.read_text()
    assert max(map(len, text.splitlines())) <= 100
    listed = next(node for node in ast.parse(text).body if isinstance(node, ast.Assign))
    assert set(ast.literal_eval(listed.value)) == {"add", "mul", "square", *names}


def test_a_string_keeps_its_blank_lines(notebook, exported):
    write_notebook(notebook, [*TENSOR, code('#| export\nTEXT = """a\n\n\n\n\nb"""')])
    tito("export", "01")
    assert '"""a\n\n\n\n\nb"""' in exported.read_text()


def test_future_imports_come_first(notebook, exported):
    cells = [code("#| export\nfrom __future__ import annotations"), *TENSOR]
    write_notebook(notebook, cells)
    assert tito("export", "01").exit_code == 0
    compile(exported.read_text(), "tensor.py", "exec")


def test_empty_blanks_are_exported_and_named(notebook, exported):
    clear_blanks(notebook, "mul", "square")
    result = tito("export", "01")
    assert result.exit_code == 0
    assert "`mul`, `square`" in result.output and "`add`" not in result.output
    assert exported.read_text().count("raise NotImplementedError") == 2


REFUSED = {
    "another file by default": ("#| default_exp activations", "activations"),
    "a file outside": ("#| default_exp ../../elsewhere", "elsewhere"),
    "no file": ("#| default_exp", "default_exp"),
    "one cell elsewhere": ("#| export activations\nx = 1", "export activations"),
    "a private cell elsewhere": ("#| exporti activations\nx = 1", "exporti activations"),
    "a shown cell elsewhere": ("#|exports activations\nx = 1", "exports activations"),
    "a cell in another package": ("#| export os.path\nx = 1", "export os.path"),
    "a cell with a syntax error": ("#| export\n\ndef f(:\n    pass", "line 3: SyntaxError"),
    "a cell that returns": ("#| export\nreturn 1", "SyntaxError"),
    "a magic": ("#| export\n%matplotlib inline", "SyntaxError"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_notebook_that_asks_for_more_or_cannot_be_parsed_changes_nothing(
    case, tiny_course, notebook
):
    tito("export")
    source, mentioned = REFUSED[case]
    write_notebook(notebook, [*TENSOR, markdown("## Extra"), code(source)])
    before = files(tiny_course.parent)
    result = tito("export", "01")
    assert result.exit_code == 1
    assert mentioned in result.output and 'cell 10 under "Extra"' in result.output
    assert len(result.output.splitlines()) == 1
    assert files(tiny_course.parent) == before


BROKEN = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "a list": lambda text: "[]",
    "cells of another kind": lambda text: '{"cells": [1]}',
    "metadata of another kind": lambda text: text.replace('"metadata": {}', '"metadata": 3'),
    "no name": lambda text: text.replace("#| default_exp tensor", "pass"),
    "no export": lambda text: text.replace("#| export", ""),
    "doubled names": lambda text: text.replace('"check-mul"', '"check-add"'),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_notebook_leaves_the_old_file(case, tiny_course, notebook):
    tito("export")
    text = notebook.read_text(encoding="utf-8")
    assert BROKEN[case](text) != text
    notebook.write_text(BROKEN[case](text), encoding="utf-8")
    before = files(tiny_course)
    result = tito("export", "01")
    assert result.exit_code == 1 and len(result.output.splitlines()) == 1
    assert result.output.startswith("tito: ")
    assert files(tiny_course) == before


def test_one_broken_notebook_does_not_keep_the_others_from_exporting(tiny_course, notebook):
    notebook.write_text("{")
    result = tito("export")
    assert result.exit_code == 1
    assert (tiny_course / "tinytorch/activations.py").is_file()
    assert not (tiny_course / "tinytorch/tensor.py").exists()


def test_a_scratch_cell_with_a_syntax_error_is_no_obstacle(notebook, exported):
    write_notebook(notebook, [*TENSOR, code("1 +")])
    assert tito("export", "01").exit_code == 0
    assert exported.is_file()


def test_the_kernels_language_does_not_matter(notebook, exported):
    tito("export", "01")
    text = exported.read_text()
    changed = json.loads(notebook.read_text(encoding="utf-8"))
    changed["metadata"]["kernelspec"]["language"] = "r"
    notebook.write_text(json.dumps(changed))
    edit_cell(notebook, "add", lambda source: source.replace("np.add(a, b)", "a + b"))
    tito("export", "01")
    assert exported.read_text() == text.replace("np.add(a, b)", "a + b")
