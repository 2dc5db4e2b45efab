"""The graph behind a loss, and which gradients are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .report import written_alike


def program(torch: Any) -> list[str]:
    """Two features, two samples, one weight each, a bias. Returns the lines of the report."""
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    w = torch.tensor([[1.0], [-1.0]], requires_grad=True)
    b = torch.tensor([0.5], requires_grad=True)
    z = x @ w + b
    loss = (z**2).mean()
    z.retain_grad()

    def walk(node: Any, depth: int) -> Iterator[str]:
        """A node, then the nodes that its gradient goes on to."""
        indent = "  " * depth
        if node is None:
            yield f"{indent}None: x requires no gradient, so no edge leads there"
        elif hasattr(node, "variable"):
            yield f"{indent}AccumulateGrad: adds into {'w.grad' if node.variable is w else 'b.grad'}"
        else:
            saved = [name for name in ("self", "mat2", "exponent") if getattr(node, f"_saved_{name}", None) is not None]
            yield f"{indent}{node.name()}" + (f", saved {' and '.join(saved)}" if saved else "")
            for before, _ in node.next_functions:
                yield from walk(before, depth + 1)

    lines = ["loss = ((x @ w + b) ** 2).mean()", "", "From loss.grad_fn along next_functions, as the gradient flows:", ""]
    lines += walk(loss.grad_fn, 1)
    loss.backward()
    lines += ["", "After loss.backward():", "", f"  {'':6}{'is_leaf':10}{'requires_grad':16}{'retains_grad':15}grad"]
    for name, tensor in {"x": x, "w": w, "b": b, "z": z, "loss": loss}.items():
        kept = tensor.is_leaf or tensor.retains_grad
        grad = None if not kept or tensor.grad is None else tensor.grad.tolist()
        lines.append(f"  {name:6}{tensor.is_leaf!s:10}{tensor.requires_grad!s:16}{tensor.retains_grad!s:15}{grad}")
    return [
        *lines,
        "",
        "w and b are leaves that require grad, so they keep theirs. z keeps its own since",
        "retain_grad() was called on it; that of loss passed by and was freed. x requires",
        "no gradient, and none was computed for it.",
    ]


def main() -> bool:
    """Print the report once, and say whether both engines wrote the same. True if they did."""
    return written_alike(program)
