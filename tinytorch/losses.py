# Generated from nbs/04_losses.ipynb. To change it, edit the notebook and run: tito export 04

__all__ = [
    "check_inputs", "warn_of_broadcast", "reduce", "l1_loss", "mse_loss", "surprise", "class_rows",
    "row_scales", "places", "class_count", "check_classes", "class_weights", "class_numbers",
    "weigh", "nll_loss", "LogSumExp", "logsumexp", "CrossEntropyFunction", "soft_cross_entropy",
    "smooth", "of_distributions", "of_classes", "check_probabilities", "cross_entropy",
    "floored_log", "BCEFunction", "BCEWithLogitsFunction", "check_pair", "check_between_0_and_1",
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "L1Loss", "MSELoss", "NLLLoss",
    "CrossEntropyLoss", "BCELoss", "BCEWithLogitsLoss",
]

import warnings

import numpy as np

from tinytorch.activations import Layer, check_tensor, log_softmax
from tinytorch.tensor import (
    Function,
    as_floating,
    broadcast_shapes,
    check_floating,
    from_numpy,
    normalize_dim,
    promote,
)


def check_inputs(name, reduction, *tensors):
    """Raise TypeError unless all are tensors, ValueError unless there is such a `reduction`."""
    for x in tensors:
        check_tensor(x, name)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{name}: expected reduction none, mean or sum, came {reduction!r}")


def warn_of_broadcast(name, input, target):
    """Warn where two shapes differ and broadcast; RuntimeError where they do not even broadcast."""
    if input.shape != target.shape:
        broadcast_shapes(input.shape, target.shape)
        shapes = f"{input.shape} and {target.shape}"
        warnings.warn(f"{name}: expected one shape, came {shapes}: they broadcast", stacklevel=3)


def reduce(losses, reduction):
    """`losses`, of any shape, as their mean, their sum, or as they are: [0, 1, 9], "sum" → 10."""
    if reduction == "mean":
        return losses.mean()
    if reduction == "sum":
        return losses.sum()
    return losses


def l1_loss(input, target, *, reduction="mean"):
    """The absolute error |input − target|: [1, 2, 4] and [1, 3, 1] → mean of [0, 1, 3] = 4/3."""
    check_inputs("l1_loss", reduction, input, target)
    warn_of_broadcast("l1_loss", input, target)
    return reduce((input - target).abs(), reduction)


def mse_loss(input, target, *, reduction="mean"):
    """The squared error (input − target)²: [1, 2, 4] and [1, 3, 1] → mean of [0, 1, 9] = 10/3."""
    check_inputs("mse_loss", reduction, input, target)
    warn_of_broadcast("mse_loss", input, target)
    return reduce((input - target) ** 2, reduction)


def surprise(log_p, target):
    """−log p at the target of each row: (N, C) and (N,) → (N,).

    [[-0.1, -2.3], [-1.6, -0.2]] and [0, 0] → [0.1, 1.6]
    """
    return -log_p[np.arange(len(target)), target]


def class_rows(input):
    """One row of classes for each target.

    (C,) → (1, C); (N, C) → (N, C); (N, C, d, …) → (N·d·…, C)
    """
    if input.ndim == 2:
        return input
    if input.ndim > 2:
        input = input.permute(0, *range(2, input.ndim), 1)
    return input.reshape(-1, input.shape[-1])


def row_scales(classes, kept, weight=None, reduction="mean"):
    """What each of N surprises is multiplied by: (N,), (N,) and (C,) → (N,).

    Classes [0, 1, 1], kept [1, 1, 0], weight [1, 3] → [0.25, 0.75, 0]; "sum" → [1, 3, 0]
    """
    counts = kept if weight is None else kept * weight[classes]
    return counts / counts.sum() if reduction == "mean" else counts


def places(input):
    """The shape of the targets that belong to `input`: all of its dims but the classes."""
    return input.shape[:1] + input.shape[2:] if input.ndim > 1 else ()


def class_count(input):
    """How many classes `input` has: the size of its dim 1, or of its only dim."""
    return input.shape[1 if input.ndim > 1 else 0]


