"""Tensors and their operations against torch: values, shapes, dtypes and types of error.

Where tinytorch differs on purpose, `DIFFERENCES` says so and why.
"""

import copy
import itertools
import operator
import pickle

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch
from tests.parity import DTYPES, FEW, FLOATS, agree, arrays, broadcastable, dims, shapes, torch
from tito.checks import expect

NAMES = ["float32", "float64", "int64", "int32", "uint8", "bool"]

# On purpose otherwise than in torch. Each entry is tested to differ still.
DIFFERENCES = {
    "booleans count as 0 and 1 beside numbers": lambda t: t.ones(1) - t.tensor([True]),
    "numpy's own TypeError for the difference of booleans": lambda t: t.tensor([True]) - True,
    "numpy's own TypeError for minus a boolean": lambda t: -t.tensor([True]),
    "powers of booleans are small integers": lambda t: t.tensor([True]) ** t.tensor([True]),
    "products of booleans are allowed": lambda t: t.tensor([[True]]) @ t.tensor([[True]]),
    "abs of booleans is allowed": lambda t: t.tensor([True]).abs(),
    "argmax of booleans is allowed": lambda t: t.tensor([False, True]).argmax(),
    "clipping booleans is allowed": lambda t: t.tensor([False, True]).clip(max=False),
    "negative powers of integers are refused, not 0": lambda t: t.tensor([2]) ** t.tensor([-1]),
    "a number that doesn't fit bytes is an error": lambda t: t.ones(1, dtype=t.uint8) - (-1),
    "so it is in full": lambda t: t.full((1,), -1, dtype=t.uint8),
    "bytes compare with a negative number by value": lambda t: t.tensor([1], dtype=t.uint8) > -1,
    "numpy's boolean is no float": lambda t: t.tensor([1]) * np.bool_(True),
    "masked_fill rather changes the dtype than the value": lambda t: t.tensor([1]).masked_fill(
        t.tensor([True]), 2.5
    ),
    "no complex numbers": lambda t: t.tensor([1.0]) * 1j,
    "float64 only from an array or on demand": lambda t: t.tensor([np.float64(1.5)]),
    "anything but numbers is a TypeError": lambda t: t.tensor(None),
    "uneven rows are always a ValueError": lambda t: t.tensor([[1, 2], 3]),
    "from_numpy takes a list as well": lambda t: t.from_numpy([1.0]),
    "no size at all is the shape ()": lambda t: t.zeros(),
    "numpy's own ValueError for negative sizes": lambda t: t.zeros(-1),
    "one size may stand for a shape": lambda t: t.full(3, 1.0),
    "rand_like keeps the dtype": lambda t: t.rand_like(t.ones(2), dtype=t.float64).dtype,
    "keepdim without dim keeps all dims": lambda t: t.ones(2, 3).max(keepdim=True),
    "dims come as a tuple, not as a list": lambda t: t.ones(2, 3).sum(dim=[0, 1]),
    "no dims, (), sums over none": lambda t: t.ones(2, 3).sum(dim=()),
    "a number has no dims to name in a tuple": lambda t: t.tensor(1.0).sum((0,)),
    "nor two to swap": lambda t: t.tensor(1.0).transpose(0, 0),
    "float() and int() say what item() says": lambda t: float(t.ones(2)),
    "`in` goes row by row, as for lists": lambda t: 1.0 in t.ones(2, 2),
    "clip takes numbers": lambda t: t.ones(2).clip(t.zeros(2), t.ones(2)),
    "a condition is boolean": lambda t: t.where(t.tensor([1], dtype=t.uint8), 1.0, t.zeros(1)),
    "joining nothing is a RuntimeError, as in stack": lambda t: t.cat([]),
    "an empty vector doesn't join everything": lambda t: t.cat([t.ones(1, 2), t.zeros(0)]),
    "no elements are split into no pieces": lambda t: len(t.zeros(0).split(2)),
    "bytes are positions, not a mask": lambda t: t.ones(2)[t.tensor([1, 0], dtype=t.uint8)].shape,
    "a nested list is one array of positions": lambda t: t.ones(2, 2)[[[0], [1]]].shape,
    "a slice may go backwards": lambda t: t.arange(3)[::-1],
    "a slice has no tensors in it": lambda t: t.arange(3)[slice(t.tensor(1), None)],
    "only one ellipsis": lambda t: t.ones(2)[..., ...],
    "a text is no index": lambda t: t.ones(2)["a"],
    "numpy's arrays may be written": lambda t: t.ones(2).__setitem__(0, np.float32(2)),
    "an expanded tensor is read-only": lambda t: t.ones(1).expand(1, 1).__setitem__(0, 2),
    "no gradient passes through a write": lambda t: t.zeros(1).__setitem__(
        0, t.ones((), requires_grad=True)
    ),
    "nor through x += y, which makes a new tensor then": lambda t: (
        y := t.ones(1, requires_grad=True) * 1,
        operator.iadd(y, 1) is y,
    )[1],
}  # fmt: skip


