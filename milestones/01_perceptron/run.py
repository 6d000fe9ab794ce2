"""The perceptron (Rosenblatt 1958): one neuron that learns from examples.

Runs on what modules 01 to 04 export. There is no autograd yet: the gradients are worked out by
hand, below, and held against finite differences.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from milestones.evidence import write_evidence
from tinytorch.activations import sigmoid
from tinytorch.layers import Linear
from tinytorch.losses import BCEWithLogitsLoss
from tinytorch.tensor import Tensor, cat, manual_seed, ones, randn, randperm, zeros

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


# --- Data ------------------------------------------------------------------------------------


def make_points(n=200):
    """`n` points in the plane, half of either class, that a straight line can tell apart."""
    half = n // 2
    x = cat([randn(half, 2) * 0.6 - 1.5, randn(half, 2) * 0.6 + 1.5])
    return x, cat([zeros(half, 1), ones(half, 1)])


def load_digits(held_out=36):
    """Real handwritten 0s and 1s: (training x, y) and (held-out x, y), as many of each digit."""
    with np.load(ROOT / "tinytorch" / "data" / "digits.npz") as archive:
        images, labels = archive["images"], archive["labels"]
    train, test = [], []
    for digit in (0, 1):
        x = Tensor(images[labels == digit] / np.float32(16)).flatten(1)
        x = x[randperm(len(x))]
        test.append(x[:held_out])
        train.append(x[held_out:])
    return tuple(
        (cat(parts), cat([zeros(len(parts[0]), 1), ones(len(parts[1]), 1)]))
        for parts in (train, test)
    )


# --- Model and training ----------------------------------------------------------------------

loss_function = BCEWithLogitsLoss()


def gradients(neuron, x, y):
    """The slope of the mean loss for weight and bias, by hand.

    The loss of one example is −log σ(z) for class 1 and −log(1 − σ(z)) for class 0, with
    z = w·x + b. Either way its slope is ∂loss/∂z = σ(z) − y; and ∂z/∂w = x, ∂z/∂b = 1.
    """
    error = (sigmoid(neuron(x)) - y) / len(x)
    return error.T @ x, error.sum(dim=0)


def train(x, y, steps, learning_rate):
    """Descend along the gradient: the neuron, and the loss before each step and at the end."""
    neuron = Linear(x.shape[1], 1)
    losses = []
    for _ in range(steps):
        losses.append(loss_function(neuron(x), y).item())
        for parameter, slope in zip(neuron.parameters(), gradients(neuron, x, y), strict=True):
            parameter.array -= learning_rate * slope.array
    losses.append(loss_function(neuron(x), y).item())
    return neuron, losses


# --- Evidence --------------------------------------------------------------------------------


def scores(neuron, x, y):
    """Accuracy, precision and recall of the neuron's yes (z > 0) and no."""
    says_yes, is_yes = neuron(x).detach() > 0, y == 1
    hits = (says_yes.float() * is_yes.float()).sum().item()
    return {
        "accuracy": (says_yes == is_yes).float().mean().item(),
        "precision": hits / max(says_yes.sum().item(), 1),
        "recall": hits / is_yes.sum().item(),
    }


def falls(losses):
    """Whether the loss has a negative slope over its last half, and never rises above its start."""
    last = np.array(losses[len(losses) // 2 :])
    slope = np.polyfit(np.arange(len(last)), last, 1)[0]
    return bool(slope < 0 and max(losses) <= losses[0])


def gradient_error(x, y, step=1e-4):
    """The largest difference between the gradients by hand and finite differences, in float64."""
    neuron, x, y = Linear(x.shape[1], 1), x.to(np.float64), y.to(np.float64)
    for parameter in neuron.parameters():
        parameter.array = parameter.array.astype(np.float64)
    largest = 0.0
    for parameter, slopes in zip(neuron.parameters(), gradients(neuron, x, y), strict=True):
        for index in np.ndindex(parameter.shape):
            value, sides = parameter.array[index], []
            for shifted in (value + step, value - step):
                parameter.array[index] = shifted
                sides.append(loss_function(neuron(x), y).item())
            parameter.array[index] = value
            by_difference = (sides[0] - sides[1]) / (2 * step)
            largest = max(largest, abs(by_difference - slopes.array[index]))
    return largest


def draw(points, line, digits_neuron, curves):
    """The line that was found, the weights as an image, and both learning curves."""
    plt.style.use(ROOT / "nbs" / "tinytorch.mplstyle")
    figure, (plane, image, curve) = plt.subplots(1, 3, figsize=(11, 3.4))
    (x, y), (w, b) = points, (p.detach().numpy().ravel() for p in line.parameters())
    for label, marker in ((0, "o"), (1, "^")):
        cloud = x.numpy()[y.numpy().ravel() == label]
        plane.plot(*cloud.T, marker, markersize=4, label=f"class {label}")
    across = np.array([x.numpy()[:, 0].min(), x.numpy()[:, 0].max()])
    plane.plot(across, -(w[0] * across + b[0]) / w[1], color="black", label="w·x + b = 0")
    plane.set(title="200 points", xlabel="x₁", ylabel="x₂", ylim=(-4, 5))
    plane.legend(fontsize=8, ncols=3, loc="upper left", columnspacing=1)

    weights = digits_neuron.weight.detach().numpy().reshape(8, 8)
    bound = np.abs(weights).max()
    shown = image.imshow(weights, cmap="PuOr", vmin=-bound, vmax=bound)
    image.set(title="Ink that speaks for 1, or for 0", xticks=[], yticks=[])
    image.grid(False)
    figure.colorbar(shown, ax=image, label="weight: above 0 speaks for 1")

    for name, losses in curves.items():
        curve.plot(losses, label=name)
    curve.set(title="Learning", xlabel="step", ylabel="loss", yscale="log")
    curve.legend()
    figure.savefig(HERE / "evidence.png")


def main():
    manual_seed(1957)
    points = make_points()
    line, point_losses = train(*points, steps=2000, learning_rate=2.0)
    training, held_out = load_digits()
    neuron, digit_losses = train(*training, steps=2000, learning_rate=0.5)

    runs = {"points": scores(line, *points), "digits": scores(neuron, *held_out)}
    losses = {"points": point_losses, "digits": digit_losses}
    worst = {name: min(run[name] for run in runs.values()) for name in runs["points"]}
    final = max(run[-1] for run in losses.values())
    error = max(gradient_error(*points), gradient_error(*training))
    write_evidence(
        HERE,
        {
            "accuracy": (f"{worst['accuracy']:.2%}", worst["accuracy"] >= 0.995),
            "loss falls": (
                " and ".join(f"{run[0]:.3f} → {run[-1]:.4f}" for run in losses.values()),
                all(falls(run) for run in losses.values()),
            ),
            "final loss": (f"{final:.4f}", final <= 0.0057),
            "precision and recall": (
                f"{worst['precision']:.3f} and {worst['recall']:.3f}",
                min(worst["precision"], worst["recall"]) >= 0.99,
            ),
            "gradients by hand": (f"largest difference {error:.1e}", error <= 1e-6),
        },
        runs=runs,
        losses=losses,
    )
    draw(points, line, neuron, losses)


if __name__ == "__main__":
    main()
