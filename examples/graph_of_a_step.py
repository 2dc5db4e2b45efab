"""One training step: what each node saved, when it ran."""

from __future__ import annotations

from typing import Any

from .report import written_alike


def program(torch: Any) -> list[str]:
    """Two layers, one step of SGD. Returns the lines of the report."""
    torch.manual_seed(0)
    hidden, output = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)
    leaves = {
        "hidden.weight": hidden.weight,
        "hidden.bias": hidden.bias,
        "out.weight": output.weight,
        "out.bias": output.bias,
    }
    optimizer = torch.optim.SGD(leaves.values(), lr=0.1)
    x, y = torch.randn(8, 3), torch.randn(8, 1)
    loss = torch.nn.functional.mse_loss(output(torch.tanh(hidden(x))), y)

    nodes: dict[Any, int] = {}  # every node once, with its number, in the order in which it is met
    waiting = [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node not in nodes:
            nodes[node] = len(nodes)
            waiting += [before for before, _ in reversed(node.next_functions) if before is not None]

    ran: dict[int, list[int]] = {}  # the numbers again, in the order of the backward pass, with the shape that arrived

    def watch(node: Any, number: int) -> None:
        node.register_prehook(lambda gradients: ran.update({number: list(gradients[0].shape)}))

    def row(node: Any, number: int) -> list[Any]:
        if hasattr(node, "variable"):
            return [number, next(f"{name}.grad +=" for name, leaf in leaves.items() if leaf is node.variable), "", ""]
        fields = [field for field in dir(node) if field.startswith("_saved_") and hasattr(getattr(node, field), "shape")]
        edges = ["-" if before is None else str(nodes[before]) for before, _ in node.next_functions]
        return [number, node.name(), " ".join(field.removeprefix("_saved_") for field in fields), ", ".join(edges)]

    for node, number in nodes.items():
        watch(node, number)
    rows = [row(node, number) for node, number in nodes.items()]  # what was saved is gone after the backward pass
    before = output.weight.detach().clone()
    loss.backward()
    optimizer.step()

    lines = [f"  {'node':6}{'':24}{'saved':14}{'goes on to':12}{'ran as':9}gradient in", ""]
    for number, name, saved, edges in rows:
        lines.append(f"  {number:4}  {name:24}{saved:14}{edges:12}{list(ran).index(number) + 1:6}   {ran[number]}")
    moved = torch.allclose(output.weight, before - 0.1 * output.weight.grad)
    return [
        "loss = mse_loss(out(tanh(hidden(x))), y), from the loss back to the parameters:",
        "",
        *lines,
        "",
        "A node runs when all its gradients have come. Of those that can run, a leaf",
        "takes its gradient first, then comes the node made last in the forward pass.",
        "x and y require no gradient: '-' is an edge that leads nowhere.",
        f"Then optimizer.step(): out.weight -= 0.1 * out.weight.grad, {moved}",
    ]


def main() -> bool:
    """Print the step once, and say whether both engines took the same. True if they did."""
    return written_alike(program)
