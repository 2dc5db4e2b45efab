"""One run of an example: where torch computes, how long each engine took, what agreed, which figures were drawn."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import torch

import reference

T = TypeVar("T")


@dataclass
class Run:
    """What one example is run with, and what it leaves for the summary and the page."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    quick: bool = False
    verdict: str = "not run"
    output: str = ""
    seconds: dict[str, float] = field(default_factory=lambda: {"minigrad": 0.0, "torch": 0.0})
    reports: list[reference.Report] = field(default_factory=list)
    figures: list[Path] = field(default_factory=list)

    @property
    def agreement(self) -> str:
        """How far the furthest of all compared numbers is from torch's."""
        numbers = [found for report in self.reports for found in report.findings if isinstance(found.ours, float)]
        if not numbers:
            return "as printed" if self.reports else "not compared"
        ulp = max(found.ulp for found in numbers)
        return "to the bit" if ulp == 0 else f"{ulp:,} ulp" if ulp < 10**9 else "not at all"


# The run under way. An example says `both(program)` and `agreed(...)`, and need not carry it along.
RUN: ContextVar[Run] = ContextVar("RUN", default=Run())  # noqa: B039 (outside of the runner, nobody reads what was collected)


def both(program: Callable[..., Any], *arguments: Any) -> tuple[Any, Any]:
    """``reference.both`` on the device of this run, with the time of each engine added up."""
    run = RUN.get()

    def timed(torch: Any, *arguments: Any) -> Any:
        start = time.perf_counter()
        result = program(torch, *arguments)
        run.seconds[torch.__name__] += time.perf_counter() - start
        return result

    return reference.both(timed, *arguments, device=run.device)


def progress(steps: Sequence[T], what: str) -> Iterator[T]:
    """The steps, one by one, with a bar on the terminal once they are seen to take more than two seconds in all."""
    start, shown = time.monotonic(), False
    for done, step in enumerate(steps):
        spent = time.monotonic() - start
        if done and spent / done * len(steps) > 2 and sys.stderr.isatty():
            filled = 30 * done // len(steps)
            sys.stderr.write(f"\r{what:>20} {'#' * filled}{'.' * (30 - filled)} {done}/{len(steps)}")
            sys.stderr.flush()
            shown = True
        yield step
    if shown:
        sys.stderr.write("\r\033[K")