@pytest.mark.parametrize("call", DIFFERENCES.values(), ids=DIFFERENCES)
def test_deliberate_difference(call):
    with pytest.raises(AssertionError, match="compared with torch"):
        agree(call)


# Arithmetic

ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
NUMBERS = [0, 1, 2, 2.5, -0.5, True, np.float32(1.5), np.float64(2.5), np.int64(2), np.int32(3)]
each_operator = pytest.mark.parametrize("op", ARITHMETIC + COMPARISONS, ids=lambda f: f.__name__)


def is_same_in_torch(op, *operands):
    """Not one of the differences: booleans are neither subtracted nor raised to powers."""
    booleans = [np.asarray(x).dtype == bool for x in operands]
    return not (op is operator.sub and any(booleans) or op is operator.pow and all(booleans))


@each_operator
@FEW
@given(st.data())
def test_two_tensors(op, data):
    low = 0 if op is operator.pow else -5
    a, b = (data.draw(arrays(s, DTYPES, low=low)) for s in data.draw(broadcastable(min_side=0)))
    assume(is_same_in_torch(op, a, b))
    agree(lambda t, a, b: op(a, b), a, b)


@each_operator
@pytest.mark.parametrize("shapes", [((2, 3), (2,)), ((4,), (0,)), ((2, 1, 3), (3, 2))], ids=str)
def test_shapes_that_do_not_broadcast(op, shapes):
    agree(lambda t: op(t.ones(*shapes[0]), t.ones(*shapes[1])))


@each_operator
@FEW
@given(x=arrays(shapes(max_dims=2, min_side=0), DTYPES, low=0), number=st.sampled_from(NUMBERS))
def test_a_number_on_either_side(op, x, number):
    assume(is_same_in_torch(op, x, number))
    agree(lambda t, x: op(x, number), x)
    agree(lambda t, x: op(number, x), x)


@each_operator
@pytest.mark.parametrize("stranger", ["a", None, [1, 2], (1, 2), {}], ids=str)
def test_strangers(op, stranger):
    agree(lambda t: op(t.ones(2), stranger))
    agree(lambda t: op(stranger, t.ones(2)))


@pytest.mark.parametrize("op", ["iadd", "isub", "imul", "itruediv"])
@FEW
@given(st.data())
def test_in_place(op, data):
    op = getattr(operator, op)
    a, b = (data.draw(arrays(s, DTYPES, low=1)) for s in data.draw(broadcastable(min_side=0)))
    assume(op is not operator.isub or is_same_in_torch(operator.sub, a, b))
    agree(lambda t, a, b: (op(a, b) is a, a), a, b)
    agree(lambda t, a: (op(a.T if a.ndim == 2 else a, 2) is a, a), a)


@pytest.mark.parametrize("op", ["iadd", "isub", "imul", "itruediv"])
def test_in_place_with_gradients(op):
    op = getattr(operator, op)
    agree(lambda t: op(t.ones(1, requires_grad=True), 1))  # a leaf
    agree(lambda t: op(t.ones(1, requires_grad=True) * 1, 1).requires_grad)
    agree(lambda t: op(t.ones(1), t.ones(1, requires_grad=True)).requires_grad)


