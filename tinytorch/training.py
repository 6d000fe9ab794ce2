# Generated from nbs/07_training.ipynb. To change it, edit the notebook and run: tito export 07

__all__ = [
    "MAGIC", "FORMAT", "base_lrs", "schedule_state", "load_schedule", "LRScheduler", "LambdaLR",
    "StepLR", "LinearLR", "cosine", "CosineAnnealingLR", "check_parts", "SequentialLR",
    "ChainedScheduler", "phase_at", "OneCycleLR", "cycle", "straight", "set_momentum", "one_each",
    "count_steps", "check_cycle", "total_norm", "clip_grad_norm_", "accumulate_gradients",
    "weighted_means", "accuracy", "evaluate", "Trainer", "update", "groups_of", "progress_bar",
    "trained", "progress_of", "epochs_since_best", "EarlyStopping", "plot_history", "child_path",
    "keep", "plain", "unpack", "pack", "write_atomically", "save", "load", "read_safetensors",
    "kind_of", "difference", "few", "misfits", "state_of", "restore", "memories", "save_checkpoint",
    "load_checkpoint", "faults", "stream_faults",
]

import json
import math
import os
from bisect import bisect_left, bisect_right
from itertools import islice
from operator import length_hint
from pathlib import Path

import numpy as np

from tinytorch.autograd import no_grad
from tinytorch.tensor import Generator, Tensor, default_generator, from_numpy, note_write


def base_lrs(optimizer, last_epoch):
    """What each group began with; KeyError where a schedule is to go on that never began."""
    for group in optimizer.param_groups:
        if last_epoch == -1:
            group.setdefault("initial_lr", group["lr"])
        elif "initial_lr" not in group:
            raise KeyError(f"last_epoch={last_epoch}: expected groups with 'initial_lr', came none")
    return [group["initial_lr"] for group in optimizer.param_groups]


def schedule_state(scheduler):
    """The attributes of a schedule, and the states of those within it."""
    state = {k: v for k, v in vars(scheduler).items() if k not in scheduler.not_saved}
    return {**state, "schedulers": [part.state_dict() for part in scheduler.schedulers]}


def load_schedule(scheduler, state):
    """Put back what `schedule_state` returned; the groups' learning rates are the optimizer's."""
    vars(scheduler).update({k: v for k, v in state.items() if k != "schedulers"})
    for part, part_state in zip(scheduler.schedulers, state["schedulers"]):
        part.load_state_dict(part_state)


