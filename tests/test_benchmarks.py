"""The benchmarks run, compare like with like, and say what is missing."""

import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks import ROOT, memory
from benchmarks.__main__ import app
from benchmarks.libraries import LIBRARIES, Library
from benchmarks.measure import Result, measure
from benchmarks.picture import draw
from benchmarks.report import duration, markdown
from benchmarks.run import Run
from benchmarks.workloads import WORKLOADS


def rows_below(report, heading):
    """The table after a heading: each row as {column: cell}."""
    lines = report.partition(heading)[2].partition("\n#")[0].splitlines()
    header, _rule, *rows = [line.strip("| ").split(" | ") for line in lines if line[:1] == "|"]
    return [dict(zip(header, row, strict=True)) for row in rows]


def seconds(cell):
    number, unit = cell.split()
    return float(number) * {"s": 1, "ms": 1e-3, "µs": 1e-6}[unit]


def run_of(*results):
    """A run that came to these results."""
    versions = {name: lib.version() for name, lib in LIBRARIES.items() if lib.is_installed()}
    return Run("2026-01-01", "a machine", 2, "2 rounds", 0.5, versions, list(results))


on_linux = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="the system does not tell peak memory"
)


def test_a_quick_run(tmp_path, monkeypatch):
    monkeypatch.setitem(LIBRARIES, "absent", Library("a_library_that_is_not_there", "none"))
    only = ["--only", "overhead-backward", "--only", "mlp-sgd", "--only", "chain"]
    done = CliRunner().invoke(app, ["--quick", *only, "--output", str(tmp_path)])
    assert done.exit_code == 0, done.output
    report = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert report in done.output
    assert "- absent: not installed\n" in report
    for name, library in LIBRARIES.items():
        assert (f"- {name}: not installed\n" in report) == (not library.is_installed())

    row, trained = rows_below(report, "## The workloads")
    assert row["workload"] == WORKLOADS["overhead-backward"].title
    assert (row["peak memory"], trained["workload"]) == ("–", WORKLOADS["mlp-sgd"].title)
    assert seconds(row["numpy"]) > 0
    if LIBRARIES["torch"].is_installed():
        (ratio,) = re.findall(r"\*\*([\d.]+)\*\* × torch", row["ratio"])
        came = seconds(row["torch"]) / seconds(row["tinytorch"])
        assert float(ratio) == pytest.approx(came, rel=0.02, abs=0.01)
        reached = float(ratio) >= float(row["must"])
        assert (row["reached"] == "missed") == (not reached)
    grown = rows_below(report, f"### {WORKLOADS['chain'].title}")
    assert [row["length"] for row in grown] == ["100", "1,000"]
    assert seconds(grown[1]["tinytorch"]) > seconds(grown[0]["tinytorch"])
    assert (tmp_path / "RESULTS.png").stat().st_size > 10_000

    run = Run.from_json((tmp_path / "RESULTS.json").read_text("utf-8"))
    assert len(run.results[0].seconds["tinytorch"]) == 3
    (tmp_path / "RESULTS.md").unlink()
    done = CliRunner().invoke(app, ["--redraw", "--output", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "RESULTS.md").read_text("utf-8") == report


def test_an_unknown_workload_is_one_clear_line():
    done = CliRunner().invoke(app, ["--only", "nonsense"], env={"COLUMNS": "300"})
    assert done.exit_code == 2
    assert f"expected one of {', '.join(WORKLOADS)}; came nonsense" in done.output


def test_redrawing_what_is_not_there(tmp_path):
    command = ["--redraw", "--output", str(tmp_path)]
    done = CliRunner().invoke(app, command, env={"COLUMNS": "300"})
    assert done.exit_code == 2
    assert "expected the file of an earlier run" in done.output
    assert not list(tmp_path.iterdir())


CASES = [
    (workload, library)
    for workload in WORKLOADS.values()
    if not workload.times_itself
    for library in workload.steps
    if library in ("torch", "numpy")
]


@pytest.mark.parametrize("workload, library", CASES, ids=lambda case: getattr(case, "name", case))
def test_libraries_come_to_the_same_result(workload, library):
    """After three steps, so that gradients and updates count too."""
    if not LIBRARIES[library].is_installed():
        pytest.skip(f"{library} is not installed")
    size, results = workload.cases(quick=True)[0], []
    for name in (library, "tinytorch"):
        step = workload.step(name, import_module(LIBRARIES[name].module), size)
        results.append([step().sum().item() for _ in range(3)][-1])
    assert results[0] == pytest.approx(results[1], rel=1e-4)


def test_a_library_that_fails_has_a_reason():
    """micrograd recurses too deep for this chain, or isn't there to be imported."""
    chain = WORKLOADS["chain"]
    result = measure(chain, ["tinytorch", "micrograd"], 5_000, rounds=2, seconds=0.001)
    assert result.seconds.keys() == {"tinytorch"}
    assert re.match("RecursionError|ModuleNotFoundError", result.failures["micrograd"])


def test_failures_and_what_is_not_compared_are_in_the_report(tmp_path):
    result = Result(WORKLOADS["mlp-sgd"], None, {"tinytorch": [0.1, 0.2]}, {"torch": "it broke"})
    report = markdown(run_of(result))
    (row,) = rows_below(report, "## The workloads")
    assert (row["torch"], row["reached"]) == ("failed", "not compared")
    assert "- torch failed at `mlp-sgd`: it broke" in report
    draw([result], tmp_path / "picture.png")


@pytest.mark.parametrize(
    "number, text",
    [(12.3456, "12.3 s"), (0.00123, "1.23 ms"), (0.5, "500 ms"), (9.87e-8, "0.0987 µs")],
)
def test_durations(number, text):
    assert duration(number) == text


# --- Memory ----------------------------------------------------------------------------------


@on_linux
def test_the_peak_of_memory_is_what_a_step_makes():
    """Twice 50 MB one after the other: what was freed before does not count, nor a step's start."""
    np.ones(25_000_000, np.float32)  # a higher peak before
    for _ in range(2):
        sums, peak = memory.with_peak(lambda: [np.ones(12_500_000, np.float32).sum() for _ in "ab"])
        assert sums == [12_500_000] * 2
        assert 45e6 < peak < 80e6


@on_linux
def test_pages_of_files_are_not_counted(tmp_path):
    """As a library's code: it is there when it is called, not when it is loaded."""
    np.save(tmp_path / "numbers.npy", np.ones(12_500_000, np.float32))
    numbers = np.load(tmp_path / "numbers.npy", mmap_mode="r")
    total, peak = memory.with_peak(numbers.sum)
    assert total == 12_500_000
    assert peak < 10e6


def test_a_system_that_does_not_tell_its_peak(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "RESET", tmp_path / "absent")
    assert memory.with_peak(lambda: "done") == ("done", None)


@on_linux
def test_peaks_are_measured_where_it_trains():
    """The gradients alone are as large as the parameters, 109,386 float32."""
    result = measure(WORKLOADS["mlp-sgd"], ["tinytorch", "numpy"], None, rounds=2, seconds=0.001)
    assert result.peaks.keys() == {"tinytorch", "numpy"}
    assert all(0.4e6 < peak < 10e6 for peak in result.peaks.values()), result.peaks
    chain = measure(WORKLOADS["chain"], ["tinytorch"], 100, rounds=2, seconds=0.001)
    assert (chain.failures, chain.peaks) == ({}, {})


@pytest.mark.parametrize(
    "peaks, text",
    [
        ({"tinytorch": 5_432_100, "torch": 17_600_000}, "5.4 MB / 18 MB"),
        ({"tinytorch": 54_321}, "0.1 MB / –"),
        ({}, "–"),
    ],
)
def test_peaks_in_the_report(peaks, text):
    result = Result(WORKLOADS["lenet"], None, {"tinytorch": [0.1, 0.2]}, {}, peaks)
    (row,) = rows_below(markdown(run_of(result)), "## The workloads")
    assert row["peak memory"] == text


def test_the_committed_results_hold_every_workload():
    """And they are what the raw numbers beside them say."""
    report = (ROOT / "benchmarks" / "RESULTS.md").read_text("utf-8")
    raw = (ROOT / "benchmarks" / "RESULTS.json").read_text("utf-8")
    redraw = "python -m benchmarks --redraw --output benchmarks"
    assert markdown(Run.from_json(raw)) == report, f"RESULTS.md is out of date: {redraw}"
    for workload in WORKLOADS.values():
        assert workload.title in report, f"run the benchmarks: {workload.name} is not in RESULTS.md"
    assert "torch: not installed" not in report
    assert (ROOT / "benchmarks" / "RESULTS.png").is_file()
