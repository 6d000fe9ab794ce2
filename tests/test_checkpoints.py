"""Checkpoints: a resumed run ends bit for bit like the uncut one, a broken file changes nothing.

The runs here use dropout, shuffling, momentum, a schedule that moves momentum too, and clipping.
"""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import tinytorch
from tinytorch import nn, optim
from tinytorch.tensor import Generator, default_generator
from tinytorch.training import (
    EarlyStopping,
    Trainer,
    load,
    load_checkpoint,
    save,
    save_checkpoint,
    write_atomically,
)

REPOSITORY = Path(__file__).parents[1]
EPOCHS, CUT = 6, 3


class Shuffled:
    """A small problem in batches, in a new random order at each loop."""

    def __init__(self, generator=None, rows=60):
        random = np.random.default_rng(0)
        self.x = random.standard_normal((rows, 4)).astype(np.float32)
        self.y = (self.x.sum(1) > 0).astype(np.int64)
        self.generator = generator

    def __len__(self):
        return 6

    def __iter__(self):
        order = tinytorch.randperm(len(self.x), self.generator).numpy()
        for rows in np.split(order, 6):
            yield tinytorch.tensor(self.x[rows]), tinytorch.tensor(self.y[rows])


def network(hidden=8):
    return nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Dropout(0.3), nn.Linear(hidden, 2))


OPTIMIZERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01, centered=True, momentum=0.5),
}


def one_cycle(optimizer):
    return optim.lr_scheduler.OneCycleLR(optimizer, 0.05, epochs=EPOCHS, steps_per_epoch=6)


def warm_up_then_cosine(optimizer):
    s = optim.lr_scheduler
    parts = [s.LinearLR(optimizer, 0.1, total_iters=9), s.CosineAnnealingLR(optimizer, 20)]
    return s.SequentialLR(optimizer, parts, [9])


def trainer(seed, optimizer="AdamW", schedule=one_cycle, own_generator=False, **options):
    """A fresh trainer and its data, all their random numbers from `seed`."""
    tinytorch.manual_seed(seed)
    generator = Generator().manual_seed(seed) if own_generator else None
    model = network()
    made = OPTIMIZERS[optimizer](model.parameters())
    made_schedule = schedule and schedule(made)
    options = {"max_norm": 1.0, "accumulate": 2, "generator": generator, **options}
    loss_fn = nn.CrossEntropyLoss()
    return Trainer(model, loss_fn, made, made_schedule, progress=False, **options), Shuffled(
        generator
    )


def everything(t):
    """All that a run consists of, to the bit."""
    state = {
        "model": t.model.state_dict(),
        "optimizer": t.optimizer.state_dict(),
        "scheduler": t.scheduler and t.scheduler.state_dict(),
        "random": default_generator.get_state(),
        "generator": t.generator and t.generator.get_state(),
        "progress": [t.epoch, t.history, t.stopped],
    }
    return frozen(state)


