"""Feedback for students: nbgrader's HTML page, without what must stay hidden."""

from html import escape

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from traitlets import Unicode
from traitlets.config import Config

from tito.course import CourseError
from tito.grading.folder import QUIET, GradingFolder, write_atomically
from tito.modules import Module
from tito.release import secret_lines

__all__ = ["give_feedback"]

LONGEST = 300  # characters of an error's line
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
    if because:
        page = PAGE.format(name=escape(module.notebook), because=escape(because))
        write_atomically(grading.feedback(student, module), page)
        return True
    if not grading.autograded(student, module).exists():
        return False
    config = Config()
    config.ShowNothingHidden.source = str(grading.source(module))
    config.ShowNothingHidden.release = str(grading.release(module))
    directory = grading.course_directory(module, student)
    try:
        Feedback(coursedir=directory, config=config, force=True, log=QUIET).start()
    except NbGraderException:
        raise CourseError(
            f"{grading.autograded(student, module)} cannot be made into feedback: "
            f"run `tito grade {module.number:02d}` again"
        ) from None
    return True


class ShowNothingHidden(NbGraderPreprocessor):
    """Show checks as they were released, and of all outputs only the errors' own last line.

    A submission's code ran beside the hidden tests, so whatever it printed may quote them.
    """

    source = Unicode().tag(config=True)
    release = Unicode().tag(config=True)

    def preprocess(self, nb, resources):
        released = nbformat.read(self.release, as_version=4)
        self.checks = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in released.cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        }
        self.secret = secret_lines(nbformat.read(self.source, as_version=4))
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell, resources, index):
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = self.checks.get(name, cell.source)
        if cell.cell_type == "code":
            errors = [output for output in cell.outputs if output.output_type == "error"]
            cell.outputs = [self.one_line(error) for error in errors[-1:]]
        return cell, resources

    def one_line(self, error):
        text = " ".join(f"{error.ename}: {error.evalue}".splitlines()[:1])[:LONGEST]
        if any(line in f"{error.ename}: {error.evalue}" for line in self.secret):
            text = f"{error.ename[:20]}: (its message quotes a hidden check)"
        return nbformat.v4.new_output("error", ename="", evalue="", traceback=[text])


class Feedback(GenerateFeedback):
    exporter_class = HTMLExporter
    preprocessors = [ShowNothingHidden, GetGrades, CSSHTMLHeaderPreprocessor]
