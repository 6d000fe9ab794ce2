"""Schedules and clipping against torch, step for step.

Where tinytorch differs on purpose, `DIFFERENCES` says so and why.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parity import FEW, agree, arrays, shapes

STEPS = 40
FACTORS = st.sampled_from([0.05, 0.1, 0.5, 1.0])

# Each makes a schedule of an optimizer with two groups: (schedules, optimizer, options) → schedule.
SCHEDULES = {
    "StepLR": (
        lambda s, o, **options: s.StepLR(o, **options),
        dict(step_size=st.integers(1, 15), gamma=FACTORS),
    ),
    "LinearLR": (
        lambda s, o, **options: s.LinearLR(o, **options),
        dict(start_factor=FACTORS, end_factor=FACTORS, total_iters=st.integers(1, 50)),
    ),
    "CosineAnnealingLR": (
        lambda s, o, **options: s.CosineAnnealingLR(o, **options),
        dict(T_max=st.integers(2, 50), eta_min=st.sampled_from([0, 1e-3])),
    ),
    "LambdaLR": (
        lambda s, o, power: s.LambdaLR(o, lambda t: (1 + t) ** power),
        dict(power=st.sampled_from([-1.0, -0.5, 0.3])),
    ),
    "LambdaLR, one a group": (
        lambda s, o, power: s.LambdaLR(o, [lambda t: (1 + t) ** power, lambda t: t / 10]),
        dict(power=st.sampled_from([-1.0, -0.5, 0.3])),
    ),
    "OneCycleLR": (
        lambda s, o, **options: s.OneCycleLR(o, **options),
        dict(
            max_lr=st.sampled_from([0.1, 1.0, [0.1, 0.5]]),
            total_steps=st.integers(STEPS, 2 * STEPS),
            pct_start=st.sampled_from([0.25, 0.3, 0.4]),
            anneal_strategy=st.sampled_from(["cos", "linear"]),
            cycle_momentum=st.booleans(),
            div_factor=st.sampled_from([10.0, 25.0]),
            three_phase=st.booleans(),
        ),
    ),
    "OneCycleLR by epochs": (
        lambda s, o, **options: s.OneCycleLR(o, 0.1, steps_per_epoch=7, **options),
        dict(epochs=st.integers(6, 9)),
    ),
    "SequentialLR": (
        lambda s, o, first, second: s.SequentialLR(
            o,
            [s.LinearLR(o, 0.1, total_iters=5), s.CosineAnnealingLR(o, 12), s.StepLR(o, 4, 0.5)],
            [first, first + second],
        ),
        dict(first=st.integers(1, 12), second=st.integers(1, 12)),
    ),
    "ChainedScheduler": (
        lambda s, o, gamma, T_max: s.ChainedScheduler(
            [s.LinearLR(o, 0.2), s.StepLR(o, 6, gamma), s.CosineAnnealingLR(o, T_max)]
        ),
        dict(gamma=FACTORS, T_max=st.integers(STEPS + 1, 60)),
    ),
}

OPTIMIZERS = {
    "SGD": lambda t, groups: t.optim.SGD(groups, lr=0.5, momentum=0.9),
    "AdamW": lambda t, groups: t.optim.AdamW(groups, lr=0.5),
}


def trajectory(t, make, optimizer_name, steps=STEPS):
    """Every group's learning rate and momentum, and what the schedule says, step by step."""
    groups = [{"params": [t.zeros(2, requires_grad=True)]}, {"params": [t.zeros(3)], "lr": 0.02}]
    optimizer = OPTIMIZERS[optimizer_name](t, groups)
    schedule = make(t.optim.lr_scheduler, optimizer)
    rows = []
    for _ in range(steps):
        momenta = [g["betas"][0] if "betas" in g else g["momentum"] for g in optimizer.param_groups]
        lrs = [group["lr"] for group in optimizer.param_groups]
        rows.append([*lrs, *schedule.get_last_lr(), *momenta])
        optimizer.step()
        schedule.step()
    return rows


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", SCHEDULES)
@FEW
@given(data=st.data())
def test_schedule(name, optimizer, data):
    make, strategies = SCHEDULES[name]
    options = {key: data.draw(strategy) for key, strategy in strategies.items()}
    agree(
        lambda t: trajectory(t, lambda s, o: make(s, o, **options), optimizer),
        rtol=1e-7,
        atol=1e-9,
    )