class LRScheduler:
    """The base of all schedules: a subclass has `get_lr`, one learning rate for each group."""

    schedulers, not_saved = (), ("optimizer", "schedulers")

    def __init__(self, optimizer, last_epoch=-1):
        self.optimizer, self.last_epoch = optimizer, last_epoch
        self.base_lrs = base_lrs(optimizer, last_epoch)
        self.step()  # writes the learning rate of the first step

    def step(self, epoch=None):
        """Go to the next step, or to `epoch`: a counter of 4 → 5, and each group's "lr" with it."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        for group, lr in zip(self.optimizer.param_groups, self.get_lr()):
            group["lr"] = lr

    def get_lr(self):
        raise NotImplementedError(f"{type(self).__name__} needs a method called get_lr")

    def get_last_lr(self): return [group["lr"] for group in self.optimizer.param_groups]
    def state_dict(self): return schedule_state(self)
    def load_state_dict(self, state_dict): load_schedule(self, state_dict)


class LambdaLR(LRScheduler):
    """base · lr_lambda(t); ValueError where there are several functions, but not one a group."""

    not_saved = (*LRScheduler.not_saved, "lr_lambdas")  # functions cannot be written to a file

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        groups, single = len(optimizer.param_groups), not isinstance(lr_lambda, list | tuple)
        self.lr_lambdas = [lr_lambda] * groups if single else list(lr_lambda)
        if len(self.lr_lambdas) != groups:
            raise ValueError(f"LambdaLR: expected {groups} functions, came {len(lr_lambda)}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * f(self.last_epoch) for base, f in zip(self.base_lrs, self.lr_lambdas)]


class StepLR(LRScheduler):
    """base · gammaᵏ after k times `step_size` steps."""

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        """One number for each group: base 1, step_size 3, gamma 0.5, t = 7 → [0.25]."""
        factor = self.gamma ** (self.last_epoch // self.step_size)
        return [base * factor for base in self.base_lrs]


class LinearLR(LRScheduler):
    """base times a factor on a straight line; ValueError for factors that torch refuses."""

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        if not (0 < start_factor <= 1 and 0 <= end_factor <= 1):
            raise ValueError(f"LinearLR: expected 0 < start_factor ≤ 1 and 0 ≤ end_factor ≤ 1, "
                             f"came {start_factor} and {end_factor}")
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        """One number for each group: base 1, from 0.25 to 1 in 3 steps, t = 1 → [0.5]."""
        share = min(self.last_epoch, self.total_iters) / self.total_iters
        factor = self.start_factor + share * (self.end_factor - self.start_factor)
        return [base * factor for base in self.base_lrs]


def cosine(start, end, share):
    """From `start` to `end` along half a cosine: 1, 0, share 0.5 → 0.5."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from base to `eta_min` in `T_max` steps (Loshchilov & Hutter 2017)."""

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        """One number for each group: base 1, eta_min 0, T_max 4, t = 2 → [0.5]."""
        share = self.last_epoch / self.T_max  # past 1 it comes back up, as in torch
        return [cosine(base, self.eta_min, share) for base in self.base_lrs]


def check_parts(name, optimizer, schedulers):
    """Raise ValueError unless there are schedules, all of this optimizer."""
    if not schedulers or any(part.optimizer is not optimizer for part in schedulers):
        raise ValueError(f"{name}: expected one or more schedules of one optimizer, came others")


