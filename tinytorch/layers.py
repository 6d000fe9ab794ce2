# Generated from nbs/03_layers.ipynb. To change it, edit the notebook and run: tito export 03

__all__ = [
    "IncompatibleKeys", "LinearFunction", "linear", "Parameter", "Module", "layers_in",
    "own_parameters", "own_buffers", "values", "set_attribute", "register_buffer", "join", "walk",
    "once_each", "named_tensors", "set_training", "apply", "zero_grad", "tree_text", "Container",
    "item", "Sequential", "ModuleList", "Flatten", "Identity", "fill", "uniform_", "normal_",
    "constant_", "zeros_", "ones_", "fans", "xavier_std", "calculate_gain", "choose_fan",
    "kaiming_std", "uniform_spread_", "xavier_uniform_", "xavier_normal_", "kaiming_uniform_",
    "kaiming_normal_", "Linear", "check_probability", "dropout", "Dropout", "own_state",
    "state_dict", "load_state",
]

import math
from collections import namedtuple
from textwrap import indent

import numpy as np

from tinytorch.activations import Layer, check_tensor
from tinytorch.tensor import (
    Function,
    Tensor,
    as_array,
    check_floating,
    empty,
    note_write,
    rand,
    randn,
)


class LinearFunction(Function):
    """x Wᵀ + b, for rows of `x` along its last dimension."""

    def forward(self, x, weight, bias=None):
        """x (…, in), weight (out, in), bias (out,) or None → (…, out)."""
        y = x @ weight.T
        if bias is not None:
            y += bias
        return y


def linear(x, weight, bias=None):
    """`x @ weight.T + bias`: x (…, in), weight (out, in), bias (out,) → (…, out).

    Raises RuntimeError, naming both, where sizes or dtypes disagree.
    """
    check_tensor(x, "linear")
    if x.ndim == 0 or weight.ndim != 2 or x.shape[-1] != weight.shape[1]:
        expected = f"expected x (…, in) and weight (out, in), came {x.shape} and {weight.shape}"
        raise RuntimeError(f"linear: {expected}")
    if x.dtype != weight.dtype or (bias is not None and x.dtype != bias.dtype):
        dtypes = ", ".join(str(t.dtype) for t in (x, weight, bias) if t is not None)
        raise RuntimeError(f"linear: expected one dtype, came {dtypes}")
    return LinearFunction.apply(x, weight, bias)


class Parameter(Tensor):
    """A tensor that is learned: a Module finds it by its type. Shares memory with `data`."""

    def __init__(self, data, requires_grad=True):
        self.array = data.array if isinstance(data, Tensor) else as_array(data)
        if requires_grad:
            check_floating(self, "a Parameter that requires grad")
        self.requires_grad = requires_grad

    def __repr__(self):
        return f"Parameter containing:\n{super().__repr__()}"


class Module(Layer):
    """A layer with parameters and layers inside, which it finds among its attributes."""

    buffer_names = ()  # the attributes that are buffers: tensors to be saved, but not learned

    def __setattr__(self, name, value): set_attribute(self, name, value)
    def register_buffer(self, name, tensor): register_buffer(self, name, tensor)

    def named_children(self): yield from once_each(layers_in(self))
    def named_modules(self): yield from once_each(walk(self))
    def named_parameters(self): yield from once_each(named_tensors(self, own_parameters))
    def named_buffers(self): yield from once_each(named_tensors(self, own_buffers))
    def children(self): return values(self.named_children())
    def modules(self): return values(self.named_modules())
    def parameters(self): return values(self.named_parameters())
    def buffers(self): return values(self.named_buffers())

    def train(self, mode=True): return set_training(self, mode)
    def eval(self): return self.train(False)
    def apply(self, fn): return apply(self, fn)
    def zero_grad(self): zero_grad(self)
    def state_dict(self): return state_dict(self)
    def load_state_dict(self, state_dict, strict=True): return load_state(self, state_dict, strict)
    def __repr__(self): return tree_text(self)


