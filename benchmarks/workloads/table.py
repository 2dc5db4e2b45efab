"""The table of workloads, and the engines that run them.

A workload is a function of no arguments, marked ``@workload``, that returns a dict of functions:

    "program": ``program(torch)`` for minigrad and torch alike        "by hand": ``by_hand()`` in NumPy, gradients derived by hand
    "autograd": ``hips(autograd)`` for HIPS autograd                  "mygrad": ``peer(mygrad)`` for MyGrad

The last two may be missing, where the engine cannot express the work. Each sets up and returns a ``step`` to be timed. A call
of ``step`` returns the tensors or arrays it worked out, and all must agree, call after call, before anything is timed.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

import minigrad

Step = Callable[[], tuple[Any, ...]]


class Workload(NamedTuple):
    """A workload, what it is called, and what its numbers mean."""

    name: str
    description: str
    make: Callable[[], dict[str, Callable[..., Step]]]
    target: float | None  # the ratio to torch's time that is aimed at
    target_by_hand: float | None  # the same to NumPy's, by hand
    per: int  # how many of the things described one call does
    threads: int | None  # of NumPy's BLAS and of torch; None for as many as they choose
    memory: bool  # whether the peak memory is measured as well
    guard: float | None  # the ratio to torch's time that the tests allow: about twice what was measured


WORKLOADS: dict[str, Workload] = {}


def workload(
    *,
    name: str | None = None,
    target: float | None = None,
    target_by_hand: float | None = None,
    per: int = 1,
    threads: int | None = 1,
    memory: bool = False,
    guard: float | None = None,
) -> Callable[[Any], Any]:
    """Enter a function into the table under its name, with the first line of its docstring."""

    def enter(make: Any) -> Any:
        own = name or make.__name__
        description = make.__doc__.splitlines()[0]
        WORKLOADS[own] = Workload(own, description, make, target, target_by_hand, per, threads, memory, guard)
        return make

    return enter


def _autograd() -> Any:
    importlib.import_module("autograd.numpy")
    return importlib.import_module("autograd")


def _mygrad() -> Any:
    importlib.import_module("mygrad.nnet")
    mygrad = importlib.import_module("mygrad")
    mygrad.turn_memory_guarding_off()  # as its manual advises for speed
    return mygrad


def engines(work: Workload) -> dict[str, Callable[[], Step]]:
    """For each engine that is installed and can do the work, the function that sets it up and returns the step."""
    make = work.make()
    found = {
        "minigrad": lambda: make["program"](minigrad),
        "torch": lambda: make["program"](torch),
        "by hand": make["by hand"],
    }
    if work.threads == 1:
        found["torch, all threads"] = found["torch"]
    for peer, load in (("autograd", _autograd), ("mygrad", _mygrad)):
        if peer in make and importlib.util.find_spec(peer):
            found[peer] = lambda peer=peer, load=load: make[peer](load())
    return found
