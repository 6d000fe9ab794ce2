"""`python -m tests.answers tensor [BLANK…]`: what each check says to each answer."""

import sys

from tests import notebooks
from tests.answers._judge import judge, load, said, show
from tito.course import CourseError
from tito.modules import find_module


def main(module, *only):
    try:
        module = find_module(module)
        nb = notebooks.read(notebooks.ROOT / module.path)
        answers = load(module)
    except (CourseError, FileNotFoundError, ModuleNotFoundError) as error:
        sys.exit(str(error))
    if unknown := set(only) - set(notebooks.blanks(nb)):
        sys.exit(f"no blank is called {', '.join(unknown)}: {', '.join(notebooks.blanks(nb))}")
    verdict = judge(nb, module, answers, only=only)
    for case in verdict.cases:
        print(f"{case.blank}: {case.kind} {show(case.answer)}  ({case.outcome.seconds:.2f} s)")
        for cell in case.outcome.errors:
            print(f"    {said(case, cell)}")
    print(f"\n{len(verdict.cases)} cases, {len(verdict.faults)} amiss")
    for fault in verdict.faults:
        print(f"  {fault}")
    return bool(verdict.faults)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m tests.answers MODULE [BLANK…]")
    sys.exit(main(*sys.argv[1:]))
