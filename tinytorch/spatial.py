# Generated from nbs/09_spatial.ipynb. To change it, edit the notebook and run: tito export 09

__all__ = [
    "PIECE", "SHELF", "LEAST", "MOST", "ROOM", "output_size", "spans", "windows", "im2col",
    "bundles", "correlate", "slices", "taps", "col2im", "kernel_grads", "column_grads", "runs",
    "straddling", "inside", "spread", "pad", "crop", "pieces", "shelve", "reused", "columns_of",
    "images_of", "places", "Conv2dFunction", "pair", "check_images", "check_settings", "check_fit",
    "borders", "batched", "check_weight", "conv2d", "Conv2d", "check_channels", "check_word",
    "first_numbers_", "describe_conv", "window_max", "to_winners", "MaxPool2dFunction",
    "AvgPool2dFunction", "pool_settings", "max_pool2d", "avg_pool2d", "averaging",
    "adaptive_avg_pool2d", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "as_channels",
    "over_all_but_channels", "normalize", "BatchNormFunction", "follow", "check_batch",
    "check_numbers", "batch_norm", "batch_statistics", "BatchNorm2d", "describe_norm",
]

import math
import weakref
from collections import defaultdict
from functools import reduce

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tinytorch.activations import check_tensor
from tinytorch.autograd import arrays, intact, wants_grad
from tinytorch.layers import Module, Parameter, fill, kaiming_uniform_, uniform_
from tinytorch.tensor import (
    Function,
    Tensor,
    check_floating,
    empty,
    from_numpy,
    note_write,
    ones,
    zeros,
)


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """The number of places of a window along one dimension, all numbers: 4, kernel 2 → 3."""
    span = dilation * (kernel - 1) + 1
    return (size + 2 * padding - span) // stride + 1


