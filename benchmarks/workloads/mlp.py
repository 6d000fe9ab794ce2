"""One training step of a multilayer perceptron: forward, cross-entropy, backward, update."""

from itertools import pairwise

import numpy as np

from benchmarks.workload import Workload
from benchmarks.workloads.training import training_step

SGD, ADAM = {"lr": 0.01}, {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8}


def layer_sizes(width):
    """784-128-64-10 for a width of 64."""
    return [784, 2 * width, width, 10]


def problem(width, batch):
    """Weight and bias of each layer in one list, and a batch: the same for every library."""
    random = np.random.default_rng(0)
    weights = []
    for fan_in, fan_out in pairwise(layer_sizes(width)):
        weight = random.standard_normal((fan_out, fan_in), dtype=np.float32)
        weights += [weight / np.float32(fan_in**0.5), np.zeros(fan_out, np.float32)]
    x = random.standard_normal((batch, 784), dtype=np.float32)
    return weights, x, random.integers(10, size=batch)


def like_torch(torch, optimizer="SGD", width=64, batch=64):
    weights, x, y = problem(width, batch)
    nn, (inputs, first, second, outputs) = torch.nn, layer_sizes(width)
    model = nn.Sequential(
        nn.Linear(inputs, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(),
        nn.Linear(second, outputs),
    )  # fmt: skip
    for parameter, weight in zip(model.parameters(), weights, strict=True):
        parameter.data = torch.tensor(weight)
    if optimizer == "SGD":
        optimizer = torch.optim.SGD(model.parameters(), **SGD)
    else:
        optimizer = torch.optim.Adam(model.parameters(), **ADAM)
    return training_step(torch, model, optimizer, torch.tensor(x), torch.tensor(y))


# --- numpy: the gradients worked out by hand -------------------------------------------------


def update_in_place(weights, optimizer):
    """A function that changes the arrays `weights` by their gradients."""
    if optimizer == "SGD":

        def update(gradients):
            for weight, gradient in zip(weights, gradients, strict=True):
                weight -= SGD["lr"] * gradient

        return update

    moments = [(np.zeros_like(weight), np.zeros_like(weight)) for weight in weights]
    (beta1, beta2), steps = ADAM["betas"], 0

    def update(gradients):
        nonlocal steps
        steps += 1
        rate, correction = ADAM["lr"] / (1 - beta1**steps), (1 - beta2**steps) ** 0.5
        for weight, (mean, square), gradient in zip(weights, moments, gradients, strict=True):
            mean += (1 - beta1) * (gradient - mean)
            square += (1 - beta2) * (gradient * gradient - square)
            weight -= rate * mean / (np.sqrt(square) / correction + ADAM["eps"])

    return update


def by_hand(np, optimizer="SGD", width=64, batch=64):
    weights, x, y = problem(width, batch)
    w1, b1, w2, b2, w3, b3 = weights
    update, rows = update_in_place(weights, optimizer), np.arange(batch)

    def step():
        h1 = np.maximum(x @ w1.T + b1, 0)
        h2 = np.maximum(h1 @ w2.T + b2, 0)
        logits = h2 @ w3.T + b3
        logits -= logits.max(axis=1, keepdims=True)
        p = np.exp(logits)
        totals = p.sum(axis=1, keepdims=True)
        loss = (np.log(totals[:, 0]) - logits[rows, y]).mean()
        p /= totals
        p[rows, y] -= 1
        d3 = p / batch
        d2 = (d3 @ w3) * (h2 > 0)
        d1 = (d2 @ w2) * (h1 > 0)
        update([d1.T @ x, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)])
        return loss

    return step


# --- jax and autograd: a function of the weights, and its gradient ---------------------------


def loss_of(np, weights, x, one_hot):
    """Cross-entropy of the perceptron, in `np`: a library that looks like numpy."""
    for weight, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        x = np.maximum(x @ weight.T + bias, 0)
    logits = x @ weights[-2].T + weights[-1]
    logits = logits - np.max(logits, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(logits), axis=1)) - np.sum(logits * one_hot, axis=1))


