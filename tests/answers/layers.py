"""Answers to the blanks of 03_layers."""

from tests.answers import Answers

ANSWERS = {
    "linear": Answers(
        wrong=[
            # the weight as it stands
            """
            y = x @ weight
            return y if bias is None else y + bias
            """,
            # forgets the bias
            "return x @ weight.T",
            # takes a bias for granted
            "return x @ weight.T + bias",
            # subtracts
            """
            y = x @ weight.T
            return y if bias is None else y - bias
            """,
            # turns everything into float64
            """
            y = x.astype(np.float64) @ weight.T
            return y if bias is None else y + bias
            """,
            # changes the caller's bias
            """
            y = x @ weight.T
            if bias is not None:
                bias *= 2
                y += bias / 2
            return y
            """,
            # only rows of a table
            """
            y = np.array([weight @ row for row in x])
            return y if bias is None else y + bias
            """,
        ],
        right=[
            "return np.inner(x, weight) + (0 if bias is None else bias)",
            """
            y = np.einsum("...i,oi->...o", x, weight)
            if bias is None:
                return y
            return np.add(y, bias)
            """,
        ],
    ),
    "walk": Answers(
        wrong=[
            # only the children
            """
            pairs = [(prefix, layer)]
            for name, child in layers_in(layer):
                pairs.append((join(prefix, name), child))
            return pairs
            """,
            # forgets the layer itself
            """
            pairs = []
            for name, child in layers_in(layer):
                pairs.append((join(prefix, name), child))
                pairs += walk(child, join(prefix, name))
            return pairs
            """,
            # loses the path
            """
            pairs = [(prefix, layer)]
            for name, child in layers_in(layer):
                pairs += walk(child, name)
            return pairs
            """,
            # children before their parents
            """
            pairs = []
            for name, child in layers_in(layer):
                pairs += walk(child, join(prefix, name))
            return pairs + [(prefix, layer)]
            """,
            # level by level
            """
            pairs = [(prefix, layer)]
            for path, parent in pairs:
                for name, child in layers_in(parent):
                    pairs.append((join(path, name), child))
            return pairs
            """,
            # a dot in front of every name
            """
            pairs = [(prefix, layer)]
            for name, child in layers_in(layer):
                pairs += walk(child, prefix + "." + name)
            return pairs
            """,
        ],
        right=[
            """
            yield prefix, layer
            for name, child in layers_in(layer):
                yield from walk(child, join(prefix, name))
            """,
            """
            found, waiting = [], [(prefix, layer)]
            while waiting:
                path, current = waiting.pop()
                found.append((path, current))
                children = [(join(path, name), child) for name, child in layers_in(current)]
                waiting.extend(reversed(children))
            return found
            """,
        ],
    ),
    "once-each": Answers(
        wrong=[
            # keeps all
            "return list(pairs)",
            # one for each name
            "return list(dict(pairs).items())",
            # keeps the last of each
            "return list({id(pair[1]): pair for pair in pairs}.values())",
            # compares tensors by their numbers
            """
            kept = []
            for name, thing in pairs:
                if not any(np.array_equal(thing, other) for _, other in kept):
                    kept.append((name, thing))
            return kept
            """,
            # compares tensors with ==
            """
            kept = []
            for name, thing in pairs:
                if thing not in [other for _, other in kept]:
                    kept.append((name, thing))
            return kept
            """,
            # forgets the names
            "return list({id(thing): thing for _, thing in pairs}.values())",
        ],
        right=[
            """
            first = {}
            for pair in pairs:
                first.setdefault(id(pair[1]), pair)
            return list(first.values())
            """,
            """
            kept = []
            for name, thing in pairs:
                if not any(thing is other for _, other in kept):
                    kept.append((name, thing))
                    yield name, thing
            """,
        ],
    ),
    "named-tensors": Answers(
        wrong=[
            # only the module's own
            "return list(tensors_of(module))",
            # without the path
            "return [pair for _, layer in walk(module) for pair in tensors_of(layer)]",
            # the path alone
            "return [(path, t) for path, layer in walk(module) for _, t in tensors_of(layer)]",
            # a dot in front of the module's own
            "return [(f'{a}.{b}', t) for a, layer in walk(module) for b, t in tensors_of(layer)]",
            # always parameters
            "return [(join(a, b), t) for a, one in walk(module) for b, t in own_parameters(one)]",
            # the children's children are lost
            """
            pairs = list(tensors_of(module))
            for name, child in layers_in(module):
                pairs += [(join(name, own), tensor) for own, tensor in tensors_of(child)]
            return pairs
            """,
            # shared ones under one name only
            """
            pairs = []
            for path, layer in walk(module):
                for own, tensor in tensors_of(layer):
                    if all(tensor is not other for _, other in pairs):
                        pairs.append((join(path, own), tensor))
            return pairs
            """,
        ],
        right=[
            """
            for path, layer in walk(module):
                for own, tensor in tensors_of(layer):
                    yield join(path, own), tensor
            """,
            """
            pairs = list(tensors_of(module))
            for name, child in layers_in(module):
                pairs += [(join(name, own), t) for own, t in named_tensors(child, tensors_of)]
            return pairs
            """,
        ],
    ),
    "set-training": Answers(
        wrong=[
            # the module alone
            """
            module.training = mode
            return module
            """,
            # forgets to return
            """
            for _, layer in walk(module):
                layer.training = mode
            """,
            # always in train mode
            """
            for _, layer in walk(module):
                layer.training = True
            return module
            """,
            # only the children
            """
            module.training = mode
            for _, layer in layers_in(module):
                layer.training = mode
            return module
            """,
            # for all layers there are
            """
            Layer.training = mode
            return module
            """,
            # not the module itself
            """
            for name, layer in walk(module):
                if name:
                    layer.training = mode
            return module
            """,
        ],
        right=[
            """
            module.training = mode
            for _, child in layers_in(module):
                set_training(child, mode)
            return module
            """,
        ],
    ),
    "tree-text": Answers(
        wrong=[
            # nothing of what is inside
            "return f'{title}({extra})'",
            # indents the first line of each child only
            """
            lines = [f"  ({name}): {child!r}" for name, child in layers_in(layer)]
            if extra:
                lines.insert(0, "  " + extra)
            return title + "(\\n" + "\\n".join(lines) + "\\n)" if lines else f"{title}()"
            """,
            # loses extra_repr where there are children
            """
            lines = [f"({name}): {child!r}" for name, child in layers_in(layer)]
            if not lines:
                return f"{title}({extra})"
            return f"{title}(\\n" + indent("\\n".join(lines), "  ") + "\\n)"
            """,
            # no names
            """
            lines = [repr(child) for name, child in layers_in(layer)]
            if not lines:
                return f"{title}({extra})"
            lines = ([extra] if extra else []) + lines
            return f"{title}(\\n" + indent("\\n".join(lines), "  ") + "\\n)"
            """,
            # four spaces
            """
            lines = [f"({name}): {child!r}" for name, child in layers_in(layer)]
            if not lines:
                return f"{title}({extra})"
            lines = ([extra] if extra else []) + lines
            return f"{title}(\\n" + indent("\\n".join(lines), "    ") + "\\n)"
            """,
            # an empty line where extra_repr says nothing
            """
            lines = [f"({name}): {child!r}" for name, child in layers_in(layer)]
            if not lines:
                return f"{title}({extra})"
            return f"{title}(\\n" + indent("\\n".join([extra] + lines), "  ") + "\\n)"
            """,
        ],
        right=[
            """
            inside = extra + "\\n" if extra else ""
            for name, child in layers_in(layer):
                inside += f"({name}): {child}\\n"
            if not layers_in(layer):
                return title + "(" + extra + ")"
            return title + "(\\n  " + inside.rstrip().replace("\\n", "\\n  ") + "\\n)"
            """,
        ],
    ),
    "sequential": Answers(
        wrong=[
            # every layer gets the input
            """
            for layer in self:
                y = layer(x)
            return y
            """,
            # backwards
            """
            for layer in reversed(list(self)):
                x = layer(x)
            return x
            """,
            # the first layer only
            """
            for layer in self:
                x = layer(x)
                return x
            """,
            # each layer once, even if it comes again
            """
            for layer in self.children():
                x = layer(x)
            return x
            """,
            # forgets the last layer
            """
            for layer in list(self)[:-1]:
                x = layer(x)
            return x
            """,
            # returns nothing
            """
            for layer in self:
                x = layer(x)
            """,
        ],
        right=[
            """
            from functools import reduce
            return reduce(lambda value, layer: layer(value), self, x)
            """,
            """
            for i in range(len(self)):
                x = self[i].forward(x)
            return x
            """,
        ],
    ),
    "fans": Answers(
        wrong=[
            # turned round
            "return shape[0] * math.prod(shape[2:]), shape[1] * math.prod(shape[2:])",
            # without the window
            "return shape[1], shape[0]",
            # the window for the fan-in only
            "return math.prod(shape[1:]), shape[0]",
            # a window of two dimensions, both as the third size
            """
            window = shape[2] * shape[2] if len(shape) > 2 else 1
            return shape[1] * window, shape[0] * window
            """,
            # adds up the window
            """
            window = sum(shape[2:]) or 1
            return shape[1] * window, shape[0] * window
            """,
            # counts all
            "return math.prod(shape), math.prod(shape)",
        ],
        right=[
            "return math.prod(shape[1:]), math.prod(shape) // shape[1]",
            """
            out, fan_in, *window = shape
            fan_out = out
            for size in window:
                fan_in, fan_out = fan_in * size, fan_out * size
            return fan_in, fan_out
            """,
        ],
    ),
    "xavier-std": Answers(
        wrong=[
            # no root
            "return gain * 2 / sum(fans(tensor.shape))",
            # the gain under the root
            "return math.sqrt(gain * 2 / sum(fans(tensor.shape)))",
            # no gain
            "return math.sqrt(2 / sum(fans(tensor.shape)))",
            # one for two
            "return gain * math.sqrt(1 / sum(fans(tensor.shape)))",
            # the fan-in alone
            "return gain * math.sqrt(1 / fans(tensor.shape)[0])",
            # the bound of the uniform numbers
            "return gain * math.sqrt(6 / sum(fans(tensor.shape)))",
            # the sizes in place of the fans
            "return gain * math.sqrt(2 / (tensor.shape[0] + tensor.shape[1]))",
        ],
        right=[
            "return gain * np.sqrt(2.0 / np.add(*fans(tensor.shape))).item()",
            "return gain / (sum(fans(tensor.shape)) / 2) ** 0.5",
        ],
    ),
    "kaiming-std": Answers(
        wrong=[
            # no root
            "return calculate_gain(nonlinearity, a) / choose_fan(tensor, mode)",
            # all under the root
            "return math.sqrt(calculate_gain(nonlinearity, a) / choose_fan(tensor, mode))",
            # the mode forgotten
            "return calculate_gain(nonlinearity, a) / math.sqrt(fans(tensor.shape)[0])",
            # the slope forgotten
            "return calculate_gain(nonlinearity) / math.sqrt(choose_fan(tensor, mode))",
            # ReLU always
            "return math.sqrt(2 / choose_fan(tensor, mode))",
            # the bound of the uniform numbers
            "return calculate_gain(nonlinearity, a) * math.sqrt(3 / choose_fan(tensor, mode))",
            # the slope as the gain
            "return a / math.sqrt(choose_fan(tensor, mode))",
        ],
        right=[
            "return math.sqrt(calculate_gain(nonlinearity, a) ** 2 / choose_fan(tensor, mode))",
            """
            fan = np.float64(choose_fan(tensor, mode))
            return float(calculate_gain(nonlinearity, a) * fan**-0.5)
            """,
        ],
    ),
    "uniform-spread": Answers(
        wrong=[
            # the deviation as the bound
            "return uniform_(tensor, -std, std, generator)",
            # from zero
            "return uniform_(tensor, 0, math.sqrt(12) * std, generator)",
            # divided by the root
            "return uniform_(tensor, -std / math.sqrt(3), std / math.sqrt(3), generator)",
            # normal numbers
            "return normal_(tensor, 0.0, std, generator)",
            # without the generator
            "return uniform_(tensor, -math.sqrt(3) * std, math.sqrt(3) * std)",
            # forgets to return
            "uniform_(tensor, -math.sqrt(3) * std, math.sqrt(3) * std, generator)",
            # another tensor
            "return uniform_(empty(*tensor.shape), -(3**0.5) * std, 3**0.5 * std, generator)",
        ],
        right=[
            """
            b = math.sqrt(12) / 2 * std
            numbers = rand(*tensor.shape, generator=generator) * (2 * b) - b
            return fill(tensor, numbers.array)
            """,
            """
            uniform_(tensor, generator=generator)
            return fill(tensor, (1 - 2 * tensor.array) * (3**0.5 * std))
            """,
        ],
    ),
    "linear-layer": Answers(
        wrong=[
            # Kaiming's own bound
            """
            kaiming_uniform_(self.weight)
            bound = 1 / math.sqrt(self.in_features)
            if self.bias is not None:
                uniform_(self.bias, -bound, bound)
            """,
            # a bias of zeros
            """
            kaiming_uniform_(self.weight, a=math.sqrt(5))
            if self.bias is not None:
                zeros_(self.bias)
            """,
            # takes a bias for granted
            """
            kaiming_uniform_(self.weight, a=math.sqrt(5))
            uniform_(self.bias, -1 / math.sqrt(self.in_features), 1 / math.sqrt(self.in_features))
            """,
            # the fan-out
            """
            bound = 1 / math.sqrt(self.out_features)
            uniform_(self.weight, -bound, bound)
            if self.bias is not None:
                uniform_(self.bias, -bound, bound)
            """,
            # no root
            """
            kaiming_uniform_(self.weight, a=math.sqrt(5))
            if self.bias is not None:
                uniform_(self.bias, -1 / self.in_features, 1 / self.in_features)
            """,
            # new objects
            """
            shape = (self.out_features, self.in_features)
            self.weight = Parameter(kaiming_uniform_(empty(*shape), a=math.sqrt(5)))
            bound = 1 / math.sqrt(self.in_features)
            if self.bias is not None:
                self.bias = Parameter(uniform_(empty(self.out_features), -bound, bound))
            """,
            # a bias above zero
            """
            kaiming_uniform_(self.weight, a=math.sqrt(5))
            if self.bias is not None:
                uniform_(self.bias, 0, 1 / math.sqrt(self.in_features))
            """,
            # normal numbers
            """
            bound = 1 / math.sqrt(self.in_features)
            normal_(self.weight, 0, bound)
            if self.bias is not None:
                uniform_(self.bias, -bound, bound)
            """,
        ],
        right=[
            """
            bound = self.in_features**-0.5
            for parameter in self.parameters():
                uniform_(parameter, -bound, bound)
            """,
            """
            if self.bias is not None:
                uniform_spread_(self.bias, 1 / math.sqrt(3 * self.in_features))
            kaiming_uniform_(self.weight, math.sqrt(5))
            """,
        ],
    ),
    "dropout": Answers(
        wrong=[
            # does not make up for the dead
            """
            if not training:
                return x
            return x * (rand(*x.shape) >= p).to(x.dtype)
            """,
            # p is what survives
            """
            if not training or p == 0:
                return x
            if p == 1:
                return x * 0
            return x * ((rand(*x.shape) < p).to(x.dtype) / p)
            """,
            # in use too
            """
            if p == 1:
                return x * 0
            return x * ((rand(*x.shape) >= p).to(x.dtype) / (1 - p))
            """,
            # divides by zero
            """
            if not training:
                return x
            return x * ((rand(*x.shape) >= p).to(x.dtype) * (1 / (1 - p)))
            """,
            # one coin for a column
            """
            if not training or p == 0:
                return x
            if p == 1:
                return x * 0
            return x * ((rand(x.shape[-1]) >= p).to(x.dtype) / (1 - p))
            """,
            # scales in use, not in training
            """
            if not training:
                return x * (1 - p)
            return x * (rand(*x.shape) >= p).to(x.dtype)
            """,
            # numpy's own random numbers: no seed reaches them
            """
            if not training or p == 0:
                return x
            if p == 1:
                return x * 0
            keep = Tensor((np.random.rand(*x.shape) >= p).astype(x.dtype))
            return x * keep / (1 - p)
            """,
            # the same coins at each call
            """
            if not training or p == 0:
                return x
            if p == 1:
                return x * 0
            coins = Tensor(np.random.default_rng(0).random(x.shape) >= p)
            return x * coins.to(x.dtype) / (1 - p)
            """,
            # forgets how the result was made
            """
            if not training or p == 0:
                return x
            coins = rand(*x.shape).array
            return Tensor(np.where(coins >= p, x.array / max(1 - p, 1e-9), 0).astype(x.dtype))
            """,
            # divides by p
            """
            if not training or p == 0:
                return x
            if p == 1:
                return x * 0
            return x * ((rand(*x.shape) >= p).to(x.dtype) / p)
            """,
        ],
        right=[
            """
            if not training or p in (0, 1):
                return x * 0.0 if training and p else x
            return (x / (1 - p)).masked_fill(rand(*x.shape) < p, 0.0)
            """,
            """
            if training and p:
                alive = rand(*x.shape).array >= p
                scale = 1 / max(1 - p, 1e-9)
                x = x * Tensor(np.where(alive, scale, 0).astype(x.dtype))
            return x
            """,
        ],
    ),
    "load-state": Answers(
        wrong=[
            # never complains
            """
            missing = [name for name in own if name not in state]
            unexpected = [name for name in state if name not in own]
            for name in own:
                if name in state and own[name].shape == np.shape(state[name]):
                    fill(own[name], np.asarray(state[name]))
            return IncompatibleKeys(missing, unexpected)
            """,
            # writes while it looks
            """
            missing = [name for name in own if name not in state]
            unexpected = [name for name in state if name not in own]
            for name in own:
                if name in state:
                    if own[name].shape != np.shape(state[name]):
                        came = np.shape(state[name])
                        raise RuntimeError(f"{name}: expected {own[name].shape}, came {came}")
                    fill(own[name], np.asarray(state[name]))
            if strict and (missing or unexpected):
                raise RuntimeError(f"missing {missing}, unexpected {unexpected}")
            return IncompatibleKeys(missing, unexpected)
            """,
            # does not look at shapes
            """
            missing = [name for name in own if name not in state]
            unexpected = [name for name in state if name not in own]
            if strict and (missing or unexpected):
                raise RuntimeError(f"missing {missing}, unexpected {unexpected}")
            for name in own:
                if name in state:
                    fill(own[name], np.asarray(state[name]))
            return IncompatibleKeys(missing, unexpected)
            """,
            # always strict
            """
            missing = [name for name in own if name not in state]
            unexpected = [name for name in state if name not in own]
            misfits = [
                f"{name}: expected {own[name].shape}, came {np.shape(state[name])}"
                for name in own if name in state and own[name].shape != np.shape(state[name])
            ]
            if misfits or missing or unexpected:
                raise RuntimeError(f"{missing} {unexpected} {misfits}")
            for name in own:
                fill(own[name], np.asarray(state[name]))
            return IncompatibleKeys(missing, unexpected)
            """,
            # not strict: shapes don't matter either
            """
            missing = [name for name in own if name not in state]
            unexpected = [name for name in state if name not in own]
            common = [name for name in own if name in state]
            misfits = [
                f"{name}: expected {own[name].shape}, came {np.shape(state[name])}"
                for name in common if own[name].shape != np.shape(state[name])
            ]
            if strict and (misfits or missing or unexpected):
                raise RuntimeError(f"{missing} {unexpected} {misfits}")
            for name in common:
                fill(own[name], np.resize(np.asarray(state[name]), own[name].shape))
            return IncompatibleKeys(missing, unexpected)
            """,
            # takes the given arrays for its own
            """
            missing = [name for name in own if name not in state]
            unexpected = [name for name in state if name not in own]
            common = [name for name in own if name in state]
            misfits = [
                f"{name}: expected {own[name].shape}, came {np.shape(state[name])}"
                for name in common if own[name].shape != np.shape(state[name])
            ]
            if misfits or (strict and (missing or unexpected)):
                raise RuntimeError(f"{missing} {unexpected} {misfits}")
            for name in common:
                own[name].array = np.asarray(state[name])
            return IncompatibleKeys(missing, unexpected)
            """,
            # missing and unexpected changed places
            """
            missing = [name for name in own if name not in state]
            unexpected = [name for name in state if name not in own]
            common = [name for name in own if name in state]
            misfits = [
                f"{name}: expected {own[name].shape}, came {np.shape(state[name])}"
                for name in common if own[name].shape != np.shape(state[name])
            ]
            if misfits or (strict and (missing or unexpected)):
                raise RuntimeError(f"{missing} {unexpected} {misfits}")
            for name in common:
                fill(own[name], np.asarray(state[name]))
            return IncompatibleKeys(unexpected, missing)
            """,
            # two lists without names
            """
            missing = [name for name in own if name not in state]
            unexpected = [name for name in state if name not in own]
            common = [name for name in own if name in state]
            misfits = [
                f"{name}: expected {own[name].shape}, came {np.shape(state[name])}"
                for name in common if own[name].shape != np.shape(state[name])
            ]
            if misfits or (strict and (missing or unexpected)):
                raise RuntimeError(f"{missing} {unexpected} {misfits}")
            for name in common:
                fill(own[name], np.asarray(state[name]))
            return missing, unexpected
            """,
            # an error that doesn't say which
            """
            missing = [name for name in own if name not in state]
            unexpected = [name for name in state if name not in own]
            common = [name for name in own if name in state]
            misfits = [n for n in common if own[n].shape != np.shape(state[n])]
            if misfits or (strict and (missing or unexpected)):
                raise RuntimeError("the state does not fit")
            for name in common:
                fill(own[name], np.asarray(state[name]))
            return IncompatibleKeys(missing, unexpected)
            """,
        ],
        right=[
            """
            missing = sorted(own.keys() - state.keys())
            unexpected = sorted(state.keys() - own.keys())
            common = own.keys() & state.keys()
            shapes = {n: (own[n].shape, np.shape(state[n])) for n in common}
            wrong = {n: pair for n, pair in shapes.items() if pair[0] != pair[1]}
            if wrong or strict and missing + unexpected:
                raise RuntimeError(f"cannot load: {missing=} {unexpected=} {wrong=}")
            for name in common:
                np.copyto(own[name].array, np.asarray(state[name]), casting="same_kind")
            return IncompatibleKeys(missing, unexpected)
            """,
        ],
    ),
}
