"""The data sets: what is shipped, what is downloaded, what is read in place, and what is refused.

Downloads come from a server on this machine; the table of mirrors is replaced.
"""

import gzip
import hashlib
import io
import os
import pickle
import re
import subprocess
import sys
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import tinytorch
from tinytorch import dataloader, datasets, transforms
from tinytorch.utils.data import DataLoader, Subset, TensorDataset
from tito.checks import expect

REPOSITORY = Path(__file__).parents[1]
DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # the package dataset-fashion-mnist
IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
ARCHIVE = "cifar-10-binary.tar.gz"
COUNT = 10_000  # images to test, in MNIST as in CIFAR-10


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache folder; nothing here may touch the user's own."""
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path / "cache"))
    return tmp_path / "cache"


def idx(array):
    """An array of bytes as an IDX file, packed."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes(), 1)


def tar(*members):
    """A packed archive of `(name, bytes or TarInfo)`."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        for name, content in members:
            if isinstance(content, tarfile.TarInfo):  # whatever it claims, nothing comes with it
                archive.fileobj.write(content.tobuf())
                continue
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def link(name, target):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return name, member


PIXELS = np.resize(np.arange(251, dtype=np.uint8), (COUNT, 28, 28))
KINDS = np.resize(np.arange(10, dtype=np.uint8), COUNT)
RECORDS = np.resize(np.arange(251, dtype=np.uint8), (COUNT, 3073))
RECORDS[:, 0] = KINDS
TEST_BATCH = ("cifar-10-batches-bin/test_batch.bin", RECORDS.tobytes())


@pytest.fixture(scope="session")
def whole_files(tmp_path_factory):
    """A folder of files as they should be."""
    folder = tmp_path_factory.mktemp("files")
    (folder / IMAGES).write_bytes(idx(PIXELS))
    (folder / LABELS).write_bytes(idx(KINDS))
    (folder / ARCHIVE).write_bytes(tar(("cifar-10-batches-bin/readme.html", b"hello"), TEST_BATCH))
    (folder / "input.txt").write_bytes(b"To be, or not to be\n" * 60_000)
    return folder


@pytest.fixture
def folder(whole_files, tmp_path):
    """A folder of the user's, with whole files; a test may damage them."""
    own = tmp_path / "mine"
    own.mkdir()
    for file in whole_files.iterdir():
        os.link(file, own / file.name)
    return own


def damage(file, content):
    file.unlink()  # a name of a shared file: the others keep theirs
    file.write_bytes(content)


