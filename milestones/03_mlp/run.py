"""The multilayer perceptron (Rumelhart, Hinton & Williams 1986): real digits, real clothing.

Runs on what modules 01 to 08 export, through the doors that torch has as well.
"""

import argparse
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np

from milestones.evidence import write_evidence
from tinytorch import manual_seed, nn, no_grad, optim, softmax
from tinytorch.datasets import Digits, FashionMNIST, FashionMNISTSmall
from tinytorch.training import Trainer, accuracy
from tinytorch.utils.data import DataLoader

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

# --- Data and recipes ------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """What to learn, and how."""

    title: str
    dataset: type
    sizes: tuple
    dropout: float
    epochs: int
    batch_size: int
    lr: float
    seeds: tuple = (0,)
    options: dict = field(default_factory=dict)  # of the data set: where it is

    def data(self):
        """The images to learn from, and those that are held out."""
        return [self.dataset(train=train, **self.options) for train in (True, False)]


DIGITS = Task("Digits", Digits, (64, 128, 64, 10), 0.0, 20, 64, 4e-3, seeds=(0, 1, 2))
CLOTHING = Task("Clothing", FashionMNISTSmall, (784, 256, 128, 10), 0.3, 20, 128, 3e-3)


def all_clothing(root):
    """All of Fashion-MNIST: read in the folder `root`, or else downloaded into the cache."""
    where = {"root": root} if root else {"download": True}
    title = "All of Fashion-MNIST"
    return Task(title, FashionMNIST, (784, 256, 128, 10), 0.3, 20, 128, 2e-3, options=where)


# --- Model and training ----------------------------------------------------------------------


def multilayer_perceptron(sizes, dropout):
    """Linear layers of these sizes, a ReLU and dropout between any two."""
    layers = [nn.Flatten()]
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers[:-2])


def train(task, seed):
    """Learn the task once → the trainer, which has the model and its history."""
    learn, held_out = task.data()
    manual_seed(seed)
    model = multilayer_perceptron(task.sizes, task.dropout)
    optimizer = optim.AdamW(model.parameters(), lr=task.lr)
    batches = DataLoader(learn, task.batch_size, shuffle=True)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=task.epochs * len(batches))
    loss_function = nn.CrossEntropyLoss(label_smoothing=0.1)
    trainer = Trainer(model, loss_function, optimizer, schedule, metrics={"accuracy": accuracy})
    trainer.fit(batches, DataLoader(held_out, 1000), task.epochs)
    return trainer


# --- Evidence --------------------------------------------------------------------------------


@dataclass
class Result:
    """What came of a task: of all its seeds the accuracy, of the first one the rest."""

    task: Task
    accuracy: float
    seconds: float
    trainer: Trainer
    images: np.ndarray
    truth: np.ndarray
    answers: np.ndarray
    confidence: np.ndarray


def run(task):
    """Learn the task with each of its seeds, and look at the first model's answers."""
    start = perf_counter()
    trainers = [train(task, seed) for seed in task.seeds]
    reached = [trainer.history[-1]["test_accuracy"] for trainer in trainers]
    seconds = perf_counter() - start
    images, truth, probabilities = answer(trainers[0].model, task.data()[1])
    answers, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    mean = sum(reached) / len(reached)
    return Result(task, mean, seconds, trainers[0], images, truth, answers, confidence)


@no_grad()
def answer(model, dataset):
    """The pictures of a data set, what they show, and the model's probabilities for each class."""
    model.eval()
    images, truth = next(iter(DataLoader(dataset, len(dataset))))
    return images.numpy()[:, 0], truth.numpy(), softmax(model(images), dim=1).numpy()


