"""The multilayer perceptron (Rumelhart, Hinton & Williams 1986): real digits, real clothing.

Runs on what modules 01 to 08 export, through the doors that torch has as well. How a task is
learned, and what is drawn of it, stands in ../recognition.py.
"""

import argparse
from functools import partial
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from milestones.evidence import write_evidence
from milestones.recognition import STYLE, Task, confusion, draw_learning, history, run
from tinytorch import nn
from tinytorch.datasets import Digits, FashionMNIST, FashionMNISTSmall

HERE = Path(__file__).parent

# --- Model -----------------------------------------------------------------------------------


def multilayer_perceptron(sizes, dropout):
    """Linear layers of these sizes, a ReLU and dropout between any two."""
    layers = [nn.Flatten()]
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers[:-2])


# --- Data and recipes ------------------------------------------------------------------------

SMALL = partial(multilayer_perceptron, (64, 128, 64, 10), dropout=0.0)
LARGE = partial(multilayer_perceptron, (784, 256, 128, 10), dropout=0.3)

DIGITS = Task("Digits", Digits, SMALL, epochs=20, batch_size=64, lr=4e-3, seeds=(0, 1, 2))
CLOTHING = Task("Clothing", FashionMNISTSmall, LARGE, epochs=20, batch_size=128, lr=3e-3)


def all_clothing(root):
    """All of Fashion-MNIST: read in the folder `root`, or else downloaded into the cache."""
    where = {"root": root} if root else {"download": True}
    return Task("All of Fashion-MNIST", FashionMNIST, LARGE, 20, 128, 2e-3, options=where)


# --- Pictures --------------------------------------------------------------------------------


def draw(results):
    """A row of pictures for each task."""
    plt.style.use(STYLE)
    figure = plt.figure(figsize=(14, 4.4 * len(results)))
    rows = np.atleast_1d(figure.subfigures(len(results), 1, hspace=0.03))
    for row, result in zip(rows, results, strict=True):
        draw_first_layer(draw_learning(row, result), result)
    figure.savefig(HERE / "evidence.png")


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