def layers_in(layer):
    """The (name, layer) pairs of the layers that are attributes of `layer`."""
    return [(name, value) for name, value in vars(layer).items() if isinstance(value, Layer)]


def own_parameters(layer):
    """The (name, parameter) pairs of the parameters that are attributes of `layer`."""
    return [(name, value) for name, value in vars(layer).items() if isinstance(value, Parameter)]


def own_buffers(layer):
    """The (name, tensor) pairs of what was registered with `register_buffer`."""
    return [(name, getattr(layer, name)) for name in vars(layer).get("buffer_names", ())]


def values(pairs):
    """The second of each pair, one by one."""
    return (value for _, value in pairs)


def set_attribute(module, name, value):
    """`module.name = value`; TypeError where a parameter would be lost by it."""
    if isinstance(vars(module).get(name), Parameter) and not isinstance(value, Parameter | None):
        what = f"{type(module).__name__}.{name} is a Parameter"
        raise TypeError(f"{what}: expected a Parameter or None, came a {type(value).__name__}")
    object.__setattr__(module, name, value)


def register_buffer(module, name, tensor):
    """Make `tensor` an attribute that is saved with the parameters, but not learned."""
    module.buffer_names = (*module.buffer_names, name)
    setattr(module, name, tensor)


def join(prefix, name):
    """A dotted name: "0" and "weight" → "0.weight"; "" and "weight" → "weight"."""
    return f"{prefix}.{name}" if prefix else name


def walk(layer, prefix=""):
    """The (name, layer) pairs of `layer` and all within it: parents first, repeats included."""
    pairs = [(prefix, layer)]
    for name, child in layers_in(layer):
        pairs += walk(child, join(prefix, name))
    return pairs


def once_each(pairs):
    """The (name, object) pairs without those whose very object has come before."""
    met, kept = set(), []
    for name, thing in pairs:
        if id(thing) not in met:
            met.add(id(thing))
            kept.append((name, thing))
    return kept


def named_tensors(module, tensors_of):
    """The (name, tensor) pairs of what `tensors_of` finds in `module` and all layers within it."""
    return [
        (join(prefix, name), tensor)
        for prefix, layer in walk(module)
        for name, tensor in tensors_of(layer)
    ]


def set_training(module, mode):
    """Set `training` to `mode` (a bool) in `module` and all layers within it → `module`."""
    if not isinstance(mode, bool):
        raise ValueError(f"train: expected True or False, came {mode!r}")
    for _, layer in walk(module):
        layer.training = mode
    return module


def apply(layer, fn):
    """Call `fn` on all layers within `layer`, children first, then on itself → `layer`."""
    for child in values(once_each(layers_in(layer))):
        apply(child, fn)
    fn(layer)
    return layer


def zero_grad(module):
    """Forget the gradients of all parameters."""
    for parameter in module.parameters():
        parameter.grad = None


def tree_text(layer):
    """`layer` and what is within it, as torch prints it: ReLU() → "ReLU()"."""
    title, extra = type(layer).__name__, layer.extra_repr()
    lines = [f"({name}): {child!r}" for name, child in layers_in(layer)]
    if not lines:
        return f"{title}({extra})"
    if extra:
        lines.insert(0, extra)
    return f"{title}(\n" + indent("\n".join(lines), "  ") + "\n)"


class Container(Module):
    """Layers in a row, kept as attributes "0", "1", "2", …"""

    def append(self, layer):
        """Put `layer` at the end; TypeError if it is no layer."""
        if not isinstance(layer, Layer):
            raise TypeError(f"expected a layer, such as ReLU(), came {layer!r}")
        setattr(self, str(len(self)), layer)
        return self

    def extend(self, layers):
        """Put each of `layers` at the end."""
        for layer in layers:
            self.append(layer)
        return self

    def __len__(self): return len(layers_in(self))
    def __iter__(self): return values(layers_in(self))