def spans(kernel, dilation):
    """How many pixels a kernel spans, rows and columns: kernel (3, 2), dilation (1, 2) → (3, 3)."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation))


def windows(a, kernel, stride=(1, 1), dilation=(1, 1)):
    """A view of all windows: (N, C, H, W) → (N, C, places, places, *kernel). All pairs."""
    view = sliding_window_view(a, spans(kernel, dilation), axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]


def im2col(view):
    """Each window as a column: (N, C, places, places, K, L) → (C·K·L, N·places), a copy."""
    _, c, _, _, height, width = view.shape
    return view.transpose(1, 4, 5, 0, 2, 3).reshape(c * height * width, -1)


def bundles(a, groups):
    """The rows of `a` in `groups`, each row flat: (6, 5), 2 groups → (2, 3, 5)."""
    return a.reshape(groups, len(a) // groups, -1)


def correlate(columns, weight, groups=1):
    """columns (C·K·L, places), weight (O, C / groups, K, L) → (O, places).

    Columns [[1, 2], [3, 4]] with weight [[[[10, 1]]]] → [[13, 24]].
    """
    product = bundles(weight, groups) @ bundles(columns, groups)
    return product.reshape(len(weight), -1)


def slices(size, kernel, stride, dilation):
    """For each position in a kernel, where it falls along one dimension, as a slice."""
    ends = [size - dilation * (kernel - 1 - i) for i in range(kernel)]
    return [slice(i * dilation, end, stride) for i, end in enumerate(ends)]


def taps(a, kernel, stride=(1, 1), dilation=(1, 1)):
    """For each position in the kernel, row by row, a view (N, C, places, places) of `a`."""
    down, across = map(slices, a.shape[2:], kernel, stride, dilation)
    for rows in down:
        for columns in across:
            yield a[:, :, rows, columns]


def col2im(columns, walk):
    """Add columns (C·K·L, N·places), in place, to the taps (N, C, …) that they came from."""
    walk = list(walk)
    n, c = walk[0].shape[:2]
    parts = columns.reshape(c, len(walk), n, -1).transpose(1, 2, 0, 3)  # (K·L, N, C, places)
    for part, tap in zip(parts, walk):
        tap += part.reshape(tap.shape)


def kernel_grads(columns, weight, grad, groups=1):
    """The gradient of `correlate` in weight, for `grad` (O, places), in weight's shape.

    Columns [[1, 2]], weight [[[[3]]]], grad [[10, 20]] → [[[[50]]]].
    """
    # (columns @ gradᵀ)ᵀ: the same numbers, and BLAS is faster with the taller matrix first
    product = bundles(columns, groups) @ np.swapaxes(bundles(grad, groups), -1, -2)
    return np.swapaxes(product, -1, -2).reshape(weight.shape)


def column_grads(weight, grad, groups=1):
    """The gradient of `correlate` in the columns: grad (O, places) → (C·K·L, places).

    Weight [[[[3]]], [[[1]]]], grad [[10, 20], [1, 2]] → [[31, 62]].
    """
    product = np.swapaxes(bundles(weight, groups), -1, -2) @ bundles(grad, groups)
    return product.reshape(-1, grad.shape[1])


def runs(a, kernel, dilation=(1, 1)):
    """`taps` with stride 1, of images as long rows: (N, C, H, W) → a list of views (N, C, run)."""
    rows, width = a.reshape(*a.shape[:2], -1), a.shape[3]
    down, across = (range(0, k * d, d) for k, d in zip(kernel, dilation))
    starts = [u * width + v for u in down for v in across]
    run = rows.shape[2] - starts[-1]
    return [rows[:, :, start : start + run] for start in starts]


def straddling(a, kernel, dilation=(1, 1)):
    """The windows of `runs` as a view (N, C, 1, run, K, L) of `a`, an array without gaps."""
    (n, c, _, _), (image, channel, row, pixel) = a.shape, a.strides
    strides = image, channel, row, pixel, row * dilation[0], pixel * dilation[1]
    run = runs(a, kernel, dilation)[0].shape[2]
    return np.ndarray((n, c, 1, run, *kernel), a.dtype, a, 0, strides)


def inside(a, shape, pitch):
    """`a` (O, N·places) seen as `shape` (N, O, down, across), a row every `pitch` places."""
    one, places = a.itemsize, a.shape[1] // shape[0]
    strides = places * one, a.shape[1] * one, pitch * one, one
    return np.ndarray(shape, a.dtype, a, 0, strides)


def spread(grad, pitch):
    """`grad` (N, O, down, across) as (O, N·places), with zeros where a window straddles."""
    n, o, down, across = grad.shape
    result = np.zeros((o, n * ((down - 1) * pitch + across)), grad.dtype)
    inside(result, grad.shape, pitch)[...] = grad
    return result


def pad(a, padding, value=0):
    """`a` (N, C, H, W) with a border of `value`, without gaps in memory; `a` itself if it is so."""
    if padding == ((0, 0), (0, 0)):
        return np.ascontiguousarray(a)
    n, c, *sizes = a.shape
    rows, columns = (size + sum(border) for size, border in zip(sizes, padding))
    result = np.full((n, c, rows, columns), value, a.dtype)
    crop(result, padding)[...] = a
    return result


def crop(a, padding):
    """A view of `a` without its border."""
    (top, bottom), (left, right) = padding
    return a[:, :, top : a.shape[2] - bottom, left : a.shape[3] - right]


PIECE = 1 << 19  # bytes at a time: with what else is in use, they fit into a core's own cache


def pieces(n, bytes_each):
    """Slices of a batch of `n` images: each piece takes about PIECE bytes."""
    step = max(1, PIECE // max(bytes_each, 1))
    return [slice(start, start + step) for start in range(0, n, step)]


SHELF = defaultdict(list)  # memory that waits, by its bytes
LEAST, MOST, ROOM = 1 << 17, 1 << 25, 1 << 28  # bytes that are kept: of an array, and in all


def shelve(block):
    """Keep `block`, a large array's memory, for the next array of its size, if there is room."""
    waiting = sum(size * len(blocks) for size, blocks in list(SHELF.items()))
    if waiting + block.nbytes <= ROOM:
        SHELF[block.nbytes].append(block)