@pytest.mark.parametrize("stranger", ["a", None, [True, False], 1.5], ids=str)
def test_strangers_among_tensors(stranger):
    agree(lambda t: t.cat([t.ones(2), stranger]))
    agree(lambda t: t.where(stranger, t.ones(2), t.zeros(2)))
    agree(lambda t: t.ones(2).masked_fill(stranger, 1.0))
    agree(lambda t: t.matmul(t.ones(2), stranger))


def test_a_step_on_data():
    def step(t):
        w = same = t.ones(2, requires_grad=True)
        w.data -= 0.5
        return w is same, w.requires_grad, w.detach(), setattr(w, "data", t.zeros(3)), w.detach()

    agree(step)
    agree(lambda t: setattr(t.ones(2), "data", 1))


OPERANDS = [
    *(lambda t, name=name: t.ones(2, dtype=getattr(t, name)) for name in NAMES),
    *(lambda t, name=name: t.tensor(1, dtype=getattr(t, name)) for name in NAMES),
    *(lambda t, number=number: number for number in (True, 1, 1.0)),
]


def test_result_type_of_all_pairs():
    from tinytorch.tensor import result_type

    for one, other in itertools.product(OPERANDS, repeat=2):
        came = result_type(one(tinytorch), other(tinytorch))
        expected = torch.result_type(one(torch), other(torch))
        what = f"{one(torch)!r} with {other(torch)!r}"
        assert str(expected) == f"torch.{came}", f"{what}: expected {expected}, came {came}"


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "abs", "float", "long", "clone", "detach"])
@FEW
@given(x=arrays(shapes(min_side=0), DTYPES))
def test_one_by_one(name, x):
    assume(not (name == "abs" and x.dtype == bool))
    agree(lambda t, x: getattr(x, name)(), x)


@FEW
@given(x=arrays(dtype=DTYPES))
def test_signs(x):
    agree(lambda t, x: -x if x.dtype != t.bool else ~x, x)
    agree(lambda t, x: ~x, x)


@pytest.mark.parametrize("name", NAMES)
@FEW
@given(x=arrays(shapes(max_dims=2, min_side=0), DTYPES, low=0))
def test_to(name, x):
    agree(lambda t, x: x.to(getattr(t, name)), x)


# Many numbers become few

REDUCTIONS = ["sum", "mean", "var", "std", "max", "min", "argmax", "argmin"]


@pytest.mark.parametrize("name", REDUCTIONS)
@FEW
@given(st.data())
def test_reductions(name, data):
    x = data.draw(arrays(shapes(min_side=0), DTYPES))
    assume(not (name.startswith("arg") and x.dtype == bool))
    agree(lambda t, x: getattr(x, name)(), x)
    dim, keepdim = data.draw(st.integers(-5, 5)), data.draw(st.booleans())
    agree(lambda t, x: getattr(x, name)(dim=dim, keepdim=keepdim), x)


@pytest.mark.parametrize("name", ["sum", "mean", "var", "std"])
@FEW
@given(st.data())
def test_reductions_of_several_dims(name, data):
    x = data.draw(arrays(shapes(min_dims=1, min_side=0), FLOATS))
    dim = tuple(data.draw(st.lists(dims(x.ndim), min_size=1, max_size=3)))
    keepdim = data.draw(st.booleans())
    agree(lambda t, x: getattr(x, name)(dim, keepdim=keepdim), x)


@pytest.mark.parametrize("name", ["var", "std"])
@FEW
@given(
    x=arrays(shapes(min_dims=1, max_dims=3, min_side=0), FLOATS),
    dim=st.sampled_from([None, 0, -1]),
    correction=st.integers(0, 5),
)
def test_corrections(name, x, dim, correction):
    agree(lambda t, x: getattr(x, name)(dim=dim, correction=correction), x)


def test_extremes_are_named_and_nan_wins():
    x = np.float32([[1, np.nan, 3], [2, 2, 2]])
    agree(lambda t, x: (x.max(1).values, x.min(1).indices, x.max(), x.argmin(), x.min(0)), x)


