"""Module 02 beside torch: values, shapes, dtypes, kinds of error, the layers' repr."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parity import DTYPES, FEW, FLOATS, agree, arrays, dims, shapes

NAMES = ["relu", "leaky_relu", "sigmoid", "tanh", "gelu"]


def functional(t):
    return t.nn.functional


def options(name):
    return {"dim": 0} if "softmax" in name else {}


@pytest.mark.parametrize("name", NAMES)
@FEW
@given(x=arrays(shapes(min_side=0), FLOATS, low=-12, high=12))
def test_one_by_one(name, x):
    agree(lambda t, x: getattr(functional(t), name)(x), x)


@pytest.mark.parametrize("name", [*NAMES, "softmax", "log_softmax"])
@FEW
@given(x=arrays(shapes(), DTYPES))
def test_dtypes(name, x):
    agree(lambda t, x: getattr(functional(t), name)(x, **options(name)), x)


@pytest.mark.parametrize("name", NAMES)
def test_extremes(name):
    positive = [0, 1e-30, 20, 88.5, 100, 1e4, 1e38]
    extremes = [*positive, *np.negative(positive), np.nan]
    if name != "gelu":  # torch's own gelu of inf is nan
        extremes.append(np.inf)
    for dtype in (np.float32, np.float64):
        agree(lambda t, x: getattr(functional(t), name)(x), np.array(extremes, dtype))


@FEW
@given(x=arrays(shapes(), np.float32, low=-88, high=20))
def test_small_sigmoids_keep_their_digits(x):
    agree(lambda t, x: t.sigmoid(x), x, atol=1e-37)


@FEW
@given(x=arrays(shapes(), np.float64, low=-12, high=12))
def test_gelu_is_exact_in_float64(x):
    agree(lambda t, x: functional(t).gelu(x), x, rtol=1e-13, atol=1e-14)


@FEW
@given(x=arrays(shapes(), FLOATS, low=-12, high=12))
def test_gelu_tanh(x):
    agree(lambda t, x: functional(t).gelu(x, approximate="tanh"), x)


@pytest.mark.parametrize("slope", [-0.5, 0.0, 0.2, 1.0, 3.0])
@FEW
@given(x=arrays(shapes(), FLOATS))
def test_leaky_relu(slope, x):
    agree(lambda t, x: functional(t).leaky_relu(x, negative_slope=slope), x)
    agree(lambda t, x: t.nn.LeakyReLU(slope)(x), x)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("size", [5, 1e4])
@FEW
@given(data=st.data(), shape=shapes())
def test_along_dims(name, size, data, shape):
    x = data.draw(arrays(shape, FLOATS, low=-size, high=size))
    dim = data.draw(dims(len(shape)))
    agree(lambda t, x: getattr(t, name)(x, dim=dim), x, atol=1e-6 * size)


@FEW
@given(x=arrays(shapes(min_dims=1), np.float32, low=-1e4, high=1e4))
def test_probabilities_sum_to_one(x):
    agree(lambda t, x: t.softmax(x, dim=-1).sum(dim=-1), x)


def test_masked_scores():
    masked = np.array([[0, -np.inf, 1], [-np.inf, 2, -np.inf]], np.float32)
    agree(lambda t, x: t.softmax(x, dim=1), masked)
    agree(lambda t, x: t.log_softmax(x, dim=1), masked)
    agree(lambda t, x: t.softmax(x, dim=1), np.array([[np.nan, 1], [np.inf, 1]], np.float32))


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@FEW
@given(x=arrays(shapes(), FLOATS), dim=st.integers(-6, 5))
def test_any_dim(name, x, dim):
    agree(lambda t, x: getattr(t, name)(x, dim=dim), x)


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "softmax", "log_softmax"])
@pytest.mark.parametrize("x", [1.0, [1.0], None])
def test_only_tensors(name, x):
    agree(lambda t: getattr(t, name)(x, **options(name)))


@pytest.mark.parametrize("name", ["leaky_relu", "gelu"])
def test_only_tensors_in_functional(name):
    agree(lambda t: getattr(functional(t), name)(1.0))


def test_unknown_approximation():
    agree(lambda t, x: functional(t).gelu(x, approximate="erf"), np.ones(2, np.float32))


LAYERS = {
    "ReLU": {}, "LeakyReLU": {"negative_slope": 0.3}, "Sigmoid": {}, "Tanh": {}, "GELU": {},
    "Softmax": {"dim": 1}, "LogSoftmax": {"dim": -1},
}  # fmt: skip


@pytest.mark.parametrize(("name", "settings"), LAYERS.items())
def test_layers(name, settings):
    x = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    agree(lambda t, x: getattr(t.nn, name)(**settings)(x), x)
    agree(lambda t: repr(getattr(t.nn, name)(**settings)))
    agree(lambda t: getattr(t.nn, name)(**settings).training)


def test_layers_defaults():
    agree(lambda t: [repr(t.nn.LeakyReLU()), repr(t.nn.GELU()), repr(t.nn.GELU("tanh"))])


def test_not_a_word_of_warning():
    import tinytorch as tiny

    x = tiny.tensor(np.array([[-1e4, -100, 0], [88, 100, 1e4]], np.float32))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for name in [*NAMES, "softmax", "log_softmax"]:
            y = getattr(tiny.nn.functional, name)(x, **options(name))
            assert np.isfinite(y.numpy()).all() and y.dtype == np.float32, name
        tiny.nn.functional.gelu(x, approximate="tanh")
