"""The graph behind a tensor of either engine as rows, node by node: only what both engines' nodes make public.

Mirrors: torch/csrc/autograd/function.h
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Row(NamedTuple):
    """One node of a graph: its number in the order of the walk, its name, and where its edges lead."""

    number: int
    node: Any
    name: str
    edges: tuple[tuple[int | None, int], ...]
    parent: int | None
    position: int

    def __str__(self) -> str:
        ends = ["None" if number is None else f"{number}" + (f":{index}" if index else "") for number, index in self.edges]
        return f"{self.number} {self.name} -> ({', '.join(ends)})"


def rows(root: Any) -> list[Row]:
    """All nodes that can be reached from ``root``, each once, numbered depth first. No recursion: any depth will do.

    Two graphs have the same shape if, and only if, their rows have the same names and edges.

    >>> import torch
    >>> x = torch.ones(2, requires_grad=True)
    >>> for row in rows((x * x).sum().grad_fn):
    ...     print(row)
    0 SumBackward0 -> (1)
    1 MulBackward0 -> (2, 2)
    2 torch::autograd::AccumulateGrad -> ()
    """
    numbers: dict[Any, int] = {}  # keeps every node alive, so that its identity stays its own
    found: list[tuple[Any, int | None, int]] = []
    stack: list[tuple[Any, int | None, int]] = [(root, None, 0)]
    while stack:
        node, parent, position = stack.pop()
        if node in numbers:
            continue
        numbers[node] = len(found)
        found.append((node, parent, position))
        edges = list(enumerate(node.next_functions))
        stack += [(before, numbers[node], at) for at, (before, _) in reversed(edges) if before is not None]
    return [
        Row(number, node, node.name(), _numbered(node, numbers), parent, position)
        for number, (node, parent, position) in enumerate(found)
    ]


def _numbered(node: Any, numbers: dict[Any, int]) -> tuple[tuple[int | None, int], ...]:
    return tuple((None if before is None else numbers[before], index) for before, index in node.next_functions)


def path(number: int, graph: list[Row]) -> str:
    """How to reach a node from the root: ``grad_fn.next_functions[1][0]...``, for a message."""
    steps = []
    while graph[number].parent is not None:
        steps.append(f".next_functions[{graph[number].position}][0]")
        number = graph[number].parent  # type: ignore[assignment]  # not None, by the condition of the loop
    shown = steps if len(steps) <= 6 else [*steps[:2], f" ... {len(steps) - 4} more ... ", *steps[-2:]]
    return "grad_fn" + "".join(reversed(shown))


def saved_fields(node: Any) -> dict[str, Any]:
    """What a node saved for its formulas, by name: ``{"self": tensor, "dim": 0}`` for ``_saved_self``, ``_saved_dim``.

    >>> import torch
    >>> saved_fields(torch.ones(2, requires_grad=True).sum(0).grad_fn)
    {'dim': (0,), 'keepdim': False, 'self_sym_sizes': (2,)}
    """
    return {name.removeprefix("_saved_"): getattr(node, name) for name in sorted(dir(node)) if name.startswith("_saved_")}
