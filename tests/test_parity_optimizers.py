"""Optimizers compared with torch, step for step; and what their steps take and leave behind."""

import gc
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinytorch
from tests.parity import FEW, FLOATS, agree, shapes, torch
from tito.checks import expect

STEPS = 100
SHAPES = [(4, 3), (5,), (), (2, 1, 3)]
CASES = [
    ("SGD", {}),
    ("SGD", dict(lr=0.05)),
    ("SGD", dict(lr=0.05, weight_decay=0.1)),
    ("SGD", dict(lr=0.05, momentum=0.9)),
    ("SGD", dict(lr=0.05, momentum=0.9, dampening=0.3)),
    ("SGD", dict(lr=0.05, momentum=0.9, dampening=0.3, weight_decay=0.1)),
    ("SGD", dict(lr=0.05, momentum=0.9, nesterov=True)),
    ("SGD", dict(lr=0.05, momentum=0.5, nesterov=True, weight_decay=0.1)),
    ("Adam", {}),
    ("Adam", dict(lr=0.05, betas=(0.5, 0.9))),
    ("Adam", dict(lr=0.05, betas=(0.0, 0.5), eps=0.1)),
    ("Adam", dict(lr=0.05, weight_decay=0.1)),
    ("AdamW", {}),
    ("AdamW", dict(lr=0.05, weight_decay=0.0)),
    ("AdamW", dict(lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.3)),
    ("RMSprop", {}),
    ("RMSprop", dict(lr=0.02, alpha=0.5, eps=1e-3)),
    ("RMSprop", dict(lr=0.02, weight_decay=0.1)),
    ("RMSprop", dict(lr=0.02, momentum=0.9)),
    ("RMSprop", dict(lr=0.02, centered=True)),
    ("RMSprop", dict(lr=0.02, alpha=0.9, centered=True, momentum=0.5, weight_decay=0.1)),
]
TITLES = [f"{name}-{'-'.join(options) or 'defaults'}" for name, options in CASES]
every_case = pytest.mark.parametrize("name, options", CASES, ids=TITLES)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def parameters(t, dtype, seed=0, sizes=SHAPES):
    """Random parameters, the same for both libraries."""
    random = np.random.default_rng(seed)
    return [t.nn.Parameter(t.tensor(np.asarray(random.normal(size=s), dtype))) for s in sizes]


def gradients(dtype, seed=1, sizes=SHAPES, steps=STEPS):
    """For each step one array a parameter, of sizes from 0.01 to 10; now and then all zeros."""
    random = np.random.default_rng(seed)
    scales = [np.asarray(10 ** random.uniform(-2, 1, size)) for size in sizes]
    return [
        [np.asarray(random.normal(size=s) * scale * (step % 7 != 3), dtype)
         for s, scale in zip(sizes, scales, strict=True)]
        for step in range(steps)
    ]  # fmt: skip


def give(t, params, arrays):
    for p, array in zip(params, arrays, strict=True):
        p.grad = None if array is None else t.tensor(array)


def numbers(params):
    return [p.detach().numpy().copy() for p in params]


def tolerances(dtype):
    return dict(rtol=2e-5, atol=2e-6) if dtype == np.float32 else dict(rtol=1e-10, atol=1e-12)


def run(t, name, options, dtype, grads):
    """The parameters after each step, and the optimizer."""
    params = parameters(t, dtype)
    optimizer = getattr(t.optim, name)(params, **options)
    history = []
    for arrays in grads:
        give(t, params, arrays)
        optimizer.step()
        history.append(numbers(params))
    return history, optimizer


# Step for step


@every_dtype
@every_case
def test_a_hundred_steps(name, options, dtype):
    grads = gradients(dtype)
    (ours, optimizer), (theirs, other) = (
        run(t, name, options, dtype, grads) for t in (tinytorch, torch)
    )
    for step, (came, expected) in enumerate(zip(ours, theirs, strict=True)):
        for i in range(len(SHAPES)):
            expect(came[i], expected[i], f"parameter {i} after step {step}", **tolerances(dtype))
    compare_states(optimizer.state_dict(), other.state_dict(), **tolerances(dtype))


def compare_states(ours, theirs, **tolerances):
    """torch's layout, names and numbers; of its options those that we have."""
    assert list(ours) == list(theirs) == ["state", "param_groups"]
    assert ours["state"].keys() == theirs["state"].keys()
    for i, state in theirs["state"].items():
        assert ours["state"][i].keys() == state.keys()
        for key, value in state.items():
            expected = value.item() if key == "step" else value.numpy()
            expect(ours["state"][i][key], expected, f"{key} of {i}", **tolerances)
    for group, other in zip(ours["param_groups"], theirs["param_groups"], strict=True):
        assert group == {key: other[key] for key in group}