def confusion(result):
    """How often a picture of one class (row) was taken for one of another (column)."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (result.truth, result.answers), 1)
    return counts


def history(result):
    """The learning curves of the first seed, by name."""
    rows = result.trainer.history
    names = ("train_loss", "test_loss", "test_accuracy")
    return {name: [round(row[name], 5) for row in rows] for name in names}


# --- Pictures --------------------------------------------------------------------------------


def draw(results):
    """A row of pictures for each task."""
    plt.style.use(ROOT / "nbs" / "tinytorch.mplstyle")
    figure = plt.figure(figsize=(14, 4.4 * len(results)))
    rows = np.atleast_1d(figure.subfigures(len(results), 1, hspace=0.03))
    for row, result in zip(rows, results, strict=True):
        seeds = len(result.task.seeds)
        mean = f", the mean of {seeds} seeds" if seeds > 1 else ""
        share = f"{result.accuracy:.1%} of {len(result.truth):,} held out{mean}"
        row.suptitle(f"{result.task.title}: {share}", fontweight="bold")
        parts = row.subfigures(1, 4, width_ratios=[1, 1.45, 1.2, 1])
        draw_curves(parts[0], result)
        draw_confusion(parts[1], result)
        draw_mistakes(parts[2], result)
        draw_first_layer(parts[3], result)
    figure.savefig(HERE / "evidence.png")


def draw_curves(figure, result):
    """Loss, and the share of right answers, after each epoch."""
    curves = history(result)
    epochs = range(1, len(curves["test_loss"]) + 1)
    upper, lower = figure.subplots(2, 1, sharex=True)
    upper.plot(epochs, curves["train_loss"], "--", label="while training")
    upper.plot(epochs, curves["test_loss"], label="held out")
    upper.set(title="Learning", ylabel="loss")
    upper.legend(fontsize=8)
    lower.plot(epochs, [100 * share for share in curves["test_accuracy"]], color="C1")
    lower.set(xlabel="epoch", ylabel="right, held out (%)")


def draw_confusion(figure, result):
    """The confusion matrix; the colour says which share of a class went there."""
    axes, counts, classes = figure.subplots(), confusion(result), result.task.dataset.classes
    share = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=0.3)
    for place in np.argwhere(counts):
        count, ink = counts[tuple(place)], "white" if share[tuple(place)] > 0.15 else "black"
        axes.text(*place[::-1], count, ha="center", va="center", fontsize=7, color=ink)
    turn = 90 if max(map(len, classes)) > 1 else 0
    axes.set_xticks(range(10), classes, rotation=turn, fontsize=8)
    axes.set_yticks(range(10), classes, fontsize=8)
    axes.set(title="Who is taken for whom", xlabel="answer", ylabel="truth")
    axes.grid(False)


def draw_mistakes(figure, result):
    """The wrong answers that the model was surest of, the surest first."""
    wrong = np.flatnonzero(result.answers != result.truth)
    worst = wrong[np.argsort(-result.confidence[wrong])]
    classes = result.task.dataset.classes
    figure.suptitle("Worst mistakes: truth → answer", fontweight="bold", fontsize=11)
    panels = figure.subplots(3, 3).ravel()
    for axes in panels:
        axes.axis("off")
    for i, axes in zip(worst, panels, strict=False):
        axes.imshow(result.images[i], cmap="gray_r")
        said = f"{classes[result.truth[i]]} → {classes[result.answers[i]]}"
        axes.set_title(f"{said}\n{result.confidence[i]:.0%} sure", fontsize=7, weight="normal")


def draw_first_layer(figure, result):
    """What the sixteen neurons with the largest weights look for in a picture."""
    weight = result.trainer.model[1].weight.detach().numpy()
    largest = np.argsort(-np.linalg.norm(weight, axis=1))[:16]
    figure.suptitle("What the first layer looks for", fontweight="bold", fontsize=11)
    figure.supxlabel("purple: ink excites the neuron; orange: it calms it", fontsize=8)
    for i, axes in zip(largest, figure.subplots(4, 4).flat, strict=True):
        bound = np.abs(weight[i]).max()
        picture = weight[i].reshape(result.images.shape[1:])
        axes.imshow(picture, cmap="PuOr", vmin=-bound, vmax=bound)
        axes.axis("off")


# --- The command -----------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", choices=("shipped", "full"), default="shipped",
        help="full: also all 70,000 pictures of Fashion-MNIST",
    )  # fmt: skip
    parser.add_argument("--root", help="the folder that has Fashion-MNIST, read in place")
    arguments = parser.parse_args()

    digits, clothing = run(DIGITS), run(CLOTHING)
    results = {"digits": digits, "clothing": clothing}
    measured = {
        "digits": (f"{digits.accuracy:.2%}", digits.accuracy >= 0.965),
        "time for digits": (f"{digits.seconds:.1f} s", digits.seconds < 20),
        "clothing": (f"{clothing.accuracy:.1%}", clothing.accuracy >= 0.86),
        "time for clothing": (f"{clothing.seconds:.1f} s", clothing.seconds < 60),
    }
    if arguments.data == "full":
        results["full"] = full = run(all_clothing(arguments.root))
        came = f"{full.accuracy:.2%} in {full.seconds / 60:.1f} minutes"
        measured["all of Fashion-MNIST"] = came, full.accuracy >= 0.885 and full.seconds < 600
    write_evidence(
        HERE,
        measured,
        curves={name: history(result) for name, result in results.items()},
        confusion={name: confusion(result).tolist() for name, result in results.items()},
    )
    draw(results.values())


if __name__ == "__main__":
    main()
