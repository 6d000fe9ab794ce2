"""Layers and how weights begin, compared with torch."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinytorch
from tests.parity import FEW, FLOATS, agree, arrays, broadcastable, dims, shapes, torch
from tito.checks import expect

SIZES = st.integers(1, 5)


@st.composite
def layer_inputs(draw, dtype=np.float32):
    """x (…, in), weight (out, in), bias (out,)."""
    leading, (inside, outside) = draw(shapes(0, 3)), draw(st.tuples(SIZES, SIZES))
    sizes = ((*leading, inside), (outside, inside), (outside,))
    return [draw(arrays(shape, dtype)) for shape in sizes]


def network(t):
    """Three levels, plain layers, a shared layer and a shared parameter."""
    nn = t.nn

    class Block(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.scale = nn.Parameter(t.ones(size))
            self.layer = nn.Linear(size, size)
            self.act = nn.GELU()

        def forward(self, x):
            return self.act(self.layer(x * self.scale)) + x

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            shared = nn.ReLU()
            self.register_buffer("mean", t.zeros(4))
            self.first = nn.Sequential(nn.Flatten(), nn.Linear(6, 4), shared)
            self.blocks = nn.ModuleList([Block(4), Block(4)])
            self.unseen = [nn.Linear(2, 2)]
            self.last = nn.Linear(4, 4, bias=False)
            self.last.weight = self.blocks[0].layer.weight
            self.act = shared
            self.own = nn.Parameter(t.ones(1))

        def forward(self, x):
            x = self.first(x) - self.mean
            for block in self.blocks:
                x = block(x)
            return self.act(self.last(x)) * self.own

    return Network()


def state(seed):
    """Numbers for `network`'s state_dict, the same for both libraries."""
    random = np.random.default_rng(seed)
    made = {
        name: random.standard_normal(tensor.shape).astype(np.float32)
        for name, tensor in network(torch).state_dict().items()
    }
    return {**made, "last.weight": made["blocks.0.layer.weight"]}


# Linear


@FEW
@given(inputs=FLOATS.flatmap(layer_inputs), with_bias=st.booleans())
def test_linear_function(inputs, with_bias):
    x, weight, bias = inputs
    inputs = [x, weight, bias] if with_bias else [x, weight]
    agree(lambda t, inputs: t.nn.functional.linear(*inputs), inputs, rtol=1e-4, atol=1e-4)


@FEW
@given(inputs=layer_inputs())
def test_linear(inputs):
    def call(t, x, weight, bias):
        layer = t.nn.Linear(weight.shape[1], weight.shape[0])
        layer.load_state_dict({"weight": weight, "bias": bias})
        return layer(x).detach()

    agree(call, *inputs, rtol=1e-4, atol=1e-4)


@FEW
@given(x=arrays(shapes(1, 3)), weight=arrays(shapes(2, 2)))
def test_linear_of_any_two_shapes(x, weight):
    agree(lambda t, x, w: t.nn.functional.linear(x, w), x, weight, rtol=1e-4, atol=1e-4)


def test_linear_of_two_dtypes():
    x, weight = np.ones((2, 3)), np.ones((4, 3))
    agree(lambda t, x, w: t.nn.functional.linear(x, w), x, weight.astype(np.float32))
    agree(lambda t, x, w: t.nn.functional.linear(x, w), x.astype(np.int64), weight)
    bias = np.ones(4, np.float32)
    agree(lambda t, x, w, b: t.nn.functional.linear(x, w, b), x, weight, bias)
    agree(lambda t, w, b: t.nn.functional.linear(w, w, b), bias.reshape(1, 4), np.ones(1))


@pytest.mark.parametrize("bias", [True, False])
def test_linear_begins_as_torchs_does(bias):
    for t in (tinytorch, torch):
        t.manual_seed(0)
        layer = t.nn.Linear(400, 1000, bias=bias)
        for parameter in layer.parameters():
            numbers = parameter.detach().numpy()
            expect(np.abs(numbers).max(), 0.05, "the bound", rtol=0.01)
            expect(numbers.std(), 0.05 / 3**0.5, "the spread", rtol=0.05)
        assert (layer.bias is not None) == bias


# The tree


