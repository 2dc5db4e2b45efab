"""Runs a program under one engine, line by line, and notes all that can be seen of it after each line."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

import minigrad

from .program import Writer

LENGTH = 14

# What a program may use beside `torch`; the text of a program begins with it, see shrink.as_code.
PRELUDE = """
def note(label, given):
    seen.append((label, given))


def copies(gradients):
    return [g if g is None else g.clone() for g in gradients]


def see(label):
    return lambda *given: note(label, given)


def double(label):
    def hook(*given):
        note(label, given)
        first = given[0]
        return tuple(g if g is None else g * 2 for g in first) if isinstance(first, tuple) else first * 2

    return hook


def fail(label):
    def hook(*given):
        note(label, given)
        raise ValueError(label)

    return hook
"""
_PRELUDE = compile(PRELUDE, "<prelude>", "exec")


class Difference(NamedTuple):
    """The first thing on which the engines do not agree: after which line, of what, and what each has."""

    line: int
    what: str
    torch: Any
    minigrad: Any

    def __str__(self) -> str:
        return f"after line {self.line + 1}, {self.what}: torch {self.torch}, minigrad {self.minigrad}"


class Session:
    """One engine in the middle of a program. It owns the names of the program and the log of its hooks."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.tensor_class = module.Tensor
        self.seen: list[Any] = []
        self.scope: dict[str, Any] = {"torch": module, "seen": self.seen}
        exec(_PRELUDE, self.scope)
        self.builtin = set(self.scope)

    def do(self, code: Any) -> str:
        """Run one line; the name of the exception that it raised, or nothing."""
        try:
            exec(code, self.scope)
        except Exception as error:
            return type(error).__name__
        return ""

    def tensors(self) -> dict[str, Any]:
        """The tensors that have a name now."""
        kind = self.tensor_class
        return {name: value for name, value in self.scope.items() if isinstance(value, kind)}

    def hook_calls(self) -> list[Any]:
        """What the hooks were called with since this was last asked."""
        calls = [(label, _plain(given, self.tensor_class)) for label, given in self.seen]
        self.seen.clear()
        return calls

    def state(self, graphs: bool) -> dict[str, Any]:
        """Facts and values of every tensor; the graph behind them, if it is to be asked for (which renews stale views)."""
        noted: dict[str, Any] = {}
        tensors = self.tensors()
        roots = []
        for name, x in tensors.items():
            noted[f"{name}._version"] = x._version
            noted[f"{name}.shape"] = tuple(x.shape)
            noted[f"{name}.dtype"] = str(x.dtype)
            noted[f"{name}._is_view()"] = x._is_view()
            noted[f"{name}.requires_grad"] = x.requires_grad
            noted[f"{name}.retains_grad"] = x.retains_grad
            if graphs:
                try:
                    noted[f"{name}.is_leaf"] = x.is_leaf
                    noted[f"{name}.output_nr"] = x.output_nr
                    roots.append((name, x))
                except RuntimeError:  # a view of which a change in place had no clear meaning
                    noted[f"{name}.is_leaf"] = "refused"
            noted[f"{name}.tolist()"] = _numbers(x)
            grad = x.grad
            noted[f"{name}.grad is None"] = grad is None
            if grad is not None:
                noted[f"{name}.grad.dtype"] = str(grad.dtype)
                noted[f"{name}.grad.requires_grad"] = grad.requires_grad
                noted[f"{name}.grad.tolist()"] = _numbers(grad)
                if graphs:
                    roots.append((f"{name}.grad", grad))
        if graphs:
            noted["graph"] = _graph(roots, {id(x): name for name, x in tensors.items()})
        return noted


def _numbers(x: Any) -> Any:
    """The elements; torch has zeros without memory (gradients of sgn) that it refuses to list before they are computed with."""
    try:
        return x.tolist()
    except RuntimeError:
        return (x.detach() + 0).tolist()


def _plain(value: Any, tensor_class: type) -> Any:
    if isinstance(value, tensor_class):
        return (str(value.dtype), tuple(value.shape), _numbers(value))
    if isinstance(value, (tuple, list)):
        return [_plain(each, tensor_class) for each in value]
    return value


