"""A derivative's derivative, a penalty, Newton's method."""

from __future__ import annotations

from typing import Any

from .report import written_alike


def derivatives(torch: Any) -> list[str]:
    """x^4 at 2, differentiated until nothing is left."""
    x = torch.tensor(2.0, requires_grad=True)
    value, lines = x**4, []
    for order, formula in enumerate(("4 x^3", "12 x^2", "24 x", "24"), 1):
        (value,) = torch.autograd.grad(value, x, create_graph=True)
        lines.append(f"  derivative {order}:  {formula:8}= {value.item():g}")
    return lines


def penalty(torch: Any) -> list[str]:
    """The slope of f(x) = (w * x^2).sum(), pushed to length 1 by changing w."""
    w = torch.tensor([0.25, 0.5], requires_grad=True)
    x = torch.tensor([1.0, 1.0], requires_grad=True)
    lines = []
    for step in range(4):
        (slope,) = torch.autograd.grad((w * x**2).sum(), x, create_graph=True)
        loss = (slope.norm() - 1) ** 2
        w.grad = None
        loss.backward(inputs=[w])
        lines.append(f"  step {step}:  |slope| = {slope.norm().item():.4f}   penalty = {loss.item():.4f}")
        with torch.no_grad():
            w -= 0.1 * w.grad
    return lines


def newton(torch: Any) -> list[str]:
    """Newton's method on Rosenbrock's valley: each step is the inverse Hessian times the gradient."""

    def valley(p: Any) -> Any:
        return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2

    p = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
    lines = []
    for step in range(7):
        (a, b), (_, d) = torch.autograd.functional.hessian(valley, p)
        (g,) = torch.autograd.grad(valley(p), p)
        lines.append(f"  step {step}:  p = ({p[0].item():8.5f}, {p[1].item():8.5f})   valley(p) = {valley(p).item():10.5f}")
        with torch.no_grad():
            p -= torch.stack([d * g[0] - b * g[1], a * g[1] - b * g[0]]) / (a * d - b * b)
    return lines


def program(torch: Any) -> list[str]:
    """All three. Returns the lines of the report."""
    return [
        "A backward formula is made of tensor operations. With create_graph=True they are",
        "recorded, so that a gradient has a graph of its own. For x^4 at x = 2:",
        "",
        *derivatives(torch),
        "",
        "A loss of a gradient: f(x) = (w * x^2).sum(), and w moves until |df/dx| is 1:",
        "",
        *penalty(torch),
        "",
        "All second derivatives at once: Newton's method, with functional.hessian. Six",
        "steps along the valley (1 - x)^2 + 100 (y - x^2)^2 to its lowest point (1, 1):",
        "",
        *newton(torch),
    ]


def main() -> bool:
    """Print the report once, and say whether both engines wrote the same. True if they did."""
    return written_alike(program)
