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
            view = sliding_window_view(a, spans(kernel, dilation), axis=(2, 3))
            return view[..., :: dilation[0], :: dilation[1]]
            """,
            # a span too long
            """
            too_long = tuple(d * k for k, d in zip(kernel, dilation))
            view = sliding_window_view(a, too_long, axis=(2, 3))
            return view[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
            """,
            # rows' settings for columns as well
            """
            view = sliding_window_view(a, spans(kernel, dilation), axis=(2, 3))
            return view[:, :, :: stride[0], :: stride[0], :: dilation[0], :: dilation[0]]
            """,
            # a copy
            """
            view = sliding_window_view(a, spans(kernel, dilation), axis=(2, 3))
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
            _, c, _, _, height, width = view.shape
            return view.reshape(c * height * width, -1)
            """,
            # windows as rows
            """
            _, c, _, _, height, width = view.shape
            return view.transpose(0, 2, 3, 1, 4, 5).reshape(-1, c * height * width)
            """,
            # the channel last
            """
            _, c, _, _, height, width = view.shape
            return view.transpose(4, 5, 1, 0, 2, 3).reshape(c * height * width, -1)
            """,
            # columns of the kernel before its rows
            """
            _, c, _, _, height, width = view.shape
            return view.transpose(1, 5, 4, 0, 2, 3).reshape(c * height * width, -1)
            """,
            # places before images
            """
            _, c, _, _, height, width = view.shape
            return view.transpose(1, 4, 5, 2, 3, 0).reshape(c * height * width, -1)
            """,
        ],
        right=[
            """
            _, c, _, _, height, width = view.shape
            rows = [
                view[:, ch, :, :, u, v].ravel()
                for ch in range(c) for u in range(height) for v in range(width)
            ]
            return np.stack(rows)
            """,
            "return np.concatenate([np.concatenate([i.transpose(0, 3, 4, 1, 2)]).reshape("
            "i.shape[0] * i.shape[3] * i.shape[4], -1) for i in view], axis=1)",
        ],
    ),
    "correlate": Answers(
        wrong=[
            # no groups
            "return weight.reshape(len(weight), -1) @ columns",
            # groups of kernels taken in turn
            """
            kernels = bundles(weight, len(weight) // groups).swapaxes(0, 1)
            return (kernels @ bundles(columns, groups)).reshape(len(weight), -1)
            """,
            # the bundles are left apart
            "return bundles(weight, groups) @ bundles(columns, groups)",
            # float64
            """
            kernels = bundles(weight, groups).astype(np.float64)
            return (kernels @ bundles(columns, groups)).reshape(len(weight), -1)
            """,
            # places before kernels
            """
            product = bundles(weight, groups) @ bundles(columns, groups)
            return product.reshape(len(weight), -1).T
            """,
        ],
        right=[
            """
            rows = weight.reshape(len(weight), -1)
            parts = zip(np.split(rows, groups), np.split(columns, groups))
            return np.concatenate([np.matmul(k, c) for k, c in parts])
            """,
            """
            product = np.einsum("gok,gkp->gop", bundles(weight, groups), bundles(columns, groups))
            return product.reshape(len(weight), columns.shape[1])
            """,
        ],
    ),
    "col2im": Answers(
        wrong=[
            # the last one wins
            """
            for part, tap in zip(parts, walk):
                tap[...] = part.reshape(tap.shape)
            """,
            # writes nothing into the images
            """
            for part, tap in zip(parts, walk):
                tap = tap + part.reshape(tap.shape)
            """,
            # the same position each time
            """
            for tap in walk:
                tap += parts[0].reshape(tap.shape)
            """,
            # backwards
            """
            for part, tap in zip(parts[::-1], walk):
                tap += part.reshape(tap.shape)
            """,
            # channels for images
            """
            for part, tap in zip(parts.swapaxes(1, 2), walk):
                tap += part.reshape(tap.shape)
            """,
        ],
        right=[
            """
            for k in reversed(range(len(walk))):
                np.add(walk[k], parts[k].reshape(walk[k].shape), out=walk[k])
            """,
        ],
    ),
    "kernel-grads": Answers(
        wrong=[
            # no groups
            "return (grad @ columns.T).reshape(weight.shape)",
            # left in bundles
            "return bundles(grad, groups) @ np.swapaxes(bundles(columns, groups), -1, -2)",
            # the product's transpose, in the weight's shape
            """
            product = bundles(columns, groups) @ np.swapaxes(bundles(grad, groups), -1, -2)
            return product.reshape(weight.shape)
            """,
            # the mean over the places
            """
            product = bundles(grad, groups) @ np.swapaxes(bundles(columns, groups), -1, -2)
            return (product / grad.shape[1]).reshape(weight.shape)
            """,
            # a sign
            """
            product = bundles(grad, groups) @ np.swapaxes(bundles(columns, groups), -1, -2)
            return -product.reshape(weight.shape)
            """,
        ],
        right=[
            """
            product = np.einsum("gop,gkp->gok", bundles(grad, groups), bundles(columns, groups))
            return product.reshape(weight.shape)
            """,
            """
            product = bundles(grad, groups) @ np.swapaxes(bundles(columns, groups), -1, -2)
            return product.reshape(weight.shape)
            """,
        ],
    ),
    "column-grads": Answers(
        wrong=[
            # no groups
            "return weight.reshape(len(weight), -1).T @ grad",
            # left in bundles
            "return np.swapaxes(bundles(weight, groups), -1, -2) @ bundles(grad, groups)",
            # all axes turned round
            """
            product = bundles(weight, groups).T @ bundles(grad, groups)
            return product.reshape(-1, grad.shape[1])
            """,
            # a sign
            """
            product = np.swapaxes(bundles(weight, groups), -1, -2) @ bundles(grad, groups)
            return -product.reshape(-1, grad.shape[1])
            """,
            # only the first kernel of each bundle
            """
            first = np.swapaxes(bundles(weight, groups), -1, -2)[..., :1]
            product = first @ bundles(grad, groups)[:, :1]
            return product.reshape(-1, grad.shape[1])
            """,
        ],
        right=[
            """
            parts = zip(bundles(weight, groups), np.split(grad, groups))
            return np.concatenate([np.tensordot(k, g, axes=(0, 0)) for k, g in parts])
            """,
        ],
    ),
    "runs": Answers(
        wrong=[
            # forgets the dilation
            """
            starts = [u * width + v for u in range(kernel[0]) for v in range(kernel[1])]
            run = rows.shape[2] - starts[-1]
            """,
            # columns outside
            """
            down, across = (range(0, k * d, d) for k, d in zip(kernel, dilation))
            starts = [u * width + v for v in across for u in down]
            run = rows.shape[2] - starts[-1]
            """,
            # the kernel's width for the image's
            """
            starts = [
                u * dilation[0] * kernel[1] + v * dilation[1]
                for u in range(kernel[0]) for v in range(kernel[1])
            ]
            run = rows.shape[2] - starts[-1]
            """,
            # one window too few
            """
            down, across = (range(0, k * d, d) for k, d in zip(kernel, dilation))
            starts = [u * width + v for u in down for v in across]
            run = rows.shape[2] - starts[-1] - 1
            """,
            # only the windows that don't straddle, as many as there are
            """
            down, across = (range(0, k * d, d) for k, d in zip(kernel, dilation))
            starts = [u * width + v for u in down for v in across]
            run = (a.shape[2] - down[-1]) * (width - across[-1])
            """,
        ],
        right=[
            """
            numbers = np.arange(rows.shape[2]).reshape(-1, width)
            inner = numbers[:: dilation[0], :: dilation[1]][: kernel[0], : kernel[1]]
            starts = inner.ravel().tolist()
            run = rows.shape[2] - max(starts)
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
