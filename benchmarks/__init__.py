"""How fast tinytorch is beside what a user would pick instead: `python -m benchmarks --help`."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
THREADS = 2  # for every library
