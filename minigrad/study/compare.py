"""Two graphs, of two engines or of one, gone through in step: the first node in which they differ, and in what.

Mirrors: torch/testing/_comparison.py
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .protocol import brief, formulas, forward_line, is_tensor, leaf, roots, short_name
from .tracing import Step, steps

# rtol and atol by dtype, PyTorch's own choice for comparing results (torch.testing.assert_close); other types are exact.
TOLERANCES = {
    "torch.float16": (1e-3, 1e-5),
    "torch.bfloat16": (1.6e-2, 1e-5),
    "torch.float32": (1.3e-6, 1e-5),
    "torch.float64": (1e-7, 1e-7),
}

Tolerance = tuple[float | None, float | None]


class Difference(NamedTuple):
    """What the first difference is, at which node, with the values of both sides."""

    what: str  # "name", "edges", "leaf", "order", "saved other", "gradient that arrives", "gradient of self", ...
    number: int  # of the node, in the walk from the root, depth first
    node: str
    path: str  # how to reach the node from the root
    values: tuple[Any, Any]
    formula: str = ""
    line: str | None = None  # of the user's program that made the node
    tolerance: Tolerance = (None, None)

    def show(self, sides: tuple[str, str]) -> str:
        """The difference in words: where, by which formula, and what is on either side."""
        texts = texts_of(*self.values, self.tolerance)
        rows = [("at", self.path), ("line", self.line), ("formula", self.formula), *zip(sides, texts, strict=True)]
        width = max(map(len, (*sides, "formula")))
        head = f"{self.node} (node {self.number}): {self.what}"
        return "\n".join([head, *(f"  {label:{width}}  {text}" for label, text in rows if text)])


class Comparison(NamedTuple):
    """How far two graphs are the same. True if they are throughout."""

    nodes: int
    difference: Difference | None
    sides: tuple[str, str]

    def __bool__(self) -> bool:
        return self.difference is None

    def __str__(self) -> str:
        if self.difference is None:
            return f"the same in all of {self.nodes} nodes"
        return f"{self.sides[0]} and {self.sides[1]} differ, first at {self.difference.show(self.sides)}"


class Pair(NamedTuple):
    """Two nodes that stand at the same place of two graphs, and the edge by which that place was first reached."""

    first: Any
    second: Any
    parent: int | None
    position: int


def compare(a: Any, b: Any, *, rtol: float | None = None, atol: float | None = None) -> Comparison:
    """Run two graphs backward in step, and find the first node that differs in name, edges, saved fields, order or gradient.

    ``a`` and ``b`` are tensors, each of either engine. First their values and the shape of the graphs behind them are
    compared, from the root on; then node by node, in the order in which they run, what was saved and what is computed.
    Both graphs can be used again afterwards, and the ``.grad`` of their leaves is what it was.

    Args:
        rtol, atol: elements may differ by ``atol + rtol * abs(b)``; by default as much as torch.testing allows their dtype.

    Raises TypeError unless both are tensors, RuntimeError for a graph that was freed.

    >>> import minigrad
    >>> x = minigrad.tensor(3.0, requires_grad=True)
    >>> print(compare(x * x, x * x))
    the same in all of 2 nodes
    >>> difference = compare(x * x, x**2).difference
    >>> difference.node, difference.what, difference.values
    ('MulBackward0', 'name', ('MulBackward0', 'PowBackward0'))
    """
    tolerance = rtol, atol
    if not (is_tensor(a) and is_tensor(b)):
        raise TypeError(f"compare takes two tensors, not {type(a).__name__} and {type(b).__name__}")
    pairs, difference = _in_step(a, b)
    if difference is None and not same(a, b, tolerance):
        node = short_name(pairs[0].first) if pairs else "leaf"
        difference = Difference("value", 0, node, "the tensor itself", (a, b), tolerance=tolerance)
    if difference is None and pairs:
        difference = _in_passes(a, b, pairs, tolerance)
    return Comparison(len(pairs), difference, _sides(a, b))


def same_shape(a: Any, b: Any) -> Comparison:
    """Compare the graphs behind two tensors as they are: names, edges, shapes and types of the leaves. Runs nothing.

    >>> import minigrad
    >>> x = minigrad.tensor(3.0, requires_grad=True)
    >>> y = x.exp()
    >>> difference = same_shape(y + y, x.exp() + x.exp()).difference
    >>> difference.node, difference.what
    ('AddBackward0', 'edges')
    >>> difference.values
    ('edge 1 leads to node 1 (ExpBackward0) again', 'edge 1 leads to another ExpBackward0')
    """
    pairs, difference = _in_step(a, b)
    return Comparison(len(pairs), difference, _sides(a, b))


def _sides(a: Any, b: Any) -> tuple[str, str]:
    first, second = (type(t.dtype).__module__.partition(".")[0] for t in (a, b))
    return (first, second) if first != second else ("first", "second")


# The shape of the graphs


def _in_step(a: Any, b: Any) -> tuple[list[Pair], Difference | None]:
    """The nodes of both graphs in pairs, depth first, up to the first place where the graphs part. No recursion."""
    tops = [roots(t) for t in (a, b)]
    if not all(tops):
        names = [short_name(top[0]) if top else None for top in tops]
        missing = None if names == [None, None] else Difference("grad_fn", 0, "root", "grad_fn", (names[0], names[1]))
        return [], missing
    pairs: list[Pair] = []
    numbers: tuple[dict[Any, int], dict[Any, int]] = {}, {}  # they keep the nodes alive, so that each stays one object
    stack = [Pair(tops[0][0], tops[1][0], None, 0)]
    while stack:
        pair = stack.pop()
        met = numbers[0].get(pair.first), numbers[1].get(pair.second)
        if met == (None, None):
            numbers[0][pair.first] = numbers[1][pair.second] = len(pairs)
            pairs.append(pair)
            for what, fact in FACTS.items():
                values = fact(pair.first), fact(pair.second)
                if values[0] != values[1]:
                    return pairs, _at(pairs, len(pairs) - 1, what, values)
            edges = enumerate(zip(pair.first.next_functions, pair.second.next_functions, strict=True))
            stack += [Pair(x, y, len(pairs) - 1, at) for at, ((x, _), (y, _)) in reversed(list(edges)) if x is not None]
        elif met[0] != met[1]:
            assert pair.parent is not None
            ends = [
                f"edge {pair.position} leads to "
                + (f"another {short_name(node)}" if number is None else f"node {number} ({short_name(node)}) again")
                for node, number in zip(pair, met, strict=False)
            ]
            return pairs, _at(pairs, pair.parent, "edges", (ends[0], ends[1]))
    return pairs, None


def _edges(node: Any) -> str:
    """Which edges a node has, and to which output of another node: ``(a node, None, a node's output 1)``."""
    return ", ".join(
        "None" if before is None else "a node" + (f"'s output {index}" if index else "")
        for before, index in node.next_functions
    )


def _leaf(node: Any) -> str | None:
    tensor = leaf(node)
    return None if tensor is None else f"shape {list(tensor.shape)}, {tensor.dtype}"


FACTS = {"name": short_name, "edges": _edges, "leaf": _leaf}


def _path(number: int, pairs: list[Pair]) -> str:
    steps = []
    while (parent := pairs[number].parent) is not None:
        steps.append(f".next_functions[{pairs[number].position}][0]")
        number = parent
    shown = steps if len(steps) <= 6 else [*steps[:2], f" ... {len(steps) - 4} more ... ", *steps[-2:]]
    return "grad_fn" + "".join(reversed(shown))


def _at(pairs: list[Pair], number: int, what: str, values: tuple[Any, Any], formula: str | None = None) -> Difference:
    node = pairs[number].first
    if formula is None:
        formula = ", ".join(f"{name}: {text}" for name, text in formulas(node).items())
    return Difference(what, number, short_name(node), _path(number, pairs), values, formula, forward_line(node))


# The backward pass


def _pass(tensor: Any, nodes: list[Any]) -> list[Step]:
    """The steps of a backward pass that leaves the graph usable, and ``.grad`` as it was."""
    leaves = [variable for variable in map(leaf, nodes) if variable is not None]
    before = [variable.grad for variable in leaves]
    try:
        for variable in leaves:
            variable.grad = None
        return list(steps(tensor, begin(tensor), retain_graph=True))
    finally:
        for variable, grad in zip(leaves, before, strict=True):
            variable.grad = grad


def begin(tensor: Any) -> Any:
    """A gradient to begin with: 1 for a number, else unequal numbers, for ones would hide what cancels in a sum."""
    values = np.linspace(0.5, 1.5, tensor.numel()).reshape(tuple(tensor.shape)) if tensor.dim() else 1.0
    return tensor.new_tensor(values, dtype=tensor.dtype)


def _in_passes(a: Any, b: Any, pairs: list[Pair], tolerance: Tolerance) -> Difference | None:
    """The first thing that is not the same in the passes through two graphs of the same shape, in the order in which they run.

    The passes run one after the other: the graphs may have nodes in common, and each node must know whose turn it is.
    """
    passes = _pass(a, [pair.first for pair in pairs]), _pass(b, [pair.second for pair in pairs])
    numbers = [{pair[side]: number for number, pair in enumerate(pairs)} for side in (0, 1)]
    for ours, theirs in itertools.zip_longest(*passes):
        first, second = (of[step.node] if step else None for of, step in zip(numbers, (ours, theirs), strict=True))
        number = second if first is None else first
        assert number is not None
        if first != second:
            names = ["none is left" if n is None else f"{short_name(pairs[n].first)} (node {n})" for n in (first, second)]
            return _at(pairs, number, "order", (names[0], names[1]))
        for what, values, formula in _computed(ours, theirs):
            if not same(*values, tolerance):
                return _at(pairs, number, what, values, formula)._replace(tolerance=tolerance)
    return None


def _computed(first: Step, second: Step) -> Iterator[tuple[str, tuple[Any, Any], str | None]]:
    """What two nodes saved, what arrived, and what they made of it: each with the formula that it belongs to."""
    kept = [{entry.name: entry for entry in step.saved} for step in (first, second)]
    if any(before is None for before, _ in first.node.next_functions):  # what a formula would take that nobody needs
        for fields, other in (kept, kept[::-1]):
            for name in [n for n, entry in fields.items() if n not in other and not (entry.nbytes or entry.state)]:
                del fields[name]
    yield "names of the saved fields", (sorted(kept[0]), sorted(kept[1])), None
    for name in kept[0]:
        entries = kept[0][name], kept[1][name]
        yield f"saved {name}", (entries[0].state or entries[0].value, entries[1].state or entries[1].value), None
    for values in itertools.zip_longest(first.gradients, second.gradients):  # an integer output has none, or None
        yield "gradient that arrives", values, ""
    for ours, theirs in zip(first.sent, second.sent, strict=True):
        yield f"gradient of {ours.edge.input}", (ours.gradient, theirs.gradient), ours.edge.formula
    yield ".grad of the leaf", (first.after, second.after), None


# Values


def same(first: Any, second: Any, tolerance: Tolerance = (None, None)) -> bool:
    """Whether two values are equal, tensors in type, shape and, within a tolerance, elements. NaN equals NaN."""
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return len(first) == len(second) and all(same(x, y, tolerance) for x, y in zip(first, second, strict=True))
    if is_tensor(first) and is_tensor(second):
        return _kind(first) == _kind(second) and not _wrong(first, second, tolerance).any()
    return bool(_plain(first) == _plain(second))


def _kind(tensor: Any) -> tuple[Any, ...]:
    return list(tensor.shape), str(tensor.dtype), tensor.requires_grad, tensor.is_leaf


def _wrong(first: Any, second: Any, tolerance: Tolerance) -> Any:
    if not second.is_floating_point():
        return _array(first) != _array(second)
    usual = TOLERANCES.get(str(second.dtype), (0.0, 0.0))
    rtol, atol = (default if given is None else given for given, default in zip(tolerance, usual, strict=True))
    with np.errstate(all="ignore"):
        return ~np.isclose(_array(first), _array(second), rtol, atol, equal_nan=True)


def _array(tensor: Any) -> Any:
    return np.asarray((tensor.detach().double() if tensor.is_floating_point() else tensor).numpy(force=True))


def _plain(value: Any) -> Any:
    """Integers as 64 bits with a sign: PyTorch shows a saved dimension -1 as 2**64 - 1."""
    return (value + 2**63) % 2**64 - 2**63 if type(value) is int else value


def texts_of(first: Any, second: Any, tolerance: Tolerance) -> list[str]:
    """Two values that differ as text: briefly, and of tensors what differs: their kind, else the first element that is off."""
    texts = [value if isinstance(value, str) else brief(value) for value in (first, second)]
    if not (is_tensor(first) and is_tensor(second)):
        return texts
    kinds = [_kind(tensor) for tensor in (first, second)]
    if kinds[0] != kinds[1]:
        details = [f"shape {s}, {dtype}, requires_grad={r}, is_leaf={is_leaf}" for s, dtype, r, is_leaf in kinds]
    else:
        index = tuple(np.argwhere(_wrong(first, second, tolerance))[0].tolist())
        details = [f"{list(index)} is {tensor[index].item()!r}" for tensor in (first, second)]
    return [f"{text}; {detail}" for text, detail in zip(texts, details, strict=True)]