def item(row, index):
    """The layer at `index` of a Container; for a slice, a Container of the same class."""
    layers = list(row)
    if isinstance(index, slice):
        return type(row)().extend(layers[index])
    if not -len(layers) <= index < len(layers):
        raise IndexError(f"expected an index into {len(layers)} layers, came {index}")
    return layers[index]


class Sequential(Container):
    """Layers one after the other: each gets what the one before gave."""

    def __init__(self, *layers):
        super().__init__()
        self.extend(layers)

    def __getitem__(self, index):
        return item(self, index)

    def forward(self, x):
        """Sequential(Sigmoid(), ReLU())(x) → ReLU()(Sigmoid()(x)). Any shape its layers take."""
        for layer in self:
            x = layer(x)
        return x


class ModuleList(Container):
    """A list of layers that is looked into. It has no forward: its owner decides what happens."""

    def __init__(self, modules=()):
        super().__init__()
        self.extend(modules)

    def __getitem__(self, index):
        return item(self, index)


class Flatten(Module):
    """Merges the dims `start_dim` to `end_dim`: (64, 28, 28) → (64, 784)."""

    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x): return x.flatten(self.start_dim, self.end_dim)
    def extra_repr(self): return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Identity(Module):
    """Gives back what it gets. Takes any arguments, so that it can stand in for any layer."""

    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, x): return x


def fill(tensor, numbers):
    """Write `numbers`, an array or a number, into the memory of `tensor`; nothing is recorded."""
    tensor.array[...] = numbers
    note_write(tensor)
    return tensor


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """Fill with uniform random numbers from `a` to `b`."""
    return fill(tensor, rand(*tensor.shape, generator=generator).array * (b - a) + a)


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """Fill with normal random numbers."""
    return fill(tensor, randn(*tensor.shape, generator=generator).array * std + mean)


def constant_(tensor, val):
    """Fill with the number `val`."""
    return fill(tensor, val)


def zeros_(tensor):
    """Fill with zeros."""
    return fill(tensor, 0)


def ones_(tensor):
    """Fill with ones."""
    return fill(tensor, 1)


def fans(shape):
    """(fan_in, fan_out) of a weight of this shape: (2, 3) → (3, 2); (8, 3, 5, 5) → (75, 200)."""
    if len(shape) < 2:
        raise ValueError(f"fan-in and fan-out need 2 dims or more, came shape {tuple(shape)}")
    receptive_field = math.prod(shape[2:])
    return shape[1] * receptive_field, shape[0] * receptive_field


def xavier_std(tensor, gain=1.0):
    """Xavier's standard deviation for the numbers in `tensor`: shape (2, 6) → 0.5."""
    fan_in, fan_out = fans(tensor.shape)
    return gain * math.sqrt(2 / (fan_in + fan_out))


def calculate_gain(nonlinearity, param=None):
    """What makes up for an activation: "linear" → 1, "relu" → √2; `param`: leaky ReLU's slope."""
    slope = 0.01 if param is None else param
    gains = {
        **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d", "sigmoid"), 1.0),
        "tanh": 5 / 3,
        "relu": math.sqrt(2),
        "leaky_relu": math.sqrt(2 / (1 + slope * slope)),
        "selu": 3 / 4,
    }
    if nonlinearity not in gains:
        raise ValueError(f"expected one of {', '.join(gains)}, came {nonlinearity!r}")
    return gains[nonlinearity]


def choose_fan(tensor, mode):
    """The fan of `tensor` that `mode` names: "fan_in" or "fan_out"."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"expected mode 'fan_in' or 'fan_out', came {mode!r}")
    return fans(tensor.shape)[mode == "fan_out"]


def kaiming_std(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    """Kaiming's standard deviation for the numbers in `tensor`: shape (3, 8) → 0.5."""
    return calculate_gain(nonlinearity, a) / math.sqrt(choose_fan(tensor, mode))


