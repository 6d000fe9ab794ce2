"""Answers to the blanks of 01_tensor."""

from tests.answers import Answers

ANSWERS = {
    "broadcast-shapes": Answers(
        wrong=[
            # lines the shapes up on the left
            """
            longest = max((len(shape) for shape in shapes), default=0)
            padded = [tuple(shape) + (1,) * (longest - len(shape)) for shape in shapes]
            result = []
            for place in zip(*padded):
                larger = {size for size in place if size != 1}
                if len(larger) > 1:
                    raise RuntimeError(f"shapes {shapes} do not broadcast")
                result.append(larger.pop() if larger else 1)
            return tuple(result)
            """,
            # takes the larger size where two differ
            """
            longest = max((len(shape) for shape in shapes), default=0)
            padded = [(1,) * (longest - len(shape)) + tuple(shape) for shape in shapes]
            return tuple(max(place) for place in zip(*padded))
            """,
            # drops the dimensions that only one shape has
            """
            result = []
            for place in zip(*(reversed(shape) for shape in shapes)):
                larger = {size for size in place if size != 1}
                if len(larger) > 1:
                    raise RuntimeError(f"shapes {shapes} do not broadcast")
                result.insert(0, larger.pop() if larger else 1)
            return tuple(result)
            """,
            # calls a size of 1 a conflict
            """
            longest = max((len(shape) for shape in shapes), default=0)
            padded = [(None,) * (longest - len(shape)) + tuple(shape) for shape in shapes]
            result = []
            for place in zip(*padded):
                sizes = set(place) - {None}
                if len(sizes) > 1:
                    raise RuntimeError(f"shapes {shapes} do not broadcast")
                result.append(sizes.pop())
            return tuple(result)
            """,
        ],
        right=[
            """
            result = ()
            for shape in shapes:
                longest = max(len(shape), len(result))
                one, other = ((1,) * (longest - len(s)) + tuple(s) for s in (result, shape))
                if any(m != n and 1 not in (m, n) for m, n in zip(one, other)):
                    raise RuntimeError(f"{shapes}: sizes differ")
                result = tuple(n if m == 1 else m for m, n in zip(one, other))
            return result
            """,
        ],
    ),
    "mul": Answers(
        wrong=["return a + b", "return a @ b.T", "return np.dot(a, b)", "return a"],
        right=["return np.multiply(b, a)"],
    ),
    "div": Answers(
        wrong=["return a // b", "return b / a", "return a * b", "return a / b.sum()"],
        right=["return np.true_divide(a, b)"],
    ),
    "pow": Answers(
        wrong=["return a * b", "return b**a", "return a * a", "return np.exp(b * np.log(a))"],
        right=["return np.power(a, b)"],
    ),
    "sum": Answers(
        wrong=[
            "return a.sum(axis=dim)",
            "return a.sum(keepdims=keepdim)",
            "return a.sum(axis=dim, keepdims=keepdim, dtype=a.dtype)",
            "return a.sum(axis=dim, keepdims=keepdim, dtype=np.float32)",
            "return a.mean(axis=dim, keepdims=keepdim)",
        ],
        right=[
            """
            if a.dtype.kind in "bui":
                a = a.astype(np.int64)
            return np.add.reduce(a, axis=dim, keepdims=keepdim)
            """,
        ],
    ),
    "mean": Answers(
        wrong=[
            "return x.sum(dim, keepdim) / x.numel()",
            "return x.sum(dim, keepdim) / x.shape[0]",
            "return x.sum(dim) / (x.numel() // max(x.sum(dim).numel(), 1))",
            "return x.sum(dim, keepdim)",
        ],
        right=[
            """
            dims = range(x.ndim) if dim is None else dim if isinstance(dim, tuple) else (dim,)
            return x.sum(dim, keepdim) * (1 / math.prod(x.shape[d] for d in dims))
            """,
        ],
    ),
    "var": Answers(
        wrong=[
            # forgets the correction
            """
            deviation = x - x.mean(dim, keepdim=True)
            return (deviation * deviation).mean(dim, keepdim)
            """,
            # always n - 1
            """
            deviation = x - x.mean(dim, keepdim=True)
            total = (deviation * deviation).sum(dim, keepdim)
            return total / (x.numel() // total.numel() - 1)
            """,
            # deviations from the mean of everything
            """
            deviation = x - x.mean()
            total = (deviation * deviation).sum(dim, keepdim)
            return total / (x.numel() // total.numel() - correction)
            """,
            # mean of squares minus square of mean, which cancels far from zero
            """
            n = x.numel() // x.sum(dim).numel()
            return ((x * x).mean(dim, keepdim) - x.mean(dim, keepdim) ** 2) * (n / (n - correction))
            """,
            # no squares
            """
            total = (x - x.mean(dim, keepdim=True)).sum(dim, keepdim)
            return total / (x.numel() // total.numel() - correction)
            """,
        ],
        right=["return from_numpy(x.array.var(axis=dim, ddof=correction, keepdims=keepdim))"],
    ),
    "max": Answers(
        wrong=[
            "return a.min(axis=dim, keepdims=keepdim)",
            "return a.max(axis=dim)",
            "return np.argmax(a, axis=dim, keepdims=keepdim)",
            "return np.nanmax(a, axis=dim, keepdims=keepdim)",
            "return a.max(axis=dim, keepdims=keepdim, initial=0)",
        ],
        right=["return np.maximum.reduce(a, axis=dim, keepdims=keepdim)"],
    ),
    "clip": Answers(
        wrong=[
            # takes a bound of 0 for none
            """
            if low:
                a = np.maximum(a, low)
            if high:
                a = np.minimum(a, high)
            return a
            """,
            # the bounds the wrong way round
            """
            if low is not None:
                a = np.minimum(a, low)
            if high is not None:
                a = np.maximum(a, high)
            return a
            """,
            # writes into the original
            """
            if low is not None:
                a[a < low] = low
            if high is not None:
                a[a > high] = high
            return a
            """,
            # knows only one bound at a time
            """
            if low is not None:
                return np.maximum(a, low)
            return np.minimum(a, high)
            """,
        ],
        right=["return np.clip(a, low, high)"],
    ),
    "masked-fill": Answers(
        wrong=[
            "return where(mask, x, value)",
            "return x * mask",
            "return where(mask, value, 0.0)",
            "return where(mask, 0.0, x)",
        ],
        right=[
            """
            array = x.array.copy()
            array[np.broadcast_to(mask.array, array.shape)] = value
            return from_numpy(array)
            """,
        ],
    ),
    "infer-shape": Answers(
        wrong=[
            # counts the -1 among the known sizes
            """
            known = math.prod(shape)
            return tuple(numel // known if size == -1 else size for size in shape)
            """,
            # never complains
            """
            known = math.prod(size for size in shape if size != -1)
            return tuple(numel // known if size == -1 else size for size in shape)
            """,
            # only the last size may be missing
            """
            if shape and shape[-1] == -1:
                shape = shape[:-1] + (numel // math.prod(shape[:-1]),)
            if math.prod(shape) != numel:
                raise RuntimeError(f"shape {shape} does not hold {numel} elements")
            return shape
            """,
            # allows two missing sizes
            """
            known = math.prod(size for size in shape if size != -1)
            if known and numel % known == 0:
                shape = tuple(numel // known if size == -1 else size for size in shape)
            if math.prod(shape) != numel:
                raise RuntimeError(f"shape {shape} does not hold {numel} elements")
            return shape
            """,
        ],
        right=[
            """
            try:
                return np.broadcast_to(np.int8(0), numel).reshape(shape).shape
            except ValueError:
                raise RuntimeError(f"{numel} elements do not fit {shape}") from None
            """,
        ],
    ),
    "transpose": Answers(
        wrong=[
            "return permute(x, tuple(reversed(range(x.ndim))))",
            "return x",
            "return reshape(x, x.shape[::-1])",
            """
            order = list(range(x.ndim))
            order[dim0] = dim1
            order[dim1] = order[dim0]
            return permute(x, tuple(order))
            """,
        ],
        right=[
            """
            dim0, dim1 = dim0 % x.ndim, dim1 % x.ndim
            swap = {dim0: dim1, dim1: dim0}
            return permute(x, tuple(swap.get(d, d) for d in range(x.ndim)))
            """,
        ],
    ),
    "flatten": Answers(
        wrong=[
            "return reshape(x, (-1,))",
            "return reshape(x, (x.shape[0], -1))",
            # forgets that end_dim is included
            """
            start, end = normalize_dim(start_dim, x.ndim), normalize_dim(end_dim, x.ndim)
            return reshape(x, x.shape[:start] + (math.prod(x.shape[start:end]),) + x.shape[end:])
            """,
            "return reshape(x, x.shape[:start_dim] + (-1,))",
        ],
        right=[
            """
            start, end = start_dim % x.ndim, end_dim % x.ndim
            sizes = list(x.shape)
            while end > start:
                sizes[start] *= sizes.pop(start + 1)
                end -= 1
            return reshape(x, tuple(sizes))
            """,
        ],
    ),
    "stack": Answers(
        wrong=[
            "return cat(tensors, dim)",
            "return cat([unsqueeze(t, 0) for t in tensors], dim)",
            "return cat([unsqueeze(t, dim) for t in tensors], 0)",
            "return cat([unsqueeze(t, dim) for t in tensors][::-1], dim)",
        ],
        right=[
            """
            place = dim % (tensors[0].ndim + 1)
            shapes = {t.shape[:place] + (1,) + t.shape[place:] for t in tensors}
            if len(shapes) > 1:
                raise RuntimeError(f"stack: expected one shape, came {shapes}")
            return cat([reshape(t, *shapes) for t in tensors], place)
            """,
        ],
    ),
    "split": Answers(
        wrong=[
            # drops the last, smaller piece
            """
            if isinstance(split_size, int):
                split_size = [split_size] * (total // split_size)
            starts = [sum(split_size[:i]) for i in range(len(split_size))]
            return tuple(take(start, size) for start, size in zip(starts, split_size))
            """,
            # takes the size for the number of pieces
            """
            pieces = split_size
            if isinstance(split_size, int):
                pieces = [total // split_size] * split_size
            starts = [sum(pieces[:i]) for i in range(len(pieces))]
            return tuple(take(start, size) for start, size in zip(starts, pieces))
            """,
            # a list
            """
            pieces = split_size
            if isinstance(split_size, int):
                pieces = [min(split_size, total - s) for s in range(0, total, split_size)]
            if sum(pieces) != total:
                raise RuntimeError(f"split: expected sizes that fill {total}, came {split_size}")
            return [take(sum(pieces[:i]), size) for i, size in enumerate(pieces)]
            """,
            # does not check the list
            """
            pieces = split_size
            if isinstance(split_size, int):
                pieces = [min(split_size, total - s) for s in range(0, total, split_size)]
            return tuple(take(sum(pieces[:i]), size) for i, size in enumerate(pieces))
            """,
        ],
        right=[
            """
            if isinstance(split_size, int):
                return tuple(take(start, split_size) for start in range(0, total, split_size))
            pieces, start = [], 0
            for size in split_size:
                pieces.append(take(start, size))
                start += size
            if start != total:
                raise RuntimeError(f"sizes {split_size} do not fill {total}")
            return tuple(pieces)
            """,
        ],
    ),
    "lower-triangle": Answers(
        wrong=[
            "return from_numpy(np.arange(columns) < np.arange(rows)[:, None] + diagonal)",
            "return from_numpy(np.arange(columns) >= np.arange(rows)[:, None] + diagonal)",
            "return from_numpy(np.arange(columns) <= np.arange(rows)[:, None] - diagonal)",
            "return from_numpy(np.arange(columns) <= np.arange(rows)[:, None])",
            "return from_numpy(np.arange(rows) <= np.arange(columns)[:, None] + diagonal)",
        ],
        right=["return from_numpy(np.tri(rows, columns, diagonal, dtype=bool))"],
    ),
    "matmul-loops": Answers(
        wrong=[
            """
            for i in range(n):
                for j in range(m):
                    for k in range(inner):
                        c[i, j] = a[i, k] * b[k, j]
            """,
            """
            for i in range(n):
                for j in range(m):
                    for k in range(n):
                        c[i, j] += a[i, k] * b[k, j]
            """,
            """
            for i in range(n):
                for j in range(m):
                    for k in range(inner):
                        c[i, j] += a[i, k] + b[k, j]
            """,
            "c = a * b",
        ],
        right=[
            """
            for k in range(inner):
                for i, left in enumerate(a[:, k]):
                    for j, right in enumerate(b[k]):
                        c[i, j] += left * right
            """,
        ],
    ),
    "strides": Answers(
        wrong=[
            "return tuple(math.prod(shape[i:]) for i in range(len(shape)))",
            "return tuple(math.prod(shape[:i]) for i in range(len(shape)))",
            "return shape[1:] + (1,)",
            "return [math.prod(shape[i + 1 :]) for i in range(len(shape))]",
        ],
        right=[
            """
            strides, step = [], 1
            for size in reversed(shape):
                strides.insert(0, step)
                step *= size
            return tuple(strides)
            """,
        ],
    ),
}
