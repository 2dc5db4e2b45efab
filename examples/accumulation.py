"""Gradients add up: by mistake, and on purpose."""

from __future__ import annotations

from typing import Any

from .report import written_alike


def descend(torch: Any, clear: bool) -> list[tuple[float, float]]:
    """Six steps down (w - 3)^2 from w = 0. Returns w before each step, and the gradient that the step used."""
    w = torch.tensor(0.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.25)
    steps = []
    for _ in range(6):
        if clear:
            optimizer.zero_grad()
        ((w - 3) ** 2).backward()
        steps.append((w.item(), w.grad.item()))
        optimizer.step()
    return steps


def whole_and_parts(torch: Any) -> list[Any]:
    """The gradient of the mean loss over eight samples: at once, in four parts as it should be, and as often written."""
    x = torch.arange(8.0).reshape(8, 1)
    y = 2 * x + 1
    gradients = []
    for parts, divide in ((1, True), (4, True), (4, False)):
        w = torch.zeros(1, 1, requires_grad=True)
        for some_x, some_y in zip(x.chunk(parts), y.chunk(parts), strict=True):
            loss = ((some_x @ w - some_y) ** 2).mean()
            (loss / parts if divide else loss).backward()
        gradients.append(w.grad.item())
    return gradients


def program(torch: Any) -> list[str]:
    """Both halves. Returns the lines of the report."""
    lines = [
        "backward() adds to .grad, it does not replace it. Descent on (w - 3)^2, lr 0.25:",
        "",
        f"  {'':6}{'with zero_grad':>22}{'without':>26}",
        f"  {'step':6}{'w':>11}{'w.grad':>11}{'w':>15}{'w.grad':>11}",
    ]
    for step, (cleared, kept) in enumerate(zip(descend(torch, True), descend(torch, False), strict=True), 1):
        lines.append(f"  {step:4}  {cleared[0]:11.4f}{cleared[1]:11.4f}{kept[0]:15.4f}{kept[1]:11.4f}")
    at_once, divided, undivided = whole_and_parts(torch)
    return [
        *lines,
        "",
        "Without it, each step is made by the sum of all gradients so far: the descent",
        "swings past 3, as a ball that nothing slows down.",
        "",
        "The same sum, wanted: a batch of 8 too big for memory, taken as 4 of 2.",
        "",
        f"  all 8 at once, mean loss:                       w.grad = {at_once}",
        f"  4 parts, (loss / 4).backward() on each:         w.grad = {divided}",
        f"  4 parts, loss.backward(), not divided:          w.grad = {undivided}",
        "",
        "Each part's graph is freed before the next is built; one step() after the last.",
    ]


def main() -> bool:
    """Print the report once, and say whether both engines wrote the same. True if they did."""
    return written_alike(program)