@FEW
@given(
    lr=st.floats(1e-4, 0.1), beta=st.floats(0, 0.99), momentum=st.floats(0, 0.99),
    # torch's m + (grad − m)(1 − β₁) cancels in float32 where the gradient is 0 and β₁ is tiny
    beta1=st.just(0.0) | st.floats(0.1, 0.99),
    decay=st.sampled_from([0, 0.01, 1.0]), dtype=FLOATS, seed=st.integers(0, 99),
)  # fmt: skip
def test_generated_options(lr, beta, momentum, beta1, decay, dtype, seed):
    grads = gradients(dtype, seed, steps=10)
    for name, options in {
        "SGD": dict(momentum=momentum, weight_decay=decay),
        "Adam": dict(betas=(beta1, beta), weight_decay=decay, eps=1e-6),
        "AdamW": dict(betas=(beta1, beta), weight_decay=decay, eps=1e-6),
        "RMSprop": dict(alpha=beta, momentum=momentum, weight_decay=decay, eps=1e-6),
    }.items():
        options["lr"] = lr
        ours, theirs = (run(t, name, options, dtype, grads)[0] for t in (tinytorch, torch))
        for came, expected in zip(ours[-1], theirs[-1], strict=True):
            expect(came, expected, f"{name} after ten steps", **tolerances(dtype))


@FEW
@given(size=shapes(min_side=0), dtype=FLOATS, seed=st.integers(0, 99))
def test_generated_shapes(size, dtype, seed):
    grads = gradients(dtype, seed, [size], steps=3)
    for name, options in (("SGD", dict(momentum=0.9)), ("AdamW", {}), ("RMSprop", {})):
        ends = []
        for t in (tinytorch, torch):
            params = parameters(t, dtype, seed, [size])
            optimizer = getattr(t.optim, name)(params, lr=0.1, **options)
            for arrays in grads:
                give(t, params, arrays)
                optimizer.step()
            ends.append(numbers(params)[0])
        expect(*ends, f"{name}, shape {size}", **tolerances(dtype))


# Groups


def in_groups(t, params, name="AdamW"):
    groups = [{"params": params[:2], "lr": 0.1}, {"params": params[2], "weight_decay": 0.5}]
    return getattr(t.optim, name)(groups, lr=0.01)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_groups_missing_gradients_and_changing_rates(name):
    def call(t):
        params = parameters(t, np.float32)
        optimizer, history = in_groups(t, params, name), []
        for step, arrays in enumerate(gradients(np.float32)):
            give(t, params, [None if (step + i) % 3 == 0 else a for i, a in enumerate(arrays)])
            if step == 20:
                optimizer.add_param_group({"params": params[3:], "lr": 0.03})
            optimizer.param_groups[0]["lr"] *= 0.99
            optimizer.step()
            history += numbers(params)
        return [t.tensor(array) for array in history]

    agree(call, rtol=2e-5, atol=2e-6)


def test_a_generator_of_parameters_and_options_filled_up():
    def call(t):
        layer = t.nn.Linear(3, 2)
        optimizer = t.optim.SGD(layer.parameters(), lr=0.5, momentum=0.9)
        optimizer.add_param_group({"params": t.nn.Parameter(t.ones(1)), "momentum": 0.1})
        keys = ("lr", "momentum", "dampening", "weight_decay", "nesterov")
        return [[group[key] for key in keys] for group in optimizer.param_groups]

    agree(call)


@pytest.mark.parametrize("set_to_none", [True, False])
def test_zero_grad(set_to_none):
    def call(t):
        params = parameters(t, np.float32)
        optimizer = in_groups(t, params)
        give(t, params, [*gradients(np.float32)[0][:2], None, None])
        optimizer.zero_grad(set_to_none)
        return [None if p.grad is None else p.grad.tolist() for p in params]

    agree(call)


# State


def test_defaults_and_signatures_are_torchs():
    import inspect

    for name in ("SGD", "Adam", "AdamW", "RMSprop"):
        ours, theirs = (inspect.signature(getattr(t.optim, name)) for t in (tinytorch, torch))
        for i, (key, parameter) in enumerate(ours.parameters.items()):
            other = theirs.parameters[key]
            assert list(theirs.parameters).index(key) == i, f"{name}: {key} is in another place"
            assert parameter.default == other.default, f"{name}: another default of {key}"


