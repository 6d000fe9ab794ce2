"""What a student gets to see of a graded submission: a run that the hidden tests were no part of.

A submission's code runs beside the hidden tests when it is marked. It can read them there, and
put them, in whatever code, into anything that it leaves behind: messages, prints, the numbers of
cells, files. So nothing of that run but the marks reaches a student. What feedback shows comes
from a second run, in a new workspace and kernel, with the checks as they were released.
"""

import ast
import re
from copy import deepcopy

import nbformat
from nbgrader.preprocessors import ClearOutput

from tito.grading.folder import write_atomically
from tito.grading.worker import (
    ExecuteApart,
    Job,
    RestoreCells,
    enter_workspace,
    name_of,
    reason,
    settings,
)

__all__ = ["hidden_labels", "show"]

LONGEST = 300  # characters of an error's line
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)


def show(job: Job) -> None:
    """Write the notebook that feedback is made from. Runs in a worker's process."""
    config = settings(job.grading.release(job.module), job)
    nb = nbformat.read(job.grading.submission(job.student, job.module), as_version=4)
    for step in (ClearOutput, RestoreCells):
        nb, _ = step(config=config).preprocess(nb, {})
    _write(nb, job, because="it ran too long")  # stays, if this process is stopped
    if job.lost:
        enter_workspace(job)
        because = None
        try:
            nb, _ = ExecuteApart(config=config).preprocess(nb, {"metadata": {}})
        except Exception as error:
            because = reason(error)
        _write(nb, job, because)


def _write(nb, job, because):
    """`because` says why the run ended early; None if it did not."""
    source = nbformat.read(job.grading.source(job.module), as_version=4)
    labels = {name_of(cell): hidden_labels(cell.source) for cell in source.cells}
    nb = deepcopy(nb)
    for cell in nb.cells:
        if cell.cell_type == "code":
            name = name_of(cell)
            errors = [output for output in cell.outputs if output.output_type == "error"]
            cell.outputs = [_one_line(error) for error in errors[-1:]]
            if name in job.lost and not errors:
                note = _no_message(because) if because else _what_is_hidden(name, labels[name])
                cell.outputs = [nbformat.v4.new_output("stream", text=note)]
            cell.execution_count = None
    write_atomically(job.grading.shown(job.student, job.module), nbformat.writes(nb))


def _one_line(error):
    text = " ".join(f"{error.ename}: {error.evalue}".splitlines()[:1])[:LONGEST]
    return nbformat.v4.new_output("error", ename="", evalue="", traceback=[text])


def _no_message(because):
    return f"This check lost its points. There is no message from it, because {because}."


def _what_is_hidden(name, labels):
    """All that the hidden tests of a check try, whichever failed.

    Which one it was, only the marked run could tell, and a submission could lie about it: so it
    would choose among several texts, and tell us something of the hidden tests by its choice.
    """
    tried = labels or ["other shapes, dtypes and edge cases"]
    lines = "".join(f"\n- {label}" for label in tried)
    return f"{name} passes as you see it, but its hidden checks did not all pass. They try:{lines}"


def hidden_labels(source: str) -> list[str]:
    """The texts that name the comparisons in a check's hidden tests: never their values."""
    tree = ast.parse("".join(HIDDEN.findall(source)))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) > 2]
    calls = [call for call in calls if ast.unparse(call.func) in ("expect", "expect_error")]
    labels = [_text(call.args[2]) for call in sorted(calls, key=lambda call: call.lineno)]
    return list(dict.fromkeys(filter(None, labels)))


def _text(node):
    """A string as it is written; what an f-string fills in is left out."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