def snapshot(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def one_line(error):
    assert "\n" not in str(error) and len(str(error)) < 600, str(error)
    return str(error)


# Shipped


@pytest.mark.parametrize(
    "name, train, size, shape",
    [
        ("Digits", True, 1437, (1, 8, 8)),
        ("Digits", False, 360, (1, 8, 8)),
        ("FashionMNISTSmall", True, 6000, (1, 28, 28)),
        ("FashionMNISTSmall", False, 1000, (1, 28, 28)),
    ],
)
def test_shipped_images(name, train, size, shape):
    dataset = getattr(datasets, name)(train=train)
    image, target = dataset[size - 1]
    assert (len(dataset), image.shape, image.dtype) == (size, shape, np.float32)
    assert isinstance(target, int)
    assert dataset.data.dtype == np.uint8 and dataset.targets.dtype == np.int64
    images, targets = next(iter(DataLoader(dataset, size)))
    assert images.dtype == np.float32 and targets.dtype == np.int64
    assert (images.array.min(), images.array.max()) == (0, 1)
    expect(images[size - 1], image.numpy(), "the last image, in a batch and alone")
    counts = np.bincount(targets.numpy(), minlength=10)
    assert counts.min() > 0.95 * size / 10 and len(dataset.classes) == len(counts) == 10


def test_digits_split():
    """36 of each class are held out, the same ones each time, and none of them is trained on."""
    train, test = datasets.Digits(), datasets.Digits(train=False)
    assert np.bincount(test.targets.numpy()).tolist() == [36] * 10
    with np.load(REPOSITORY / "tinytorch/data/digits.npz") as archive:
        everything = sorted(image.tobytes() for image in archive["images"])
    parts = np.concatenate([train.data.numpy(), test.data.numpy()])
    assert sorted(image.tobytes() for image in parts) == everything
    expect(datasets.Digits(train=False).data, test.data.numpy(), "the split a second time")


def test_moby_dick():
    whale = datasets.MobyDick()
    assert len(whale) == 1_191_268 and "Call me Ishmael." in whale.text
    assert whale[0] == whale.text[0] and whale[:9] == whale.text[:9]


def test_shipped_data_need_neither_network_nor_libraries():
    code = (
        "import sys, socket; socket.socket.connect = None\n"
        "from tinytorch.datasets import Digits, FashionMNISTSmall, MobyDick\n"
        "print(len(Digits()), len(FashionMNISTSmall()), len(MobyDick()) > 10**6)\n"
        "print(sorted({'pooch', 'platformdirs', 'requests'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.stdout.split("\n")[:2] == ["1437 6000 True", "[]"], done.stderr


# Transforms, in a loader


def shifted(image):
    """A user's own transform, which knows single images only."""
    assert image.ndim == 3
    return image + 1


def test_users_own_transforms_see_single_images():
    plain = datasets.Digits(train=False)
    for transform in (shifted, transforms.Compose([transforms.Normalize(0, 1), shifted])):
        dataset = datasets.Digits(train=False, transform=transform)
        images, targets = next(iter(DataLoader(dataset, 7)))
        expect(images, plain.images(list(range(7))).array + np.float32(1), "shifted")
        expect(targets, plain.targets.array[:7], "targets")


def test_target_transform():
    dataset = datasets.Digits(train=False, target_transform=lambda target: target * 10)
    assert dataset[3][1] == dataset.targets[3].item() * 10
    expect(next(iter(DataLoader(dataset, 4)))[1], dataset.targets.array[:4] * 10, "in a batch")


AUGMENT = transforms.Compose(
    [transforms.RandomCrop(28, padding=3), transforms.RandomHorizontalFlip()]
)


def epoch_of(num_workers, transform=AUGMENT):
    tinytorch.manual_seed(11)
    dataset = Subset(datasets.FashionMNISTSmall(train=False, transform=transform), range(300))
    loader = DataLoader(dataset, 32, shuffle=True, num_workers=num_workers)
    return np.concatenate([x.numpy() for x, _ in loader])


def test_threads_change_no_batch():
    without = epoch_of(0)
    for num_workers in (1, 3):
        expect(epoch_of(num_workers), without, f"{num_workers} threads")
    assert not np.array_equal(epoch_of(0, None), without)


def test_augmentation_differs_from_image_to_image_and_epoch_to_epoch():
    tinytorch.manual_seed(0)
    ramp = np.broadcast_to(np.arange(12, dtype=np.float32).reshape(3, 4), (200, 2, 3, 4)).copy()
    crop = transforms.RandomCrop((2, 3))(tinytorch.from_numpy(ramp)).numpy()
    corners = sorted(set(crop[:, 0, 0, 0].tolist()))
    assert crop.shape == (200, 2, 2, 3) and corners == [0, 1, 4, 5]
    for window in crop[:, 0]:
        expect(window - window[0, 0], np.array([[0, 1, 2], [4, 5, 6]], np.float32), "a window")
    dataset = datasets.FashionMNISTSmall(train=False, transform=AUGMENT)
    first, second = ([x for x, _ in DataLoader(dataset, 500)][0].numpy() for _ in range(2))
    assert not np.array_equal(first, second)


def test_transforms_of_one_image():
    image = datasets.FashionMNISTSmall(train=False)[0][0]
    assert AUGMENT(image).shape == (1, 28, 28)
    assert transforms.RandomCrop((20, 10))(image).shape == (1, 20, 10)
    expect(transforms.RandomCrop(28)(image), image.numpy(), "the only window")
    with pytest.raises(ValueError, match="at least 30 × 30, came 28 × 28"):
        transforms.RandomCrop(30)(image)
    with pytest.raises(ValueError, match="without zeros"):
        transforms.Normalize([0.5], [0.0])


def test_an_abandoned_epoch_stops_its_threads():
    before = threading.active_count()
    loader = DataLoader(TensorDataset(tinytorch.zeros(1000, 2)), 2, num_workers=3)
    for _ in zip(range(3), loader, strict=False):
        pass
    assert threading.active_count() == before


# Downloads


class Server:
    """Files of a folder over HTTP; `faults` are consumed, one a request, before it serves well."""

    def __init__(self, folder):
        server = self
        self.faults, self.requests = [], []

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self):
                server.requests.append(self.path)
                if server.faults:
                    return server.faults.pop(0)(self)
                return super().do_GET()

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/"


def refuse(handler):
    handler.send_error(403)


def cut_off(handler):
    """Promise the whole file, send half of it, hang up."""
    content = (Path(handler.directory) / handler.path.lstrip("/")).read_bytes()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])


