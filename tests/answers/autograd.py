"""Answers to the blanks of 05_autograd."""

from tests.answers import Answers

ANSWERS = {
    "mul-rule": Answers(
        wrong=["return grad * a, grad * b", "return b, a", "return grad, grad", "return grad * b"],
        right=[
            """
            first, second = np.multiply(grad, b), np.multiply(grad, a)
            return first, second
            """
        ],
    ),
    "div-rule": Answers(
        wrong=[
            "return grad / b, grad * a / (b * b)",
            "return grad / b, -grad * a / b",
            "return grad * b, -grad * a / (b * b)",
            "return grad / b, -grad / (b * b)",
            "return 1 / b, -a / (b * b)",
        ],
        right=[
            """
            a_grad = grad / b
            return a_grad, -a_grad * (a / b)
            """
        ],
    ),
    "count-users": Answers(
        wrong=[
            # each maker once, however often it is used
            """
            users, waiting = {root: 0}, [root]
            while waiting:
                for maker in makers(waiting.pop()):
                    if maker not in users:
                        users[maker] = 1
                        waiting.append(maker)
            return users
            """,
            # counts only the makers of the last operation
            """
            users = {root: 0}
            for maker in makers(root):
                users[maker] = users.get(maker, 0) + 1
            return users
            """,
            # looks behind an operation once for each of its uses
            """
            users, waiting = {root: 0}, [root]
            while waiting:
                for maker in makers(waiting.pop())[:50]:
                    users[maker] = users.get(maker, 0) + 1
                    if users[maker] < 4:
                        waiting.append(maker)
            return users
            """,
            # calls itself: not deep enough
            """
            users = {root: 0}
            def look(function):
                for maker in makers(function):
                    if maker not in users:
                        users[maker] = 0
                        look(maker)
                    users[maker] += 1
            look(root)
            return users
            """,
            # a set of makers: b * b is one use
            """
            users, waiting = {root: 0}, [root]
            while waiting:
                for maker in set(makers(waiting.pop())):
                    if maker not in users:
                        users[maker] = 0
                        waiting.append(maker)
                    users[maker] += 1
            return users
            """,
        ],
        right=[
            """
            order, uses = [root], []
            met = {root}
            for function in order:
                behind_it = makers(function)
                uses.extend(behind_it)
                for maker in behind_it:
                    if maker not in met:
                        met.add(maker)
                        order.append(maker)
            counts = dict.fromkeys(order, 0)
            for maker in uses:
                counts[maker] += 1
            return counts
            """,
        ],
    ),
    "unbroadcast": Answers(
        wrong=[
            # forgets the dims that were stretched
            """
            while grad.ndim > len(shape):
                grad = grad.sum(axis=0)
            return grad
            """,
            # forgets the dims that were added
            """
            for axis, size in enumerate(shape):
                if size == 1:
                    grad = grad.sum(axis=axis, keepdims=True)
            return grad
            """,
            # the mean
            """
            added = grad.ndim - len(shape)
            stretched = [axis for axis, size in enumerate(shape, start=added) if size == 1]
            return grad.mean(axis=(*range(added), *stretched)).reshape(shape)
            """,
            # the stretched dims are lost
            """
            added = grad.ndim - len(shape)
            stretched = [axis for axis, size in enumerate(shape, start=added) if size == 1]
            return grad.sum(axis=(*range(added), *stretched))
            """,
            # counts the axes from the wrong end
            """
            added = grad.ndim - len(shape)
            stretched = [axis for axis, size in enumerate(shape) if size == 1]
            return grad.sum(axis=(*range(added), *stretched)).reshape(shape)
            """,
        ],
        right=[
            """
            while grad.ndim > len(shape):
                grad = grad.sum(axis=0)
            for axis in range(len(shape)):
                if shape[axis] == 1 != grad.shape[axis]:
                    grad = grad.sum(axis=axis, keepdims=True)
            return grad
            """,
        ],
    ),
    "accumulate": Answers(
        wrong=[
            "leaf.grad = from_numpy(grad)",
            "leaf.grad = grad if leaf.grad is None else leaf.grad + grad",
            """
            if leaf.grad is None:
                leaf.grad = from_numpy(grad)
            else:
                leaf.grad.array += grad
            """,
            """
            if leaf.grad is None:
                leaf.grad = from_numpy(grad)
            """,
            """
            if leaf.grad is None:
                leaf.grad = from_numpy(np.zeros_like(grad))
            leaf.grad = from_numpy(leaf.array + grad)
            """,
        ],
        right=[
            """
            zero = np.zeros(leaf.shape, leaf.dtype)
            old = zero if leaf.grad is None else leaf.grad.array
            leaf.grad = Tensor(old + grad)
            """,
        ],
    ),
    "propagate": Answers(
        wrong=[
            # the last gradient that came, not their sum
            """
            for x, x_grad in input_grads(function, grads.pop(function)):
                maker = x.grad_fn
                if maker is None:
                    accumulate(x, x_grad)
                    continue
                grads[maker] = x_grad
                users[maker] -= 1
                if users[maker] == 0:
                    ready.append(maker)
            """,
            # runs a maker as soon as one user has run
            """
            for x, x_grad in input_grads(function, grads.pop(function, np.zeros(()))):
                maker = x.grad_fn
                if maker is None:
                    accumulate(x, x_grad)
                    continue
                grads[maker] = grads[maker] + x_grad if maker in grads else x_grad
                if maker not in ready and vars(maker):
                    ready.append(maker)
            """,
            # adds in place, into arrays that others hold
            """
            for x, x_grad in input_grads(function, grads.pop(function)):
                maker = x.grad_fn
                if maker is None:
                    accumulate(x, x_grad)
                    continue
                if maker in grads:
                    grads[maker] += x_grad
                else:
                    grads[maker] = x_grad
                users[maker] -= 1
                if users[maker] == 0:
                    ready.append(maker)
            """,
            # leaves get nothing
            """
            for x, x_grad in input_grads(function, grads.pop(function)):
                maker = x.grad_fn
                if maker is not None:
                    grads[maker] = grads[maker] + x_grad if maker in grads else x_grad
                    users[maker] -= 1
                    if users[maker] == 0:
                        ready.append(maker)
            """,
            # follows every path
            """
            for x, x_grad in input_grads(function, grads.pop(function)):
                if x.grad_fn is None:
                    accumulate(x, x_grad)
                else:
                    propagate(x.grad_fn, x_grad, retain_graph=True)
            """,
        ],
        right=[
            """
            arrived = grads.pop(function)
            for x, x_grad in input_grads(function, arrived):
                if x.grad_fn is None:
                    accumulate(x, x_grad)
                else:
                    grads[x.grad_fn] = np.add(grads.get(x.grad_fn, 0), x_grad)
                    users[x.grad_fn] = users[x.grad_fn] - 1
                    if not users[x.grad_fn]:
                        ready.insert(0, x.grad_fn)
            """,
        ],
    ),
    "numeric-gradient": Answers(
        wrong=[
            # one-sided
            """
            for index in np.ndindex(x.shape):
                middle = x.array[index]
                start = float(f(x))
                x[index] = middle + eps
                slopes[index] = (float(f(x)) - start) / eps
                x[index] = middle
            """,
            # never puts the number back
            """
            for index in np.ndindex(x.shape):
                middle = x.array[index]
                x[index] = middle + eps
                above = float(f(x))
                x[index] = middle - eps
                slopes[index] = (above - float(f(x))) / (2 * eps)
                x[index] = middle + eps
                eps = eps * 1000
            """,
            # divides by eps
            """
            for index in np.ndindex(x.shape):
                middle = x.array[index]
                x[index] = middle + eps
                above = float(f(x))
                x[index] = middle - eps
                slopes[index] = (above - float(f(x))) / eps
                x[index] = middle
            """,
            # moves all elements at once
            """
            above = float(f(x + eps))
            slopes[...] = (above - float(f(x - eps))) / (2 * eps)
            """,
            # the wrong sign
            """
            for index in np.ndindex(x.shape):
                middle = x.array[index]
                x[index] = middle - eps
                below = float(f(x))
                x[index] = middle + eps
                slopes[index] = (below - float(f(x))) / (2 * eps)
                x[index] = middle
            """,
        ],
        right=[
            """
            for index in np.ndindex(x.shape):
                step = np.zeros(x.shape)
                step[index] = eps
                rise = float(f(x + Tensor(step))) - float(f(x - Tensor(step)))
                slopes[index] = rise / eps / 2
            """,
        ],
    ),
    "sum-rule": Answers(
        wrong=[
            "return np.full(shape, grad)",
            "return restore(grad, shape, **self.options)",
            "return np.ones(shape, grad.dtype)",
            "return np.full(shape, restore(grad, shape, dim=self.options.get('dim')))",
            "return np.full(shape, restore(grad, shape, **self.options)) / math.prod(shape)",
        ],
        right=[
            "return np.broadcast_to(restore(grad, shape, **self.options), shape)",
            "return np.zeros(shape, grad.dtype) + restore(grad, shape, **self.options)",
        ],
    ),
    "matmul-rule": Answers(
        wrong=[
            "return grad @ b.T, a.T @ grad",
            "return grad @ np.swapaxes(b, -1, -2), grad @ np.swapaxes(a, -1, -2)",
            "return np.swapaxes(a, -1, -2) @ grad, grad @ np.swapaxes(b, -1, -2)",
            "return grad @ b, a @ grad",
            "return grad @ np.swapaxes(b, 0, 1), np.swapaxes(a, 0, 1) @ grad",
        ],
        right=[
            """
            b_grad = np.einsum("...nk,...nm->...km", a, grad)
            return np.einsum("...nm,...km->...nk", grad, b), b_grad
            """,
        ],
    ),
    "sigmoid-rule": Answers(
        wrong=[
            "return output * (1 - output)",
            "return grad * output * (1 + output)",
            "return grad * (1 - output * output)",
            """
            output *= 1 - output
            return grad * output
            """,
        ],
        right=["return (output - output * output) * grad"],
    ),
    "softmax-rule": Answers(
        wrong=[
            "return p * (grad - (grad * p).sum())",
            "return p * (grad - grad.sum(axis=dim, keepdims=True))",
            "return grad * p * (1 - p)",
            "return p * (grad - (grad * p).mean(axis=dim, keepdims=True))",
            "return grad - (grad * p).sum(axis=dim, keepdims=True)",
        ],
        right=[
            """
            weighted = p * grad
            return weighted - p * np.expand_dims(weighted.sum(axis=dim), dim)
            """,
        ],
    ),
    "linear-rule": Answers(
        wrong=[
            "return grad @ weight.T if wants_x else None, grad.T @ x, grad.sum(axis=0)",
            "return grad @ weight if wants_x else None, x.T @ grad, grad.sum(axis=0)",
            "return grad @ weight if wants_x else None, grad.T @ x, grad.sum(axis=1)",
            "return grad @ weight if wants_x else None, grad.T @ x, grad",
            "return grad @ weight, grad.T @ x, grad.sum(axis=0)",
            "return grad @ weight if wants_x else None, grad.T @ x / len(x), grad.mean(axis=0)",
        ],
        right=[
            """
            x_grad = None
            if wants_x:
                x_grad = np.matmul(grad, weight)
            return x_grad, (x.T @ grad).T, np.ones(len(grad), grad.dtype) @ grad
            """,
        ],
    ),
    "cross-entropy-rule": Answers(
        wrong=[
            "return p * scale[:, None]",
            """
            p[rows, target] -= 1
            return p
            """,
            """
            p[rows, target] += 1
            return p * scale[:, None]
            """,
            """
            p[:, target] -= 1
            return p * scale[:, None]
            """,
            """
            p[rows, target] -= 1
            return p * scale.sum()
            """,
            """
            p[rows, target] -= 1
            return p / len(p) * scale[:, None]
            """,
        ],
        right=[
            """
            one_hot = target[:, None] == np.arange(p.shape[1])
            return np.expand_dims(scale, 1) * (p - one_hot)
            """,
        ],
    ),
    "no-grad": Answers(
        wrong=[
            """
            Function.recording = enabled
            yield
            Function.recording = True
            """,
            """
            before = Function.recording
            Function.recording = enabled
            yield
            Function.recording = before
            """,
            """
            Function.recording = False
            try:
                yield
            finally:
                Function.recording = True
            """,
            """
            before = Function.recording
            Function.recording = enabled
            try:
                yield
            finally:
                Function.recording = not before
            """,
        ],
        right=[
            """
            from contextlib import ExitStack
            with ExitStack() as stack:
                stack.callback(setattr, Function, "recording", Function.recording)
                Function.recording = enabled
                yield
            """,
        ],
    ),
}
