"""Packaging: everything said here comes from settings.ini, which nbdev reads too."""

from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup

here = Path(__file__).parent
config = ConfigParser()
config.read(here / "settings.ini", encoding="utf-8")
settings = config["DEFAULT"]


def requirements(key):
    """The requirements listed under `key`, separated by blanks or lines."""
    return settings[key].split()


setup(
    name=settings["lib_name"],
    version=settings["version"],
    description=settings["description"],
    long_description=(here / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author=settings["author"],
    license="MIT",
    keywords=settings["keywords"].split(),
    python_requires=">=" + settings["min_python"],
    # Said, though it is the default: an editable install is then a plain path. The other way, an
    # import hook, would find the modules that a student's own copy of tinytorch lacks.
    package_dir={"": "."},
    packages=find_packages(include=["tinytorch", "tinytorch.*", "tito", "tito.*"]),
    package_data={"tinytorch": ["data/*"], "tito": ["jupyter/labconfig/*"]},
    install_requires=requirements("requirements"),
    extras_require={
        extra: requirements(f"{extra}_requirements") for extra in ("course", "test", "torch")
    },
    entry_points={"console_scripts": ["tito = tito.cli:main"]},
    zip_safe=False,
)
