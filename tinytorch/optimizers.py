# Generated from nbs/06_optimizers.ipynb. To change it, edit the notebook and run: tito export 06

__all__ = [
    "Optimizer", "as_groups", "all_params", "check_params", "add_group", "borrow", "decayed",
    "update_one", "step", "zero_grad", "state_dict", "check_fit", "own_copy", "load_state",
    "describe", "check_options", "average_", "momentum_", "SGD", "Adam", "AdamW", "RMSprop",
    "spread_",
]

import math
from collections import defaultdict

import numpy as np

from tinytorch.layers import zeros_
from tinytorch.tensor import Tensor, note_write, zeros_like


class Optimizer:
    """Groups of parameters, what is remembered of each parameter, and the loop around a rule."""

    def __init__(self, params, defaults):
        self.defaults, self.param_groups = defaults, []
        self.state, self.memory = defaultdict(dict), {}
        for group in as_groups(params):
            self.add_param_group(group)

    def add_param_group(self, param_group): add_group(self, param_group)
    def zero_grad(self, set_to_none=True): zero_grad(self, set_to_none)
    def step(self): step(self)
    def state_dict(self): return state_dict(self)
    def load_state_dict(self, state_dict): load_state(self, state_dict)
    def begin(self, p, group): return {}
    def decay(self, weights, grad, group): return decayed(weights, grad, group, self.memory)
    def __repr__(self): return describe(self)

    def update(self, weights, grad, state, group, scratch):
        """Change the array `weights` in place; `scratch`, of its shape, is there to be used."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to update")


def as_groups(params):
    """`params`, parameters or groups of them (dictionaries), as a list of groups."""
    if isinstance(params, Tensor):
        raise TypeError("expected several parameters, came one tensor: put it in a list")
    params = list(params)
    if not params:
        raise ValueError("expected parameters, came none: are the layers hidden in a plain list?")
    return params if isinstance(params[0], dict) else [{"params": params}]


def all_params(optimizer):
    """The parameters of all groups, in order."""
    return [p for group in optimizer.param_groups for p in group["params"]]


def check_params(optimizer, params):
    """Raise TypeError or ValueError unless `params` are leaves that no group has yet."""
    known = {id(p) for p in all_params(optimizer)}
    for p in params:
        if not isinstance(p, Tensor):
            raise TypeError(f"expected parameters, tensors, came a {type(p).__name__}")
        if p.grad_fn is not None:
            made_by = type(p.grad_fn).__name__
            raise ValueError(f"expected a leaf to learn, came a result of {made_by}: use detach()")
        if id(p) in known:
            raise ValueError(f"expected each parameter once, came one of shape {p.shape} twice")
        known.add(id(p))


def add_group(optimizer, group):
    """Add `group`, {"params": …, option: …}, filled up by the defaults: 2 groups → 3 groups."""
    if not isinstance(group, dict):
        raise TypeError(f"add_param_group: expected a dictionary, came a {type(group).__name__}")
    if isinstance(group["params"], set):
        raise TypeError("expected parameters in an order, came a set: use a list")
    params = group["params"]
    params = [params] if isinstance(params, Tensor) else list(params)
    check_params(optimizer, params)
    optimizer.param_groups.append({**optimizer.defaults, **group, "params": params})


def borrow(memory, name, like):
    """An array shaped as `like`, for intermediate results; `memory` keeps its bytes for later."""
    key = name, like.dtype
    if key not in memory or memory[key].size < like.size:
        memory[key] = np.empty(like.size, like.dtype)
    return memory[key][: like.size].reshape(like.shape)


def decayed(weights, grad, group, memory):
    """grad + weight_decay · weights, in borrowed memory; `grad` itself where nothing decays."""
    weight_decay = group.get("weight_decay", 0)
    if weight_decay == 0:
        return grad
    result = borrow(memory, "decayed", weights)
    np.multiply(weights, weight_decay, out=result)
    result += grad
    return result


def update_one(optimizer, p, group):
    """One step of one parameter that has a gradient."""
    if p.grad.shape != p.shape:
        raise RuntimeError(f"step: expected a gradient {p.shape}, came {p.grad.shape}")
    state = optimizer.state[p]
    if not state:
        state.update(optimizer.begin(p, group))
    grad = optimizer.decay(p.array, p.grad.array, group)
    scratch = borrow(optimizer.memory, "scratch", p.array)
    optimizer.update(p.array, grad, state, group, scratch)
    note_write(p)


def step(optimizer):
    """Update every parameter that has a gradient: 3 parameters, one `grad` None → 2 updates."""
    for group in optimizer.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                update_one(optimizer, p, group)


def zero_grad(optimizer, set_to_none=True):
    """Forget all gradients: [6] → None, or → [0] where `set_to_none` is False. Any shapes."""
    for p in all_params(optimizer):
        if set_to_none:
            p.grad = None
        elif p.grad is not None:
            zeros_(p.grad)


def state_dict(optimizer):
    """Options and memories, parameters as numbers → {"state": {0: …}, "param_groups": […]}."""
    number = {p: i for i, p in enumerate(all_params(optimizer))}
    groups = [
        {**group, "params": [number[p] for p in group["params"]]}
        for group in optimizer.param_groups
    ]
    state = {number[p]: state for p, state in optimizer.state.items() if state}
    return {"state": state, "param_groups": groups}


def check_fit(optimizer, saved):
    """Raise ValueError unless `saved` has this optimizer's groups, with all their options."""
    own = [len(group["params"]) for group in optimizer.param_groups]
    came = [len(group["params"]) for group in saved["param_groups"]]
    if own != came:
        raise ValueError(f"load_state_dict: expected groups of {own} parameters, came {came}")
    for group in saved["param_groups"]:
        if missing := sorted(set(optimizer.defaults) - set(group)):
            raise ValueError(f"load_state_dict: no {missing}: is it another optimizer's state?")