def test_names():
    agree(lambda t: [name for name, _ in network(t).named_parameters()])
    agree(lambda t: [name for name, _ in network(t).named_modules()])
    agree(lambda t: [name for name, _ in network(t).named_children()])
    agree(lambda t: [name for name, _ in network(t).named_buffers()])
    agree(lambda t: [(name, tuple(x.shape)) for name, x in network(t).state_dict().items()])


def test_counts():
    agree(lambda t: sum(p.numel() for p in network(t).parameters()))
    agree(lambda t: [len(list(f())) for f in (network(t).modules, network(t).children)])
    agree(lambda t: next(network(t).parameters()).requires_grad)


def test_forward():
    x = np.random.default_rng(1).standard_normal((5, 2, 3)).astype(np.float32)

    def call(t, x):
        model = network(t)
        model.load_state_dict({name: t.tensor(array) for name, array in state(0).items()})
        return model(x).detach()

    agree(call, x, rtol=1e-4, atol=1e-4)


def test_repr():
    agree(lambda t: repr(network(t).first))
    agree(lambda t: repr(network(t).blocks[0]))
    agree(lambda t: repr(t.nn.Sequential(t.nn.Linear(3, 2, bias=False), t.nn.Softmax(dim=1))))
    agree(lambda t: repr(t.nn.Sequential(t.nn.Sequential(), t.nn.Identity(), t.nn.Flatten(0, 1))))
    agree(lambda t: repr(t.nn.Parameter(t.ones(2))))


def test_train_and_eval():
    def flags(t, mode):
        model = network(t)
        assert model.train(mode) is model
        return [layer.training for layer in model.modules()]

    for mode in (True, False, 1, None):
        agree(flags, mode)
    agree(lambda t: network(t).eval().first[2].training)


def test_apply_visits_children_first():
    def visited(t):
        names = []
        model = network(t)
        assert model.apply(lambda layer: names.append(type(layer).__name__)) is model
        return names

    agree(visited)


def test_assignment():
    def assign(t, value):
        layer = t.nn.Linear(2, 2)
        layer.weight = value(t)
        return [name for name, _ in layer.named_parameters()]

    agree(assign, lambda t: t.nn.Parameter(t.ones(3, 3)))
    agree(assign, lambda t: None)
    agree(assign, lambda t: t.ones(2, 2))
    agree(assign, lambda t: 3.0)


def test_assigned_later():
    def names(t):
        layer = t.nn.Linear(2, 2)
        layer.extra, layer.more = t.nn.Parameter(t.ones(1)), t.nn.Linear(1, 1)
        del layer.bias
        return [name for name, _ in layer.named_parameters()]

    agree(names)


def test_buffers_may_be_assigned_anew():
    def saved(t):
        layer = t.nn.Module()
        layer.register_buffer("mean", t.zeros(2))
        layer.mean = layer.mean + 1
        return [(name, x.tolist()) for name, x in layer.state_dict().items()]

    agree(saved)


def test_parameter():
    agree(lambda t: t.nn.Parameter(t.ones(2)).requires_grad)
    agree(lambda t: t.nn.Parameter(t.ones(2), requires_grad=False).requires_grad)
    agree(lambda t: t.nn.Parameter(t.tensor([1, 2])))
    agree(lambda t: t.nn.Parameter(t.tensor([1, 2]), requires_grad=False))
    agree(lambda t: isinstance(t.nn.Parameter(t.ones(2)).detach(), t.nn.Parameter))

    def shares(t):
        data = t.zeros(2)
        parameter = t.nn.Parameter(data)
        data[0] = 7
        return parameter.tolist()

    agree(shares)


def test_zero_grad():
    def grads(t):
        layer = t.nn.Linear(2, 2)
        for parameter in layer.parameters():
            parameter.grad = t.ones(*parameter.shape)
        layer.zero_grad()
        return [parameter.grad for parameter in layer.parameters()]

    agree(grads)


# Rows of layers


def row(t, kind, length):
    layers = [t.nn.Linear(size, size + 1) for size in range(1, length + 1)]
    return t.nn.Sequential(*layers) if kind == "Sequential" else t.nn.ModuleList(layers)