def reused(shape, dtype):
    """An array like np.empty's, in memory of an earlier one, of its size, that nobody holds."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if not LEAST <= size <= MOST:
        return np.empty(shape, dtype)
    try:
        block = SHELF[size].pop()  # in one step: another thread may want it too
    except IndexError:
        block = memoryview(np.empty(size, np.uint8))
    array = np.frombuffer(block, dtype)  # every view of it holds it, so it goes with the last one
    weakref.finalize(array, shelve, block).atexit = False
    return array.reshape(shape)


def columns_of(a, kernel, stride, dilation):
    """im2col of images (N, C, H, W): in long rows where the stride is 1."""
    long = stride == (1, 1)
    return im2col(straddling(a, kernel, dilation) if long else windows(a, kernel, stride, dilation))


def images_of(columns, shape, kernel, stride, dilation):
    """The columns that `columns_of` made, added up where they came from → `shape` (N, C, H, W)."""
    result = np.zeros(shape, columns.dtype)
    long = stride == (1, 1)
    walk = runs(result, kernel, dilation) if long else taps(result, kernel, stride, dilation)
    col2im(columns, walk)
    return result


def places(padded, kernel, stride, dilation):
    """The number of places of a kernel in padded images: (rows, columns)."""
    settings = zip(padded.shape[2:], kernel, stride, (0, 0), dilation)
    return tuple(output_size(*setting) for setting in settings)


class Conv2dFunction(Function):
    """Correlation with kernels: (N, C, H, W), weight (O, C / groups, K, L), bias (O,) or None."""

    def forward(self, x, weight, bias, stride, padding, dilation, groups):
        self.padded, self.steps = pad(x, padding), (weight.shape[2:], stride, dilation)
        down, across = places(self.padded, *self.steps)
        self.pitch = self.padded.shape[3] if stride == (1, 1) else across
        self.pieces = pieces(len(x), weight[0].nbytes * groups * down * self.pitch)
        y = reused((len(x), len(weight), down, across), x.dtype)
        for piece in self.pieces:
            product = correlate(columns_of(self.padded[piece], *self.steps), weight, groups)
            product += 0 if bias is None else bias[:, None]
            y[piece] = inside(product, y[piece].shape, self.pitch)
        return y

    def backward(self, grad):
        (_, weight, _), padded, groups = arrays(self), self.padded, self.options["groups"]
        weight_grad, bias_grad = np.zeros_like(weight), np.zeros_like(weight, shape=len(weight))
        x_grad, wants_x = reused(padded.shape, padded.dtype), wants_grad(self.inputs[0])
        for piece in self.pieces:
            top = spread(grad[piece], self.pitch)
            bias_grad += top.sum(axis=1)
            weight_grad += kernel_grads(columns_of(padded[piece], *self.steps), weight, top, groups)
            if wants_x:
                columns, shape = column_grads(weight, top, groups), padded[piece].shape
                x_grad[piece] = images_of(columns, shape, *self.steps)
        return crop(x_grad, self.options["padding"]) if wants_x else None, weight_grad, bias_grad


def pair(value):
    """A setting for rows and columns: 3 → (3, 3); (3, 5) stays."""
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def check_images(x, what):
    """Raise unless `x` holds floating-point images, (N, C, H, W) or (C, H, W)."""
    check_tensor(x, what)
    check_floating(x, what)
    if x.ndim not in (3, 4):
        raise RuntimeError(f"{what}: expected (N, C, H, W) or (C, H, W), came {x.shape}")


def check_settings(what, **settings):
    """Raise RuntimeError unless each setting holds whole numbers of at least 1."""
    for name, values in settings.items():
        if min(values) < 1:
            raise RuntimeError(f"{what}: expected {name} of at least 1, came {values}")


def check_fit(what, x, kernel, padding, dilation):
    """Raise RuntimeError where the kernel is larger than the padded images."""
    least = spans(kernel, dilation)
    sizes = tuple(size + sum(p) for size, p in zip(x.shape[2:], padding))
    if any(size < span for size, span in zip(sizes, least)):
        raise RuntimeError(f"{what}: expected padded images of at least {least}, came {sizes}")


def borders(padding, kernel, stride, dilation):
    """((above, below), (left, right)) for padding 1, (1, 2), "valid" or "same"."""
    if padding == "same":
        if stride != (1, 1):
            raise RuntimeError(f"conv2d: padding 'same' expects stride 1, came {stride}")
        totals = [d * (k - 1) for k, d in zip(kernel, dilation)]
        return tuple((total // 2, total - total // 2) for total in totals)
    if isinstance(padding, str) and padding != "valid":
        raise RuntimeError(f"conv2d: expected padding 'valid' or 'same', came {padding!r}")
    sizes = (0, 0) if padding == "valid" else pair(padding)
    if min(sizes) < 0:
        raise RuntimeError(f"conv2d: expected padding of at least 0, came {sizes}")
    return tuple((size, size) for size in sizes)


def batched(operation, x, *others, **options):
    """`operation.apply` on a batch; an image alone becomes a batch of one, and comes back alone."""
    if x.ndim == 4:
        return operation.apply(x, *others, **options)
    return operation.apply(x.unsqueeze(0), *others, **options).squeeze(0)


def check_weight(x, weight, bias, groups):
    """Raise RuntimeError, naming both shapes, unless images, kernels and bias go together."""
    fits = weight.ndim == 4 and groups >= 1 and len(weight) % groups == 0
    if not fits or x.shape[-3] != weight.shape[1] * groups:
        came = f"came {x.shape} and {weight.shape} with groups={groups}"
        expected = "expected images (N, C, H, W) and weight (O, C / groups, K, L)"
        raise RuntimeError(f"conv2d: {expected}, {came}")
    if bias is not None and bias.shape != weight.shape[:1]:
        raise RuntimeError(f"conv2d: expected bias {weight.shape[:1]}, came {bias.shape}")
    if len(dtypes := {str(t.dtype) for t in (x, weight, bias) if t is not None}) > 1:
        raise RuntimeError(f"conv2d: expected one dtype, came {', '.join(sorted(dtypes))}")


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Each kernel of `weight` (O, C / groups, K, L) at each place of `input` (N, C, H, W).

    Settings are numbers, pairs, or padding "valid" or "same". RuntimeError where they don't fit.
    """
    check_images(input, "conv2d")
    check_weight(input, weight, bias, groups)
    kernel, stride, dilation = weight.shape[2:], pair(stride), pair(dilation)
    check_settings("conv2d", stride=stride, dilation=dilation)
    padding = borders(padding, kernel, stride, dilation)
    check_fit("conv2d", input if input.ndim == 4 else input.unsqueeze(0), kernel, padding, dilation)
    return batched(Conv2dFunction, input, weight, bias,
                   stride=stride, padding=padding, dilation=dilation, groups=groups)


