"""`python -m tests.answers tensor [BLANK…]`: what each check says to each answer."""

import sys

from tests import notebooks
from tests.answers._judge import judge, load, said
from tito.course import CourseError
from tito.modules import find_module


def main(module, *only):
    try:
        module = find_module(module)
        nb = notebooks.read(notebooks.ROOT / module.path)
        answers = load(module)
    except FileNotFoundError:
        sys.exit(f"{module.path} is not part of this edition yet")
    except CourseError as error:
        sys.exit(str(error))
    if unknown := set(only) - set(notebooks.blanks(nb)):
        known = ", ".join(notebooks.blanks(nb))
        sys.exit(f"no blank is called {', '.join(unknown)}; the blanks are {known}")
    verdict = judge(nb, module, answers, only=only)
    for case in verdict.cases:
        print(case)
        for cell in case.outcome.errors if case.outcome else ():
            print(f"    {said(case, cell)}")
    print(f"{len(verdict.cases)} cases, amiss: {'nothing' if verdict.is_sound else ''}\n{verdict}")
    return not verdict.is_sound


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m tests.answers MODULE [BLANK…]")
    sys.exit(main(*sys.argv[1:]))
