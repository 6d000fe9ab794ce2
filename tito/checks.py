"""What the notebooks' check cells use: every comparison says what was expected and what came."""

import numpy as np

__all__ = ["expect", "expect_error"]

SHOWN_WHOLE = 12  # arrays of at most so many values are shown whole in a message
SHOWN_CHARACTERS = 200  # of anything else
NUMBERS = "biufc"  # numpy's letters for booleans, integers, floats and complex numbers


def expect(came, expected, what, *, rtol=1e-5, atol=1e-6):
    """Raise an AssertionError of one line, `what: expected …, came …`, unless they agree.

    Arrays and tensors must agree in shape, then in dtype (when `expected` is an array or a numpy
    scalar: a plain number or list sets none), then in values, within the tolerances. Integers
    and booleans must be equal, nan equals nan. Everything else must be equal.
    """
    __tracebackhide__ = True
    difference = _difference(came, expected, rtol, atol)
    if difference:
        raise AssertionError(f"{what}: {difference}")


def expect_error(kind, call, what, mentions=()):
    """`call()` must raise `kind`, with each of `mentions` in the error's message."""
    __tracebackhide__ = True
    kinds = kind if isinstance(kind, tuple) else (kind,)
    name = " or ".join(k.__name__ for k in kinds)
    try:
        came = call()
    except Exception as error:
        if isinstance(error, NotImplementedError) and NotImplementedError not in kinds:
            raise  # a blank that is not written yet, not a wrong answer
        raised = error
    else:
        raise AssertionError(f"{what}: expected {name}, came no error but {_show(came)}")
    if not isinstance(raised, kinds):
        raise AssertionError(f"{what}: expected {name}, came {_show_error(raised)}") from None
    mentions = (mentions,) if isinstance(mentions, str) else mentions
    missing = [str(text) for text in mentions if str(text) not in str(raised)]
    if missing:
        wanted = " and ".join(missing)
        raise AssertionError(
            f"{what}: expected the error's message to mention {wanted}, "
            f"came {_show_error(raised)}"
        ) from None


def _difference(came, expected, rtol, atol):
    """What differs, in words; None where nothing does."""
    if isinstance(expected, bool):
        same = _is_bool(came) and bool(came) == expected
        return None if same else _say(expected, came)
    if isinstance(expected, (list, tuple)) and not _is_array(came):
        return _sequence_difference(came, expected, rtol, atol)
    if _is_array(expected) or isinstance(expected, (int, float, list, tuple)):
        return _array_difference(came, expected, rtol, atol)
    if _is_array(came) or came != expected:
        return _say(expected, came)
    return None


def _sequence_difference(came, expected, rtol, atol):
    kind = tuple if isinstance(expected, tuple) else list
    if not isinstance(came, kind) or len(came) != len(expected):
        return _say(expected, came)
    for index, (one, other) in enumerate(zip(came, expected, strict=True)):
        difference = _difference(one, other, rtol, atol)
        if difference and (_is_array(one) or _is_array(other)):
            return f"item {index}: {difference}"
        if difference:
            return _say(expected, came)
    return None


def _array_difference(came, expected, rtol, atol):
    sets_dtype = _is_array(expected)
    is_plain_number = isinstance(came, (int, float)) and not isinstance(expected, np.ndarray)
    if not _is_array(came) and not is_plain_number:
        kind = f" (a {type(came).__name__})" if isinstance(came, (list, tuple)) else ""
        return _say(expected, came) + kind
    came, expected = np.asarray(came), _as_array(expected)
    if came.shape != expected.shape:
        return f"expected shape {expected.shape}, came shape {came.shape}"
    if sets_dtype and came.dtype != expected.dtype:
        return f"expected dtype {expected.dtype}, came dtype {came.dtype}"
    if came.dtype.kind not in NUMBERS or expected.dtype.kind not in NUMBERS:
        return _say(expected, came)
    wrong = ~_agree(came, expected, rtol, atol)
    if not wrong.any():
        return None
    if expected.size <= SHOWN_WHOLE:
        return _say(expected, came)
    return _first_wrong(came, expected, wrong)


def _as_array(value):
    try:
        return np.asarray(value)
    except ValueError:  # rows of different lengths
        return np.asarray(value, dtype=object)


def _agree(came, expected, rtol, atol):
    exact = came.dtype.kind in "biu" and expected.dtype.kind in "biu"
    if exact:
        return np.asarray(came == expected)
    return np.asarray(np.isclose(came, expected, rtol=rtol, atol=atol, equal_nan=True))


def _first_wrong(came, expected, wrong):
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    at = ", ".join(map(str, index))
    return (
        f"expected {_show(expected[index])} at [{at}], came {_show(came[index])} "
        f"({int(wrong.sum())} of {wrong.size} values differ, shape {expected.shape})"
    )


def _is_array(value):
    """An array, a numpy scalar or a tensor; not a class of them, such as `np.float32`."""
    return hasattr(value, "__array__") and not isinstance(value, type)


def _is_bool(value):
    if _is_array(value):
        value = np.asarray(value)
        return value.shape == () and value.dtype == bool
    return isinstance(value, bool)


def _say(expected, came):
    return f"expected {_show(expected)}, came {_show(came)}"


def _show(value):
    """`value` on one line."""
    if _is_array(value):
        return _show_array(np.asarray(value))
    if isinstance(value, (list, tuple)):
        inside = ", ".join(map(_show, value))
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return _shorten(f"({inside}{comma})" if isinstance(value, tuple) else f"[{inside}]")
    if isinstance(value, type):
        return value.__name__
    return _shorten(str(value) if isinstance(value, np.dtype) else repr(value))


def _show_array(array):
    if array.size > SHOWN_WHOLE:
        return f"an array of shape {array.shape}, dtype {array.dtype}"
    plain = dict.fromkeys(("float_kind", "int_kind", "bool"), str)
    text = np.array2string(array, separator=", ", max_line_width=10**6, formatter=plain)
    return _shorten(text)


def _show_error(error):
    return _shorten(f"{type(error).__name__}: {error}")


def _shorten(text):
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 2] + " …"
