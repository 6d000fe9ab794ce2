"""The one table of the course: its twenty modules and six milestones.

The command line, the tests, the docs' sidebar and the grader read it; nothing repeats it.
"""

from dataclasses import dataclass
from pathlib import Path

from tito.course import CourseError

__all__ = [
    "Module", "Milestone", "Criterion", "MODULES", "MILESTONES",
    "find_module", "find_milestone", "needed",
]  # fmt: skip


@dataclass(frozen=True)
class Module:
    """A notebook, and the file of `tinytorch` that it exports."""

    number: int
    name: str
    title: str
    requires: tuple[int, ...] = ()  # the earlier modules that its notebook imports
    points: int = 100

    @property
    def notebook(self) -> str:
        return f"{self.number:02d}_{self.name}"

    @property
    def path(self) -> str:
        return f"nbs/{self.notebook}.ipynb"

    @property
    def exported(self) -> str:
        return f"tinytorch/{self.name}.py"


@dataclass(frozen=True)
class Criterion:
    """What a milestone's evidence must show: a name, and the target in words."""

    name: str
    target: str
    when_asked: bool = False  # needs more than the course ships: measured only when asked for


@dataclass(frozen=True)
class Milestone:
    """A step of history, rerun with what the student's own modules export."""

    number: int
    name: str
    year: int
    title: str
    requires: tuple[int, ...]
    criteria: tuple[Criterion, ...] = ()  # stated when the milestone is part of the edition

    @property
    def notebook(self) -> str:
        return f"{self.number:02d}_{self.name}"

    @property
    def folder(self) -> str:
        return f"milestones/{self.notebook}"


MODULES = (
    Module(1, "tensor", "Tensor"),
    Module(2, "activations", "Activations", (1,)),
    Module(3, "layers", "Layers", (1, 2)),
    Module(4, "losses", "Losses", (1, 2)),
    Module(5, "autograd", "Autograd", (1, 2, 3, 4)),
    Module(6, "optimizers", "Optimizers", (1, 2, 3, 4, 5)),
    Module(7, "training", "Training", (1, 2, 3, 4, 5, 6)),
    Module(8, "dataloader", "Data loading", (1,)),
    Module(9, "spatial", "Convolutions", (1, 2, 3, 4, 5, 6)),
    Module(10, "tokenization", "Tokenization"),
    Module(11, "embeddings", "Embeddings", (1, 3, 5)),
    Module(12, "attention", "Attention", (1, 2, 3, 5)),
    Module(13, "transformers", "Transformers", (1, 2, 3, 5, 11, 12)),
    Module(14, "kvcaching", "Key-value caching", (1, 12, 13)),
    Module(15, "profiling", "Profiling", (1, 3)),
    Module(16, "acceleration", "Acceleration", (1, 3, 15)),
    Module(17, "quantization", "Quantization", (1, 3, 15)),
    Module(18, "compression", "Compression", (1, 3, 15)),
    Module(19, "benchmarking", "Benchmarking", (1, 3, 15)),
    Module(20, "capstone", "Capstone", (1, 3, 13, 14, 15, 16, 17, 18, 19)),
)

MILESTONES = (
    Milestone(
        1, "perceptron", 1957, "The perceptron", (1, 2, 3, 4),
        (
            Criterion("accuracy", "≥ 99.5 % on the points and on held-out digits"),
            Criterion("loss falls", "negative slope over the last half, never above its start"),
            Criterion("final loss", "≤ 0.0057"),
            Criterion("precision and recall", "≥ 0.99 both"),
            Criterion("gradients by hand", "agree with finite differences"),
        ),
    ),
    Milestone(
        2, "xor", 1969, "The XOR crisis", (1, 2, 3, 4, 5, 6, 7),
        (
            Criterion("a single layer", "never more than 75 % of the corners, for ten seeds"),
            Criterion("corners", "100 % with two hidden layers, for ten seeds of ten"),
            Criterion("unseen points", "≥ 99 % of 1,000 noisy ones, for ten seeds of ten"),
            Criterion("gradients", "autograd agrees with finite differences"),
        ),
    ),
    Milestone(
        3, "mlp", 1986, "The multilayer perceptron", (1, 2, 3, 4, 5, 6, 7, 8),
        (
            Criterion("digits", "≥ 96.5 % of 360 held out, the mean of three seeds"),
            Criterion("time for digits", "under 20 s, the three seeds together"),
            Criterion("clothing", "≥ 86 % of 1,000 held out"),
            Criterion("time for clothing", "under 60 s"),
            Criterion("all of Fashion-MNIST", "≥ 88.5 % in under 10 minutes", when_asked=True),
        ),
    ),
    Milestone(
        4, "cnn", 1998, "The convolutional network", (1, 2, 3, 4, 5, 6, 7, 8, 9),
        (
            Criterion("digits", "≥ 97.5 % of 360 held out, the mean of three seeds"),
            Criterion("time for digits", "under 60 s, the three seeds together"),
            Criterion("clothing", "≥ 89.5 % of 1,000 held out"),
            Criterion("time for clothing", "under 3 minutes"),
            Criterion("against the MLP", "more right on the same split, with fewer parameters"),
            Criterion("shift test", "moved by two pixels, loses less than the MLP"),
            Criterion("all of Fashion-MNIST", "≥ 90 % in under 10 minutes", when_asked=True),
            Criterion("CIFAR-10", "≥ 70 %", when_asked=True),
        ),
    ),
    Milestone(5, "transformer", 2017, "The transformer", tuple(range(1, 14))),
    Milestone(6, "mlperf", 2018, "The measured system", tuple(range(1, 21))),
)  # fmt: skip


def find_module(text: str) -> Module:
    """The module meant by `1`, `01`, `tensor`, `01_tensor` or `01_tensor.ipynb`."""
    return _find(text, MODULES, "module")


def find_milestone(text: str) -> Milestone:
    """The milestone meant by `1`, `01`, `perceptron` or `01_perceptron`."""
    return _find(text, MILESTONES, "milestone")


def _find(text, table, kind):
    wanted = Path(text).name.removesuffix(".ipynb").lower()
    for row in table:
        if wanted in (str(row.number), f"{row.number:02d}", row.name, row.notebook):
            return row
    names = ", ".join(row.notebook for row in table)
    raise CourseError(f"no {kind} is called {text!r}; the {kind}s are {names}")


def needed(module: Module) -> tuple[Module, ...]:
    """Every earlier module that must be exported first, directly or through another."""
    numbers = set(module.requires)
    for earlier in reversed(MODULES[: module.number - 1]):
        if earlier.number in numbers:
            numbers.update(earlier.requires)
    return tuple(earlier for earlier in MODULES if earlier.number in numbers)