# Choosing


@FEW
@given(st.data())
def test_where(data):
    condition, a, b = data.draw(broadcastable(3, min_side=0))
    condition = data.draw(arrays(condition, np.bool_))
    a, b = (data.draw(arrays(shape, DTYPES)) for shape in (a, b))
    agree(lambda t, condition, a, b: t.where(condition, a, b), condition, a, b)
    agree(lambda t, condition, a, b: a.where(condition, b), condition, a, b)


@FEW
@given(x=arrays(dtype=DTYPES), number=st.sampled_from([0, 2, 2.5, True, -np.inf]))
def test_where_with_numbers(x, number):
    agree(lambda t, x: t.where(x > 1, x, number), x)
    agree(lambda t, x: t.where(x > 1, number, x), x)
    agree(lambda t, x: t.where(x > 1, number, 3), x)


@FEW
@given(st.data())
def test_masked_fill(data):
    shape, mask = data.draw(broadcastable(min_side=0))
    x, mask = data.draw(arrays(shape, FLOATS)), data.draw(arrays(mask, np.bool_))
    assume(np.broadcast_shapes(x.shape, mask.shape) == x.shape)
    value = data.draw(st.sampled_from([0, 2.5, True, -np.inf, np.float64(1.5)]))
    agree(lambda t, x, mask: x.masked_fill(mask, value), x, mask)


@FEW
@given(
    x=arrays(dtype=DTYPES),
    low=st.sampled_from([None, 0, 1, 1.5, np.float64(1), np.int64(1)]),
    high=st.sampled_from([None, 0, 2, 2.5, np.float32(2)]),
)
def test_clip(x, low, high):
    assume(x.dtype != bool)
    agree(lambda t, x: (x.clip(low, high), x.clamp(low, high)), x)


# Only the shape changes


@pytest.mark.parametrize("name", ["reshape", "view"])
@pytest.mark.parametrize("order", ["as it lies", "transposed"])
@FEW
@given(st.data())
def test_reshape(name, order, data):
    x = data.draw(arrays(shapes(min_side=0, max_dims=3), DTYPES))
    sizes = data.draw(st.permutations([*x.shape, 1])) + data.draw(st.sampled_from([[], [1], [2]]))
    if data.draw(st.booleans()):
        sizes[data.draw(st.integers(0, len(sizes) - 1))] = -1
    if data.draw(st.booleans()):
        sizes = [int(np.prod(sizes))]
    shape = data.draw(st.sampled_from([sizes, [sizes], [tuple(sizes)]]))
    agree(lambda t, x: getattr(x.T if order == "transposed" else x, name)(*shape), x)


@FEW
@given(x=arrays(shapes(min_side=0), DTYPES), one=st.integers(-5, 5), other=st.integers(-5, 5))
def test_dims(x, one, other):
    agree(lambda t, x: x.squeeze(), x)
    agree(lambda t, x: x.squeeze(one), x)
    agree(lambda t, x: x.unsqueeze(one), x)
    agree(lambda t, x: x.flatten(one, other), x)
    agree(lambda t, x: (x.T, x.size(), x.ndim, x.shape), x)
    agree(lambda t, x: x.size(one), x)
    if x.ndim:
        agree(lambda t, x: x.transpose(one, other), x)


@FEW
@given(st.data())
def test_permute(data):
    x = data.draw(arrays(shapes(min_dims=1)))
    dims = data.draw(st.permutations(range(x.ndim)))
    dims = [dim - data.draw(st.sampled_from([0, x.ndim])) for dim in dims]
    agree(lambda t, x: x.permute(*dims), x)
    agree(lambda t, x: x.permute(tuple(dims)), x)
    wrong = data.draw(st.lists(st.integers(-5, 5), min_size=1, max_size=4))
    agree(lambda t, x: x.permute(wrong), x)


@FEW
@given(st.data())
def test_expand(data):
    shape, other = data.draw(broadcastable(min_side=0))
    sizes = [data.draw(st.sampled_from([size, -1])) for size in other]
    assume(shape or -1 not in sizes)  # torch makes a tensor of shape (-1, 0) from a single number
    agree(lambda t, x: x.expand(*sizes) if sizes else x, data.draw(arrays(shape, DTYPES)))


