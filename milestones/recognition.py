"""What the milestones that recognize pictures share: a task, its result, and pictures of both.

Needs no module after 08: which network learns is the milestone's own choice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np

from tinytorch import manual_seed, nn, no_grad, optim, softmax
from tinytorch.training import Trainer, accuracy
from tinytorch.utils.data import DataLoader

STYLE = Path(__file__).parents[1] / "nbs" / "tinytorch.mplstyle"

# --- Learning --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """What to learn, and how."""

    title: str
    dataset: type
    network: Callable  # without arguments → a network that has not learned yet
    epochs: int
    batch_size: int
    lr: float
    seeds: tuple = (0,)
    transforms: tuple = (None, None)  # of the images to learn from, and of those held out
    options: dict = field(default_factory=dict)  # of the data set: where it is

    def data(self):
        """The images to learn from, and those that are held out."""
        return [
            self.dataset(train=train, transform=transform, **self.options)
            for train, transform in zip((True, False), self.transforms, strict=True)
        ]


def train(task, seed):
    """Learn the task once → the trainer, which has the model and its history."""
    learn, held_out = task.data()
    manual_seed(seed)
    model = task.network()
    optimizer = optim.AdamW(model.parameters(), lr=task.lr)
    batches = DataLoader(learn, task.batch_size, shuffle=True)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=task.epochs * len(batches))
    loss_function = nn.CrossEntropyLoss(label_smoothing=0.1)
    trainer = Trainer(model, loss_function, optimizer, schedule, metrics={"accuracy": accuracy})
    trainer.fit(batches, DataLoader(held_out, 1000), task.epochs)
    return trainer


@dataclass
class Result:
    """What came of a task: of all its seeds the accuracy, of the first one the rest."""

    task: Task
    reached: list  # the share of right answers, for each seed
    seconds: float
    trainer: Trainer
    images: np.ndarray
    truth: np.ndarray
    answers: np.ndarray
    confidence: np.ndarray

    @property
    def accuracy(self):
        """The mean of all seeds."""
        return sum(self.reached) / len(self.reached)


def run(task):
    """Learn the task with each of its seeds, and look at the first model's answers."""
    start = perf_counter()
    trainers = [train(task, seed) for seed in task.seeds]
    reached = [trainer.history[-1]["test_accuracy"] for trainer in trainers]
    seconds = perf_counter() - start
    held_out = task.data()[1]
    truth, chances = answer(trainers[0].model, held_out)
    images, answers, confidence = held_out.data.numpy(), chances.argmax(1), chances.max(1)
    return Result(task, reached, seconds, trainers[0], images, truth, answers, confidence)


@no_grad()
def answer(model, dataset):
    """What the images of a data set show, and the model's probabilities for each class."""
    model.eval()
    parts = [
        (truth.numpy(), softmax(model(images), dim=1).numpy())
        for images, truth in DataLoader(dataset, 1000)
    ]
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def size(model):
    """How many numbers the model has to learn."""
    return sum(parameter.numel() for parameter in model.parameters())


# --- Evidence --------------------------------------------------------------------------------


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


def draw_learning(row, result):
    """Curves, confusion and mistakes in a row of the page → its last place, which is free."""
    seeds = len(result.task.seeds)
    mean = f", the mean of {seeds} seeds" if seeds > 1 else ""
    share = f"{result.accuracy:.1%} of {len(result.truth):,} held out{mean}"
    row.suptitle(f"{result.task.title}: {share}", fontweight="bold")
    *parts, free = row.subfigures(1, 4, width_ratios=[1, 1.45, 1.2, 1])
    for draw, part in zip((draw_curves, draw_confusion, draw_mistakes), parts, strict=True):
        draw(part, result)
    return free


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
    lower.xaxis.get_major_locator().set_params(integer=True)


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
        draw_image(axes, result.images[i])
        said = f"{classes[result.truth[i]]} → {classes[result.answers[i]]}"
        axes.set_title(f"{said}\n{result.confidence[i]:.0%} sure", fontsize=7, weight="normal")


def draw_image(axes, image):
    """An image (H, W), ink black, or (3, H, W), in its colours."""
    axes.imshow(image if image.ndim == 2 else image.transpose(1, 2, 0), cmap="gray_r")
