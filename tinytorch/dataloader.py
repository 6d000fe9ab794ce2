# Generated from nbs/08_dataloader.ipynb. To change it, edit the notebook and run: tito export 08

__all__ = [
    "luck", "SHIPPED", "GARMENTS", "MIRRORS", "SHA256", "INSTEAD", "CIFAR_BYTES", "Dataset",
    "TensorDataset", "collate_leaves", "stack_leaves", "Batch", "default_collate", "Sampler",
    "SequentialSampler", "RandomSampler", "BatchSampler", "take", "fetch", "BatchGenerator", "Luck",
    "check_options", "DataLoader", "epoch", "load", "Subset", "counts", "random_split",
    "ConcatDataset", "stratified_split", "idx_shape", "read_start", "read_exactly", "read_idx",
    "Transform", "Compose", "takes_batches", "Normalize", "RandomHorizontalFlip", "cut",
    "RandomCrop", "ImageDataset", "one_image", "many_images", "Digits", "FashionMNISTSmall", "Text",
    "MobyDick", "cache_folder", "find", "fetch_file", "MNIST", "FashionMNIST", "check_member",
    "read_cifar", "CIFAR10", "TinyShakespeare", "prefetch",
]

import gzip
import math
import os
import tarfile
import threading
import zlib
from bisect import bisect_right
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.resources import files
from itertools import accumulate, islice
from pathlib import Path, PurePosixPath

import numpy as np

from tinytorch.tensor import (
    Generator,
    Tensor,
    default_generator,
    from_numpy,
    rand,
    randint,
    randperm,
    stack,
    tensor,
)


class Dataset:
    """Samples by number: a subclass says how many (`__len__`) and which (`__getitem__`)."""

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} does not say what item {index} is")

    def __add__(self, other):
        """This data set, then the other."""
        return ConcatDataset([self, other])


class TensorDataset(Dataset):
    """Tensors of one length: item 0 of [[1], [2]] and [7, 8] → ([1], 7).

    Raises ValueError where the lengths differ.
    """

    def __init__(self, *tensors):
        if len({len(t) for t in tensors}) != 1:
            shapes = ", ".join(str(t.shape) for t in tensors) or "no tensor"
            raise ValueError(f"TensorDataset: expected tensors of one length, came {shapes}")
        self.tensors = tensors

    def __len__(self):
        return len(self.tensors[0])

    def __getitem__(self, index):
        return tuple(t[index] for t in self.tensors)

    def __getitems__(self, indices):
        """Many items at once; one by one where a gradient must be remembered."""
        if any(t.requires_grad for t in self.tensors):
            return [self[index] for index in indices]
        return take(self.tensors, np.asarray(indices))


def collate_leaves(leaves):
    """A list of tensors, arrays or numbers as one tensor; strings as they are.

    Python's floats become float32 (torch: float64). RuntimeError where shapes differ.
    """
    first = leaves[0]
    if isinstance(first, str | bytes):
        return leaves
    if isinstance(first, Tensor | np.ndarray | np.generic):
        return stack_leaves(leaves)
    if isinstance(first, bool | int | float):
        return tensor(leaves)
    raise TypeError("collate: expected tensors, arrays, numbers, strings, or tuples, lists and "
                    f"dicts of them, came a {type(first).__name__}")


def stack_leaves(leaves):
    """Tensors or arrays of one shape as one; without gradients numpy may stack, which is faster."""
    if any(isinstance(leaf, Tensor) and leaf.requires_grad for leaf in leaves):
        return stack(leaves)
    arrays = [leaf.array if isinstance(leaf, Tensor) else leaf for leaf in leaves]
    if len({array.shape for array in arrays}) > 1:
        shapes = sorted({array.shape for array in arrays})
        raise RuntimeError(f"collate: expected samples of one shape, came {shapes}")
    return from_numpy(np.stack(arrays))


class Batch:
    """Samples cut from tensors at once: reads like a list of samples, needs no collating."""

    def __init__(self, columns): self.columns = tuple(columns)
    def __len__(self): return len(self.columns[0])
    def __getitem__(self, index): return tuple(column[index] for column in self.columns)


