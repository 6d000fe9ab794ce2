"""Data sets, samplers and loaders against torch: batches, sizes, types of error.

Where tinytorch differs on purpose, `DIFFERENCES` says so and why.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinytorch
from tests.parity import DTYPES, FEW, agree, arrays, shapes, torch

DIFFERENCES = {
    "Python's floats collate to float32, the default everywhere": lambda t: (
        t.utils.data.default_collate([0.5, 1.5])
    ),
    "tensors of different lengths are a ValueError, not a failed assertion": lambda t: (
        t.utils.data.TensorDataset(t.zeros(2), t.zeros(3))
    ),
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_differences_on_purpose(difference):
    with pytest.raises(AssertionError, match="compared with torch"):
        agree(DIFFERENCES[difference])


def rows(min_rows=1, max_rows=9):
    """Arrays with a first dimension to count along."""
    return st.integers(min_rows, max_rows).flatmap(
        lambda n: arrays(shapes(max_dims=2).map(lambda shape: (n, *shape)), DTYPES)
    )


class WithoutDoor:
    """A data set behind which `__getitems__` is hidden: samples are fetched one by one."""

    def __init__(self, dataset):
        self.dataset = dataset

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        return self.dataset[index]


def pair(t, x, one_by_one=False):
    """`x` and its row numbers as a data set."""
    dataset = t.utils.data.TensorDataset(x, t.arange(len(x)))
    return WithoutDoor(dataset) if one_by_one else dataset


@FEW
@given(x=rows(), index=st.integers(-11, 10))
def test_tensor_dataset(x, index):
    agree(lambda t, x: len(pair(t, x)), x)
    agree(lambda t, x: pair(t, x)[index], x)
    agree(lambda t, x: t.utils.data.TensorDataset(x)[0], x)


LEAVES = st.one_of(
    st.just("number"), st.just("flag"), st.just("word"), st.just("array"), st.just("scalar")
)
SHAPES_OF_SAMPLES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1),
    ),
    max_leaves=6,
)


def sample(kind, number):
    """A sample with the structure `kind`; its leaves differ from number to number."""
    if isinstance(kind, dict):
        return {key: sample(inner, number + 1) for key, inner in kind.items()}
    if isinstance(kind, list | tuple):
        return type(kind)(sample(inner, number + i) for i, inner in enumerate(kind))
    leaves = dict(
        number=number, flag=number % 2 == 0, word=f"w{number}",
        array=np.full((2, 1), number, np.float64), scalar=np.float32(number / 2),
    )  # fmt: skip
    return leaves[kind]


def without_dicts(x):
    """Dictionaries as sorted lists of pairs, which `agree` can compare."""
    if isinstance(x, dict):
        return [(key, without_dicts(x[key])) for key in sorted(x)]
    return [without_dicts(one) for one in x] if isinstance(x, list) else x


@FEW
@given(kind=SHAPES_OF_SAMPLES, size=st.integers(1, 4))
def test_default_collate(kind, size):
    batch = [sample(kind, number) for number in range(size)]
    agree(lambda t: without_dicts(t.utils.data.default_collate(batch)))


@FEW
@given(x=rows(), y=rows())
def test_default_collate_tensors(x, y):
    agree(lambda t, x, y: t.utils.data.default_collate([x, x]), x, y)
    agree(lambda t, x, y: t.utils.data.default_collate([(x, y), (x, y)]), x, y)
    agree(lambda t, x, y: t.utils.data.default_collate([x, x[:-1]]), x, y)  # shapes differ


@pytest.mark.parametrize("batch", [[None, None], [(1, 2), (3,)], [[1], [1, 2]], [object()]])
def test_default_collate_refuses(batch):
    agree(lambda t: t.utils.data.default_collate(batch))


@FEW
@given(n=st.integers(0, 12), size=st.integers(-1, 5), drop_last=st.booleans())
def test_batch_sampler(n, size, drop_last):
    agree(lambda t: list(t.utils.data.BatchSampler(range(n), size, drop_last)))
    agree(lambda t: len(t.utils.data.BatchSampler(range(n), size, drop_last)))


@FEW
@given(
    x=rows(), size=st.integers(1, 4), drop_last=st.booleans(), workers=st.integers(0, 2),
    one_by_one=st.booleans(),
)  # fmt: skip
def test_loader_in_order(x, size, drop_last, workers, one_by_one):
    def batches(t, x):
        dataset = pair(t, x, one_by_one)
        own_threads = {"num_workers": workers} if t is tinytorch else {}
        loader = t.utils.data.DataLoader(dataset, size, drop_last=drop_last, **own_threads)
        return len(loader), list(loader), list(loader)

    agree(batches, x)


@FEW
@given(x=rows(), size=st.integers(1, 4), order=st.lists(st.integers(0, 3), max_size=9))
def test_loader_with_samplers(x, size, order):
    order = [i % len(x) for i in order]
    pieces = [order[:2], order[2:]] if len(order) > 2 else [[0]]
    agree(lambda t, x: list(t.utils.data.DataLoader(pair(t, x), size, sampler=order)), x)
    agree(lambda t, x: list(t.utils.data.DataLoader(pair(t, x), batch_sampler=pieces)), x)
    agree(lambda t, x: list(t.utils.data.DataLoader(pair(t, x), size, collate_fn=len)), x)


def firsts(samples):
    return [x for x, _ in samples]


def test_collate_fn_sees_samples():
    """Also where they were fetched at once."""
    x = np.arange(6.0).reshape(3, 2)
    agree(lambda t, x: list(t.utils.data.DataLoader(pair(t, x), 2, collate_fn=firsts)), x)


@FEW
@given(n=st.integers(1, 40), size=st.integers(1, 8), seed=st.integers(0, 99))
def test_shuffled_epochs(n, size, seed):
    """Orders differ from torch's, but they are permutations, and repeat with their seeds."""

    def orders(t):
        loader = t.utils.data.DataLoader(
            list(range(n)), size, shuffle=True, generator=t.Generator().manual_seed(seed)
        )
        return [sum((batch.tolist() for batch in loader), []) for _ in range(2)]

    agree(lambda t: [sorted(order) for order in orders(t)])
    agree(lambda t: orders(t) == orders(t))


