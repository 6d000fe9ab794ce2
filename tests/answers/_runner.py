"""Runs a notebook's cells in one namespace: once as they are, and once for each variant of them.

A script for a process of its own. It reads from standard input a plan (JSON):

    {"cells": [[name, source, is_check], …], "variants": {label: {name: source}}, "limit": seconds}

and writes to standard output `{label: outcome}`, the label of the cells as they are being "".
An outcome is `{"ended": bool, "seconds": float, "errors": {name: [kind, message, by_answer]}}`;
`by_answer` says that the notebook's or the package's code raised, not a check cell's own.

A variant replaces some cells' sources. It is forked off just before the first cell that it
replaces, so nothing runs twice and nothing that it does reaches the others. As in grading, an
error in one cell doesn't stop the next.
"""

import json
import linecache
import os
import signal
import sys
import time
import traceback
import types

PACKAGE = os.path.join(os.environ["PYTHONPATH"], "tinytorch")


def main():
    plan = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what the cells print
    json.dump(run_all(**plan), answer)
    answer.close()


def run_all(cells, variants, limit):
    names = [name for name, *_ in cells]
    starting = {name: [] for name in names}
    for label, replaced in variants.items():
        starting[min(replaced, key=names.index)].append(label)

    notebook = new_notebook()
    outcomes, errors, began = {}, {}, time.perf_counter()
    for place, (name, source, is_check) in enumerate(cells):
        for label in starting[name]:
            outcomes[label] = fork(notebook, cells[place:], variants[label], limit)
        run_cell(notebook, name, source, is_check, errors)
    outcomes[""] = dict(ended=True, seconds=time.perf_counter() - began, errors=errors)
    return outcomes


def new_notebook():
    """A module that calls itself `__main__`, as a kernel's does: pickle and dataclasses look."""
    notebook = sys.modules["__main__"] = types.ModuleType("__main__")
    notebook.display = lambda *objects, **options: None
    return notebook


def fork(notebook, cells, replaced, limit):
    """The outcome of `cells` in a child of this process, killed after `limit` seconds."""
    reader, writer = os.pipe()
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        signal.alarm(limit)
        try:
            errors = {}
            for name, source, is_check in cells:
                run_cell(notebook, name, replaced.get(name, source), is_check, errors)
            with os.fdopen(writer, "w") as pipe:
                json.dump(errors, pipe)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    seconds = time.perf_counter() - began
    return dict(ended=bool(said), seconds=seconds, errors=json.loads(said or "{}"))


def run_cell(notebook, name, source, is_check, errors):
    file = f"<{'check' if is_check else 'cell'} {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        exec(compile(source, file, "exec"), notebook.__dict__)
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        files = {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
        by_answer = any(file.startswith(("<cell ", PACKAGE)) for file in files)
        errors[name] = [type(error).__name__, str(error), by_answer]


if __name__ == "__main__":
    main()