class SequentialLR(LRScheduler):
    """One schedule after another: each begins anew at its milestone."""

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        check_parts("SequentialLR", optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(f"SequentialLR: expected {len(schedulers) - 1} milestones for "
                             f"{len(schedulers)} schedules, came {len(milestones)}")
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        """One number for each group: milestones [10, 30], t = 12 → the second's answer for 2."""
        place = bisect_right(self.milestones, self.last_epoch)
        on_duty = self.schedulers[place]
        on_duty.last_epoch = self.last_epoch - [0, *self.milestones][place]
        return on_duty.get_lr()


class ChainedScheduler(LRScheduler):
    """All at once: the first's answer is the second's base, and so on. Factors multiply."""

    def __init__(self, schedulers, optimizer=None):
        optimizer = schedulers[0].optimizer if schedulers and optimizer is None else optimizer
        check_parts("ChainedScheduler", optimizer, schedulers)
        self.schedulers = list(schedulers)
        super().__init__(optimizer)

    def get_lr(self):
        """One number for each group: a half and a tenth of base 1 → [0.05]."""
        lrs = self.base_lrs
        for part in self.schedulers:
            part.base_lrs, part.last_epoch = lrs, self.last_epoch
            lrs = part.get_lr()
        return lrs


def phase_at(t, ends):
    """(number of the phase, share of it done), two numbers: t = 6, ends [2, 10] → (1, 0.5)."""
    i = min(bisect_left(ends, t), len(ends) - 1)
    begin = [0, *ends][i]
    return i, (t - begin) / (ends[i] - begin)


class OneCycleLR(LRScheduler):
    """Up to `max_lr`, then down to nearly 0, while momentum mirrors it (Smith & Topin 2018)."""

    def __init__(self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None,
                 pct_start=0.3, anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85,
                 max_momentum=0.95, div_factor=25.0, final_div_factor=1e4, three_phase=False,
                 last_epoch=-1):
        total = count_steps(total_steps, epochs, steps_per_epoch)
        check_cycle(optimizer, pct_start, anneal_strategy, cycle_momentum)
        self.total_steps, self.anneal_strategy = total, anneal_strategy
        self.cycle_momentum, self.momenta = cycle_momentum, [max_momentum, base_momentum]
        self.momenta += [max_momentum] * (2 if three_phase else 1)
        self.ends = [pct_start * total - 1, total - 1]
        if three_phase:
            self.ends.insert(1, 2 * pct_start * total - 2)
        self.lr_levels = []
        for group, top in zip(optimizer.param_groups, one_each(max_lr, optimizer)):
            low = top / div_factor
            group["initial_lr"] = low if last_epoch == -1 else group["initial_lr"]
            self.lr_levels.append([low, top] + [low] * three_phase + [low / final_div_factor])
        super().__init__(optimizer, last_epoch)

    def get_lr(self): return cycle(self)


def cycle(schedule):
    """The learning rates of a OneCycleLR at its step; as in torch, it sets the momentum as well."""
    if schedule.last_epoch > schedule.total_steps:
        raise ValueError(f"OneCycleLR: expected at most {schedule.total_steps} steps, "
                         f"came number {schedule.last_epoch}")
    i, share = phase_at(schedule.last_epoch, schedule.ends)
    anneal = cosine if schedule.anneal_strategy == "cos" else straight
    if schedule.cycle_momentum:
        momentum = anneal(schedule.momenta[i], schedule.momenta[i + 1], share)
        for group in schedule.optimizer.param_groups:
            set_momentum(group, momentum)
    return [anneal(levels[i], levels[i + 1], share) for levels in schedule.lr_levels]


def straight(start, end, share):
    """From `start` to `end` in a straight line: 1, 0, share 0.25 → 0.75."""
    return start + (end - start) * share


def set_momentum(group, momentum):
    """Write into a group what its optimizer calls momentum: Adam's is the first of its betas."""
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


def one_each(value, optimizer):
    """A list with one number for each group: 0.1 → [0.1, 0.1]; ValueError for another length."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(f"expected {groups} values, one for each group, came {len(value)}")
    return list(value)


def count_steps(total_steps, epochs, steps_per_epoch):
    """`total_steps`, or epochs · steps_per_epoch; ValueError unless that is a positive count."""
    total = total_steps
    if total is None and None not in (epochs, steps_per_epoch):
        total = epochs * steps_per_epoch
    if not isinstance(total, int) or total <= 0:
        raise ValueError("OneCycleLR: expected total_steps, or epochs and steps_per_epoch, "
                         f"positive whole numbers, came {total_steps}, {epochs}, {steps_per_epoch}")
    return total


def check_cycle(optimizer, pct_start, anneal_strategy, cycle_momentum):
    """Raise ValueError for settings of a cycle that are impossible."""
    if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
        raise ValueError(f"OneCycleLR: expected pct_start, a float from 0 to 1, came {pct_start}")
    if anneal_strategy not in ("cos", "linear"):
        raise ValueError(f"OneCycleLR: expected 'cos' or 'linear', came {anneal_strategy!r}")
    if cycle_momentum and not all({"momentum", "betas"} & g.keys() for g in optimizer.param_groups):
        raise ValueError("OneCycleLR: expected an optimizer with momentum, or cycle_momentum=False")


def total_norm(arrays, p=2.0):
    """The p-norm of all elements of all arrays, a number: [[3, 4], [12]] → 13.0; none → 0.0."""
    if not arrays:
        return 0.0
    norms = [np.linalg.norm(array.ravel(), p) for array in arrays]
    return float(np.linalg.norm(norms, p))


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    """Scale all gradients in place so that their norm is at most `max_norm` → the norm before.

    Gradients [3, 4] and [12], max_norm 1 → tensor(13.). RuntimeError, where `error_if_nonfinite`,
    if the norm is inf or nan.
    """
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = total_norm([g.array for g in gradients], norm_type)
    if error_if_nonfinite and not math.isfinite(norm):
        raise RuntimeError(f"clip_grad_norm_: expected a finite norm, came {norm}: nothing changed")
    factor = max_norm / (norm + 1e-6)
    if factor < 1:
        for gradient in gradients:
            gradient.array *= factor
            note_write(gradient)
    return Tensor(norm)


def accumulate_gradients(model, loss_fn, batches):
    """Add the gradient of the mean loss over all `batches` to the parameters' → the mean loss.

    Batches of shapes (2, 1) and (1, 1) with losses 1.5 and 9 → 4.0.
    """
    total = sum(len(targets) for _, targets in batches)
    mean = 0.0
    for inputs, targets in batches:
        loss = loss_fn(model(inputs), targets) * (len(targets) / total)
        loss.backward()
        mean += loss.item()
    return mean


def weighted_means(rows):
    """Means of pairs (size, {name: value}): [(2, {"loss": 1.5}), (1, {"loss": 9})] → {"loss": 4.0}.

    Raises ValueError where there are no rows.
    """
    total = sum(size for size, _ in rows)
    if not total:
        raise ValueError("expected at least one batch with examples, came none")
    return {name: sum(size * row[name] for size, row in rows) / total for name in rows[0][1]}


def accuracy(outputs, targets):
    """The share of rows whose largest score stands where `targets` says."""
    return float((outputs.argmax(dim=1) == targets).float().mean())


def evaluate(model, loss_fn, batches, metrics=None):
    """Mean loss and metrics of `model` over batches of shapes (N, …): {"loss": 0.31, …}.

    One batch of 2 with loss 1.5 and one of 1 with loss 9 → {"loss": 4.0}. Changes nothing.
    """
    measures = {"loss": loss_fn, **(metrics or {})}
    was_training, rows = model.training, []
    model.eval()
    with no_grad():
        for inputs, targets in batches:
            outputs = model(inputs)
            values = {name: float(f(outputs, targets)) for name, f in measures.items()}
            rows.append((len(targets), values))
    model.train(was_training)
    return weighted_means(rows)


class Trainer:
    """Trains `model` on any iterable of (inputs, targets); `scheduler` steps at each update."""

    def __init__(self, model, loss_fn, optimizer, scheduler=None, *, metrics=None, accumulate=1,
                 max_norm=None, callbacks=(), generator=None, progress=True):
        self.model, self.loss_fn, self.optimizer = model, loss_fn, optimizer
        self.scheduler, self.metrics, self.accumulate = scheduler, metrics, accumulate
        self.max_norm, self.callbacks, self.generator = max_norm, callbacks, generator
        self.progress, self.epoch, self.history, self.stopped = progress, 0, [], False

    def fit(self, train_batches, test_batches=None, epochs=1, checkpoint=None):
        """Train until `epochs` are done in all or `stopped`; save to `checkpoint` after each."""
        with progress_bar(self, train_batches, epochs) as bar:
            while self.epoch < epochs and not self.stopped:
                row = {"epoch": self.epoch + 1, **self.train_epoch(train_batches, bar)}
                if test_batches is not None:
                    came = self.evaluate(test_batches)
                    row |= {f"test_{name}": value for name, value in came.items()}
                self.epoch, self.history = self.epoch + 1, [*self.history, row]
                for callback in self.callbacks:
                    callback(self)
                if checkpoint is not None:
                    self.save(checkpoint)
        return self.history

    def train_epoch(self, batches, bar):
        """Every batch once → the mean loss while training, and the learning rate by then."""
        self.model.train()
        rows = []
        for group in groups_of(batches, self.accumulate):
            size = sum(len(targets) for _, targets in group)
            rows.append((size, {"train_loss": self.update(group)}))
            bar.update(len(group))
        return {**weighted_means(rows), "lr": self.optimizer.param_groups[0]["lr"]}

    def update(self, batches): return update(self, batches)
    def evaluate(self, batches): return evaluate(self.model, self.loss_fn, batches, self.metrics)
    def save(self, path): save_checkpoint(path, **trained(self), **progress_of(self))
    def load(self, path): vars(self).update(load_checkpoint(path, **trained(self)))


def update(trainer, batches):
    """One step of the optimizer, from the gradient over a list of batches → their mean loss."""
    trainer.optimizer.zero_grad()
    loss = accumulate_gradients(trainer.model, trainer.loss_fn, batches)
    if trainer.max_norm is not None:
        clip_grad_norm_(trainer.model.parameters(), trainer.max_norm)
    trainer.optimizer.step()
    if trainer.scheduler is not None:
        trainer.scheduler.step()
    return loss


def groups_of(batches, count):
    """Lists of `count` batches; the last may be shorter: "abc", 2 → ["a", "b"], ["c"]."""
    batches = iter(batches)
    while group := list(islice(batches, count)):
        yield group


def progress_bar(trainer, batches, epochs):
    """tqdm's bar, which counts batches over all epochs that are still to come."""
    from tqdm import tqdm

    ahead = max(epochs - trainer.epoch, 0) * length_hint(batches)
    return tqdm(total=ahead or None, unit="batch", disable=not trainer.progress)


def trained(trainer):
    """What a checkpoint restores in place."""
    names = ("model", "optimizer", "scheduler", "generator")
    return {name: getattr(trainer, name) for name in names}


def progress_of(trainer):
    """What a checkpoint hands back as it was."""
    return {name: getattr(trainer, name) for name in ("epoch", "history", "stopped")}


def epochs_since_best(values):
    """How many numbers have come since the lowest first came: [3, 1, 2] → 1; [] → 0."""
    lowest, since = math.inf, 0
    for value in values:
        since = 0 if value < lowest else since + 1
        lowest = min(lowest, value)
    return since


class EarlyStopping:
    """A callback: stop after `patience` epochs without a better `monitor`; keep the best model.

    `mode` says what is better: "min" or "max". `best_path` is the file for the best state_dict.
    """

    def __init__(self, patience, monitor="test_loss", mode="min", best_path=None):
        if mode not in ("min", "max"):
            raise ValueError(f"EarlyStopping: expected mode 'min' or 'max', came {mode!r}")
        self.patience, self.monitor, self.best_path = patience, monitor, best_path
        self.sign = 1 if mode == "min" else -1

    def __call__(self, trainer):
        since = epochs_since_best([self.sign * row[self.monitor] for row in trainer.history])
        if since == 0 and self.best_path is not None:
            save(trainer.model.state_dict(), self.best_path)
        trainer.stopped = trainer.stopped or since >= self.patience


def plot_history(history, axes, name="loss"):
    """Draw what a history says of `name`, in training and test, into matplotlib's `axes`."""
    epochs = [row["epoch"] for row in history]
    for key, style in ((f"train_{name}", "--"), (f"test_{name}", "-")):
        if history and key in history[0]:
            axes.plot(epochs, [row[key] for row in history], style, label=key.replace("_", " "))
    axes.set(title=name.capitalize(), xlabel="epoch", ylabel=name)
    axes.legend()


def child_path(path, key):
    """The path of what stands under `key`: "model", "w" → "model.w"; "", 0 → "0".

    Raises TypeError for a key that is neither text nor a whole number.
    """
    if not isinstance(key, str | int):
        raise TypeError(f"save: expected keys that are text or whole numbers, came {key!r}")
    return f"{path}.{key}" if path else str(key)


def keep(arrays, path, array):
    """Put `array` into `arrays` under `path`, or, if that is taken, under path' → the name."""
    while path in arrays:
        path += "'"
    arrays[path] = array
    return path


def plain(value, path):
    """`value`, if it is a plain one: a number, text, a bool or None; else TypeError."""
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    what = "expected tensors, numbers, texts, and dicts, lists, tuples of them"
    raise TypeError(f"save: {what}, came a {type(value).__name__} at '{path}'")


def unpack(packed, arrays):
    """What `pack` packed; ValueError or KeyError where it cannot have come from there."""
    if isinstance(packed, list):
        return [unpack(item, arrays) for item in packed]
    if not isinstance(packed, dict):
        return packed
    (kind, inside), = packed.items()
    if kind == "tensor":
        return from_numpy(arrays[inside])
    if kind == "tuple":
        return tuple(unpack(item, arrays) for item in inside)
    if kind == "dict":
        return {key: unpack(value, arrays) for key, value in inside}
    raise ValueError(f"expected a tensor, tuple or dict, came {kind!r}")


def pack(value, arrays, path=""):
    """`value` as JSON can hold it; tensors of any shape go to `arrays`, a dictionary, by path.

    (1, [2]) → {"tuple": [1, [2]]}
    """
    if isinstance(value, Tensor):
        return {"tensor": keep(arrays, path, value.array)}
    if isinstance(value, dict):
        items = value.items()
        return {"dict": [[key, pack(v, arrays, child_path(path, key))] for key, v in items]}
    if isinstance(value, list | tuple):
        items = [pack(v, arrays, child_path(path, i)) for i, v in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    return plain(value, path)


def write_atomically(path, data):
    """Make `data`, bytes, the contents of the file `path`: all of it, or the old file stays.

    b"new" over a file with b"old" → b"new"; after an error → b"old". No shapes, no tensors: bytes.
    """
    path = Path(path)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save(obj, f):
    """Write tensors and plain values, however nested, to the file `f`: safetensors and JSON."""
    from safetensors.numpy import save as to_bytes

    arrays = {}
    text = json.dumps(pack(obj, arrays))
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    write_atomically(f, to_bytes(contiguous, {"tinytorch": text}))


def load(f, *, weights_only=True):
    """What `save` wrote to the file `f`; of a foreign safetensors file, its tensors by name.

    Raises RuntimeError, saying what came, where it is neither.
    """
    if not weights_only:
        raise ValueError("load: weights_only=False asks for a pickle, which could run any code")
    arrays, text = read_safetensors(f)
    if text is None:
        return {name: from_numpy(array) for name, array in arrays.items()}
    try:
        return unpack(json.loads(text), arrays)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        what = f"{type(error).__name__}: {error}"
        raise RuntimeError(f"{f}: the description of its contents is damaged: {what}") from None


MAGIC = {b"": "an empty file", b"PK": "a zip archive, perhaps torch's, with a pickle in it",
         b"\x80": "a pickle, which could run any code"}


def read_safetensors(f):
    """({name: array}, our text or None) from a safetensors file; RuntimeError if it is none."""
    from safetensors import SafetensorError, safe_open

    with open(f, "rb") as file:
        start = file.read(2)
    try:
        with safe_open(f, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}
            return arrays, (file.metadata() or {}).get("tinytorch")
    except (SafetensorError, TypeError) as error:
        known = [what for magic, what in MAGIC.items() if magic and start.startswith(magic)]
        came = known[0] if known else MAGIC[b""] if not start else str(error)
        raise RuntimeError(f"{f}: expected a whole safetensors file, came {came}") from None


def kind_of(value):
    """What a value is, in words: "a tensor (3,) float32", "2 items", "a number", "a dict"."""
    if isinstance(value, Tensor):
        return f"a tensor {value.shape} {value.dtype}"
    if isinstance(value, list | tuple):
        return f"{len(value)} items"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number"
    return f"a {type(value).__name__}"


def difference(saved, own):
    """Why `saved` cannot take the place of `own`, seen from outside; "" where it can."""
    if isinstance(saved, dict) and isinstance(own, dict):
        missing, unexpected = own.keys() - saved.keys(), saved.keys() - own.keys()
        fits = not missing and not unexpected
        return "" if fits else f"missing {few(missing)}, unexpected {few(unexpected)}"
    expected, came = kind_of(own), kind_of(saved)
    return "" if expected == came else f"expected {expected}, came {came}"


def few(keys):
    """Some of the keys, as text: at most three."""
    names = sorted(map(str, keys))
    return ", ".join(names[:3] + ["…"] * (len(names) > 3)) or "nothing"


def misfits(saved, own, path):
    """Yield one line for each place at which the tree `saved` differs from the tree `own`.

    {"w": [1]} and {"w": [1, 2]}, path "m" → "m.w: expected 2 items, came 1 items"; shapes count.
    """
    if trouble := difference(saved, own):
        yield f"{path}: {trouble}"
    elif isinstance(own, dict | list | tuple):
        keys = own if isinstance(own, dict) else range(len(own))
        for key in keys:
            yield from misfits(saved[key], own[key], child_path(path, key))


FORMAT = 1  # of a checkpoint; another number says that another version wrote it


def state_of(part):
    """The state of a model, optimizer, scheduler or generator; of None, None."""
    if part is None:
        return None
    return part.get_state() if isinstance(part, Generator) else part.state_dict()


def restore(part, state):
    """Put back what `state_of` returned."""
    if isinstance(part, Generator):
        part.set_state(state)
    elif part is not None:
        part.load_state_dict(state)


def memories(optimizer, saved):
    """The shape of what an optimizer remembers, for those parameters which `saved` has."""
    pairs = [(p, group) for group in optimizer.param_groups for p in group["params"]]
    return {
        i: optimizer.begin(p, group) or dict.fromkeys(saved[i], p)
        for i, (p, group) in enumerate(pairs) if isinstance(saved.get(i), dict)
    }


def save_checkpoint(path, model, optimizer, scheduler=None, generator=None, *,
                    epoch=0, history=(), stopped=False):
    """Write all that a run needs to continue bit for bit, random state included, to one file.

    `generator` is the stream that shuffles, if it isn't the default one.
    """
    parts = dict(model=model, optimizer=optimizer, scheduler=scheduler, generator=generator,
                 random=default_generator)
    progress = {"epoch": epoch, "history": list(history), "stopped": stopped}
    save({"format": FORMAT, **{n: state_of(p) for n, p in parts.items()}, **progress}, path)


def load_checkpoint(path, model, optimizer, scheduler=None, generator=None):
    """Restore everything, in place, from a file → {"epoch": …, "history": …, "stopped": …}.

    Raises RuntimeError, in one line, where anything doesn't fit; then nothing has changed.
    """
    parts = dict(model=model, optimizer=optimizer, scheduler=scheduler, generator=generator,
                 random=default_generator)
    state = load(path)
    for fault in faults(state, parts):  # the first one is enough
        raise RuntimeError(f"{path}: {fault}")
    for name, part in parts.items():
        restore(part, state[name])
    return {name: state[name] for name in ("epoch", "history", "stopped")}


def faults(state, parts):
    """Yield one line for each reason why a checkpoint cannot be loaded into `parts`."""
    if not isinstance(state, dict) or "format" not in state:
        yield "expected a checkpoint by save_checkpoint, came other contents: load() reads them"
        return
    if state["format"] != FORMAT:
        yield f"expected format {FORMAT}, came {state['format']}: another version wrote it"
        return
    own = {name: state_of(part) for name, part in parts.items()}
    history, saved = state.get("history"), state.get("optimizer")
    own |= {"format": FORMAT, "epoch": 0, "history": [], "stopped": False}
    if isinstance(history, list):
        own["history"] = history  # any rows will do
    if isinstance(saved, dict) and isinstance(saved.get("state"), dict):
        own["optimizer"] = {
            "param_groups": own["optimizer"]["param_groups"],  # first: it tells optimizers apart
            "state": memories(parts["optimizer"], saved["state"]),
        }
    yield from misfits(state, own, "checkpoint")
    yield from stream_faults(state["random"], "random")
    yield from stream_faults(state["generator"], "generator")


def stream_faults(state, name):
    """Yield a line if numpy refuses the state of a random stream: tried on another generator."""
    if state is None:
        return
    try:
        Generator().set_state(state)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        yield f"checkpoint.{name}: {error}"
