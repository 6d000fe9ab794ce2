"""A small notebook without fault: what the tests of the notebooks' tests damage, bit by bit.

Three blanks: `double` (20 points), `quadruple` (30), which uses it, and the class `Scale` (50).
"""

import nbformat.v4 as v4

from tests.answers import Answers
from tito.modules import Module

MODULE = Module(2, "activations", "Activations", (1,))

HINTS = "\n".join(
    f"<details><summary>Hint {n}</summary>\n\nThink of hint {n}.\n\n</details>" for n in (1, 2, 3)
)
FIGURE = "#| fig-alt: A line that rises from nought to nine\nplt.plot(range(10));"

ANSWERS = {
    "double": Answers(
        wrong=["return x + 2", "return x * x", "return abs(x) * 2"], right=["return x + x"]
    ),
    "quadruple": Answers(
        wrong=["return double(x)", "return 4 + x", "return abs(x) * 4"],
        right=["return 4 * x"],
    ),
    "Scale": Answers(
        wrong=[
            {"__init__": "self.factor = 3"},
            {"forward": "return self.factor"},
            {"forward": "return x + self.factor"},
        ],
        right=[
            {
                "__init__": "self.factors = [factor]",
                "forward": """
                    for factor in self.factors:
                        return factor * x
                """,
            }
        ],
    ),
}


def markdown(source):
    return v4.new_markdown_cell(source)


def code(source):
    return v4.new_code_cell(source)


def blank(name, source):
    grade = dict(grade=False, grade_id=name, locked=False, schema_version=3, solution=True)
    return v4.new_code_cell(f"#| export\n{source}", metadata={"nbgrader": {**grade, "task": False}})


def check(name, points, visible, hidden):
    grade = dict(grade=True, grade_id=f"check-{name}", locked=True, points=points)
    grade |= dict(schema_version=3, solution=False, task=False)
    source = f"{visible}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return v4.new_code_cell(source, metadata={"nbgrader": grade})


def ask(name):
    return markdown(f"### Write it\n\nWrite `{name}`: 3 → 6, a number in, a number out.\n\n{HINTS}")


def sound_notebook():
    """All that the anatomy asks for, and nothing more."""
    cells = [
        markdown("# Activations\n\nYou will double numbers.\n\n```mermaid\nflowchart LR\n```"),
        markdown("## What you will build\n\nTwo functions and a class."),
        code("#| default_exp activations"),
        code("#| export\nimport numpy as np\n\nfrom tinytorch.tensor import Tensor"),
        code("import matplotlib.pyplot as plt"),
        code("from tito.checks import expect"),
        code("five = 5"),
        code('plt.style.use("tinytorch.mplstyle")'),
        *[markdown("Reading this takes a while. " * 29) for _ in range(11)],
        ask("double"),
        blank("double", DOUBLE),
        check(
            "double", 20, 'expect(double(3), 6, "double(3)")',
            'expect(double(-1), -2, "double(-1)")\nexpect(double(0), 0, "double(0)")',
        ),
        ask("quadruple"),
        blank("quadruple", QUADRUPLE),
        check(
            "quadruple", 30, 'expect(quadruple(3), 12, "quadruple(3)")',
            'expect(quadruple(-1), -4, "of -1")\nexpect(quadruple(0), 0, "of 0")',
        ),
        ask("Scale"),
        blank("Scale", SCALE),
        check(
            "Scale", 50, 'expect(Scale(five).forward(2), 10, "5 times 2")',
            'expect(Scale(five).forward(0), 0, "5 × 0")\nexpect(Scale(1).forward(2), 2, "1 × 2")',
        ),
        markdown("**Predict, then run**: what does it draw?"),
        code(FIGURE),
        markdown("**Predict, then run**: and now?"),
        code(FIGURE + "\n"),
        markdown("**Break it on purpose**"),
        code(FIGURE + "\n\n"),
        *[
            markdown(f"## {title}\n\nA few sentences.") for title in (
                "Systems: measure it", "Put it together", "In the wild", "Exercises", "Summary",
                "What comes next",
            )
        ],
    ]  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


DOUBLE = '''\
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION'''

QUADRUPLE = '''\
def quadruple(x):
    """Four times x."""
    ### BEGIN SOLUTION
    twice = double(x)
    return double(twice)
    ### END SOLUTION'''

SCALE = '''\
class Scale:
    """Multiplies by a factor."""

    def __init__(self, factor):
        ### BEGIN SOLUTION
        self.factor = factor
        ### END SOLUTION

    def forward(self, x):
        """Scale x."""
        ### BEGIN SOLUTION
        return self.factor * x
        ### END SOLUTION'''
