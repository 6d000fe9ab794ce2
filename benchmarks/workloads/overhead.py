"""What an operation costs beside its arithmetic: `a * b + a` on 10 × 10 numbers."""

import numpy as np

from benchmarks.workload import Workload


def operands():
    """Two arrays, the same for every library."""
    random = np.random.default_rng(0)
    return [random.random((10, 10), dtype=np.float32) for _ in range(2)]


# --- Forward ---------------------------------------------------------------------------------


def forward_like_torch(torch):
    a, b = (torch.tensor(x, requires_grad=True) for x in operands())
    return lambda: a * b + a


def forward_in_numpy(np):
    a, b = operands()
    return lambda: a * b + a


def forward_in_jax(jax):
    a, b = (jax.numpy.asarray(x) for x in operands())
    compiled = jax.jit(lambda a, b: a * b + a)
    return lambda: compiled(a, b).block_until_ready()


def forward_in_tinygrad(tinygrad):
    a, b = (tinygrad.Tensor(x).realize() for x in operands())
    compiled = tinygrad.TinyJit(lambda a, b: (a * b + a).realize())

    def step():
        result = compiled(a, b)
        tinygrad.Device.default.synchronize()
        return result

    return step


class Numbers(list):
    """Micrograd's results: a sum over single numbers."""

    def sum(self):
        return np.sum([value.data for value in self])


def values():
    """The operands as micrograd's numbers, in arrays that only carry them."""
    from micrograd.engine import Value

    return [np.vectorize(Value)(x) for x in operands()]


def forward_in_micrograd(micrograd):
    a, b = values()
    return lambda: Numbers((a * b + a).flat)


# --- Forward, sum and backward: the gradient in a --------------------------------------------


def backward_like_torch(torch):
    a, b = (torch.tensor(x, requires_grad=True) for x in operands())

    def step():
        a.grad = b.grad = None
        (a * b + a).sum().backward()
        return a.grad

    return step


def backward_in_numpy(np):
    a, b = operands()

    def step():
        (a * b + a).sum()
        grad = np.ones_like(a)
        a_grad, _b_grad = grad * b + grad, grad * a
        return a_grad

    return step


def backward_in_autograd(autograd):
    a, b = operands()
    gradients = autograd.grad(lambda ab: (ab[0] * ab[1] + ab[0]).sum())
    return lambda: gradients((a, b))[0]


def backward_in_jax(jax):
    a, b = (jax.numpy.asarray(x) for x in operands())
    gradients = jax.jit(jax.grad(lambda a, b: (a * b + a).sum(), argnums=(0, 1)))
    return lambda: gradients(a, b)[0].block_until_ready()


def backward_in_tinygrad(tinygrad):
    a, b = (tinygrad.Tensor(x).realize() for x in operands())

    @tinygrad.TinyJit
    def gradients(a, b):
        return [grad.realize() for grad in (a * b + a).sum().gradient(a, b)]

    def step():
        result = gradients(a, b)[0]
        tinygrad.Device.default.synchronize()
        return result

    return step


def backward_in_micrograd(micrograd):
    a, b = values()

    def step():
        for leaf in (*a.flat, *b.flat):
            leaf.grad = 0
        (a * b + a).sum().backward()
        return np.array([leaf.grad for leaf in a.flat])

    return step


WORKLOADS = [
    Workload(
        "overhead-forward",
        "a\\*b + a, 10×10: forward",
        {
            "tinytorch": forward_like_torch,
            "torch": forward_like_torch,
            "numpy": forward_in_numpy,
            "jax": forward_in_jax,
            "tinygrad": forward_in_tinygrad,
            "micrograd": forward_in_micrograd,
        },
        must=1.0,
        goal=2.0,
    ),
    Workload(
        "overhead-backward",
        "a\\*b + a, 10×10: forward, sum, backward",
        {
            "tinytorch": backward_like_torch,
            "torch": backward_like_torch,
            "numpy": backward_in_numpy,
            "jax": backward_in_jax,
            "autograd": backward_in_autograd,
            "tinygrad": backward_in_tinygrad,
            "micrograd": backward_in_micrograd,
        },
        must=1.5,
        goal=3.0,
    ),
]
