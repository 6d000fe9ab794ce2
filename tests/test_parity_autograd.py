"""Gradients against torch's, on generated shapes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parity import FEW, FLOATS, agree, arrays, broadcastable, dims, gradients, shapes


def agree_on_gradients(call, *inputs, **tolerances):
    agree(gradients(call), *inputs, **tolerances)


@st.composite
def pairs(draw, low=-5, high=5, **options):
    dtype, (one, other) = draw(FLOATS), draw(broadcastable(**options))
    return [draw(arrays(s, dtype, low=low, high=high)) for s in (one, other)]


ARITHMETIC = {
    "add": lambda t, a, b: a + b,
    "sub": lambda t, a, b: a - b,
    "mul": lambda t, a, b: a * b,
    "div": lambda t, a, b: a / b,
    "where": lambda t, a, b: t.where(a > b, a, b),
    "mixed": lambda t, a, b: (a * b - a / (b * b + 1)) * a + 2 * b - 1 / (a * a + 2),
    "power": lambda t, a, b: (a * a + 1) ** b,
}


@pytest.mark.parametrize("name", ARITHMETIC)
@FEW
@given(inputs=pairs())
def test_arithmetic(name, inputs):
    agree_on_gradients(ARITHMETIC[name], *inputs, rtol=1e-4, atol=1e-4)


ONE_BY_ONE = {
    "neg": lambda t, x: -x,
    "exp": lambda t, x: x.exp(),
    "log": lambda t, x: (x * x + 0.1).log(),
    "sqrt": lambda t, x: (x * x + 0.1).sqrt(),
    "abs": lambda t, x: x.abs(),
    "clip": lambda t, x: x.clip(-2, 3),
    "clip at the bounds": lambda t, x: (x * 0 + 3).clip(0, 3) + x.clip(max=0),
    "square": lambda t, x: x**2,
    "to the 0": lambda t, x: x**0,
    "to the -1": lambda t, x: (x * x + 0.5) ** -1,
    "relu": lambda t, x: t.nn.functional.relu(x),
    "relu at 0": lambda t, x: t.nn.functional.relu(x * 0),
    "leaky_relu": lambda t, x: t.nn.functional.leaky_relu(x, 0.2),
    "sigmoid": lambda t, x: t.nn.functional.sigmoid(x * 10),
    "tanh": lambda t, x: t.nn.functional.tanh(x),
    "gelu": lambda t, x: t.nn.functional.gelu(x),
    "gelu, tanh": lambda t, x: t.nn.functional.gelu(x, approximate="tanh"),
    "float": lambda t, x: x.to(t.float64) * 2,
    "used often": lambda t, x: x * x.exp() + x - x * 3 * x,
    "max": lambda t, x: x.max(),
    "min of equals": lambda t, x: (x * 0).min(),
    "flatten": lambda t, x: x.flatten() * 2,
    "squeeze": lambda t, x: x.unsqueeze(0).squeeze(),
    "reversed": lambda t, x: x.permute(tuple(reversed(range(x.ndim)))),
    "cat": lambda t, x: t.cat([x.reshape(-1), x.reshape(-1) * 2, x.sum().reshape(1)]),
    "stack": lambda t, x: t.stack([x, x * x, x], dim=-1),
}


@pytest.mark.parametrize("name", ONE_BY_ONE)
@FEW
@given(x=arrays(dtype=FLOATS, low=-4, high=4))
def test_one_input(name, x):
    agree_on_gradients(ONE_BY_ONE[name], x, rtol=1e-4, atol=1e-5)


ALONG_A_DIM = {
    "sum": lambda t, x, dim, keep: x.sum(dim=dim, keepdim=keep),
    "mean": lambda t, x, dim, keep: x.mean(dim=dim, keepdim=keep),
    "var": lambda t, x, dim, keep: x.var(dim=dim, correction=0, keepdim=keep),
    "max": lambda t, x, dim, keep: x.max(dim=dim, keepdim=keep).values,
    "max of equals": lambda t, x, dim, keep: (x > 0).to(x.dtype).max(dim, keep).values + x.max(),
    "min": lambda t, x, dim, keep: x.min(dim=dim, keepdim=keep).values,
    "softmax": lambda t, x, dim, keep: t.nn.functional.softmax(x, dim=dim),
    "log_softmax": lambda t, x, dim, keep: t.nn.functional.log_softmax(x, dim=dim),
    "logsumexp": lambda t, x, dim, keep: t.logsumexp(x, dim=dim, keepdim=keep),
    "split": lambda t, x, dim, keep: x.split(1, dim=dim)[-1],
    "cat": lambda t, x, dim, keep: t.cat([x, x * x], dim=dim),
}


@pytest.mark.parametrize("name", ALONG_A_DIM)
@FEW
@given(data=st.data(), x=arrays(shapes(min_dims=1), FLOATS), keep=st.booleans())
def test_along_a_dim(name, data, x, keep):
    dim = data.draw(dims(x.ndim))
    agree_on_gradients(lambda t, x: ALONG_A_DIM[name](t, x, dim, keep), x, rtol=1e-4, atol=1e-5)


@FEW
@given(data=st.data(), x=arrays(shapes(min_dims=1), FLOATS))
def test_index(data, x):
    kinds = st.one_of(
        st.integers(-len(x), len(x) - 1),
        st.slices(len(x)).filter(lambda s: (s.step or 1) > 0),
        st.lists(st.integers(0, len(x) - 1), min_size=1, max_size=5),
    )
    index = data.draw(kinds)
    if isinstance(index, list):  # may hold an index twice
        agree_on_gradients(lambda t, x: x[t.tensor(index)] * 2, x)
    else:
        agree_on_gradients(lambda t, x: x[index] * 2, x)


@FEW
@given(x=arrays(shapes(min_dims=2), FLOATS), rows=st.integers(-3, 3))
def test_triangles_and_masks(x, rows):
    agree_on_gradients(lambda t, x: x.tril(rows) * 2 + x.triu(rows), x)
    agree_on_gradients(lambda t, x: x.masked_fill(x > 0, -1.0) * x, x)
    agree_on_gradients(lambda t, x: x[x > 0] * 3, x)


@FEW
@given(data=st.data(), n=st.integers(1, 4), k=st.integers(1, 4), m=st.integers(1, 4),
       stacks=broadcastable(max_dims=2), dtype=FLOATS)  # fmt: skip
def test_matmul(data, n, k, m, stacks, dtype):
    left = data.draw(st.sampled_from([(k,), (*stacks[0], n, k)]))
    right = data.draw(st.sampled_from([(k,), (*stacks[1], k, m)]))
    a, b = data.draw(arrays(left, dtype)), data.draw(arrays(right, dtype))
    agree_on_gradients(lambda t, a, b: a @ b, a, b, rtol=1e-4, atol=1e-4)


@FEW
@given(data=st.data(), lead=shapes(max_dims=3), features=st.integers(1, 4), out=st.integers(1, 4),
       bias=st.booleans(), dtype=FLOATS)  # fmt: skip
def test_linear(data, lead, features, out, bias, dtype):
    sizes = [(*lead, features), (out, features), *([(out,)] if bias else [])]
    inputs = [data.draw(arrays(size, dtype)) for size in sizes]
    agree_on_gradients(lambda t, *x: t.nn.functional.linear(*x), *inputs, rtol=1e-4, atol=1e-4)


REDUCTIONS = st.sampled_from(["none", "mean", "sum"])


@FEW
@given(data=st.data(), shape=shapes(min_dims=2, min_side=2), reduction=REDUCTIONS, dtype=FLOATS,
       smoothing=st.sampled_from([0.0, 0.1]), ignored=st.sampled_from([-100, 0]),
       weighted=st.booleans())  # fmt: skip
def test_cross_entropy(data, shape, reduction, dtype, smoothing, ignored, weighted):
    x = data.draw(arrays(shape, dtype))
    classes = data.draw(arrays((shape[0], *shape[2:]), np.int64, low=0, high=shape[1] - 1))
    if (classes == ignored).all():
        return  # a mean of nothing
    weight = data.draw(arrays((shape[1],), dtype, low=0.5, high=2))

    def loss(t, x):
        options = {"reduction": reduction, "label_smoothing": smoothing, "ignore_index": ignored}
        if weighted:
            options["weight"] = t.tensor(weight)
        return t.nn.functional.cross_entropy(x, t.tensor(classes), **options)

    agree_on_gradients(loss, x, rtol=1e-4, atol=1e-5)


PAIR_LOSSES = {  # the ranges of input and target
    "mse_loss": ((-5, 5), (-5, 5)),
    "l1_loss": ((-5, 5), (-5, 5)),
    "binary_cross_entropy": ((0.05, 0.95), (0, 1)),
    "binary_cross_entropy_with_logits": ((-30, 30), (0, 1)),
}


@pytest.mark.parametrize("name", PAIR_LOSSES)
@FEW
@given(data=st.data(), shape=shapes(), dtype=FLOATS, reduction=REDUCTIONS)
def test_losses_of_pairs(name, data, shape, dtype, reduction):
    x, target = (data.draw(arrays(shape, dtype, *span)) for span in PAIR_LOSSES[name])
    agree_on_gradients(
        lambda t, x, y: getattr(t.nn.functional, name)(x, y, reduction=reduction),
        x, target, rtol=1e-4, atol=1e-4,
    )  # fmt: skip


def test_edges_of_the_slopes():
    zero, equal = np.float32([0.0, 4.0]), np.float32([[1, 3, 3], [2, 2, 2]])
    with np.errstate(divide="ignore"):
        agree_on_gradients(lambda t, x: x.sqrt(), zero)
    agree_on_gradients(lambda t, x: x.abs(), zero)
    agree_on_gradients(lambda t, x: x**0, zero)
    agree_on_gradients(lambda t, x: 0**x, zero)
    agree_on_gradients(lambda t, x: x.max(), equal)
    agree_on_gradients(lambda t, x: x.min(), equal)
    agree_on_gradients(lambda t, x: x.max(dim=1).values, equal)
    agree_on_gradients(lambda t, x: x.min(dim=0).values, equal)


def accumulate(t, x):
    x.requires_grad_()
    (x * 2).sum().backward()
    (x * x).sum().backward()
    return x.grad


def twice(keep):
    def run(t, x):
        y = (x.requires_grad_() * x).sum()
        y.backward(retain_graph=keep)
        y.backward()
        return x.grad

    return run


def overwritten(t, x):
    y = x.requires_grad_() * x
    with t.no_grad():
        x[0] = 5.0
    y.sum().backward()


def overwritten_result(t, x):
    y = x.requires_grad_().exp()
    with t.no_grad():
        y[0] = 5.0
    y.sum().backward()


def overwritten_but_not_needed(t, x):
    y = x.requires_grad_() + x
    with t.no_grad():
        x[0] = 5.0
    y.sum().backward()
    return x.grad


def overwritten_through_a_view(t, x):
    y = x.requires_grad_() * x
    x.detach().reshape(-1)[0] = 5.0
    y.sum().backward()


def modes(t, x):
    x.requires_grad_()
    with t.no_grad():
        inside = x * 2
        with t.enable_grad():
            enabled = x * 2
        outer = t.is_grad_enabled()
    kinds = [y.requires_grad for y in (inside, enabled, x * 2, x.detach() * 2)]
    decorated = t.no_grad()(lambda: (x * 2).requires_grad)()
    return [*kinds, outer, decorated, t.is_grad_enabled()]


def no_longer(t, x):
    x.requires_grad_().requires_grad_(False)
    return (x * 2).requires_grad


ENGINE = {
    "gradients add up": accumulate,
    "twice through a freed graph": twice(False),
    "twice through a kept graph": twice(True),
    "an input overwritten": overwritten,
    "an input overwritten through a view": overwritten_through_a_view,
    "a result overwritten": overwritten_result,
    "overwritten, but not needed": overwritten_but_not_needed,
    "modes": modes,
    "no longer": no_longer,
    "no scalar": lambda t, x: (x.requires_grad_() * 2).backward(),
    "no grad at all": lambda t, x: x.sum().backward(),
    "a gradient of another shape": lambda t, x: (x.requires_grad_() * 2).backward(t.ones(9)),
    "a result that refuses": lambda t, x: (x.requires_grad_() * 2).requires_grad_(False),
    "integers": lambda t, x: t.ones(2, dtype=t.int64).requires_grad_(),
    "a leaf itself": lambda t, x: (x.requires_grad_().backward(t.ones(3)), x.grad)[1],
    "one element": lambda t, x: (x.requires_grad_()[:1].backward(), x.grad)[1],
    "gradcheck": lambda t, x: t.autograd.gradcheck(
        lambda x: x.exp() * x, (x.to(t.float64).requires_grad_(),)),
    "gradcheck of nothing": lambda t, x: t.autograd.gradcheck(lambda x: x * 2, (x,)),
}  # fmt: skip


@pytest.mark.parametrize("name", ENGINE)
def test_the_engine_behaves_as_torchs(name):
    agree(ENGINE[name], np.float32([1.0, 2.0, 3.0]))


@FEW
@given(seed=st.integers(0, 10_000), size=st.integers(1, 12))
def test_any_graph(seed, size):
    """Random graphs of two leaves, in which results are used any number of times."""

    def build(t, *leaves):
        random, nodes = np.random.default_rng(seed), list(leaves)
        for _ in range(size):
            a, b = (nodes[i] for i in random.integers(0, len(nodes), 2))
            nodes.append([a + b, a * b * 0.5, a - b, a / (b * b + 1)][random.integers(4)])
        return sum(nodes[2:], nodes[-1]).sum()

    random = np.random.default_rng(seed)
    inputs = [random.uniform(-1, 1, shape) for shape in ((2, 3), (3,))]
    agree_on_gradients(build, *inputs, rtol=1e-8, atol=1e-8)