@FEW
@given(
    kind=st.sampled_from(["Sequential", "ModuleList"]),
    length=st.integers(0, 4),
    index=st.integers(-6, 6),
    bounds=st.tuples(*[st.none() | st.integers(-5, 5)] * 2),
)
def test_rows(kind, length, index, bounds):
    agree(lambda t: len(row(t, kind, length)))
    agree(lambda t: [layer.in_features for layer in row(t, kind, length)])
    agree(lambda t: repr(row(t, kind, length)[index]))
    agree(lambda t: [layer.in_features for layer in row(t, kind, length)[slice(*bounds)]])
    agree(lambda t: type(row(t, kind, length)[slice(*bounds)]).__name__)
    agree(lambda t: [name for name, _ in row(t, kind, length).named_parameters()])


def test_rows_take_layers_only():
    for wrong in (3, "ReLU"):
        agree(lambda t, wrong=wrong: t.nn.Sequential(wrong))
        agree(lambda t, wrong=wrong: t.nn.ModuleList([wrong]))
        agree(lambda t, wrong=wrong: t.nn.ModuleList().append(wrong))
    agree(lambda t: t.nn.Sequential(t.nn.ReLU))


def test_rows_grow():
    agree(lambda t: repr(t.nn.Sequential(t.nn.ReLU()).append(t.nn.Tanh()).extend([t.nn.Sigmoid()])))
    agree(lambda t: len(t.nn.ModuleList([t.nn.ReLU()]).extend(t.nn.ModuleList([t.nn.Tanh()]))))


def test_a_module_list_has_no_forward():
    agree(lambda t: t.nn.ModuleList([t.nn.ReLU()])(t.ones(2)))


@FEW
@given(x=arrays(shapes(min_dims=1)), data=st.data())
def test_flatten(x, data):
    start, end = data.draw(dims(x.ndim)), data.draw(dims(x.ndim))
    agree(lambda t, x: t.nn.Flatten(start, end)(x), x)
    agree(lambda t, x: t.nn.Identity(54, unused=1)(x), x)


# How weights begin


@FEW
@given(shape=shapes(min_dims=0, max_dims=5))
def test_fans(shape):
    def fans(t):
        if t is tinytorch:
            return tinytorch.layers.fans(shape)
        return torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))

    agree(fans)


@pytest.mark.parametrize("param", [None, 0, 0.3, 5**0.5])
def test_gain(param):
    for name in "linear conv2d sigmoid tanh relu leaky_relu selu step".split():
        agree(lambda t, name=name: t.nn.init.calculate_gain(name, param))


@FEW
@given(
    name=st.sampled_from("kaiming_uniform_ kaiming_normal_ xavier_uniform_ xavier_normal_".split()),
    shape=broadcastable(1).map(lambda drawn: (*drawn[0], 100, 110)[-3:]),
    mode=st.sampled_from(["fan_in", "fan_out"]),
    nonlinearity=st.sampled_from(["linear", "relu", "tanh", "leaky_relu"]),
    number=st.sampled_from([0.5, 1.0, 2.0]),
)
def test_rules(name, shape, mode, nonlinearity, number):
    def statistics(t):
        t.manual_seed(0)
        options = dict(gain=number)
        if name.startswith("kaiming"):
            options = dict(a=number, mode=mode, nonlinearity=nonlinearity)
        numbers = t.empty(shape)
        assert getattr(t.nn.init, name)(numbers, **options) is numbers
        numbers = numbers.numpy()
        return [numbers.mean() / numbers.std(), numbers.std()], numbers.dtype

    (mean, spread), dtype = statistics(tinytorch)
    (_, expected), _ = statistics(torch)
    assert dtype == np.float32
    expect(float(spread), float(expected), "the spread, compared with torch", rtol=0.05)
    expect(float(mean), 0.0, "the mean", atol=0.05)


@pytest.mark.parametrize("name", ["uniform_", "normal_"])
def test_spreads(name):
    for t in (tinytorch, torch):
        t.manual_seed(0)
        numbers = getattr(t.nn.init, name)(t.nn.Parameter(t.zeros(100, 100)), -1.0, 2.0)
        mean, spread = (0.5, 3 / 12**0.5) if name == "uniform_" else (-1, 2)
        assert numbers.requires_grad and numbers.grad_fn is None
        numbers = numbers.detach().numpy()
        expect(float(numbers.mean()), mean, f"{t.__name__}: the mean", atol=0.1)
        expect(float(numbers.std()), spread, f"{t.__name__}: the spread", rtol=0.05)