def default_collate(batch):
    """Samples as one batch: [(x0, y0), (x1, y1)] → [x of both, y of both]; dicts key by key.

    Raises RuntimeError where samples differ in length or shape.
    """
    if isinstance(batch, Batch):
        return list(batch.columns)
    first = batch[0]
    if isinstance(first, dict):
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if isinstance(first, tuple | list):
        if len({len(sample) for sample in batch}) > 1:
            raise RuntimeError(f"collate: expected samples of {len(first)} parts, came others")
        return [default_collate(column) for column in zip(*batch)]
    return collate_leaves(batch)


class Sampler:
    """An order of samples: iterating gives their numbers."""

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__} does not say in which order")


class SequentialSampler(Sampler):
    """0, 1, 2, … as many as there are samples."""

    def __init__(self, data_source): self.data_source = data_source
    def __iter__(self): return iter(range(len(self.data_source)))
    def __len__(self): return len(self.data_source)


class RandomSampler(Sampler):
    """Every sample once, in a random order, anew at each iteration: 3 samples → 2, 0, 1."""

    def __init__(self, data_source, *, generator=None):
        self.data_source, self.generator = data_source, generator

    def __len__(self): return len(self.data_source)

    def __iter__(self):
        return iter(randperm(len(self.data_source), self.generator).tolist())


class BatchSampler(Sampler):
    """Lists of `batch_size` numbers from `sampler`: 0 … 4 by 2 → [0, 1], [2, 3], [4].

    `drop_last` leaves out a last batch that is not full. ValueError unless `batch_size` ≥ 1.
    """

    def __init__(self, sampler, batch_size, drop_last):
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size: expected a positive whole number, came {batch_size}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self):
        order = iter(self.sampler)
        while batch := list(islice(order, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self):
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)


def take(tensors, indices):
    """Rows `indices` of each tensor, as a Batch: rows [2, 0] of [5, 6, 7] → column [7, 5]."""
    return Batch(from_numpy(t.array.take(indices, axis=0)) for t in tensors)


def fetch(dataset, indices):
    """Some samples, by `__getitems__` where the data set has it: "abc", [2, 0] → ["c", "a"]."""
    fetch_all = getattr(dataset, "__getitems__", None)
    if fetch_all is not None:
        return fetch_all(indices)
    return [dataset[index] for index in indices]


class BatchGenerator(Generator):
    """A random stream that `seeds` alone decide, made at first use."""

    def __init__(self, *seeds): self.seeds = seeds

    @cached_property
    def numpy(self):
        """numpy's generator behind it."""
        return np.random.default_rng(self.seeds)


class Luck(threading.local):
    """What transforms draw from: the default generator; within a loader, the batch's own."""

    generator = default_generator


luck = Luck()


def check_options(num_workers, batch_size, shuffle, sampler, batch_sampler, drop_last):
    """Raise ValueError where a loader's options are impossible or exclude each other."""
    if num_workers < 0:
        raise ValueError(f"num_workers: expected 0 threads or more, came {num_workers}")
    if sampler is not None and shuffle:
        raise ValueError("expected a sampler or shuffle=True, came both: the sampler is the order")
    others = batch_size != 1 or shuffle or sampler is not None or drop_last
    if batch_sampler is not None and others:
        raise ValueError("expected batch_sampler alone, came batch_size, shuffle, sampler or "
                         "drop_last with it: the batch sampler decides all four")


class DataLoader:
    """Batches of `dataset`, an epoch at each iteration. Worker threads change its speed only."""

    def __init__(self, dataset, batch_size=1, shuffle=False, sampler=None, batch_sampler=None,
                 num_workers=0, collate_fn=None, *, drop_last=False, generator=None):
        check_options(num_workers, batch_size, shuffle, sampler, batch_sampler, drop_last)
        self.dataset, self.generator, self.num_workers = dataset, generator, num_workers
        self.batch_size, self.drop_last = batch_size, drop_last
        self.collate_fn = default_collate if collate_fn is None else collate_fn
        if sampler is None and shuffle:
            sampler = RandomSampler(dataset, generator=generator)
        self.sampler = SequentialSampler(dataset) if sampler is None else sampler
        self.batch_sampler = batch_sampler
        if batch_sampler is None:
            self.batch_sampler = BatchSampler(self.sampler, batch_size, drop_last)

    def __len__(self): return len(self.batch_sampler)
    def __iter__(self): return epoch(self)


