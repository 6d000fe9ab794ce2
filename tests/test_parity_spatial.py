"""Convolution, pooling and batch norm, values and gradients, compared with torch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinytorch
from tests.parity import FEW, FLOATS, agree, arrays, gradients, torch
from tito.checks import expect


def functional(t):
    return t.nn.functional


def settings(low, high):
    """A number, or a pair of numbers."""
    number = st.integers(low, high)
    return st.one_of(number, st.tuples(number, number))


@st.composite
def convolutions(draw):
    """Images, alone or in a batch, weight, perhaps a bias, and settings, fitting or not."""
    dtype, groups = draw(FLOATS), draw(st.integers(1, 3))
    channels, kernels = (groups * draw(st.integers(1, 2)) for _ in range(2))
    leading = draw(st.sampled_from([(), (1,), (3,)]))
    sizes, kernel = (draw(st.tuples(*[st.integers(1, n)] * 2)) for n in (8, 4))
    inputs = [
        draw(arrays((*leading, channels, *sizes), dtype, low=-2, high=2)),
        draw(arrays((kernels, channels // groups, *kernel), dtype, low=-2, high=2)),
    ]
    if draw(st.booleans()):
        inputs.append(draw(arrays((kernels,), dtype)))
    options = dict(stride=draw(settings(1, 3)), dilation=draw(settings(1, 3)), groups=groups)
    options["padding"] = draw(st.one_of(settings(0, 3), st.sampled_from(["same", "valid"])))
    return inputs, options


@FEW
@given(drawn=convolutions())
def test_conv2d(drawn):
    inputs, options = drawn
    call = gradients(lambda t, *leaves: functional(t).conv2d(*leaves, **options))
    agree(call, *inputs, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("stride", [1, (2, 3)])
@pytest.mark.parametrize("size", [(9, 11), (12, 7)])
@pytest.mark.parametrize("groups", [1, 2])
def test_conv2d_of_odd_sizes_in_pieces(stride, size, groups, monkeypatch):
    monkeypatch.setattr("tinytorch.spatial.PIECE", 20_000)  # so that a batch takes several
    random = np.random.default_rng(0)
    x = random.standard_normal((7, 4, *size)).astype(np.float32)
    weight = random.standard_normal((6, 4 // groups, 3, 4)).astype(np.float32)
    options = dict(stride=stride, padding=(2, 1), dilation=(1, 2), groups=groups)
    call = gradients(lambda t, *leaves: functional(t).conv2d(*leaves, **options))
    agree(call, x, weight, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("options", [{}, {"padding": 1}, {"stride": 2}], ids=str)
def test_conv2d_of_images_whose_memory_has_gaps(options):
    random = np.random.default_rng(1)
    x, weight = random.standard_normal((2, 6, 7, 3)), random.standard_normal((4, 3, 3, 2))

    def call(t, x, weight):
        return functional(t).conv2d(x.permute(0, 3, 2, 1), weight, **options)

    agree(gradients(call), np.float32(x), np.float32(weight), rtol=1e-4, atol=1e-4)


def test_an_empty_batch():
    x, weight = np.zeros((0, 2, 5, 5), np.float32), np.ones((3, 2, 3, 3), np.float32)
    agree(lambda t, x, w: functional(t).conv2d(x, w), x, weight)


MISFITS = {
    "channels": ((1, 3, 5, 5), (4, 2, 3, 3), {}),
    "groups": ((1, 4, 5, 5), (3, 2, 3, 3), {"groups": 2}),
    "no groups": ((1, 4, 5, 5), (3, 4, 3, 3), {"groups": 0}),
    "dims": ((4, 5), (3, 4, 3, 3), {}),
    "weight's dims": ((1, 4, 5, 5), (3, 4), {}),
    "small images": ((1, 1, 2, 2), (1, 1, 3, 3), {}),
    "dilated too far": ((1, 1, 5, 5), (1, 1, 3, 3), {"dilation": 3}),
    "stride": ((1, 1, 5, 5), (1, 1, 3, 3), {"stride": 0}),
    "padding": ((1, 1, 5, 5), (1, 1, 3, 3), {"padding": -1}),
    "a padding's name": ((1, 1, 5, 5), (1, 1, 3, 3), {"padding": "wide"}),
    "same and stride": ((1, 1, 5, 5), (1, 1, 3, 3), {"padding": "same", "stride": 2}),
}


@pytest.mark.parametrize("name", MISFITS)
def test_misfits_of_conv2d(name):
    shape, weight, options = MISFITS[name]
    x, weight = np.ones(shape, np.float32), np.ones(weight, np.float32)
    agree(lambda t, x, w: functional(t).conv2d(x, w, **options), x, weight)


def test_errors_name_both_shapes():
    with pytest.raises(RuntimeError, match=r"\(2, 3, 5, 5\) and \(4, 2, 3, 3\)"):
        functional(tinytorch).conv2d(tinytorch.ones(2, 3, 5, 5), tinytorch.ones(4, 2, 3, 3))


def test_one_dtype():
    x, weight = np.ones((1, 1, 5, 5), np.float32), np.ones((1, 1, 3, 3))
    agree(lambda t, x, w: functional(t).conv2d(x, w), x, weight)


@st.composite
def poolings(draw, dilated):
    """Images with many equal numbers, and settings, fitting or not."""
    leading = draw(st.sampled_from([(), (2,)]))
    sizes = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    x = draw(arrays((*leading, 3, *sizes), np.int64, low=-3, high=3)).astype(draw(FLOATS))
    options = dict(kernel_size=draw(settings(1, 3)), padding=draw(settings(0, 1)))
    options["stride"] = draw(st.one_of(st.none(), settings(1, 3)))
    return x, options | ({"dilation": draw(settings(1, 2))} if dilated else {})


@FEW
@given(drawn=poolings(dilated=True))
def test_max_pool2d(drawn):
    x, options = drawn
    agree(gradients(lambda t, x: functional(t).max_pool2d(x, **options)), x)


@FEW
@given(drawn=poolings(dilated=False))
def test_avg_pool2d(drawn):
    x, options = drawn
    agree(gradients(lambda t, x: functional(t).avg_pool2d(x, **options)), x)


@FEW
@given(x=arrays((2, 3, 7, 5), FLOATS), size=settings(1, 9))
def test_adaptive_avg_pool2d(x, size):
    call = gradients(lambda t, x: functional(t).adaptive_avg_pool2d(x, size))
    agree(call, x, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", [(None, 2), (3, None), 1])
def test_adaptive_sizes_as_they_are(size):
    x = np.random.default_rng(0).standard_normal((3, 6, 5)).astype(np.float32)
    agree(lambda t, x: t.nn.AdaptiveAvgPool2d(size)(x), x)


@FEW
@given(
    x=arrays(st.sampled_from([(4, 3), (2, 3, 5), (2, 3, 4, 5), (1, 3, 2, 1)]), FLOATS),
    affine=st.booleans(), training=st.booleans(), eps=st.sampled_from([1e-5, 0.1]),
)  # fmt: skip
def test_batch_norm(x, affine, training, eps):
    random = np.random.default_rng(0)
    mean, weight, bias = random.standard_normal((3, 3)).astype(x.dtype)
    var = random.uniform(0.5, 2, 3).astype(x.dtype)

    def call(t, x, mean, var, *learned):
        leaves = [leaf.requires_grad_() for leaf in (x, *learned)]
        y = functional(t).batch_norm(x, mean, var, *learned, training=training, eps=eps)
        y.backward(y.detach() * y.detach() + x.detach())
        return [y.detach(), mean, var, *(leaf.grad for leaf in leaves)]

    agree(call, x, mean, var, *((weight, bias) if affine else ()), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("options", [
    {}, {"momentum": None}, {"momentum": 0.5, "eps": 0.01}, {"affine": False},
    {"track_running_stats": False},
], ids=str)  # fmt: skip
def test_batch_norm_through_training_and_use(options):
    batches = np.random.default_rng(0).standard_normal((3, 4, 2, 3, 3)).astype(np.float32)

    def call(t, batches):
        layer = t.nn.BatchNorm2d(2, **options)
        results = [layer(batch).detach() for batch in batches]
        layer.eval()
        state = layer.state_dict()
        return [*results, layer(batches[0]).detach(), list(state), list(state.values())]

    agree(call, batches, rtol=1e-4, atol=1e-5)


BAD_LAYERS = {
    "channels": lambda t, x: t.nn.Conv2d(3, 4, 3, groups=2),
    "kernels": lambda t, x: t.nn.Conv2d(4, 3, 3, groups=2),
    "no groups": lambda t, x: t.nn.Conv2d(4, 3, 3, groups=0),
    "word": lambda t, x: t.nn.Conv2d(3, 4, 3, padding="wide"),
    "same": lambda t, x: t.nn.Conv2d(3, 4, 3, padding="same", stride=2),
    "pool's padding": lambda t, x: t.nn.MaxPool2d(2, padding=2)(x),
    "pool's dims": lambda t, x: t.nn.MaxPool2d(2)(x[0, 0]),
    "pool's stride": lambda t, x: t.nn.AvgPool2d(2, stride=0)(x),
    "small image": lambda t, x: t.nn.AvgPool2d(9)(x),
    "norm's channels": lambda t, x: t.nn.BatchNorm2d(2)(x),
    "norm's dims": lambda t, x: t.nn.BatchNorm2d(3)(x[0]),
    "one number": lambda t, x: t.nn.BatchNorm2d(3)(x[:1, :, :1, :1]),
    "no statistics": lambda t, x: functional(t).batch_norm(x, None, None),
}


@pytest.mark.parametrize("name", BAD_LAYERS)
def test_errors_of_layers(name):
    agree(BAD_LAYERS[name], np.ones((2, 3, 5, 5), np.float32))


@pytest.mark.parametrize("options", [
    {}, {"stride": 2, "padding": 1}, {"padding": "same", "dilation": (1, 2)}, {"groups": 2},
    {"bias": False}, {"padding": (1, 0), "groups": 4},
], ids=str)  # fmt: skip
def test_layers_say_what_they_are(options):
    agree(lambda t: repr(t.nn.Conv2d(4, 8, (3, 5), **options)))
    agree(lambda t: [p.shape for p in t.nn.Conv2d(4, 8, (3, 5), **options).parameters()])
    agree(lambda t: repr(t.nn.AdaptiveAvgPool2d((2, 3))))
    agree(lambda t: repr(t.nn.AvgPool2d(2, padding=1)))


def test_first_numbers_are_spread_as_torchs():
    tinytorch.manual_seed(0), torch.manual_seed(0)
    for t in (tinytorch, torch):
        layer, bound = t.nn.Conv2d(16, 64, 5, groups=2), (8 * 25) ** -0.5
        weight, bias = (np.asarray(p.detach()) for p in (layer.weight, layer.bias))
        expect(float(weight.std()), bound / 3**0.5, "spread of the weight", rtol=0.02)
        expect(bool((abs(weight) <= bound).all() and (abs(bias) <= bound).all()), True, "bounds")


def test_the_same_network_learns_the_same():
    random = np.random.default_rng(0)
    x, y = random.standard_normal((8, 1, 12, 12)).astype(np.float32), random.integers(0, 3, 8)

    def call(t, x, y):
        nn = t.nn
        model = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 3, groups=2), nn.ReLU(), nn.AvgPool2d(2),
            nn.Flatten(), nn.Linear(24, 3),
        )  # fmt: skip
        numbers = np.random.default_rng(1)
        for p in model.parameters():
            p.data = t.tensor(numbers.standard_normal(tuple(p.shape)).astype(np.float32) * 0.3)
        optimizer, losses = t.optim.SGD(model.parameters(), lr=0.05), []
        for _ in range(4):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return [losses, *(p.detach() for p in model.parameters())]

    ours, theirs = (call(t, t.tensor(x), t.tensor(y)) for t in (tinytorch, torch))
    for came, expected in zip(ours, theirs, strict=True):
        expect(np.asarray(came), np.asarray(expected), "after four steps", rtol=1e-3, atol=1e-4)
