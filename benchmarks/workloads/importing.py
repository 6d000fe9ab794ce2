"""How long `import` takes, in a fresh Python; numpy's own part is in tinytorch's."""

import os
import subprocess
import sys

from benchmarks.workload import Workload

CODE = """
import time
start = time.perf_counter()
import {}
print(time.perf_counter() - start)
"""


def fresh_import(module):
    command = [sys.executable, "-c", CODE.format(module.__name__)]
    # As in ordinary use, Python keeps what it compiled, even if this shell forbids it.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}

    def step():
        done = subprocess.run(
            command, env=environment, capture_output=True, check=True, encoding="utf-8"
        )
        return float(done.stdout)

    return step


WORKLOADS = [
    Workload(
        "import",
        "`import`, in a fresh Python",
        {name: fresh_import for name in ("tinytorch", "torch", "numpy")},
        against="numpy",
        must=1 / 1.5,
        goal=1 / 1.2,
        times_itself=True,
    )
]
