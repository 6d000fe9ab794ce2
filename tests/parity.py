"""What the comparisons with torch share: generated arrays, and `agree`.

    @FEW
    @given(x=arrays(shapes(min_dims=1), FLOATS), keepdim=st.booleans())
    def test_mean(x, keepdim):
        agree(lambda t, x: x.mean(dim=-1, keepdim=keepdim), x)

`agree` calls the function twice: with `tinytorch` and its tensors, with `torch` and its tensors.
A module that imports this one is skipped, and says so, where torch isn't installed.
"""

import warnings

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch
from tito.checks import expect

torch = pytest.importorskip("torch", reason="torch isn't installed: nothing to compare with")

FEW = settings(max_examples=30, derandomize=True, deadline=None)

FLOATS = st.sampled_from([np.float32, np.float64])
INTEGERS = st.sampled_from([np.int64, np.int32, np.uint8])
DTYPES = st.sampled_from([np.float32, np.float64, np.int64, np.int32, np.uint8, np.bool_])


def shapes(min_dims=0, max_dims=4, min_side=1, max_side=4):
    """Shapes, smallest first; `min_side=0` for empty arrays too."""
    return hnp.array_shapes(
        min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side
    )


def broadcastable(number=2, min_side=1, max_dims=3):
    """Tuples of `number` shapes that broadcast against each other."""
    return hnp.mutually_broadcastable_shapes(
        num_shapes=number, min_side=min_side, max_side=4, max_dims=max_dims
    ).map(lambda drawn: drawn.input_shapes)


def dims(ndim):
    """A dim of a tensor with `ndim` dimensions, from either end; 0 or −1 where it has none."""
    return st.integers(-max(ndim, 1), max(ndim, 1) - 1)


@st.composite
def arrays(draw, shape=shapes(), dtype=np.float32, low=-5, high=5):  # noqa: B008
    """Arrays between `low` and `high`; `shape` and `dtype` are strategies or single values.

    Integers from so small a range often are equal, as maxima and comparisons need.
    """
    shape, dtype = (draw(x) if isinstance(x, st.SearchStrategy) else x for x in (shape, dtype))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    kind = np.dtype(dtype).kind
    if kind == "f":
        return np.asarray(random.uniform(low, high, shape)).astype(dtype)
    low, high = (0, 1) if kind == "b" else (max(low, 0) if kind == "u" else low, high)
    return np.asarray(random.integers(low, high, shape, endpoint=True)).astype(dtype)


def agree(call, *inputs, rtol=1e-5, atol=1e-6):
    """`call(t, *inputs)` must return the same, or raise the same type of error, for both `t`s.

    Arrays in `inputs`, also in lists, arrive as tensors. Tensors agree in shape, dtype and
    values; tuples, lists, numbers, dtypes and strings are compared as they are.
    """
    __tracebackhide__ = True
    ours = _outcome(call, tinytorch, tinytorch.tensor, inputs)
    theirs = _outcome(call, torch, torch.tensor, inputs)
    if isinstance(theirs, Exception) or isinstance(ours, Exception):
        _expect_same_error(ours, theirs)
    else:
        expect(ours, _plain(theirs), "compared with torch", rtol=rtol, atol=atol)


def gradients(call):
    """`call`, made to answer with its result and the gradients of its inputs.

    The gradient that backward begins with differs from element to element.
    """

    def run(t, *inputs):
        leaves = [x.requires_grad_() for x in inputs]
        y = call(t, *leaves)
        y.backward(y.detach() * 0.5 + 1)
        return [y.detach(), *(x.grad for x in leaves)]

    return run


def _outcome(call, library, make, inputs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy warns of overflows and nans, torch doesn't
        try:
            return call(library, *(_tensors(x, make) for x in inputs))
        except Exception as error:
            return error


def _tensors(x, make):
    if isinstance(x, list):
        return [_tensors(one, make) for one in x]
    return make(x) if isinstance(x, np.ndarray) else x


def _plain(x):
    """torch's tensors as arrays, its dtypes and sizes as numpy's, however deep in tuples."""
    if isinstance(x, torch.Tensor):
        return x.detach().numpy()
    if isinstance(x, torch.dtype):
        return torch.empty(0, dtype=x).numpy().dtype
    if isinstance(x, tuple | list):
        return (list if isinstance(x, list) else tuple)(_plain(one) for one in x)
    return x


def _expect_same_error(ours, theirs):
    __tracebackhide__ = True
    expected, came = (
        f"{type(x).__name__}: {str(x).splitlines()[0]}" if isinstance(x, Exception) else repr(x)
        for x in (theirs, ours)
    )
    same = isinstance(ours, Exception) and isinstance(theirs, type(ours))
    assert same, f"compared with torch: expected {expected}, came {came}"
    assert str(ours).strip() and "\n" not in str(ours), f"expected one line, came {str(ours)!r}"
