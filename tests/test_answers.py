"""Every notebook's checks fail wrong answers, pass right ones, and need only earlier modules.

`tests/answers/` keeps the answers and says how to write them. Here the checks run in forked
children, without kernels; that nbgrader marks the same way is tested with the grading.
"""

import os

import pytest

from tests import notebooks
from tests.answers._judge import judge, load
from tito.course import CourseError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork: not on Windows")


@pytest.mark.parametrize("module", notebooks.PRESENT, ids=lambda module: module.name)
def test_checks_tell_right_from_wrong(module):
    nb = notebooks.read(notebooks.ROOT / module.path)
    try:
        answers = load(module)
    except CourseError as error:
        pytest.fail(str(error), pytrace=False)
    verdict = judge(nb, module, answers)
    if not verdict.is_sound:
        pytest.fail(str(verdict), pytrace=False)
