"""Every notebook has the anatomy that the course's design asks for, and runs from a fresh kernel.

A rule is a generator `rule(nb, module)` that yields one line for each fault; a notebook's faults
are reported together.
"""

import ast
import os
import re
import sys
import time
from configparser import ConfigParser
from copy import deepcopy
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from packaging.requirements import Requirement

from tests import notebooks
from tests.notebooks import directives, grade, hidden, is_check, is_solution, name, visible
from tito.modules import MODULES

CODE_LINES, FACADE_LINES, MEDIAN_LINES = 25, 60, 8
CELL_WORDS, HINT_WORDS, NOTEBOOK_WORDS = 150, 60, (1500, 3000)
REGION_LINES, VISIBLE_LINES, FEWEST_HIDDEN, MOST_REGIONS = 15, 12, 2, 3
PROMPTS, FEWEST_FIGURES, ALT_CHARACTERS = (2, 3), 3, 20
RUN_SECONDS = 60
SECTIONS = (
    "what you will build", "systems", "put it together", "in the wild",
    "exercises", "summary", "what comes next",
)  # fmt: skip
CELL_METADATA = {"nbgrader", "deletable", "editable", "tags"}
NOT_EMOJI = "★☆✓✗"


def code_cells(nb):
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def markdown_cells(nb):
    return [cell for cell in nb.cells if cell.cell_type == "markdown"]


def exported(nb):
    return [cell for cell in code_cells(nb) if {"export", "exporti"} & directives(cell).keys()]


def tree(cell):
    """The cell's syntax tree; an empty one where it isn't Python (`broken_code` reports that)."""
    try:
        return ast.parse(notebooks.plain(cell.source))
    except SyntaxError:
        return ast.parse("")


def written(lines):
    """The lines that count: no blank ones, directives or graders' markers."""
    return [line for line in lines if line.strip() and not line.strip().startswith(("#|", "###"))]


def markdown_before(nb, cell):
    """The prose between a cell and the code cell before it."""
    found = []
    for other in nb.cells:
        if other is cell:
            break
        found = [*found, other.source] if other.cell_type == "markdown" else []
    return "\n\n".join(found)


def prose(source):
    """What is read as words: no code, diagrams, formulas, tags, nor hints (folded away)."""
    left_out = r"```.*?```|<details>.*?</details>|\$\$.*?\$\$|<[^>]+>|\]\([^)]*\)"
    return re.sub(left_out, " ", source, flags=re.DOTALL)


def words(text):
    return len(re.findall(r"\w[\w'’.-]*", text))


# The notebook as a file


def broken_code(nb, module):
    try:
        nbformat.validate(nb)
    except nbformat.ValidationError as error:
        yield f"not a valid notebook: {error.message[:100]}"
    for cell in code_cells(nb):
        try:
            ast.parse(notebooks.plain(cell.source))
        except SyntaxError as error:
            yield f"{name(nb, cell)}: not Python: {error}"


def outputs(nb, module):
    for cell in code_cells(nb):
        if cell.outputs or cell.execution_count is not None:
            yield f"{name(nb, cell)}: has outputs or an execution count; commit it clean"


def metadata(nb, module):
    kernel = nb.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        yield f"expected the kernel python3, came {kernel}"
    for cell in nb.cells:
        if strange := set(cell.metadata) - CELL_METADATA:
            yield f"{name(nb, cell)}: metadata that cleaning strips: {', '.join(sorted(strange))}"
        if grade(cell) and grade(cell) != expected_grade(cell):
            yield f"{name(nb, cell)}: expected metadata {expected_grade(cell)}, came {grade(cell)}"


def expected_grade(cell):
    """A blank's metadata if the cell claims to be one, a check's if not."""
    given = dict(grade_id=grade(cell).get("grade_id"), schema_version=3, task=False)
    if is_solution(cell):
        return dict(given, solution=True, grade=False, locked=False)
    return dict(given, solution=False, grade=True, locked=True, points=grade(cell).get("points"))


