# Generated from nbs/05_autograd.ipynb. To change it, edit the notebook and run: tito export 05

__all__ = [
    "patch", "intact", "arrays", "wants_grad", "makers", "count_users", "unbroadcast", "accumulate",
    "input_grads", "hand_on", "propagate", "first_gradient", "numeric_gradient", "gradcheck",
    "as_float64", "compare_slopes", "restore", "extreme_rule", "matmul_grads", "linear_grads",
    "grad_mode", "no_grad", "enable_grad", "is_grad_enabled",
]

import math
from contextlib import contextmanager

import numpy as np

from tinytorch.activations import (
    GELUFunction, GELUTanhFunction, LeakyReLUFunction, LogSoftmaxFunction,
    ReLUFunction, SigmoidFunction, SoftmaxFunction, TanhFunction,
)  # fmt: skip
from tinytorch.layers import LinearFunction
from tinytorch.losses import (
    BCEFunction, BCEWithLogitsFunction, CrossEntropyFunction, LogSumExp, floored_log,
)  # fmt: skip
from tinytorch.tensor import (
    Abs, Add, Cast, Cat, Clip, Div, Exp, Expand, Function, Index, Log, MatMul, Max, Min, Mul,
    Neg, Permute, Pow, Reshape, Sqrt, Sub, Sum, Tensor, Where,
    check_floating, from_numpy, last_write, owner,
)  # fmt: skip


def patch(cls):
    """A decorator that makes a function a method of `cls`; it never replaces anybody else's."""

    def add(method):
        old = vars(cls).get(method.__name__)
        if old is not None and old.__module__ not in (method.__module__, "tinytorch.autograd"):
            raise TypeError(f"{cls.__name__} has a method {method.__name__} of its own")
        setattr(cls, method.__name__, method)

    return add


@patch(Function)
def backward(self, grad):
    raise NotImplementedError(f"{type(self).__name__} has no backward: no gradient passes it")


@patch(Add)
def backward(self, grad):
    return grad, grad


@patch(Sub)
def backward(self, grad):
    return grad, -grad


@patch(Neg)
def backward(self, grad):
    return -grad


def intact(function, array):
    """`array` itself; RuntimeError if its memory was written into after `function` ran."""
    if function.writes != Function.writes and last_write.get(id(owner(array)), 0) > function.writes:
        what = f"a tensor of shape {array.shape} that {type(function).__name__} used"
        raise RuntimeError(f"backward: {what} was written into afterwards: write into a clone()")
    return array


def arrays(function):
    """What `forward` saw: arrays for tensors, all else as it was. RuntimeError as in `intact`."""
    return [intact(function, x.array) if isinstance(x, Tensor) else x for x in function.inputs]


def wants_grad(x):
    """Whether `x`, an input of a function, is a tensor that requires grad."""
    return isinstance(x, Tensor) and x.requires_grad


@patch(Mul)
def backward(self, grad):
    """The gradients in a and in b, for `grad` of the result: a = 3, b = 5, grad 10 → (50, 30)."""
    a, b = arrays(self)
    return grad * b, grad * a


@patch(Div)
def backward(self, grad):
    """The gradients in a and in b, for `grad` of a / b: a = 6, b = 2, grad 1 → (0.5, −1.5)."""
    a, b = arrays(self)
    return grad / b, -grad * a / (b * b)


def makers(function):
    """The functions that made the inputs of `function`; RuntimeError if that has been freed."""
    if not function.__dict__:
        name = type(function).__name__
        raise RuntimeError(f"backward: an earlier one has freed {name}: it needs retain_graph=True")
    tensors = [x for x in function.inputs if isinstance(x, Tensor) and x.requires_grad]
    return [x.grad_fn for x in tensors if x.grad_fn is not None]


