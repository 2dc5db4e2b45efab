"""Why an order: the obvious recursion is wrong, and slow."""

from __future__ import annotations

from typing import Any

from .report import written_alike


def doubled(torch: Any, times: int) -> tuple[Any, Any]:
    """A leaf a = 1, and what is left when it is added to itself that many times over: b = a + a, c = b + b, ..."""
    a = torch.tensor(1.0, requires_grad=True)
    top = a
    for _ in range(times):
        top = top + top
    return a, top


def naive(root: Any) -> tuple[float, int]:
    """Each node hands its gradient on as soon as one arrives, complete or not. Returns the gradient of a, and the visits."""
    gradients, visits = {root: 1.0}, []

    def visit(node: Any) -> None:
        visits.append(node)
        for before, _ in node.next_functions:
            gradients[before] = gradients.get(before, 0.0) + gradients[node]  # an addition hands on what it is given
            visit(before)

    visit(root)
    return gradients[visits[-1]], len(visits)


def path_by_path(node: Any) -> tuple[float, int]:
    """The sum of what arrives along every path from the node to a. Returns the gradient of a, and the visits."""
    if not node.next_functions:
        return 1.0, 1
    results = [path_by_path(before) for before, _ in node.next_functions]
    return sum(gradient for gradient, _ in results), 1 + sum(visits for _, visits in results)


def in_order(a: Any, top: Any) -> tuple[float, int]:
    """The engine's own pass, with every node made to count. Returns the gradient of a, and the visits."""
    visits: list[Any] = []
    nodes, waiting = set(), [top.grad_fn]
    while waiting:
        node = waiting.pop()
        if node not in nodes:
            nodes.add(node)
            node.register_prehook(visits.append)
            waiting += [before for before, _ in node.next_functions]
    top.backward()
    return a.grad.item(), len(visits)


def program(torch: Any) -> list[str]:
    """The three ways on ever longer chains. Returns the lines of the report."""
    lines = [
        "b = a + a, c = b + b, ...: after k lines the slope is 2^k, for 2^k paths.",
        "",
        f"  {'k':>3}{'recursion, naive':>22}{'every path':>22}{'in order':>22}",
        f"  {'':3}" + f"{'gradient':>13}{'visits':>9}" * 3,
    ]
    for k in (1, 2, 3, 4, 8, 12):
        a, top = doubled(torch, k)
        ways = naive(top.grad_fn), path_by_path(top.grad_fn), in_order(a, top)
        lines.append(f"  {k:3}" + "".join(f"{gradient:13g}{visits:9}" for gradient, visits in ways))
    gradient, visits = in_order(*doubled(torch, 100))
    return [
        *lines,
        f"  100{'2^101 - 1':>22}{'2^101 - 1':>22}{gradient:13g}{visits:9}",
        "",
        "Naive: c hands 1 to b, and b hands it on; then c hands 1 again, and b, which has",
        "2 now, hands on both: the first is counted twice. Each path by itself is right,",
        "but the paths double with each line. In order, where a node runs after all that",
        "lead to it, a gradient is complete before it is handed on: one visit per node.",
    ]


def main() -> bool:
    """Print the table once, and say whether both engines wrote the same. True if they did."""
    return written_alike(program)
