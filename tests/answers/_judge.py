"""Do a notebook's checks tell right answers from wrong ones, and blame the right blank?"""

import ast
import importlib.util
import json
import os
import subprocess
import symtable
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent, indent

from tests import notebooks
from tests.answers import Answer
from tito.course import CourseError
from tito.modules import MODULES

RUNNER = Path(__file__).with_name("_runner.py")
LIMIT = 20  # seconds for one variant of a notebook
FEWEST_WRONG, FEWEST_RIGHT = 3, 1


@dataclass
class Outcome:
    """How a notebook's checks took one set of answers."""

    ended: bool
    seconds: float
    errors: dict[str, tuple[str, str, bool]]  # by cell: the error's type, its text, answer's fault


@dataclass
class Case:
    """An answer to one blank: "unwritten", "wrong" or "right"."""

    blank: str
    kind: str
    answer: Answer
    outcome: Outcome | None = None  # none of an answer that doesn't fit its blank
    faults: list[str] = field(default_factory=list)

    def __str__(self):
        parts = self.answer if isinstance(self.answer, dict) else {"": self.answer}
        title = f"{self.blank}, {self.kind}:"
        return "\n".join([title, *(_show(name, body) for name, body in parts.items())])


def _show(name, body):
    """A body, indented; its method's name before it where there is one."""
    body = indent(dedent(body).strip("\n"), "    | ")
    return f"    {name}:\n{body}" if name else body


@dataclass
class Verdict:
    """Every case that was run, and what is amiss: with it, or with the notebook."""

    cases: list[Case] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __str__(self):
        lines = list(self.faults)
        for case in self.cases:
            if case.faults:
                lines += [str(case), *(f"    - {fault}" for fault in case.faults)]
        return "\n".join(lines)

    @property
    def is_sound(self):
        return not self.faults and not any(case.faults for case in self.cases)


def load(module):
    """The answers kept for a module."""
    kept = f"tests.answers.{module.name}"
    if not importlib.util.find_spec(kept):
        raise CourseError(
            f"expected answers to {module.notebook}'s blanks in tests/answers/{module.name}.py, "
            "came no such file; tests/answers/__init__.py says how to write it"
        )
    return importlib.import_module(kept).ANSWERS


def judge(nb, module, answers, root=notebooks.ROOT, only=()):
    """Run each answer in place of the reference's; compare what fails with what should."""
    blanks = notebooks.blanks(nb)
    verdict = Verdict()
    verdict.faults += [] if only else _complete(blanks, answers)
    verdict.cases = [
        case for name in blanks if not only or name in only
        for case in _cases(name, blanks[name].source, answers)
    ]  # fmt: skip
    cases = [case for case in verdict.cases if not case.faults]
    variants = {
        str(i): {case.blank: notebooks.splice(blanks[case.blank].source, case.answer)}
        for i, case in enumerate(cases)
    }
    variants["untouched"] = {
        name: cell.source for name, cell in notebooks.blanks(notebooks.cleared(nb)).items()
    }
    outcomes = run(nb, module, variants, root)
    for i, case in enumerate(cases):
        case.outcome = outcomes[str(i)]

    checks = notebooks.checks(nb)
    verdict.faults += _whole(checks, outcomes[""], outcomes["untouched"])
    if outcomes[""].errors:
        return verdict  # what follows would only repeat it
    points = {name: notebooks.grade(cell).points for name, cell in checks.items()}
    for name in dict.fromkeys(case.blank for case in cases):
        of_blank = [case for case in cases if case.blank == name]
        verdict.faults += _of_blank(name, of_blank, points)
    return verdict


def run(nb, module, variants, root):
    """Outcomes by label, with only the modules before this one to import."""
    with TemporaryDirectory() as folder:
        _workspace(Path(folder), module, root)
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")  # before a fork
        finished = subprocess.run(
            [sys.executable, "-P", str(RUNNER)],
            input=json.dumps(dict(cells=_needed(nb), variants=variants, limit=LIMIT)),
            capture_output=True,
            text=True,
            cwd=Path(folder) / "nbs",
            env={**os.environ, **threads, "PYTHONPATH": folder, "MPLBACKEND": "Agg"},
        )
    if finished.returncode:
        raise RuntimeError(f"the runner stopped:\n{finished.stderr[-2000:]}")
    return {label: Outcome(**said) for label, said in json.loads(finished.stdout).items()}


def _workspace(folder, module, root):
    """The package as someone has it who has exported every earlier module, and no other."""
    (folder / "tinytorch").mkdir()
    (folder / "nbs").mkdir()
    (folder / "tito").symlink_to(notebooks.ROOT / "tito")
    unknown = {Path(m.exported).name for m in MODULES if m.number >= module.number}
    for file in (root / "tinytorch").iterdir():
        if file.name not in unknown | {"__pycache__"}:
            (folder / "tinytorch" / file.name).symlink_to(file)
    for file in (root / "nbs").iterdir():
        if file.suffix != ".ipynb":
            (folder / "nbs" / file.name).symlink_to(file)