def check_classes(name, input, target, ignore_index):
    """Raise torch's kind of error unless `target` has one class of `input` for each place.

    RuntimeError for its dtype or shape (ValueError for another batch size), IndexError for a class.
    """
    expected = places(input)
    if target.dtype not in (np.int64, np.uint8):
        raise RuntimeError(f"{name}: expected classes in int64, came {target.dtype}: call long()")
    if target.shape != expected:
        other_batch = input.ndim > 1 and target.ndim > 0 and len(target) != len(input)
        shapes = f"{expected} for input {input.shape}, came {target.shape}"
        raise (ValueError if other_batch else RuntimeError)(f"{name}: expected classes {shapes}")
    classes, highest = target.array, class_count(input) - 1
    strange = classes[((classes < 0) | (classes > highest)) & (classes != ignore_index)]
    if strange.size:
        raise IndexError(f"{name}: expected classes from 0 to {highest}, came {strange[0]}")


def class_weights(name, input, weight):
    """`weight` as an array, or None; RuntimeError unless there is one for each class of `input`."""
    check_floating(input, name)
    if input.ndim == 0:
        raise RuntimeError(f"{name}: expected input (C,), (N, C) or (N, C, d…), came shape ()")
    if weight is None:
        return None
    check_tensor(weight, name)
    expected, came = (class_count(input),), f"{weight.dtype} {weight.shape}"
    if weight.shape != expected or weight.dtype != input.dtype:
        raise RuntimeError(f"{name}: expected weight {input.dtype} {expected}, came {came}")
    return weight.array


def class_numbers(rows, target, ignore_index):
    """The targets as an array (M,) of classes, and as 1s and 0s which of them count."""
    classes = target.array.reshape(-1)
    kept = classes != ignore_index
    if not kept.all():
        classes = np.where(kept, classes, rows.array.argmax(axis=1))
    return classes, kept.astype(rows.dtype)


def weigh(losses, scales, reduction):
    """Losses (M,), each times its scale, and summed up unless the reduction is "none"."""
    losses = losses * scales
    return losses if reduction == "none" else losses.sum()


def nll_loss(input, target, weight=None, *, ignore_index=-100, reduction="mean"):
    """The surprise −log p of the target classes, where `input` holds log-probabilities.

    Shapes (C,) and (), (N, C) and (N,), or (N, C, d…) and (N, d…). Errors as `check_classes`.
    """
    check_inputs("nll_loss", reduction, input, target)
    weight = class_weights("nll_loss", input, weight)
    check_classes("nll_loss", input, target, ignore_index)
    rows = class_rows(input)
    classes, kept = class_numbers(rows, target, ignore_index)
    losses = weigh(surprise(rows, classes), row_scales(classes, kept, weight, reduction), reduction)
    return losses.reshape(target.shape) if reduction == "none" else losses


class LogSumExp(Function):
    """log Σ exp(a) along `dim`, for numbers of any size."""

    def forward(self, a, dim, keepdim=False):
        """[[0, 0], [1000, 1000]], dim=1 → [0.6931, 1000.6931]; any shape; dim an int or a tuple."""
        peak = a.max(axis=dim, keepdims=True)
        peak = np.where(np.isfinite(peak), peak, 0)  # −∞ − (−∞) would be nan
        output = np.log(np.exp(a - peak).sum(axis=dim, keepdims=True)) + peak
        self.output = output
        return output if keepdim else output.squeeze(dim)


def logsumexp(input, dim, keepdim=False):
    """log Σ exp(input) along `dim`, an int or a tuple; integers become float32."""
    check_tensor(input, "logsumexp")
    for d in dim if isinstance(dim, tuple) else (dim,):
        normalize_dim(d, input.ndim)
    return LogSumExp.apply(as_floating(input), dim=dim, keepdim=keepdim)


class CrossEntropyFunction(Function):
    """−log softmax(logits) at the target of each row, times its scale; summed unless "none"."""

    def forward(self, logits, target, scales, reduction):
        """(N, C), (N,) and (N,) → (N,) or ().

        [[2, 1, 0], [1, 1, 1]], [0, 2], scales [1, 1], "none" → [0.4076, 1.0986]
        """
        shifted = logits - logits.max(axis=1, keepdims=True)
        picked = shifted[np.arange(len(logits)), target]
        exps = np.exp(shifted, out=shifted)  # in place: one table of this size is enough
        totals = exps.sum(axis=1)
        losses = np.log(totals) - picked
        self.exps, self.totals = exps, totals
        return weigh(losses, scales, reduction)


