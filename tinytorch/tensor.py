# Generated from nbs/01_tensor.ipynb. To change it, edit the notebook and run: tito export 01

__all__ = [
    "KIND_RANKS", "NUMBER_TYPES", "Extremes", "last_write", "default_generator", "Function",
    "from_numpy", "explain", "dim_range", "normalize_dim", "as_array", "check_floating",
    "TensorBase", "share", "replace_array", "single", "readable", "length", "describe", "Tensor",
    "broadcast_shapes", "result_type", "promote", "operand", "Cast", "cast", "as_floating", "Add",
    "Sub", "Neg", "Mul", "Div", "Pow", "compare", "Sum", "mean", "var", "std", "extreme",
    "position", "Max", "Min", "Exp", "Log", "Sqrt", "Abs", "Where", "where", "clip", "Clip",
    "masked_fill", "sizes", "Reshape", "Permute", "permute", "Expand", "expand", "infer_shape",
    "reshape", "unsqueeze", "squeeze", "transpose", "flatten", "Cat", "cat", "Index", "as_index",
    "assign", "update", "owner", "note_write", "stack", "check_pieces", "split", "lower_triangle",
    "tril", "triu", "last_sizes", "MatMul", "matmul", "tensor", "full", "zeros", "ones", "empty",
    "arange", "linspace", "eye", "Generator", "manual_seed", "rand", "randn", "randint", "randperm",
    "zeros_like", "ones_like", "full_like", "empty_like", "rand_like", "randn_like", "randint_like",
]

import math
import weakref
from collections import namedtuple
from functools import cached_property

import numpy as np


class Function:
    """One operation: `forward` computes on numpy arrays, `apply` is the only door to it."""

    recording = True  # whether results remember how they were made
    writes = 0  # how often a tensor's memory was written into: `note_write` counts

    @classmethod
    def apply(cls, *inputs, **options):
        """Run the operation; if an input requires grad, hang it on the result as `grad_fn`."""
        function, arrays, remember = cls(), [], False
        for x in inputs:
            if isinstance(x, Tensor):
                remember = remember or x.requires_grad
                x = x.array
            arrays.append(x)
        try:
            result = from_numpy(function.forward(*arrays, **options))
        except ValueError as error:
            raise explain(error, cls.__name__, arrays) from None
        if remember and Function.recording:
            function.inputs, function.options, function.writes = inputs, options, Function.writes
            result.requires_grad, result.grad_fn = True, function
        return result


def from_numpy(array):
    """A tensor that shares its memory with `array`, a numpy array of any shape."""
    result = Tensor.__new__(Tensor)
    result.array = np.asarray(array)
    return result


def explain(error, name, arrays):
    """numpy's complaint as the kind of error torch raises, with the operation's name and shapes."""
    if isinstance(error, np.exceptions.AxisError):
        return IndexError(f"{name}: expected {dim_range(error.ndim)}, came {error.axis}")
    shapes = " and ".join(str(np.shape(a)) for a in arrays)
    return RuntimeError(f"{name} of shapes {shapes}: {error}")


def dim_range(ndim):
    """The dims that a tensor with `ndim` dimensions has, in words."""
    ndim = max(ndim, 1)  # a tensor without dimensions counts as having one, as in torch
    return f"a dim from {-ndim} to {ndim - 1}"


def normalize_dim(dim, ndim):
    """`dim` counted from the front: −1 of 3 dimensions → 2. IndexError if there is no such dim."""
    if not -max(ndim, 1) <= dim < max(ndim, 1):
        raise IndexError(f"expected {dim_range(ndim)}, came {dim}")
    return dim % max(ndim, 1)