class Conv2d(Module):
    """`conv2d` with a learned weight (out, in / groups, *kernel_size) and bias (out,)."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1,
                 groups=1, bias=True):
        super().__init__()
        check_channels(in_channels, out_channels, groups)
        check_word(padding, pair(stride))
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = map(pair, (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else pair(padding)
        self.weight = Parameter(empty(out_channels, in_channels // groups, *self.kernel_size))
        self.bias = Parameter(empty(out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self): first_numbers_(self.weight, self.bias)

    def forward(self, x):
        settings = self.stride, self.padding, self.dilation, self.groups
        return conv2d(x, self.weight, self.bias, *settings)

    def extra_repr(self): return describe_conv(self)


def check_channels(in_channels, out_channels, groups):
    """Raise ValueError unless both numbers of channels can be cut into `groups`."""
    if groups < 1 or in_channels % groups or out_channels % groups:
        raise ValueError(f"Conv2d: expected channels divisible by groups={groups}, "
                         f"came {in_channels} and {out_channels}")


def check_word(padding, stride):
    """Raise ValueError where `padding` is a word that Conv2d doesn't know, or not with stride."""
    if isinstance(padding, str) and (padding, stride) != ("same", (1, 1)) and padding != "valid":
        raise ValueError("Conv2d: expected padding 'valid', or 'same' with stride 1, "
                         f"came {padding!r} and {stride}")