def soft_cross_entropy(logits, distribution):
    """−Σ q · log softmax(logits) of each row: (N, C) and (N, C) → (N,).

    [[0, 0]] and [[0.25, 0.75]] → [0.6931]
    """
    return -(distribution * log_softmax(logits, dim=1)).sum(dim=1)


def smooth(distribution, label_smoothing):
    """A share of each row spread evenly over its classes: (N, C) → (N, C).

    [[0, 1, 0, 0]], 0.2 → [[0.05, 0.85, 0.05, 0.05]]
    """
    evenly = label_smoothing / distribution.shape[1]
    return distribution * (1 - label_smoothing) + evenly


def of_distributions(rows, distribution, weight, scales, reduction, label_smoothing):
    """The cross-entropy of distributions (M, C); class weights go into them."""
    q = smooth(distribution, label_smoothing)
    q = q if weight is None else q * weight
    return weigh(soft_cross_entropy(rows, q), scales, reduction)


def of_classes(rows, target, weight, ignore_index, reduction, label_smoothing):
    """The cross-entropy of class numbers; smoothed ones become distributions first."""
    classes, kept = class_numbers(rows, target, ignore_index)
    if label_smoothing == 0:
        scales = row_scales(classes, kept, weight, reduction)
        return CrossEntropyFunction.apply(rows, target=classes, scales=scales, reduction=reduction)
    one_hot = from_numpy((classes[:, None] == np.arange(rows.shape[1])).astype(rows.dtype))
    total = row_scales(classes, kept, weight, "sum").sum() if reduction == "mean" else 1
    return of_distributions(rows, one_hot, weight, kept / total, reduction, label_smoothing)


def check_probabilities(input, target, ignore_index):
    """Raise RuntimeError for what can't go with targets that are probabilities."""
    if target.shape != input.shape:
        wanted = f"classes (int64) {places(input)} or probabilities {input.shape}"
        came = f"{target.dtype} {target.shape}"
        raise RuntimeError(f"cross_entropy: expected {wanted}, came {came}")
    if ignore_index >= 0:
        raise RuntimeError(f"cross_entropy: ignore_index={ignore_index} needs classes as targets")


def cross_entropy(
    input, target, weight=None, *, ignore_index=-100, reduction="mean", label_smoothing=0.0
):
    """−log softmax(input) at the target: a class, or probabilities in the shape of `input`.

    Shapes (C,) and (), (N, C) and (N,), or (N, C, d…) and (N, d…). Errors as `check_classes`.
    """
    check_inputs("cross_entropy", reduction, input, target)
    weight = class_weights("cross_entropy", input, weight)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"cross_entropy: expected smoothing in 0 … 1, came {label_smoothing}")
    rows = class_rows(input)
    if target.is_floating_point():
        check_probabilities(input, target, ignore_index)
        scales = np.full(len(rows), 1 / len(rows) if reduction == "mean" else 1, rows.dtype)
        q = class_rows(target)
        losses = of_distributions(rows, q, weight, scales, reduction, label_smoothing)
    else:
        check_classes("cross_entropy", input, target, ignore_index)
        losses = of_classes(rows, target, weight, ignore_index, reduction, label_smoothing)
    return losses.reshape(places(input)) if reduction == "none" else losses


def floored_log(p):
    """log p, but never below −100, as torch has it in this loss."""
    with np.errstate(divide="ignore"):  # log 0 is −∞, and that is what the floor is for
        return np.maximum(np.log(p), -100)


class BCEFunction(Function):
    """−[t log p + (1 − t) log(1 − p)], element by element."""

    def forward(self, p, t):
        """[0.5, 0.9, 0.0] and [1, 1, 1] → [0.6931, 0.1054, 100]. One shape, and the same out."""
        return -(t * floored_log(p) + (1 - t) * floored_log(1 - p))


class BCEWithLogitsFunction(Function):
    """BCE of sigmoid(x), without ever taking the sigmoid; yes counts `pos_weight` times."""

    def forward(self, x, t, pos_weight=1):
        """[0, -1000, -1000] and [1, 1, 0] → [0.6931, 1000, 0]. One shape, and the same out."""
        tail = np.log1p(np.exp(-np.abs(x)))
        if_yes = tail + np.maximum(-x, 0)
        if_no = tail + np.maximum(x, 0)
        return pos_weight * t * if_yes + (1 - t) * if_no


