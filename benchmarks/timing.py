"""Timing several steps in turn, and the check that they compute the same."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .workloads.table import Step


def check_agreement(name: str, steps: Mapping[str, Step], calls: int) -> None:
    """Call every step as often, and compare what they return each time. Raises ValueError on the first difference.

    The steps add in different orders, in float32: 1e-4 of the largest element is far above what this makes of a few calls
    (about 1e-6), and far below what a forgotten term does.
    """
    for call in range(calls):
        results = {engine: [_array(value) for value in step()] for engine, step in steps.items()}
        expected = results["torch"]
        for engine, arrays in results.items():
            for position, (got, wanted) in enumerate(zip(arrays, expected, strict=True)):
                if got.shape != wanted.shape or not np.abs(got - wanted).max() <= 1e-4 * np.abs(wanted).max():
                    raise ValueError(f"{name}: result {position} of call {call} is {got} by {engine}, but {wanted} by torch")


def _array(value: Any) -> np.ndarray[Any, Any]:
    """A copy: the next call may write into the tensor or array."""
    return np.array(value.detach().numpy() if hasattr(value, "detach") else value)


def time_in_turn(
    steps: Mapping[str, Step],
    rounds: int,
    seconds: float,
    budget: float = float("inf"),
    prepare: Callable[[str], None] = lambda engine: None,
) -> dict[str, list[float]]:
    """Seconds a call takes, for each step and round.

    A round times each step once, a batch of calls long enough for the clock; the order turns from round to round, so that
    a slow spell of the machine, or a cache left warm, meets each alike. The garbage collector runs as in a user's program,
    from a clean start. ``prepare(engine)`` is called before each batch. After three rounds none is begun beyond ``budget``.
    """
    batches = {}
    for engine, step in steps.items():
        prepare(engine)
        batches[engine] = _calls_in(step, seconds)
    taken: dict[str, list[float]] = {engine: [] for engine in steps}
    order = list(steps)
    begin = time.perf_counter()
    for done in range(rounds):
        if done >= 3 and time.perf_counter() - begin > budget:
            break
        for engine in order:
            prepare(engine)
            gc.collect()
            taken[engine].append(_time(steps[engine], batches[engine]))
        order.append(order.pop(0))
    return taken


def _time(step: Step, calls: int) -> float:
    begin = time.perf_counter()
    for _ in range(calls):
        step()
    return (time.perf_counter() - begin) / calls


def _calls_in(step: Step, seconds: float) -> int:
    """How many calls fill the given time."""
    calls = 1
    while (taken := _time(step, calls) * calls) < seconds / 4:
        calls *= 2
    return max(1, round(calls * seconds / taken))


def summary(taken: Mapping[str, list[float]], per: int) -> dict[str, dict[str, float]]:
    """For each engine the median time; of its ratios to torch, round by round, the median and the quartiles; to NumPy too."""
    found = {}
    for engine, times in taken.items():
        ratios = _ratios(times, taken["torch"])
        low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        found[engine] = {
            "microseconds": statistics.median(times) / per * 1e6,
            "ratio": middle,
            "ratio_low": low,
            "ratio_high": high,
            "ratio_to_hand": statistics.median(_ratios(times, taken["by hand"])),
        }
    return found


def _ratios(own: list[float], others: list[float]) -> list[float]:
    return [mine / other for mine, other in zip(own, others, strict=True)]