def other_bytes(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"<html>Welcome to this hotel's network</html>")


@pytest.fixture
def servers(whole_files, monkeypatch):
    """Two mirrors; pauses between attempts are left out."""
    pair = [Server(whole_files), Server(whole_files)]
    names = {"MNIST": [IMAGES, LABELS], "CIFAR10": [ARCHIVE], "TinyShakespeare": ["input.txt"]}
    hashes = snapshot(whole_files)
    for name, files in names.items():
        monkeypatch.setitem(dataloader.MIRRORS, name, tuple(server.url for server in pair))
        monkeypatch.setitem(dataloader.SHA256, name, {file: hashes[file] for file in files})
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
    yield pair
    for server in pair:
        server.http.shutdown()
        server.http.server_close()


def test_download_once(servers, cache):
    expect(datasets.MNIST(train=False, download=True).data, PIXELS, "downloaded")
    assert sorted(snapshot(cache)) == [f"MNIST/{IMAGES}", f"MNIST/{LABELS}"]
    expect(datasets.MNIST(train=False).targets, KINDS.astype(np.int64), "from the cache")
    datasets.MNIST(train=False, download=True)
    assert len(servers[0].requests) == 2 and not servers[1].requests


def test_download_colour_images(servers, cache):
    dataset = datasets.CIFAR10(train=False, download=True)
    expect(dataset.data, RECORDS[:, 1:].reshape(-1, 3, 32, 32), "channels, rows, columns")
    expect(dataset[4][0], RECORDS[4, 1:].reshape(3, 32, 32) / np.float32(255), "an image")
    assert dataset[4][1] == 4 and dataset.classes[4] == "deer"
    assert sorted(snapshot(cache)) == [f"CIFAR10/{ARCHIVE}"], "the archive is not unpacked"


@pytest.mark.parametrize("fault", [refuse, cut_off, other_bytes])
def test_a_failed_download_is_retried_then_the_next_mirror_asked(servers, cache, fault):
    servers[0].faults = [fault]
    expect(datasets.MNIST(train=False, download=True).data, PIXELS, "at the second attempt")
    assert not servers[1].requests
    (cache / "MNIST" / IMAGES).unlink()
    servers[0].faults = [fault] * 2
    expect(datasets.MNIST(train=False, download=True).data, PIXELS, "from the second mirror")
    assert len(servers[1].requests) == 1
    assert sorted(snapshot(cache)) == [f"MNIST/{IMAGES}", f"MNIST/{LABELS}"], "nothing half is left"


@pytest.mark.parametrize("fault", [refuse, cut_off, other_bytes])
def test_no_mirror_works(servers, cache, fault):
    for server in servers:
        server.faults = [fault] * 2
    with pytest.raises(RuntimeError, match=f"no mirror gave {IMAGES}.*Digits comes with") as error:
        datasets.MNIST(train=False, download=True)
    assert all(server.url in one_line(error.value) for server in servers)
    assert not snapshot(cache)


def test_offline(servers, monkeypatch, cache):
    for server in servers:
        server.http.shutdown()
        server.http.server_close()
    for load, instead in (
        (partial(datasets.MNIST, train=False), "Digits"),
        (datasets.CIFAR10, "FashionMNISTSmall"),
        (datasets.TinyShakespeare, "MobyDick"),
    ):
        offline = f"Offline\\? {instead} comes with tinytorch"
        with pytest.raises(RuntimeError, match=offline) as error:
            load(download=True)
        one_line(error.value)
    assert not snapshot(cache)


