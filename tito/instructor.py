"""The instructor's commands: release, collect, grade, feedback, marks."""


def register(app):
    """Add the instructor's commands to the course tool."""
