"""Three ways to the gradient of a value in the middle."""

from __future__ import annotations

import warnings
from typing import Any

from .report import written_alike


def program(torch: Any) -> list[str]:
    """y = 3 x, loss = y * y, and the gradient of y, which nobody keeps. Returns the lines of the report."""
    lines = ["x = 2, y = 3 * x, loss = y * y: x is a leaf, y is not", ""]

    def forward() -> tuple[Any, Any, Any]:
        x = torch.tensor(2.0, requires_grad=True)
        y = 3 * x
        return x, y, y * y

    x, y, loss = forward()
    loss.backward()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lines.append(f"after loss.backward():        x.grad = {x.grad}, y.grad = {y.grad}")
    lines += [
        f"    reading y.grad made a {caught[0].category.__name__}: the gradient of y went through",
        "    to x and was dropped; only leaves keep theirs.",
        "",
    ]

    x, y, loss = forward()
    y.retain_grad()
    loss.backward()
    lines.append(f"1. y.retain_grad() before:    x.grad = {x.grad}, y.grad = {y.grad}")

    x, y, loss = forward()
    seen = []
    y.register_hook(seen.append)
    loss.backward()
    lines.append(f"2. a hook on y sees it:       x.grad = {x.grad}, seen   = {seen[0]}")

    x, y, loss = forward()
    gradients = torch.autograd.grad(loss, (x, y))
    lines.append(f"3. torch.autograd.grad:       gradients = {gradients}")
    lines.append(f"    and nothing was left in x: x.grad = {x.grad}")

    x, y, loss = forward()
    y.retain_grad()
    y.register_hook(lambda grad: 10 * grad)
    loss.backward()
    return [
        *lines,
        "",
        f"A hook that multiplies by 10: x.grad = {x.grad}, y.grad = {y.grad}",
        "    y keeps what the hooks on it have made of its gradient, whichever was",
        "    registered first, and x gets 3 times that.",
    ]


def main() -> bool:
    """Print the report once, and say whether both engines wrote the same. True if they did."""
    return written_alike(program)