def frozen(value):
    """Nested states as text, tensors as their bytes."""
    if isinstance(value, tinytorch.Tensor):
        return (value.shape, str(value.dtype), value.detach().numpy().tobytes())
    if isinstance(value, dict):
        return {key: frozen(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [frozen(v) for v in value]
    return repr(value)


# Resuming

CASES = {
    **{name: dict(optimizer=name) for name in OPTIMIZERS},
    "no schedule": dict(schedule=None),
    "two schedules": dict(schedule=warm_up_then_cosine),
    "a generator of its own": dict(own_generator=True),
    "no clipping, no accumulation": dict(max_norm=None, accumulate=1),
}


@pytest.mark.parametrize("options", CASES.values(), ids=CASES)
def test_resumed_is_bit_for_bit_the_uncut_run(options, tmp_path):
    uncut, data = trainer(0, **options)
    uncut.fit(data, data, EPOCHS)
    expected = everything(uncut)

    first, data = trainer(0, **options)
    first.fit(data, data, CUT, checkpoint=tmp_path / "run")
    resumed, data = trainer(7, **options)
    assert everything(resumed) != everything(first)
    resumed.load(tmp_path / "run")
    assert resumed.epoch == CUT
    resumed.fit(data, data, EPOCHS)
    assert everything(resumed) == expected


@pytest.mark.parametrize("cut", range(1, 9))
def test_early_stopping_is_resumed_alike(cut, tmp_path):
    """Wherever the run is cut, even after its last epoch, it stops where the uncut one does."""

    def fresh(seed):
        options = dict(optimizer="SGD", schedule=None, accumulate=1, max_norm=None)
        return trainer(seed, callbacks=[EarlyStopping(2)], **options)

    uncut, data = fresh(1)
    uncut.optimizer.param_groups[0]["lr"] = 3.0  # too large: it will not improve for long
    uncut.fit(data, data, epochs=30)
    assert uncut.stopped and uncut.epoch < 30

    first, data = fresh(1)
    first.optimizer.param_groups[0]["lr"] = 3.0
    first.fit(data, data, epochs=cut, checkpoint=tmp_path / "run")
    resumed, data = fresh(2)
    resumed.load(tmp_path / "run")
    resumed.fit(data, data, epochs=30)
    assert everything(resumed) == everything(uncut)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("seed", [None, 5])
def test_resumed_with_a_data_loader(workers, seed, tmp_path):
    """Its order comes from the default stream, or from one of its own that is saved as well."""

    def fresh(start):
        tinytorch.manual_seed(start)
        generator = None if seed is None else Generator().manual_seed(start + seed)
        data = Shuffled()
        tensors = tinytorch.tensor(data.x), tinytorch.tensor(data.y)
        dataset = tinytorch.utils.data.TensorDataset(*tensors)
        loader = tinytorch.utils.data.DataLoader(
            dataset, batch_size=16, shuffle=True, num_workers=workers, generator=generator
        )
        return trainer(start, generator=generator)[0], loader

    uncut, loader = fresh(0)
    uncut.fit(loader, loader, EPOCHS)
    expected = everything(uncut)
    first, loader = fresh(0)
    first.fit(loader, loader, CUT, checkpoint=tmp_path / "run")
    resumed, loader = fresh(3)
    resumed.load(tmp_path / "run")
    resumed.fit(loader, loader, EPOCHS)
    assert everything(resumed) == expected


KILLED = """
import os, sys
from tests.test_checkpoints import EPOCHS, trainer
run, data = trainer(0)
if sys.argv[2] == "resume":
    run.load(sys.argv[1])
else:
    run.callbacks = [lambda t: os._exit(9) if t.epoch == 4 else None]
run.fit(data, data, EPOCHS, checkpoint=sys.argv[1])
"""


def test_killed_and_resumed_in_another_process(tmp_path):
    """Killed within an epoch, before its checkpoint: the one before it serves."""
    path = tmp_path / "run"
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    for mode, code in (("begin", 9), ("resume", 0)):
        command = [sys.executable, "-c", KILLED, str(path), mode]
        assert subprocess.run(command, env=env, cwd=REPOSITORY).returncode == code
        assert [file.name for file in tmp_path.iterdir()] == ["run"]
    uncut, data = trainer(0)
    uncut.fit(data, data, EPOCHS)
    resumed, data = trainer(5)
    resumed.load(path)
    assert everything(resumed) == everything(uncut)


def test_without_a_trainer(tmp_path):
    model = network()
    optimizer = optim.AdamW(model.parameters())
    save_checkpoint(tmp_path / "run", model, optimizer, epoch=3)
    other = network()
    progress = load_checkpoint(tmp_path / "run", other, optim.AdamW(other.parameters()))
    assert progress == {"epoch": 3, "history": [], "stopped": False}
    assert frozen(other.state_dict()) == frozen(model.state_dict())


# Broken files


@pytest.fixture
def run(tmp_path):
    """A trainer two epochs on, the path of its checkpoint, and what is in that."""
    made, data = trainer(0, own_generator=True)
    made.fit(data, data, 2)
    path = tmp_path / "good"
    made.save(path)
    return made, path, load(path)


def refused(run, broken):
    """The error of loading the file `broken`; nothing may have changed by it."""
    made, _, _ = run
    for fresh in (False, True):  # a run that is under way, and one that has not begun
        made = trainer(3, own_generator=True)[0] if fresh else made
        before = everything(made)
        with pytest.raises(RuntimeError) as caught:
            made.load(broken)
        assert everything(made) == before
    message = str(caught.value)
    assert message.startswith(f"{broken}: ") and "\n" not in message
    assert len(message) < len(str(broken)) + 250
    return message.removeprefix(f"{broken}: ")


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps([1, 2, 3]))
    return file.getvalue()


def with_header(good, change):
    """The same file, with another header."""
    length = int.from_bytes(good[:8], "little")
    header = change(json.loads(good[8 : 8 + length]))
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(header).to_bytes(8, "little") + header + good[8 + length :]


def with_text(change):
    """A change of a header that changes our own text in it."""

    def changed(header):
        text = header["__metadata__"]["tinytorch"]
        return {**header, "__metadata__": {"tinytorch": change(text)}}

    return lambda good: with_header(good, changed)


BYTES = {
    "nothing": (lambda good: b"", "an empty file"),
    "three bytes": (lambda good: good[:3], "header"),
    "a cut header": (lambda good: good[:200], "header"),
    "cut data": (lambda good: good[:-1], "not fully covered"),
    "too much data": (lambda good: good + b"\0", "not fully covered"),
    "noise": (lambda good: np.random.default_rng(0).bytes(5000), "header"),
    "zeros": (lambda good: bytes(len(good)), "header"),
    "a text": (lambda good: b"epoch 3, loss 0.25\n" * 20, "header"),
    "a pickle": (lambda good: pickle.dumps({"model": [1.0] * 99}), "a pickle"),
    "a zip": (lambda good: zipped(), "a zip archive"),
    "a header that lies": (lambda good: b"\xff" * 7 + b"\x7f" + good[8:], "header"),
    "a header that is no JSON": (lambda good: with_header(good, lambda h: b"{" * 50), "header"),
    "JSON in it damaged": (with_text(lambda text: text[:-7]), "damaged"),
    "JSON in it of another kind": (with_text(lambda text: '{"set": [1, 2]}'), "damaged"),
    "JSON in it of two kinds": (with_text(lambda text: '{"dict": [], "tuple": []}'), "damaged"),
    "JSON in it too deep": (with_text(lambda text: "[" * 100_000), "damaged"),
    "a tensor that isn't there": (
        with_text(lambda text: text.replace("model.0.weight", "model.9.weight")),
        "model.9.weight",
    ),
    "tensors without our text": (
        lambda good: with_header(good, lambda h: {k: v for k, v in h.items() if k[0] != "_"}),
        "other contents",
    ),
    "a plain list": (with_text(lambda text: "[1, 2]"), "other contents"),
}


@pytest.mark.parametrize("broken, mentions", BYTES.values(), ids=BYTES)
def test_broken_bytes(broken, mentions, run, tmp_path):
    path = tmp_path / "broken"
    path.write_bytes(broken(run[1].read_bytes()))
    assert mentions in refused(run, path)


def put(state, path, value):
    """Set what stands under the dotted `path`; None removes it."""
    *parents, last = path.split(".")
    for key in parents:
        key = int(key) if isinstance(state, list) or key.isdigit() and int(key) in state else key
        state = state[key]
    last = int(last) if last.isdigit() and last not in state else last
    if value is None:
        del state[last]
    else:
        state[last] = value


ZEROS = tinytorch.zeros

STATES = {
    "a newer format": ("format", 2, "another version wrote it"),
    "a format that is no number": ("format", "new", "another version wrote it"),
    "no format": ("format", None, "other contents"),
    "no model": ("model", None, "missing model"),
    "no random state": ("random", None, "missing random"),
    "one thing too many": ("extra", 1, "unexpected extra"),
    "a weight missing": ("model.0|weight", None, "missing 0.weight"),
    "a weight too many": ("model.9|weight", ZEROS(2), "unexpected 9.weight"),
    "a weight of another shape": ("model.0|weight", ZEROS(4, 8), "(8, 4)"),
    "a bias that would broadcast": ("model.0|bias", ZEROS(1), "(8,)"),
    "a weight of another dtype": ("model.0|weight", ZEROS(8, 4, dtype=np.float64), "float64"),
    "integers for weights": ("model.3|bias", ZEROS(2, dtype=np.int64), "int64"),
    "a number for a weight": ("model.0|weight", 1.0, "a number"),
    "a number for the model": ("model", 1.0, "a number"),
    "a moment of another shape": ("optimizer.state.0.exp_avg", ZEROS(4, 8), "(8, 4)"),
    "a moment of another dtype": (
        "optimizer.state.1.exp_avg_sq", ZEROS(8, dtype=np.float64), "float64",
    ),
    "a moment missing": ("optimizer.state.2.exp_avg", None, "missing exp_avg"),
    "a memory of no parameter": ("optimizer.state.77", {"step": 1}, "unexpected 77"),
    "a text for a memory": ("optimizer.state.0", "much", "unexpected 0"),
    "no memories": ("optimizer.state", None, "missing state"),
    "a list of memories": ("optimizer.state", [1, 2], "a dict"),
    "another optimizer's options": ("optimizer.param_groups.0.betas", None, "missing betas"),
    "a group too few": ("optimizer.param_groups", [], "0 items"),
    "fewer parameters": ("optimizer.param_groups.0.params", [0, 1], "2 items"),
    "a learning rate in words": ("optimizer.param_groups.0.lr", "small", "a str"),
    "another scheduler": ("scheduler", {"last_epoch": 3}, "missing"),
    "a scheduler of more groups": ("scheduler.base_lrs", [0.1, 0.1], "2 items"),
    "no counter": ("scheduler.last_epoch", None, "missing last_epoch"),
    "another random stream": ("random.bit_generator", "MT19937", "PCG64"),
    "a random state out of range": ("random.state.state", -1, "random"),
    "a random state in words": ("generator.state.inc", "luck", "a str"),
    "an epoch in words": ("epoch", "three", "a str"),
    "a history that is no list": ("history", 3, "a number"),
}  # fmt: skip


@pytest.mark.parametrize("path, value, mentions", STATES.values(), ids=STATES)
def test_broken_states(path, value, mentions, run, tmp_path):
    state = run[2]
    container, _, last = path.rpartition(".") if "|" not in path else ("", "", path)
    if "|" in path:
        name, key = path.split(".", 1)
        key = key.replace("|", ".")
        state[name].pop(key, None) if value is None else state[name].update({key: value})
    else:
        put(state, path, value)
    save(state, tmp_path / "broken")
    assert mentions in refused(run, tmp_path / "broken")


def test_a_checkpoint_of_something_else(run, tmp_path):
    """Other layers, another optimizer, a scheduler or generator too many or too few."""
    made, path, _ = run
    model, loss_fn = network(9), nn.CrossEntropyLoss()
    others = {
        "(9, 4)": Trainer(model, loss_fn, OPTIMIZERS["AdamW"](model.parameters())),
        "missing dampening, momentum": Trainer(
            made.model, loss_fn, OPTIMIZERS["SGD"](made.model.parameters()), made.scheduler
        ),
        "scheduler": Trainer(made.model, loss_fn, made.optimizer, generator=made.generator),
        "generator": Trainer(made.model, loss_fn, made.optimizer, made.scheduler),
    }
    for mentions, other in others.items():
        before = everything(other), everything(made)
        with pytest.raises(RuntimeError) as caught:
            other.load(path)
        assert mentions in str(caught.value) and "\n" not in str(caught.value)
        assert (everything(other), everything(made)) == before


def test_there_is_no_such_file(run, tmp_path):
    with pytest.raises(FileNotFoundError):
        run[0].load(tmp_path / "absent")


# Writing


def test_a_write_that_fails_leaves_the_old_file(run, tmp_path, monkeypatch):
    made, path, _ = run
    good = path.read_bytes()

    def full(*args):
        raise OSError("No space left on device")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, full)
            with pytest.raises(OSError, match="No space"):
                made.save(path)
        assert path.read_bytes() == good
        assert [file.name for file in tmp_path.iterdir()] == ["good"]


