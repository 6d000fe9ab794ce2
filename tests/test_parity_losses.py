"""Losses against torch: values, shapes, dtypes and types of error.

Where tinytorch differs on purpose, `DIFFERENCES` says so and why.
"""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tinytorch
from tests.parity import FEW, FLOATS, agree, arrays, broadcastable, dims, shapes, torch

REDUCTIONS = st.sampled_from(["none", "mean", "sum"])
WIDE = dict(low=-200, high=200)  # logits with which the naive formulas overflow in float32
IGNORED = -100

# On purpose otherwise than in torch. Each entry is tested to differ still.
DIFFERENCES = {
    "a smoothing below 0 is refused, not taken for 0": lambda t: t.nn.functional.cross_entropy(
        t.zeros(1, 2), t.zeros(1, dtype=t.int64), label_smoothing=-0.5
    ),
    "one row's target has no dims": lambda t: t.nn.functional.cross_entropy(
        t.zeros(2), t.zeros(1, dtype=t.int64)
    ),
    "no rows at all cost 0, not nan": lambda t: t.nn.functional.cross_entropy(
        t.zeros(0, 2), t.zeros(0, dtype=t.int64)
    ),
    "input without dims is one type of error": lambda t: t.nn.functional.nll_loss(
        t.tensor(1.0), t.tensor(0)
    ),
    "a float32 target doesn't round float64 logits": lambda t: t.nn.BCEWithLogitsLoss()(
        t.zeros(2, dtype=t.float64), t.zeros(2)
    ),
    "a target without dims leaves the dtype alone, as in arithmetic": lambda t: t.nn.MSELoss()(
        t.zeros(2), t.zeros((), dtype=t.float64)
    ),
    "squares of integers have a sum": lambda t: t.nn.functional.mse_loss(
        t.ones(2, dtype=t.int64), t.ones(2, dtype=t.int64), reduction="sum"
    ),
    "the log-sum-exp of nothing is refused": lambda t: t.logsumexp(t.zeros(2, 0), 1),
    "no options that torch calls deprecated": lambda t: t.nn.functional.mse_loss(
        t.ones(2), t.ones(2), reduce=False
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", DIFFERENCES.values(), ids=DIFFERENCES)
def test_deliberate_difference(call):
    with pytest.raises(AssertionError, match="compared with torch"):
        agree(call)


# Numbers

NUMERIC = ["mse_loss", "l1_loss"]


@pytest.mark.parametrize("name", NUMERIC)
@FEW
@given(data=st.data(), reduction=REDUCTIONS)
def test_numbers(name, data, reduction):
    one, other = (data.draw(arrays(s, FLOATS)) for s in data.draw(broadcastable()))
    assume(one.dtype == other.dtype or one.ndim and other.ndim)
    agree(lambda t, x, y: getattr(t.nn.functional, name)(x, y, reduction=reduction), one, other)


@pytest.mark.parametrize("name", NUMERIC)
def test_numbers_that_do_not_fit(name):
    agree(lambda t: getattr(t.nn.functional, name)(t.ones(2, 3), t.ones(2)))
    agree(lambda t: getattr(t.nn.functional, name)(t.ones(2), t.ones(2), reduction="average"))
    agree(lambda t: getattr(t.nn.functional, name)(t.ones(2), t.ones(2, dtype=t.int64)))
    agree(lambda t: getattr(t.nn.functional, name)(t.tensor([2]), t.tensor([3])))


@pytest.mark.parametrize("name", NUMERIC)
def test_numbers_that_broadcast_warn(name):
    def warned(t):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            getattr(t.nn.functional, name)(t.ones(3, 1), t.ones(3))
        return [w.category.__name__ for w in caught]

    agree(warned)


# Classes


@st.composite
def classified(draw):
    """Logits (C,), (N, C) or (N, C, d…), their targets, a class weight or None."""
    shape, dtype = draw(shapes(min_dims=1)), draw(FLOATS)
    classes = shape[min(len(shape) - 1, 1)]
    places = shape[:1] + shape[2:] if len(shape) > 1 else ()
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    logits = draw(arrays(shape, dtype, **draw(st.sampled_from([{}, WIDE]))))
    target = random.integers(0, classes, places)
    if draw(st.booleans()):
        target = np.where(random.random(places) < 0.3, IGNORED, target)
    target = np.asarray(target, np.int64)
    weight = draw(st.sampled_from([None, random.uniform(0.1, 3, classes).astype(dtype)]))
    return logits, target, weight


@FEW
@given(drawn=classified(), reduction=REDUCTIONS, smoothing=st.sampled_from([0.0, 0.0, 0.1, 1.0]))
def test_cross_entropy_of_classes(drawn, reduction, smoothing):
    options = dict(reduction=reduction, label_smoothing=smoothing)

    def call(t, logits, target, weight):
        return t.nn.CrossEntropyLoss(weight, **options)(logits, target)

    agree(call, *drawn, atol=1e-4)


@FEW
@given(drawn=classified(), reduction=REDUCTIONS)
def test_nll_loss(drawn, reduction):
    def call(t, logits, target, weight):
        return t.nn.NLLLoss(weight, reduction=reduction)(logits, target)

    agree(call, *drawn, atol=1e-4)


@FEW
@given(data=st.data(), reduction=REDUCTIONS, smoothing=st.sampled_from([0.0, 0.2]))
def test_cross_entropy_of_probabilities(data, reduction, smoothing):
    shape = data.draw(shapes(min_dims=1))
    logits = data.draw(arrays(shape, FLOATS, **data.draw(st.sampled_from([{}, WIDE]))))
    target = data.draw(arrays(shape, FLOATS, low=0, high=1))
    classes = shape[min(len(shape) - 1, 1)]
    weight = data.draw(st.none() | arrays((classes,), logits.dtype, low=0.1, high=3))
    options = dict(reduction=reduction, label_smoothing=smoothing)
    agree(lambda t, *given: t.nn.functional.cross_entropy(*given, **options),
          logits, target, weight, atol=1e-4)  # fmt: skip


@FEW
@given(target=arrays((5,), np.uint8, low=0, high=3), ignored=st.integers(-1, 3))
def test_bytes_as_classes_and_another_ignored_class(target, ignored):
    logits = np.linspace(-2, 3, 20, dtype=np.float32).reshape(5, 4)
    call = lambda t, x, y: t.nn.functional.cross_entropy(x, y, ignore_index=ignored)  # noqa: E731
    agree(call, logits, target)


LOGITS, TARGET = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3), np.array([0, 1, 2, 1])
MISFITS = {
    "a class too high": (LOGITS, np.array([0, 1, 3, 1])),
    "a class below 0": (LOGITS, np.array([0, 1, -1, 1])),
    "another batch size": (LOGITS, TARGET[:3]),
    "a column of classes": (LOGITS, TARGET[:, None]),
    "classes in the shape of probabilities": (LOGITS, np.zeros((4, 3), np.int64)),
    "int32": (LOGITS, TARGET.astype(np.int32)),
    "booleans": (LOGITS, TARGET > 0),
    "floats": (LOGITS, TARGET.astype(np.float32)),
    "probabilities of fewer classes": (LOGITS, LOGITS[:, :2]),
    "places too many": (np.zeros((4, 3, 2), np.float32), np.zeros((4, 3), np.int64)),
    "places turned round": (np.zeros((4, 3, 2), np.float32), np.zeros((2, 4), np.int64)),
    "no places": (np.zeros((4, 3, 2), np.float32), TARGET),
    "no classes": (np.float32(1), np.int64(0)),
    "whole numbers as logits": (LOGITS.astype(np.int64), TARGET),
    "a list as target": (LOGITS, (0, 1, 2, 1)),
    "a weight too few": (LOGITS, TARGET, np.ones(2, np.float32)),
    "a weight with two dims": (LOGITS, TARGET, np.ones((3, 1), np.float32)),
    "a weight of another dtype": (LOGITS, TARGET, np.ones(3)),
    "a weight that is a list": (LOGITS, TARGET, (1.0, 1.0, 1.0)),
}


@pytest.mark.parametrize("inputs", MISFITS.values(), ids=MISFITS)
def test_misfits(inputs):
    inputs = [np.asarray(x) if isinstance(x, np.generic) else x for x in inputs]
    agree(lambda t, *given: t.nn.functional.cross_entropy(*given), *inputs)
    if np.ndim(inputs[0]):
        agree(lambda t, *given: t.nn.functional.nll_loss(*given), *inputs)


@pytest.mark.parametrize(
    "options", [dict(reduction="average"), dict(label_smoothing=1.5), dict(label_smoothing=2)]
)
def test_options_that_do_not_exist(options):
    agree(lambda t, x, y: t.nn.functional.cross_entropy(x, y, **options), LOGITS, TARGET)


def test_probabilities_know_no_ignored_class():
    call = lambda t, x: t.nn.functional.cross_entropy(x, x, ignore_index=1)  # noqa: E731
    agree(call, LOGITS)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_where_nothing_counts(reduction):
    nothing = np.full(4, IGNORED)
    agree(lambda t, x, y: t.nn.functional.cross_entropy(x, y, reduction=reduction), LOGITS, nothing)


@pytest.mark.parametrize("target", [[0, 1], [1, 1], [2, 2], [1, IGNORED], [IGNORED, IGNORED]])
@pytest.mark.parametrize("reduction", ["none", "sum"])
def test_infinite_logits(target, reduction):
    logits = np.float32([[-np.inf, 1, 2], [-np.inf, -np.inf, 0]])
    call = lambda t, x, y: t.nn.functional.cross_entropy(x, y, reduction=reduction)  # noqa: E731
    agree(call, logits, np.array(target))


# Yes or no


@FEW
@given(data=st.data(), reduction=REDUCTIONS)
def test_binary_cross_entropy(data, reduction):
    shape, dtype = data.draw(shapes()), data.draw(FLOATS)
    p, target = (data.draw(arrays(shape, dtype, low=0, high=1)) for _ in range(2))
    p = data.draw(st.sampled_from([p, np.round(p)]))  # 0 and 1 themselves
    weight = data.draw(st.none() | arrays(shape[-1:], dtype, low=0, high=2))
    agree(lambda t, p, y, w: t.nn.BCELoss(w, reduction=reduction)(p, y), p, target, weight)


@FEW
@given(data=st.data(), reduction=REDUCTIONS)
def test_binary_cross_entropy_with_logits(data, reduction):
    shape = data.draw(shapes())
    x = data.draw(arrays(shape, FLOATS, **data.draw(st.sampled_from([{}, WIDE]))))
    target = data.draw(arrays(shape, st.sampled_from([x.dtype, np.float64]), low=0, high=1))
    weight, pos_weight = (
        data.draw(st.none() | arrays(shape[-1:], x.dtype, low=0, high=3)) for _ in range(2)
    )

    def call(t, x, y, w, yes):
        return t.nn.BCEWithLogitsLoss(w, reduction=reduction, pos_weight=yes)(x, y)

    agree(call, x, target, weight, pos_weight, atol=1e-4)


HALVES = np.full(4, 0.5, np.float32)
PAIRS = {
    "another shape": (HALVES, HALVES[:, None]),
    "one target for all": (HALVES, HALVES[:1]),
    "classes": (HALVES, np.zeros(4, np.int64)),
    "whole numbers": (np.zeros(4, np.int64), np.zeros(4, np.int64)),
    "a weight too few": (HALVES, HALVES, np.ones(3, np.float32)),
    "a weight too many": (HALVES, HALVES, np.ones((3, 4), np.float32)),
}


@pytest.mark.parametrize("inputs", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("name", ["binary_cross_entropy", "binary_cross_entropy_with_logits"])
def test_pairs_that_do_not_fit(name, inputs):
    agree(lambda t, *given: getattr(t.nn.functional, name)(*given), *inputs)


@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan])
def test_no_probabilities(p):
    p, half = np.float32([p]), HALVES[:1]
    agree(lambda t, p, y: t.nn.functional.binary_cross_entropy(p, y), p, half)
    agree(lambda t, p, y: t.nn.functional.binary_cross_entropy(y, p), p, half)
    agree(lambda t, p, y: t.nn.functional.binary_cross_entropy(p, y), half, np.float64([0.5]))


