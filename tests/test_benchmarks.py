"""The workloads compute the same three times, and a wrong one is found before it is timed."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import minigrad
from benchmarks.__main__ import main
from benchmarks.timing import check_agreement
from benchmarks.workloads import WORKLOADS


@pytest.mark.parametrize(
    "name", [name for name in WORKLOADS if name != "chain_1e5"]
)  # the long chain is the short one, slower
def test_engines_agree(name: str) -> None:
    program, by_hand = WORKLOADS[name].make()
    check_agreement(name, {"minigrad": program(minigrad), "torch": program(torch), "by hand": by_hand()}, calls=5)


@pytest.mark.parametrize("wrong", [1.001, 0.0, float("nan")])
def test_a_wrong_result_is_named(wrong: float) -> None:
    steps = {"minigrad": lambda: (np.array([1.0, wrong]),), "torch": lambda: (np.array([1.0, 1.0]),)}
    with pytest.raises(ValueError, match=r"work: result 0 of call 0 .* by minigrad"):
        check_agreement("work", steps, calls=1)


def test_results_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick", "--only", "add", "--json", str(tmp_path / "results.json")])
    threads = torch.get_num_threads()
    try:
        assert main() == 0
    finally:
        torch.set_num_threads(threads)
    results = json.loads((tmp_path / "results.json").read_text())["results"]
    assert list(results) == ["add"]
    assert results["add"]["minigrad"]["microseconds"] > 0
    assert results["add"]["torch"]["ratio"] == 1
    assert [line for line in capsys.readouterr().out.splitlines() if len(line) > 80] == []
