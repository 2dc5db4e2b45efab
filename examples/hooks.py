"""Where to listen to a backward pass, and in which order."""

from __future__ import annotations

from typing import Any

from .report import written_alike


def program(torch: Any) -> list[str]:
    """y = 3 x, loss = y * y at x = 2, with every kind of hook. Returns the lines of the report."""
    lines = ["x = 2, y = 3 * x, loss = y * y, and a hook at every place, called in this order:", ""]

    def say(what: str, gradients: Any) -> None:
        values = gradients if isinstance(gradients, tuple) else (gradients,)
        shown = ", ".join("None" if value is None else f"{value.item():g}" for value in values)
        lines.append(f"  {what:46}{shown}")

    x = torch.tensor(2.0, requires_grad=True)
    y = 3 * x
    loss = y * y
    node = y.grad_fn
    x.register_post_accumulate_grad_hook(lambda leaf: say("leaf, post accumulate: x.grad is there", leaf.grad))
    x.register_hook(lambda grad: say("tensor x: its gradient, before it is added", grad))
    node.register_hook(lambda into, out: say(f"{node.name()}: the gradient that it made", into))
    node.register_prehook(lambda out: say(f"{node.name()}, prehook: what it will be given", out))
    y.register_hook(lambda grad: say("tensor y: the gradient of y, all uses summed", grad))
    loss.backward()

    w = torch.tensor([1.0, 2.0], requires_grad=True)
    clip = w.register_hook(lambda grad: grad.clamp(-1, 1))
    (w * torch.tensor([0.5, 100.0])).sum().backward()
    clipped, w.grad = w.grad, None
    clip.remove()
    (w * torch.tensor([0.5, 100.0])).sum().backward()

    steps = []
    v = torch.tensor([1.0], requires_grad=True)
    optimizer = torch.optim.SGD([v], lr=0.1)

    def step_at_once(leaf: Any) -> None:
        optimizer.step()
        leaf.grad = None
        steps.append(round(leaf.item(), 4))

    v.register_post_accumulate_grad_hook(step_at_once)
    for _ in range(3):
        (v**2).sum().backward()
    return [
        *lines,
        "",
        "What a hook returns takes the place of the gradient. One that clamps to [-1, 1]:",
        "",
        f"  with it:               w.grad = {clipped.tolist()}",
        f"  after handle.remove(): w.grad = {w.grad.tolist()}",
        "",
        "A step inside the backward pass, so that no gradient need stay in memory:",
        "",
        f"  v after each loss.backward(): {steps}, v.grad = {v.grad}",
    ]


def main() -> bool:
    """Print the report once, and say whether both engines wrote the same. True if they did."""
    return written_alike(program)
