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
from .grad_mode import GradMode, mode
from .graph import Edge, Node, Released
from .place import describe, users_place

if TYPE_CHECKING:
    from .variable import TensorBase

    Captures = dict[Edge, TensorBase | None] | None  # the edges whose gradients are asked for, and these gradients

Gradients = Sequence["TensorBase | None"]


def count_dependencies(roots: Sequence[Node]) -> dict[Node, int]:
    """For every node that can be reached: how many edges lead to it, so how many gradients it must wait for."""
    dependencies: dict[Node, int] = {}
    stack: list[Sequence[Node | None]] = [roots]
    while stack:
        for node in stack.pop():
            if node is None:
                continue
            if node in dependencies:
                dependencies[node] += 1
            else:
                dependencies[node] = 1
                stack.append(node.next_nodes)
    return dependencies


def nodes_leading_to(targets: set[Node], roots: Sequence[Node]) -> set[Node]:
    """The nodes from which some target can be reached; a target is one of them only if another can be reached from it."""
    senders: dict[Node, list[Node]] = {root: [] for root in roots}
    stack = list(senders)
    while stack:
        node = stack.pop()
        for next_node in node.next_nodes:
            if next_node is None:
                continue
            if next_node in senders:
                senders[next_node].append(node)
            else:
                senders[next_node] = [node]
                stack.append(next_node)
    leading: set[Node] = set()
    stack = [target for target in targets if target in senders]
    while stack:
        for sender in senders[stack.pop()]:
            if sender not in leading:
                leading.add(sender)
                stack.append(sender)
    return leading


def fit(gradient: TensorBase, shape: tuple[int, ...], dtype: Any, sender: Node | None) -> TensorBase:
    """The gradient in the shape and type of the output it belongs to.

    NOTE [Broadcasting is undone on the edge]: an operand that was broadcast took part once for every copy, so its gradient
    is the sum over the copies. Formulas never think of this: whatever they return is summed here to the receiver's shape.
    """
    if gradient._array.shape != shape:
        try:
            gradient = gradient.sum_to_size(shape)
        except RuntimeError:
            name, step, place = (
                (sender.name(), "forward", sender.place) if sender is not None else ("the call", "backward", users_place())
            )
            raise RuntimeError(
                f"{name} gave a gradient of shape {list(gradient._array.shape)} for an input of shape {list(shape)}: "
                f"a gradient has the shape of its input, or one that broadcasting made of it.\n"
                f"  {step}: {describe(place)}"
            ) from None
    return gradient if gradient._array.dtype is dtype else gradient._cast(dtype)


def add_up(sum_so_far: TensorBase, gradient: TensorBase, edge: Edge, own_sums: set[Edge]) -> TensorBase:
    """The sum of the gradients that have arrived over one edge. A sum that was made here is nobody else's: it may be changed."""
    if edge in own_sums:
        quietly(np.add, sum_so_far._array, gradient._array, sum_so_far._array)
        return sum_so_far
    if not mode.enabled:
        own_sums.add(edge)
    total: TensorBase = sum_so_far + gradient
    return total


