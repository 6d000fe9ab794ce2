"""Rounds in turn: every library does a little of the same work, again and again."""

import json
import math
import os
import random
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks import ROOT, THREADS
from benchmarks.libraries import LIBRARIES
from benchmarks.workload import Workload

THREAD_SETTINGS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
PAUSE = 0.05  # seconds: until the threads of the library before have gone to sleep


class Failure(Exception):
    """What a library could not do, in one line."""


class Worker:
    """A process that measures one library on one workload; it ends with the `with` block."""

    def __init__(self, workload, library, size, seconds):
        command = [sys.executable, "-m", "benchmarks.worker", workload.name, library]
        settings = dict.fromkeys(THREAD_SETTINGS, str(THREADS))
        self.process = subprocess.Popen(
            [*command, str(size), str(seconds)], cwd=ROOT, encoding="utf-8",
            env={**os.environ, **settings, **LIBRARIES[library].environment},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.process.kill()
        self.process.communicate()

    def hear(self, what):
        """What the worker's next line says of `what`."""
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"its process ended with exit code {self.process.wait()}")
        message = json.loads(line)
        if "error" in message:
            raise Failure(message["error"])
        return message[what]

    def round(self):
        """The seconds of a call."""
        time.sleep(PAUSE)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.hear("seconds")


@dataclass(frozen=True)
class Result:
    """The seconds of a call in each round, by library; why a library has none; peak memory."""

    workload: Workload
    size: int | None
    seconds: dict[str, list[float]]
    failures: dict[str, str]
    peaks: dict[str, int] = field(default_factory=dict)  # bytes, of those whose system tells

    def median(self, library: str) -> float:
        return median(self.seconds[library])

    @property
    def is_compared(self) -> bool:
        return {"tinytorch", self.workload.against} <= self.seconds.keys()

    @property
    def ratio(self) -> float:
        """How many times as fast as the library it is held against tinytorch is."""
        return self.median(self.workload.against) / self.median("tinytorch")

    @property
    def ratios(self) -> tuple[float, float]:
        """The bounds of the middle half of the rounds' own ratios: how noisy it was."""
        pairs = zip(self.seconds[self.workload.against], self.seconds["tinytorch"], strict=True)
        low, _, high = quantiles(theirs / ours for theirs, ours in pairs)
        return low, high


def measure(
    workload: Workload, libraries: list[str], size: int | None, rounds: int, seconds: float
) -> Result:
    """`rounds` rounds of about `seconds` each, in an order that changes from round to round."""
    failures = {}
    with ExitStack() as stack:
        workers = {
            library: stack.enter_context(Worker(workload, library, size, seconds))
            for library in libraries
            if library in workload.steps
        }
        ready = _ask(workers, lambda worker: worker.hear("ready"), failures)
        _refuse_other_work({name: came["result"] for name, came in ready.items()}, failures)
        workers = {library: workers[library] for library in ready if library not in failures}
        _ask(workers, Worker.round, failures)  # how many calls make a round is found here
        times = {library: [] for library in workers}
        for _ in range(rounds):
            order = random.sample(sorted(workers), len(workers))
            turn = {library: workers[library] for library in order if library not in failures}
            for library, came in _ask(turn, Worker.round, failures).items():
                times[library].append(came)
    times = {library: came for library, came in times.items() if library not in failures}
    peaks = {name: ready[name]["peak"] for name in times if ready[name]["peak"] is not None}
    return Result(workload, size, times, failures, peaks)


def _ask(workers, question, failures):
    """What each worker answers; those that fail are noted in `failures`."""
    answers = {}
    for library, worker in workers.items():
        try:
            answers[library] = question(worker)
        except Failure as failure:
            failures[library] = str(failure)
    return answers


def _refuse_other_work(results, failures):
    """Note in `failures` those whose result is not the one of the first that has one."""
    known = {library: result for library, result in results.items() if result is not None}
    for library, result in known.items():
        first, expected = next(iter(known.items()))
        if not math.isclose(result, expected, rel_tol=1e-3):
            failures[library] = f"it came to {result:.6g}, {first} to {expected:.6g}"