def first_numbers_(weight, bias):
    """Fill weight and bias, in place, with numbers within ±1/√fan-in."""
    kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        bound = 1 / math.sqrt(weight.array[0].size)
        uniform_(bias, -bound, bound)


def describe_conv(layer):
    """The settings of a Conv2d as torch prints them: those at their defaults are left out."""
    text = f"{layer.in_channels}, {layer.out_channels}, kernel_size={layer.kernel_size}"
    text += f", stride={layer.stride}"
    for name, default in (("padding", (0, 0)), ("dilation", (1, 1)), ("groups", 1)):
        if getattr(layer, name) != default:
            text += f", {name}={getattr(layer, name)}"
    return text if layer.bias is not None else text + ", bias=False"


def window_max(a, kernel, stride, dilation=(1, 1)):
    """The largest of each window: (N, C, H, W) → (N, C, places, places)."""
    down, across = map(slices, a.shape[2:], kernel, stride, dilation)
    tall = reduce(np.maximum, [a[:, :, rows] for rows in down])
    return reduce(np.maximum, [tall[..., columns] for columns in across])


def to_winners(result, a, largest, grad, *settings):
    """Add `grad` of each window's `largest` to `result`, at the pixel of `a` that it came from."""
    free = np.ones(largest.shape, bool)
    for tap, tap_grad in zip(taps(a, *settings), taps(result, *settings)):
        won = free & (tap == largest)
        tap_grad += grad * won
        free ^= won


class MaxPool2dFunction(Function):
    """The largest of each window of (N, C, H, W); the border, −inf, never wins."""

    def forward(self, x, kernel, stride, padding, dilation):
        self.padded = pad(x, padding, -np.inf)
        sizes = places(self.padded, kernel, stride, dilation)
        self.output = reused((*x.shape[:2], *sizes), x.dtype)
        self.pieces = pieces(len(x), self.padded[:1].nbytes)
        for piece in self.pieces:
            self.output[piece] = window_max(self.padded[piece], kernel, stride, dilation)
        return self.output

    def backward(self, grad):
        arrays(self)
        output, padded_grad = intact(self, self.output), reused(self.padded.shape, grad.dtype)
        padded_grad.fill(0)
        kernel, stride, padding, dilation = self.options.values()
        for piece in self.pieces:
            of_piece = (array[piece] for array in (padded_grad, self.padded, output, grad))
            to_winners(*of_piece, kernel, stride, dilation)
        return crop(padded_grad, padding)


class AvgPool2dFunction(Function):
    """The mean of each window of (N, C, H, W); the border, 0, counts."""

    def forward(self, x, kernel, stride, padding):
        total = sum(taps(pad(x, padding), kernel, stride))
        return total / math.prod(kernel)

    def backward(self, grad):
        kernel, stride, padding = self.options.values()
        n, c, *sizes = self.inputs[0].shape
        rows, columns = (size + sum(border) for size, border in zip(sizes, padding))
        padded_grad = np.zeros((n, c, rows, columns), grad.dtype)
        for tap in taps(padded_grad, kernel, stride):
            tap += grad / math.prod(kernel)
        return crop(padded_grad, padding)


def pool_settings(what, x, kernel_size, stride, padding, dilation=1):
    """(kernel, stride, borders, dilation) as pairs; the stride is the kernel's size by default."""
    check_images(x, what)
    kernel, padding, dilation = pair(kernel_size), pair(padding), pair(dilation)
    stride = kernel if stride is None else pair(stride)
    check_settings(what, kernel_size=kernel, stride=stride, dilation=dilation)
    if any(p < 0 or 2 * p > d * (k - 1) + 1 for p, k, d in zip(padding, kernel, dilation)):
        raise RuntimeError(f"{what}: expected padding of at most half of {kernel}, came {padding}")
    padding = tuple((p, p) for p in padding)
    check_fit(what, x if x.ndim == 4 else x.unsqueeze(0), kernel, padding, dilation)
    return kernel, stride, padding, dilation


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1):
    """The largest of each window: (N, C, H, W) → (N, C, places, places)."""
    names = ("kernel", "stride", "padding", "dilation")
    settings = pool_settings("max_pool2d", input, kernel_size, stride, padding, dilation)
    return batched(MaxPool2dFunction, input, **dict(zip(names, settings)))


