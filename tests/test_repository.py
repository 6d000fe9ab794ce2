"""What the repository says of itself: its pages, its settings, and that they agree."""

import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tinytorch
from tito.modules import MODULES

REPOSITORY = Path(__file__).parents[1]
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "tinytorch/data/README.md"]


def settings():
    config = ConfigParser()
    config.read(REPOSITORY / "settings.ini", encoding="utf-8")
    return config["DEFAULT"]


def text_of(page):
    return (REPOSITORY / page).read_text("utf-8")


def anchors(page):
    """The headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (REPOSITORY / page).parent / path if path else REPOSITORY / page
        assert target.exists(), f"{page} links to {link}, which is not there"
        assert not anchor or anchor in anchors(target.relative_to(REPOSITORY)), f"{page}: {link}"


def test_readme_example_runs():
    (example,) = re.findall(r"^```python\n(.*?)^```", text_of("README.md"), re.M | re.S)
    names = {}
    exec(example, names)
    assert names["loss"].item() < 0.1  # it has learned its 64 images by heart


def test_version_is_one():
    assert tinytorch.__version__ == settings()["version"]
    assert re.search(rf"^## {re.escape(tinytorch.__version__)}\b", text_of("CHANGELOG.md"), re.M)


def test_every_requirement_is_pinned():
    lines = [line for line in text_of("constraints.txt").splitlines() if not line.startswith("#")]
    pins = {canonicalize_name(line.partition("==")[0]): Requirement(line) for line in lines}
    for line, pin in zip(lines, pins.values(), strict=True):
        assert re.fullmatch(r"==[^,*]+", str(pin.specifier)), f"{line} is not one exact version"
    for key in ("", "course_", "test_", "torch_"):
        for line in settings()[f"{key}requirements"].split():
            wanted = Requirement(line)
            (exact,) = pins[canonicalize_name(wanted.name)].specifier
            assert wanted.specifier.contains(exact.version), line


def test_notebooks_are_those_of_the_table_in_its_order():
    """The site's sidebar lists the notebooks by file name; the table says which there are."""
    notebooks = sorted(path.stem for path in (REPOSITORY / "nbs").glob("*.ipynb"))
    assert notebooks[:-1] == [m.notebook for m in MODULES if (REPOSITORY / m.path).exists()]
    assert notebooks[-1] == "index"
    assert '- auto: "nbs/*.ipynb"' in text_of("_quarto.yml")


def test_code_is_clean():
    ruff = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format=concise", REPOSITORY],
        capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert ruff.returncode == 0, ruff.stdout
