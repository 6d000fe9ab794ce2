"""What check cells say: `expect` and `expect_error`."""

import numpy as np
import pytest

from tito.checks import expect, expect_error


class Wrapped:
    """Like a Tensor: no array, but it can become one."""

    def __init__(self, values, dtype=np.float32):
        self.values = np.array(values, dtype)

    def __array__(self, dtype=None, copy=None):
        return self.values if dtype is None else self.values.astype(dtype)


AGREE = {
    "numbers": (3, 3),
    "numbers within the tolerance": (0.1 + 0.2, 0.3),
    "an integer for a float": (3, 3.0),
    "nan": (float("nan"), float("nan")),
    "infinity": (float("-inf"), float("-inf")),
    "an array for a list": (np.float32([1, 2]), [1, 2]),
    "a tensor for nested lists": (Wrapped([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    "a tensor for an array": (Wrapped([1, np.nan]), np.float32([1, np.nan])),
    "a tensor for a number": (Wrapped(3), 3),
    "an empty array": (np.ones((3, 0)), np.ones((3, 0))),
    "a shape": ((2, 3), (2, 3)),
    "a tuple of tensors": ((Wrapped([1]), Wrapped([2])), (np.float32([1]), np.float32([2]))),
    "a list of floats": ([0.1 + 0.2], [0.3]),
    "a dtype": (np.dtype("float32"), np.float32),
    "a string": ("relu", "relu"),
    "None": (None, None),
    "a numpy boolean": (np.bool_(True), True),
    "a tensor's boolean": (Wrapped(True, bool), True),
}


@pytest.mark.parametrize("case", AGREE)
def test_expect_accepts(case):
    expect(*AGREE[case], case)


WRONG = {
    "numbers": (5, 6, "expected 6, came 5"),
    "large integers, one apart": (100_000, 100_001, "expected 100001, came 100000"),
    "nothing": (None, 6, "expected 6, came None"),
    "a number for None": (np.ones(1), None, "expected None, came [1.0]"),
    "a boolean's stand-in": (1, True, "expected True, came 1"),
    "nan for a number": (float("nan"), 1.0, "expected 1.0, came nan"),
    "a small array": (
        np.float32([[1, 0.1]]), np.float32([[1, 0.2]]),
        "expected [[1.0, 0.2]], came [[1.0, 0.1]]",
    ),
    "a shape": (np.ones((2, 1)), [1, 1], "expected shape (2,), came shape (2, 1)"),
    "one value in an array": (np.ones(1), 1.0, "expected shape (), came shape (1,)"),
    "a dtype": (
        np.ones(2), np.ones(2, np.float32), "expected dtype float32, came dtype float64",
    ),
    "a scalar's dtype": (
        np.float64(1), np.float32(1), "expected dtype float32, came dtype float64",
    ),
    "a name of a dtype": (np.dtype("float64"), np.float32, "expected float32, came float64"),
    "a list for an array": (
        [1, 2], np.array([1, 2]), "expected [1, 2], came [1, 2] (a list)",
    ),
    "a list for a tuple": ([2, 3], (2, 3), "expected (2, 3), came [2, 3]"),
    "a short tuple": ((2,), (2, 3), "expected (2, 3), came (2,)"),
    "one of several arrays": (
        [np.ones(1), np.ones(1)], [np.ones(1), np.zeros(1)],
        "item 1: expected [0.0], came [1.0]",
    ),
    "rows of different lengths": (np.ones((2, 1)), [[1], [1, 2]], "expected shape (2,)"),
    "a string": ("gelu", "relu", "expected 'relu', came 'gelu'"),
    "objects": (np.array([None]), [1], "expected [1], came [None]"),
    "several lines": ("a\nb", "c", r"expected 'c', came 'a\nb'"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_expect_says_what_was_expected_and_what_came(case):
    came, expected, message = WRONG[case]
    with pytest.raises(AssertionError) as error:
        expect(came, expected, "the thing")
    assert str(error.value).startswith(f"the thing: {message}")
    assert "\n" not in str(error.value)


def test_a_large_array_is_told_by_its_first_wrong_value():
    came = np.zeros((20, 30), np.float32)
    came[4, 5] = 0.5
    came[9, 9] = 1
    with pytest.raises(AssertionError) as error:
        expect(came, np.zeros((20, 30), np.float32), "zeros")
    assert str(error.value) == (
        "zeros: expected 0.0 at [4, 5], came 0.5 (2 of 600 values differ, shape (20, 30))"
    )


def test_tolerances_are_the_callers():
    expect(1.01, 1.0, "near", rtol=0.1)
    with pytest.raises(AssertionError):
        expect(1.01, 1.0, "near", rtol=0, atol=0.001)


def test_whole_numbers_have_no_tolerance():
    with pytest.raises(AssertionError):
        expect(np.array([10]), np.array([11]), "near", rtol=0.5)


def test_a_failure_inside_the_students_code_is_not_swallowed():
    class Unwritten:
        def __array__(self, dtype=None, copy=None):
            raise NotImplementedError("write this")

    with pytest.raises(NotImplementedError):
        expect(Unwritten(), 1.0, "the thing")


def fail(error):
    raise error


def test_expect_error_accepts_the_kind_with_its_mentions():
    expect_error(ValueError, lambda: fail(ValueError("(2, 3) and (4,)")), "add")
    expect_error(ValueError, lambda: fail(ValueError("(2, 3) and (4,)")), "add", ["(2, 3)", "(4,)"])
    expect_error(LookupError, lambda: fail(IndexError("3")), "at", "3")
    expect_error((TypeError, RuntimeError), lambda: fail(RuntimeError("x")), "add")
    expect_error(NotImplementedError, lambda: fail(NotImplementedError("later")), "backward")


@pytest.mark.parametrize(
    "kind, call, mentions, message",
    [
        (ValueError, lambda: 3, (), "add: expected ValueError, came no error but 3"),
        (ValueError, lambda: fail(KeyError("k")), (), "add: expected ValueError, came KeyError"),
        ((TypeError, RuntimeError), lambda: None, (), "add: expected TypeError or RuntimeError"),
        (
            ValueError, lambda: fail(ValueError("bad\nshape")), ["(2, 3)"],
            "add: expected the error's message to mention (2, 3), came ValueError: bad shape",
        ),
    ],
)  # fmt: skip
def test_expect_error_says_what_came_instead(kind, call, mentions, message):
    with pytest.raises(AssertionError) as error:
        expect_error(kind, call, "add", mentions)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_blank_not_written_yet_is_not_taken_for_the_expected_error():
    with pytest.raises(NotImplementedError):
        expect_error(RuntimeError, lambda: fail(NotImplementedError("write this")), "add")