def test_constants():
    x = np.full((2, 3), 9, np.float32)
    agree(lambda t, x: t.nn.init.constant_(x, 3.5), x)
    agree(lambda t, x: t.nn.init.zeros_(x), x)
    agree(lambda t, x: t.nn.init.ones_(x), x)


def test_rules_refuse():
    agree(lambda t: t.nn.init.kaiming_uniform_(t.zeros(3)))
    agree(lambda t: t.nn.init.xavier_normal_(t.zeros(3)))
    agree(lambda t: t.nn.init.kaiming_normal_(t.zeros(3, 3), mode="fan"))
    agree(lambda t: t.nn.init.kaiming_normal_(t.zeros(3, 3), nonlinearity="step"))


# Dropout


@FEW
@given(x=arrays(dtype=FLOATS), p=st.sampled_from([0, 0.0, 0.3, 1, 1.0]))
def test_dropout_outside_training(x, p):
    agree(lambda t, x: t.nn.Dropout(p).eval()(x), x)
    agree(lambda t, x: t.nn.functional.dropout(x, p, training=False), x)


@FEW
@given(x=arrays(dtype=FLOATS), p=st.sampled_from([0, 0.0, 1, 1.0]))
def test_dropout_of_nothing_and_of_all(x, p):
    agree(lambda t, x: t.nn.Dropout(p)(x), x)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout(p):
    for t in (tinytorch, torch):
        t.manual_seed(0)
        out = t.nn.Dropout(p)(t.ones(100, 200)).numpy()
        expect(np.unique(out), [0, 1 / (1 - p)], f"{t.__name__}: what comes out", rtol=1e-5)
        expect(float((out == 0).mean()), p, f"{t.__name__}: the share of zeros", atol=0.02)


@pytest.mark.parametrize("p", [-0.1, 1.1])
def test_dropout_refuses(p):
    agree(lambda t: t.nn.Dropout(p))
    agree(lambda t: t.nn.functional.dropout(t.ones(2), p))


# A network as a dictionary


def test_state_dict_shares_memory():
    def shared(t):
        layer = t.nn.Linear(2, 2)
        kept = layer.state_dict()["bias"]
        t.nn.init.constant_(layer.bias, 3.0)
        return kept.tolist(), kept.requires_grad

    agree(shared)


def changed(**changes):
    """The state of `network` with some entries changed; an entry made None is left out."""
    entries = {**state(0), **{name.replace("__", "."): array for name, array in changes.items()}}
    return {name: array for name, array in entries.items() if array is not None}


STATES = {
    "whole": changed(),
    "one missing": changed(own=None),
    "one unexpected": changed(other=np.ones(1, np.float32)),
    "both": changed(own=None, first__9__bias=np.ones(1, np.float32)),
    "another shape": changed(mean=np.ones(5, np.float32)),
    "another number of dims": changed(mean=np.ones((1, 4), np.float32)),
    "float64": changed(mean=np.full(4, 0.1)),
    "nothing": {},
}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("name", STATES)
def test_load_state_dict(name, strict):
    def load(t):
        model = network(t)
        given = {name: t.tensor(array) for name, array in STATES[name].items()}
        missing, unexpected = model.load_state_dict(given, strict=strict)
        kept = {n: x for n, x in model.state_dict().items() if n in given}
        return missing, unexpected, [x.tolist() for x in kept.values()]

    agree(load)


def test_a_failed_load_leaves_everything():
    model = network(tinytorch)
    before = {name: x.tolist() for name, x in model.state_dict().items()}
    with pytest.raises(RuntimeError, match="mean.*expected shape"):
        model.load_state_dict(STATES["another shape"])
    assert {name: x.tolist() for name, x in model.state_dict().items()} == before


def test_a_copy_is_a_network_of_its_own():
    def copied(t):
        layer = t.nn.Linear(2, 2)
        twin = copy.deepcopy(layer)
        t.nn.init.zeros_(layer.weight)
        return [name for name, _ in twin.named_parameters()], bool((twin.weight == 0).sum() == 4)

    agree(copied)