def in_autograd(autograd, optimizer="SGD", width=64, batch=64):
    import autograd.numpy as wrapped

    weights, x, y = problem(width, batch)
    one_hot, update = np.eye(10, dtype=np.float32)[y], update_in_place(weights, optimizer)
    loss_and_gradients = autograd.value_and_grad(lambda ws: loss_of(wrapped, ws, x, one_hot))

    def step():
        loss, gradients = loss_and_gradients(weights)
        update(gradients)
        return loss

    return step


def in_jax(jax, optimizer="SGD", width=64, batch=64):
    weights, x, y = problem(width, batch)
    x, one_hot = jax.numpy.asarray(x), jax.nn.one_hot(y, 10)
    loss_and_gradients = jax.value_and_grad(lambda ws: loss_of(jax.numpy, ws, x, one_hot))
    (beta1, beta2), rate, eps = ADAM["betas"], ADAM["lr"], ADAM["eps"]

    @jax.jit
    def sgd(state):
        loss, gradients = loss_and_gradients(state["weights"])
        pairs = zip(state["weights"], gradients, strict=True)
        return loss, {"weights": [w - SGD["lr"] * g for w, g in pairs]}

    @jax.jit
    def adam(state):
        loss, gradients = loss_and_gradients(state["weights"])
        steps, new = state["steps"] + 1, {"weights": [], "means": [], "squares": []}
        for w, m, s, g in zip(
            state["weights"], state["means"], state["squares"], gradients, strict=True
        ):
            m = beta1 * m + (1 - beta1) * g
            s = beta2 * s + (1 - beta2) * g * g
            scale = jax.numpy.sqrt(s / (1 - beta2**steps)) + eps
            new["weights"].append(w - rate * m / (1 - beta1**steps) / scale)
            new["means"].append(m)
            new["squares"].append(s)
        return loss, {**new, "steps": steps}

    zeros = [jax.numpy.zeros_like(w) for w in weights]
    state = {"weights": weights}
    if optimizer == "Adam":
        state |= {"means": zeros, "squares": zeros, "steps": 0}
    train = sgd if optimizer == "SGD" else adam

    def step():
        nonlocal state
        loss, state = train(state)
        return jax.block_until_ready((loss, state))[0]

    return step


# --- tinygrad --------------------------------------------------------------------------------


def in_tinygrad(tinygrad, optimizer="SGD", width=64, batch=64):
    from tinygrad.nn import optim

    Tensor = tinygrad.Tensor
    weights, x, y = problem(width, batch)
    weights = w1, b1, w2, b2, w3, b3 = [Tensor(weight) for weight in weights]
    x, y, (beta1, beta2) = Tensor(x).realize(), Tensor(y).realize(), ADAM["betas"]
    if optimizer == "SGD":
        optimizer = optim.SGD(weights, lr=SGD["lr"])
    else:
        optimizer = optim.Adam(weights, lr=ADAM["lr"], b1=beta1, b2=beta2, eps=ADAM["eps"])

    @tinygrad.TinyJit
    @tinygrad.Context(TRAINING=1)
    def train():
        optimizer.zero_grad()
        hidden = (x @ w1.T + b1).relu()
        logits = (hidden @ w2.T + b2).relu() @ w3.T + b3
        loss = logits.sparse_categorical_crossentropy(y).backward()
        return loss.realize(*optimizer.schedule_step())

    def step():
        loss = train()
        tinygrad.Device.default.synchronize()
        return loss

    return step


STEPS = {
    "tinytorch": like_torch,
    "torch": like_torch,
    "numpy": by_hand,
    "jax": in_jax,
    "autograd": in_autograd,
    "tinygrad": in_tinygrad,
}

WORKLOADS = [
    Workload(
        "mlp-sgd", "MLP 784-128-64-10, batch 64: SGD step", STEPS,
        {"optimizer": "SGD"}, must=1.0, goal=1.7, trains=True,
    ),
    Workload(
        "mlp-adam", "MLP 784-128-64-10, batch 64: Adam step", STEPS,
        {"optimizer": "Adam"}, must=1.0, goal=1.6, trains=True,
    ),
]  # fmt: skip
