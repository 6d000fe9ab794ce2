"""The students' edition: everything but the answers."""

import json
import subprocess

import nbformat
import pytest

from tests.notebooks import ROOT, STUB, blanks, read
from tests.tiny_course import edit_cell
from tito.cli import main
from tito.release import make_edition

NOTEBOOK = "nbs/01_tensor.ipynb"
SECRETS = ["return np.add(a, b)", "return mul(a, a)", "np.greater", "-1 + 1", "(-2)²"]


@pytest.fixture
def course(tiny_course):
    """The tiny course as a git repository, with all that an edition leaves out."""
    for name in ("tests/test_x.py", "benchmarks/speed.py", ".ci/run", "grading/gradebook.db"):
        write(tiny_course / name, "return np.add(a, b)\n")
    write(tiny_course / "tinytorch/tensor.py", "def add(a, b):\n    return np.add(a, b)\n")
    write(tiny_course / "tinytorch/nn/__init__.py", '"""A face."""\n')
    write(tiny_course / "tinytorch/data/points.npz", "data")
    write(tiny_course / ".gitignore", "/grading/\n/edition/\n")
    write(tiny_course / "Makefile", "lab:\n")
    subprocess.run(["git", "init", "-q"], cwd=tiny_course, check=True)
    subprocess.run(["git", "add", "Makefile", "nbs"], cwd=tiny_course, check=True)
    return tiny_course


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def tito(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["tito", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    return stopped.value.code


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_the_edition_holds_what_students_need_and_nothing_else(course, monkeypatch):
    assert tito(monkeypatch, "release", "edition") == 0
    assert files(course / "edition") == [
        ".gitignore", "Makefile", NOTEBOOK, "nbs/02_activations.ipynb", "settings.ini",
        "tinytorch/__init__.py", "tinytorch/data/points.npz", "tinytorch/nn/__init__.py",
    ]  # fmt: skip


def test_no_line_of_a_solution_or_hidden_test_is_left(course, monkeypatch):
    nb = read(course / NOTEBOOK)
    nb.cells[5].outputs = [nbformat.v4.new_output("stream", text="return np.add(a, b)")]
    nbformat.write(nb, course / NOTEBOOK)
    tito(monkeypatch, "release", "edition")
    text = "".join((course / "edition" / name).read_text() for name in files(course / "edition"))
    assert [secret for secret in SECRETS if secret in text] == []
    assert "BEGIN SOLUTION" not in text and "HIDDEN" not in text


def test_blanks_are_stubs_and_checks_are_locked(course, monkeypatch):
    tito(monkeypatch, "release", "edition")
    nb = read(course / "edition" / NOTEBOOK)
    nbformat.validate(nb)
    assert all(STUB in cell.source for cell in blanks(nb).values())
    check = next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    assert check.source == 'expect(add(2, 3), 5, "2 + 3")'
    assert check.metadata.editable is False and check.metadata.deletable is False


def test_it_never_overwrites(course, monkeypatch, capsys):
    write(course / "edition/mine.txt", "a student's work")
    assert tito(monkeypatch, "release", "edition") == 1
    assert "never overwrites" in capsys.readouterr().err
    assert files(course / "edition") == ["mine.txt"]


def test_an_empty_folder_may_be_there(course, monkeypatch):
    (course / "edition").mkdir()
    assert tito(monkeypatch, "release", "edition") == 0


@pytest.mark.parametrize(
    "secret", ["    return np.multiply(a, b)", 'expect(mul(0, 3), 0, "0 × 3")']
)
def test_a_leak_in_any_file_stops_it_and_leaves_nothing(course, monkeypatch, capsys, secret):
    write(course / "notes/answers.md", f"The answer is\n\n{secret}\n")
    before = files(course)
    assert tito(monkeypatch, "release", "edition") == 1
    assert "notes/answers.md" in capsys.readouterr().err
    assert files(course) == before and not (course / "edition").exists()


def test_a_leak_in_a_notebooks_metadata_stops_it(course, monkeypatch, capsys):
    nb = read(course / NOTEBOOK)
    nb.metadata.answer = "return np.multiply(a, b)"
    nbformat.write(nb, course / NOTEBOOK)
    assert tito(monkeypatch, "release", "edition") == 1
    assert NOTEBOOK in capsys.readouterr().err


def test_an_open_region_stops_it(course, monkeypatch, capsys):
    def drop_end(source):
        return source.replace("### END SOLUTION", "")

    edit_cell(course / NOTEBOOK, "mul", drop_end)
    assert tito(monkeypatch, "release", "edition") == 1
    error = capsys.readouterr().err
    assert "01_tensor.ipynb" in error and "no end solution" in error and "Traceback" not in error
    assert not (course / "edition").exists()


def test_without_git_it_says_so(tiny_course, monkeypatch, capsys):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tiny_course.parent))
    assert tito(monkeypatch, "release", "edition") == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_edition_is_no_course_to_release_from(course, monkeypatch, capsys):
    tito(monkeypatch, "release", "edition")
    subprocess.run(["git", "init", "-q"], cwd=course / "edition", check=True)
    monkeypatch.chdir(course / "edition")
    assert tito(monkeypatch, "release", course.parent / "again") == 1
    assert "has no solution region" in capsys.readouterr().err
    assert not (course.parent / "again").exists()


GENERIC = {
    "if isinstance(value, dict):",  # any walk over JSON, as in tito/release.py
}


def test_no_line_of_the_courses_own_solutions_or_hidden_tests_is_in_its_edition(tmp_path):
    """Read with nothing of tito or nbgrader: every file, every line, also as part of another."""
    make_edition(ROOT, tmp_path / "edition")
    secret, visible = set(), ""
    for path in (ROOT / "nbs").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            inside, outside = split("".join(cell["source"]).split("\n"))
            secret |= {line.strip() for line in inside if len(line.strip()) >= 20}
            visible += "\n".join(outside) + "\n"
    secret = {line for line in secret - GENERIC if line not in visible}
    assert len(secret) > 500
    leaks = [
        (name, line)
        for name in files(tmp_path / "edition")
        for text in [everything_in(tmp_path / "edition" / name)]
        for line in secret
        if line in text
    ]
    assert leaks == []


def split(lines):
    """What stands between a cell's markers, and the rest."""
    inside, outside, into = [], [], None
    for line in lines:
        if "### BEGIN " in line:
            into = inside
        elif "### END " in line:
            into = None
        else:
            (outside if into is None else into).append(line)
    return inside, outside


def everything_in(path):
    """The file's text; of JSON each string, with the lines that a notebook keeps in lists."""
    text = path.read_bytes().decode("utf-8", errors="replace")
    if path.suffix not in (".ipynb", ".json"):
        return text
    found, todo = [], [json.loads(text)]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            todo += [*value, *value.values()]
        elif isinstance(value, list):
            todo += value
        else:
            found.append(str(value))
    return "\n".join(found)


def test_the_scanner_finds_a_line_wherever_it_is(tmp_path):
    nb = nbformat.v4.new_notebook(metadata={"answers": [{"x = np.add(a, b)": 1}]})
    nb.cells = [nbformat.v4.new_code_cell("pass\nreturn np.multiply(a, b)  # so")]
    nbformat.write(nb, tmp_path / "nb.ipynb")
    text = everything_in(tmp_path / "nb.ipynb")
    assert "np.add(a, b)" in text and "return np.multiply(a, b)" in text
    assert split(["a", "  ### BEGIN SOLUTION", "b", "  ### END SOLUTION"]) == (["b"], ["a"])