class Observers:
    """What a pass does beside computing: call hooks, note the gradients that ``grad`` asks for, look for nan.

    A pass over a graph that has no hooks needs none of this, so the loop of ``execute`` asks here only where it does.
    """

    def __init__(self, roots: Sequence[Node], create_graph: bool, captures: Captures, accumulate: bool) -> None:
        self.captures = captures
        self.check_nan = anomaly.enabled and anomaly.check_nan
        self.create_graph = create_graph
        self.of_every_node = create_graph or captures is not None or self.check_nan
        if captures is not None:
            self.targets = {node for node, _ in captures if node is not None}
            leading = nodes_leading_to(self.targets, roots)
            self.wanted = leading | self.targets  # the nodes that gradients are sent to
            self.running = self.wanted if accumulate else leading  # those that are evaluated then

    def only_wanted(self, nodes: Sequence[Node | None]) -> tuple[Node | None, ...]:
        """Those of the nodes that gradients are sent to, the others replaced by None."""
        return tuple([node if node in self.wanted else None for node in nodes])

    def evaluate(self, node: Node, arrived: list[Any]) -> tuple[tuple[Node | None, ...], Gradients]:
        """Run one node under observation: the nodes that its gradients go to, and the gradients."""
        hooks, gradients, next_nodes = node.hooks, arrived, node.next_nodes
        if hooks is not None:
            gradients = list(arrived)
            hooks.see_outputs(gradients)
        if self.captures is not None:
            runs = node in self.running
            if node in self.targets:
                for index, gradient in enumerate(arrived if runs else gradients):  # as in NOTE [Order of hooks]
                    if (node, index) in self.captures:
                        self.captures[node, index] = gradient
            if not runs:
                return (), ()
            next_nodes = self.only_wanted(next_nodes)
        if hooks is not None:
            hooks.before(gradients)
        outputs = node.apply(gradients, next_nodes)
        if self.check_nan:
            refuse_nan(node, gradients, outputs)
        if hooks is None and not self.create_graph:
            return next_nodes, outputs
        # Hooks see gradients that fit. With create_graph too, all gradients of a node are fitted before any is added up,
        # since the order in which nodes are made here will be the order in which they run.
        fitted = tuple(
            [
                gradient if gradient is None or before is None else fit(gradient, *before.metadata[index], node)
                for gradient, before, index in zip(outputs, next_nodes, node.input_nrs, strict=True)
            ]
        )
        return next_nodes, fitted if hooks is None else hooks.after(fitted, gradients)


def execute(
    roots: Sequence[Node],
    output_nrs: Sequence[int],
    gradients: Gradients,
    retain_graph: bool | None,
    create_graph: bool,
    captures: Captures,
    accumulate: bool,
) -> None:
    """Run one backward pass, which begins with these gradients of outputs of the roots.

    A node is ready when all the gradients it waits for have arrived; of the ready ones the node made last runs first, but
    before all others the accumulators, whose sequence number is infinite, in the order in which they became ready. With
    ``captures``, only what leads to these edges runs, and the gradient that arrives at each is noted there; the leaves
    among them receive it in ``.grad`` if ``accumulate``.
    """
    observers = Observers(roots, create_graph, captures, accumulate)
    observe_all = observers.of_every_node
    dependencies = count_dependencies(roots)
    not_ready: dict[Node, list[Any]] = {}
    next_arrival = itertools.count().__next__
    ready: list[tuple[float, int, Node, list[Any]]] = []  # a heap
    own_sums: set[Edge] = set()
    released, retain = Released(users_place()), create_graph if retain_graph is None else retain_graph

    # It begins as if a node before the roots had just run; PyTorch makes such a node, GraphRoot. A single root is seen in any
    # case: its tensor may have hooks.
    node: Node | None = None
    next_nodes: Sequence[Node | None] = roots if captures is None or len(roots) == 1 else observers.only_wanted(roots)
    input_nrs, outputs = output_nrs, gradients

    with GradMode(create_graph):
        while True:
            for next_node, index, gradient in zip(next_nodes, input_nrs, outputs):  # noqa: B905  # strict is slow
                if next_node is None:
                    continue
                waiting = not_ready.pop(next_node, None) or [None] * len(next_node.metadata)
                if gradient is not None:
                    shape, dtype = next_node.metadata[index]
                    array = gradient._array
                    if array.shape != shape or array.dtype is not dtype:
                        gradient = fit(gradient, shape, dtype, node)
                    sum_so_far = waiting[index]
                    if sum_so_far is not None:
                        gradient = add_up(sum_so_far, gradient, (next_node, index), own_sums)
                    waiting[index] = gradient
                missing = dependencies[next_node] - 1
                if missing:
                    dependencies[next_node] = missing
                    not_ready[next_node] = waiting
                else:
                    heappush(ready, (-next_node.sequence_nr, next_arrival(), next_node, waiting))

            if not ready:
                return
            _, _, node, arrived = heappop(ready)
            input_nrs = node.input_nrs
            if observe_all or node.hooks is not None:
                next_nodes, outputs = observers.evaluate(node, arrived)
                if not next_nodes:
                    continue
            else:
                next_nodes = node.next_nodes
                outputs = node.apply(arrived, next_nodes)
            if not retain:
                node.release(released)
