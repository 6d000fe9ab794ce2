"""Answers to the blanks of nbs/04_losses.ipynb."""

from tests.answers import Answers

ANSWERS = {
    "reduce": Answers(
        wrong=[
            # the mean of the first dimension only
            """
            if reduction == "mean":
                return losses.mean(dim=0)
            if reduction == "sum":
                return losses.sum(dim=0)
            return losses
            """,
            # everything is a mean
            'return losses if reduction == "none" else losses.mean()',
            # the mean even where nothing was to be reduced
            'return losses.sum() if reduction == "sum" else losses.mean()',
            # forgets how it was made
            """
            if reduction == "none":
                return losses
            return from_numpy(getattr(losses.array, reduction)())
            """,
            # divided by the rows only
            """
            if reduction == "none":
                return losses
            total = losses.sum()
            return total / losses.size(0) if reduction == "mean" and losses.ndim else total
            """,
        ],
        right=[
            'return losses if reduction == "none" else getattr(losses, reduction)()',
        ],
    ),
    "mse-loss": Answers(
        wrong=[
            "return reduce((input - target).abs(), reduction)",
            "return reduce(input**2 - target**2, reduction)",
            "return ((input - target) ** 2).mean()",
            "return reduce((input - target) ** 2, reduction).sqrt()",
            "return reduce(input - target, reduction) ** 2",
            "return 0.5 * reduce((input - target) ** 2, reduction)",
            # forgets how it was made
            "return reduce(from_numpy((input.array - target.array) ** 2), reduction)",
        ],
        right=[
            """
            error = target - input
            return reduce(error * error, reduction)
            """,
        ],
    ),
    "surprise": Answers(
        wrong=[
            "return log_p[np.arange(len(target)), target]",  # no minus
            "return -log_p[:, target]",  # every pair of row and column
            "return -log_p[target]",  # rows instead of columns
            "return -log_p[np.arange(len(target)), target].log()",  # the logarithm of a logarithm
            "return -log_p.max(dim=1).values",  # the likeliest class, not the target
            "return -log_p[np.arange(len(target)), target].mean()",  # reduced too early
            # forgets how it was made
            "return from_numpy(-log_p.array[np.arange(len(target)), np.asarray(target)])",
        ],
        right=[
            """
            happened = np.asarray(target)[:, None] == np.arange(log_p.shape[1])
            return -log_p[from_numpy(happened)]
            """,
        ],
    ),
    "class-rows": Answers(
        wrong=[
            "return input.reshape(-1, input.shape[1] if input.ndim > 1 else input.shape[0])",
            # the classes are last, but the places are turned round
            """
            if input.ndim > 2:
                input = input.permute(*range(input.ndim - 1, 1, -1), 0, 1)
            return input.reshape(-1, input.shape[-1])
            """,
            # good for one more dimension, not for two
            """
            if input.ndim > 2:
                input = input.transpose(1, -1)
            return input.reshape(-1, input.shape[-1])
            """,
            # forgets one photograph alone
            """
            if input.ndim == 1:
                return input
            order = (0, *range(2, input.ndim), 1)
            return input.permute(order).reshape(-1, input.shape[1])
            """,
            # forgets how it was made
            """
            rows = np.moveaxis(input.array, min(1, input.ndim - 1), -1)
            return from_numpy(rows.reshape(-1, rows.shape[-1]))
            """,
            # one column of places for each class
            """
            if input.ndim > 2:
                input = input.transpose(0, 1).reshape(input.shape[1], -1)
            return input.reshape(-1, input.shape[-1])
            """,
        ],
        right=[
            # the classes wander to the end, one place at a time
            """
            if input.ndim == 1:
                input = input.unsqueeze(0)
            for dim in range(1, input.ndim - 1):
                input = input.transpose(dim, dim + 1)
            return input.flatten(0, -2)
            """,
        ],
    ),
    "row-scales": Answers(
        wrong=[
            # ignored rows are counted in the mean
            """
            counts = kept if weight is None else kept * weight[classes]
            return counts / len(classes) if reduction == "mean" else counts
            """,
            # divided by how many count, not by their weights
            """
            counts = kept if weight is None else kept * weight[classes]
            return counts / kept.sum() if reduction == "mean" else counts
            """,
            # ignored rows come back with the weights
            """
            counts = kept if weight is None else weight[classes]
            return counts / counts.sum() if reduction == "mean" else counts
            """,
            # weights never looked up
            'return kept / kept.sum() if reduction == "mean" else kept',
            # always a mean
            """
            counts = kept if weight is None else kept * weight[classes]
            return counts / counts.sum()
            """,
            # the weights of all classes in the divisor
            """
            if weight is None:
                weight = np.ones(classes.max() + 1, kept.dtype)
            counts = kept * weight[classes]
            return counts / weight.sum() if reduction == "mean" else counts
            """,
            # writes into what was lent
            """
            if weight is not None:
                kept *= weight[classes]
            return kept / kept.sum() if reduction == "mean" else kept
            """,
        ],
        right=[
            """
            counts = np.array(kept)
            if weight is not None:
                counts *= np.take(weight, classes)
            divisor = counts.sum() if reduction == "mean" else counts.dtype.type(1)
            return counts / divisor
            """,
        ],
    ),
    "logsumexp": Answers(
        wrong=[
            # the textbook's: overflows
            """
            with np.errstate(all="ignore"):
                output = np.log(np.exp(a).sum(axis=dim, keepdims=True))
            """,
            # the maximum does not come back
            """
            peak = a.max(axis=dim, keepdims=True)
            peak = np.where(np.isfinite(peak), peak, 0)
            output = np.log(np.exp(a - peak).sum(axis=dim, keepdims=True))
            """,
            # −∞ − (−∞) is nan
            """
            peak = a.max(axis=dim, keepdims=True)
            with np.errstate(all="ignore"):
                output = np.log(np.exp(a - peak).sum(axis=dim, keepdims=True)) + peak
            """,
            # one maximum for everything: rows far below it underflow
            """
            peak = a.max() if np.isfinite(a.max()) else 0
            with np.errstate(divide="ignore"):
                output = np.log(np.exp(a - peak).sum(axis=dim, keepdims=True)) + peak
            """,
            # the maximum alone: close, where one is far above the others
            "output = a.max(axis=dim, keepdims=True)",
            # a mean for a sum
            """
            peak = a.max(axis=dim, keepdims=True)
            peak = np.where(np.isfinite(peak), peak, 0)
            output = np.log(np.exp(a - peak).mean(axis=dim, keepdims=True)) + peak
            """,
        ],
        right=[
            "output = np.logaddexp.reduce(a, axis=dim, keepdims=True)"
            " if isinstance(dim, int) else np.logaddexp.reduce("
            "np.moveaxis(a, dim, range(len(dim))).reshape("
            "-1, *np.delete(a.shape, dim)), axis=0).reshape("
            "[1 if i in [d % a.ndim for d in dim] else s for i, s in enumerate(a.shape)])",
            """
            peak = np.nan_to_num(a.max(axis=dim, keepdims=True), posinf=0, neginf=0)
            output = peak + np.log(np.sum(np.exp(a - peak), axis=dim, keepdims=True))
            """,
        ],
    ),
    "cross-entropy": Answers(
        wrong=[
            # without the maximum: overflows
            """
            with np.errstate(all="ignore"):
                exps = np.exp(logits)
                totals = exps.sum(axis=1)
                losses = np.log(totals) - logits[np.arange(len(logits)), target]
            """,
            # the logarithm of a softmax: the surprise is infinite at 104 already
            """
            exps = np.exp(logits - logits.max(axis=1, keepdims=True))
            totals = exps.sum(axis=1)
            with np.errstate(divide="ignore"):
                losses = -np.log(exps[np.arange(len(logits)), target] / totals)
            """,
            # the maximum taken out of one half only
            """
            exps = np.exp(logits - logits.max(axis=1, keepdims=True))
            totals = exps.sum(axis=1)
            losses = np.log(totals) - logits[np.arange(len(logits)), target]
            """,
            # the maximum down the columns
            """
            shifted = logits - logits.max(axis=0, keepdims=True)
            exps = np.exp(shifted)
            totals = exps.sum(axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                losses = np.log(totals) - shifted[np.arange(len(logits)), target]
            """,
            # picked after the exponentials were written over the logits
            """
            shifted = logits - logits.max(axis=1, keepdims=True)
            exps = np.exp(shifted, out=shifted)
            totals = exps.sum(axis=1)
            losses = np.log(totals) - shifted[np.arange(len(logits)), target]
            """,
            # the sign
            """
            shifted = logits - logits.max(axis=1, keepdims=True)
            exps = np.exp(shifted)
            totals = exps.sum(axis=1)
            losses = shifted[np.arange(len(logits)), target] - np.log(totals)
            """,
            # works in the caller's memory
            """
            logits -= logits.max(axis=1, keepdims=True)
            exps = np.exp(logits)
            totals = exps.sum(axis=1)
            losses = np.log(totals) - logits[np.arange(len(logits)), target]
            """,
            # every pair of row and target
            """
            shifted = logits - logits.max(axis=1, keepdims=True)
            exps = np.exp(shifted)
            totals = exps.sum(axis=1)
            losses = np.log(totals)[:, None] - shifted[:, target]
            """,
        ],
        right=[
            """
            peaks = np.max(logits, axis=1)
            exps = np.exp(logits - peaks[:, None])
            totals = np.einsum("nc->n", exps)
            own = np.take_along_axis(logits, target[:, None].astype(int), axis=1)[:, 0]
            losses = np.log(totals) + (peaks - own)
            """,
        ],
    ),
    "soft-cross-entropy": Answers(
        wrong=[
            "return (distribution * log_softmax(logits, dim=1)).sum(dim=1)",  # no minus
            "return -(distribution * log_softmax(logits, dim=0)).sum(dim=1)",  # down the columns
            "return -(distribution * log_softmax(logits, dim=1)).sum()",  # reduced too early
            "return -(distribution * log_softmax(logits, dim=1)).mean(dim=1)",
            "return -(log_softmax(distribution, dim=1) * logits).sum(dim=1)",  # the roles swapped
            # the likeliest class only
            "return surprise(log_softmax(logits, dim=1), distribution.argmax(dim=1))",
            # right only where q sums to 1
            "return logsumexp(logits, 1) - (distribution * logits).sum(dim=1)",
        ],
        right=[
            """
            log_p = logits - logsumexp(logits, 1, keepdim=True)
            return (distribution * -1 * log_p).sum(dim=-1)
            """,
        ],
    ),
    "smooth": Answers(
        wrong=[
            # evenly over the other classes only
            """
            others = label_smoothing / max(distribution.shape[1] - 1, 1)
            return distribution * (1 - label_smoothing) + (1 - distribution) * others
            """,
            "return distribution + label_smoothing / distribution.shape[1]",  # sums to more than 1
            "return distribution * (1 - label_smoothing) + label_smoothing",  # not divided
            # divided by the number of rows
            "return distribution * (1 - label_smoothing) + label_smoothing / len(distribution)",
            # the two shares swapped
            """
            evenly = (1 - label_smoothing) / distribution.shape[1]
            return distribution * label_smoothing + evenly
            """,
        ],
        right=[
            "return distribution + label_smoothing * (1 / distribution.size(-1) - distribution)",
        ],
    ),
    "bce": Answers(
        wrong=[
            "return t * floored_log(p) + (1 - t) * floored_log(1 - p)",  # no minus
            "return -t * floored_log(p)",  # no never surprises
            "return -(p * floored_log(t) + (1 - p) * floored_log(1 - t))",  # the roles swapped
            "return -(t * floored_log(p) + (1 - t) * (1 - floored_log(p)))",
            "return -np.where(t > 0.5, floored_log(p), floored_log(1 - p))",  # no soft targets
            # no floor
            """
            with np.errstate(divide="ignore", invalid="ignore"):
                return -np.where(t == 0, 0, t * np.log(p)) - (1 - t) * np.log1p(-p)
            """,
            "return -(t * floored_log(p) + (1 - t) * floored_log(1 - p)).mean()",
        ],
        right=[
            """
            yes, no = np.negative(floored_log(p)), np.negative(floored_log(1 - p))
            return no + t * (yes - no)
            """,
        ],
    ),
    "bce-with-logits": Answers(
        wrong=[
            # by way of the sigmoid: infinite or nan
            """
            with np.errstate(all="ignore"):
                p = 1 / (1 + np.exp(-x))
                return -(pos_weight * t * np.log(p) + (1 - t) * np.log(1 - p))
            """,
            # by way of the sigmoid, with a floor
            """
            with np.errstate(over="ignore"):
                p = 1 / (1 + np.exp(-x))
            return -(pos_weight * t * floored_log(p) + (1 - t) * floored_log(1 - p))
            """,
            # no maximum taken out
            """
            with np.errstate(all="ignore"):
                yes, no = np.log1p(np.exp(-x)), np.log1p(np.exp(x))
                return pos_weight * t * yes + (1 - t) * no
            """,
            # pos_weight on both
            """
            tail = np.log1p(np.exp(-np.abs(x)))
            return pos_weight * (tail + np.maximum(x, 0) - x * t)
            """,
            # pos_weight forgotten
            "return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0) - x * t",
            # yes and no swapped
            """
            tail = np.log1p(np.exp(-np.abs(x)))
            return pos_weight * t * (tail + np.maximum(x, 0)) + (1 - t) * (tail + np.maximum(-x, 0))
            """,
            # the tail in one half only
            """
            tail = np.log1p(np.exp(-np.abs(x)))
            return pos_weight * t * (tail + np.maximum(-x, 0)) + (1 - t) * np.maximum(x, 0)
            """,
        ],
        right=[
            # torch's own form
            """
            log_sigmoid = np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))
            return (1 - t) * x - (1 + (pos_weight - 1) * t) * log_sigmoid
            """,
            """
            nothing = np.zeros_like(x)
            yes, no = np.logaddexp(nothing, -x), np.logaddexp(nothing, x)
            return t * yes * pos_weight + no - t * no
            """,
        ],
    ),
}
