"""Reading the course's notebooks: their blanks, checks and regions, and what students see of them.

A *blank* is a solution cell; a *region* is what stands between `### BEGIN SOLUTION` and
`### END SOLUTION` in it. The check of the blank `mul` is the cell `check-mul`.
"""

import ast
import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

from tito.modules import MODULES
from tito.notebook import STUB

ROOT = Path(__file__).resolve().parent.parent
PRESENT = [module for module in MODULES if (ROOT / module.path).exists()]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def read(path):
    """The notebook at `path`, as nbformat reads it: no repair, no conversion."""
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def grade(cell):
    """The cell's nbgrader metadata, empty where it has none."""
    return cell.metadata.get("nbgrader", {})


def is_solution(cell):
    return cell.cell_type == "code" and grade(cell).get("solution", False)


def is_check(cell):
    return cell.cell_type == "code" and grade(cell).get("grade", False)


def blanks(nb):
    """`{name: cell}` of the notebook's blanks, in their order."""
    return {grade(cell).grade_id: cell for cell in nb.cells if is_solution(cell)}


def checks(nb):
    """`{name: cell}` of the notebook's check cells, in their order."""
    return {grade(cell).grade_id: cell for cell in nb.cells if is_check(cell)}


def name(nb, cell):
    """What to call a cell in a report: its grade id, or its place and first line of code."""
    if "grade_id" in grade(cell):
        return grade(cell).grade_id
    place = next(i for i, other in enumerate(nb.cells) if other is cell)
    lines = [line for line in cell.source.split("\n") if line and not line.startswith("#|")]
    return f"cell {place} ({lines[0][:40] if lines else 'empty'!r})"


def directives(cell):
    """`{name: value}` of the cell's `#|` lines: `#| fig-alt: A line` is `fig-alt`, `A line`."""
    found = re.findall(r"^#\| *([\w-]+)[: ]*(.*)$", cell.source, re.MULTILINE)
    return {key: value.strip() for key, value in found}


def plain(source):
    """Python without IPython's magics and shell lines."""
    return TransformerManager().transform_cell(source)


def visible(cell):
    """The lines of a check cell that students see."""
    return _split_hidden(cell)[0]


def hidden(cell):
    """The lines of a check cell that students don't see."""
    return _split_hidden(cell)[1]


def _split_hidden(cell):
    seen, unseen, into = [], [], None
    for line in cell.source.split("\n"):
        if line.strip() in (BEGIN_HIDDEN, END_HIDDEN):
            into = unseen if line.strip() == BEGIN_HIDDEN else None
        else:
            (seen if into is None else into).append(line)
    return seen, unseen


@dataclass(frozen=True)
class Region:
    """A region's markers (line numbers from 1), the function that it stands in, what is wrong."""

    begin: int
    end: int
    function: ast.FunctionDef | None
    fault: str = ""


def regions(source):
    """The regions of a solution cell, in their order."""
    lines = [line.strip() for line in source.split("\n")]
    begins = [number for number, line in enumerate(lines, 1) if line == BEGIN]
    ends = [number for number, line in enumerate(lines, 1) if line == END]
    flat = [number for pair in zip(begins, ends, strict=False) for number in pair]
    if len(begins) != len(ends) or flat != sorted(flat):
        raise ValueError(f"{BEGIN} and {END} do not pair off")
    tree = ast.parse(source)
    return [_region(tree, *pair) for pair in zip(begins, ends, strict=True)]


def _region(tree, begin, end):
    """A comment is no part of the tree: a function may end on a line before its END marker."""
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    within = [node for node in statements if begin < node.lineno < end]
    around = [node for node in statements if node.lineno < begin < node.end_lineno]
    functions = [node for node in around if isinstance(node, FUNCTIONS)]
    cut_at_begin = any(not hasattr(node, "body") for node in around)
    if cut_at_begin or any(node.end_lineno > end for node in within):
        return Region(begin, end, None, "the region cuts a statement in two")
    if not within:
        return Region(begin, end, None, "the region is empty")
    if not functions:
        return Region(begin, end, None, "the region is not in a function's body")
    function = max(functions, key=lambda node: node.lineno)
    if any(node.lineno > function.end_lineno for node in within):
        return Region(begin, end, None, "the region runs on after its function's end")
    return Region(begin, end, function)


def splice(source, answer):
    """`source` with its regions' code replaced.

    `answer` is the one region's body, or `{function: body}` where there are several: those that
    it doesn't name stay as they are.
    """
    lines, found = source.split("\n"), regions(source)
    names = [region.function.name for region in found]
    if isinstance(answer, str):
        if len(names) != 1:
            raise ValueError(f"expected an answer by function, {names}, came one text")
        answer = {names[0]: answer}
    if unknown := sorted(set(answer) - set(names)):
        raise ValueError(f"expected answers for {names}, came {unknown}")
    for region in reversed(found):
        if region.function.name in answer:
            margin = re.match(r"\s*", lines[region.begin - 1])[0]
            body = indent(dedent(answer[region.function.name]).strip("\n"), margin)
            lines[region.begin : region.end - 1] = body.split("\n")
    return "\n".join(lines)


def cleared(nb):
    """What students get: solutions and hidden tests taken out by nbgrader's own preprocessors."""
    nb = deepcopy(nb)
    for preprocessor in (ClearSolutions(code_stub={"python": STUB}), ClearHiddenTests()):
        nb, _ = preprocessor.preprocess(nb, {})
    return nb
