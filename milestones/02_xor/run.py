"""XOR (Minsky & Papert 1969): what one layer cannot learn, and what two hidden layers make of it.

Runs on what modules 01 to 07 export, through the doors that torch has as well.
"""

import math
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from milestones.evidence import write_evidence
from tinytorch import from_numpy, manual_seed, nn, no_grad, optim, randint, randn, sigmoid, tensor
from tinytorch.autograd import gradcheck
from tinytorch.nn.functional import linear, tanh

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SEEDS = range(10)

# --- Data ------------------------------------------------------------------------------------

CORNERS = tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
ANSWERS = tensor([[0.0], [1.0], [1.0], [0.0]])  # one or the other, but not both


def noisy_points(n, spread=0.15):
    """`n` points around corners drawn at random, and the answers of those corners."""
    which = randint(4, (n,))
    return CORNERS[which] + spread * randn(n, 2), ANSWERS[which]


# --- Models and training ---------------------------------------------------------------------

loss_function = nn.BCEWithLogitsLoss()


def single_layer():
    """The perceptron of milestone 01: a straight line is all that it can draw."""
    return nn.Linear(2, 1)


def two_hidden_layers():
    """Each hidden layer bends the plane, the last one cuts it with a straight line."""
    return nn.Sequential(
        nn.Linear(2, 8), nn.Tanh(),
        nn.Linear(8, 8), nn.Tanh(),
        nn.Linear(8, 1),
    )  # fmt: skip


def train(model, x, y, steps, lr):
    """Adam, its step size falling to nothing along a cosine: losses and corners right, by step."""
    optimizer = optim.Adam(model.parameters(), lr=lr)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    losses, corners = [], []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        corners.append(accuracy(model, CORNERS, ANSWERS))
    return losses, corners


@no_grad()
def accuracy(model, x, y):
    """The share of the points at which the model's yes (above 0) or no is right."""
    return ((model(x) > 0) == (y == 1)).float().mean().item()


# --- Evidence --------------------------------------------------------------------------------


def crisis(seed):
    """A single layer, trained on the four corners."""
    manual_seed(seed)
    model = single_layer()
    losses, corners = train(model, CORNERS, ANSWERS, steps=200, lr=0.1)
    return {"model": model, "losses": losses, "best": max(corners)}


def way_out(seed):
    """Two hidden layers, trained on 800 noisy points and tested on 1,000 others."""
    manual_seed(seed)
    model = two_hidden_layers()
    losses, corners = train(model, *noisy_points(800), steps=200, lr=0.05)
    unseen = accuracy(model, *noisy_points(1000))
    return {"model": model, "losses": losses, "corners": corners[-1], "unseen": unseen}


def check_gradients(model):
    """Hold autograd's gradients of all the model's parameters against finite differences."""

    def loss(x, y, *parameters):
        *hidden, last = zip(parameters[::2], parameters[1::2], strict=True)
        for weight, bias in hidden:
            x = tanh(linear(x, weight, bias))
        return loss_function(linear(x, *last), y)

    parameters = list(model.parameters())
    try:
        gradcheck(loss, (CORNERS, ANSWERS, *parameters))
    except RuntimeError as error:
        return str(error), False
    return f"all {sum(p.numel() for p in parameters)} agree", True


# --- Pictures --------------------------------------------------------------------------------


@no_grad()
def draw_surface(axes, model):
    """The model's probability of a yes all over the plane, and the four corners."""
    side = np.linspace(-0.6, 1.6, 121, dtype=np.float32)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    yes = sigmoid(model(from_numpy(grid))).numpy()[..., 0]
    surface = axes.contourf(side, side, yes, levels=np.linspace(0, 1, 21), cmap="PuOr")
    axes.contour(side, side, yes, levels=[0.5], colors="black", linewidths=1)
    for answer, marker in ((0, "o"), (1, "^")):
        x, y = CORNERS.numpy()[ANSWERS.numpy()[:, 0] == answer].T
        axes.plot(x, y, marker, color="black", markerfacecolor="white", markersize=8)
    axes.set(xticks=[0, 1], yticks=[0, 1], aspect="equal")
    axes.grid(False)
    return surface


def draw(crises, ways_out):
    """Both kinds of surface, how they were learned, and what each of the ten seeds has found."""
    plt.style.use(ROOT / "nbs" / "tinytorch.mplstyle")
    figure = plt.figure(figsize=(11, 7.6))
    upper, lower = figure.subfigures(2, 1, height_ratios=[1, 1.05])
    one, two, curve = upper.subplots(1, 3, width_ratios=[1, 1, 1.35])
    draw_surface(one, crises[0]["model"])
    surface = draw_surface(two, ways_out[0]["model"])
    for axes, title in ((one, "A single layer"), (two, "Two hidden layers")):
        axes.set(title=title, xlabel="x₁", ylabel="x₂")
    upper.colorbar(surface, ax=two, shrink=0.8, label="probability of a yes", ticks=[0, 0.5, 1])

    for runs, colour, name in ((crises, "C1", "single layer"), (ways_out, "C0", "two hidden")):
        for i, run in enumerate(runs):
            label = f"{name}, ten seeds" if i == 0 else None
            curve.plot(run["losses"], color=colour, linewidth=1, label=label)
    curve.axhline(math.log(2), color="black", linestyle=":", label="log 2: a coin")
    curve.set(title="Learning", xlabel="step", ylabel="loss", yscale="log")
    curve.legend(fontsize=8)

    title = "Ten seeds, ten ways to fold the plane (△ yes, ○ no)"
    lower.suptitle(title, fontweight="bold", fontsize=11)
    for seed, axes in zip(SEEDS, lower.subplots(2, 5).flat, strict=True):
        draw_surface(axes, ways_out[seed]["model"])
        axes.set_title(f"seed {seed}: {ways_out[seed]['unseen']:.1%}", fontsize=9, weight="normal")
    figure.savefig(HERE / "evidence.png")


def main():
    crises = [crisis(seed) for seed in SEEDS]
    ways_out = [way_out(seed) for seed in SEEDS]
    best = max(run["best"] for run in crises)
    corners = [run["corners"] for run in ways_out]
    unseen = [run["unseen"] for run in ways_out]
    write_evidence(
        HERE,
        {
            "a single layer": (f"{best:.0%} at its best step", best <= 0.75),
            "corners": (f"{corners.count(1.0)} seeds of {len(SEEDS)}", min(corners) == 1),
            "unseen points": (f"{min(unseen):.1%} for the worst seed", min(unseen) >= 0.99),
            "gradients": check_gradients(two_hidden_layers()),
        },
        unseen=unseen,
        every_tenth_loss={
            "a single layer": [run["losses"][::10] for run in crises],
            "two hidden layers": [run["losses"][::10] for run in ways_out],
        },
    )
    draw(crises, ways_out)


if __name__ == "__main__":
    main()
