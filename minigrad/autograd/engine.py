"""The engine: walks the graph from the roots and hands every node the complete gradient of its outputs, once.

Mirrors: torch/csrc/autograd/engine.cpp
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import numpy as np

from ..quiet import quietly
from .anomaly import anomaly, refuse_nan
from .grad_mode import mode
from .graph import NO_EDGE, Edge, Node, Released
from .place import describe, users_place

if TYPE_CHECKING:
    from .variable import TensorBase


class GraphRoot(Node):
    """Where a pass begins: its formula gives the gradients that the caller brought."""

    __slots__ = ("gradients",)

    def __init__(self, roots: Sequence[Edge], gradients: Sequence[Any]) -> None:
        self.next_functions = tuple(roots)
        self.gradients = tuple(gradients)
        self.saved = ()
        self.hooks = None
        self.place = users_place()

    def apply(self, gradients: list[Any], edges: tuple[Edge, ...]) -> tuple[Any, ...]:
        return self.gradients


def count_dependencies(root: Node) -> dict[Node, int]:
    """For every node that can be reached: how many edges lead to it, so how many gradients it must wait for."""
    dependencies: dict[Node, int] = {}
    stack = [root]
    while stack:
        for node, _ in stack.pop().next_functions:
            if node is None:
                continue
            if node in dependencies:
                dependencies[node] += 1
            else:
                dependencies[node] = 1
                stack.append(node)
    return dependencies


def nodes_leading_to(targets: set[Node], root: Node) -> set[Node]:
    """The nodes from which some target can be reached; a target is one of them only if another can be reached from it."""
    leading: set[Node] = set()
    seen = {root}
    stack: list[tuple[Node, Any]] = [(root, iter(root.next_functions))]
    while stack:
        node, edges = stack[-1]
        for before, _ in edges:
            if before is not None and before not in seen:
                seen.add(before)
                stack.append((before, iter(before.next_functions)))
                break
        else:
            stack.pop()
            if any(before in leading or before in targets for before, _ in node.next_functions):
                leading.add(node)
    return leading


def fit(gradient: TensorBase, shape: tuple[int, ...], dtype: Any, sender: Node) -> TensorBase:
    """The gradient in the shape and type of the output it belongs to.

    NOTE [Broadcasting is undone on the edge]: an operand that was broadcast took part once for every copy, so its gradient
    is the sum over the copies. Formulas never think of this: whatever they return is summed here to the receiver's shape.
    """
    if gradient._array.shape != shape:
        try:
            gradient = gradient.sum_to_size(shape)
        except RuntimeError:
            raise RuntimeError(
                f"{sender.name()} returned a gradient of shape {list(gradient._array.shape)} for an input of shape "
                f"{list(shape)}: a gradient has the shape of its input, or one that broadcasting made of it.\n"
                f"  forward: {describe(sender.place)}"
            ) from None
    return gradient if gradient._array.dtype is dtype else gradient._cast(dtype)


def fitted(outputs: tuple[Any, ...], edges: tuple[Edge, ...], sender: Node) -> tuple[Any, ...]:
    """All gradients that a node sends, as its hooks are to see them."""
    return tuple(
        [
            gradient if gradient is None or receiver is None else fit(gradient, *receiver.metadata[index], sender)
            for gradient, (receiver, index) in zip(outputs, edges, strict=True)
        ]
    )


def execute(
    root: GraphRoot,
    *,
    retain_graph: bool,
    create_graph: bool,
    captures: dict[Edge, TensorBase | None] | None = None,
    accumulate: bool = True,
) -> None:
    """Run one backward pass.

    A node is ready when all the gradients it waits for have arrived; of the ready ones the node made last runs first,
    and an AccumulateGrad before all others. With ``captures``, only what leads to these edges runs, and the gradient that
    arrives at each is noted there; the leaves among them receive it in ``.grad`` if ``accumulate``.
    """
    dependencies = count_dependencies(root)
    not_ready: dict[Node, list[Any]] = {}
    ready: list[tuple[float, int, Node, list[Any]]] = [(0, 0, root, [])]
    arrival = itertools.count(1).__next__  # among equals, first come first served
    own_sums: set[Edge] = set()  # sums that were made here, so nobody else holds them and they may be added to in place
    if captures is not None:
        targets = {node for node, _ in captures if node is not None}
        leading = nodes_leading_to(targets, root)
        wanted = leading | targets
        running = wanted if accumulate else leading
    released = Released(root.place)
    check_nan = anomaly.enabled and anomaly.check_nan

    before = mode.enabled
    mode.enabled = create_graph
    try:
        while ready:
            _, _, node, gradients = heappop(ready)
            hooks = node.hooks
            arrived = gradients
            if hooks is not None:
                gradients = list(arrived)
                hooks.see_outputs(gradients)
            edges = node.next_functions
            if captures is not None:
                runs = node in running or node is root
                for index, gradient in enumerate(
                    arrived if runs else gradients
                ):  # PyTorch's choice, see NOTE [Order of hooks]
                    if (node, index) in captures:
                        captures[node, index] = gradient
                if not runs:
                    continue
                if node is not root or len(edges) > 1:  # a single root is looked at in any case: its tensor has hooks
                    edges = tuple(edge if edge[0] in wanted else NO_EDGE for edge in edges)
            if hooks is not None:
                hooks.before(gradients)
            outputs = node.apply(gradients, edges)
            if check_nan:
                refuse_nan(node, gradients, outputs)
            if hooks is not None or create_graph:
                outputs = fitted(outputs, edges, node)  # all of them, before any is added to another or seen by a hook
            if hooks is not None:
                outputs = hooks.after(outputs, gradients)
            if not retain_graph:
                node.release(released)

            for edge, gradient in zip(edges, outputs, strict=True):
                next_node, index = edge
                if next_node is None:
                    continue
                metadata = next_node.metadata
                waiting = not_ready.pop(next_node, None) or [None] * len(metadata)
                if gradient is not None:
                    shape, dtype = metadata[index]
                    array = gradient._array
                    if array.shape != shape or array.dtype is not dtype:
                        gradient = fit(gradient, shape, dtype, node)
                    sum_so_far = waiting[index]
                    if sum_so_far is None:
                        waiting[index] = gradient
                    elif edge in own_sums:
                        quietly(np.add, sum_so_far._array, gradient._array, sum_so_far._array)
                    else:
                        waiting[index] = sum_so_far + gradient
                        if not create_graph:
                            own_sums.add(edge)
                missing = dependencies[next_node] - 1
                if missing:
                    dependencies[next_node] = missing
                    not_ready[next_node] = waiting
                else:
                    heappush(ready, (-next_node.sequence_nr, arrival(), next_node, waiting))
    finally:
        mode.enabled = before
