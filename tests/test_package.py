"""The package as its users meet it: imports, names, what is shipped, and that it stands alone."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tito.export import render
from tito.modules import MODULES

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "tinytorch"
NOTEBOOKS = [module for module in MODULES if (REPOSITORY / module.path).exists()]
EXPORTED = [module for module in MODULES if (REPOSITORY / module.exported).exists()]
FACES = [
    "tinytorch", "tinytorch.nn", "tinytorch.nn.functional", "tinytorch.nn.init",
    "tinytorch.nn.utils",
    "tinytorch.optim", "tinytorch.optim.lr_scheduler", "tinytorch.utils.data",
    "tinytorch.datasets", "tinytorch.transforms",
]  # fmt: skip


def copy_package(folder, modules=()):
    """Copy tinytorch/ into `folder`: its faces, and of the exported files those of `modules`."""
    left_out = {Path(module.exported).name for module in MODULES if module not in modules}

    def ignored(parent, names):
        exported_files = left_out if Path(parent) == PACKAGE else set()
        return ({"__pycache__", "data"} | exported_files) & set(names)

    shutil.copytree(PACKAGE, folder / "tinytorch", ignore=ignored)
    return folder


def python(code, folder, **options):
    """Run `code` in a fresh Python that imports from `folder`; return what it wrote."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, encoding="utf-8",
        env={
            **os.environ, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8",
            "PYTHONDONTWRITEBYTECODE": "",  # compiled files are kept, as they are by default
        }, **options,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def error_of(statement, folder):
    """The kind and message of the error that `statement` raises in a fresh Python."""
    return python(
        f"try:\n    {statement}\nexcept Exception as error:\n"
        "    print(type(error).__name__, error, sep=': ')\nelse:\n    print('no error')",
        folder,
    )


LIST_NAMES = """
import importlib, json, sys
modules = {face: importlib.import_module(face) for face in json.load(sys.stdin)}
listed = {face: [n for n in dir(module) if n[0] != "_"] for face, module in modules.items()}
print(json.dumps(listed))
"""

LOOK_UP = """
import importlib, json, sys
outcome = {}
for face, names in json.load(sys.stdin).items():
    for name in names:
        try:
            getattr(importlib.import_module(face), name)
            outcome[f"{face}.{name}"] = "here"
        except ImportError as error:
            outcome[f"{face}.{name}"] = str(error)
print(json.dumps(outcome))
"""


def names_listed(folder):
    return json.loads(python(LIST_NAMES, folder, input=json.dumps(FACES)))


@pytest.mark.parametrize("count", range(len(EXPORTED) + 1))
def test_first_modules_alone(count, tmp_path):
    """With modules 1…k a name is there, or its absence says who teaches it, and dir() omits it."""
    whole = names_listed(REPOSITORY)
    copy_package(tmp_path, EXPORTED[:count])
    outcome = json.loads(python(LOOK_UP, tmp_path, input=json.dumps(whole)))

    missing = {name: message for name, message in outcome.items() if message != "here"}
    absent = [module.name for module in EXPORTED[count:]]
    for name, message in missing.items():
        assert message in [
            f"{name} is taught in the module '{module}', which is not exported here yet: "
            f"run `tito export {module}`"
            for module in absent
        ]
    for module in absent:
        assert any(f"'{module}'" in message for message in missing.values()), module
    listed = {f"{face}.{n}" for face, names in names_listed(tmp_path).items() for n in names}
    assert listed == outcome.keys() - missing.keys()


@pytest.mark.parametrize("statement", ["import tinytorch.nn as nn; nn.Linear", "import tinytorch"])
def test_nothing_exported(statement, tmp_path):
    came = error_of(statement, copy_package(tmp_path))
    assert came == "no error" or came.startswith("ImportError: tinytorch.nn.Linear is taught in")


def test_from_import_says_who_teaches_a_missing_name(tmp_path):
    assert error_of("from tinytorch import relu", copy_package(tmp_path)) == (
        "ImportError: tinytorch.relu is taught in the module 'activations', "
        "which is not exported here yet: run `tito export activations`"
    )


def test_a_name_nobody_teaches_is_an_attribute_error(tmp_path):
    copy_package(tmp_path)
    assert error_of("import tinytorch; tinytorch.softmx", tmp_path) == (
        "AttributeError: module 'tinytorch' has no attribute 'softmx': did you mean 'softmax'?"
    )
    assert error_of("import tinytorch; tinytorch.qqqq", tmp_path) == (
        "AttributeError: module 'tinytorch' has no attribute 'qqqq'"
    )


@pytest.mark.parametrize(
    "source, error",
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import not_there_at_all", "ModuleNotFoundError: No module named 'not_there_at_all'"),
        (
            "import math; math.sinus",
            "ImportError: tinytorch.relu does not come from tinytorch/activations.py: "
            "module 'math' has no attribute 'sinus'",
        ),
        (
            "relo = 1",
            "ImportError: tinytorch.relu does not come from tinytorch/activations.py: "
            "module 'tinytorch.activations' has no attribute 'relu'",
        ),
    ],
)
@pytest.mark.parametrize(
    "statement", ["from tinytorch import relu", "import tinytorch as t; t.relu"]
)
def test_an_exported_module_that_fails_shows_its_own_error(source, error, statement, tmp_path):
    copy_package(tmp_path)
    (tmp_path / "tinytorch" / "activations.py").write_text(source)
    assert error_of(statement, tmp_path) == error


