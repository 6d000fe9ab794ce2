"""Feedback for students: nbgrader's HTML page, made from what they may see."""

import re
from html import escape

from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import GetGrades

from tito.course import CourseError
from tito.grading.folder import NOT_YET, QUIET, GradingFolder, write_atomically
from tito.modules import Module

__all__ = ["give_feedback"]

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{name}</title>
<h1>{name}: no mark yet</h1>
<p>This submission could not be graded, because {because}.</p>
<p>This is not a zero. Mend the notebook, see that Restart Kernel and Run All Cells works, and
hand it in again; or ask your instructor.</p>
</html>
"""


def give_feedback(grading: GradingFolder, student: str, module: Module) -> bool:
    """Write the submission's page; False where it has neither a mark nor a reason."""
    because = grading.ungraded().get((student, module.notebook))
    if because == NOT_YET:
        grading.feedback(student, module).unlink(missing_ok=True)
        return False
    if because:
        page = PAGE.format(name=escape(module.notebook), because=escape(because))
        write_atomically(grading.feedback(student, module), page)
        return True
    if not grading.shown(student, module).exists():
        return False
    directory = grading.course_directory(module, student)
    try:
        Feedback(coursedir=directory, force=True, log=QUIET).start()
    except NbGraderException:
        raise CourseError(
            f"{grading.shown(student, module)} cannot be made into feedback: "
            f"run `tito grade {module.number:02d}` again"
        ) from None
    return True


class Feedback(GenerateFeedback):
    """Of the run that the hidden tests were no part of: see show.py."""

    exporter_class = HTMLExporter
    preprocessors = [GetGrades, CSSHTMLHeaderPreprocessor]
    _input_directory = "shown"

    def write_single_notebook(self, output, resources):
        """nbgrader's table of contents calls every check "Test cell"."""
        named = re.sub(r'<a href="#([^"]+)">Test cell<', r'<a href="#\1">\1<', output)
        super().write_single_notebook(named, resources)