def test_a_damaged_cache_is_repaired_by_a_download(servers, cache):
    datasets.MNIST(train=False, download=True)
    (cache / "MNIST" / IMAGES).write_bytes(b"")
    expect(datasets.MNIST(train=False, download=True).data, PIXELS, "downloaded again")


@pytest.mark.parametrize("name", dataloader.MIRRORS)
def test_nothing_is_downloaded_unasked(name, cache):
    instead = dataloader.INSTEAD[name]
    with pytest.raises(RuntimeError, match=f"pass download=True, or use {instead}, ") as error:
        getattr(datasets, name)()
    assert str(cache) in one_line(error.value)
    assert len(getattr(datasets, instead)()) > 1000


def test_cache_folder(monkeypatch, tmp_path):
    assert dataloader.cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("TINYTORCH_DATA")
    assert "tinytorch" in dataloader.cache_folder().parts
    monkeypatch.setenv("TINYTORCH_DATA", "~/elsewhere")
    assert dataloader.cache_folder() == Path.home() / "elsewhere"


def test_table_of_downloads():
    """The page that states sources and licences has the hashes that downloads are checked by."""
    page = (REPOSITORY / "tinytorch/data/README.md").read_text("utf-8")
    stated = re.findall(r"^\| (\S+): (\S+) \|.*`([0-9a-f]{64})` \|$", page, re.M)
    known = [
        (name, file, sha256)
        for name, files in dataloader.SHA256.items() for file, sha256 in files.items()
    ]  # fmt: skip
    assert sorted(stated) == sorted(known)
    assert dataloader.MIRRORS.keys() == dataloader.SHA256.keys() == dataloader.INSTEAD.keys()


# A folder that the user has


def test_a_folder_is_read_in_place(folder, cache):
    before = snapshot(folder)
    expect(datasets.MNIST(folder, train=False).data, PIXELS, "packed")
    expect(datasets.CIFAR10(str(folder), train=False).targets, KINDS.astype(np.int64), "a string")
    assert snapshot(folder) == before and not cache.exists()


def test_unpacked_files_and_torchvisions_folders(folder):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (folder / IMAGES).rename(raw / IMAGES)
    unpacked = gzip.decompress((folder / LABELS).read_bytes())
    (folder / LABELS).unlink()
    (folder / LABELS.removesuffix(".gz")).write_bytes(unpacked)
    dataset = datasets.MNIST(folder, train=False)
    expect(dataset.data, PIXELS, "images")
    expect(dataset.targets, KINDS.astype(np.int64), "labels")


def test_a_file_of_the_users_is_never_replaced(folder, servers):
    """It may be packed otherwise than the mirrors' and hold the same images."""
    damage(folder / IMAGES, gzip.compress(gzip.decompress((folder / IMAGES).read_bytes()), 2))
    (folder / LABELS).unlink()
    before = snapshot(folder)
    expect(datasets.MNIST(folder, train=False, download=True).data, PIXELS, "repacked")
    assert snapshot(folder).items() >= before.items()
    assert servers[0].requests == [f"/{LABELS}"], "only what was missing is fetched"


# Ten broken files