def unique_ids(nb, module):
    for kind, ids in (
        ("grade_id", [grade(cell).grade_id for cell in nb.cells if "grade_id" in grade(cell)]),
        ("cell id", [cell.get("id") for cell in nb.cells]),
    ):
        for doubled in sorted({str(i) for i in ids if i is None or ids.count(i) > 1}):
            yield f"{kind} {doubled} is not unique"


def points(nb, module):
    given = {id: grade(cell).get("points") for id, cell in notebooks.checks(nb).items()}
    for check, worth in given.items():
        if not (isinstance(worth, int) and worth > 0):
            yield f"{check}: expected points, a positive whole number, came {worth}"
    total = sum(worth for worth in given.values() if isinstance(worth, int))
    if total != module.points:
        yield f"expected {module.points} points in all, came {total}"


# Its sections and words


def sections(nb, module):
    """In this order; further headings between them are the ideas' own."""
    text = "\n".join(re.sub("```.*?```", "", c.source, flags=re.DOTALL) for c in markdown_cells(nb))
    headings = [h.lower() for h in re.findall(r"^#{1,6} +(.+)$", text, re.MULTILINE)]
    first = nb.cells[0]
    if first.cell_type != "markdown" or not re.match(r"# +\w+.*\n+\w?", first.source):
        yield "expected a title and a promise in the first cell"
    places = {s: next((i for i, h in enumerate(headings) if s in h), None) for s in SECTIONS}
    yield from (f"no section called {s!r}" for s, place in places.items() if place is None)
    for before, after in pairwise([s for s in SECTIONS if places[s] is not None]):
        if places[before] > places[after]:
            yield f"the section {before!r} must come before {after!r}"


def imports_come_first(nb, module):
    cells = code_cells(nb)
    first_blank = next((i for i, cell in enumerate(cells) if is_solution(cell)), len(cells))
    if not any(is_import(node) for cell in cells[:first_blank] for node in tree(cell).body):
        yield "expected a cell of imports before the first blank"


def sizes(nb, module):
    counts = []
    for cell in code_cells(nb):
        lines = visible(cell) if is_check(cell) else cell.source.split("\n")
        counts.append(len(written(lines)))
        most = FACADE_LINES if is_facade(cell) else CODE_LINES
        if counts[-1] > most:
            yield f"{name(nb, cell)}: {counts[-1]} lines of code, at most {most}"
    if counts and median(counts) > MEDIAN_LINES:
        yield f"the median code cell has {median(counts)} lines, at most {MEDIAN_LINES}"


def is_facade(cell):
    """One class, whole in its cell, nearly all of whose methods are short."""
    body = tree(cell).body
    if len(body) != 1 or not isinstance(body[0], ast.ClassDef):
        return False
    methods = [node for node in body[0].body if isinstance(node, notebooks.FUNCTIONS)]
    return len(methods) >= 5 and median(len(code_of(method)) for method in methods) <= 3