def epoch(loader):
    """The batches of one epoch of `loader`."""
    seed = int(randint(2**62, (), generator=loader.generator))
    jobs = ((loader, (seed, i), indices) for i, indices in enumerate(loader.batch_sampler))
    return prefetch(load, jobs, loader.num_workers) if loader.num_workers else map(load, jobs)


def load(job):
    """One batch: (loader, seeds of its random stream, indices) → what `collate_fn` makes of it."""
    loader, seeds, indices = job
    outside, luck.generator = luck.generator, BatchGenerator(*seeds)
    try:
        return loader.collate_fn(fetch(loader.dataset, indices))
    finally:
        luck.generator = outside


class Subset(Dataset):
    """The samples `indices` of another data set."""

    def __init__(self, dataset, indices):
        self.dataset, self.indices = dataset, np.asarray(indices).tolist()

    def __len__(self): return len(self.indices)
    def __getitem__(self, index): return self.dataset[self.indices[index]]
    def __getitems__(self, indices): return fetch(self.dataset, [self.indices[i] for i in indices])


def counts(lengths, total):
    """Fractions of 1 as counts that sum to `total`; what rounding down leaves goes to the first."""
    if not math.isclose(sum(lengths), 1) or sum(lengths) > 1:
        return list(lengths)
    if min(lengths) < 0:
        raise ValueError(f"random_split: expected fractions from 0 to 1, came {lengths}")
    sizes = [math.floor(fraction * total) for fraction in lengths]
    for i in range(total - sum(sizes)):
        sizes[i % len(sizes)] += 1
    return sizes


def random_split(dataset, lengths, generator=None):
    """Random Subsets of these sizes, which share no sample: 6 samples, [4, 2] → two Subsets.

    Raises ValueError where the sizes do not sum to the data set's length.
    """
    sizes = counts(lengths, len(dataset))
    if sum(sizes) != len(dataset):
        raise ValueError(f"random_split: expected sizes that sum to {len(dataset)}, came {lengths}")
    order = randperm(len(dataset), generator).tolist()
    ends = accumulate(sizes)
    return [Subset(dataset, order[end - size : end]) for size, end in zip(sizes, ends)]


class ConcatDataset(Dataset):
    """Data sets one after the other: item 2 of ["ab", "cd"] → "c"."""

    def __init__(self, datasets):
        self.datasets = list(datasets)
        self.cumulative_sizes = list(accumulate(len(dataset) for dataset in self.datasets))
        if not self.datasets:
            raise ValueError("ConcatDataset: expected at least one data set, came none")

    def __len__(self): return self.cumulative_sizes[-1]

    def __getitem__(self, index):
        if not -len(self) <= index < len(self):
            raise IndexError(f"expected an index below {len(self)}, came {index}")
        index %= len(self)
        which = bisect_right(self.cumulative_sizes, index)
        start = self.cumulative_sizes[which] - len(self.datasets[which])
        return self.datasets[which][index - start]


def stratified_split(targets, per_class, generator=None):
    """Numbers to train on, and to test on `per_class` of each: [0, 1, 0, 1], 1 → [0, 3], [1, 2]."""
    targets = np.asarray(targets)
    order = randperm(len(targets), generator).array
    of_class = [order[targets[order] == label] for label in np.unique(targets)]
    test = np.sort(np.concatenate([numbers[:per_class] for numbers in of_class]))
    train = np.setdiff1d(np.arange(len(targets)), test)
    return train.tolist(), test.tolist()


def idx_shape(header):
    """The shape that the first bytes of an IDX file state: 00 00 08 01, 00 00 00 05 → (5,).

    More bytes may follow. ValueError where it isn't a header of bytes, or is cut off.
    """
    if header[:3] != b"\0\0\x08" or len(header) < 4:
        start = header[:3].hex(" ") or "nothing"
        raise ValueError(f"expected an IDX header, which starts with 00 00 08, came {start}")
    sizes = header[4 : 4 + 4 * header[3]]
    if len(sizes) < 4 * header[3]:
        raise ValueError(f"expected a header of {4 + 4 * header[3]} bytes, came {len(header)}")
    return tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))


def read_start(path, most):
    """The first `most` bytes of a file, unpacked if its name ends in .gz."""
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            return file.read(most)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: expected a whole gzip file, came damage: {error}") from None


