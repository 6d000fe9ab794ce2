"""Answers to the blanks of 06_optimizers."""

from tests.answers import Answers

ANSWERS = {
    "path": Answers(
        wrong=[
            # uphill
            """
            w = np.array(start, dtype=float)
            points = [w]
            for _ in range(steps):
                direction, memory = rule(gradient(w), memory)
                w = w + lr * direction
                points.append(w)
            return np.array(points)
            """,
            # forgets the start
            """
            w = np.array(start, dtype=float)
            points = []
            for _ in range(steps):
                direction, memory = rule(gradient(w), memory)
                w = w - lr * direction
                points.append(w)
            return np.array(points)
            """,
            # in place: every point in the list is the last one
            """
            w = np.array(start, dtype=float)
            points = [w]
            for _ in range(steps):
                direction, memory = rule(gradient(w), memory)
                w -= lr * direction
                points.append(w)
            return np.array(points)
            """,
            # the rule never gets its memory back
            """
            w = np.array(start, dtype=float)
            points = [w]
            for _ in range(steps):
                direction, _ = rule(gradient(w), memory)
                w = w - lr * direction
                points.append(w)
            return np.array(points)
            """,
            # always the gradient at the start
            """
            w = np.array(start, dtype=float)
            points, grad = [w], gradient(w)
            for _ in range(steps):
                direction, memory = rule(grad, memory)
                w = w - lr * direction
                points.append(w)
            return np.array(points)
            """,
            # leaves the rule out
            """
            w = np.array(start, dtype=float)
            points = [w]
            for _ in range(steps):
                w = w - lr * gradient(w)
                points.append(w)
            return np.array(points)
            """,
        ],
        right=[
            """
            points = np.empty((steps + 1, *np.shape(start)))
            points[0] = start
            for i in range(steps):
                direction, memory = rule(gradient(points[i].copy()), memory)
                points[i + 1] = points[i] - lr * direction
            return points
            """,
            """
            w = np.array(start, dtype=float)
            points = [w.copy()]
            while len(points) <= steps:
                direction, memory = rule(gradient(w), memory)
                w -= lr * direction
                points.append(w.copy())
            return np.stack(points)
            """,
        ],
    ),
    "momentum-rule": Answers(
        wrong=[
            # dampens the first step too
            """
            buffer = momentum * (0 if buffer is None else buffer) + (1 - dampening) * grad
            return (grad + momentum * buffer if nesterov else buffer), buffer
            """,
            # an average: (1 - momentum) times the gradient
            """
            buffer = grad if buffer is None else momentum * buffer + (1 - momentum) * grad
            return (grad + momentum * buffer if nesterov else buffer), buffer
            """,
            # ignores the dampening
            """
            buffer = grad if buffer is None else momentum * buffer + grad
            return (grad + momentum * buffer if nesterov else buffer), buffer
            """,
            # Nesterov with the old buffer
            """
            old = 0 if buffer is None else buffer
            buffer = grad if buffer is None else momentum * buffer + (1 - dampening) * grad
            return (grad + momentum * old if nesterov else buffer), buffer
            """,
            # keeps Nesterov's direction as the buffer
            """
            buffer = grad if buffer is None else momentum * buffer + (1 - dampening) * grad
            if nesterov:
                buffer = grad + momentum * buffer
            return buffer, buffer
            """,
            # a buffer of 0 taken for none
            """
            buffer = momentum * buffer + (1 - dampening) * grad if np.any(buffer) else grad
            return (grad + momentum * buffer if nesterov else buffer), buffer
            """,
            # changes the old buffer
            """
            if buffer is None:
                buffer = grad
            else:
                buffer *= momentum
                buffer += (1 - dampening) * grad
            return (grad + momentum * buffer if nesterov else buffer), buffer
            """,
        ],
        right=[
            """
            share = 1 if buffer is None else 1 - dampening
            kept = 0 if buffer is None else np.multiply(buffer, momentum)
            new = share * grad + kept
            return new + nesterov * (grad + momentum * new - new), new
            """,
        ],
    ),
    "rmsprop-rule": Answers(
        wrong=[
            # the old mean in the direction
            """
            direction = grad / (np.sqrt(square_avg) + eps)
            return direction, alpha * square_avg + (1 - alpha) * grad * grad
            """,
            # forgets the root
            """
            square_avg = alpha * square_avg + (1 - alpha) * grad * grad
            return grad / (square_avg + eps), square_avg
            """,
            # ε under the root
            """
            square_avg = alpha * square_avg + (1 - alpha) * grad * grad
            return grad / np.sqrt(square_avg + eps), square_avg
            """,
            # without ε
            """
            square_avg = alpha * square_avg + (1 - alpha) * grad * grad
            return grad / np.sqrt(square_avg), square_avg
            """,
            # the shares exchanged
            """
            square_avg = (1 - alpha) * square_avg + alpha * grad * grad
            return grad / (np.sqrt(square_avg) + eps), square_avg
            """,
            # the mean of the gradients, not of their squares
            """
            square_avg = alpha * square_avg + (1 - alpha) * grad
            return grad / (np.sqrt(np.abs(square_avg)) + eps), square_avg
            """,
            # a sum, as Adagrad's
            """
            square_avg = square_avg + grad * grad
            return grad / (np.sqrt(square_avg) + eps), square_avg
            """,
        ],
        right=[
            """
            new = square_avg + (1 - alpha) * (np.square(grad) - square_avg)
            return np.divide(grad, eps + new**0.5), new
            """,
        ],
    ),
    "adam-rule": Answers(
        wrong=[
            # no correction
            """
            m, v, t = memory
            m = betas[0] * m + (1 - betas[0]) * grad
            v = betas[1] * v + (1 - betas[1]) * grad * grad
            return m / (np.sqrt(v) + eps), (m, v, t + 1)
            """,
            # keeps the corrected means
            """
            m, v, t = memory
            t = t + 1
            m = (betas[0] * m + (1 - betas[0]) * grad) / (1 - betas[0] ** t)
            v = (betas[1] * v + (1 - betas[1]) * grad * grad) / (1 - betas[1] ** t)
            return m / (np.sqrt(v) + eps), (m, v, t)
            """,
            # counts too late
            """
            m, v, t = memory
            m = betas[0] * m + (1 - betas[0]) * grad
            v = betas[1] * v + (1 - betas[1]) * grad * grad
            root = np.sqrt(v / (1 - betas[1] ** max(t, 1))) + eps
            return m / (1 - betas[0] ** max(t, 1)) / root, (m, v, t + 1)
            """,
            # does not count
            """
            m, v, t = memory
            m = betas[0] * m + (1 - betas[0]) * grad
            v = betas[1] * v + (1 - betas[1]) * grad * grad
            root = np.sqrt(v / (1 - betas[1] ** (t + 1))) + eps
            return m / (1 - betas[0] ** (t + 1)) / root, (m, v, t)
            """,
            # the betas exchanged
            """
            m, v, t = memory
            t = t + 1
            m = betas[1] * m + (1 - betas[1]) * grad
            v = betas[0] * v + (1 - betas[0]) * grad * grad
            return m / (1 - betas[1]**t) / (np.sqrt(v / (1 - betas[0]**t)) + eps), (m, v, t)
            """,
            # ε under the root
            """
            m, v, t = memory
            t = t + 1
            m = betas[0] * m + (1 - betas[0]) * grad
            v = betas[1] * v + (1 - betas[1]) * grad * grad
            return m / (1 - betas[0]**t) / np.sqrt(v / (1 - betas[1]**t) + eps), (m, v, t)
            """,
            # the gradient over the root, as RMSprop
            """
            m, v, t = memory
            t = t + 1
            m = betas[0] * m + (1 - betas[0]) * grad
            v = betas[1] * v + (1 - betas[1]) * grad * grad
            return grad / (np.sqrt(v / (1 - betas[1]**t)) + eps), (m, v, t)
            """,
            # changes the old means
            """
            m, v, t = memory
            t = t + 1
            m *= betas[0]
            m += (1 - betas[0]) * grad
            v *= betas[1]
            v += (1 - betas[1]) * grad * grad
            return m / (1 - betas[0]**t) / (np.sqrt(v / (1 - betas[1]**t)) + eps), (m, v, t)
            """,
        ],
        right=[
            """
            beta1, beta2 = betas
            m = memory[0] + (1 - beta1) * (grad - memory[0])
            v = memory[1] + (1 - beta2) * (np.square(grad) - memory[1])
            t = memory[2] + 1
            root = (1 - beta2**t) ** 0.5
            return root / (1 - beta1**t) * m / (v**0.5 + eps * root), (m, v, t)
            """,
        ],
    ),
    "add-group": Answers(
        wrong=[
            # the defaults win
            """
            params = group["params"]
            params = [params] if isinstance(params, Tensor) else list(params)
            check_params(optimizer, params)
            optimizer.param_groups.append({**group, **optimizer.defaults, "params": params})
            """,
            # takes one tensor apart
            """
            params = list(group["params"])
            check_params(optimizer, params)
            optimizer.param_groups.append({**optimizer.defaults, **group, "params": params})
            """,
            # no check
            """
            params = group["params"]
            params = [params] if isinstance(params, Tensor) else list(params)
            optimizer.param_groups.append({**optimizer.defaults, **group, "params": params})
            """,
            # checks too late
            """
            params = group["params"]
            params = [params] if isinstance(params, Tensor) else list(params)
            optimizer.param_groups.append({**optimizer.defaults, **group, "params": []})
            check_params(optimizer, params)
            optimizer.param_groups[-1]["params"] = params
            """,
            # a generator is used up by the check
            """
            params = group["params"]
            params = [params] if isinstance(params, Tensor) else params
            check_params(optimizer, params)
            optimizer.param_groups.append({**optimizer.defaults, **group, "params": list(params)})
            """,
            # without the defaults
            """
            params = group["params"]
            params = [params] if isinstance(params, Tensor) else list(params)
            check_params(optimizer, params)
            optimizer.param_groups.append({**group, "params": params})
            """,
            # fills up the dictionary that came
            """
            params = group["params"]
            params = [params] if isinstance(params, Tensor) else list(params)
            check_params(optimizer, params)
            for name, value in optimizer.defaults.items():
                group.setdefault(name, value)
            optimizer.param_groups.append({**group, "params": params})
            """,
            # every group is the same dictionary
            """
            params = group["params"]
            params = [params] if isinstance(params, Tensor) else list(params)
            check_params(optimizer, params)
            optimizer.defaults.update(group, params=params)
            optimizer.param_groups.append(optimizer.defaults)
            """,
        ],
        right=[
            """
            new = dict(optimizer.defaults)
            new.update(group)
            if isinstance(new["params"], Tensor):
                new["params"] = [new["params"]]
            new["params"] = [p for p in new["params"]]
            check_params(optimizer, new["params"])
            optimizer.param_groups += [new]
            """,
        ],
    ),
    "step": Answers(
        wrong=[
            # only the first group
            """
            group = optimizer.param_groups[0]
            for p in group["params"]:
                if p.grad is not None:
                    update_one(optimizer, p, group)
            """,
            # every parameter with the options of the first group
            """
            for p in all_params(optimizer):
                if p.grad is not None:
                    update_one(optimizer, p, optimizer.param_groups[0])
            """,
            # does not ask whether there is a gradient
            """
            for group in optimizer.param_groups:
                for p in group["params"]:
                    update_one(optimizer, p, group)
            """,
            # stops at the first parameter without one
            """
            for group in optimizer.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        return
                    update_one(optimizer, p, group)
            """,
            # asks for the gradient's truth value
            """
            for group in optimizer.param_groups:
                for p in group["params"]:
                    if p.grad:
                        update_one(optimizer, p, group)
            """,
            # forgets the gradients too
            """
            for group in optimizer.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        update_one(optimizer, p, group)
                        p.grad = None
            """,
        ],
        right=[
            """
            pairs = [(p, group) for group in optimizer.param_groups for p in group["params"]]
            for p, group in filter(lambda pair: pair[0].grad is not None, pairs):
                update_one(optimizer, p, group)
            """,
        ],
    ),
    "zero-grad": Answers(
        wrong=[
            # always None
            """
            for p in all_params(optimizer):
                p.grad = None
            """,
            # always zeros
            """
            for p in all_params(optimizer):
                if p.grad is not None:
                    zeros_(p.grad)
            """,
            # makes a gradient where there is none
            """
            for p in all_params(optimizer):
                p.grad = None if set_to_none else zeros_like(p)
            """,
            # only the first group
            """
            for p in optimizer.param_groups[0]["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    zeros_(p.grad)
            """,
            # the wrong way round
            """
            for p in all_params(optimizer):
                if not set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    zeros_(p.grad)
            """,
            # zeros in the parameters
            """
            for p in all_params(optimizer):
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    zeros_(p)
            """,
        ],
        right=[
            """
            for group in optimizer.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        p.grad = None if set_to_none else zeros_like(p.grad)
            """,
        ],
    ),
    "state-dict": Answers(
        wrong=[
            # the tensors themselves
            """
            state = {p: s for p, s in optimizer.state.items() if s}
            return {"state": state, "param_groups": optimizer.param_groups}
            """,
            # numbers begin anew in each group
            """
            number = {p: i for g in optimizer.param_groups for i, p in enumerate(g["params"])}
            groups = [
                {**g, "params": [number[p] for p in g["params"]]} for g in optimizer.param_groups
            ]
            state = {number[p]: s for p, s in optimizer.state.items() if s}
            return {"state": state, "param_groups": groups}
            """,
            # numbers states by the order in which they began
            """
            number = {p: i for i, p in enumerate(all_params(optimizer))}
            groups = [
                {**g, "params": [number[p] for p in g["params"]]} for g in optimizer.param_groups
            ]
            state = {i: s for i, s in enumerate(optimizer.state.values()) if s}
            return {"state": state, "param_groups": groups}
            """,
            # replaces the optimizer's own parameters
            """
            number = {p: i for i, p in enumerate(all_params(optimizer))}
            for group in optimizer.param_groups:
                group["params"] = [number[p] for p in group["params"]]
            state = {number[p]: s for p, s in optimizer.state.items() if s}
            return {"state": state, "param_groups": optimizer.param_groups}
            """,
            # keeps the empty ones
            """
            number = {p: i for i, p in enumerate(all_params(optimizer))}
            groups = [
                {**g, "params": [number[p] for p in g["params"]]} for g in optimizer.param_groups
            ]
            state = {number[p]: s for p, s in optimizer.state.items()}
            return {"state": state, "param_groups": groups}
            """,
            # loses the options
            """
            number = {p: i for i, p in enumerate(all_params(optimizer))}
            groups = [{"params": [number[p] for p in g["params"]]} for g in optimizer.param_groups]
            state = {number[p]: s for p, s in optimizer.state.items() if s}
            return {"state": state, "param_groups": groups}
            """,
        ],
        right=[
            """
            order = [id(p) for p in all_params(optimizer)]
            saved = {"state": {}, "param_groups": []}
            for p in optimizer.state:
                if optimizer.state[p]:
                    saved["state"][order.index(id(p))] = dict(optimizer.state[p])
            for group in optimizer.param_groups:
                copy = dict(group)
                copy["params"] = [order.index(id(p)) for p in group["params"]]
                saved["param_groups"].append(copy)
            return saved
            """,
        ],
    ),
    "load-state": Answers(
        wrong=[
            # shares the saved tensors
            """
            numbers = [i for group in saved["param_groups"] for i in group["params"]]
            new = {
                p: dict(saved["state"][i])
                for i, p in zip(numbers, all_params(optimizer)) if i in saved["state"]
            }
            optimizer.state = defaultdict(dict, new)
            for group, other in zip(optimizer.param_groups, saved["param_groups"]):
                group.update({**other, "params": group["params"]})
            """,
            # the parameters become numbers
            """
            numbers = [i for group in saved["param_groups"] for i in group["params"]]
            new = {
                p: {name: own_copy(name, x, p) for name, x in saved["state"][i].items()}
                for i, p in zip(numbers, all_params(optimizer)) if i in saved["state"]
            }
            optimizer.state = defaultdict(dict, new)
            for group, other in zip(optimizer.param_groups, saved["param_groups"]):
                group.update(other)
            """,
            # the state only
            """
            numbers = [i for group in saved["param_groups"] for i in group["params"]]
            new = {
                p: {name: own_copy(name, x, p) for name, x in saved["state"][i].items()}
                for i, p in zip(numbers, all_params(optimizer)) if i in saved["state"]
            }
            optimizer.state = defaultdict(dict, new)
            """,
            # writes before all is known to fit
            """
            for group, other in zip(optimizer.param_groups, saved["param_groups"]):
                group.update({**other, "params": group["params"]})
            numbers = [i for group in saved["param_groups"] for i in group["params"]]
            new = {
                p: {name: own_copy(name, x, p) for name, x in saved["state"][i].items()}
                for i, p in zip(numbers, all_params(optimizer)) if i in saved["state"]
            }
            optimizer.state = defaultdict(dict, new)
            """,
            # keeps what was remembered before
            """
            numbers = [i for group in saved["param_groups"] for i in group["params"]]
            new = {
                p: {name: own_copy(name, x, p) for name, x in saved["state"][i].items()}
                for i, p in zip(numbers, all_params(optimizer)) if i in saved["state"]
            }
            optimizer.state.update(new)
            for group, other in zip(optimizer.param_groups, saved["param_groups"]):
                group.update({**other, "params": group["params"]})
            """,
            # a plain dictionary
            """
            numbers = [i for group in saved["param_groups"] for i in group["params"]]
            optimizer.state = {
                p: {name: own_copy(name, x, p) for name, x in saved["state"][i].items()}
                for i, p in zip(numbers, all_params(optimizer)) if i in saved["state"]
            }
            for group, other in zip(optimizer.param_groups, saved["param_groups"]):
                group.update({**other, "params": group["params"]})
            """,
            # takes the numbers for places
            """
            params = all_params(optimizer)
            new = {
                params[i]: {name: own_copy(name, x, params[i]) for name, x in state.items()}
                for i, state in saved["state"].items()
            }
            optimizer.state = defaultdict(dict, new)
            for group, other in zip(optimizer.param_groups, saved["param_groups"]):
                group.update({**other, "params": group["params"]})
            """,
        ],
        right=[
            """
            numbers = sum((group["params"] for group in saved["param_groups"]), [])
            new = defaultdict(dict)
            for i, p in zip(numbers, all_params(optimizer)):
                for name, value in saved["state"].get(i, {}).items():
                    new[p][name] = own_copy(name, value, p)
            groups = []
            for ours, theirs in zip(optimizer.param_groups, saved["param_groups"]):
                groups.append(ours | theirs | {"params": ours["params"]})
            optimizer.state, optimizer.param_groups = new, groups
            """,
        ],
    ),
    "average": Answers(
        wrong=[
            # a new array under the same name
            "average = keep * average + (1 - keep) * value",
            # in place, with new arrays on the way
            "average += (1 - keep) * (value - average)",
            # the shares exchanged
            """
            np.subtract(value, average, out=scratch)
            scratch *= keep
            average += scratch
            """,
            # spoils the value
            """
            value -= average
            value *= 1 - keep
            average += value
            """,
            # overwrites the value where it is the scratch memory
            """
            np.multiply(average, keep, out=scratch)
            np.multiply(value, 1 - keep, out=average)
            average += scratch
            """,
            # a sum with decay
            """
            average *= keep
            average += value
            """,
            # the wrong way
            """
            np.subtract(average, value, out=scratch)
            scratch *= 1 - keep
            average += scratch
            """,
        ],
        right=[
            """
            np.subtract(value, average, out=scratch)
            scratch *= 1 - keep
            average += scratch
            """,
        ],
    ),
    "momentum": Answers(
        wrong=[
            # the buffer is the gradient's own memory
            """
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = Tensor(grad)
                state["momentum_buffer"].array = grad
                buffer = grad
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
            """,
            # new arrays at each step
            """
            old = state.get("momentum_buffer")
            new = grad if old is None else momentum * old.array + (1 - dampening) * grad
            state["momentum_buffer"] = Tensor(new)
            return grad + momentum * new if nesterov else new
            """,
            # dampens the first step
            """
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = Tensor(0 * grad)
            buffer = state["momentum_buffer"].array
            buffer *= momentum
            np.multiply(grad, 1 - dampening, out=scratch)
            buffer += scratch
            if not nesterov:
                return buffer
            np.multiply(buffer, momentum, out=scratch)
            scratch += grad
            return scratch
            """,
            # Nesterov's direction stays in the buffer
            """
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = Tensor(grad)
                buffer = state["momentum_buffer"].array
            else:
                buffer = state["momentum_buffer"].array
                buffer *= momentum
                np.multiply(grad, 1 - dampening, out=scratch)
                buffer += scratch
            if nesterov:
                buffer *= momentum
                buffer += grad
            return buffer
            """,
            # changes the gradient
            """
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = Tensor(grad)
                buffer = state["momentum_buffer"].array
            else:
                buffer = state["momentum_buffer"].array
                buffer *= momentum
                grad *= 1 - dampening
                buffer += grad
            if not nesterov:
                return buffer
            np.multiply(buffer, momentum, out=scratch)
            scratch += grad
            return scratch
            """,
            # forgets Nesterov
            """
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = Tensor(grad)
                return state["momentum_buffer"].array
            buffer = state["momentum_buffer"].array
            buffer *= momentum
            np.multiply(grad, 1 - dampening, out=scratch)
            buffer += scratch
            return buffer
            """,
            # an average instead of a sum
            """
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = Tensor(grad)
            buffer = state["momentum_buffer"].array
            average_(buffer, grad, momentum, scratch)
            if not nesterov:
                return buffer
            np.multiply(buffer, momentum, out=scratch)
            scratch += grad
            return scratch
            """,
        ],
        right=[
            """
            first = "momentum_buffer" not in state
            if first:
                state["momentum_buffer"] = zeros_like(Tensor(grad))
            buffer = state["momentum_buffer"]
            np.multiply(buffer.array, momentum, out=buffer.array)
            np.multiply(grad, 1 if first else 1 - dampening, out=scratch)
            np.add(buffer.array, scratch, out=buffer.array)
            if nesterov:
                np.multiply(buffer.array, momentum, out=scratch)
                np.add(scratch, grad, out=scratch)
            return scratch if nesterov else buffer.array
            """,
        ],
    ),
    "adam": Answers(
        wrong=[
            # no correction
            """
            state["step"] += 1
            average_(m, grad, beta1, scratch)
            np.multiply(grad, grad, out=scratch)
            average_(v, scratch, beta2, scratch)
            np.sqrt(v, out=scratch)
            scratch += eps
            np.divide(m, scratch, out=scratch)
            scratch *= lr
            weights -= scratch
            """,
            # does not count
            """
            average_(m, grad, beta1, scratch)
            np.multiply(grad, grad, out=scratch)
            average_(v, scratch, beta2, scratch)
            root = math.sqrt(1 - beta2)
            np.sqrt(v, out=scratch)
            scratch += eps * root
            np.divide(m, scratch, out=scratch)
            scratch *= lr * root / (1 - beta1)
            weights -= scratch
            """,
            # ε is not corrected
            """
            state["step"] += 1
            average_(m, grad, beta1, scratch)
            np.multiply(grad, grad, out=scratch)
            average_(v, scratch, beta2, scratch)
            root = math.sqrt(1 - beta2 ** state["step"])
            np.sqrt(v, out=scratch)
            scratch += eps
            np.divide(m, scratch, out=scratch)
            scratch *= lr * root / (1 - beta1 ** state["step"])
            weights -= scratch
            """,
            # the textbook's arrays
            """
            state["step"] += 1
            average_(m, grad, beta1, scratch)
            average_(v, grad * grad, beta2, scratch)
            m_corrected = m / (1 - beta1 ** state["step"])
            v_corrected = v / (1 - beta2 ** state["step"])
            weights -= lr * m_corrected / (np.sqrt(v_corrected) + eps)
            """,
            # the root spoils v
            """
            state["step"] += 1
            average_(m, grad, beta1, scratch)
            np.multiply(grad, grad, out=scratch)
            average_(v, scratch, beta2, scratch)
            root = math.sqrt(1 - beta2 ** state["step"])
            np.sqrt(v, out=v)
            np.add(v, eps * root, out=scratch)
            np.divide(m, scratch, out=scratch)
            scratch *= lr * root / (1 - beta1 ** state["step"])
            weights -= scratch
            """,
            # squares the gradient in place
            """
            state["step"] += 1
            average_(m, grad, beta1, scratch)
            grad *= grad
            average_(v, grad, beta2, scratch)
            root = math.sqrt(1 - beta2 ** state["step"])
            np.sqrt(v, out=scratch)
            scratch += eps * root
            np.divide(m, scratch, out=scratch)
            scratch *= lr * root / (1 - beta1 ** state["step"])
            weights -= scratch
            """,
            # uphill
            """
            state["step"] += 1
            average_(m, grad, beta1, scratch)
            np.multiply(grad, grad, out=scratch)
            average_(v, scratch, beta2, scratch)
            root = math.sqrt(1 - beta2 ** state["step"])
            np.sqrt(v, out=scratch)
            scratch += eps * root
            np.divide(m, scratch, out=scratch)
            scratch *= lr * root / (1 - beta1 ** state["step"])
            weights += scratch
            """,
        ],
        right=[
            """
            t = state["step"] = state["step"] + 1
            np.multiply(grad, grad, out=scratch)
            average_(v, scratch, beta2, scratch)
            average_(m, grad, beta1, scratch)
            np.divide(v, 1 - beta2**t, out=scratch)
            np.sqrt(scratch, out=scratch)
            np.add(scratch, eps, out=scratch)
            np.divide(m, scratch, out=scratch)
            np.multiply(scratch, lr / (1 - beta1**t), out=scratch)
            np.subtract(weights, scratch, out=weights)
            """,
        ],
    ),
    "adamw": Answers(
        wrong=[
            # adds it to the gradient, as Adam
            "return grad + group['weight_decay'] * weights",
            # without the rate
            """
            weights *= 1 - group["weight_decay"]
            return grad
            """,
            # keeps only the decayed share
            """
            weights *= group["lr"] * group["weight_decay"]
            return grad
            """,
            # a new array under the same name
            """
            weights = weights * (1 - group["lr"] * group["weight_decay"])
            return grad
            """,
            # returns the weights
            """
            weights *= 1 - group["lr"] * group["weight_decay"]
            return weights
            """,
            # both kinds at once
            """
            weights *= 1 - group["lr"] * group["weight_decay"]
            return grad + group["weight_decay"] * weights
            """,
        ],
        right=[
            """
            share = group["lr"] * group["weight_decay"]
            np.multiply(weights, 1 - share, out=weights)
            return grad
            """,
            """
            weights -= group["lr"] * group["weight_decay"] * weights
            return grad
            """,
        ],
    ),
}