def code_of(function):
    """A function's statements without its docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def word_counts(nb, module):
    total = 0
    for cell in markdown_cells(nb):
        total += (count := words(prose(cell.source)))
        if count > CELL_WORDS:
            yield f"{name(nb, cell)}: {count} words, at most {CELL_WORDS}"
    least, most = NOTEBOOK_WORDS
    if not least <= total <= most:
        yield f"{total} words in all, expected {least} to {most}"


def predictions(nb, module):
    count = sum("predict, then run" in cell.source.lower() for cell in markdown_cells(nb))
    if not PROMPTS[0] <= count <= PROMPTS[1]:
        yield f"{count} cells say 'predict, then run', expected {PROMPTS[0]} to {PROMPTS[1]}"
    if not any("break it on purpose" in cell.source.lower() for cell in markdown_cells(nb)):
        yield "nothing is broken on purpose: no cell says 'break it on purpose'"


def pictures(nb, module):
    figures = [cell for cell in code_cells(nb) if "fig-alt" in directives(cell)]
    if len(figures) < FEWEST_FIGURES:
        yield f"{len(figures)} figures (cells with `#| fig-alt:`), at least {FEWEST_FIGURES}"
    for cell in figures:
        if len(text := directives(cell)["fig-alt"]) < ALT_CHARACTERS:
            yield f"{name(nb, cell)}: alternative text says too little: {text!r}"
    if not any("tinytorch.mplstyle" in cell.source for cell in code_cells(nb)):
        yield "tinytorch.mplstyle, the figures' style sheet, is not used"
    if not any("```mermaid" in cell.source for cell in markdown_cells(nb)):
        yield "no Mermaid diagram"


def emoji(nb, module):
    picture = r"[\u2600-\u27bf\u2b50\u2b55\ufe0f\U0001f000-\U0001faff]"
    for cell in nb.cells:
        if found := sorted(set(re.findall(picture, cell.source)) - set(NOT_EMOJI)):
            yield f"{name(nb, cell)}: emoji {' '.join(found)}"


# Blanks and their checks


def blanks(nb, module):
    cells = code_cells(nb)
    for place, cell in enumerate(cells):
        title = name(nb, cell)
        if is_solution(cell):
            yield from (f"{title}: {fault}" for fault in region_faults(cell))
            after = cells[place + 1] if place + 1 < len(cells) else None
            if after is None or grade(after).get("grade_id") != f"check-{title}":
                yield f"{title}: the next code cell must be its check, check-{title}"
        elif notebooks.BEGIN in cell.source or notebooks.END in cell.source:
            yield f"{title}: holds a solution's marker and is no solution cell"
    if not notebooks.blanks(nb):
        yield "no blanks"


def region_faults(cell):
    try:
        found = notebooks.regions(cell.source)
    except (ValueError, SyntaxError) as error:
        yield str(error)
        return
    top = [node for node in tree(cell).body if not is_import(node)]
    in_class = len(top) == 1 and isinstance(top[0], ast.ClassDef)
    most = MOST_REGIONS if in_class else 1
    if not 1 <= len(found) <= most:
        yield f"{len(found)} regions, expected 1" + (f" to {most}" if in_class else "")
    for region in found:
        yield from [region.fault] if region.fault else []
        lines = written(cell.source.split("\n")[region.begin : region.end - 1])
        if len(lines) > REGION_LINES:
            yield f"a region of {len(lines)} lines, at most {REGION_LINES}"
    functions = [region.function for region in found if region.function]
    if len(set(functions)) < len(functions):
        yield "two regions in one function"


def stubs(nb, module):
    """What is left of a blank says what to write: docstring, shapes, a worked example."""
    for title, cell in notebooks.blanks(nb).items():
        before = markdown_before(nb, cell)
        strings = list(docstrings(cell))
        if not strings:
            yield f"{title}: a function with a blank, or its class, needs a docstring"
        for text in strings:
            if not re.match(r"[^\n]+(\n\n|$)", text):
                yield f"{title}: a docstring's first line must stand alone: {text[:60]!r}"
        told = "\n".join([before, *strings])
        if not re.search("→|->", told):
            yield f"{title}: no worked example, input → output, in its docstring or before it"
        if not re.search(r"(?i)\bshape|\bscalar|\bnumber|\(\s*[\w*…]+\s*,[^()]*\)|\[", told):
            yield f"{title}: its docstring and the prose before neither say nor show shapes"
        yield from (f"{title}: {fault}" for fault in hint_faults(before))


def docstrings(cell):
    """Those of the functions with a region in them, and of their class."""
    try:
        functions = {region.function for region in notebooks.regions(cell.source)} - {None}
    except (ValueError, SyntaxError):
        return
    positions = {(function.name, function.lineno) for function in functions}
    for node in ast.walk(tree(cell)):
        is_stub = isinstance(node, notebooks.FUNCTIONS) and (node.name, node.lineno) in positions
        if (is_stub or isinstance(node, ast.ClassDef)) and (text := ast.get_docstring(node)):
            yield text


def hint_faults(before):
    folded = re.findall(r"<details>(.*?)</details>", before, re.DOTALL)
    summaries = re.findall(r"<summary>\s*(Hint \d)\b.*?</summary>", before, re.DOTALL)
    if summaries != ["Hint 1", "Hint 2", "Hint 3"] or len(folded) != 3:
        yield f"expected Hint 1, 2, 3 folded in the prose before, came {summaries or 'none'}"
    for hint in folded:
        text = re.sub("<summary>.*?</summary>", "", hint, flags=re.DOTALL)
        if not text.strip():
            yield "an empty hint"
        if words(text) > HINT_WORDS:
            yield f"a hint of {words(text)} words, at most {HINT_WORDS}"


def checks(nb, module):
    for title, cell in notebooks.checks(nb).items():
        if title.removeprefix("check-") not in notebooks.blanks(nb):
            yield f"{title}: there is no blank that it checks"
        seen, unseen = written(visible(cell)), written(hidden(cell))
        if not 1 <= len(seen) <= VISIBLE_LINES:
            yield f"{title}: {len(seen)} visible lines, expected 1 to {VISIBLE_LINES}"
        if len(unseen) < FEWEST_HIDDEN:
            yield f"{title}: {len(unseen)} hidden lines, at least {FEWEST_HIDDEN}"
        for kind, lines in (("visible", seen), ("hidden", unseen)):
            if not any(re.search(r"\bexpect(_error)?\(", line) for line in lines):
                yield f"{title}: its {kind} part expects nothing"
        if any(isinstance(node, ast.Assert) for node in ast.walk(tree(cell))):
            yield f"{title}: a bare assert doesn't say what came; use expect"
        markers = [cell.source.count(m) for m in (notebooks.BEGIN_HIDDEN, notebooks.END_HIDDEN)]
        if markers != [1, 1]:
            yield f"{title}: expected one region of hidden tests"
    for cell in nb.cells:
        if not is_check(cell) and notebooks.BEGIN_HIDDEN in cell.source:
            yield f"{name(nb, cell)}: holds hidden tests and is no check cell"


# What is exported


def default_exp(nb, module):
    found = [cell for cell in code_cells(nb) if "default_exp" in directives(cell)]
    sources = [cell.source.strip() for cell in found]
    if sources != [f"#| default_exp {module.name}"]:
        yield f"expected one cell, alone: `#| default_exp {module.name}`, came {sources}"


def export_comes_first(nb, module):
    for cell in exported(nb):
        if not re.match(r"#\| *exporti?\n", cell.source):
            yield f"{name(nb, cell)}: `#| export` must be its first line"


def exported_code(nb, module):
    for cell in exported(nb):
        for node in ast.walk(tree(cell)):
            if fault := forbidden(node):
                yield f"{name(nb, cell)}: {fault} in exported code"


def forbidden(node):
    if isinstance(node, ast.Assert):
        return "a bare assert"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id if node.func.id in ("print", "hasattr") else ""
    if isinstance(node, ast.Try):
        tried = [inner for statement in node.body for inner in ast.walk(statement)]
        return "try: import" if any(map(is_import, tried)) else ""
    return ""


def is_import(node):
    return isinstance(node, (ast.Import, ast.ImportFrom))


def imports(nb, module):
    """No cell imports this module (the answer), a later one or one that the table doesn't name."""
    allowed = {MODULES[number - 1].name for number in module.requires}
    known = {other.name for other in MODULES}
    in_package = {cell.id for cell in exported(nb)}
    for cell in code_cells(nb):
        for imported, names in imported_by(cell):
            if "*" in names:
                yield f"{name(nb, cell)}: imports * from {imported}"
            package, _, rest = imported.partition(".")
            if cell.id in in_package and not is_allowed_in_package(package):
                yield f"{name(nb, cell)}: exported code imports {imported}"
            if package == "tinytorch":
                used = {rest.split(".")[0]} | (names if not rest else set())
                for other in sorted((used & known) - allowed):
                    yield f"{name(nb, cell)}: imports the module {other}, not in its `requires`"


