"""One library and one workload in a process of its own; `measure.py` starts it.

It gets ready and says so. Then each line that comes in asks for a round. Each answer is one line of
JSON: the library's result and peak memory when it is ready, the seconds of a call in each round, or
an error.
"""

import json
import sys
from importlib import import_module
from statistics import mean
from time import perf_counter

import psutil

from benchmarks import THREADS
from benchmarks.libraries import LIBRARIES
from benchmarks.memory import with_peak
from benchmarks.workloads import WORKLOADS


def say(**message):
    print(json.dumps(message), flush=True)


def use_few_cores():
    """The only way to tell some libraries how many threads to use; macOS cannot."""
    if psutil.LINUX or psutil.WINDOWS:
        process = psutil.Process()
        process.cpu_affinity(process.cpu_affinity()[:THREADS])


def load(library):
    module = import_module(LIBRARIES[library].module)
    if library == "torch":
        module.set_num_threads(THREADS)
    return module


def warm_up(step):
    """The third result: it shows that two steps did the same in every library."""
    for _ in range(3):
        result = step()
    return result


def seconds_of_a_call(step, calls, times_itself):
    if times_itself:
        return mean(step() for _ in range(calls))
    start = perf_counter()
    for _ in range(calls):
        step()
    return (perf_counter() - start) / calls


def calls_that_take(seconds, step, times_itself):
    """How many calls make a round of about that many seconds."""
    calls = 1
    while (each := seconds_of_a_call(step, calls, times_itself)) * calls < seconds / 4:
        calls *= 2
    return max(1, round(seconds / each))


def main(name, library, size, seconds):
    workload = WORKLOADS[name]
    try:
        use_few_cores()
        step = workload.step(library, load(library), size)
        result, peak = with_peak(lambda: warm_up(step))
        result = None if workload.times_itself else result.sum().item()
        say(ready={"result": result, "peak": peak if workload.trains else None})
        calls = None
        for _line in sys.stdin:
            if calls != 1:  # wake threads and fill caches; one long call can do without
                step()
            calls = calls or calls_that_take(seconds, step, workload.times_itself)
            say(seconds=seconds_of_a_call(step, calls, workload.times_itself))
    except Exception as error:
        say(error=f"{type(error).__name__}: {error}".splitlines()[0])


if __name__ == "__main__":
    name, library, size, seconds = sys.argv[1:]
    main(name, library, None if size == "None" else int(size), float(seconds))
