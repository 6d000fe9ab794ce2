"""Every Function of the package has a backward that agrees with finite differences.

`CASES` holds at least one use of each; a Function without a case is a failure, so a new one
cannot be forgotten. `tests/test_parity_autograd.py` compares gradients with torch.
"""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import tinytorch
from tinytorch import Tensor, activations, layers, losses, spatial
from tinytorch.autograd import gradcheck
from tinytorch.tensor import Function
from tito.modules import MODULES

tensor = import_module("tinytorch.tensor")  # tinytorch.tensor is the function

ROOT = Path(__file__).parents[1]
EXPORTED = [
    import_module(f"tinytorch.{module.name}")
    for module in MODULES
    if (ROOT / module.exported).exists()
]


def functions(base=Function):
    """All classes below `base`, at any depth, that the exported modules define."""
    for cls in base.__subclasses__():
        if cls.__module__.startswith("tinytorch."):
            yield cls
        yield from functions(cls)


def numbers(*shape, low=-2.0, high=2.0, seed=0):
    """A float64 leaf with numbers that lie well apart, so that no kink is within reach of eps."""
    count = int(np.prod(shape))
    values = np.random.default_rng(seed).permutation(np.linspace(low, high, count))
    return Tensor(values.reshape(shape), requires_grad=True)


def positive(*shape, seed=0):
    return numbers(*shape, low=0.3, high=2.0, seed=seed)


def indices(*values):
    return Tensor(np.array(values))


def mask(*values):
    return Tensor(np.array(values, bool))


F = tinytorch.nn.functional
t23, t3, t21 = numbers(2, 3), numbers(3, seed=1), numbers(2, 1, seed=2)
p23, p3 = positive(2, 3), positive(3, seed=1)
t234 = numbers(2, 3, 4)
logits, classes = numbers(4, 3), indices(2, 0, 1, 0)
images, kernels = numbers(2, 2, 5, 4), numbers(4, 2, 3, 2, seed=1)
scale_shift = positive(2), numbers(2)

