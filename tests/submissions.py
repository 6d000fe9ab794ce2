"""What students might hand in, made from any notebook of the course.

Each is about one blank, the notebook's last unless named; wrong answers to it lose its check's
points and no other's.
"""

import json
from copy import deepcopy
from dataclasses import dataclass
from itertools import cycle
from textwrap import indent

import nbformat

from tests.notebooks import blanks, checks, grade, read, regions, splice
from tito.release import released

LOOP = "while True:\n    pass"
STUBBORN = """import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    time.sleep(1)"""
EXIT = "import os\nos._exit(0)"
WRONG = "return None"

# Called by a check: read all of its cell, keep it in a file for the run after this, put it into
# the numbers of cells and the points …
STEAL = """from pathlib import Path
import base64
kernel = get_ipython()
cell = kernel.user_ns["In"][-1]
with Path("kept.txt").open("a", encoding="utf-8") as file:
    file.write(cell)
kernel.execution_count = int.from_bytes(cell.encode())
kernel.displayhook(sum(map(ord, cell)) % 997 / 100)
"""
MESSAGES = (  # … into a message …
    "base64.b64encode(cell.encode()).decode()",
    "cell[::-1].replace('\\n', ';')",
    "base64.b64encode(Path('kept.txt').read_bytes()).decode()",
)
SPELLED = 90  # … and its last characters into as many messages


@dataclass(frozen=True)
class Submission:
    content: bytes
    keeps: bool = False  # the blank's points
    because: str = ""  # a part of the reason, where it can't be graded


def make_submissions(source, blank=None, secrets=()):
    """`{student: Submission}` from the course's own notebook at `source`.

    `secrets` are Python expressions that must fail in a submission; `thief` tries them all, and
    knows the right answer as soon as one doesn't.
    """
    nb = read(source)
    blank = blank or list(blanks(nb))[-1]
    check = f"check-{blank}"
    wrong = _answer(nb, blank, WRONG)
    reference = source.read_bytes()
    return {
        "reference": Submission(reference, keeps=True),
        "untouched": Submission(_bytes(released(deepcopy(nb)))),
        "wrong": Submission(_bytes(wrong)),
        "loop": Submission(_bytes(_answer(nb, blank, LOOP))),
        "stubborn": Submission(_bytes(_answer(nb, blank, STUBBORN)), because="interrupts"),
        "exit": Submission(_bytes(_answer(nb, blank, EXIT)), because="kernel ended"),
        "deleted": Submission(_bytes(_without(wrong, check))),
        "edited": Submission(_bytes(_disarmed(wrong, check))),
        "truncated": Submission(reference[: len(reference) // 2], because="not a whole notebook"),
        "doubled": Submission(_bytes(_doubled(nb, blank)), because=repr(blank)),
        "lost": Submission(_bytes(_without(nb, blank)), because=repr(blank)),
        "list": Submission(b"[1, 2]", because="not a whole notebook"),
        "thief": Submission(_bytes(_thief(nb, blank, secrets))),
        "warned": Submission(_bytes(_warned(nb, blank)), keeps=True),
    }


def _bytes(nb):
    return nbformat.writes(nb).encode()


def _answer(nb, blank, body):
    """The notebook with `body` in each of the blank's regions."""
    nb = deepcopy(nb)
    cell = blanks(nb)[blank]
    names = [region.function.name for region in regions(cell.source)]
    cell.source = splice(cell.source, dict.fromkeys(names, body) if len(names) > 1 else body)
    return nb


def _without(nb, name):
    nb = deepcopy(nb)
    nb.cells = [cell for cell in nb.cells if grade(cell).get("grade_id") != name]
    return nb


def _disarmed(nb, name):
    """The check made trivially true, worth more, skipped, and moved to the end."""
    nb = deepcopy(nb)
    cell = checks(nb)[name]
    cell.source = "assert True"
    cell.metadata.nbgrader.points = 1000
    cell.metadata.tags = ["skip-execution"]
    nb.cells.remove(cell)
    nb.cells.append(cell)
    return nb


def _doubled(nb, name):
    nb = deepcopy(nb)
    copy = deepcopy(blanks(nb)[name])
    copy.id = "a-copy"
    nb.cells.append(copy)
    return nb


def make_smuggler(source):
    """Every blank carries its check, hidden tests and all, out of the kernel in all these ways."""
    nb = read(source)
    for name, message in zip(blanks(nb), cycle(MESSAGES), strict=False):
        nb = _answer(nb, name, f"{STEAL}raise ValueError({message})")
    for place in range(-SPELLED, 0):
        spell = f"raise ValueError(repr(open('kept.txt').read()[{place}]))"
        nb.cells.append(nbformat.v4.new_code_cell(spell))
    return _bytes(nb)


def _thief(nb, blank, secrets):
    tries = "".join(
        f"try:\n    {secret}\n    found = True\nexcept BaseException:\n    pass\n"
        for secret in secrets
    )
    nb = _answer(nb, blank, f"if not found:\n    {WRONG}\n" + _body(nb, blank))
    nb.cells.insert(1, nbformat.v4.new_code_cell("found = False\n" + tries))
    return nb


def _warned(nb, blank):
    """A right answer that warns."""
    warn = "import warnings\nwarnings.warn('slow, but right')\n"
    return _answer(nb, blank, warn + _body(nb, blank))


def _body(nb, blank):
    """The blank's reference, as a block of its own."""
    source = blanks(nb)[blank].source
    region = regions(source)[0]
    lines = source.split("\n")[region.begin : region.end - 1]
    return "if True:\n" + indent("\n".join(lines), "    ")


def file_secrets(*paths):
    """Expressions that read the files."""
    return [f"open({json.dumps(str(path))}).read()" for path in paths]