def _graph(roots: list[tuple[str, Any]], leaves: dict[int, str]) -> list[str]:
    """The graph behind some tensors, as lines: the nodes are numbered in the order in which they are met."""
    numbers: dict[Any, int] = {}
    order: list[Any] = []

    def number(node: Any) -> Any:
        if node is None:
            return None
        if node not in numbers:
            numbers[node] = len(order)
            order.append(node)
        return numbers[node]

    lines = [f"{name}.grad_fn: {number(x.grad_fn)}" for name, x in roots]
    for node in order:  # grows while it is gone through
        name = node.name()
        if name == "torch::autograd::AccumulateGrad":
            name += f" of {leaves.get(id(node.variable))}"
        lines.append(f"{numbers[node]} = {name} from {[(number(before), nr) for before, nr in node.next_functions]}")
    # Not those that renew a view: they are made when somebody asks, and torch asks once more before it refuses a changed value.
    dated = [node for node in order if node.next_functions and node.name() != "AsStridedBackward0"]
    ranked = sorted(dated, key=lambda node: node._sequence_nr())
    lines.append(f"made in the order {[numbers[node] for node in ranked]}")
    return lines


def close(a: Any, b: Any, tolerance: float) -> bool:
    """Whether two nested lists of numbers agree.

    NumPy and torch have their own polynomials for exp, log, tanh and pow, and add in another order: each result is within a
    few ulp. A chain of twenty operations on numbers up to some hundreds makes more of that, and differences of nearly equal
    numbers keep the error of the larger ones: so the bound is 2e5 ulp, of the number or of 1.
    """
    if a == b:
        return True
    if isinstance(a, (list, tuple)):
        return (
            isinstance(b, (list, tuple))
            and len(a) == len(b)
            and all(close(x, y, tolerance) for x, y in zip(a, b, strict=True))
        )
    if not isinstance(a, float) or not isinstance(b, float):
        return False
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))


def tolerance_of(lines: list[str]) -> float:
    """The bound for the numbers of a program, see `close`: 2e5 ulp of its narrower type."""
    return 2e5 * (2.0**-23 if any("float32" in line for line in lines) else 2.0**-52)


def first_difference(line: int, theirs: dict[str, Any], ours: dict[str, Any], tolerance: float) -> Difference | None:
    """The first fact that differs between what torch has and what minigrad has."""
    for what in theirs | ours:
        a, b = theirs.get(what), ours.get(what)
        if a != b and not close(a, b, tolerance):
            if what == "graph":
                a, b = next(pair for pair in zip([*a, "end"], [*b, "end"], strict=False) if pair[0] != pair[1])
            return Difference(line, what, a, b)
    return None


@functools.lru_cache(maxsize=4096)
def _compiled(line: str) -> Any:
    return compile(line, "<program>", "exec")


def run(lines: list[str], watch_graph: bool) -> Difference | None:
    """Run a program under both engines. ``watch_graph``: ask for the graph after every line, not only after the last."""
    return _compare(lines, iter(lines).__next__, lambda tensors: None, len(lines), watch_graph)


def write_and_run(seed: int) -> tuple[list[str], bool, Difference | None]:
    """Write the program of a seed and run it: its lines, whether the graph was watched, and the first difference."""
    writer = Writer(seed)
    lines: list[str] = []
    watch_graph = seed % 2 == 0
    return lines, watch_graph, _compare(lines, writer.line, writer.look, LENGTH, watch_graph)


def _compare(
    lines: list[str], next_line: Callable[[], str], look: Callable[[Any], None], length: int, watch_graph: bool
) -> Difference | None:
    theirs, ours = Session(torch), Session(minigrad)
    writing = not lines
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in range(length):
            with torch.no_grad():
                look(theirs.tensors())
            line = next_line()
            if writing:
                lines.append(line)
            code = _compiled(line)
            a, b = theirs.do(code), ours.do(code)
            if a != b:
                return Difference(number, f"what {line!r} raised", a or "nothing", b or "nothing")
            graphs = watch_graph or number == length - 1
            tolerance = tolerance_of(lines)
            calls = theirs.hook_calls(), ours.hook_calls()
            if not close(*calls, tolerance):
                return Difference(number, "hook calls", *calls)
            difference = first_difference(number, theirs.state(graphs), ours.state(graphs), tolerance)
            if difference:
                return difference
    return None