def test_what_cannot_be_saved_leaves_the_old_file(tmp_path):
    save({"a": 1}, tmp_path / "file")
    for thing in ({"f": print}, {"a": [object()]}, {("a", "b"): 1}, {"x": {1, 2}}):
        with pytest.raises(TypeError) as caught:
            save(thing, tmp_path / "file")
        assert "\n" not in str(caught.value)
    assert load(tmp_path / "file") == {"a": 1}


def test_readers_see_the_old_file_or_the_new_one(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, b"a" * 100_000)
    with open(path, "rb") as reader:
        start = reader.read(10)
        write_atomically(path, b"b" * 100_000)
        assert start + reader.read() == b"a" * 100_000
    assert path.read_bytes() == b"b" * 100_000


# save and load, as torch scripts use them


def test_save_and_load_any_nest(tmp_path):
    x = tinytorch.tensor([[1.5, 2.5]])
    nest = {"x": x, 3: [x.T, (1, 2.5, None, True, "ü")], "none": {}, "inf": float("inf"), "a.b": x}
    nest["a"] = {"b": tinytorch.tensor([7])}  # the same path as "a.b" has
    nest["scalar"], nest["empty"] = tinytorch.tensor(2.0), tinytorch.zeros(0, 3)
    nest["bools"] = tinytorch.tensor([True, False])
    save(nest, tmp_path / "nest")
    came = load(tmp_path / "nest")
    assert frozen(came) == frozen(nest)
    assert list(came) == list(nest) and isinstance(came[3][1], tuple)