SOUND = bytes([0, 0, 8, 3]) + (COUNT).to_bytes(4, "big") + bytes([0, 0, 0, 28]) * 2
BROKEN_IMAGES = {
    "truncated": (lambda whole: whole[: len(whole) // 2], "whole gzip file"),
    "wrong magic": (lambda _: gzip.compress(b"\1\2\3\4" + bytes(99)), "00 00 08, came 01 02 03"),
    "wrong dtype code": (lambda _: gzip.compress(b"\0\0\x0d\3" + SOUND[4:]), "came 00 00 0d"),
    "another size": (lambda _: idx(PIXELS[:9]), r"\(10000, 28, 28\), came \(9, 28, 28\)"),
    "fewer pixels than it says": (lambda _: gzip.compress(SOUND + bytes(5)), "came 21"),
    "unpacks to far more than it says": (
        lambda _: gzip.compress(SOUND + bytes(10**8), 1), "7,840,016 bytes, came more",
    ),
    "a pickle": (lambda _: pickle.dumps(PIXELS[:5]), "gzip file"),
    "a packed pickle": (lambda _: gzip.compress(pickle.dumps(PIXELS[:5])), "came 80 0"),
    "empty": (lambda _: b"", "came nothing"),
    "a header only in part": (lambda _: gzip.compress(SOUND[:9]), "16 bytes, came 9"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN_IMAGES)
def test_broken_images(fault, folder):
    make, message = BROKEN_IMAGES[fault]
    damage(folder / IMAGES, make((folder / IMAGES).read_bytes()))
    before = snapshot(folder)
    with pytest.raises(ValueError, match=message) as error:
        datasets.MNIST(folder, train=False)
    assert one_line(error.value).startswith(f"{folder / IMAGES}: ")
    assert str(error.value).count(str(folder)) == 1
    assert snapshot(folder) == before


def large(name):
    """A member that claims 2 TB."""
    member = tarfile.TarInfo(name)
    member.size = 2 * 10**12
    return name, member


BROKEN_ARCHIVES = {
    "a path that escapes": (lambda: tar(("../../escaped", b"!"), TEST_BATCH), "'../../escaped'"),
    "an absolute path": (lambda: tar(("/tmp/escaped", b"!"), TEST_BATCH), "'/tmp/escaped'"),
    "a link": (lambda: tar(link(TEST_BATCH[0], "/etc/passwd")), "a link or device"),
    "a member of 2 TB": (lambda: tar(large(TEST_BATCH[0])), "at most 30,730,000 bytes"),
    "a record too few": (lambda: tar((TEST_BATCH[0], TEST_BATCH[1][:-3073])), "came 30,726,927"),
    "no test images": (lambda: tar(("readme.html", b"hello")), "of test_batch.bin, came 0"),
    "pickles": (lambda: tar(("test_batch", pickle.dumps(b"x"))), "of test_batch.bin, came 0"),
    "truncated": (lambda: tar(TEST_BATCH)[:-20_000], "not CIFAR-10's binary archive"),
    "not an archive": (lambda: b"nothing of the kind", "not CIFAR-10's binary archive"),
    "empty": (lambda: b"", "not CIFAR-10's binary archive"),
}


@pytest.mark.parametrize("fault", BROKEN_ARCHIVES)
def test_broken_archives(fault, folder):
    make, message = BROKEN_ARCHIVES[fault]
    damage(folder / ARCHIVE, make())
    before = snapshot(folder.parent)
    with pytest.raises(ValueError, match=message) as error:
        datasets.CIFAR10(folder, train=False)
    assert one_line(error.value).startswith(f"{folder / ARCHIVE}: ")
    assert snapshot(folder.parent) == before


def test_wrong_hash(servers, cache, monkeypatch):
    monkeypatch.setitem(dataloader.SHA256["MNIST"], IMAGES, "0" * 64)
    with pytest.raises(RuntimeError, match="no mirror gave .* SHA256 hash") as error:
        datasets.MNIST(train=False, download=True)
    one_line(error.value)
    assert not snapshot(cache)


def test_a_text_of_another_size(folder):
    damage(folder / "input.txt", b"To be")
    with pytest.raises(ValueError, match="exactly 1,115,394 bytes, came 5"):
        datasets.TinyShakespeare(folder)


# Sixty thousand real images


@pytest.mark.skipif(
    not DEBIAN.is_dir(),
    reason=f"{DEBIAN} is not there: Debian's package dataset-fashion-mnist isn't installed",
)
def test_sixty_thousand_real_images():
    train, test = (datasets.FashionMNIST(DEBIAN, train=train) for train in (True, False))
    assert train.data.shape == (60_000, 28, 28) and test.data.shape == (10_000, 28, 28)
    assert np.bincount(train.targets.numpy()).tolist() == [6000] * 10
    assert np.bincount(test.targets.numpy()).tolist() == [1000] * 10
    for small, whole in ((True, train), (False, test)):
        small = datasets.FashionMNISTSmall(train=small)
        kind = small.targets[0].item()
        first = whole.data.numpy()[whole.targets.numpy() == kind][0]
        expect(small.data.numpy()[0], first, "the first image of the shipped ones")