@every_case
def test_a_run_that_is_cut_off_goes_on_bit_for_bit(name, options):
    grads = gradients(np.float32)
    whole, _ = run(tinytorch, name, options, np.float32, grads)
    first, optimizer = run(tinytorch, name, options, np.float32, grads[:40])
    params = [tinytorch.nn.Parameter(array) for array in first[-1]]
    resumed = getattr(tinytorch.optim, name)(params, lr=123.0)
    resumed.load_state_dict(optimizer.state_dict())
    for arrays in grads[40:]:
        give(tinytorch, params, arrays)
        resumed.step()
    for came, expected in zip(numbers(params), whole[-1], strict=True):
        assert came.tobytes() == expected.tobytes()


@every_case
def test_a_run_begun_by_torch_is_taken_over(name, options):
    grads = gradients(np.float64)
    theirs, _ = run(torch, name, options, np.float64, grads)
    begun, optimizer = run(torch, name, options, np.float64, grads[:40])
    saved = optimizer.state_dict()
    for state in saved["state"].values():
        state.update({key: value.numpy() for key, value in state.items()})
    params = [tinytorch.nn.Parameter(array) for array in begun[-1]]
    ours = getattr(tinytorch.optim, name)(params)
    ours.load_state_dict(saved)
    for arrays in grads[40:]:
        give(tinytorch, params, arrays)
        ours.step()
    for came, expected in zip(numbers(params), theirs[-1], strict=True):
        expect(came, expected, "the parameters at the end", **tolerances(np.float64))


def test_a_loaded_state_takes_the_parameters_dtype_and_shares_nothing():
    _, source = run(tinytorch, "Adam", {}, np.float64, gradients(np.float64, steps=2))
    params = parameters(tinytorch, np.float32)
    optimizer = tinytorch.optim.Adam(params)
    saved = source.state_dict()
    optimizer.load_state_dict(saved)
    for p, state in zip(params, saved["state"].values(), strict=True):
        own = optimizer.state[p]
        assert own["exp_avg"].dtype == np.float32
        assert not np.shares_memory(own["exp_avg"].array, state["exp_avg"].array)
        assert own is not state
    source.step()
    assert optimizer.state[params[0]]["step"] == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda saved: saved["param_groups"].pop(),
        lambda saved: saved["param_groups"][0]["params"].pop(),
        lambda saved: saved["param_groups"][0].pop("betas"),
        lambda saved: saved["state"][1].update(exp_avg=tinytorch.zeros(9)),
    ],
    ids=["a group less", "a parameter less", "another optimizer's", "another shape"],
)
def test_a_state_that_misfits_changes_nothing(spoil):
    optimizers = []
    for seed in (0, 5):
        params = parameters(tinytorch, np.float32)
        optimizers.append(in_groups(tinytorch, params))
        give(tinytorch, params, gradients(np.float32, seed)[0])
        optimizers[-1].step()
    optimizer, other = optimizers
    before = str(optimizer.state_dict())
    saved = other.state_dict()
    spoil(saved)
    with pytest.raises(ValueError) as raised:
        optimizer.load_state_dict(saved)
    assert "\n" not in str(raised.value)
    assert str(optimizer.state_dict()) == before


# Errors


@pytest.mark.parametrize(
    "make",
    [
        lambda t, p: t.optim.SGD([]),
        lambda t, p: t.optim.SGD(p),
        lambda t, p: t.optim.SGD([p * 2]),
        lambda t, p: t.optim.SGD(["p"]),
        lambda t, p: t.optim.SGD([1.0]),
        lambda t, p: t.optim.SGD([{"params": {p}}]),
        lambda t, p: t.optim.SGD([{"params": [p]}, {"params": [p]}]),
        lambda t, p: t.optim.SGD([p]).add_param_group([p]),
        lambda t, p: t.optim.SGD([p]).add_param_group({"params": p}),
        lambda t, p: t.optim.SGD([p], lr=-1),
        lambda t, p: t.optim.SGD([p], momentum=-0.1),
        lambda t, p: t.optim.SGD([p], weight_decay=-0.1),
        lambda t, p: t.optim.SGD([p], nesterov=True),
        lambda t, p: t.optim.SGD([p], momentum=0.9, dampening=0.1, nesterov=True),
        lambda t, p: t.optim.Adam([p], lr=-1),
        lambda t, p: t.optim.Adam([p], eps=-1),
        lambda t, p: t.optim.Adam([p], betas=(1.0, 0.9)),
        lambda t, p: t.optim.Adam([p], betas=(0.9, -0.1)),
        lambda t, p: t.optim.Adam([p], weight_decay=-1),
        lambda t, p: t.optim.AdamW([p], betas=(0.9, 1.5)),
        lambda t, p: t.optim.RMSprop([p], lr=-1),
        lambda t, p: t.optim.RMSprop([p], alpha=-1),
        lambda t, p: t.optim.RMSprop([p], eps=-1),
        lambda t, p: t.optim.RMSprop([p], momentum=-1),
        lambda t, p: t.optim.SGD([p], fast=True),
    ],
)
def test_errors(make):
    def call(t):
        make(t, t.nn.Parameter(t.ones(2)))
        raise AssertionError("expected an error")

    agree(call)