def read_exactly(path, size):
    """The bytes of a file that must hold `size` of them."""
    found = read_start(path, size + 1)
    if len(found) != size:
        came = "more" if len(found) > size else f"{len(found):,}"
        raise ValueError(f"{path}: expected exactly {size:,} bytes, came {came}")
    return found


def read_idx(path, shape):
    """The uint8 array of an IDX file (.gz or not) that must hold just this shape."""
    header = 4 + 4 * len(shape)
    try:
        found = idx_shape(read_start(path, header))
    except ValueError as error:
        raise ValueError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from None
    if found != shape:
        raise ValueError(f"{path}: expected shape {shape}, came {found}")
    numbers = np.frombuffer(read_exactly(path, header + math.prod(shape)), np.uint8, offset=header)
    return numbers.reshape(shape).copy()


class Transform:
    """A change of float images (…, C, H, W); in a batch, each image has its own luck."""

    def __call__(self, images):
        raise NotImplementedError(f"{type(self).__name__} does not say what it does")


class Compose(Transform):
    """One transform after the other."""

    def __init__(self, transforms): self.transforms = transforms

    def __call__(self, images):
        for transform in self.transforms:
            images = transform(images)
        return images


def takes_batches(transform):
    """Whether it may be given many images at once: a Transform may, a user's own function not."""
    if isinstance(transform, Compose):
        return all(map(takes_batches, transform.transforms))
    return transform is None or isinstance(transform, Transform)


class Normalize(Transform):
    """(x − mean) / std, by channel: with mean [2] and std [4], 10 → 2."""

    def __init__(self, mean, std):
        self.mean, self.std = (np.reshape(v, (-1, 1, 1)).astype(np.float32) for v in (mean, std))
        if (self.std == 0).any():
            raise ValueError(f"Normalize: expected std without zeros, came {std}")

    def __call__(self, images):
        return from_numpy((images.array - self.mean) / self.std)


class RandomHorizontalFlip(Transform):
    """Mirror each image, left to right, with probability `p`: [1, 2, 3] → [3, 2, 1] or itself."""

    def __init__(self, p=0.5): self.p = p

    def __call__(self, images):
        pictures = images.array
        heads = rand(*pictures.shape[:-3], generator=luck.generator).array < self.p
        return from_numpy(np.where(heads[..., None, None, None], pictures[..., ::-1], pictures))


