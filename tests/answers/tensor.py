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
            # takes numpy's kind of error for torch's
            "return np.broadcast_shapes(*shapes)",
            # compares with the first shape only
            """
            result = list(shapes[0])
            for shape in shapes[1:]:
                for i, size in enumerate(reversed(shape), 1):
                    if i > len(result):
                        result.insert(0, size)
                    elif result[-i] == 1:
                        result[-i] = size
                    elif size != 1 and size != shapes[0][-i]:
                        raise RuntimeError(f"shapes {shapes} do not broadcast")
            return tuple(result)
            """,
            # compares neighbours only
            """
            longest = max(len(shape) for shape in shapes)
            padded = [(1,) * (longest - len(shape)) + tuple(shape) for shape in shapes]
            for one, other in zip(padded, padded[1:]):
                if any(m != n and 1 not in (m, n) for m, n in zip(one, other)):
                    raise RuntimeError(f"shapes {shapes} do not broadcast")
            return tuple(min(place) if 0 in place else max(place) for place in zip(*padded))
            """,
            # takes a size of 0 for one that repeats
            """
            longest = max(len(shape) for shape in shapes)
            padded = [(1,) * (longest - len(shape)) + tuple(shape) for shape in shapes]
            result = []
            for place in zip(*padded):
                larger = {size for size in place if size > 1}
                if len(larger) > 1:
                    raise RuntimeError(f"shapes {shapes} do not broadcast")
                result.append(larger.pop() if larger else 1)
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
            """
            try:
                return np.broadcast_shapes(*shapes)
            except ValueError:
                raise RuntimeError(f"{shapes} do not broadcast") from None
            """,
        ],
    ),
    "mul": Answers(
        wrong=[
            "return a + b",
            "return a @ b.T",
            "return np.dot(a, b)",
            "return a",
            "return np.multiply(a, b, dtype=np.float32)",
            "return np.float64(a) * b",
        ],
        right=["return np.multiply(b, a)"],
    ),
    "div": Answers(
        wrong=["return a // b", "return b / a", "return a * b", "return a / b.sum()"],
        right=["return np.true_divide(a, b)", "return a * (1.0 / b)"],
    ),
    "pow": Answers(
        wrong=[
            "return a * b",
            "return b**a",
            "return a * a",
            "return np.exp(b * np.log(a))",
            # asks an array whether it is 2
            """
            if b == 2:
                return a * a
            if b == 3:
                return a * a * a
            return a**b
            """,
            # knows squares and cubes only
            "return a * a if np.ndim(b) == 0 and b == 2 else a * a * a",
        ],
        right=[
            "return np.power(a, b)",
            """
            if not np.isscalar(b) or b not in (2, 3):
                return a**b
            square = a * a
            return square if b == 2 else square * a
            """,
        ],
    ),
    "sum": Answers(
        wrong=[
            "return a.sum(axis=dim)",
            "return a.sum(keepdims=keepdim)",
            "return a.sum(axis=dim, keepdims=keepdim)",  # numpy adds bytes in uint64
            "return a.sum(axis=dim, keepdims=keepdim, dtype=np.int64)",
            "return a.sum(axis=dim or None, keepdims=keepdim)",
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
            "return from_numpy(x.array.mean(axis=dim, keepdims=keepdim))",  # forgets its making
            "return x.sum(dim, keepdim) / len(x)",
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
            # n of everything
            """
            deviation = x - x.mean(dim, keepdim=True)
            return (deviation * deviation).sum(dim, keepdim) / (x.numel() - correction)
            """,
            # forgets its making
            "return from_numpy(x.array.var(axis=dim, ddof=correction, keepdims=keepdim))",
            # no squares
            """
            total = (x - x.mean(dim, keepdim=True)).sum(dim, keepdim)
            return total / (x.numel() // total.numel() - correction)
            """,
        ],
        right=[
            """
            squares = (x - x.mean(dim, True)) ** 2
            n = x.numel() // squares.sum(dim).numel()
            return squares.mean(dim, keepdim) * (n / (n - correction))
            """,
        ],
    ),
    "max": Answers(
        wrong=[
            "return a.min(axis=dim, keepdims=keepdim)",
            "return a.max(axis=dim)",
            "return np.argmax(a, axis=dim, keepdims=keepdim)",
            "return a.max(axis=dim or None, keepdims=keepdim)",
            "return a.max(axis=dim, keepdims=keepdim).astype(np.float32)",
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
        right=[
            "return np.clip(a, low, high)",
            """
            a = a if low is None else np.where(a < low, low, a)
            return a if high is None else np.where(a > high, high, a)
            """,
        ],
    ),
    "masked-fill": Answers(
        wrong=[
            "return where(mask, x, value)",
            "return x * mask",
            "return where(mask, value, 0.0)",
            "return where(mask, 0.0, x)",
            "return x * ~mask + mask * value",  # 0 times infinity is nan
            # writes into the original, or tries to
            """
            x[mask] = value
            return x
            """,
            # forgets its making
            """
            array = x.array.copy()
            array[np.broadcast_to(mask.array, array.shape)] = value
            return from_numpy(array)
            """,
        ],
        right=[
            "return where(~mask, x, value)",
            "return Where.apply(mask, *promote(value, x))",
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
            # divides by 0
            """
            known = math.prod(size for size in shape if size != -1)
            if shape.count(-1) == 1 and numel % known == 0:
                shape = tuple(numel // known if size == -1 else size for size in shape)
            if math.prod(shape) != numel or min(shape, default=0) < 0:
                raise RuntimeError(f"shape {shape} does not hold {numel} elements")
            return shape
            """,
            # rounds what doesn't come out even
            """
            known = math.prod(size for size in shape if size != -1)
            if shape.count(-1) > 1 or min(shape, default=0) < -1 or -1 in shape and known == 0:
                raise RuntimeError(f"shape {shape} does not hold {numel} elements")
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
            "return from_numpy(x.array.swapaxes(dim0, dim1))",  # forgets its making
            # knows no negative dims
            """
            swap = {dim0: dim1, dim1: dim0}
            return permute(x, tuple(swap.get(d, d) for d in range(x.ndim)))
            """,
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
            # forgets its making
            """
            merged = math.prod(x.shape[start : end + 1])
            return from_numpy(x.array.reshape(x.shape[:start] + (merged,) + x.shape[end + 1 :]))
            """,
            # adds the sizes
            """
            merged = sum(x.shape[start : end + 1])
            return reshape(x, x.shape[:start] + (merged,) + x.shape[end + 1 :])
            """,
            # forgets that end_dim is included
            """
            return reshape(x, x.shape[:start] + (math.prod(x.shape[start:end]),) + x.shape[end:])
            """,
            "return reshape(x, x.shape[:start_dim] + (-1,))",
        ],
        right=[
            """
            sizes = list(x.shape)
            for _ in range(start, end):
                sizes[start] *= sizes.pop(start + 1)
            return reshape(x, tuple(sizes))
            """,
            "return x.reshape(x.shape[:start] + (-1,) + x.shape[end + 1 :])",
        ],
    ),
    "stack": Answers(
        wrong=[
            "return cat(tensors, dim)",
            "return cat([unsqueeze(t, 0) for t in tensors], dim)",
            "return cat([unsqueeze(t, dim) for t in tensors], 0)",
            "return cat([unsqueeze(t, dim) for t in tensors][::-1], dim)",
            "return from_numpy(np.stack([t.array for t in tensors], dim))",  # forgets its making
            "return Tensor([t.tolist() for t in tensors]).transpose(0, dim)",
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
            # forgets its making
            """
            if isinstance(split_size, list) and sum(split_size) != total:
                raise RuntimeError(f"{split_size} does not fill {total}")
            places = np.cumsum(split_size)[:-1]
            if isinstance(split_size, int):
                places = np.arange(split_size, total, split_size)
            return tuple(from_numpy(a) for a in np.split(x.array, places, dim))
            """,
            # a fixed size for all pieces
            """
            if isinstance(split_size, int):
                return tuple(take(start, split_size) for start in range(0, total, split_size))
            if sum(split_size) != total:
                raise RuntimeError(f"{split_size} does not fill {total}")
            return tuple(take(i * split_size[0], size) for i, size in enumerate(split_size))
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
            "return from_numpy(np.tri(rows, columns, diagonal))",  # numbers, not booleans
            "return np.tri(rows, columns, diagonal, dtype=bool)",  # an array, not a tensor
            "return from_numpy(np.tri(rows, rows, diagonal, dtype=bool))",
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
            # the second factor the wrong way round
            """
            for i in range(n):
                for j in range(m):
                    for k in range(inner):
                        c[i, j] += a[i, k] * b[j, k]
            """,
            # stops one short
            """
            for i in range(n):
                for j in range(m):
                    for k in range(inner - 1):
                        c[i, j] += a[i, k] * b[k, j]
            """,
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