CASES = {
    tensor.Add: [(lambda a, b: a + b, t23, t3), (lambda a: 2 + a, t23), (lambda a: a + a, t23)],
    tensor.Sub: [(lambda a, b: a - b, t21, t23), (lambda a: 1 - a, t3)],
    tensor.Neg: [(lambda a: -a, t23)],
    tensor.Mul: [(lambda a, b: a * b, t23, t21), (lambda a: 3 * a, t3), (lambda a: a * a, t23)],
    tensor.Div: [(lambda a, b: a / b, t23, p3), (lambda a: 2 / a, p23), (lambda a: a / 4, t3)],
    tensor.Pow: [
        (lambda a: a**2, t23),
        (lambda a: a**3, t23),
        (lambda a: a**0, t23),
        (lambda a: a**-1.5, p23),
        (lambda a: 2**a, t23),
        (lambda a, b: a**b, p23, t3),
    ],
    tensor.Cast: [(lambda a: a.clone(), t23), (lambda a: a.to(np.float64).clone() * 2, t3)],
    tensor.Sum: [
        (lambda a: a.sum(), t234),
        (lambda a: a.sum(dim=1), t234),
        (lambda a: a.sum(dim=(0, -1)), t234),
        (lambda a: a.sum(dim=-2, keepdim=True), t234),
        (lambda a: a.mean(dim=1), t234),
        (lambda a: a.var(dim=0), t23),
        (lambda a: a.std(), t23),
    ],
    tensor.Max: [
        (lambda a: a.max(), t23),
        (lambda a: a.max(dim=1).values, t234),
        (lambda a: a.max(dim=-1, keepdim=True).values, t234),
    ],
    tensor.Min: [(lambda a: a.min(), t23), (lambda a: a.min(dim=0).values, t234)],
    tensor.Exp: [(lambda a: a.exp(), t23)],
    tensor.Log: [(lambda a: a.log(), p23)],
    tensor.Sqrt: [(lambda a: a.sqrt(), p23)],
    tensor.Abs: [(lambda a: a.abs(), t23)],
    tensor.Where: [
        (lambda a, b: tinytorch.where(mask([1, 0, 1]), a, b), t23, t3),
        (lambda a: a.masked_fill(mask([1, 0, 0]), -1.0), t23),
        (lambda a: a.tril(), t234),
        (lambda a: a.triu(1), t234),
    ],
    tensor.Clip: [(lambda a: a.clip(-1, 1.1), t23), (lambda a: a.clip(min=0.1), t23)],
    tensor.Reshape: [
        (lambda a: a.reshape(3, -1), t234),
        (lambda a: a.flatten(1).unsqueeze(0).squeeze(), t234),
    ],
    tensor.Permute: [(lambda a: a.permute(2, 0, -2), t234), (lambda a: a.T, t23)],
    tensor.Expand: [(lambda a: a.expand(3, 2, 4), t21), (lambda a: a.expand(-1, 4), t21)],
    tensor.Cat: [
        (lambda a, b: tinytorch.cat([a, b, a], dim=1), t23, t21),
        (lambda a: tinytorch.stack([a, a * 2], dim=1), t23),
    ],
    tensor.Index: [
        (lambda a: a[1], t234),
        (lambda a: a[:, ::2, None, -1], t234),
        (lambda a: a[indices(0, 1, 0)], t234),
        (lambda a: a[[0, 0, 1], [2, 2, 0]], t23),
        (lambda a: a[mask([1, 0, 1], [0, 1, 1])], t23),
        (lambda a: a[..., indices([0, 3], [3, 3])], t234),
        (lambda a: tinytorch.cat(a.split(2, dim=1)), numbers(2, 4)),
    ],
    tensor.MatMul: [
        (lambda a, b: a @ b, t23, numbers(3, 4)),
        (lambda a, b: a @ b, t3, numbers(3)),
        (lambda a, b: a @ b, t23, t3),
        (lambda a, b: a @ b, t3, numbers(3, 2)),
        (lambda a, b: a @ b, t3, numbers(2, 3, 4)),
        (lambda a, b: a @ b, numbers(2, 2, 3), t3),
        (lambda a, b: a @ b, numbers(2, 1, 2, 3), numbers(3, 3, 4)),
    ],
    activations.ReLUFunction: [(F.relu, t23)],
    activations.LeakyReLUFunction: [
        (lambda a: F.leaky_relu(a, 0.2), t23),
        (lambda a: F.leaky_relu(a, 1.5), t23),
    ],
    activations.SigmoidFunction: [(F.sigmoid, t23)],
    activations.TanhFunction: [(F.tanh, t23)],
    activations.GELUFunction: [(F.gelu, t234)],
    activations.GELUTanhFunction: [(lambda a: F.gelu(a, approximate="tanh"), t234)],
    activations.SoftmaxFunction: [
        (lambda a: F.softmax(a, dim=1), t234),
        (lambda a: F.softmax(a, dim=-1), t3),
    ],
    activations.LogSoftmaxFunction: [(lambda a: F.log_softmax(a, dim=0), t234)],
    layers.LinearFunction: [
        (layers.linear, t23, numbers(4, 3), numbers(4)),
        (layers.linear, t23, numbers(4, 3)),
        (layers.linear, numbers(2, 2, 3), numbers(4, 3), numbers(4)),
        (layers.linear, t3, numbers(4, 3), numbers(4)),
        (lambda w: layers.linear(tinytorch.ones(2, 3, dtype=w.dtype), w), numbers(4, 3)),
    ],
    losses.LogSumExp: [
        (lambda a: losses.logsumexp(a, dim=1), t234),
        (lambda a: losses.logsumexp(a, dim=(0, 2), keepdim=True), t234),
    ],
    losses.CrossEntropyFunction: [
        (lambda x: F.cross_entropy(x, classes), logits),
        (lambda x: F.cross_entropy(x, classes, reduction="none"), logits),
        (lambda x: F.cross_entropy(x, classes, reduction="sum", ignore_index=0), logits),
        (lambda x: F.cross_entropy(x, classes, Tensor([1.0, 2.0, 0.5], x.dtype)), logits),
        (lambda x: F.cross_entropy(x, classes, label_smoothing=0.1) + F.cross_entropy(x, classes),
         logits),
        (lambda x: F.cross_entropy(x, indices([0, 1, 2, 1], [2, 1, 0, 0])), numbers(2, 3, 4)),
    ],
    losses.BCEFunction: [
        (F.binary_cross_entropy, numbers(2, 3, low=0.1, high=0.9), numbers(2, 3, low=0.2, high=0.8))
    ],
    losses.BCEWithLogitsFunction: [
        (F.binary_cross_entropy_with_logits, t23, numbers(2, 3, low=0.2, high=0.8)),
        (lambda x, t: F.binary_cross_entropy_with_logits(
            x, t, pos_weight=Tensor([1.0, 2.0, 0.5], x.dtype)), t23, p23),
    ],
    spatial.Conv2dFunction: [
        (F.conv2d, images, kernels, numbers(4)),
        (lambda x, w: F.conv2d(x, w, stride=(2, 1), padding=(1, 2)), images, kernels),
        (lambda x, w: F.conv2d(x, w, padding="same", dilation=2), images, kernels),
        (lambda x, w: F.conv2d(x, w, groups=2), images, numbers(4, 1, 2, 3)),
        (lambda w: F.conv2d(tinytorch.ones(2, 2, 5, 4, dtype=w.dtype), w), kernels),
    ],
    spatial.MaxPool2dFunction: [
        (lambda x: F.max_pool2d(x, 2), images),
        (lambda x: F.max_pool2d(x, (3, 2), stride=1, padding=1, dilation=(1, 2)), images),
        (lambda x: F.max_pool2d(x, 1), images),
    ],
    spatial.AvgPool2dFunction: [
        (lambda x: F.avg_pool2d(x, 2), images),
        (lambda x: F.avg_pool2d(x, (3, 2), stride=1, padding=1), images),
    ],
    spatial.BatchNormFunction: [
        (lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), images, *scale_shift),
        (lambda x: F.batch_norm(x, None, None, training=True), images),
        (lambda x, w, b: F.batch_norm(x, Tensor([1.0, 2.0], x.dtype), Tensor([0.5, 3.0], x.dtype),
                                      w, b), images, *scale_shift),
    ],
}  # fmt: skip