@pytest.mark.parametrize("name", ["StepLR", "LinearLR", "CosineAnnealingLR"])
def test_a_schedule_goes_on(name):
    """A schedule made with `last_epoch` continues that of a group which has an initial_lr."""

    def resumed(t):
        options = {"StepLR": [3], "LinearLR": [], "CosineAnnealingLR": [30]}[name]
        weights = t.zeros(2, requires_grad=True)
        cls = getattr(t.optim.lr_scheduler, name)
        first = t.optim.SGD([weights], lr=1.0)
        schedule = cls(first, *options)
        for _ in range(4):
            first.step()
            schedule.step()
        state = {k: v for k, v in first.param_groups[0].items() if k in ("lr", "initial_lr")}
        second = t.optim.SGD([{"params": [weights], **state}], lr=1.0)
        schedule = cls(second, *options, last_epoch=4)
        return schedule.last_epoch, second.param_groups[0]["initial_lr"]

    agree(resumed)


def test_last_epoch_without_a_beginning():
    agree(lambda t: t.optim.lr_scheduler.StepLR(an_optimizer(t), 3, last_epoch=2))


def an_optimizer(t, **options):
    return t.optim.SGD([t.zeros(2, requires_grad=True)], **{"lr": 1.0, "momentum": 0.9, **options})


@pytest.mark.parametrize(
    "make",
    [
        lambda s, o: s.LinearLR(o, start_factor=0),
        lambda s, o: s.LinearLR(o, end_factor=1.5),
        lambda s, o: s.LambdaLR(o, [math.sqrt, math.sqrt]),
        lambda s, o: s.SequentialLR(o, [s.StepLR(o, 3)], [5]),
        lambda s, o: s.SequentialLR(o, [], []),
        lambda s, o: s.ChainedScheduler([]),
        lambda s, o: s.OneCycleLR(o, 0.1),
        lambda s, o: s.OneCycleLR(o, 0.1, total_steps=0),
        lambda s, o: s.OneCycleLR(o, 0.1, epochs=3),
        lambda s, o: s.OneCycleLR(o, 0.1, 10, pct_start=1.5),
        lambda s, o: s.OneCycleLR(o, 0.1, 10, anneal_strategy="cosine"),
        lambda s, o: s.OneCycleLR(o, [0.1, 0.2], 10),
        lambda s, o: steps(s.OneCycleLR(o, 0.1, 4), 4),
        lambda s, o: steps(s.OneCycleLR(o, 0.1, 4), 5),
    ],
)
def test_errors(make):
    def outcome(t):
        make(t.optim.lr_scheduler, an_optimizer(t))

    agree(outcome)


def steps(schedule, count):
    for _ in range(count):
        schedule.optimizer.step()
        schedule.step()


def test_schedules_of_two_optimizers():
    def mixed(t):
        s, one, other = t.optim.lr_scheduler, an_optimizer(t), an_optimizer(t)
        s.SequentialLR(one, [s.StepLR(one, 3), s.StepLR(other, 3)], [5])

    agree(mixed)