def own_copy(name, value, p):
    """A copy of what a state holds under `name`, for the parameter `p`; or ValueError."""
    if name == "step":
        return int(value)
    if not isinstance(value, Tensor | np.ndarray):
        return value
    if value.shape != p.shape:
        shapes = f"expected {name} of shape {p.shape}, came {value.shape}"
        raise ValueError(f"load_state_dict: {shapes}")
    return Tensor(value, p.dtype)


def load_state(optimizer, saved):
    """Take over what `state_dict` returned: lr 0.5 saved → lr 0.5 here. ValueError if it misfits.

    Everything is compared before anything changes; moments (of any shape) are copied.
    """
    check_fit(optimizer, saved)
    numbers = [i for group in saved["param_groups"] for i in group["params"]]
    new = {
        p: {name: own_copy(name, value, p) for name, value in saved["state"][i].items()}
        for i, p in zip(numbers, all_params(optimizer)) if i in saved["state"]
    }
    optimizer.state = defaultdict(dict, new)
    for group, saved_group in zip(optimizer.param_groups, saved["param_groups"]):
        group.update({**saved_group, "params": group["params"]})


def describe(optimizer):
    """The optimizer's groups and their options, as torch prints them."""
    lines = [f"{type(optimizer).__name__} ("]
    for i, group in enumerate(optimizer.param_groups):
        lines.append(f"Parameter Group {i}")
        lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
    return "\n".join([*lines, ")"])


def check_options(betas=(), **options):
    """Raise ValueError unless all options are at least 0, and the betas below 1 as well."""
    for name, value in options.items():
        if not value >= 0:
            raise ValueError(f"expected {name} ≥ 0, came {value}")
    for beta in betas:
        if not 0 <= beta < 1:
            raise ValueError(f"expected betas from 0 up to, not including, 1, came {betas}")


def average_(average, value, keep, scratch):
    """average ← keep · average + (1 − keep) · value, in place. Arrays of one shape.

    [1, 2] and [3, 6], keep 0.75 → [1.5, 3]. `value` may be `scratch`, which is overwritten.
    """
    np.multiply(value, 1 - keep, out=scratch)
    average *= keep
    average += scratch


def momentum_(grad, state, group, scratch):
    """The direction of SGD with momentum, as an array like `grad`: [6], then [4.8] → [10.2].

    Keeps the buffer in `state` and changes it in place; `scratch` is overwritten.
    """
    momentum, dampening, nesterov = group["momentum"], group["dampening"], group["nesterov"]
    if state.get("momentum_buffer") is None:
        state["momentum_buffer"] = Tensor(grad)
        buffer = state["momentum_buffer"].array
    else:
        buffer = state["momentum_buffer"].array
        buffer *= momentum
        np.multiply(grad, 1 - dampening, out=scratch)
        buffer += scratch
    if not nesterov:
        return buffer
    np.multiply(buffer, momentum, out=scratch)
    scratch += grad
    return scratch


