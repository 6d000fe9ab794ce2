"""Fixtures that several tests share."""

from pathlib import Path

import pytest

from tests.tiny_course import make_tiny_course

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def tiny_course(tmp_path, monkeypatch):
    """A tiny course as the current folder; its child processes find this repository's tito."""
    course = make_tiny_course(tmp_path / "course")
    monkeypatch.chdir(course)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("COLUMNS", "200")
    return course