def cut(images, tops, lefts, height, width):
    """(N, C, H, W) → (N, C, height, width), from image n at row tops[n], column lefts[n]."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (height, width), axis=(2, 3))
    return windows[np.arange(len(images)), :, tops, lefts]


class RandomCrop(Transform):
    """A window of `size` (h, w) at a random place; first, `padding` zeros are put all round."""

    def __init__(self, size, padding=None):
        self.height, self.width = (size, size) if isinstance(size, int) else size
        self.padding = [padding or 0] * 2

    def __call__(self, images):
        x = np.pad(images.array, [(0, 0)] * (images.ndim - 2) + [self.padding] * 2)
        rooms = x.shape[-2] - self.height, x.shape[-1] - self.width
        if min(rooms) < 0:
            raise ValueError(f"RandomCrop: expected images of at least {self.height} × "
                             f"{self.width}, came {x.shape[-2]} × {x.shape[-1]} with padding")
        x = x.reshape(-1, *x.shape[-3:])
        corners = (randint(0, room + 1, (len(x),), luck.generator).array for room in rooms)
        windows = cut(x, *corners, self.height, self.width)
        return from_numpy(windows.reshape(*images.shape[:-2], self.height, self.width))


class ImageDataset(Dataset):
    """Pictures `data`, uint8 (N, H, W) or (N, C, H, W), and what they show, `targets` (N,).

    Item i is its image, transformed (float32, (C, H, W), from 0 to 1), and its target, an int.
    """

    white, classes = 255, ()

    def __init__(self, data, targets, transform=None, target_transform=None):
        self.data, self.targets = from_numpy(data), from_numpy(targets.astype(np.int64))
        self.transform, self.target_transform = transform, target_transform

    def __len__(self): return len(self.data)
    def __getitem__(self, index): return one_image(self, index)
    def __getitems__(self, indices): return many_images(self, indices)

    def images(self, index):
        """Image `index`, or images of a list: float32 (…, C, H, W), untransformed."""
        grey = self.data.array.take(index, axis=0)
        grey = grey if self.data.ndim == 4 else grey[..., None, :, :]
        return from_numpy(grey / np.float32(self.white))


def one_image(dataset, index):
    """Item `index` of an ImageDataset."""
    image, target = dataset.images(index), int(dataset.targets.array[index])
    if dataset.transform is not None:
        image = dataset.transform(image)
    if dataset.target_transform is not None:
        target = dataset.target_transform(target)
    return image, target


def many_images(dataset, indices):
    """Items of an ImageDataset, all at once unless a transform must see them one by one."""
    if dataset.target_transform is not None or not takes_batches(dataset.transform):
        return [one_image(dataset, index) for index in indices]
    images = dataset.images(indices)
    if dataset.transform is not None:
        images = dataset.transform(images)
    return Batch((images, dataset.targets[indices]))


SHIPPED = files("tinytorch") / "data"
GARMENTS = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


class Digits(ImageDataset):
    """Digits of 8 × 8 pixels (Alpaydin & Kaynak 1998): 1,437 to train, 360 (36 a class) to test."""

    white, classes = 16, tuple("0123456789")

    def __init__(self, train=True, transform=None, target_transform=None):
        with np.load(SHIPPED / "digits.npz") as archive:
            data, targets = archive["images"], archive["labels"]
        split = stratified_split(targets, 36, Generator().manual_seed(0))
        chosen = split[0 if train else 1]
        super().__init__(data[chosen], targets[chosen], transform, target_transform)


class FashionMNISTSmall(ImageDataset):
    """The first 600 training and 100 test images of each kind in Fashion-MNIST (Zalando 2017)."""

    classes = GARMENTS

    def __init__(self, train=True, transform=None, target_transform=None):
        part = "train" if train else "test"
        with np.load(SHIPPED / "fashion_mnist_small.npz") as archive:
            data, targets = archive[f"{part}_images"], archive[f"{part}_labels"]
        super().__init__(data, targets, transform, target_transform)


class Text(Dataset):
    """A text: `text` is the whole, item i its character i."""

    def __init__(self, text): self.text = text
    def __len__(self): return len(self.text)
    def __getitem__(self, index): return self.text[index]


class MobyDick(Text):
    """*Moby-Dick; or, The Whale* (Melville 1851), 1.2 million characters."""

    def __init__(self): super().__init__((SHIPPED / "moby_dick.txt").read_text("ascii"))


MIRRORS = {
    "MNIST": (
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    "FashionMNIST": (
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    "CIFAR10": ("https://www.cs.toronto.edu/~kriz/",),
    "TinyShakespeare": (
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/",
    ),
}


SHA256 = {
    "MNIST": {
        "train-images-idx3-ubyte.gz":
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz":
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz":
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz":
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    "FashionMNIST": {
        "train-images-idx3-ubyte.gz":
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz":
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz":
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz":
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
}


SHA256["CIFAR10"] = {
    "cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
}
SHA256["TinyShakespeare"] = {
    "input.txt": "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
}


INSTEAD = {
    "MNIST": "Digits",
    "FashionMNIST": "FashionMNISTSmall",
    "CIFAR10": "FashionMNISTSmall",
    "TinyShakespeare": "MobyDick",
}


def cache_folder():
    """Where downloads go: the folder that TINYTORCH_DATA names, or the user's cache."""
    import platformdirs  # here, as pooch below: only data that isn't shipped needs them

    chosen = os.environ.get("TINYTORCH_DATA") or platformdirs.user_cache_dir("tinytorch", False)
    return Path(chosen).expanduser()


def find(name, file, root, download):
    """The path of a data set's file, in `root` or the cache; downloaded first if asked for."""
    folder = cache_folder() / name if root is None else Path(root).expanduser()
    spellings = (file, file.removesuffix(".gz"), f"{name}/raw/{file}", f"{name}/raw/{file[:-3]}")
    found = next((folder / s for s in spellings if (folder / s).is_file()), None)
    if download and (found is None or root is None):  # what lies in `root` is never replaced
        return fetch_file(name, file, folder)
    if found is None:
        raise RuntimeError(f"{name}: expected {file} in {folder}, came no such file: pass "
                           f"download=True, or use {INSTEAD[name]}, which needs no network")
    return found