def imported_by(cell):
    """`(module, names)` of each import in the cell."""
    for node in ast.walk(tree(cell)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, set()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ".", {alias.name for alias in node.names}


def is_allowed_in_package(package):
    return package in {"tinytorch", *requirements()} or package in sys.stdlib_module_names


@cache
def requirements():
    """The names of the packages that tinytorch is installed with."""
    config = ConfigParser()
    config.read(notebooks.ROOT / "settings.ini", encoding="utf-8")
    return {Requirement(line).name for line in config["DEFAULT"]["requirements"].split()}


def exported_docstrings(nb, module):
    """Public classes and functions; methods too, unless they are one line or forward/backward."""
    for cell in exported(nb):
        for node in tree(cell).body:
            if not isinstance(node, (ast.ClassDef, *notebooks.FUNCTIONS)):
                continue
            public = [node, *(m for m in getattr(node, "body", []) if needs_docstring(m))]
            if isinstance(node, notebooks.FUNCTIONS):
                public = [] if node.name == "backward" else [node]  # patched: a method in truth
            for part in public:
                if not part.name.startswith("_") and not ast.get_docstring(part):
                    yield f"{name(nb, cell)}: {part.name} has no docstring"


def needs_docstring(node):
    is_method = isinstance(node, notebooks.FUNCTIONS)
    return is_method and node.name not in ("forward", "backward") and len(node.body) > 1


RULES = (
    broken_code, outputs, metadata, unique_ids, points,
    sections, imports_come_first, sizes, word_counts, predictions, pictures, emoji,
    blanks, stubs, checks,
    default_exp, export_comes_first, exported_code, imports, exported_docstrings,
)  # fmt: skip


def anatomy_faults(nb, module):
    return [fault for rule in RULES for fault in rule(nb, module)]


# The notebook as it runs


def running_faults(nb, folder, package=notebooks.ROOT):
    """Runs the notebook in `folder` from a fresh kernel; its figures must come out."""
    nb = deepcopy(nb)
    paths = [str(package), str(notebooks.ROOT), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    env.pop("MPLBACKEND", None)  # the kernel's own, which shows figures in the notebook
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(nb, timeout=RUN_SECONDS, kernel_name="python3", resources=resources)
    began = time.perf_counter()
    try:
        client.execute(env=env)
    except CellExecutionError as error:
        return [f"{name(nb, failed_cell(nb))}: {error.ename}: {error.evalue}"]
    except (CellTimeoutError, DeadKernelError) as error:
        return [f"stopped: {str(error).splitlines()[0]}"]
    faults = []
    if (seconds := time.perf_counter() - began) > RUN_SECONDS:
        faults.append(f"takes {seconds:.0f} s from a fresh kernel, at most {RUN_SECONDS} s")
    for cell in code_cells(nb):
        drawn = any("image/png" in output.get("data", {}) for output in cell.outputs)
        if drawn != ("fig-alt" in directives(cell)):
            wrong = "shows a figure and has no" if drawn else "shows no figure and has"
            faults.append(f"{name(nb, cell)}: {wrong} `#| fig-alt:`")
    return faults


def failed_cell(nb):
    return next(
        cell for cell in code_cells(nb)
        if any(output.output_type == "error" for output in cell.outputs)
    )  # fmt: skip


def fail_if(faults):
    """All of them in one list, without pytest's own account of this file."""
    if faults:
        pytest.fail("\n  ".join([f"{len(faults)} faults:", *faults]), pytrace=False)


present = pytest.mark.parametrize("module", notebooks.PRESENT, ids=lambda module: module.name)


@present
def test_anatomy(module):
    fail_if(anatomy_faults(notebooks.read(notebooks.ROOT / module.path), module))


@present
def test_runs_from_a_fresh_kernel(module):
    nb = notebooks.read(notebooks.ROOT / module.path)
    fail_if(running_faults(nb, notebooks.ROOT / "nbs"))


def test_every_notebook_is_in_the_table():
    there = {path.name for path in (notebooks.ROOT / "nbs").glob("*.ipynb")}
    unknown = there - {Path(module.path).name for module in MODULES} - {"index.ipynb"}
    assert not unknown, f"not in tito/modules.py: {', '.join(sorted(unknown))}"
