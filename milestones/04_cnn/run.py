"""The convolutional network (LeCun, Bottou, Bengio & Haffner 1998), beside the MLP of 1986.

Runs on what modules 01 to 09 export, through the doors that torch has as well. How a task is
learned, and what is drawn of it, stands in ../recognition.py.
"""

import argparse
from functools import partial
from importlib import import_module
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from milestones.evidence import write_evidence
from milestones.recognition import (
    STYLE,
    Task,
    answer,
    confusion,
    draw_image,
    draw_learning,
    history,
    run,
    size,
)
from tinytorch import from_numpy, nn
from tinytorch.datasets import CIFAR10, Digits, FashionMNIST, FashionMNISTSmall
from tinytorch.transforms import Compose, Normalize, RandomCrop, RandomHorizontalFlip

HERE = Path(__file__).parent
mlp = import_module("milestones.03_mlp.run")

# --- Model -----------------------------------------------------------------------------------


def convolution(inputs, outputs):
    """Kernels of 3 × 3, batch norm, ReLU: the pictures keep their size. No bias: the norm has."""
    kernels = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return kernels, nn.BatchNorm2d(outputs), nn.ReLU()


def digits_network():
    """8 × 8 pixels → 2 × 2 places with 32 features → ten scores."""
    return nn.Sequential(
        *convolution(1, 16),
        *convolution(16, 32), nn.MaxPool2d(2),
        *convolution(32, 32), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(32 * 2 * 2, 10),
    )  # fmt: skip


def clothing_network():
    """28 × 28 pixels → 7 × 7 places with 64 features → ten scores."""
    return nn.Sequential(
        *convolution(1, 16), nn.MaxPool2d(2),
        *convolution(16, 32), nn.MaxPool2d(2),
        *convolution(32, 64),
        nn.Flatten(), nn.Dropout(0.4), nn.Linear(64 * 7 * 7, 10),
    )  # fmt: skip


def colour_network():
    """32 × 32 pixels in three colours → 4 × 4 places with 128 features → ten scores."""
    return nn.Sequential(
        *convolution(3, 32), nn.MaxPool2d(2),
        *convolution(32, 64), nn.MaxPool2d(2),
        *convolution(64, 128), *convolution(128, 128), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(128 * 4 * 4, 10),
    )  # fmt: skip


# --- Data and recipes ------------------------------------------------------------------------

# A mirrored shoe is a shoe. Nothing is shifted while learning: the shift test asks who can without.
FLIPS = (RandomHorizontalFlip(), None)

DIGITS = Task("Digits", Digits, digits_network, 8, 64, 4e-3, seeds=(0, 1, 2))
CLOTHING = Task("Clothing", FashionMNISTSmall, clothing_network, 12, 64, 4e-3, transforms=FLIPS)


def all_clothing(root):
    """All of Fashion-MNIST: read in the folder `root`, or else downloaded into the cache."""
    where = {"root": root} if root else {"download": True}
    title, transforms = "All of Fashion-MNIST", FLIPS
    return Task(title, FashionMNIST, clothing_network, 8, 128, 4e-3, (0,), transforms, where)


def colour_photographs(root):
    """CIFAR-10, with the mean and the spread of each colour taken out."""
    where = {"root": root} if root else {"download": True}
    normalize = Normalize((0.491, 0.482, 0.447), (0.247, 0.244, 0.262))
    learn = Compose([RandomCrop(32, padding=4), RandomHorizontalFlip(), normalize])
    transforms = learn, normalize
    return Task("CIFAR-10", CIFAR10, colour_network, 12, 128, 1.5e-3, (0,), transforms, where)


# --- The shift test --------------------------------------------------------------------------

EIGHT = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0)]
PIXELS = (0, 1, 2)


def moved(image, down, right):
    """An image (C, H, W), moved by whole pixels; what comes in at the border is background."""
    far = max(abs(down), abs(right))
    padded = np.pad(image.numpy(), [(0, 0), (far, far), (far, far)])
    top, left = far - down, far - right
    return from_numpy(padded[:, top : top + image.shape[1], left : left + image.shape[2]])


def accuracy_moved(result, pixels):
    """The share of right answers on held-out images moved by `pixels`, the mean of 8 directions."""
    hits = []
    for down, right in EIGHT if pixels else EIGHT[:1]:
        move = partial(moved, down=pixels * down, right=pixels * right)
        held_out = result.task.dataset(train=False, transform=move)
        truth, chances = answer(result.trainer.model, held_out)
        hits.append(chances.argmax(axis=1) == truth)
    return float(np.mean(hits))


def shift_test(network, perceptron):
    """The share of right answers of both networks, moved by 0, 1 and 2 pixels."""
    pair = {"CNN": network, "MLP": perceptron}
    return {
        name: [round(accuracy_moved(result, pixels), 5) for pixels in PIXELS]
        for name, result in pair.items()
    }


# --- Pictures --------------------------------------------------------------------------------