@FEW
@given(x=arrays(shapes(min_side=0), DTYPES), diagonal=st.integers(-5, 5))
def test_triangles(x, diagonal):
    agree(lambda t, x: x.tril(diagonal), x)
    agree(lambda t, x: x.triu(diagonal), x)


@FEW
@given(st.data())
def test_join(data):
    shape = list(data.draw(shapes(min_dims=1, max_dims=3, min_side=0)))
    assume(shape != [0])  # an empty vector is one of the differences
    dim = data.draw(st.integers(-4, 4))
    tensors = [data.draw(arrays(shape, DTYPES)) for _ in range(data.draw(st.integers(1, 3)))]
    agree(lambda t, tensors: t.stack(tensors, dim), tensors)
    agree(lambda t, tensors: t.cat(tuple(tensors), dim=dim), tensors)
    shape[data.draw(st.integers(0, len(shape) - 1))] = 5
    tensors.append(data.draw(arrays(shape, DTYPES)))
    agree(lambda t, tensors: t.cat(tensors, dim), tensors)
    agree(lambda t, tensors: t.stack(tensors, dim), tensors)


@FEW
@given(st.data())
def test_split(data):
    x = data.draw(arrays(shapes(min_dims=1, max_dims=3, max_side=6), DTYPES))
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    sizes = data.draw(st.integers(-1, 7) | st.lists(st.integers(-1, 3), min_size=1, max_size=4))
    agree(lambda t, x: x.split(sizes, dim), x)
    rest = x.shape[dim] - 1
    agree(lambda t, x: x.split((1, 0, rest), dim=dim), x)
    agree(lambda t, x: x.split(2, dim=x.ndim), x)


# Indexing

INDICES = {
    "a tensor": lambda t: t.tensor([1, 0]),
    "a tensor of int32": lambda t: t.tensor([1, 0], dtype=t.int32),
    "a tensor of floats": lambda t: t.tensor([1.0, 0.0]),
    "a single number": lambda t: t.tensor(1),
    "numpy's number": lambda t: np.int64(1),
    "a table": lambda t: t.tensor([[0, 1], [1, 0]]),
    "no positions": lambda t: t.tensor(np.zeros(0, np.int64)),
    "a list": lambda t: [0, -1],
    "a range": lambda t: range(2),
    "a float": lambda t: 0.5,
    "out of range": lambda t: t.tensor([0, 9]),
    "two tensors": lambda t: (t.tensor([1, 0]), t.tensor([0, 1])),
    "a column and a row": lambda t: (t.tensor([[1], [0]]), t.tensor([0, 1])),
    "shapes that disagree": lambda t: (t.tensor([1, 0]), t.tensor([0, 1, 1])),
    "tensor, slice": lambda t: (t.tensor([1, 0]), slice(1, None)),
    "slice, tensor": lambda t: (slice(None), t.tensor([1, 0])),
    "tensor, number": lambda t: (t.tensor([1, 0]), 1),
    "tensor, slice, tensor": lambda t: (t.tensor([1, 0]), slice(None), t.tensor([0, 1])),
    "tensor, None, tensor": lambda t: (t.tensor([1, 0]), None, t.tensor([0, 1])),
    "..., tensor": lambda t: (..., t.tensor([1, 0])),
    "a mask": lambda t: t.tensor([True, False]),
    "numpy's mask": lambda t: np.array([True, False]),
    "a list as a mask": lambda t: [False, True],
    "a mask too long": lambda t: t.tensor([True, False, True, True, False]),
    "slice, mask": lambda t: (slice(None), t.tensor([True, False, True])),
    "a mask of two dims": lambda t: t.tensor([[True, False, True], [False, False, True]]),
    "mask and positions": lambda t: (t.tensor([True, False]), t.tensor([0])),
    "True": lambda t: True,
    "False": lambda t: False,
    "too many": lambda t: (0, 0, 0, 0),
}
each_index = pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
each_shape = pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (0, 3)], ids=str)


