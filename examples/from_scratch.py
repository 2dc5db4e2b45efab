"""Plain tensors, minibatches, the update by hand."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from reference import compare

from .report import agreed, print_row
from .run import both

# As in linear_regression, for the root of the mean loss: most labels are below 8, and a prediction carries some ulp of that.
ROUNDING = 4 * float(np.spacing(np.float32(8)))


def program(torch: Any) -> dict[str, Any]:
    """The whole training, as one writes it in PyTorch."""
    torch.manual_seed(0)
    random.seed(0)
    true_w, true_b = torch.tensor([2, -3.4]), 4.2
    features = torch.randn(1000, 2)
    labels = (features @ true_w + true_b + 0.01 * torch.randn(1000)).reshape(-1, 1)

    w = (0.01 * torch.randn(2, 1)).requires_grad_()
    b = torch.zeros(1, requires_grad=True)
    lr, batch_size, order = 0.03, 10, list(range(1000))
    losses = []
    for _ in range(3):
        random.shuffle(order)
        for start in range(0, 1000, batch_size):
            batch = order[start : start + batch_size]
            loss = (features[batch] @ w + b - labels[batch]) ** 2 / 2
            loss.sum().backward()
            with torch.no_grad():
                for param in (w, b):
                    param -= lr * param.grad / batch_size
                    param.grad.zero_()
        with torch.no_grad():
            losses.append((((features @ w + b - labels) ** 2) / 2).mean().item())
    return {"loss": torch.tensor(losses), "w": w, "b": b}


def main() -> bool:
    """Train under both engines and print what they found beside the truth. True if they agree."""
    ours, theirs = both(program)
    print_row("epoch", "loss, minigrad", "loss, torch", "difference")
    for epoch in range(3):
        print_row(epoch + 1, ours["loss"][epoch].item(), theirs["loss"][epoch].item())
    print()
    print_row("", "minigrad", "torch", "difference")
    for name, truth, index in (("w[0]", 2, ("w", 0)), ("w[1]", -3.4, ("w", 1)), ("b", 4.2, ("b", 0))):
        own, other = (run[index[0]].reshape(-1)[index[1]].item() for run in (ours, theirs))
        print_row(name, own, other)
        print(f"{'true':>8}{truth:22}{truth:22}")
    print()
    losses = [run.pop("loss") for run in (ours, theirs)]
    return agreed(
        {
            "w, b, to 4 ulp": compare(ours, theirs, ulp=4),
            "sqrt(2 * loss), to 4 ulp of a prediction": compare(
                *((2 * loss).sqrt() for loss in losses), atol=ROUNDING, where="sqrt(2 * loss)"
            ),
        },
        "NumPy and torch add the terms of a sum (in a matrix product, a bias gradient, a mean) in different orders, and "
        "each order rounds in its own way. A small loss is what is left when predictions cancel against their labels: one "
        "last place of theirs is many of its own.",
    )