def uniform_spread_(tensor, std, generator=None):
    """Fill with uniform numbers around 0 of this standard deviation: std 1 → from −√3 to √3."""
    bound = math.sqrt(3) * std
    return uniform_(tensor, -bound, bound, generator)


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """Fill with uniform numbers by Xavier's rule (Glorot & Bengio 2010)."""
    return uniform_spread_(tensor, xavier_std(tensor, gain), generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """Fill with normal numbers by Xavier's rule (Glorot & Bengio 2010)."""
    return normal_(tensor, 0.0, xavier_std(tensor, gain), generator)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Fill with uniform numbers by Kaiming's rule (He et al. 2015)."""
    return uniform_spread_(tensor, kaiming_std(tensor, a, mode, nonlinearity), generator)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Fill with normal numbers by Kaiming's rule (He et al. 2015)."""
    return normal_(tensor, 0.0, kaiming_std(tensor, a, mode, nonlinearity), generator)


class Linear(Module):
    """x Wᵀ + b with a learned weight (out_features, in_features) and bias (out_features,)."""

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(empty(out_features, in_features))
        self.bias = Parameter(empty(out_features)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        """Fill weight and bias, in place, with their first numbers: all within ±1/√in_features."""
        kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features)
            uniform_(self.bias, -bound, bound)

    def forward(self, x): return linear(x, self.weight, self.bias)

    def extra_repr(self):
        """Its settings, as torch prints them."""
        sizes = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.bias is not None}"


def check_probability(p, what):
    """Raise ValueError unless `p` lies between 0 and 1."""
    if not 0 <= p <= 1:
        raise ValueError(f"{what}: expected a probability from 0 to 1, came {p}")


def dropout(x, p=0.5, training=True):
    """`x` with each element set to zero with probability `p`, and the others divided by 1 − `p`.

    [2, 4, 6, 8], p=0.5 → perhaps [4, 0, 0, 16]. Any shape. Without `training`: `x` itself.
    """
    check_probability(p, "dropout")
    if not training or p == 0:
        return x
    if p == 1:
        return x * 0
    keep = rand(*x.shape) >= p
    return x * (keep.to(x.dtype) / (1 - p))


class Dropout(Module):
    """`dropout` while `training`; nothing after `eval()`."""

    def __init__(self, p=0.5):
        super().__init__()
        check_probability(p, "Dropout")
        self.p = p

    def forward(self, x): return dropout(x, self.p, self.training)
    def extra_repr(self): return f"p={self.p}"


IncompatibleKeys = namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])


def own_state(layer):
    """What `state_dict` saves of `layer` itself: parameters, then buffers."""
    return own_parameters(layer) + own_buffers(layer)


def state_dict(module):
    """{name: tensor} of all parameters and buffers, on the same memory as the module's."""
    return {name: tensor.detach() for name, tensor in named_tensors(module, own_state)}


def load_state(module, state, strict=True):
    """Copy `state`, {name: tensor or array}, into `module` in place → (missing, unexpected) names.

    Tiny's own state_dict() → ([], []). Raises RuntimeError, before anything is written, where
    shapes differ or, if `strict`, where names are missing or unexpected.
    """
    own = dict(named_tensors(module, own_state))
    missing = [name for name in own if name not in state]
    unexpected = [name for name in state if name not in own]
    common = [name for name in own if name in state]
    misfits = [
        f"{name}: expected shape {own[name].shape}, came {np.shape(state[name])}"
        for name in common if own[name].shape != np.shape(state[name])
    ]
    if misfits or (strict and (missing or unexpected)):
        trouble = f"missing {missing}, unexpected {unexpected}, misfits {misfits}"
        raise RuntimeError(f"load_state_dict: {trouble}")
    for name in common:
        fill(own[name], np.asarray(state[name]))
    return IncompatibleKeys(missing, unexpected)