def test_what_torch_allows_as_parameters():
    def call(t):
        leaf = t.ones(2, requires_grad=True)
        plain = t.zeros(2)
        optimizer = t.optim.SGD([leaf, plain], lr=0.5)
        (leaf * leaf).sum().backward()
        optimizer.step()
        return leaf.detach(), plain

    agree(call)


# With backward


@pytest.mark.parametrize("name, options", [("SGD", dict(lr=0.1, momentum=0.9)), ("Adam", {})])
def test_training_a_network(name, options):
    random = np.random.default_rng(0)
    x = random.normal(size=(32, 6)).astype(np.float32)
    y = random.integers(0, 3, 32)
    start = {
        "0.weight": random.normal(size=(8, 6)), "0.bias": np.zeros(8),
        "2.weight": random.normal(size=(3, 8)), "2.bias": np.zeros(3),
    }  # fmt: skip

    def call(t, x, y):
        model = t.nn.Sequential(t.nn.Linear(6, 8), t.nn.Tanh(), t.nn.Linear(8, 3))
        state = {key: t.tensor(array.astype(np.float32)) for key, array in start.items()}
        model.load_state_dict(state)
        optimizer, losses = getattr(t.optim, name)(model.parameters(), **options), []
        for _ in range(50):
            optimizer.zero_grad()
            loss = t.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    agree(call, x, y, rtol=1e-4, atol=1e-4)


@every_case
def test_a_step_is_noticed_by_the_graph(name, options):
    p = tinytorch.nn.Parameter([3.0])
    optimizer = getattr(tinytorch.optim, name)([p], **options)
    p.grad = tinytorch.ones(1)
    square = (p * p).sum()
    optimizer.step()
    with pytest.raises(RuntimeError, match="written"):
        square.backward()


# What a step takes, leaves behind and touches


@every_case
def test_a_step_makes_no_arrays_and_keeps_gradients_and_memory(name, options):
    params = parameters(tinytorch, np.float32, sizes=[(300, 200), (200,), (200, 300)])
    arrays = gradients(np.float32, sizes=[(300, 200), (200,), (200, 300)], steps=1)[0]
    optimizer = getattr(tinytorch.optim, name)(params, **options)
    give(tinytorch, params, arrays)
    memories = [p.array for p in params]
    optimizer.step()
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(10):
            optimizer.step()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 10_000, f"a step held {peak - before:,} bytes"
    assert after - before < 2_000, f"ten steps left {after - before:,} bytes behind"
    for p, memory, array in zip(params, memories, arrays, strict=True):
        assert p.array is memory
        expect(p.grad, array, "the gradient afterwards")


def test_strided_memory():
    """A parameter and a gradient that are views of something larger, in another order."""
    base = np.arange(24, dtype=np.float32).reshape(4, 6)
    p = tinytorch.nn.Parameter(tinytorch.from_numpy(base.T[::2]))
    p.grad = tinytorch.from_numpy(np.broadcast_to(np.float32([1, 2, 3, 4]), (3, 4)))
    expected = base.copy()
    expected.T[::2] -= 0.5 * np.float32([1, 2, 3, 4])
    tinytorch.optim.SGD([p], lr=0.5).step()
    expect(base, expected, "the memory that is viewed")


def test_a_gradient_of_another_shape_is_refused():
    p = tinytorch.nn.Parameter(np.ones((2, 3), np.float32))
    p.grad = tinytorch.ones(3)
    with pytest.raises(RuntimeError, match=r"\(2, 3\).*\(3,\)"):
        tinytorch.optim.SGD([p]).step()
    expect(p, np.ones((2, 3), np.float32), "the parameter afterwards")


def test_an_optimizer_of_ones_own():
    class Sign(tinytorch.optim.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, dict(lr=lr))

        def update(self, weights, grad, state, group, scratch):
            np.sign(grad, out=scratch)
            scratch *= group["lr"]
            weights -= scratch

    p = tinytorch.nn.Parameter([1.0, 2.0])
    p.grad = tinytorch.Tensor([7.0, -0.1])
    Sign([p], lr=0.5).step()
    expect(p, np.float32([0.5, 2.5]), "one step by sign")


def test_repr():
    def call(t):
        lines = repr(t.optim.Adam([t.ones(1)], lr=0.5)).splitlines()
        ours = ("Adam", "Parameter", "    betas", "    eps", "    lr", "    weight_decay", ")")
        return [line for line in lines if line.startswith(ours)]

    agree(call)