USES = [
    pytest.param(cls, call, inputs, id=f"{cls.__name__}-{number}")
    for cls, cases in CASES.items()
    for number, (call, *inputs) in enumerate(cases)
]


def behind(y):
    """The classes of all functions behind `y`."""
    found, waiting = set(), [y]
    while waiting:
        function = waiting.pop().grad_fn
        if function is not None:
            found.add(type(function))
            waiting += [x for x in function.inputs if isinstance(x, Tensor)]
    return found


def test_every_function_has_a_backward():
    without = [cls.__name__ for cls in functions() if "backward" not in vars(cls)]
    assert not without, f"without a backward: {', '.join(without)}"


def test_every_function_has_a_case():
    without = sorted(cls.__name__ for cls in set(functions()) - CASES.keys())
    assert not without, f"without a case in tests/test_gradients.py: {', '.join(without)}"


@pytest.mark.parametrize("cls, call, inputs", USES)
def test_backward_agrees_with_finite_differences(cls, call, inputs):
    assert cls in behind(call(*inputs)), f"the case doesn't use {cls.__name__}"
    assert gradcheck(call, inputs)


@pytest.mark.parametrize("cls, call, inputs", USES)
def test_gradients_keep_dtype_and_shape_and_own_their_memory(cls, call, inputs):
    leaves = [Tensor(x.array, np.float32, requires_grad=True) for x in inputs]
    y = call(*leaves)
    gradient = Tensor(np.ones_like(y.array))
    y.backward(gradient)
    reached = [leaf for leaf in leaves if leaf.grad is not None]
    memories = [x.array for x in (*leaves, y, gradient)]
    for leaf in reached:
        assert (leaf.grad.dtype, leaf.grad.shape) == (leaf.dtype, leaf.shape)
        assert not any(np.shares_memory(leaf.grad.array, memory) for memory in memories)
        memories.append(leaf.grad.array)
    assert reached


class Wrong(Function):
    def forward(self, a):
        return a * a

    def backward(self, grad):
        return grad * 2.01 * self.inputs[0].array


class WithoutRule(Function):
    def forward(self, a):
        return a + 1


class OneTooFew(Function):
    def forward(self, a, b):
        return a + b

    def backward(self, grad):
        return grad


def test_gradcheck_finds_a_wrong_rule():
    with pytest.raises(RuntimeError, match=r"input 0 at \(0, 0\): finite differences expected"):
        gradcheck(Wrong.apply, (t23,))


def test_a_missing_rule_and_a_missing_gradient_are_named():
    with pytest.raises(NotImplementedError, match="WithoutRule has no backward"):
        WithoutRule.apply(t3).sum().backward()
    with pytest.raises(RuntimeError, match="OneTooFew.backward: expected 2 gradients, came 1"):
        OneTooFew.apply(t3, t3).sum().backward()