class SGD(Optimizer):
    """Gradient descent; with momentum (Polyak 1964), Nesterov's (1983), dampening, weight decay."""

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        check_options(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            came = f"momentum {momentum}, dampening {dampening}"
            raise ValueError(f"nesterov: expected momentum > 0 and dampening 0, came {came}")
        options = dict(lr=lr, momentum=momentum, dampening=dampening)
        super().__init__(params, {**options, "weight_decay": weight_decay, "nesterov": nesterov})

    def update(self, weights, grad, state, group, scratch):
        """weights ← weights − lr · direction."""
        direction = momentum_(grad, state, group, scratch) if group["momentum"] else grad
        np.multiply(direction, group["lr"], out=scratch)
        weights -= scratch


class Adam(Optimizer):
    """A mean of the gradients over the root of the mean of their squares (Kingma & Ba 2015)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        check_options(betas, lr=lr, eps=eps, weight_decay=weight_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    def begin(self, p, group):
        return {"step": 0, "exp_avg": zeros_like(p), "exp_avg_sq": zeros_like(p)}

    def update(self, weights, grad, state, group, scratch):
        """weights ← weights − lr · direction, arrays of any shape: 3 with gradient 6 → 2.9."""
        m, v = state["exp_avg"].array, state["exp_avg_sq"].array
        (beta1, beta2), lr, eps = group["betas"], group["lr"], group["eps"]
        state["step"] += 1
        average_(m, grad, beta1, scratch)
        np.multiply(grad, grad, out=scratch)
        average_(v, scratch, beta2, scratch)
        correction1 = 1 - beta1 ** state["step"]
        correction2 = math.sqrt(1 - beta2 ** state["step"])
        np.sqrt(v, out=scratch)
        scratch += eps * correction2
        np.divide(m, scratch, out=scratch)
        scratch *= lr * correction2 / correction1
        weights -= scratch


class AdamW(Adam):
    """Adam, in which weights decay by themselves (Loshchilov & Hutter 2019)."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, weight_decay)

    def decay(self, weights, grad, group):
        """Shrink `weights`, any shape, in place → `grad`: 2, lr 0.5, weight_decay 0.1 → 1.9."""
        weights *= 1 - group["lr"] * group["weight_decay"]
        return grad


class RMSprop(Optimizer):
    """The gradient over the root of the mean of its squares (Tieleman & Hinton 2012)."""

    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False
    ):
        check_options(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)
        options = dict(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay)
        super().__init__(params, {**options, "momentum": momentum, "centered": centered})

    def begin(self, p, group):
        """No steps, and zeros for the means that the options ask for."""
        means = ["square_avg"] + ["momentum_buffer"] * (group["momentum"] > 0)
        means += ["grad_avg"] * group["centered"]
        return {"step": 0, **{name: zeros_like(p) for name in means}}

    def update(self, weights, grad, state, group, scratch):
        """weights ← weights − lr · direction."""
        state["step"] += 1
        spread_(grad, state, group, scratch)
        np.divide(grad, scratch, out=scratch)
        if group["momentum"] > 0:
            buffer = state["momentum_buffer"].array
            buffer *= group["momentum"]
            buffer += scratch
            scratch[...] = buffer
        scratch *= group["lr"]
        weights -= scratch


def spread_(grad, state, group, scratch):
    """Move RMSprop's means; `scratch` ← the root of the mean square, or the deviation, plus eps."""
    square_avg = state["square_avg"].array
    np.square(grad, out=scratch)
    average_(square_avg, scratch, group["alpha"], scratch)
    scratch[...] = square_avg
    if group["centered"]:
        grad_avg = state["grad_avg"].array
        average_(grad_avg, grad, group["alpha"], scratch)
        np.square(grad_avg, out=scratch)
        np.subtract(square_avg, scratch, out=scratch)
    np.sqrt(scratch, out=scratch)
    scratch += group["eps"]