def draw(results, shifts):
    """A row of pictures for each task, and the shift test below them."""
    plt.style.use(STYLE)
    count = len(results)
    figure = plt.figure(figsize=(14, 4.4 * count + 3.4))
    rows = figure.subfigures(count + 1, 1, hspace=0.03, height_ratios=[4.4] * count + [3.4])
    for row, result in zip(rows, results.values(), strict=False):
        draw_filters(draw_learning(row, result), result)
    title = "The shift test, the mean of eight directions: neither network has seen a moved picture"
    rows[-1].suptitle(title, fontweight="bold")
    parts = rows[-1].subfigures(1, 2 * len(shifts), width_ratios=[1.2, 1] * len(shifts))
    for i, name in enumerate(shifts):
        draw_moved(parts[2 * i], results[name])
        draw_shift(parts[2 * i + 1], results[name].task.title, shifts[name])
    figure.savefig(HERE / "evidence.png")


def draw_filters(figure, result):
    """The kernels of the first layer, at most sixteen; those of colour pictures in colours."""
    weight = result.trainer.model[0].weight.detach().numpy()[:16]
    figure.suptitle("What the first layer looks for", fontweight="bold", fontsize=11)
    coloured = weight.shape[1] == 3
    ink = "purple: ink excites the neuron; orange: it calms it"
    figure.supxlabel("the colours that excite the neuron" if coloured else ink, fontsize=8)
    for kernel, axes in zip(weight, figure.subplots(4, 4).flat, strict=True):
        bound = np.abs(kernel).max()
        if coloured:
            axes.imshow(0.5 + kernel.transpose(1, 2, 0) / bound / 2)
        else:
            axes.imshow(kernel[0], cmap="PuOr", vmin=-bound, vmax=bound)
        axes.axis("off")


def draw_moved(figure, result):
    """A held-out picture where it belongs, and moved down and to the right."""
    image = result.task.dataset(train=False)[0][0]
    titles = "in its place", "moved by 1 pixel", "by 2 pixels"
    for pixels, title, axes in zip(PIXELS, titles, figure.subplots(1, 3), strict=True):
        draw_image(axes, moved(image, pixels, pixels).numpy()[0])
        axes.set_title(title, fontsize=9, weight="normal", loc="center")
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(True)


def draw_shift(figure, title, shares):
    """How many are still recognized when they are moved."""
    axes = figure.subplots()
    for (name, curve), style in zip(shares.items(), ("o-", "s--"), strict=True):
        axes.plot(PIXELS, [100 * share for share in curve], style, label=name)
    axes.set(title=title, xlabel="moved by (pixels)", ylabel="right (%)")
    axes.set(xticks=PIXELS, ylim=(0, 103))
    axes.legend(loc="lower left")


# --- The command -----------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", choices=("shipped", "full", "cifar10"), default="shipped",
        help="full: also all 70,000 pictures of Fashion-MNIST; cifar10: also CIFAR-10",
    )  # fmt: skip
    parser.add_argument("--root", help="the folder that has these data, read in place")
    arguments = parser.parse_args()

    digits, clothing = run(DIGITS), run(CLOTHING)
    results = {"digits": digits, "clothing": clothing}
    perceptrons = {"digits": run(mlp.DIGITS), "clothing": run(mlp.CLOTHING)}
    shifts = {name: shift_test(results[name], perceptrons[name]) for name in perceptrons}
    sizes = {
        name: {"CNN": size(results[name].trainer.model), "MLP": size(other.trainer.model)}
        for name, other in perceptrons.items()
    }
    measured = {
        "digits": (f"{digits.accuracy:.2%}", digits.accuracy >= 0.975),
        "time for digits": (f"{digits.seconds:.1f} s", digits.seconds < 60),
        "clothing": (f"{clothing.accuracy:.1%}", clothing.accuracy >= 0.895),
        "time for clothing": (f"{clothing.seconds:.1f} s", clothing.seconds < 180),
        "against the MLP": compare(clothing, perceptrons["clothing"], sizes["clothing"]),
        "shift test": compare_losses(shifts["clothing"]),
    }
    if arguments.data == "full":
        results["full"] = full = run(all_clothing(arguments.root))
        came = f"{full.accuracy:.2%} in {full.seconds / 60:.1f} minutes"
        measured["all of Fashion-MNIST"] = came, full.accuracy >= 0.90 and full.seconds < 600
    if arguments.data == "cifar10":
        results["cifar10"] = colour = run(colour_photographs(arguments.root))
        came = f"{colour.accuracy:.2%} in {colour.seconds / 60:.1f} minutes"
        measured["CIFAR-10"] = came, colour.accuracy >= 0.70
    write_evidence(
        HERE,
        measured,
        parameters=sizes,
        shift_test={"pixels": PIXELS, **shifts},
        curves={name: history(result) for name, result in results.items()},
        confusion={name: confusion(result).tolist() for name, result in results.items()},
    )
    draw(results, shifts)


def compare(network, perceptron, sizes):
    """On the same pictures: more right answers, with fewer numbers to learn?"""
    came = (
        f"{network.accuracy:.1%} with {sizes['CNN']:,} parameters, "
        f"{perceptron.accuracy:.1%} with {sizes['MLP']:,}"
    )
    return came, network.accuracy > perceptron.accuracy and sizes["CNN"] < sizes["MLP"]


def compare_losses(shares):
    """What both lose when the pictures are moved by two pixels."""
    lost = {name: 100 * (curve[0] - curve[-1]) for name, curve in shares.items()}
    return f"{lost['CNN']:.1f} points, the MLP {lost['MLP']:.1f}", lost["CNN"] < lost["MLP"]


if __name__ == "__main__":
    main()