def avg_pool2d(input, kernel_size, stride=None, padding=0):
    """The mean of each window, the border included: (N, C, H, W) → (N, C, places, places)."""
    kernel, stride, padding, _ = pool_settings("avg_pool2d", input, kernel_size, stride, padding)
    return batched(AvgPool2dFunction, input, kernel=kernel, stride=stride, padding=padding)


def averaging(size, places):
    """The matrix (places, size) that averages: size 4, places 2 → [[½, ½, 0, 0], [0, 0, ½, ½]]."""
    matrix = np.zeros((places, size))
    for i in range(places):
        part = slice(i * size // places, -(-(i + 1) * size // places))
        matrix[i, part] = 1 / (part.stop - part.start)
    return matrix


def adaptive_avg_pool2d(input, output_size):
    """Means over a grid of `output_size`, a number or a pair; None keeps a dimension's size."""
    check_images(input, "adaptive_avg_pool2d")
    places = [size if n is None else n for size, n in zip(input.shape[-2:], pair(output_size))]
    if min(places) < 0:
        raise RuntimeError(f"adaptive_avg_pool2d: expected sizes of at least 0, came {output_size}")
    down, across = (
        Tensor(averaging(size, n), input.dtype) for size, n in zip(input.shape[-2:], places)
    )
    return down @ input @ across.T


class MaxPool2d(Module):
    """`max_pool2d` as a layer."""

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation

    def forward(self, x):
        return max_pool2d(x, self.kernel_size, self.stride, self.padding, self.dilation)

    def extra_repr(self):
        """Its settings, as torch prints them."""
        settings = f"kernel_size={self.kernel_size}, stride={self.stride}"
        return f"{settings}, padding={self.padding}, dilation={self.dilation}"


class AvgPool2d(Module):
    """`avg_pool2d` as a layer."""

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding = padding

    def forward(self, x): return avg_pool2d(x, self.kernel_size, self.stride, self.padding)

    def extra_repr(self):
        """Its settings, as torch prints them."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(Module):
    """`adaptive_avg_pool2d` as a layer."""

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    def forward(self, x): return adaptive_avg_pool2d(x, self.output_size)
    def extra_repr(self): return f"output_size={self.output_size}"


def as_channels(numbers, ndim):
    """One number a channel, (C,), so that it broadcasts along dim 1: ndim 4 → (1, C, 1, 1)."""
    return numbers.reshape(1, -1, *(1,) * (ndim - 2))


def over_all_but_channels(x):
    """The axes of `x`, (N, C, …), without 1."""
    return (0, *range(2, x.ndim))


def normalize(x, mean, var, eps):
    """x (N, C, …), mean and var (C,) → x normalized, in its shape, and scale, (1, C, …)."""
    scale = 1 / np.sqrt(as_channels(var, x.ndim) + eps)
    normalized = (x - as_channels(mean, x.ndim)) * scale
    return normalized, scale


class BatchNormFunction(Function):
    """(x − mean) / √(var + eps) · weight + bias; `fixed` says that mean and var are given."""

    def forward(self, x, weight, bias, mean, var, eps, fixed):
        self.normalized, self.scale = normalize(x, mean, var, eps)
        y = self.normalized if weight is None else self.normalized * as_channels(weight, x.ndim)
        return y if bias is None else y + as_channels(bias, x.ndim)

    def backward(self, grad):
        _, weight, _ = arrays(self)
        normalized, axes = intact(self, self.normalized), over_all_but_channels(grad)
        bias_grad, weight_grad = grad.sum(axis=axes), (grad * normalized).sum(axis=axes)
        factor = self.scale if weight is None else self.scale * as_channels(weight, grad.ndim)
        if self.options["fixed"]:
            return grad * factor, weight_grad, bias_grad
        count = grad.size // len(bias_grad)
        shared = as_channels(bias_grad / count, grad.ndim)
        along = normalized * as_channels(weight_grad / count, grad.ndim)
        return (grad - shared - along) * factor, weight_grad, bias_grad


def follow(running, batch, momentum):
    """Move `running`, in place, towards `batch`, both (C,): [0, 10], [10, 10], 0.1 → [1, 10]."""
    running += momentum * (batch - running)


def check_batch(x, training):
    """Raise unless `x` is (N, C, …) and, in training, has more than one number a channel."""
    check_tensor(x, "batch_norm")
    check_floating(x, "batch_norm")
    if x.ndim < 2:
        raise RuntimeError(f"batch_norm: expected (N, C, …), came {x.shape}")
    if training and x.numel() // max(x.shape[1], 1) < 2:
        raise ValueError(f"batch_norm: training expects two numbers a channel, came {x.shape}")


def check_numbers(x, **named):
    """Raise RuntimeError unless each of `named` is None or has one number a channel of `x`."""
    for name, numbers in named.items():
        if numbers is not None and numbers.shape != x.shape[1:2]:
            raise RuntimeError(f"batch_norm: expected {name} {x.shape[1:2]}, came {numbers.shape}")


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False,
               momentum=0.1, eps=1e-5):
    """`input` (N, C, …) normalized: by its own statistics in training, else by the running ones.

    Training moves `running_mean` and `running_var`, (C,) or None, in place.
    """
    check_batch(input, training)
    check_numbers(input, running_mean=running_mean, running_var=running_var)
    check_numbers(input, weight=weight, bias=bias)
    if training:
        mean, var = batch_statistics(input.array, running_mean, running_var, momentum)
    elif running_mean is None or running_var is None:
        raise RuntimeError("batch_norm: expected running_mean and running_var, came None")
    else:
        mean, var = running_mean.array, running_var.array
    return BatchNormFunction.apply(
        input, weight, bias, mean=mean, var=var, eps=eps, fixed=not training)


def batch_statistics(x, running_mean, running_var, momentum):
    """Mean and variance of each channel, (C,), which the running ones follow."""
    axes = over_all_but_channels(x)
    mean, var, count = x.mean(axis=axes), x.var(axis=axes), x.size // x.shape[1]
    for running, batch in ((running_mean, mean), (running_var, var * (count / (count - 1)))):
        if running is not None:
            follow(running.array, batch, momentum)
            note_write(running)
    return mean, var


class BatchNorm2d(Module):
    """`batch_norm` of (N, C, H, W) with learned scale and shift, and running statistics."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = Parameter(ones(num_features)) if affine else None
        self.bias = Parameter(zeros(num_features)) if affine else None
        self.register_buffer("running_mean", zeros(num_features))
        self.register_buffer("running_var", ones(num_features))
        self.register_buffer("num_batches_tracked", from_numpy(np.array(0)))
        if not track_running_stats:
            self.buffer_names, self.running_mean, self.running_var = (), None, None

    def forward(self, x):
        if x.ndim != 4:
            raise ValueError(f"BatchNorm2d: expected (N, C, H, W), came {x.shape}")
        momentum = self.momentum
        if self.training and self.track_running_stats:
            fill(self.num_batches_tracked, self.num_batches_tracked.item() + 1)
            momentum = 1 / self.num_batches_tracked.item() if momentum is None else momentum
        own = self.training or not self.track_running_stats
        return batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, own,
                          momentum, self.eps)

    def extra_repr(self): return describe_norm(self)


def describe_norm(layer):
    """The settings of a BatchNorm2d as torch prints them."""
    names = ("eps", "momentum", "affine", "track_running_stats")
    return ", ".join([str(layer.num_features), *(f"{n}={getattr(layer, n)}" for n in names)])
