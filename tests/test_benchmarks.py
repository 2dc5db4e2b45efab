"""The workloads compute the same on every engine, a wrong one is found before it is timed, and a ratio that has doubled is told."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.__main__ import in_a_process, main
from benchmarks.memory import ENVIRONMENT
from benchmarks.report import draw, table
from benchmarks.timing import check_agreement, time_in_turn
from benchmarks.workloads import WORKLOADS, engines


@pytest.fixture(autouse=True)
def threads():
    """Workloads choose torch's number of threads; the other tests keep theirs."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


# The long chains are the short ones, slower; so are the steps on 4 million elements; and starting has no result.
@pytest.mark.parametrize(
    "name",
    [n for n in WORKLOADS if n not in ("chain_1e4", "chain_1e5", "chain_1e6", "starting") and not n.endswith("_large")],
)
def test_engines_agree(name: str) -> None:
    check_agreement(name, {engine: make() for engine, make in engines(WORKLOADS[name]).items()}, calls=3)


@pytest.mark.parametrize("wrong", [1.001, 0.0, float("nan")])
def test_a_wrong_result_is_named(wrong: float) -> None:
    steps = {"minigrad": lambda: (np.array([1.0, wrong]),), "torch": lambda: (np.array([1.0, 1.0]),)}
    with pytest.raises(ValueError, match=r"work: result 0 of call 0 .* by minigrad"):
        check_agreement("work", steps, calls=1)


def test_rounds_alternate_and_stop_with_the_budget() -> None:
    calls = []
    steps = {name: lambda name=name: calls.append(name) for name in "ab"}
    prepared = []
    taken = time_in_turn(steps, rounds=50, seconds=0, budget=0, prepare=prepared.append)
    assert [len(times) for times in taken.values()] == [3, 3]
    assert prepared == ["a", "b", "a", "b", "b", "a", "a", "b"]  # once to count, then in turn


def test_results_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    files = {kind: tmp_path / f"results.{kind}" for kind in ("json", "table", "figure")}
    files["figure"] = tmp_path / "results.png"
    words = [word for kind, file in files.items() for word in (f"--{kind}", str(file))]
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick", "--only", "chain_1e3", *words])
    assert main() == 0
    results = json.loads(files["json"].read_text())["results"]
    assert list(results) == ["chain_1e3"]
    assert results["chain_1e3"]["minigrad"]["microseconds"] > 0
    assert results["chain_1e3"]["torch"]["ratio"] == results["chain_1e3"]["by hand"]["ratio_to_hand"] == 1
    assert "(`chain_1e3`)" in files["table"].read_text()
    assert files["figure"].read_bytes().startswith(b"\x89PNG")
    assert capsys.readouterr().out.splitlines()[-1].startswith("chain_1e3")


def test_missing_peers_leave_gaps(tmp_path: Path) -> None:
    each = {"microseconds": 1.0, "ratio": 2.0, "ratio_low": 1.5, "ratio_high": 2.5, "ratio_to_hand": 3.0}
    results = {name: dict.fromkeys(("minigrad", "torch", "by hand"), each) for name in ("add", "mlp")}
    assert "| **2.00** (1.50 to 2.50) |  | 2.00 |  |  | missed: 2.00 of 0.9, missed: 3.00 of 1.15 by hand |" in table(
        {}, results
    )
    draw(results, tmp_path / "figure.png")


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux says how much memory was in use at the peak"
)
def test_peak_memory_is_that_of_the_step() -> None:
    peak = in_a_process("elementwise", "by hand", **ENVIRONMENT)  # by hand it has three arrays of 15.26 MiB, the results two
    assert 45 < peak < 48


@pytest.mark.parametrize(("ratios", "status"), [([3.0, 3.0, 3.0], 1), ([3.0, 3.0, 0.5], 0), ([0.5], 0)])
def test_a_ratio_that_has_doubled_is_told(
    ratios: list[float], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One try that is fast enough will do: noise makes a try slow, never fast."""
    each = {"microseconds": 1.0, "ratio_low": 1.5, "ratio_high": 2.5, "ratio_to_hand": 3.0}
    tries = iter([{engine: {**each, "ratio": ratio} for engine in ("minigrad", "torch", "by hand")} for ratio in ratios])
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick", "--only", "regression"])
    monkeypatch.setattr("benchmarks.__main__.TRIES", 2)
    monkeypatch.setattr("benchmarks.__main__.measured", lambda work, quick: next(tries))
    assert main() == status
    assert ("SLOW" in capsys.readouterr().out) == (status == 1)
    assert not list(tries)
