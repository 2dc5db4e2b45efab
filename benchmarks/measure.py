"""Measure one workload, in this process, and write the results to stdout as JSON: ``python -m benchmarks.measure NAME``.

Every workload gets a process of its own, since the number of threads of NumPy's BLAS is read once, when NumPy is imported,
and since what one workload leaves in memory must not help or hinder another.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Container

import torch

from .memory import peak_memory
from .report import ENGINES
from .timing import check_agreement, summary, time_in_turn
from .workloads import WORKLOADS, engines


def timed(
    name: str, rounds: int, seconds: float, budget: float = float("inf"), among: Container[str] = ENGINES
) -> dict[str, dict[str, float]]:
    """Times and ratios of the engines, after the check that they agree, which raises ValueError."""
    work = WORKLOADS[name]
    steps = {engine: make() for engine, make in engines(work).items() if engine in among}

    def prepare(engine: str) -> None:
        if work.threads:
            torch.set_num_threads((os.cpu_count() or 1) if engine == "torch, all threads" else work.threads)

    check_agreement(name, steps, calls=3 if work.per < 1e5 else 1)
    return summary(time_in_turn(steps, rounds, seconds, budget, prepare), work.per)


def main() -> None:
    """``NAME ROUNDS SECONDS BUDGET`` times a workload; ``NAME ENGINE`` measures its memory with one engine."""
    name, *rest = sys.argv[1:]
    if len(rest) == 1:
        print(json.dumps(peak_memory(engines(WORKLOADS[name])[rest[0]]())))
        return
    rounds, seconds, budget = rest
    try:
        print(json.dumps(timed(name, int(rounds), float(seconds), float(budget))))
    except ValueError as error:
        print(json.dumps({"disagree": str(error)}))


if __name__ == "__main__":
    main()