def count_users(root):
    """{function: how often its result is used on the way to `root`}, `root` itself → 0.

    For c = b * b + b with b = a + a → {Add: 0, Mul: 1, Add: 3}. No recursion: any depth.
    """
    users, waiting = {root: 0}, [root]
    while waiting:
        for maker in makers(waiting.pop()):
            if maker not in users:
                users[maker] = 0
                waiting.append(maker)
            users[maker] += 1
    return users


def unbroadcast(grad, shape):
    """Sum `grad`, an array, over the dims that broadcasting made: (2, 3) → (3,), (2, 1) or ().

    [[1, 2, 3], [4, 5, 6]] to (3,) → [5, 7, 9]; `grad` itself where the shapes agree.
    """
    if grad.shape == shape:
        return grad
    added = grad.ndim - len(shape)
    stretched = [axis for axis, size in enumerate(shape, start=added) if size == 1]
    return grad.sum(axis=(*range(added), *stretched)).reshape(shape)


def accumulate(leaf, grad):
    """Add `grad`, an array of the leaf's shape, to `leaf.grad`: None, then 2 → 2, then 3 → 5."""
    if leaf.grad is not None:
        grad = leaf.grad.array + grad
    leaf.grad = from_numpy(grad)


def input_grads(function, grad):
    """Run the rule of `function` → [(input, its gradient)] for the inputs that want one."""
    came = function.backward(grad)
    came = came if isinstance(came, tuple) else (came,)
    if len(came) < len(function.inputs):
        name, count = type(function).__name__, len(function.inputs)
        raise RuntimeError(f"{name}.backward: expected {count} gradients, came {len(came)}")
    pairs = []
    for x, x_grad in zip(function.inputs, came):
        if isinstance(x, Tensor) and x.requires_grad:
            x_grad = unbroadcast(x_grad, x.array.shape)
            if x.grad_fn is None and (x_grad is grad or x_grad.base is not None):
                x_grad = x_grad.copy()
            pairs.append((x, x_grad))
    return pairs


def hand_on(function, grads, users):
    """Run `function`, whose gradient stands in `grads`, and hand on → the makers now ready."""
    ready = []
    for x, x_grad in input_grads(function, grads.pop(function)):
        maker = x.grad_fn
        if maker is None:
            accumulate(x, x_grad)
            continue
        grads[maker] = grads[maker] + x_grad if maker in grads else x_grad
        users[maker] -= 1
        if users[maker] == 0:
            ready.append(maker)
    return ready


def propagate(root, grad, retain_graph=False):
    """Run each rule behind `root` once, after all its users; leaves gather what arrives.

    `grad` is an array in the shape of root's result. For b * b + b, b = a + a, a = 3, grad 1 → 26.
    """
    users, grads, ready = count_users(root), {root: grad}, [root]
    while ready:
        function = ready.pop()
        ready += hand_on(function, grads, users)
        if not retain_graph:
            function.__dict__.clear()  # its inputs, and all that forward kept


def first_gradient(x, gradient):
    """The array that backward() from `x` begins with: `gradient`'s, or a 1 for a single number."""
    if not x.requires_grad:
        raise RuntimeError("backward: expected a tensor that requires grad, came one that doesn't")
    if gradient is None and x.array.size != 1:
        raise RuntimeError(f"backward: expected one number or a gradient, came shape {x.shape}")
    if gradient is None:
        return np.array(1, x.dtype).reshape(x.shape)
    if gradient.shape != x.shape:
        raise RuntimeError(f"backward: expected a gradient {x.shape}, came {gradient.shape}")
    return gradient.array.astype(x.dtype, copy=False)


@patch(Tensor)
def backward(self, gradient=None, retain_graph=False):
    """Add the gradient of this tensor to the `grad` of every leaf behind it, and free the graph.

    `gradient`, of this tensor's shape, weighs its elements; one number needs none. With
    `retain_graph` the graph stays for another backward(). Errors are RuntimeErrors.
    """
    start = first_gradient(self, gradient)
    if self.grad_fn is None:
        accumulate(self, start.copy())
    else:
        propagate(self.grad_fn, start, retain_graph)


@patch(Tensor)
def requires_grad_(self, requires_grad=True):
    """Ask for a gradient, or no longer, and return the tensor; only leaves can do without."""
    if self.grad_fn is not None and not requires_grad:
        raise RuntimeError("requires_grad_(False): expected a leaf, came a result: use detach()")
    if requires_grad:
        check_floating(self, "requires_grad_")
    self.requires_grad = requires_grad
    return self


def numeric_gradient(f, x, eps=1e-6):
    """The slope of the number f(x) in each element of `x`, by central differences → an array.

    For f = sum of squares, x [1, 3] → [2, 6]. Works on a copy of `x` in float64, of any shape.
    """
    x, slopes = Tensor(x.array, np.float64), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        middle = x.array[index]
        x[index] = middle + eps
        above = float(f(x))
        x[index] = middle - eps
        slopes[index] = (above - float(f(x))) / (2 * eps)
        x[index] = middle
    return slopes


def gradcheck(function, inputs, eps=1e-6, atol=1e-5, rtol=1e-3):
    """True if backward() through `function` agrees with finite differences, in float64.

    `inputs` is a tuple; those that require grad are checked. RuntimeError, naming input, index and
    both numbers, where they disagree; ValueError where nothing is to be checked.
    """
    if not any(map(wants_grad, inputs)):
        raise ValueError("gradcheck: expected an input that requires grad, came none")
    inputs = [as_float64(x) if isinstance(x, Tensor) else x for x in inputs]
    output = function(*inputs)
    weights = np.random.default_rng(0).uniform(1, 2, output.shape)
    output.backward(from_numpy(weights))
    for i, x in enumerate(inputs):
        if wants_grad(x):
            came = np.zeros(x.shape) if x.grad is None else x.grad.array
            def end(moved, i=i):
                return (function(*inputs[:i], moved, *inputs[i + 1 :]).array * weights).sum()
            compare_slopes(i, came, numeric_gradient(end, x, eps), atol, rtol)
    return True


def as_float64(x):
    """A copy of `x` in float64, a leaf, if `x` holds floating-point numbers."""
    return Tensor(x.array, np.float64, x.requires_grad) if x.is_floating_point() else x


def compare_slopes(i, came, expected, atol, rtol):
    """Raise RuntimeError, naming the first place, where the gradients of input `i` disagree."""
    wrong = ~np.isclose(came, expected, atol=atol, rtol=rtol)
    if wrong.any():
        index = tuple(int(n) for n in np.argwhere(wrong)[0])
        numbers = f"expected {expected[index]:.6g}, came {came[index]:.6g} from backward"
        raise RuntimeError(f"gradcheck: input {i} at {index}: finite differences {numbers}")


def restore(grad, shape, dim=None, keepdim=False):
    """The gradient of a reduction of `shape` with the lost dims back, at size 1: (2,) → (2, 1)."""
    if dim is None:
        return grad.reshape((1,) * len(shape))
    return grad if keepdim else np.expand_dims(grad, dim)


@patch(Sum)
def backward(self, grad):
    """Copies of `grad` in the input's shape: (2, 3), dim 1, [1, 2] → [[1, 1, 1], [2, 2, 2]]."""
    shape = self.inputs[0].shape
    return np.full(shape, restore(grad, shape, **self.options))


def extreme_rule(function, grad, locate):
    """`grad` where the extreme stands, else 0: equals share it, along a dim the first takes it."""
    (a,) = arrays(function)
    grad, dim = restore(grad, a.shape, **function.options), function.options.get("dim")
    if dim is None:
        winners = a == a.flat[locate(a)]
        return grad * winners / int(winners.sum())
    result = np.zeros_like(a)
    np.put_along_axis(result, np.expand_dims(locate(a, axis=dim), dim), grad, axis=dim)
    return result


@patch(Max)
def backward(self, grad):
    return extreme_rule(self, grad, np.argmax)


@patch(Min)
def backward(self, grad):
    return extreme_rule(self, grad, np.argmin)


@patch(Exp)
def backward(self, grad):
    return grad * intact(self, self.output)  # its own slope


@patch(Log)
def backward(self, grad):
    (a,) = arrays(self)
    return grad / a


@patch(Sqrt)
def backward(self, grad):
    return grad / (2 * intact(self, self.output))


@patch(Abs)
def backward(self, grad):
    (a,) = arrays(self)
    return grad * np.sign(a)


@patch(Pow)
def backward(self, grad):
    a, b = arrays(self)
    a_grad = b_grad = None
    if wants_grad(self.inputs[0]):
        a_grad = grad * b * a ** (b - (b != 0))  # where b is 0 the slope is 0, even at a = 0
    if wants_grad(self.inputs[1]):
        logarithm = np.log(np.where(a == 0, 1, a)).astype(grad.dtype)  # 0 to a power stays 0
        b_grad = grad * logarithm * a**b
    return a_grad, b_grad


@patch(Cast)
def backward(self, grad):
    return grad.astype(self.inputs[0].dtype)


@patch(Clip)
def backward(self, grad):
    (a,), low, high = arrays(self), self.options.get("low"), self.options.get("high")
    low, high = -np.inf if low is None else low, np.inf if high is None else high
    return grad * ((a >= low) & (a <= high))


@patch(Where)
def backward(self, grad):
    condition = intact(self, self.inputs[0].array)
    return None, np.where(condition, grad, 0), np.where(condition, 0, grad)


@patch(Reshape)
def backward(self, grad):
    return grad.reshape(self.inputs[0].shape)


@patch(Permute)
def backward(self, grad):
    return np.transpose(grad, np.argsort([dim % grad.ndim for dim in self.options["dims"]]))


@patch(Expand)
def backward(self, grad):
    return grad  # the engine undoes broadcasts


@patch(Cat)
def backward(self, grad):
    dim = self.options["dim"]
    ends = np.cumsum([x.shape[dim] for x in self.inputs])
    return tuple(np.split(grad, ends[:-1], axis=dim))


@patch(Index)
def backward(self, grad):
    index, result = self.options["index"], np.zeros(self.inputs[0].shape, grad.dtype)
    if any(isinstance(i, np.ndarray | list) for i in index):
        np.add.at(result, index, grad)
    else:
        result[index] = grad
    return result


def matmul_grads(a, b, grad):
    """The gradients in a and b for `grad` of a @ b: (…, n, k), (…, k, m), (…, n, m) → two arrays.

    [[1, 2]], [[3], [4]], [[10]] → [[30, 40]] and [[10], [20]].
    """
    return grad @ np.swapaxes(b, -1, -2), np.swapaxes(a, -1, -2) @ grad


@patch(MatMul)
def backward(self, grad):
    a, b = arrays(self)
    row, column = a.ndim == 1, b.ndim == 1
    grad = grad.reshape(grad.shape + (1,)) if column else grad
    grad = np.expand_dims(grad, -2) if row else grad
    a_grad, b_grad = matmul_grads(a[None, :] if row else a, b[:, None] if column else b, grad)
    return a_grad[..., 0, :] if row else a_grad, b_grad[..., 0] if column else b_grad


@patch(SigmoidFunction)
def backward(self, grad):
    """`grad` times the slope, shape of the input: output [0.5, 1], grad 8 → [2, 0]."""
    output = intact(self, self.output)
    return grad * output * (1 - output)


@patch(ReLUFunction)
def backward(self, grad):
    (a,) = arrays(self)
    return grad * (a > 0)


@patch(LeakyReLUFunction)
def backward(self, grad):
    (a,) = arrays(self)
    return np.where(a > 0, grad, grad * self.options["negative_slope"])


@patch(TanhFunction)
def backward(self, grad):
    output = intact(self, self.output)
    return grad * (1 - output * output)


