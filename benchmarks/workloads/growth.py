"""How cost grows: with the depth of a chain of operations, and with an MLP's width and batch."""

from benchmarks.workload import Workload
from benchmarks.workloads import mlp


def chain_like_torch(torch, length):
    x = torch.tensor(1.0, requires_grad=True)

    def step():
        x.grad, y = None, x
        for _ in range(length):
            y = y * 1.0
        y.backward()
        return x.grad

    return step


def chain_in_autograd(autograd, length):
    import numpy as np

    def chain(x):
        for _ in range(length):
            x = x * 1.0
        return x

    gradient = autograd.grad(chain)
    return lambda: np.float64(gradient(1.0))


def chain_in_micrograd(micrograd, length):
    import numpy as np
    from micrograd.engine import Value

    def step():
        x = y = Value(1.0)
        for _ in range(length):
            y = y * 1.0
        y.backward()
        return np.float64(x.grad)

    return step


MLP_STEPS = {name: mlp.STEPS[name] for name in ("tinytorch", "torch", "numpy")}

WORKLOADS = [
    Workload(
        "chain",
        "Forward and backward through a chain of x \\* 1.0",
        {
            "tinytorch": chain_like_torch,
            "torch": chain_like_torch,
            "autograd": chain_in_autograd,
            "micrograd": chain_in_micrograd,
        },
        varies="length",
        sizes=(100, 1_000, 10_000, 100_000),
    ),
    Workload(
        "width", "MLP 784-2w-w-10, batch 64, SGD step, by width w", MLP_STEPS,
        varies="width", sizes=(16, 64, 256, 1024),
    ),
    Workload(
        "batch", "MLP 784-128-64-10, SGD step, by batch size", MLP_STEPS,
        varies="batch", sizes=(1, 8, 64, 512, 4096),
    ),
]  # fmt: skip