@FEW
@given(
    n=st.integers(0, 30),
    lengths=st.lists(st.integers(0, 9), min_size=1, max_size=4)
    | st.sampled_from([[0.5, 0.5], [0.1, 0.2, 0.7], [0.33, 0.33, 0.34], [1.0], [1.5, -0.5]]),
)
def test_random_split_sizes(n, lengths):
    agree(lambda t: [len(part) for part in t.utils.data.random_split(range(n), lengths)])
    agree(lambda t: sorted(sum((part.indices for part in split(t, n, lengths)), [])))


def split(t, n, lengths):
    return t.utils.data.random_split(range(n), lengths, t.Generator().manual_seed(0))


@FEW
@given(x=rows(), indices=st.lists(st.integers(0, 8), min_size=1, max_size=6))
def test_subset(x, indices):
    indices = [i % len(x) for i in indices]

    def parts(t, x):
        part = t.utils.data.Subset(t.utils.data.Subset(pair(t, x), indices), [0, -1])
        return len(part), part[0], list(t.utils.data.DataLoader(part, 2))

    agree(parts, x)


@FEW
@given(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=4), data=st.data())
def test_concat_dataset(sizes, data):
    index = data.draw(st.integers(-sum(sizes), sum(sizes)))

    def item(t):
        sets = [range(10 * i, 10 * i + size) for i, size in enumerate(sizes)]
        whole = t.utils.data.ConcatDataset(sets)
        return len(whole), whole[index]

    agree(item)


def test_data_sets_add_up():
    agree(lambda t, x: list(t.utils.data.DataLoader(pair(t, x) + pair(t, x), 2)), np.ones((3, 2)))


@pytest.mark.parametrize(
    "options",
    [
        dict(batch_size=0),
        dict(batch_size=-1),
        dict(batch_size=1.5),
        dict(num_workers=-1),
        dict(sampler=[0], shuffle=True),
        dict(batch_sampler=[[0]], batch_size=2),
        dict(batch_sampler=[[0]], shuffle=True),
        dict(batch_sampler=[[0]], sampler=[0]),
        dict(batch_sampler=[[0]], drop_last=True),
        dict(no_such_option=1),
    ],
    ids=str,
)
def test_options_that_make_no_sense(options):
    agree(lambda t: t.utils.data.DataLoader([1, 2, 3], **options))


def test_no_data_sets_to_concat():
    with pytest.raises(ValueError, match="at least one"):
        tinytorch.utils.data.ConcatDataset([])
    with pytest.raises(AssertionError):
        torch.utils.data.ConcatDataset([])


@pytest.mark.parametrize("one_by_one", [False, True])
def test_gradients_survive_the_belt(one_by_one):
    def requires(t):
        weights = t.ones(4, 2, requires_grad=True)
        dataset = t.utils.data.TensorDataset(weights)
        dataset = WithoutDoor(dataset) if one_by_one else dataset
        return [batch[0].requires_grad for batch in t.utils.data.DataLoader(dataset, 2)]

    agree(requires)