# Log-sum-exp


@FEW
@given(data=st.data(), keepdim=st.booleans())
def test_logsumexp(data, keepdim):
    x = data.draw(arrays(shapes(), FLOATS, **data.draw(st.sampled_from([{}, WIDE]))))
    dim = data.draw(dims(x.ndim))
    agree(lambda t, x: t.logsumexp(x, dim, keepdim), x)


def test_logsumexp_at_the_edges():
    for row in ([-np.inf, -np.inf], [np.inf, 1], [np.inf, -np.inf], [np.nan, 1], [1e4, 1e4]):
        agree(lambda t, x: t.logsumexp(x, 0), np.float32(row))
    block = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    agree(lambda t, x: t.logsumexp(x, (0, 2)), block)
    agree(lambda t, x: t.logsumexp(x, (0, -1), keepdim=True), block)
    agree(lambda t, x: t.logsumexp(x, 3), block)
    agree(lambda t, x: t.logsumexp(x, (0, -4)), block)
    agree(lambda t, x: t.logsumexp(x, 0), np.arange(3))


# As layers


@pytest.mark.parametrize(
    "name", ["MSELoss", "L1Loss", "NLLLoss", "CrossEntropyLoss", "BCELoss", "BCEWithLogitsLoss"]
)
def test_layers_look_alike(name):
    agree(lambda t: repr(getattr(t.nn, name)()))
    agree(lambda t: getattr(t.nn, name)().reduction)
    assert issubclass(getattr(torch.nn, name), torch.nn.Module)
    assert getattr(tinytorch.nn, name)().training
