"""How much memory some work takes: Linux alone tells the peak, and lets it start anew."""

import os
from pathlib import Path

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def resident():
    """The bytes of this process by kind, such as VmRSS: now, VmHWM: at the peak."""
    fields = [line.split() for line in STATUS.read_text().splitlines()]
    return {name.rstrip(":"): int(kb[0]) * 1024 for name, *kb in fields if kb[1:] == ["kB"]}


def with_peak(work):
    """What `work()` returns, and how many more bytes were held at its peak than before it.

    Pages of files are left out: most are a library's code, there from its first call on. The peak
    is None where the system doesn't tell. Python's tracemalloc doesn't see what torch holds.
    """
    if not os.access(RESET, os.W_OK):
        return work(), None
    before = resident()
    RESET.write_text("5")  # the peak is now what is held now
    result = work()
    after = resident()
    peak = (after["VmHWM"] - after["RssFile"]) - (before["VmRSS"] - before["RssFile"])
    return result, max(0, peak)
