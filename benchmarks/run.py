"""A run of the benchmarks: what was measured, when and on which machine. JSON keeps it."""

import json
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.measure import Result
from benchmarks.workload import Workload
from benchmarks.workloads import WORKLOADS


@dataclass(frozen=True)
class Run:
    date: str
    machine: str
    threads: int  # of each library
    rounds: str
    load: float  # of the machine before the first round
    versions: dict[str, str]  # of the libraries that are installed
    results: list[Result]

    def to_json(self) -> str:
        def plain(value):
            return value.name if isinstance(value, Workload) else vars(value)

        return json.dumps(vars(self), default=plain, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Run":
        run = json.loads(text)
        for result in run["results"]:
            result["workload"] = WORKLOADS[result["workload"]]
        return cls(**{**run, "results": [Result(**result) for result in run["results"]]})


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{processor()}, {psutil.cpu_count()} cores, {memory:.0f} GB; "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
