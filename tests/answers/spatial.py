"""Answers to the blanks of 09_spatial."""

from tests.answers import Answers

ANSWERS = {
    "output-size": Answers(
        wrong=[
            "return (size + 2 * padding - dilation * (kernel - 1)) // stride + 1",  # one too many
            "return (size + padding - dilation * (kernel - 1) - 1) // stride + 1",  # one side only
            "return (size + 2 * padding - kernel) // stride + 1",  # forgets the dilation
            "return (size + 2 * padding - dilation * kernel) // stride + 1",
            "return -(-(size + 2 * padding - dilation * (kernel - 1)) // stride) + 1",
            "return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1",
        ],
        right=[
            """
            last = size + 2 * padding - dilation * (kernel - 1)
            return len(range(0, last, stride))
            """,
        ],
    ),
    "seven-loops": Answers(
        wrong=[
            # forgets the stride
            """
            for c in range(channels):
                for u in range(height):
                    for v in range(width):
                        total += x[n, c, i + u, j + v] * weight[o, c, u, v]
            """,
            # the kernel turned by half a circle
            """
            for c in range(channels):
                for u in range(height):
                    for v in range(width):
                        pixel = x[n, c, i * stride + u, j * stride + v]
                        total += pixel * weight[o, c, height - 1 - u, width - 1 - v]
            """,
            # the first channel only
            """
            for u in range(height):
                for v in range(width):
                    total += x[n, 0, i * stride + u, j * stride + v] * weight[o, 0, u, v]
            """,
            # keeps the last product
            """
            for c in range(channels):
                for u in range(height):
                    for v in range(width):
                        total = x[n, c, i * stride + u, j * stride + v] * weight[o, c, u, v]
            """,
            # one kernel for all
            """
            for c in range(channels):
                for u in range(height):
                    for v in range(width):
                        total += x[n, c, i * stride + u, j * stride + v] * weight[0, c, u, v]
            """,
        ],
        right=[
            """
            top, left = i * stride, j * stride
            total = (x[n, :, top : top + height, left : left + width] * weight[o]).sum()
            """,
        ],
    ),
    "windows": Answers(
        wrong=[
            # forgets the dilation
            """
            view = sliding_window_view(a, tuple(kernel), axis=(2, 3))
            return view[:, :, :: stride[0], :: stride[1]]
            """,
            # forgets the stride
            """
            spans = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation))
            view = sliding_window_view(a, spans, axis=(2, 3))
            return view[..., :: dilation[0], :: dilation[1]]
            """,
            # a span too long
            """
            spans = tuple(d * k for k, d in zip(kernel, dilation))
            view = sliding_window_view(a, spans, axis=(2, 3))
            return view[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
            """,
            # rows' settings for columns as well
            """
            spans = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation))
            view = sliding_window_view(a, spans, axis=(2, 3))
            return view[:, :, :: stride[0], :: stride[0], :: dilation[0], :: dilation[0]]
            """,
            # a copy
            """
            spans = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation))
            view = sliding_window_view(a, spans, axis=(2, 3))
            return view[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]].copy()
            """,
        ],
        right=[
            """
            (n, c, h, w), (sn, sc, sh, sw) = a.shape, a.strides
            places = [
                (size - d * (k - 1) - 1) // s + 1
                for size, k, s, d in zip((h, w), kernel, stride, dilation)
            ]
            steps = (sn, sc, sh * stride[0], sw * stride[1], sh * dilation[0], sw * dilation[1])
            return np.lib.stride_tricks.as_strided(a, (n, c, *places, *kernel), steps)
            """,
        ],
    ),
    "im2col": Answers(
        wrong=[
            # no transpose: columns of the wrong numbers
            """
            n, c, *_, height, width = view.shape
            return view.reshape(n, c * height * width, -1)
            """,
            # windows as rows
            """
            n, c, *_, height, width = view.shape
            return view.transpose(0, 2, 3, 1, 4, 5).reshape(n, -1, c * height * width)
            """,
            # the channel last
            """
            n, c, *_, height, width = view.shape
            return view.transpose(0, 4, 5, 1, 2, 3).reshape(n, c * height * width, -1)
            """,
            # columns of the kernel before its rows
            """
            n, c, *_, height, width = view.shape
            return view.transpose(0, 1, 5, 4, 2, 3).reshape(n, c * height * width, -1)
            """,
        ],
        right=[
            """
            (n, c), places = view.shape[:2], view.shape[2] * view.shape[3]
            columns = [
                view[:, ch, :, :, u, v].reshape(n, 1, places)
                for ch in range(c) for u in range(kernel[0]) for v in range(kernel[1])
            ]
            return np.concatenate(columns, axis=1)
            """,
        ],
    ),
    "correlate": Answers(
        wrong=[
            # no groups
            """
            product = weight.reshape(len(weight), -1) @ columns
            return product.reshape(len(columns), len(weight), -1)
            """,
            # groups of kernels taken in turn
            """
            kernels = bundles(weight.reshape(len(weight), -1), len(weight) // groups, 0)
            product = kernels.swapaxes(0, 1) @ bundles(columns, groups, 1)
            return product.reshape(len(columns), len(weight), -1)
            """,
            # the bundles are left apart
            """
            kernels = bundles(weight.reshape(len(weight), -1), groups, 0)
            return kernels @ bundles(columns, groups, 1)
            """,
            # float64
            """
            kernels = bundles(weight.reshape(len(weight), -1), groups, 0).astype(np.float64)
            product = kernels @ bundles(columns, groups, 1)
            return product.reshape(len(columns), len(weight), -1)
            """,
            # places before kernels
            """
            kernels = bundles(weight.reshape(len(weight), -1), groups, 0)
            product = kernels @ bundles(columns, groups, 1)
            return product.reshape(len(columns), len(weight), -1).swapaxes(1, 2)
            """,
        ],
        right=[
            """
            rows = weight.reshape(len(weight), -1)
            parts = zip(np.split(rows, groups), np.split(columns, groups, axis=1))
            return np.concatenate([np.matmul(k, c) for k, c in parts], axis=1)
            """,
            """
            kernels = bundles(weight.reshape(len(weight), -1), groups, 0)
            product = np.einsum("gok,ngkp->ngop", kernels, bundles(columns, groups, 1))
            return product.reshape(len(columns), len(weight), columns.shape[2])
            """,
        ],
    ),
    "col2im": Answers(
        wrong=[
            # the last one wins
            """
            for k, tap in enumerate(taps(result, kernel, stride, dilation)):
                tap[...] = parts[:, :, k].reshape(tap.shape)
            """,
            # forgets the dilation
            """
            for k, tap in enumerate(taps(result, kernel, stride)):
                tap += parts[:, :, k].reshape(tap.shape)
            """,
            # writes nothing into the result
            """
            for k, tap in enumerate(taps(result, kernel, stride, dilation)):
                tap = tap + parts[:, :, k].reshape(tap.shape)
            """,
            # the same position each time
            """
            for tap in taps(result, kernel, stride, dilation):
                tap += parts[:, :, 0].reshape(tap.shape)
            """,
            # backwards
            """
            for k, tap in enumerate(taps(result, kernel, stride, dilation)):
                tap += parts[:, :, -1 - k].reshape(tap.shape)
            """,
        ],
        right=[
            """
            view = sliding_window_view(
                result, tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation)),
                axis=(2, 3), writeable=True,
            )[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
            parts = parts.reshape(*view.shape[:2], *kernel, *view.shape[2:4])
            for u in range(kernel[0]):
                for v in range(kernel[1]):
                    view[..., u, v] += parts[:, :, u, v]
            """,
        ],
    ),
    "correlate-grads": Answers(
        wrong=[
            # the mean over the images
            """
            products = grad @ np.swapaxes(in_bundles, -1, -2)
            weight_grad = products.mean(axis=0).reshape(weight.shape)
            if wants_columns:
                columns_grad = (np.swapaxes(kernels, -1, -2) @ grad).reshape(columns.shape)
            """,
            # always both
            """
            weight_grad = (grad @ np.swapaxes(in_bundles, -1, -2)).sum(axis=0).reshape(weight.shape)
            columns_grad = (np.swapaxes(kernels, -1, -2) @ grad).reshape(columns.shape)
            """,
            # never the columns'
            """
            weight_grad = (grad @ np.swapaxes(in_bundles, -1, -2)).sum(axis=0).reshape(weight.shape)
            """,
            # a sign
            """
            weight_grad = (grad @ np.swapaxes(in_bundles, -1, -2)).sum(axis=0).reshape(weight.shape)
            if wants_columns:
                columns_grad = -(np.swapaxes(kernels, -1, -2) @ grad).reshape(columns.shape)
            """,
            # left in bundles
            """
            weight_grad = (grad @ np.swapaxes(in_bundles, -1, -2)).sum(axis=0)
            if wants_columns:
                columns_grad = np.swapaxes(kernels, -1, -2) @ grad
            """,
            # the first image only
            """
            weight_grad = (grad[0] @ np.swapaxes(in_bundles[0], -1, -2)).reshape(weight.shape)
            if wants_columns:
                columns_grad = (np.swapaxes(kernels, -1, -2) @ grad).reshape(columns.shape)
            """,
        ],
        right=[
            """
            weight_grad = np.einsum("ngop,ngkp->gok", grad, in_bundles).reshape(weight.shape)
            if wants_columns:
                down = np.einsum("gok,ngop->ngkp", kernels, grad)
                columns_grad = down.reshape(len(columns), columns.shape[1], -1)
            """,
        ],
    ),
    "window-max": Answers(
        wrong=[
            # rows only
            "return reduce(np.maximum, [a[:, :, rows] for rows in down])",
            # begins with zeros
            """
            tall = reduce(np.maximum, [a[:, :, rows] for rows in down], 0)
            return reduce(np.maximum, [tall[..., columns] for columns in across])
            """,
            # the smallest
            """
            tall = reduce(np.minimum, [a[:, :, rows] for rows in down])
            return reduce(np.minimum, [tall[..., columns] for columns in across])
            """,
            # the corners of each window only
            """
            tall = np.maximum(a[:, :, down[0]], a[:, :, down[-1]])
            return np.maximum(tall[..., across[0]], tall[..., across[-1]])
            """,
            # sums
            """
            tall = reduce(np.add, [a[:, :, rows] for rows in down])
            return reduce(np.add, [tall[..., columns] for columns in across])
            """,
            # writes into the images
            """
            tall = a[:, :, down[0]]
            for rows in down[1:]:
                np.maximum(tall, a[:, :, rows], out=tall)
            return reduce(np.maximum, [tall[..., columns] for columns in across])
            """,
        ],
        right=[
            "return windows(a, kernel, stride, dilation).max(axis=(4, 5))",
            """
            best = None
            for rows in down:
                for columns in across:
                    tap = a[:, :, rows, columns]
                    best = tap if best is None else np.maximum(best, tap)
            return best
            """,
        ],
    ),
    "normalize": Answers(
        wrong=[
            # divides by the variance
            """
            scale = 1 / (as_channels(var, x.ndim) + eps)
            normalized = (x - as_channels(mean, x.ndim)) * scale
            """,
            # eps outside the root
            """
            scale = 1 / (np.sqrt(as_channels(var, x.ndim)) + eps)
            normalized = (x - as_channels(mean, x.ndim)) * scale
            """,
            # its own statistics, whatever came
            """
            axes = over_all_but_channels(x)
            scale = 1 / np.sqrt(x.var(axis=axes, keepdims=True) + eps)
            normalized = (x - x.mean(axis=axes, keepdims=True)) * scale
            """,
            # along the last dim
            """
            scale = 1 / np.sqrt(var + eps)
            normalized = (x - mean) * scale
            """,
            # no eps
            """
            scale = 1 / np.sqrt(as_channels(var, x.ndim))
            normalized = (x - as_channels(mean, x.ndim)) * scale
            """,
            # adds the mean
            """
            scale = 1 / np.sqrt(as_channels(var, x.ndim) + eps)
            normalized = (x + as_channels(mean, x.ndim)) * scale
            """,
        ],
        right=[
            """
            scale = as_channels((var + eps) ** -0.5, x.ndim)
            normalized = np.moveaxis((np.moveaxis(x, 1, -1) - mean), -1, 1) * scale
            """,
        ],
    ),
    "running": Answers(
        wrong=[
            "running = running + momentum * (batch - running)",  # a new array under the old name
            "running += momentum * batch",
            "running[...] = momentum * running + (1 - momentum) * batch",  # the other share
            "running[...] = batch",
            "batch += momentum * (running - batch)",
            "running -= momentum * (batch - running)",
        ],
        right=["running[:] = (1 - momentum) * running + momentum * batch"],
    ),
}
