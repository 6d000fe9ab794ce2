"""`tito export`: from a notebook to its module's file in the package, through nbdev."""

import ast
import re
import tempfile
import textwrap
import warnings
from dataclasses import dataclass
from pathlib import Path

from tito.course import CourseError, write_whole
from tito.modules import Module
from tito.notebook import Cell, find_notebook, read_cells, read_notebook

__all__ = ["Exported", "export", "render"]

SOLUTION_MARKER = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)
EXPORTING = {"export", "exporti", "exports"}


@dataclass(frozen=True)
class Exported:
    """What an export did."""

    module: Module
    is_changed: bool
    empty: tuple[Cell, ...]  # the blanks that still hold the stub


def export(root: Path, module: Module) -> Exported:
    """Write the module's file from its notebook; the old one stays if anything is wrong."""
    target = root / module.exported
    text = render(root, module)
    is_changed = not target.is_file() or target.read_text(encoding="utf-8") != text
    if is_changed:
        if not target.parent.is_dir():
            raise CourseError(f"there is no folder {target.parent} to export to")
        write_whole(target, text)
    cells = read_cells(root / module.path)
    empty = tuple(cell for cell in cells if cell.is_blank and not cell.is_written)
    return Exported(module, is_changed, empty)


def render(root: Path, module: Module) -> str:
    """The text that the notebook exports."""
    path = find_notebook(root, module)
    cells = [(cell, _directives(cell)) for cell in read_cells(path)]
    _refuse_other_files(module, cells)
    exported = [cell for cell, directives in cells if directives.keys() & EXPORTING]
    if not exported:
        raise CourseError(f"{module.path} exports nothing: no cell begins with `#| export`")
    for cell in exported:
        _refuse_bad_syntax(module, cell)
    text = _tidy(module, _through_nbdev(module, _title(path), [cell for cell, _ in cells]))
    _compile(text, f"what {module.path} exports")
    return text


def _directives(cell):
    """What nbdev reads from the `#|` lines at the cell's top: names and arguments."""
    from execnb.nbio import dict2nb, mk_cell
    from nbdev.process import extract_directives

    (copy,) = dict2nb({"cells": [mk_cell(cell.source)]}).cells
    return extract_directives(copy)


def _refuse_other_files(module, cells):
    """Whatever its directives say, a notebook writes its own module's file and no other."""
    named = False
    for cell, directives in cells:
        for name in directives.keys() & EXPORTING:
            if directives[name]:
                asked = " ".join([name, *directives[name]])
                _refuse(module, cell, f"`#| {asked}` asks for another file", f"`#| {name}`")
        if "default_exp" in directives:
            asked = " ".join(directives["default_exp"])
            if asked != module.name:
                wanted = f"`#| default_exp {module.name}`"
                _refuse(module, cell, f"`#| default_exp {asked}` asks for another file", wanted)
            named = True
    if not named:
        raise CourseError(
            f"{module.path} has no cell with `#| default_exp {module.name}`: put it back near the "
            f"top; {module.exported} stays as it was"
        )


def _refuse(module, cell, problem, wanted):
    raise CourseError(
        f"{module.path}, {cell.place}: {problem}; write {wanted}: a notebook exports only to its "
        f"own {module.exported}, which stays as it was"
    )


def _refuse_bad_syntax(module, cell):
    try:
        _compile(cell.source, f"{module.path}, {cell.place}")
    except CourseError as error:
        raise CourseError(f"{error}; {module.exported} stays as it was") from None


def _compile(source, what):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, what, "exec")
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise CourseError(f"{what}{line}: {type(error).__name__}: {reason}") from None


def _title(path):
    """The first markdown cell with a title; its `> ` line becomes the module's docstring."""
    cells = read_notebook(path)["cells"]
    titles = (cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    return next((title for title in titles if title.startswith("# ")), "")


def _through_nbdev(module, title, cells):
    """What nbdev's own export makes of a copy of the notebook without solution markers."""
    from execnb.nbio import mk_cell, new_nb, write_nb
    from nbdev.export import nb_export

    sources = [SOLUTION_MARKER.sub("", cell.source).rstrip() for cell in cells]
    copy = new_nb([mk_cell(title, "markdown"), *map(mk_cell, sources)])
    for cell in copy.cells:
        cell.pop("id", None)
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / "notebook.ipynb"
        write_nb(copy, notebook)
        nb_export(notebook, lib_path=folder)
        return (Path(folder) / f"{module.name}.py").read_text(encoding="utf-8")


def _tidy(module, text):
    """nbdev's text as hand-written source: cells are two lines apart, with no comment between."""
    generated = (
        f"# Generated from {module.path}. To change it, edit the notebook and run: "
        f"tito export {module.number:02d}"
    )
    text = re.sub(r"^# AUTOGENERATED!.*$", generated, text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^# %% auto.*\n", "", text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^# %% notebook\.ipynb.*\n", "\n", text, flags=re.MULTILINE)
    names = re.search(r"^__all__ = (\[[^\]]*\])", text, re.MULTILINE)
    listed = _list_names(ast.literal_eval(names[1]))
    return f"{text[: names.start()]}{listed}\n\n{text[names.end() :].strip()}\n"


def _list_names(names):
    inside = ", ".join(f'"{name}"' for name in names)
    line = f"__all__ = [{inside}]"
    if len(line) <= 100:
        return line
    lines = textwrap.wrap(f"{inside},", 100, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(["__all__ = [", *lines, "]"])