def table(shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def write(x, index, value):
    x[index] = value
    return x


@each_index
@each_shape
def test_index(index, shape):
    agree(lambda t, x: x[index(t)], table(shape))
    agree(lambda t, x: write(x, index(t), 7), table(shape))
    agree(lambda t, x: write(x, index(t), -x[index(t)]), table(shape))


def goes_forwards(index):
    parts = index if isinstance(index, tuple) else (index,)
    return all(not isinstance(part, slice) or (part.step or 1) > 0 for part in parts)


@FEW
@given(st.data())
def test_integers_slices_ellipsis_and_none(data):
    x = data.draw(arrays(shapes(min_side=0), DTYPES))
    indices = hnp.basic_indices(x.shape, allow_newaxis=True, allow_ellipsis=True)
    index = data.draw(indices.filter(goes_forwards))
    agree(lambda t, x: x[index], x)
    agree(lambda t, x: write(x, index, 1), x)
    agree(lambda t, x: write(x[index], ..., 1) is x or x, x)  # through the view


@FEW
@given(st.data())
def test_write_a_tensor(data):
    x, value = data.draw(arrays((2, 3), DTYPES)), data.draw(arrays(shapes(max_dims=2), DTYPES, 0))
    agree(lambda t, x, value: write(x, 1, value), x, value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [1, 2.5, True, None, "a", [1, 2], (1, 2)], ids=str)
def test_write_a_number(name, value):
    agree(lambda t: write(t.zeros(2, 2, dtype=getattr(t, name)), 0, value))


VIEWS = {
    "view": lambda x: x.view(6),
    "reshape": lambda x: x.reshape(6),
    "reshape of a transposed": lambda x: x.transpose(0, 1).reshape(6),
    "flatten": lambda x: x.flatten(),
    "flatten of a transposed": lambda x: x.transpose(0, 1).flatten(),
    "transpose": lambda x: x.transpose(0, -1),
    "T": lambda x: x.permute(*reversed(range(x.ndim))),
    "squeeze": lambda x: x.squeeze(),
    "unsqueeze": lambda x: x.unsqueeze(-1),
    "split": lambda x: x.split(1)[0],
    "slice": lambda x: x[:1],
    "column": lambda x: x[..., 1],
    "None": lambda x: x[None],
    "one element": lambda x: x[(0,) * x.ndim],
    "a row in a loop": lambda x: next(iter(x)),
    "positions": lambda x: x[[0]],
    "detach": lambda x: x.detach(),
    "data": lambda x: x.data,
    "numpy": lambda x: x.numpy(),
    "to the same": lambda x: x.to(x.dtype),
    "float": lambda x: x.float(),
    "long": lambda x: x.long(),
    "clone": lambda x: x.clone(),
    "abs": lambda x: x.abs(),
    "clip": lambda x: x.clip(0, 9),
}


@pytest.mark.parametrize("make", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("shape", [(2, 3), (1, 6), (2, 1, 3)], ids=str)
def test_writes_reach_what_shares_memory(make, shape):
    def write_both_ways(t, x):
        other = make(x)
        other[...] = -1
        x[..., -1] = 99
        return x, other

    agree(write_both_ways, table(shape))


# The matrix product

RANKS = [(), (3,), (2,), (3, 2), (2, 3), (4, 2, 3), (4, 3, 2), (5, 1, 3, 3), (0, 3), (3, 0)]


@pytest.mark.parametrize("left", RANKS, ids=str)
@pytest.mark.parametrize("right", RANKS, ids=str)
def test_matmul_of_all_ranks(left, right):
    agree(lambda t, a, b: a @ b, table(left), table(right))
    agree(lambda t, a, b: t.matmul(a, b), table(left), table(right))


def test_matmul_of_all_dtypes():
    for left, right in itertools.product(NAMES[:-1], NAMES):
        a, b = (table((2, 2)).astype(name) for name in (left, right))
        agree(lambda t, a, b: a @ b, a, b)
    agree(lambda t: t.ones(2) @ 2)
    agree(lambda t: 2 @ t.ones(2))


# From tensors to Python


@each_shape
@pytest.mark.parametrize("name", NAMES)
def test_to_python(shape, name):
    x = table(shape).astype(name)
    agree(lambda t, x: x.item(), x)
    agree(lambda t, x: bool(x), x)
    agree(lambda t, x: len(x), x)
    agree(lambda t, x: list(x), x)
    agree(lambda t, x: (x.tolist(), x.numel(), x.element_size(), x.is_floating_point()), x)
    agree(lambda t, x: (x.numpy(), np.asarray(x), x.dtype, x.dim(), x.is_contiguous()), x)
    if 0 not in shape:
        agree(lambda t, x: (x.stride(), x.T.stride() if x.ndim == 2 else ()), x)


def test_tensors_are_keys_by_identity():
    def keys(t):
        x, same = t.ones(2), t.ones(2)
        return len({x, same, x}), {x: 1, same: 2}[same], x in [x]

    agree(keys)


def test_copies():
    agree(lambda t: copy.deepcopy(t.ones(2, requires_grad=True)).requires_grad)
    agree(lambda t: write(copy.deepcopy(x := t.ones(2)), 0, 5) is not x and x)
    agree(lambda t: pickle.loads(pickle.dumps(t.tensor([1, 2]))))


def test_requires_grad():
    for name in NAMES:
        agree(lambda t, n=name: t.ones(2, dtype=getattr(t, n), requires_grad=True).requires_grad)
    agree(lambda t: (t.ones(2, requires_grad=True) + 1).requires_grad)
    agree(lambda t: (t.ones(2, requires_grad=True) > 1).requires_grad)
    agree(lambda t: t.ones(2, requires_grad=True).detach().requires_grad)
    agree(lambda t: t.ones(2, requires_grad=True).long().requires_grad)
    agree(lambda t: t.ones(2, requires_grad=True).numpy())
    agree(lambda t: write(t.ones(2, requires_grad=True), 0, 1))


# Tensors from nothing

DATA = [
    1, 1.5, True, 2**40, 1e300, float("nan"), "a", [], [[]], [1, 2], [1.5, 2], [True, False],
    [True, 1], [True, 1.5], [[1, 2], [3, 4.0]], [[1], [1, 2]], ((1, 2), (3, 4)), range(3),
    np.float64(1.5), np.float32(1.5), np.int64(2), np.int32(3), np.array([1.5]), np.uint8([1, 2]),
]  # fmt: skip


@pytest.mark.parametrize("data", DATA, ids=repr)
def test_tensor(data):
    agree(lambda t: t.tensor(data))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", [0, 2.5, True, [1, 2], [0.5, 1.5], [True, False]], ids=str)
def test_tensor_of_a_dtype(name, data):
    agree(lambda t: t.tensor(data, dtype=getattr(t, name)))
    agree(lambda t: t.tensor(t.tensor(data).numpy(), dtype=getattr(t, name)))


@pytest.mark.parametrize("name", NAMES)
def test_factories_of_a_dtype(name):
    x = table((2, 3)).astype(name)
    for make in ("zeros", "ones"):
        agree(lambda t, f=make: getattr(t, f)(2, 3, dtype=getattr(t, name)))
        agree(lambda t, x, f=make: getattr(t, f + "_like")(x), x)
        agree(lambda t, x, f=make: getattr(t, f + "_like")(x, dtype=getattr(t, name)), table((2,)))
    agree(lambda t: t.full((2, 3), 1, dtype=getattr(t, name)))
    agree(lambda t, x: t.full_like(x, 1), x)
    agree(lambda t, x: t.full_like(x, 2.5, dtype=getattr(t, name)), x)
    agree(lambda t: t.eye(2, 3, dtype=getattr(t, name)))
    for kind in ("empty", "rand", "randn", "randint"):
        arguments = (0, 2) if kind == "randint" else ()
        agree(lambda t, x, f=kind, a=arguments: kind_of(getattr(t, f + "_like")(x, *a)), x)
    if name != "bool":
        agree(lambda t: t.arange(3, dtype=getattr(t, name)))
        agree(lambda t: t.linspace(0, 4, 5, dtype=getattr(t, name)))


def kind_of(x):
    return x.dtype, x.shape


SIZES = [(2,), (2, 3), (0,), (2, 0), ((2, 3),), ([2, 3],), ((),), (np.int64(2), 3), (2.5,), ("a",)]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_sizes(size):
    agree(lambda t: (t.zeros(*size), t.ones(*size)))
    agree(lambda t: [kind_of(getattr(t, make)(*size)) for make in ("empty", "rand", "randn")])


ARANGE = [
    (5,), (0,), (-3,), (2.5,), (True,), ("a",), (np.int64(4),), (np.float32(2.5),), (2, 5), (5, 2),
    (3, 3), (0.0, 3), (1, 2.5), (5, 2, -1), (3, 0, -1), (0, 5, -1), (0, 5, 0), (1, 10, 3),
    (0, 1, 0.25), (0, 1, 0.1),
]  # fmt: skip


@pytest.mark.parametrize("arguments", ARANGE, ids=str)
def test_arange(arguments):
    agree(lambda t: t.arange(*arguments))


def test_linspace_eye_full():
    for arguments in [(0, 1, 5), (0, 1, 1), (0, 1, 0), (5, 0, 3), (0.5, 2.5, 3), (0, 10, 11)]:
        agree(lambda t, a=arguments: t.linspace(*a))
    for arguments in [(3,), (2, 3), (0,), (3, 0)]:
        agree(lambda t, a=arguments: t.eye(*a))
    for value in [1, 1.5, True, np.inf, np.float64(1), np.int64(1), None, "a"]:
        agree(lambda t, v=value: (t.full((2, 3), v), t.full([2], v), t.full((), v)))


RANDINT = [
    (0, 5, (3,)),
    (5, (3,)),
    (0, 5, [3]),
    (2, 3, (2, 2)),
    (0, 1, ()),
    (5, 0, (3,)),
    (0, 0, (2,)),
]


@pytest.mark.parametrize("arguments", RANDINT, ids=str)
def test_randint(arguments):
    agree(lambda t: kind_of(t.randint(*arguments)))


def draw_all(t, generator):
    return [
        t.rand(4, generator=generator).tolist(),
        t.randn(4, generator=generator).tolist(),
        t.randint(0, 99, (4,), generator=generator).tolist(),
        t.randperm(9, generator=generator).tolist(),
    ]


def test_random_numbers_start_again_from_a_seed_and_a_state():
    def same_from_seed_and_state(t):
        generator = t.Generator().manual_seed(3)
        first = draw_all(t, generator)
        state = generator.get_state()
        second = draw_all(t, generator)
        generator.set_state(state)
        third = draw_all(t, generator)
        return first == draw_all(t, t.Generator().manual_seed(3)), second == third, first == second

    def same_by_default(t):
        t.manual_seed(3)
        first = draw_all(t, None)
        t.manual_seed(3)
        return first == draw_all(t, None), first == draw_all(t, None)

    agree(same_from_seed_and_state)
    agree(same_by_default)
    agree(lambda t: (sorted(t.randperm(9).tolist()), kind_of(t.randperm(0))))


def test_random_numbers_are_distributed_as_they_should_be():
    def moments(t):
        t.manual_seed(0)
        drawn = t.rand(20_000), t.randn(20_000), t.randint(2, 5, (20_000,)).float()
        return [(x.mean().item(), x.std().item()) for x in drawn]

    agree(moments, atol=0.03)


@FEW
@given(broadcastable(3, min_side=0))
def test_broadcast_shapes(drawn):
    agree(lambda t: tuple(t.broadcast_shapes(*drawn)))


def test_from_numpy_shares_memory():
    for library in (tinytorch, torch):
        array = np.zeros(3, np.float32)
        x = library.from_numpy(array)
        array[0], x[1] = 5, 6
        expect(np.asarray(x), np.float32([5, 6, 0]), f"a tensor of {library.__name__}")
        expect(array, np.float32([5, 6, 0]), "its array")
