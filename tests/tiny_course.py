"""A course of two small notebooks, to try the course tool on.

01_tensor has three blanks: `add` (40 points), `mul` (30) and `square` (30), which uses `mul`.
02_activations has one, `relu` (100), and imports `mul` from tinytorch.tensor.
"""

import json
from pathlib import Path

from tito.notebook import STUB

HINTS = "\n".join(
    f"<details><summary>Hint {n}</summary>\n\nhint {n}\n\n</details>" for n in (1, 2, 3)
)


def markdown(source):
    return {"cell_type": "markdown", "id": "", "metadata": {}, "source": source}


def code(source, **metadata):
    return {
        "cell_type": "code", "id": "", "metadata": metadata, "source": source,
        "execution_count": None, "outputs": [],
    }  # fmt: skip


def blank(name, head, body):
    grade = dict(grade=False, grade_id=name, locked=False, schema_version=3, solution=True)
    source = f"#| export\n{head}\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"
    return code(source, nbgrader={**grade, "task": False})


def check(name, points, visible, hidden):
    grade = dict(grade=True, grade_id=f"check-{name}", locked=True, points=points)
    source = f"{visible}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return code(source, nbgrader={**grade, "schema_version": 3, "solution": False, "task": False})


TENSOR = [
    markdown("# Tensor\n\n> Numbers that remember."),
    code("#| default_exp tensor"),
    code("#| export\nimport numpy as np"),
    code("from tito.checks import expect"),
    markdown(f"## Addition\n\n{HINTS}"),
    blank("add", 'def add(a, b):\n    """a + b."""', "return np.add(a, b)"),
    check("add", 40, 'expect(add(2, 3), 5, "2 + 3")', 'expect(add(-1, 1), 0, "-1 + 1")'),
    markdown(f"## Multiplication\n\n{HINTS}"),
    blank("mul", 'def mul(a, b):\n    """a times b."""', "return np.multiply(a, b)"),
    check("mul", 30, 'expect(mul(2, 3), 6, "2 × 3")', 'expect(mul(0, 3), 0, "0 × 3")'),
    markdown(f"## Squares\n\n{HINTS}"),
    blank("square", 'def square(a):\n    """a times a."""', "return mul(a, a)"),
    check("square", 30, 'expect(square(3), 9, "3²")', 'expect(square(-2), 4, "(-2)²")'),
]

ACTIVATIONS = [
    markdown("# Activations"),
    code("#| default_exp activations"),
    code("#| export\nimport numpy as np\n\nfrom tinytorch.tensor import mul"),
    code("from tito.checks import expect"),
    markdown(f"## ReLU\n\n{HINTS}"),
    blank("relu", 'def relu(x):\n    """max(x, 0)."""', "return mul(x, np.greater(x, 0))"),
    check("relu", 100, 'expect(relu(3), 3, "relu(3)")', 'expect(relu(-3), 0, "relu(-3)")'),
]


def write_notebook(path: Path, cells):
    """Write the cells as a notebook, each with its place as its id."""
    cells = [{**cell, "id": f"cell-{place}"} for place, cell in enumerate(cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def make_tiny_course(folder: Path) -> Path:
    """The source course, with its solutions; nothing is exported yet."""
    (folder / "nbs").mkdir(parents=True)
    (folder / "tinytorch").mkdir()
    (folder / "tinytorch/__init__.py").write_text("")
    (folder / "settings.ini").write_text(
        "[DEFAULT]\nrepo = tinytorch\nlib_name = tinytorch\nuser = nobody\nbranch = main\n"
        "version = 0.1.0\nlib_path = tinytorch\nnbs_path = nbs\n"
    )
    write_notebook(folder / "nbs/01_tensor.ipynb", TENSOR)
    write_notebook(folder / "nbs/02_activations.ipynb", ACTIVATIONS)
    return folder


def write_blank(path: Path, name, body):
    """Put `body` where a blank's solution (or stub, or anything else) stands: below its docstring.

    `body` is one line or several, without the function's four spaces."""
    lines = "\n".join("    " + line for line in body.splitlines())
    edit_cell(path, name, lambda source: source[: source.rindex('"""') + 3] + "\n" + lines)


def clear_blanks(path: Path, *names):
    """Put the students' stub in the named blanks, or in all of them."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    grades = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    for name in names or [grade["grade_id"] for grade in grades if grade.get("solution")]:
        write_blank(path, name, STUB)


def edit_cell(path: Path, name, change):
    """Replace the source of the cell with this grade_id by `change(source)`."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == name:
            cell["source"] = change("".join(cell["source"]))
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