def _needed(nb):
    """Exported cells, blanks, checks, and the plain cells that bind a name which those use.

    Demonstrations, figures and measurements stay out: they take time and no check sees them.
    """
    kept, wanted = [], set()
    for cell in reversed([cell for cell in nb.cells if cell.cell_type == "code"]):
        source = notebooks.plain(cell.source)
        bound, used = _names(source)
        graded = notebooks.is_solution(cell) or notebooks.is_check(cell)
        if graded or "export" in notebooks.directives(cell) or bound & wanted:
            wanted |= used
            kept.append([notebooks.name(nb, cell), source, notebooks.is_check(cell)])
    return kept[::-1]


def _names(source):
    """The names that a cell binds, and the globals that it uses before it has bound them."""
    bound, used = set(), set()
    for statement in ast.parse(source).body:
        table = symtable.symtable(ast.unparse(statement), "cell", "exec")
        used |= _globals_read(table) - bound
        bound |= {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    return bound, used


def _globals_read(table):
    read = {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}
    return read.union(*map(_globals_read, table.get_children()))


def _complete(blanks, answers):
    faults = []
    for name in blanks.keys() | answers.keys():
        if name not in blanks:
            faults.append(f"{name}: answers are kept, but the notebook has no such blank")
        elif name not in answers:
            faults.append(f"{name}: no answers are kept for this blank")
        else:
            for kind, fewest in (("wrong", FEWEST_WRONG), ("right", FEWEST_RIGHT)):
                if (came := len(getattr(answers[name], kind))) < fewest:
                    faults.append(f"{name}: expected {fewest} {kind} answers or more, came {came}")
    return sorted(faults)


def _cases(name, source, answers):
    """The blank unwritten (whole, and region by region), and the answers kept for it."""
    methods = [region.function.name for region in notebooks.regions(source)]
    cases = [Case(name, "unwritten", dict.fromkeys(methods, notebooks.STUB))]
    if len(methods) > 1:
        cases += [Case(name, "unwritten", {method: notebooks.STUB}) for method in methods]
    seen = {ast.dump(ast.parse(source)): "the reference"}
    for kind in ("wrong", "right"):
        for answer in getattr(answers.get(name), kind, []):
            case = Case(name, kind, answer)
            cases.append(case)
            try:
                code = ast.dump(ast.parse(notebooks.splice(source, answer)))
            except (SyntaxError, ValueError) as error:
                case.faults.append(f"doesn't fit its blank: {error}")
                continue
            if code in seen:
                case.faults.append(f"is the same as {seen[code]}")
            seen[code] = "another answer"
    return cases


def _whole(checks, reference, untouched):
    """The reference passes every check (and raises nowhere), the untouched notebook none."""
    faults = [
        f"the reference fails in {name}: {kind}: {text}"
        for name, (kind, text, _) in reference.errors.items()
    ]
    if not untouched.ended:
        faults.append(f"the untouched notebook: stopped, or took more than {LIMIT} s")
    faults += [
        f"{name}: passes in the untouched notebook" for name in checks
        if untouched.ended and name not in untouched.errors
    ]  # fmt: skip
    return faults


def _of_blank(name, cases, points):
    unwritten = _failing(cases[0], points)  # the checks that need this blank
    for case in cases:
        if not case.outcome.ended:
            case.faults = [f"stopped the run, or took more than {LIMIT} s"]
        elif case.kind == "right":
            case.faults = [said(case, cell) for cell in case.outcome.errors]
        else:
            case.faults = _of_wrong(case, points, unwritten)
    lost, total = sum(points[check] for check in unwritten), sum(points.values())
    if lost * 2 > total:
        return [f"{name}: unwritten, it alone costs {lost} of {total} points"]
    return []


def _failing(case, points):
    return {cell for cell in case.outcome.errors if cell in points}


def _of_wrong(case, points, unwritten):
    faults, failing = [], _failing(case, points)
    if f"check-{case.blank}" not in failing:
        faults.append(f"passes check-{case.blank}, fails {', '.join(sorted(failing)) or 'nothing'}")
    for cell in sorted(failing - unwritten):
        faults.append(f"fails a check that doesn't need {case.blank}: {said(case, cell)}")
    return faults + [fault for cell in sorted(failing) if (fault := _unclear(case, cell))]


def _unclear(case, cell):
    """Why a check's message doesn't help: it must say what was expected and what came."""
    kind, text, by_answer = case.outcome.errors[cell]
    if kind == "AssertionError":
        clear = "expected" in text and "came" in text
        return "" if clear else f"{cell} doesn't say what was expected and what came: {text!r}"
    return "" if by_answer else f"{cell} itself stops, with {kind}: {text}"


def said(case, cell):
    kind, text, _ = case.outcome.errors[cell]
    return f"{cell} says {kind}: {text}"