def test_what_is_loaded_is_ones_own(tmp_path):
    """Writable, and independent of the file and of what was saved."""
    x = tinytorch.ones(3)
    save({"x": x}, tmp_path / "file")
    came = load(tmp_path / "file")["x"]
    save({"x": tinytorch.zeros(3)}, tmp_path / "file")
    came[0] = 5.0
    assert (came.tolist(), x.tolist()) == ([5, 1, 1], [1, 1, 1])


def test_state_dicts_as_torch_scripts_save_them(tmp_path):
    torch = tinytorch
    model, other = network(), network()
    torch.save(model.state_dict(), str(tmp_path / "model.pt"))
    other.load_state_dict(torch.load(str(tmp_path / "model.pt"), weights_only=True))
    assert frozen(other.state_dict()) == frozen(model.state_dict())
    with pytest.raises(ValueError, match="pickle"):
        torch.load(tmp_path / "model.pt", weights_only=False)


def test_safetensors_of_others_and_for_others(tmp_path):
    """Tensors by name from a file that isn't ours; and ours is read by the library itself."""
    from safetensors.numpy import load_file, save_file

    arrays = {"a.weight": np.float32([[1, 2]]), "count": np.array(3)}
    save_file(arrays, tmp_path / "theirs")
    assert {k: v.tolist() for k, v in load(tmp_path / "theirs").items()} == {
        "a.weight": [[1, 2]], "count": 3,
    }  # fmt: skip
    model = network()
    save(model.state_dict(), tmp_path / "ours")
    ours = load_file(tmp_path / "ours")
    assert {k: v.tolist() for k, v in ours.items()} == {
        k: v.tolist() for k, v in model.state_dict().items()
    }


def test_a_pickle_is_never_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "exploded"),))

    (tmp_path / "bomb").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(RuntimeError, match="a pickle"):
        load(tmp_path / "bomb")
    assert not (tmp_path / "exploded").exists()


def test_importing_training_is_cheap():
    """Neither safetensors nor tqdm is imported before it is needed."""
    code = (
        "import sys, tinytorch.training\n"
        "print(*sorted({'safetensors', 'tqdm', 'matplotlib'} & sys.modules.keys()))"
    )
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    assert subprocess.check_output([sys.executable, "-c", code], env=env, text=True) == "\n"


def test_checkpoints_grow_with_the_model_only(tmp_path):
    """The file is the tensors and a header: three numbers a parameter for AdamW."""
    sizes = []
    for hidden in (100, 200, 400):
        model = network(hidden)
        optimizer = optim.AdamW(model.parameters())
        for p in model.parameters():
            p.grad = tinytorch.zeros_like(p)
        optimizer.step()
        save_checkpoint(tmp_path / "run", model, optimizer)
        count = sum(p.numel() for p in model.parameters())
        sizes.append((tmp_path / "run").stat().st_size - 12 * count)
    assert all(abs(b - a) < 100 for a, b in pairwise(sizes))