def check_pair(name, input, target, *weights):
    """ValueError unless `input` and `target` have one shape, RuntimeError for types and weights."""
    if input.shape != target.shape:
        raise ValueError(f"{name}: expected one shape, came {input.shape} and {target.shape}")
    check_floating(input, f"{name}, input")
    check_floating(target, f"{name}, target")
    for weight in weights:
        if weight is not None and broadcast_shapes(weight.shape, input.shape) != input.shape:
            raise RuntimeError(f"{name}: weight {weight.shape} is larger than input {input.shape}")


def check_between_0_and_1(name, **tensors):
    """RuntimeError unless all elements of the named tensors lie in 0 … 1."""
    for role, x in tensors.items():
        if not ((x.array >= 0) & (x.array <= 1)).all():
            low, high = x.array.min(), x.array.max()
            raise RuntimeError(f"{name}: expected {role} in 0 … 1, came {low:g} … {high:g}")


def binary_cross_entropy(input, target, weight=None, *, reduction="mean"):
    """−[t log p + (1 − t) log(1 − p)] of probabilities, each times `weight` if there is one."""
    check_inputs("binary_cross_entropy", reduction, input, target)
    check_pair("binary_cross_entropy", input, target, weight)
    check_between_0_and_1("binary_cross_entropy", input=input, target=target)
    if input.dtype != target.dtype:
        came = f"{input.dtype} and {target.dtype}"
        raise RuntimeError(f"binary_cross_entropy: expected one dtype, came {came}")
    losses = BCEFunction.apply(input, target)
    return reduce(losses if weight is None else losses * weight, reduction)


def binary_cross_entropy_with_logits(
    input, target, weight=None, *, reduction="mean", pos_weight=None
):
    """`binary_cross_entropy` of sigmoid(input), for logits of any size.

    `weight` multiplies each loss, `pos_weight` only its yes half; both broadcast.
    """
    check_inputs("binary_cross_entropy_with_logits", reduction, input, target)
    check_pair("binary_cross_entropy_with_logits", input, target, weight, pos_weight)
    yes = {} if pos_weight is None else {"pos_weight": pos_weight.array}
    losses = BCEWithLogitsFunction.apply(*promote(input, target), **yes)
    return reduce(losses if weight is None else losses * weight, reduction)


class L1Loss(Layer):
    """`l1_loss` as a layer."""

    def __init__(self, *, reduction="mean"):
        self.reduction = reduction

    def forward(self, input, target): return l1_loss(input, target, reduction=self.reduction)


class MSELoss(Layer):
    """`mse_loss` as a layer."""

    def __init__(self, *, reduction="mean"):
        self.reduction = reduction

    def forward(self, input, target): return mse_loss(input, target, reduction=self.reduction)


class NLLLoss(Layer):
    """`nll_loss` as a layer."""

    def __init__(self, weight=None, *, ignore_index=-100, reduction="mean"):
        self.weight = weight
        self.ignore_index, self.reduction = ignore_index, reduction

    def forward(self, input, target):
        options = dict(ignore_index=self.ignore_index, reduction=self.reduction)
        return nll_loss(input, target, self.weight, **options)


class CrossEntropyLoss(Layer):
    """`cross_entropy` as a layer."""

    def __init__(self, weight=None, *, ignore_index=-100, reduction="mean", label_smoothing=0.0):
        self.weight, self.ignore_index = weight, ignore_index
        self.reduction, self.label_smoothing = reduction, label_smoothing

    def forward(self, input, target):
        options = dict(ignore_index=self.ignore_index, reduction=self.reduction)
        options["label_smoothing"] = self.label_smoothing
        return cross_entropy(input, target, self.weight, **options)


class BCELoss(Layer):
    """`binary_cross_entropy` as a layer."""

    def __init__(self, weight=None, *, reduction="mean"):
        self.weight, self.reduction = weight, reduction

    def forward(self, input, target):
        return binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(Layer):
    """`binary_cross_entropy_with_logits` as a layer."""

    def __init__(self, weight=None, *, reduction="mean", pos_weight=None):
        self.weight, self.reduction, self.pos_weight = weight, reduction, pos_weight

    def forward(self, input, target):
        return binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )
