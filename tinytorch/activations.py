# Generated from nbs/02_activations.ipynb. To change it, edit the notebook and run: tito export 02

__all__ = [
    "check_tensor", "relu", "ReLUFunction", "Layer", "ReLU", "leaky_relu", "LeakyReLUFunction",
    "LeakyReLU", "slope", "sigmoid", "SigmoidFunction", "TanhFunction", "tanh", "Sigmoid", "Tanh",
    "horner", "tail_polynomial", "normal_tail", "gelu", "GELUFunction", "GELUTanhFunction", "GELU",
    "softmax", "SoftmaxFunction", "Softmax", "log_softmax", "LogSoftmaxFunction", "LogSoftmax",
]

import math
from functools import cache

import numpy as np

from tinytorch.tensor import Function, Tensor, as_floating, check_floating


def check_tensor(x, what):
    """Raise TypeError unless `x` is a tensor."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{what}: expected a tensor, came a {type(x).__name__}")


def relu(x):
    """max(x, 0), element by element (Fukushima 1969; Nair & Hinton 2010).

    Raises RuntimeError for booleans.
    """
    check_tensor(x, "relu")
    if x.dtype == bool:
        raise RuntimeError("relu: expected numbers, came booleans")
    return ReLUFunction.apply(x)


class ReLUFunction(Function):
    """max(x, 0), element by element."""

    def forward(self, a):
        """[-2, 0, 3] → [0, 0, 3]. Any shape."""
        return np.maximum(a, 0)


class Layer:
    """A function with settings: the base of all layers."""

    training = True  # some layers behave differently while the model is being trained

    def forward(self, *inputs):
        raise NotImplementedError(f"{type(self).__name__} needs a method called forward")

    def __call__(self, *inputs, **options): return self.forward(*inputs, **options)
    def extra_repr(self): return ""
    def __repr__(self): return f"{type(self).__name__}({self.extra_repr()})"


class ReLU(Layer):
    """`relu` as a layer."""

    def forward(self, x): return relu(x)


def leaky_relu(x, negative_slope=0.01):
    """x where it is positive, `negative_slope` · x where it isn't (Maas et al. 2013)."""
    check_tensor(x, "leaky_relu")
    check_floating(x, "leaky_relu")
    return LeakyReLUFunction.apply(x, negative_slope=negative_slope)


class LeakyReLUFunction(Function):
    """x where it is positive, `negative_slope` · x where it isn't."""

    def forward(self, a, negative_slope):
        """[-2, 0, 3], negative_slope=0.1 → [-0.2, 0, 3]. Any shape."""
        outer = np.maximum if negative_slope <= 1 else np.minimum
        return outer(a, a * negative_slope)


class LeakyReLU(Layer):
    """`leaky_relu` as a layer: LeakyReLU(0.1)(x), any shape → the same shape."""

    def __init__(self, negative_slope=0.01):
        self.negative_slope = negative_slope

    def forward(self, x):
        return leaky_relu(x, self.negative_slope)

    def extra_repr(self):
        return f"negative_slope={self.negative_slope}"


def slope(function, x, step=1e-4):
    """The slope of an element-wise function at each element of `x`, by central differences.

    Any shape → the same shape, float64: slope(lambda t: t * t, Tensor([3.0])) → [6.0].
    """
    x = x.to(np.float64)
    rise = function(x + step) - function(x - step)
    return rise / (2 * step)


def sigmoid(x):
    """1 / (1 + exp(−x)), element by element; integers become float32."""
    check_tensor(x, "sigmoid")
    return SigmoidFunction.apply(as_floating(x))


class SigmoidFunction(Function):
    """1 / (1 + exp(−x)), element by element."""

    def forward(self, a):
        """[0, 1e4, -1e4] → [0.5, 1, 0], without a warning. Any shape."""
        with np.errstate(over="ignore"):  # exp(−x) = inf is meant: 1 / inf is 0
            output = 1 / (1 + np.exp(-a))
        self.output = output
        return output


class TanhFunction(Function):
    """The hyperbolic tangent, element by element."""

    def forward(self, a):
        self.output = np.tanh(a)
        return self.output


def tanh(x):
    """(exp(x) − exp(−x)) / (exp(x) + exp(−x)), element by element; integers become float32."""
    check_tensor(x, "tanh")
    return TanhFunction.apply(as_floating(x))


class Sigmoid(Layer):
    """`sigmoid` as a layer."""

    def forward(self, x): return sigmoid(x)


class Tanh(Layer):
    """`tanh` as a layer."""

    def forward(self, x): return tanh(x)


def horner(coefficients, t):
    """The polynomial with these coefficients, highest power first, at each element of `t`.

    Any shape → the same shape: [2, 0, 1] at [3, 10] → [19, 201].
    """
    result = np.full_like(t, coefficients[0])
    for coefficient in coefficients[1:]:
        result *= t
        result += coefficient
    return result


@cache
def tail_polynomial(degree):
    """Coefficients, highest power first, of P(t) in tail(d) = exp(−d²/2) · P(t), t = 4 / (4 + d).

    The form is Hastings' (1955); P runs through exact values at Chebyshev's points.
    """
    from numpy.polynomial import Chebyshev, Polynomial  # here, because only gelu needs it

    def exact(ts):
        distances = [4 / t - 4 for t in ts]
        return [math.erfc(d / math.sqrt(2)) / 2 * math.exp(d * d / 2) for d in distances]

    fit = Chebyshev.interpolate(exact, degree, domain=[0.25, 1])  # distances from 12 down to 0
    return fit.convert(kind=Polynomial).coef[::-1].tolist()


def normal_tail(distance, degree):
    """The normal bell exp(−d²/2), and the share of the distribution beyond each distance ≥ 0."""
    bell = np.exp(distance * distance * -0.5)
    return bell, bell * horner(tail_polynomial(degree), 1 / (1 + distance / 4))


def gelu(x, approximate="none"):
    """x · Φ(x) (Hendrycks & Gimpel 2016): exact, or with approximate="tanh" by their short cut.

    Raises RuntimeError for any other `approximate`.
    """
    check_tensor(x, "gelu")
    check_floating(x, "gelu")
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"gelu: expected approximate 'none' or 'tanh', came {approximate!r}")
    return (GELUFunction if approximate == "none" else GELUTanhFunction).apply(x)


class GELUFunction(Function):
    """x · Φ(x), where Φ(x) is the share of the normal distribution below x: exact."""

    def forward(self, a):
        """[-1, 0, 1] → [-0.1587, 0, 0.8413]. Any shape."""
        distance = np.minimum(np.abs(a), 40)
        degree = 16 if a.dtype == np.float64 else 7
        bell, tail = normal_tail(distance, degree)
        self.bell, self.tail = bell, tail  # kept for module 05
        return np.maximum(a, 0) - distance * tail


class GELUTanhFunction(Function):
    """x · ½ (1 + tanh(√(2/π) (x + 0.044715 x³))): close to x · Φ(x)."""

    def forward(self, a):
        """[-1, 0, 1] → [-0.1588, 0, 0.8412]. Any shape."""
        scale = math.sqrt(2 / math.pi)
        gate = np.tanh((a * a * (0.044715 * scale) + scale) * a)
        self.gate = gate
        return (gate + 1) * a * 0.5


class GELU(Layer):
    """`gelu` as a layer."""

    def __init__(self, approximate="none"):
        self.approximate = approximate

    def forward(self, x): return gelu(x, self.approximate)
    def extra_repr(self): return f"approximate={self.approximate!r}"


def softmax(x, dim):
    """exp(x) / sum(exp(x)) along `dim`: positive numbers that sum to 1 (Bridle 1990).

    Any shape → the same shape. Raises IndexError where there is no such `dim`.
    """
    check_tensor(x, "softmax")
    check_floating(x, "softmax")
    return SoftmaxFunction.apply(x, dim=dim)


class SoftmaxFunction(Function):
    """exp(x) / sum(exp(x)) along `dim`: positive numbers that sum to 1."""

    def forward(self, a, dim):
        """[1, 2, 3], dim=0 → [0.09, 0.2447, 0.6652]. Any shape → the same shape."""
        output = np.exp(a - a.max(axis=dim, keepdims=True))
        output /= output.sum(axis=dim, keepdims=True)
        self.output = output
        return output


class Softmax(Layer):
    """`softmax` along `dim` as a layer."""

    def __init__(self, dim):
        self.dim = dim

    def forward(self, x): return softmax(x, self.dim)
    def extra_repr(self): return f"dim={self.dim}"


def log_softmax(x, dim):
    """The logarithm of softmax along `dim`, finite where softmax itself is 0.

    Any shape → the same shape. Raises IndexError where there is no such `dim`.
    """
    check_tensor(x, "log_softmax")
    check_floating(x, "log_softmax")
    return LogSoftmaxFunction.apply(x, dim=dim)


class LogSoftmaxFunction(Function):
    """The logarithm of softmax along `dim`, finite where softmax itself is 0."""

    def forward(self, a, dim):
        """[1, 2, 3], dim=0 → [-2.4076, -1.4076, -0.4076]. Any shape → the same shape."""
        output = a - a.max(axis=dim, keepdims=True)
        output -= np.log(np.exp(output).sum(axis=dim, keepdims=True))
        self.output = output
        return output


class LogSoftmax(Layer):
    """`log_softmax` along `dim` as a layer."""

    def __init__(self, dim):
        self.dim = dim

    def forward(self, x): return log_softmax(x, self.dim)
    def extra_repr(self): return f"dim={self.dim}"
