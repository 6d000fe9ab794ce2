"""Backward grows with the graph and no faster, at any depth; memory falls when it has run."""

import gc
import time
import tracemalloc
import weakref
from statistics import median

import numpy as np
import pytest

from tinytorch import Tensor, nn, no_grad, randn
from tinytorch.tensor import Function

DEEP = 100_000


@pytest.fixture
def no_collector():
    """The garbage collector off, with nothing left for it from before."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leaf(value=1.0, dtype=np.float32):
    return Tensor(np.array(value, dtype), requires_grad=True)


def chain(x, length):
    for _ in range(length):
        x = x * 1.0
    return x


def diamonds(x, depth):
    for _ in range(depth // 2):
        x = (x + x) * 0.5
    return x


def ladder(x, depth):
    """Each rung uses the two before it: paths grow as Fibonacci's numbers do."""
    before = x
    for _ in range(depth):
        before, x = x, (x - before) * 0.5
    return x


def seconds(build, size):
    """The median time of backward, with the collector's own work left out."""
    times = []
    for _ in range(5):
        y = build(leaf(0.0), size)
        start = time.perf_counter()
        y.backward()
        times.append(time.perf_counter() - start)
    return median(times)


def test_a_chain_of_100_000_operations():
    x = leaf()
    y = chain(x, DEEP)
    y.backward()
    assert x.grad.item() == 1


def test_a_chain_of_100_000_operations_goes_without_backward():
    x = leaf()
    y = chain(x, DEEP)
    function = weakref.ref(y.grad_fn)
    del y
    assert function() is None


def test_a_diamond_1_000_deep_holds_all_its_paths():
    x = y = leaf(1.0, np.float64)
    for _ in range(1000):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**1000


@pytest.mark.parametrize("build", [chain, diamonds, ladder])
def test_time_is_linear_in_the_graph(build, no_collector):
    """Ten times the operations: about ten times the time. Twenty leaves room for a busy machine."""
    seconds(build, 100)
    small, large = seconds(build, 1000), seconds(build, 10_000)
    assert large < 20 * small, f"1,000 operations {small:.4f} s, 10,000 {large:.4f} s"


def network():
    return nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.GELU(),
                         nn.Linear(64, 10), nn.LogSoftmax(dim=1))  # fmt: skip


def step(model, batch, labels):
    loss = nn.functional.cross_entropy(model(batch), labels) + model(batch).exp().mean()
    loss.backward()
    with no_grad():
        for parameter in model.parameters():
            parameter -= 0.01 * parameter.grad
    model.zero_grad()


ARRAYS = tracemalloc.DomainFilter(inclusive=True, domain=np.lib.tracemalloc_domain)


def held():
    """Bytes in arrays, and how many objects there are (what Python keeps to reuse is neither)."""
    arrays = tracemalloc.take_snapshot().filter_traces([ARRAYS]).traces
    return sum(trace.size for trace in arrays), len(gc.get_objects())


def test_memory_is_back_after_each_of_50_steps(no_collector):
    model, batch, labels = network(), randn(32, 64), Tensor(np.arange(32) % 10)
    tracemalloc.start()
    try:
        for _ in range(2):  # what is imported or made when it is first needed
            step(model, batch, labels)
            start = held()
        for _ in range(50):
            step(model, batch, labels)
            assert held() == start
    finally:
        tracemalloc.stop()


def test_no_cycles(no_collector):
    model, batch, labels = network(), randn(32, 64), Tensor(np.arange(32) % 10)
    step(model, batch, labels)  # what is imported when it is first needed
    gc.collect()
    for _ in range(5):
        step(model, batch, labels)
        nn.functional.cross_entropy(model(batch), labels)  # and a graph that nobody walks
    assert gc.collect() == 0


def test_backward_frees_the_graph_while_it_walks():
    """At no time does it hold all gradients beside all results: a chain of 50 results of 1 MB."""
    x = Tensor(np.ones(2**18, np.float32), requires_grad=True)
    tracemalloc.start()
    try:
        y = x.sqrt()
        for _ in range(49):
            y = y.sqrt()
        end = y.sum()
        del y
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        end.backward()
        peak, after = tracemalloc.get_traced_memory()[1], tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held > 50 * 2**20
    assert peak < held + 4 * 2**20
    assert after < 3 * 2**20


def test_a_result_is_gone_before_the_rule_of_what_made_it_runs():
    """What the rule before has read needn't stay in memory while this one fills its own."""
    result, alive = None, []

    class Watched(Function):
        def forward(self, a):
            return a * 2

        def backward(self, grad):
            alive.append(result() is not None)
            return grad * 2

    y = Watched.apply(leaf())
    result = weakref.ref(y)
    end = y * y
    del y
    assert result() is not None
    end.backward()
    assert alive == [False]


def test_a_kept_graph_holds_what_it_needs_until_its_name_goes():
    x = leaf(2.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 8
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        y.backward()