@patch(GELUFunction)
def backward(self, grad):
    (a,) = arrays(self)
    share_below = np.where(a > 0, 1 - self.tail, self.tail)
    return grad * (share_below + a * self.bell * (1 / math.sqrt(2 * math.pi)))


@patch(GELUTanhFunction)
def backward(self, grad):
    (a,) = arrays(self)
    gate, inner_slope = self.gate, math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * a * a)
    return grad * 0.5 * (1 + gate + a * (1 - gate * gate) * inner_slope)


@patch(SoftmaxFunction)
def backward(self, grad):
    """The gradient in the scores, in their shape: p [0.5, 0.5], grad [1, 0] → [0.25, −0.25]."""
    p, dim = intact(self, self.output), self.options["dim"]
    return p * (grad - (grad * p).sum(axis=dim, keepdims=True))


@patch(LogSoftmaxFunction)
def backward(self, grad):
    p = np.exp(intact(self, self.output))
    return grad - p * grad.sum(axis=self.options["dim"], keepdims=True)


@patch(LogSumExp)
def backward(self, grad):
    (a,) = arrays(self)
    return restore(grad, a.shape, **self.options) * np.exp(a - intact(self, self.output))


@patch(BCEFunction)
def backward(self, grad):
    p, t = arrays(self)
    slope = (p - t) / np.maximum(p * (1 - p), 1e-12)  # as in torch, where p is 0 or 1
    t_grad = None
    if wants_grad(self.inputs[1]):
        t_grad = grad * (floored_log(1 - p) - floored_log(p))
    return grad * slope, t_grad


@patch(BCEWithLogitsFunction)
def backward(self, grad):
    x, t = arrays(self)
    yes, s, t_grad = self.options.get("pos_weight", 1), SigmoidFunction().forward(x), None
    if wants_grad(self.inputs[1]):
        t_grad = grad * (yes * np.logaddexp(0, -x) - np.logaddexp(0, x))
    return grad * (yes * t * (s - 1) + (1 - t) * s), t_grad


def linear_grads(x, weight, grad, wants_x=True):
    """Gradients of x @ weight.T + bias in x, weight, bias: shapes (N, in), (out, in), (out,).

    [[1, 2]], [[3, 4]], grad [[10]] → [[30, 40]], [[10, 20]], [10]; None first, unless `wants_x`.
    """
    x_grad = grad @ weight if wants_x else None
    return x_grad, grad.T @ x, grad.sum(axis=0)


@patch(LinearFunction)
def backward(self, grad):
    x, weight = arrays(self)[:2]
    x_rows, rows = x.reshape(-1, x.shape[-1]), grad.reshape(-1, grad.shape[-1])
    wants_x = wants_grad(self.inputs[0])
    x_grad, weight_grad, bias_grad = linear_grads(x_rows, weight, rows, wants_x)
    return x_grad.reshape(x.shape) if wants_x else None, weight_grad, bias_grad


@patch(CrossEntropyFunction)
def backward(self, grad):
    """The gradient in the logits (N, C): p [[0.5, 0.5]], target [0], scale [1] → [[−0.5, 0.5]]."""
    p, rows = self.exps / self.totals[:, None], np.arange(len(self.exps))
    target, scale = self.options["target"], grad * self.options["scales"]
    p[rows, target] -= 1
    return p * scale[:, None]


@contextmanager
def grad_mode(enabled):
    """Within `with grad_mode(False):` results don't remember how they were made: grad_fn → None."""
    before = Function.recording
    Function.recording = enabled
    try:
        yield
    finally:
        Function.recording = before


def no_grad():
    """Within `with no_grad():`, or under `@no_grad()`, nothing is remembered."""
    return grad_mode(False)


def enable_grad():
    """Within `with enable_grad():`, or under `@enable_grad()`, results remember, come what may."""
    return grad_mode(True)


def is_grad_enabled():
    """Whether results remember how they were made."""
    return Function.recording