def fetch_file(name, file, folder):
    """Download a file from the first mirror that has it whole; nothing half or wrong is kept."""
    import pooch

    failures = []
    for mirror in MIRRORS[name]:
        known = {file: SHA256[name][file]}
        source = pooch.create(folder, mirror, registry=known, retry_if_failed=1)
        try:
            return Path(source.fetch(file, downloader=pooch.HTTPDownloader(timeout=(5, 30))))
        except (OSError, ValueError) as error:
            failures.append(f"{mirror}: {' '.join(str(error).split())[:90]}")
    raise RuntimeError(f"{name}: no mirror gave {file}. Offline? {INSTEAD[name]} comes with "
                       f"tinytorch and will do instead ({'; '.join(failures)})")


class MNIST(ImageDataset):
    """70,000 handwritten digits of 28 × 28 pixels (LeCun et al. 1998), 10,000 of them to test."""

    name, classes = "MNIST", tuple("0123456789")

    def __init__(
        self, root=None, train=True, transform=None, target_transform=None, download=False
    ):
        part, count = ("train", 60_000) if train else ("t10k", 10_000)
        images = find(self.name, f"{part}-images-idx3-ubyte.gz", root, download)
        labels = find(self.name, f"{part}-labels-idx1-ubyte.gz", root, download)
        data, targets = read_idx(images, (count, 28, 28)), read_idx(labels, (count,))
        super().__init__(data, targets, transform, target_transform)


class FashionMNIST(MNIST):
    """70,000 photographs of clothing, 28 × 28 pixels (Zalando SE 2017), 10,000 of them to test."""

    name, classes = "FashionMNIST", GARMENTS


CIFAR_BYTES = 10_000 * 3073  # of one file: records of a label and 3 × 32 × 32 grey levels


def check_member(member):
    """Raise ValueError for a member that is a link or device, is too large, or leads out."""
    path = PurePosixPath(member.name)
    if not (member.isreg() or member.isdir()):
        raise ValueError(f"expected plain files, came a link or device called '{member.name}'")
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"expected members within their folder, came '{member.name}'")
    if member.size > CIFAR_BYTES:
        raise ValueError(f"expected at most {CIFAR_BYTES:,} bytes, came '{member.name}' "
                         f"with {member.size:,}")


def read_cifar(path, names):
    """The records of CIFAR-10's files `names` in its archive: uint8 (10,000 · files, 3073)."""
    found = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                check_member(member)
                name = PurePosixPath(member.name).name
                if name in names and member.isreg():
                    found[name] = archive.extractfile(member).read()
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise ValueError(f"{path}: not CIFAR-10's binary archive: {error}") from None
    for name in names:
        if (size := len(found.get(name, b""))) != CIFAR_BYTES:
            raise ValueError(f"{path}: expected {CIFAR_BYTES:,} bytes of {name}, came {size:,}")
    return np.frombuffer(b"".join(found[name] for name in names), np.uint8).reshape(-1, 3073)


class CIFAR10(ImageDataset):
    """60,000 colour photographs of 32 × 32 pixels (Krizhevsky 2009), 10,000 of them to test."""

    classes = ("airplane", "automobile", "bird", "cat", "deer",
               "dog", "frog", "horse", "ship", "truck")

    def __init__(
        self, root=None, train=True, transform=None, target_transform=None, download=False
    ):
        names = [f"data_batch_{i}.bin" for i in range(1, 6)] if train else ["test_batch.bin"]
        records = read_cifar(find("CIFAR10", "cifar-10-binary.tar.gz", root, download), names)
        data = records[:, 1:].reshape(-1, 3, 32, 32)
        super().__init__(data, records[:, 0], transform, target_transform)


class TinyShakespeare(Text):
    """1.1 million characters from Shakespeare's plays, as char-rnn has them (Karpathy 2015)."""

    def __init__(self, root=None, download=False):
        path = find("TinyShakespeare", "input.txt", root, download)
        super().__init__(read_exactly(path, 1_115_394).decode("ascii"))


def prefetch(load, jobs, num_workers):
    """Yield load(job) for each job, in order, up to two a thread ahead: abs, [-1, 2] → 1, 2."""
    with ThreadPoolExecutor(num_workers) as pool:
        waiting = deque()
        for job in jobs:
            waiting.append(pool.submit(load, job))
            if len(waiting) > 2 * num_workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
