"""A derivative of your own, and how to check it."""

from __future__ import annotations

from typing import Any

from .report import written_alike


def functions(torch: Any) -> tuple[Any, Any, Any]:
    """Three operations: a right formula, a wrong one, and one that is wrong on purpose."""

    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)  # what backward needs; freed after it
            return x * x * x

        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad_output * 3 * x * x  # the chain rule: what came in, times the slope here

    class WrongCube(Cube):
        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad_output * 2 * x * x

    class RoundStraightThrough(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.round()

        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            return grad_output  # a step has slope 0 nearly everywhere; pretend that it is 1

    return Cube, WrongCube, RoundStraightThrough


def program(torch: Any) -> list[str]:
    """The three at work. Returns the lines of the report."""
    cube, wrong, rounded = functions(torch)
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    y = cube.apply(x)
    (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), x)
    lines = [
        f"Cube.apply({x.tolist()}) = {y.tolist()}, made by {y.grad_fn.name()}",
        f"  slope 3 x^2 = {slope.tolist()}, and differentiated again 6 x = {bend.tolist()}",
        "",
        "gradcheck compares backward with (f(x + h) - f(x - h)) / 2h, in float64:",
        "",
        f"  Cube:       {torch.autograd.gradcheck(cube.apply, x)}",
    ]
    try:
        torch.autograd.gradcheck(wrong.apply, x)
    except RuntimeError as error:
        lines.append(f"  WrongCube:  {type(error).__name__}")

    lines += ["", "descent on (round(w) - 3)^2 from w = 0.2, which needs a slope of round:", ""]
    for name, rounding in (("torch.round, slope 0", torch.round), ("RoundStraightThrough, slope 1", rounded.apply)):
        w = torch.tensor(0.2, requires_grad=True)
        for _ in range(20):
            w.grad = None
            ((rounding(w) - 3) ** 2).backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
        lines.append(f"  {name + ':':32}w = {w.item():.4f}")
    return lines


def main() -> bool:
    """Print the report once, and say whether both engines wrote the same. True if they did."""
    return written_alike(program)