SOME = {
    "StepLR": dict(step_size=3, gamma=0.5),
    "LinearLR": dict(start_factor=0.1, end_factor=1.0, total_iters=30),
    "CosineAnnealingLR": dict(T_max=20, eta_min=1e-3),
    "LambdaLR": dict(power=-0.5),
    "LambdaLR, one a group": dict(power=-0.5),
    "OneCycleLR": dict(max_lr=[0.1, 0.5], total_steps=STEPS),
    "OneCycleLR by epochs": dict(epochs=6),
    "SequentialLR": dict(first=4, second=9),
    "ChainedScheduler": dict(gamma=0.5, T_max=50),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_restored_schedule_goes_on_alike(name):
    """By state_dicts of schedule and optimizer: the second, built anew, continues the curve."""

    def halves(t):
        def fresh():
            groups = [{"params": [t.zeros(2, requires_grad=True)]}, {"params": [t.zeros(3)]}]
            optimizer = OPTIMIZERS["SGD"](t, groups)
            return optimizer, SCHEDULES[name][0](t.optim.lr_scheduler, optimizer, **SOME[name])

        optimizer, schedule = fresh()
        steps(schedule, 15)
        again, restored = fresh()
        again.load_state_dict(optimizer.state_dict())
        restored.load_state_dict(schedule.state_dict())
        lrs = []
        for _ in range(20):
            steps(restored, 1)
            lrs.append([(group["lr"], group["momentum"]) for group in again.param_groups])
        return lrs

    agree(halves, rtol=1e-7, atol=1e-9)


# Clipping

NORMS = st.sampled_from([1.0, 2.0, 3.0, math.inf])


def clipped(t, gradients, *args, **options):
    """The norm that came back, and the gradients afterwards."""
    parameters = []
    for gradient in gradients:
        parameter = t.zeros(tuple(gradient.shape), dtype=gradient.dtype, requires_grad=True)
        parameter.grad = gradient
        parameters.append(parameter)
    parameters.append(t.zeros(2, requires_grad=True))  # one without a gradient
    norm = t.nn.utils.clip_grad_norm_(parameters, *args, **options)
    return norm, *(p.grad for p in parameters[:-1])


@FEW
@given(
    gradients=st.lists(arrays(shapes()), min_size=1, max_size=4),
    max_norm=st.sampled_from([0.0, 0.1, 1.0, 10.0, 1e4]),
    norm_type=NORMS,
)
def test_clip(gradients, max_norm, norm_type):
    agree(lambda t, g: clipped(t, g, max_norm, norm_type), gradients)


@pytest.mark.parametrize("steps", [1, 12])
def test_clip_step_for_step(steps):
    """A small network's norms and losses, clipped at every step."""
    rng = np.random.default_rng(0)
    x, w1, w2 = (rng.standard_normal(s).astype(np.float32) for s in ((8, 4), (4, 5), (5, 1)))

    def losses(t, x, w1, w2):
        for w in (w1, w2):
            w.requires_grad_()
        optimizer, rows = t.optim.SGD([w1, w2], lr=0.5), []
        for _ in range(steps):
            loss = ((t.tanh(x @ w1) @ w2 - 3.0) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            norm = t.nn.utils.clip_grad_norm_([w1, w2], 0.7)
            optimizer.step()
            rows.append((loss.item(), norm.item()))
        return rows

    agree(losses, x, w1, w2, rtol=1e-4)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
@pytest.mark.parametrize("strict", [True, False])
def test_clip_what_is_not_finite(bad, strict):
    gradients = [np.float32([bad, 1]), np.float32([2])]
    agree(lambda t, g: clipped(t, g, 1.0, error_if_nonfinite=strict)[0], gradients)


def test_clip_one_tensor_and_a_generator():
    def one(t, gradient):
        weights = t.zeros(2, requires_grad=True)
        weights.grad = gradient
        first = t.nn.utils.clip_grad_norm_(weights, 1.0)
        second = t.nn.utils.clip_grad_norm_((w for w in [weights]), 0.5)
        return first, second, weights.grad

    agree(one, np.float32([3, 4]))


# On purpose otherwise than in torch. Each entry is tested to differ still.


def two_on_one(t):
    optimizer = an_optimizer(t)
    s = t.optim.lr_scheduler
    both = [s.StepLR(optimizer, 1, 0.5), s.LinearLR(optimizer, 0.5, total_iters=2)]
    for schedule in both:
        schedule.step()
    return optimizer.param_groups[0]["lr"]


def lambda_first(t):
    optimizer = an_optimizer(t)
    s = t.optim.lr_scheduler
    parts = [s.StepLR(optimizer, 1, 0.5), s.LambdaLR(optimizer, lambda step: 1.0)]
    schedule = s.ChainedScheduler(parts)
    schedule.step()
    return schedule.get_last_lr()


DIFFERENCES = {
    "two schedules on one optimizer: the last one writes; ChainedScheduler multiplies": two_on_one,
    "a LambdaLR multiplies in a chain, it doesn't undo what came before it": lambda_first,
}


@pytest.mark.parametrize("call", DIFFERENCES.values(), ids=DIFFERENCES)
def test_deliberate_difference(call):
    with pytest.raises(AssertionError, match="compared with torch"):
        agree(call)