def as_array(data, dtype=None):
    """Copy numbers, nested lists, an array or a tensor; Python's floats become float32.

    Raises ValueError where rows differ in length, TypeError for anything but numbers.
    """
    data = data.array if isinstance(data, Tensor) else data
    try:
        array = np.array(data, dtype=dtype)
    except ValueError as error:
        raise ValueError(f"expected rows of numbers, all of one length: {error}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"expected numbers, came a {type(data).__name__} of {array.dtype}")
    from_python = not isinstance(data, np.ndarray | np.generic)
    if dtype is None and from_python and array.dtype == np.float64:
        return array.astype(np.float32)
    return array


def check_floating(x, what):
    """Raise RuntimeError unless `x` holds floating-point numbers."""
    if x.array.dtype.kind != "f":
        raise RuntimeError(f"{what}: expected a floating-point tensor, came {x.array.dtype}")


class TensorBase:
    """What a tensor is: a numpy array (`array`), and a memory of how it was made (`grad_fn`)."""

    requires_grad, grad, grad_fn = False, None, None
    __array_ufunc__ = None  # lets `array * tensor` reach Tensor.__rmul__

    def __init__(self, data, dtype=None, requires_grad=False):
        self.array = as_array(data, dtype)
        if requires_grad:
            check_floating(self, "requires_grad=True")
            self.requires_grad = True

    shape = property(lambda self: self.array.shape, doc="The size along each dimension.")
    ndim = property(lambda self: self.array.ndim, doc="The number of dimensions.")
    dtype = property(lambda self: self.array.dtype, doc="The numpy type of the elements.")
    data = property(
        lambda self: self.detach(),
        lambda self, new: replace_array(self, new),  # so that w.data -= step works
        doc="The same numbers, without the memory.",
    )
    def size(self, dim=None): return self.shape if dim is None else self.shape[dim]
    def dim(self): return self.array.ndim
    def numel(self): return self.array.size
    def element_size(self): return self.array.itemsize
    def stride(self): return tuple(step // self.array.itemsize for step in self.array.strides)
    def is_contiguous(self): return self.array.flags.c_contiguous
    def is_floating_point(self): return self.array.dtype.kind == "f"
    def detach(self): return share(self)
    def tolist(self): return self.array.tolist()
    def item(self): return single(self).item()
    def numpy(self): return readable(self)
    def __array__(self, dtype=None, copy=None): return np.array(self.array, dtype, copy=copy)
    def __len__(self): return length(self)
    def __iter__(self): return (self[i] for i in range(length(self)))
    def __bool__(self): return bool(single(self))
    def __int__(self): return int(single(self))
    def __float__(self): return float(single(self))
    def __repr__(self): return describe(self)


def share(x):
    """A tensor on the same memory as `x` that does not remember how it was made."""
    return from_numpy(x.array)


def replace_array(x, new):
    """`x.data = new`: `x` shares the memory of the tensor `new` from now on."""
    if not isinstance(new, Tensor):
        raise TypeError(f"data: expected a tensor, came a {type(new).__name__}")
    x.array = new.array


def single(x):
    """The only element of `x`, as a numpy scalar; RuntimeError if there is not exactly one."""
    if x.array.size != 1:
        raise RuntimeError(f"expected a tensor with one element, came shape {x.shape}")
    return x.array.reshape(-1)[0]


def readable(x):
    """The numpy array of `x`, as long as nothing would forget a gradient by it."""
    if x.requires_grad:
        raise RuntimeError("numpy() would lose the gradient: call detach().numpy() instead")
    return x.array


def length(x):
    """The size of `x` along its first dimension."""
    if x.ndim == 0:
        raise TypeError("len() of a tensor without dimensions: expected at least one")
    return x.shape[0]


def describe(x):
    """`x` much as torch prints it."""
    text = np.array2string(x.array, separator=", ", prefix="tensor(", precision=4, threshold=200)
    if x.dtype not in (np.float32, np.int64, np.bool_):
        text += f", dtype={x.dtype}"
    if x.grad_fn is not None:
        text += f", grad_fn=<{type(x.grad_fn).__name__}>"
    elif x.requires_grad:
        text += ", requires_grad=True"
    return f"tensor({text})"


class Tensor(TensorBase):
    """What a tensor does: each line hands over to the operation of that name in this notebook."""

    __hash__ = object.__hash__  # == compares the elements, so a tensor hashes by identity
    def __add__(self, other): return Add.apply(*promote(self, other))
    def __radd__(self, other): return Add.apply(*promote(other, self))
    def __sub__(self, other): return Sub.apply(*promote(self, other))
    def __rsub__(self, other): return Sub.apply(*promote(other, self))
    def __mul__(self, other): return Mul.apply(*promote(self, other))
    def __rmul__(self, other): return Mul.apply(*promote(other, self))
    def __truediv__(self, other): return Div.apply(*promote(self, other, floating=True))
    def __rtruediv__(self, other): return Div.apply(*promote(other, self, floating=True))
    def __pow__(self, other): return Pow.apply(*promote(self, other))
    def __rpow__(self, other): return Pow.apply(*promote(other, self))
    def __iadd__(self, other): return update(self, self + other)
    def __isub__(self, other): return update(self, self - other)
    def __imul__(self, other): return update(self, self * other)
    def __itruediv__(self, other): return update(self, self / other)
    def __neg__(self): return Neg.apply(self)
    def __matmul__(self, other): return matmul(self, other)
    def __eq__(self, other): return compare(np.equal, self, other)
    def __ne__(self, other): return compare(np.not_equal, self, other)
    def __lt__(self, other): return compare(np.less, self, other)
    def __le__(self, other): return compare(np.less_equal, self, other)
    def __gt__(self, other): return compare(np.greater, self, other)
    def __ge__(self, other): return compare(np.greater_equal, self, other)
    def __invert__(self): return from_numpy(~self.array)
    def sum(self, dim=None, keepdim=False): return Sum.apply(self, dim=dim, keepdim=keepdim)
    def mean(self, dim=None, keepdim=False): return mean(self, dim, keepdim)
    def var(self, dim=None, correction=1, keepdim=False): return var(self, dim, correction, keepdim)
    def std(self, dim=None, correction=1, keepdim=False): return std(self, dim, correction, keepdim)
    def max(self, dim=None, keepdim=False): return extreme(Max, np.argmax, self, dim, keepdim)
    def min(self, dim=None, keepdim=False): return extreme(Min, np.argmin, self, dim, keepdim)
    def argmax(self, dim=None, keepdim=False): return position(np.argmax, self, dim, keepdim)
    def argmin(self, dim=None, keepdim=False): return position(np.argmin, self, dim, keepdim)
    def exp(self): return Exp.apply(as_floating(self))
    def log(self): return Log.apply(as_floating(self))
    def sqrt(self): return Sqrt.apply(as_floating(self))
    def abs(self): return Abs.apply(self)
    def clip(self, min=None, max=None): return clip(self, min, max)
    def clamp(self, min=None, max=None): return clip(self, min, max)
    def where(self, condition, other): return where(condition, self, other)
    def masked_fill(self, mask, value): return masked_fill(self, mask, value)
    def to(self, dtype): return self if self.dtype == dtype else cast(self, dtype)
    def float(self): return self.to(np.float32)
    def long(self): return self.to(np.int64)
    def clone(self): return cast(self, self.dtype)
    def reshape(self, *shape): return reshape(self, sizes(shape))
    def view(self, *shape): return reshape(self, sizes(shape), copy=False)
    def flatten(self, start_dim=0, end_dim=-1): return flatten(self, start_dim, end_dim)
    def squeeze(self, dim=None): return squeeze(self, dim)
    def unsqueeze(self, dim): return unsqueeze(self, dim)
    def transpose(self, dim0, dim1): return transpose(self, dim0, dim1)
    def permute(self, *dims): return permute(self, sizes(dims))
    T = property(lambda self: permute(self, tuple(range(self.ndim))[::-1]), doc="Dims reversed.")
    def expand(self, *shape): return expand(self, sizes(shape))
    def split(self, split_size, dim=0): return split(self, split_size, dim)
    def tril(self, diagonal=0): return tril(self, diagonal)
    def triu(self, diagonal=0): return triu(self, diagonal)
    def __getitem__(self, index): return Index.apply(self, index=as_index(index))
    def __setitem__(self, index, value): assign(self, as_index(index), value)


def broadcast_shapes(*shapes):
    """The shape that `shapes` broadcast to: (2, 3) and (3,) → (2, 3); (4, 1) and (5,) → (4, 5).

    Raises RuntimeError, naming the shapes, where two sizes differ and neither is 1.
    """
    longest = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (longest - len(shape)) + tuple(shape) for shape in shapes]
    result = []
    for place in zip(*padded):
        larger = {size for size in place if size != 1}
        if len(larger) > 1:
            raise RuntimeError(f"shapes {shapes} do not broadcast: {sorted(larger)} meet")
        result.append(larger.pop() if larger else 1)
    return tuple(result)


KIND_RANKS = {"b": 0, "u": 1, "i": 1, "f": 2}  # booleans give way to integers, integers to floats
NUMBER_TYPES = {bool: np.dtype(bool), int: np.dtype(np.int64), float: np.dtype(np.float32)}


def result_type(*operands):
    """The dtype of an operation on `operands`, tensors or numbers, by torch's rules.

    The higher kind wins; within a kind, a tensor with dimensions, then one without, then a number.
    """
    candidates = []
    for x in operands:
        is_tensor = isinstance(x, Tensor)
        dtype = x.dtype if is_tensor else NUMBER_TYPES[type(x)]
        strength = (KIND_RANKS[dtype.kind], is_tensor, is_tensor and x.ndim > 0)
        candidates.append((strength, dtype))
    strongest = max(strength for strength, _ in candidates)
    return np.result_type(*(dtype for strength, dtype in candidates if strength == strongest))


def promote(a, b, floating=False):
    """Give two operands one dtype; `floating` turns integers into float32 as well."""
    if isinstance(a, Tensor) and a.array.dtype.kind == "f":  # nothing to settle, and often met
        if (b.array.dtype is a.array.dtype) if isinstance(b, Tensor) else type(b) in NUMBER_TYPES:
            return a, b
    a, b = operand(a), operand(b)
    dtype = result_type(a, b)
    if floating and dtype.kind != "f":
        dtype = np.dtype(np.float32)
    return tuple(x.to(dtype) if isinstance(x, Tensor) else x for x in (a, b))


def operand(x):
    """What may stand beside a tensor: a tensor, a Python number, or an array made a tensor."""
    if isinstance(x, Tensor) or type(x) in NUMBER_TYPES:
        return x
    if isinstance(x, np.generic):
        return x.item()
    if isinstance(x, np.ndarray):
        return from_numpy(x)
    raise TypeError(f"expected a tensor or a number, came a {type(x).__name__}")


class Cast(Function):
    """The same numbers in another dtype, always in new memory."""

    def forward(self, a, dtype):
        return a.astype(dtype)


def cast(x, dtype):
    """A copy of `x` in `dtype`; integers cannot carry a gradient."""
    if np.dtype(dtype).kind != "f":
        return from_numpy(x.array.astype(dtype))
    return Cast.apply(x, dtype=dtype)


def as_floating(x):
    """`x` itself if it holds floating-point numbers, else its copy in float32."""
    return x if x.is_floating_point() else cast(x, np.float32)


class Add(Function):
    """a + b, element by element."""

    def forward(self, a, b):
        return a + b


class Sub(Function):
    """a − b, element by element."""

    def forward(self, a, b):
        return a - b


class Neg(Function):
    """−a, element by element."""

    def forward(self, a):
        return -a


class Mul(Function):
    """a · b, element by element."""

    def forward(self, a, b):
        """[1, 2] and [3, 4] → [3, 8]. Shapes broadcast."""
        return a * b


class Div(Function):
    """a / b, element by element."""

    def forward(self, a, b):
        """[1, 6] and [2, 3] → [0.5, 2]. Shapes broadcast."""
        return a / b


class Pow(Function):
    """a to the power b, element by element."""

    def forward(self, a, b):
        """[1, 2, 3] and 2 → [1, 4, 9]. Shapes broadcast; either may be a number."""
        if np.ndim(b) == 0 and b == 2:
            return a * a
        if np.ndim(b) == 0 and b == 3:
            return a * a * a
        return a**b


def compare(relation, a, b):
    """A tensor of booleans: `relation`, a numpy comparison, element by element."""
    try:
        a, b = promote(a, b)
    except TypeError:
        return NotImplemented  # == is then False, and < an error of Python's
    broadcast_shapes(*(x.shape for x in (a, b) if isinstance(x, Tensor)))
    return from_numpy(relation(*(x.array if isinstance(x, Tensor) else x for x in (a, b))))


class Sum(Function):
    """The sum of all elements, or along `dim` (an int, or a tuple of them)."""

    def forward(self, a, dim=None, keepdim=False):
        """[[1, 2, 3], [4, 5, 6]], dim=1 → [6, 15]; with keepdim → [[6], [15]]."""
        dtype = None if a.dtype.kind == "f" else np.int64
        return a.sum(axis=dim, keepdims=keepdim, dtype=dtype)


def mean(x, dim=None, keepdim=False):
    """The mean of all elements, or along `dim`: [[1, 2, 3], [4, 5, 6]], dim=0 → [2.5, 3.5, 4.5]."""
    check_floating(x, "mean")
    total = x.sum(dim, keepdim)
    return total / (x.numel() // max(total.numel(), 1))


def var(x, dim=None, correction=1, keepdim=False):
    """The variance, over n − `correction`: [1, 2, 3] → 1.0, with correction=0 → 0.6667."""
    check_floating(x, "var")
    deviation = x - x.mean(dim, keepdim=True)
    total = (deviation * deviation).sum(dim, keepdim)
    n = x.numel() // max(total.numel(), 1)
    return total / max(n - correction, 0)


def std(x, dim=None, correction=1, keepdim=False):
    """The standard deviation: the square root of the variance."""
    return var(x, dim, correction, keepdim).sqrt()


Extremes = namedtuple("Extremes", ["values", "indices"])


def extreme(function, locate, x, dim, keepdim):
    """The extreme of everything, or (values, indices) along `dim`, as torch's max and min."""
    if dim is None:
        return function.apply(x, keepdim=keepdim)
    indices = position(locate, x, dim, keepdim)
    return Extremes(function.apply(x, dim=dim, keepdim=keepdim), indices)


def position(locate, x, dim, keepdim):
    """Where numpy's `locate` (argmax, argmin) finds its element: int64, the first one of equals."""
    among = x.shape if dim is None else x.shape[normalize_dim(dim, x.ndim) :][:1]
    if 0 in among:
        raise IndexError(f"expected an element to choose, came shape {x.shape} with dim={dim}")
    return from_numpy(locate(x.array, axis=dim, keepdims=keepdim))


class Max(Function):
    """The largest of all elements, or along `dim`."""

    def forward(self, a, dim=None, keepdim=False):
        """[[1, 5, 2], [4, 3, 6]], dim=1 → [5, 6]; with keepdim → [[5], [6]]."""
        return a.max(axis=dim, keepdims=keepdim)


class Min(Function):
    """The smallest of all elements, or along `dim`."""

    def forward(self, a, dim=None, keepdim=False):
        return np.min(a, axis=dim, keepdims=keepdim)


class Exp(Function):
    """e to the power of each element."""

    def forward(self, a):
        self.output = np.exp(a)
        return self.output


class Log(Function):
    """The natural logarithm of each element."""

    def forward(self, a):
        return np.log(a)


class Sqrt(Function):
    """The square root of each element."""

    def forward(self, a):
        self.output = np.sqrt(a)
        return self.output


class Abs(Function):
    """The absolute value of each element."""

    def forward(self, a):
        return np.abs(a)


class Where(Function):
    """`a` where `condition` holds, else `b`."""

    def forward(self, condition, a, b):
        return np.where(condition, a, b)


def where(condition, a, b):
    """`a` where the booleans in `condition` hold, else `b`; all three broadcast."""
    if not isinstance(condition, Tensor):
        raise TypeError(f"where: expected a tensor of booleans, came a {type(condition).__name__}")
    if condition.dtype != bool:
        raise RuntimeError(f"where: expected a tensor of booleans, came {condition.dtype}")
    a = a if isinstance(a, Tensor) or isinstance(b, Tensor) else Tensor(a)
    return Where.apply(condition, *promote(a, b))


def clip(x, min=None, max=None):
    """`x` with nothing below `min` and nothing above `max`, two numbers or None."""
    if min is None and max is None:
        raise RuntimeError("clip: expected a min, a max or both, came neither")
    low, high = (None if bound is None else operand(bound) for bound in (min, max))
    for bound in (low, high):
        if isinstance(bound, Tensor):
            raise TypeError(f"clip: expected two numbers, came a tensor of shape {bound.shape}")
        x = x if bound is None else promote(x, bound)[0]
    return Clip.apply(x, low=low, high=high)


class Clip(Function):
    """Each element, kept between `low` and `high`."""

    def forward(self, a, low=None, high=None):
        """[-2, 0, 5], low=0, high=3 → [0, 0, 3]; a bound that is None does not bind."""
        if low is not None:
            a = np.maximum(a, low)
        if high is not None:
            a = np.minimum(a, high)
        return a


def masked_fill(x, mask, value):
    """`x` with `value` where the booleans in `mask` hold: [1, 2], [True, False], 0 → [0, 2]."""
    return where(mask, value, x)


def sizes(arguments):
    """Sizes given one by one, (2, 3), or as one sequence, ((2, 3),), as a tuple."""
    if len(arguments) == 1 and isinstance(arguments[0], tuple | list):
        return tuple(arguments[0])
    return tuple(arguments)


class Reshape(Function):
    """The same elements in the same order under another shape."""

    def forward(self, a, shape, copy=None):
        try:
            return np.reshape(a, shape, copy=copy)
        except ValueError:
            raise RuntimeError(f"view: {a.shape} as {shape} needs a copy: use reshape") from None


class Permute(Function):
    """The dimensions in another order."""

    def forward(self, a, dims):
        return np.transpose(a, dims)


def permute(x, dims):
    """`x` with its dimensions in the order `dims`: shape (2, 3, 4), dims (2, 0, 1) → (4, 2, 3)."""
    order = [normalize_dim(dim, x.ndim) for dim in dims] if len(dims) == x.ndim else None
    if order is None or sorted(order) != list(range(x.ndim)):
        raise RuntimeError(f"permute: expected each of the {x.ndim} dims once, came {dims}")
    return Permute.apply(x, dims=dims)


class Expand(Function):
    """Dimensions of size 1, repeated without a copy."""

    def forward(self, a, shape):
        return np.broadcast_to(a, shape)


def expand(x, shape):
    """`x` broadcast to `shape`, in which −1 keeps a size: (3, 1) to (−1, 4) → (3, 4)."""
    own = (-1,) * (len(shape) - x.ndim) + x.shape
    return Expand.apply(x, shape=tuple(o if s == -1 else s for o, s in zip(own, shape)))


def infer_shape(shape, numel):
    """`shape` with its −1 replaced so that it holds `numel` elements: (3, −1), 12 → (3, 4).

    Raises RuntimeError, naming shape and number, where that is impossible.
    """
    known = math.prod(size for size in shape if size != -1)
    if shape.count(-1) == 1 and known > 0 and numel % known == 0:
        shape = tuple(numel // known if size == -1 else size for size in shape)
    if math.prod(shape) != numel or min(shape, default=0) < 0:
        raise RuntimeError(f"shape {shape} does not hold {numel} elements")
    return shape


def reshape(x, shape, copy=None):
    """`x` under another shape; `copy=False`, which is `view`, refuses where memory must move."""
    return Reshape.apply(x, shape=infer_shape(shape, x.numel()), copy=copy)


def unsqueeze(x, dim):
    """A new dimension of size 1 at `dim`: shape (2, 3), dim 1 → (2, 1, 3)."""
    dim = normalize_dim(dim, x.ndim + 1)
    return reshape(x, x.shape[:dim] + (1,) + x.shape[dim:])


def squeeze(x, dim=None):
    """Without the dimensions of size 1, or without `dim` if its size is 1."""
    dims = range(x.ndim) if dim is None else [normalize_dim(dim, x.ndim)]
    return reshape(x, tuple(s for i, s in enumerate(x.shape) if not (i in dims and s == 1)))


def transpose(x, dim0, dim1):
    """`x` with two dimensions swapped: shape (2, 3, 4), dims 0 and 2 → (4, 3, 2)."""
    normalize_dim(dim0, x.ndim), normalize_dim(dim1, x.ndim)  # no such dim: IndexError
    order = list(range(x.ndim))
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return permute(x, tuple(order))


def flatten(x, start_dim=0, end_dim=-1):
    """The dims `start_dim` to `end_dim` as one: shape (64, 28, 28), start_dim=1 → (64, 784)."""
    start, end = normalize_dim(start_dim, x.ndim), normalize_dim(end_dim, x.ndim)
    if start > end:
        raise RuntimeError(f"flatten: expected start_dim ≤ end_dim, came {start_dim}, {end_dim}")
    merged = math.prod(x.shape[start : end + 1])
    return reshape(x, x.shape[:start] + (merged,) + x.shape[end + 1 :])


class Cat(Function):
    """Several arrays, one behind the other along `dim`."""

    def forward(self, *arrays, dim):
        return np.concatenate(arrays, axis=dim)


def cat(tensors, dim=0):
    """Join tensors along `dim`; all other sizes must agree: (2, 3) and (4, 3) → (6, 3)."""
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("cat: expected at least one tensor, came an empty list")
    if not all(isinstance(t, Tensor) for t in tensors):
        raise TypeError(f"cat: expected tensors, came {[type(t).__name__ for t in tensors]}")
    dtype = result_type(*tensors)
    return Cat.apply(*(t.to(dtype) for t in tensors), dim=dim)


class Index(Function):
    """The elements that an index picks: integers, slices, arrays of integers or booleans, …"""

    def forward(self, a, index):
        return a[index]


def as_index(index):
    """A Python index as the tuple numpy wants: tensors as arrays, … at the end to get a view."""
    index = index if isinstance(index, tuple) else (index,)
    index = tuple(i.array if isinstance(i, Tensor) else i for i in index)
    return index if any(i is Ellipsis for i in index) else (*index, Ellipsis)


def assign(x, index, value):
    """Write `value` into the elements of `x` that `index` picks; no gradient may be lost by it."""
    value = operand(value)
    if Function.recording and (x.requires_grad or getattr(value, "requires_grad", False)):
        raise RuntimeError("writing would lose a gradient: use where, cat or stack, or no_grad")
    try:
        x.array[index] = value.array if isinstance(value, Tensor) else value
    except ValueError as error:
        raise RuntimeError(f"cannot write into a tensor of shape {x.shape}: {error}") from None
    note_write(x)


def update(x, result):
    """`x += …` writes `result` into `x`; with a gradient to remember, it makes a new tensor."""
    if result.requires_grad and not (x.requires_grad and x.grad_fn is None):
        return result
    if result.shape != x.shape or KIND_RANKS[result.dtype.kind] > KIND_RANKS[x.dtype.kind]:
        raise RuntimeError(f"cannot write {result.shape} {result.dtype} to {x.shape} {x.dtype}")
    assign(x, ..., result)
    return x


last_write = {}  # what Function.writes was at the last write, by the id of the array that owns it


def owner(array):
    """The array that owns the memory of `array`: itself, or what it is a view of."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def note_write(x):
    """Remember that somebody has just written into the memory of `x`."""
    memory = owner(x.array)
    if id(memory) not in last_write:
        weakref.finalize(memory, last_write.pop, id(memory))  # forget it when it goes
    Function.writes += 1
    last_write[id(memory)] = Function.writes


def stack(tensors, dim=0):
    """Tensors of one shape along a new `dim`: two of shape (3,) → (2, 3); with dim=1 → (3, 2)."""
    return cat([unsqueeze(t, dim) for t in tensors], dim)


def check_pieces(x, split_size):
    """Raise RuntimeError where there is no dim to cut, or a size is negative or the only one, 0."""
    given = [split_size] if isinstance(split_size, int) else split_size
    if x.ndim == 0 or split_size == 0 or any(size < 0 for size in given):
        raise RuntimeError(f"split: cannot cut shape {x.shape} into pieces of {split_size}")


def split(x, split_size, dim=0):
    """A tuple of pieces along `dim`: 7 elements, split_size 3 → sizes 3, 3, 1; or a list of sizes.

    Raises RuntimeError where a list of sizes does not fill the dimension.
    """
    check_pieces(x, split_size)
    before = (slice(None),) * normalize_dim(dim, x.ndim)
    total = x.shape[dim]
    def take(start, size): return x[(*before, slice(start, start + size))]
    pieces = split_size
    if isinstance(split_size, int):
        pieces = [min(split_size, total - start) for start in range(0, total, split_size)]
    if sum(pieces) != total:
        raise RuntimeError(f"split: expected sizes that fill {total}, came {split_size}")
    starts = [sum(pieces[:i]) for i in range(len(pieces))]
    return tuple(take(start, size) for start, size in zip(starts, pieces))


def lower_triangle(rows, columns, diagonal=0):
    """A boolean tensor, True on and below a diagonal: 2 by 2 → [[True, False], [True, True]]."""
    return from_numpy(np.arange(columns) <= np.arange(rows)[:, None] + diagonal)


def tril(x, diagonal=0):
    """The last two dims of `x` with zeros above a diagonal."""
    return where(lower_triangle(*last_sizes(x), diagonal), x, False)  # a 0 that keeps the dtype


def triu(x, diagonal=0):
    """The last two dims of `x` with zeros below a diagonal."""
    return where(lower_triangle(*last_sizes(x), diagonal - 1), False, x)


def last_sizes(x):
    """The sizes of the last two dims; RuntimeError where there are fewer."""
    if x.ndim < 2:
        raise RuntimeError(f"expected a tensor with two dims or more, came shape {x.shape}")
    return x.shape[-2:]


class MatMul(Function):
    """The matrix product of the last two dims; leading dims broadcast; a vector: row or column."""

    def forward(self, a, b):
        return a @ b


def matmul(a, b):
    """`a @ b`: (…, n, k) and (…, k, m) → (…, n, m). RuntimeError where sizes or dtypes disagree."""
    if not isinstance(b, Tensor):
        raise TypeError(f"matmul: expected a tensor, came a {type(b).__name__}")
    if a.dtype != b.dtype:
        raise RuntimeError(f"matmul: expected one dtype, came {a.dtype} and {b.dtype}")
    if a.ndim == 0 or b.ndim == 0 or a.shape[-1] != b.shape[max(b.ndim - 2, 0)]:
        raise RuntimeError(f"matmul: expected (…, n, k) @ (…, k, m), came {a.shape} @ {b.shape}")
    return MatMul.apply(a, b)


def tensor(data, dtype=None, requires_grad=False):
    """A tensor holding a copy of `data`: numbers, nested lists, an array."""
    return Tensor(data, dtype, requires_grad)


def full(size, fill_value, dtype=None, requires_grad=False):
    """A tensor of shape `size` in which every element is `fill_value`."""
    value = as_array(operand(fill_value), dtype)
    return Tensor(np.full(size, value), requires_grad=requires_grad)


def zeros(*size, dtype=np.float32, requires_grad=False):
    """Zeros of shape `size`."""
    return Tensor(np.zeros(sizes(size), dtype), requires_grad=requires_grad)


def ones(*size, dtype=np.float32, requires_grad=False):
    """Ones of shape `size`."""
    return Tensor(np.ones(sizes(size), dtype), requires_grad=requires_grad)


def empty(*size, dtype=np.float32, requires_grad=False):
    """A tensor of shape `size` with whatever numbers were in memory."""
    return Tensor(np.empty(sizes(size), dtype), requires_grad=requires_grad)


def arange(start, end=None, step=1, dtype=None):
    """Numbers from `start` (0 if there is one argument) up to, not including, `end`."""
    start, end = (0, start) if end is None else (start, end)
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange: no steps of {step} lead from {start} to {end}")
    integers = all(isinstance(n, int | np.integer) for n in (start, end, step))
    dtype = dtype or (np.int64 if integers else np.float32)
    return from_numpy(np.arange(start, end, step).astype(dtype))


def linspace(start, end, steps, dtype=np.float32):
    """`steps` numbers, evenly spaced from `start` to `end`, both included."""
    return from_numpy(np.linspace(start, end, steps).astype(dtype))


def eye(n, m=None, dtype=np.float32):
    """Ones on the diagonal of an (n, m) table of zeros; m is n if it isn't given."""
    return from_numpy(np.eye(n, m, dtype=dtype))


class Generator:
    """A stream of random numbers of its own (numpy's PCG64)."""

    @cached_property
    def numpy(self):
        """numpy's generator behind it, made at first use: loading np.random takes a while."""
        return np.random.default_rng()

    def manual_seed(self, seed):
        """Start again at the place that the integer `seed` names."""
        self.numpy = np.random.default_rng(seed)
        return self

    def get_state(self):
        """Where the stream stands, as a dictionary for `set_state`."""
        return self.numpy.bit_generator.state

    def set_state(self, state):
        """Continue from a place that `get_state` returned."""
        self.numpy.bit_generator.state = state


default_generator = Generator()


def manual_seed(seed):
    """Seed the generator that all random functions use unless they are given another."""
    return default_generator.manual_seed(seed)


def rand(*size, generator=None, requires_grad=False):
    """Uniform random numbers in [0, 1), float32, of shape `size`."""
    stream = (generator or default_generator).numpy
    return Tensor(stream.random(sizes(size), dtype=np.float32), requires_grad=requires_grad)


def randn(*size, generator=None, requires_grad=False):
    """Normal random numbers, mean 0, variance 1, float32, of shape `size`."""
    stream = (generator or default_generator).numpy
    return Tensor(stream.standard_normal(sizes(size), np.float32), requires_grad=requires_grad)


def randint(low, high, size=None, generator=None):
    """Random int64s from `low` (0 in `randint(high, size)`) up to, not including, `high`."""
    low, high, size = (0, low, high) if size is None else (low, high, size)
    if low >= high:
        raise RuntimeError(f"randint: expected low < high, came {low} and {high}")
    return from_numpy((generator or default_generator).numpy.integers(low, high, size))


def randperm(n, generator=None):
    """The numbers 0 … n − 1 in random order."""
    return from_numpy((generator or default_generator).numpy.permutation(n))


def zeros_like(x, dtype=None):
    """Zeros with the shape and dtype of `x`."""
    return from_numpy(np.zeros_like(x.array, dtype))


def ones_like(x, dtype=None):
    """Ones with the shape and dtype of `x`."""
    return from_numpy(np.ones_like(x.array, dtype))


def full_like(x, fill_value, dtype=None):
    """`fill_value` everywhere, with the shape and dtype of `x`."""
    return from_numpy(np.full_like(x.array, fill_value, dtype))


def empty_like(x, dtype=None):
    """Whatever was in memory, with the shape and dtype of `x`."""
    return from_numpy(np.empty_like(x.array, dtype))


def rand_like(x, generator=None):
    """Uniform random numbers in [0, 1), with the shape and dtype of `x`."""
    check_floating(x, "rand_like")
    return rand(*x.shape, generator=generator).to(x.dtype)


def randn_like(x, generator=None):
    """Normal random numbers with the shape and dtype of `x`."""
    check_floating(x, "randn_like")
    return randn(*x.shape, generator=generator).to(x.dtype)


def randint_like(x, low, high, generator=None):
    """Random integers from `low` up to `high`, with the shape and dtype of `x`."""
    return randint(low, high, x.shape, generator).to(x.dtype)
