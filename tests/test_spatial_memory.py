"""Module 09 uses memory again: never while somebody can see it, and not without end."""

import gc

import numpy as np
import pytest

import tinytorch
from tinytorch import nn, spatial
from tinytorch.spatial import LEAST, MOST, reused

SHAPE = (64, 1024)  # 256 kB of float32


@pytest.fixture(autouse=True)
def empty_shelf():
    spatial.SHELF.clear()
    yield
    spatial.SHELF.clear()


def shelved():
    return sum(size * len(blocks) for size, blocks in spatial.SHELF.items())


def test_memory_that_nobody_holds_is_used_again():
    first = reused(SHAPE, np.float32)
    place = first.ctypes.data
    del first
    assert shelved() == 64 * 1024 * 4
    second = reused((1024, 32), np.float64)
    assert second.ctypes.data == place
    assert not shelved()


@pytest.mark.parametrize("view", [lambda a: a[3:5], lambda a: a.T.reshape(-1), np.asarray])
def test_a_view_keeps_its_memory(view):
    array = reused(SHAPE, np.float32)
    array.fill(7)
    seen = view(array)
    del array
    again = reused(SHAPE, np.float32)
    again.fill(0)
    assert (seen == 7).all()


def test_small_and_huge_arrays_are_not_shelved():
    for size in (LEAST - 4, MOST + 4):
        array = reused((size // 4,), np.float32)
        assert array.base is None
        del array
    assert not shelved()


def test_the_shelf_has_an_end(monkeypatch):
    monkeypatch.setattr(spatial, "ROOM", 1 << 20)
    arrays = [reused(SHAPE, np.float32) for _ in range(6)]
    del arrays
    assert shelved() == 1 << 20


def test_training_needs_no_more_memory_from_step_to_step():
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3), nn.ReLU(), nn.MaxPool2d(2),
    )  # fmt: skip
    x, sizes = tinytorch.randn(64, 1, 28, 28), []
    gc.disable()
    try:
        for _ in range(4):
            model(x).sum().backward()
            model.zero_grad()
            sizes.append(shelved())
    finally:
        gc.enable()
    assert sizes[0] > 0
    assert sizes[1:] == sizes[:1] * 3
