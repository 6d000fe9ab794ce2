"""One training step of two convolutional networks: forward, cross-entropy, backward, SGD."""

import numpy as np

from benchmarks.workload import Workload
from benchmarks.workloads.training import training_step

RATE = 0.01


def lenet(nn):
    """Much as in LeCun et al. (1998), with relu and max-pooling."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def larger(nn):
    """More channels: four fifths of its multiply-adds are the second convolution's."""
    return nn.Sequential(
        nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2304, 10),
    )  # fmt: skip


def like_torch(torch, network, shape):
    model, random = network(torch.nn), np.random.default_rng(0)
    for parameter in model.parameters():
        size = tuple(parameter.shape)
        spread = np.float32(np.prod(size[1:]) ** -0.5 if len(size) > 1 else 0)
        parameter.data = torch.tensor(random.standard_normal(size, dtype=np.float32) * spread)
    x = torch.tensor(random.standard_normal(shape, dtype=np.float32))
    y = torch.tensor(random.integers(10, size=shape[0]))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    return training_step(torch, model, optimizer, x, y)


STEPS = {"tinytorch": like_torch, "torch": like_torch}

WORKLOADS = [
    Workload(
        "lenet", "LeNet, 1×28×28, batch 64: SGD step", STEPS,
        {"network": lenet, "shape": (64, 1, 28, 28)}, must=0.6, goal=1.0, trains=True,
    ),
    Workload(
        "cnn", "CNN 32-64 channels, 3×32×32, batch 32: SGD step", STEPS,
        {"network": larger, "shape": (32, 3, 32, 32)}, must=0.6, goal=0.9, trains=True,
    ),
]  # fmt: skip