def test_a_mistake_in_autograd_is_a_warning_and_all_else_imports(tmp_path):
    copy_package(tmp_path, EXPORTED[:4])
    (tmp_path / "tinytorch" / "autograd.py").write_text("1 / 0")
    code = (
        "import warnings\nwith warnings.catch_warnings(record=True) as caught:\n"
        "    from tinytorch.tensor import Tensor\n"
        "print(*(w.message for w in caught), Tensor([2.0]).tolist())"
    )
    assert python(code, tmp_path) == (
        "tensors have no backward(): tinytorch/autograd.py: "
        "ZeroDivisionError: division by zero [2.0]"
    )


def test_tensors_have_backward_whatever_is_imported_first():
    code = (
        "from {} import Tensor\nx = Tensor([3.0], requires_grad=True)\n"
        "(x * x).backward()\nprint(x.grad.tolist())"
    )
    for module in ("tinytorch", "tinytorch.tensor"):
        assert python(code.format(module), REPOSITORY) == "[6.0]"


@pytest.mark.parametrize(
    "first",
    [
        "import tinytorch",
        "import tinytorch.tensor",
        "from tinytorch.tensor import Tensor",
        "from tinytorch import tensor",
        "import tinytorch.nn.functional",
        "from tinytorch import tensor, Tensor; import tinytorch.tensor",
    ],
)
def test_tensor_is_the_function_in_every_order(first):
    code = (
        f"{first}\nimport tinytorch, tinytorch.tensor\nfrom tinytorch.tensor import Tensor\n"
        "x = tinytorch.tensor([1.0, 2.0])\nprint(type(x) is Tensor is tinytorch.Tensor, x.tolist())"
    )
    assert python(code, REPOSITORY) == "True [1.0, 2.0]"


def test_import_costs_little_more_than_numpy():
    """The quickest of several interleaved imports: the goal is 1.2 times numpy's, the bound 1.5."""
    code = "from time import perf_counter as t; start = t(); import {}; print(t() - start)"
    names = ["numpy", "tinytorch"]
    times = [[float(python(code.format(n), REPOSITORY)) for n in names] for _ in range(9)]
    numpy, tinytorch = map(min, zip(*times, strict=True))
    assert tinytorch < 1.5 * numpy


@pytest.mark.parametrize("module", NOTEBOOKS, ids=lambda module: module.name)
def test_export_leaves_no_difference(module):
    """What is committed in tinytorch/ is what the notebook exports, to the letter."""
    exported = (REPOSITORY / module.exported).read_text("utf-8")
    assert exported == render(REPOSITORY, module), f"run `tito export {module.name}`"


def test_package_carries_no_marker():
    for file in PACKAGE.rglob("*.py"):
        found = re.findall(r"### (?:BEGIN|END).*|^#\|.*|nbgrader", file.read_text("utf-8"), re.M)
        assert not found, f"{file} holds {found}: export it again with `tito export`"


def test_data_is_what_its_table_says():
    table = (PACKAGE / "data" / "README.md").read_text("utf-8")
    stated = dict(re.findall(r"^\| `(\S+)` .* `([0-9a-f]{64})` \|$", table, re.M))
    files = [file for file in (PACKAGE / "data").iterdir() if file.name != "README.md"]
    assert stated == {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def copy_of_what_git_tracks(folder):
    tracked = subprocess.check_output(["git", "ls-files", "-z"], cwd=REPOSITORY, encoding="utf-8")
    for name in filter(None, tracked.split("\0")):
        if (REPOSITORY / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, folder / name)
    return folder


USE = """
import sys
import numpy, tinytorch as torch
from importlib.metadata import distributions
from importlib.resources import files
from tinytorch import nn
loss = nn.CrossEntropyLoss()(nn.Linear(3, 2)(torch.randn(4, 3)), torch.tensor([0, 1, 1, 0]))
assert loss.item() > 0
assert torch.__file__.startswith(sys.prefix)
assert numpy.load(files("tinytorch") / "data" / "digits.npz")["images"].shape == (1797, 8, 8)
print(*sorted({d.name for d in distributions()} - {"pip", "setuptools"}))
"""


# What needs more than numpy: a checkpoint, the trainer's progress bar.
USE_ALL = """
import tinytorch as torch
from tinytorch import nn, optim
from tinytorch.training import Trainer
model = nn.Linear(3, 2)
trainer = Trainer(model, nn.CrossEntropyLoss(), optim.AdamW(model.parameters()))
trainer.fit([(torch.randn(4, 3), torch.tensor([0, 1, 1, 0]))], epochs=2, checkpoint="run")
trainer.load("run")
torch.save(model.state_dict(), "model")
print(model.load_state_dict(torch.load("model")).missing_keys)
"""


@pytest.mark.slow
def test_wheel_stands_alone(tmp_path):
    """Built from what git tracks, installed with numpy alone, it imports and runs.

    What else it requires is for single things: files, a progress bar, a download.
    """
    source = copy_of_what_git_tracks(tmp_path / "source")
    pip = [sys.executable, "-m", "pip"]
    build = ["wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, source]
    subprocess.run([*pip, *build], check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")

    venv.create(tmp_path / "alone", with_pip=False)
    alone = tmp_path / "alone" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = ["--python", alone, "install", "-q", "-c", REPOSITORY / "constraints.txt"]
    subprocess.run([*pip, *install, "numpy"], check=True, cwd=tmp_path)
    subprocess.run([*pip, *install, "--no-deps", wheel], check=True, cwd=tmp_path)
    outside = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    came = subprocess.check_output([alone, "-c", USE], cwd=tmp_path, env=outside, text=True)
    assert came.split() == ["numpy", "tinytorch"]

    subprocess.run([*pip, *install, wheel], check=True, cwd=tmp_path)  # with all that it requires
    came = subprocess.check_output([alone, "-c", USE_ALL], cwd=tmp_path, env=outside, text=True)
    assert came == "[]\n"
