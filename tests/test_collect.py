"""What students hand in comes in many shapes; none of it is lost, none of it goes astray."""

import json
import os
import zipfile

import pytest

from tito.course import CourseError
from tito.grading.collect import collect
from tito.grading.folder import GradingFolder
from tito.modules import MODULES

TENSOR, ACTIVATIONS = MODULES[:2]


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@pytest.fixture
def grading(tmp_path):
    return GradingFolder.of(tmp_path)


def put(path, content="{}"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def content(grading, student, module=TENSOR):
    return grading.submission(student, module).read_text()


def test_a_notebook_a_workspace_a_flat_download_and_a_zip(inbox, grading):
    put(inbox / "ada/01_tensor.ipynb", "ada")
    put(inbox / "bob/course/nbs/01_tensor.ipynb", "bob")
    put(inbox / "bob/course/nbs/02_activations.ipynb", "bob 2")
    put(inbox / "cleo_01_tensor.ipynb", "cleo")
    put(inbox / "dan_LATE_01_tensor-2.ipynb", "dan")
    with zipfile.ZipFile(inbox / "eve.zip", "w") as archive:
        archive.writestr("work/nbs/01_tensor.ipynb", "eve")
    report = collect(inbox, grading)
    assert report.problems == []
    names = {"ada": "ada", "bob": "bob", "cleo": "cleo", "dan_LATE": "dan", "eve": "eve"}
    assert {student: content(grading, student) for student in names} == names
    assert content(grading, "bob", ACTIVATIONS) == "bob 2"
    assert len(report.new) == 6


def test_collecting_again_changes_nothing_and_a_new_version_keeps_the_old(inbox, grading):
    put(inbox / "ada/01_tensor.ipynb", "first")
    collect(inbox, grading)
    assert collect(inbox, grading).unchanged == [("ada", TENSOR)]
    assert not (grading.path / "replaced").exists()
    put(inbox / "ada/01_tensor.ipynb", "second")
    assert collect(inbox, grading).replaced == [("ada", TENSOR)]
    assert content(grading, "ada") == "second"
    (old,) = (grading.path / "replaced").rglob("01_tensor.ipynb")
    assert old.read_text() == "first" and old.with_name("timestamp.txt").exists()


def test_when_it_was_handed_in(inbox, grading):
    os.utime(put(inbox / "ada/01_tensor.ipynb"), (1_700_000_000, 1_700_000_000))
    put(inbox / "bob/01_tensor.ipynb")
    put(inbox / "bob/timestamp.txt", "2026-02-02 15:58:23.948203 UTC")
    collect(inbox, grading)
    stamps = [grading.submitted(s, TENSOR) / "timestamp.txt" for s in ("ada", "bob")]
    assert [path.read_text() for path in stamps] == [
        "2023-11-14 22:13:20.000000 UTC", "2026-02-02 15:58:23.948203 UTC",
    ]  # fmt: skip


def test_of_several_copies_the_workspaces_own_goes_first(inbox, grading):
    put(inbox / "ada/nbs/01_tensor.ipynb", "own")
    put(inbox / "ada/old/01_tensor.ipynb", "old")
    put(inbox / "ada/nbs/.ipynb_checkpoints/01_tensor.ipynb", "checkpoint")
    report = collect(inbox, grading)
    assert content(grading, "ada") == "own"
    assert report.problems == ["ada: old/01_tensor.ipynb left aside for nbs/01_tensor.ipynb"]


def test_no_path_leads_out_of_the_folder(inbox, grading, tmp_path):
    secret = put(tmp_path / "secret.ipynb", "secret")
    (inbox / "ada").mkdir()
    (inbox / "ada/01_tensor.ipynb").symlink_to(secret)
    (inbox / "linked").symlink_to(tmp_path)
    with zipfile.ZipFile(inbox / "bob.zip", "w") as archive:
        archive.writestr("../../../01_tensor.ipynb", "climber")
        archive.writestr("/etc/02_activations.ipynb", "climber")
    before = {path for path in tmp_path.iterdir()}
    collect(inbox, grading)
    assert not grading.submission("ada", TENSOR).exists()
    assert {path for path in tmp_path.iterdir()} == {*before, grading.path}
    students = [path.name for path in (grading.path / "submitted").iterdir()]
    assert students in ([], ["bob"])


@pytest.mark.parametrize("name", ["*", "a[b]", "x\ny", "-rf", "=1+1", "a ", "b" * 200])
def test_names_that_are_no_names_are_refused(inbox, grading, name):
    put(inbox / "good/01_tensor.ipynb")
    put(inbox / f"{name}_01_tensor.ipynb")
    report = collect(inbox, grading)
    assert report.new == [("good", TENSOR)]
    assert len(report.problems) == 1 and json.dumps(name)[1:-1] in json.dumps(report.problems[0])


def test_it_says_what_it_did_not_understand(inbox, grading):
    put(inbox / "ada/01_tensor.ipynb")
    put(inbox / "bob/essay.docx")
    put(inbox / "broken.zip", "no zip")
    put(inbox / "roster.csv")
    problems = "\n".join(collect(inbox, grading).problems)
    assert all(name in problems for name in ("bob", "broken.zip", "roster.csv"))


def test_one_workspace_or_no_folder_is_refused(inbox, grading):
    put(inbox / "nbs/01_tensor.ipynb")
    with pytest.raises(CourseError, match="one workspace"):
        collect(inbox, grading)
    with pytest.raises(CourseError, match="not a folder"):
        collect(inbox / "nowhere", grading)
