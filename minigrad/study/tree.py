"""The graph of a tensor as text.

Mirrors: nothing; PyTorch has no such tool.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from .folding import fold
from .protocol import (
    Edge,
    Saved,
    brief,
    edges,
    formulas,
    forward_line,
    is_tensor,
    leaf,
    named_formulas,
    names,
    output_shapes,
    roots,
    saved,
    short_name,
    walk,
)
from .words import clipped, listed, memory, wrapped

LONGEST = 100  # nodes; of a larger graph a summary is printed
UNBREAKABLE = "\N{NO-BREAK SPACE}"
MOST_LINES = 60  # of a summary


def print_graph(of: Any, model: Any = None) -> None:
    """Print the graph of a tensor, of a node, or of several of them in a list: what backward() will walk, from the end.

    Every node stands on a line of its own: the user's name of its output, its own name, the shape of its output, and the
    line that made it. Below it, what it saved; then, for every input that needs a gradient, the formula, and the node that
    this gradient goes to. A node with several ways to it is printed once. Leaves go by the caller's variable names, or by
    those of the parameters of ``model``. Of more than 100 nodes, a summary is printed.

    >>> import minigrad
    >>> w, x = minigrad.tensor(3.0, requires_grad=True), minigrad.tensor(2.0)
    >>> loss = (w * x) ** 2
    >>> print_graph(loss)  # doctest: +ELLIPSIS
    3 nodes, 1 leaf, 8 bytes saved
    <BLANKLINE>
    loss = PowBackward0  []  ...
    │ saved: exponent = 2, self = 6 (4 bytes)
    ↓ self gets pow_backward(grad, self, exponent)
    MulBackward0  []  ...
    │ saved: other = 2 (4 bytes)
    └ self gets grad * other → w.grad [] (AccumulateGrad)
    <BLANKLINE>
    Named formulas are shown by: python -m minigrad.study operators PowBackward0
    """
    print(graph_text(of, model))


def graph_text(of: Any, model: Any = None) -> str:
    """What ``print_graph`` prints."""
    nodes = walk(of)
    if not nodes:
        return "there is no graph: this was not computed from a tensor that requires grad (why(...) says more)"
    of_users = names(model)
    if len(nodes) == 1 and leaf(nodes[0]) is not None:
        name = of_users.get(leaf(nodes[0]), "this tensor")
        return f"{name} is a leaf: nothing made it, and a backward pass that reaches it adds to {name}.grad"
    body = _Tree(of, nodes, of_users).lines if len(nodes) <= LONGEST else _summary(nodes, of_users)
    return "\n".join([_total(nodes), "", *body, *explained_where(nodes)])


def explained_where(nodes: list[Any]) -> list[str]:
    """Which command shows what the named formulas of a small graph compute."""
    kinds = [short_name(node) for node in nodes if named_formulas(formulas(node).values())]
    if not kinds or len(nodes) > LONGEST:
        return []
    names_of_kinds = " ".join(dict.fromkeys(kinds))
    return ["", *wrapped(f"Named formulas are shown by: python -m minigrad.study operators {names_of_kinds}", "", "  ")]


def _total(nodes: list[Any]) -> str:
    leaves = sum(leaf(node) is not None for node in nodes)
    kept = {tensor.data_ptr(): tensor.numel() * tensor.element_size() for node in nodes for tensor in _tensors(saved(node))}
    ends = f"{leaves:,} {'leaf' if leaves == 1 else 'leaves'}"
    return f"{len(nodes):,} {'node' if len(nodes) == 1 else 'nodes'}, {ends}, {memory(sum(kept.values()))} saved"


def _tensors(entries: list[Saved]) -> Iterator[Any]:
    for entry in entries:
        values = entry.value if isinstance(entry.value, (tuple, list)) else [entry.value]
        yield from (value for value in values if is_tensor(value))


# The tree


def _heights(of: Any, arrivals: Counter[Any]) -> dict[Any, int]:
    """For every node, how many nodes the longest way from it to a leaf has."""
    left = arrivals.copy()
    left.subtract(roots(of))
    order = [node for node in roots(of) if not left[node]]
    for node in order:  # grows: a node comes after all that lead to it
        for before, _ in node.next_functions:
            left[before] -= 1
            if before is not None and not left[before]:
                order.append(before)
    heights: dict[Any, int] = {None: 0}
    for node in reversed(order):
        heights[node] = 1 + max([heights[before] for before, _ in node.next_functions], default=0)
    return heights


class _Tree:
    """The lines of a graph of moderate size, node by node: side branches first, then on along the longest way."""

    def __init__(self, of: Any, nodes: list[Any], of_users: dict[Any, str]) -> None:
        self.of_users = of_users
        self.arrivals = Counter(before for node in nodes for before, _ in node.next_functions)
        self.arrivals.update(roots(of))
        self.heights = _heights(of, self.arrivals)
        self.numbers: dict[Any, int] = {}  # of the nodes that have no name and are met more than once
        self.printed: set[Any] = set()
        self.last_line: str | None = None
        self.lines: list[str] = []
        for root in roots(of):
            self.lines += [""] if self.lines else []
            self.add(root)

    def add(self, root: Any) -> None:
        """Print what can be reached from a node."""
        stack: list[tuple[Any, Edge | None, str, bool]] = [(root, None, "", True)]
        while stack:
            node, edge, prefix, last = stack.pop()
            ends = node in self.printed or leaf(node) is not None
            if ends:
                target = f"{self.title(node)}, see above" if node in self.printed else self.leaf_text(node)
                self.lines += _way(edge, target, prefix + ("└ " if last else "├ "), prefix + ("  " if last else "│ "))
                continue
            if edge is not None:
                self.lines += _way(edge, "", prefix + ("↓ " if last else "├ "), prefix + "│ ")
            inside = prefix if last else prefix + "│ "
            self.printed.add(node)
            self.lines.append(clipped(inside + self.head(node)))
            ways = sorted(edges(node), key=lambda way: self.heights[way.node])
            if kept := saved(node):
                bar = inside + ("│ " if ways else "  ")
                self.lines += listed([saved_text(entry) for entry in kept], f"{bar}saved: ", f"{bar}       ")
            stack += [(way.node, way, inside, way is ways[-1]) for way in reversed(ways)]

    def title(self, node: Any) -> str:
        name = self.of_users.get(node)
        if self.arrivals[node] > 1 and name is None:
            return f"{short_name(node)} #{self.number(node)}"
        return f"{name} = {short_name(node)}" if name else short_name(node)

    def number(self, node: Any) -> int:
        return self.numbers.setdefault(node, len(self.numbers) + 1)

    def leaf_text(self, node: Any) -> str:
        """The end of a way: ``w.grad [3] (AccumulateGrad)``."""
        name = self.of_users.get(leaf(node)) or f"leaf #{self.number(node)}"
        return f"{name}.grad {list(leaf(node).shape)} ({short_name(node)})"

    def head(self, node: Any) -> str:
        """The line of a node; the text of a forward line is given only once in a row."""
        text = f"{self.title(node)}  {', '.join(str(list(shape)) for shape in output_shapes(node))}"
        line = forward_line(node)
        if line is None:
            return text
        before, self.last_line = self.last_line, line
        return f"{text}  {line.partition(': ')[0] if line == before else line}"


def _way(edge: Edge | None, target: str, start: str, further: str) -> list[str]:
    text = f"→ {target}".replace(" ", UNBREAKABLE) if target else ""
    if edge is not None:
        of_output = f" (output {edge.output_nr})" if len(output_shapes(edge.node)) > 1 else ""
        text = f"{edge.input} gets {edge.formula or 'a gradient'}{of_output} {text}"
    return [line.replace(UNBREAKABLE, " ") for line in wrapped(text, start, f"{further}  ")]


def saved_text(entry: Saved) -> str:
    """A saved value in a few characters: ``other = [1, 2] (8 bytes)``."""
    if entry.state:
        return f"{entry.name} ({entry.state})"
    return f"{entry.name} = {brief(entry.value)}" + (f" ({memory(entry.nbytes)})" if entry.nbytes else "")


# The summary
#
# PyTorch drops a graph whose nodes Python has seen by recursion: one deeper than about 30,000 nodes then needs a thread with a
# larger stack (threading.stack_size), whatever walks it.


def _summary(nodes: list[Any], of_users: dict[Any, str]) -> list[str]:
    """How many nodes of each kind, and all in the order of ``walk``, with stretches that repeat told once."""
    names = [short_name(node) for node in nodes]
    shapes = [", ".join(str(list(shape)) for shape in output_shapes(node)) for node in nodes]
    lines = [f"{count:>9,}  {name}" for name, count in Counter(names).most_common(MOST_LINES // 3)]
    lines += ["", "The nodes, from the end of the computation to its leaves:"]
    for start, length, times in fold(list(zip(names, shapes, strict=True))):
        indent = "  " if times == 1 else "    "
        if times > 1:
            lines.append(f"  {times:,} times:")
        for position in range(start, start + length):
            tensor = leaf(nodes[position])
            name = of_users.get(nodes[position] if tensor is None else tensor) if times == 1 else None
            text = (
                f"{f'{name} = ' if name else ''}{names[position]}  {shapes[position]}  {forward_line(nodes[position]) or ''}"
            )
            lines.append(clipped(indent + text.rstrip()))
        if len(lines) > MOST_LINES:
            left = len(nodes) - (start + length * times)
            return [*lines, *([f"  and {left:,} more nodes"] if left else [])]
    return lines
