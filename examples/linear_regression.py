"""Linear(1, 1) and SGD learn y = 2x from three points."""

from __future__ import annotations

from typing import Any

import numpy as np

from reference import compare

from .figures import save_regression
from .report import agreed, print_row
from .run import both

X, Y = [[1.0], [2.0], [3.0]], [[2.0], [4.0], [6.0]]

# The root of the loss is the length of the vector of residuals. Each of the three predictions, near 6, carries a rounding of
# some ulp, and so the length is known to about this much, however small it has become.
ROUNDING = 4 * np.sqrt(3) * float(np.spacing(np.float32(6)))


def program(torch: Any) -> dict[str, Any]:
    """The whole training, as one writes it in PyTorch."""
    torch.manual_seed(1)
    x, y = torch.tensor(X), torch.tensor(Y)
    model = torch.nn.Linear(1, 1)
    criterion = torch.nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    losses = []
    for _ in range(150):
        loss = criterion(model(x), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    prediction = model(torch.tensor([[4.0]]))
    return {"loss": torch.tensor(losses), "w": model.weight.detach(), "b": model.bias.detach(), "f(4)": prediction}


def main() -> bool:
    """Train under both engines, print both columns, draw the figure. True if they agree."""
    ours, theirs = both(program)
    print_row("epoch", "loss, minigrad", "loss, torch", "difference")
    for epoch in (1, 2, 3, 10, 25, 50, 75, 100, 125, 150):
        print_row(epoch, ours["loss"][epoch - 1].item(), theirs["loss"][epoch - 1].item())
    print()
    for name in ("w", "b", "f(4)"):
        print_row(name, ours[name].item(), theirs[name].item())
    print(f"\nfigure: {save_regression(X, Y, ours, theirs, ROUNDING)}\n")

    losses = [run.pop("loss") for run in (ours, theirs)]
    return agreed(
        {
            "w, b, f(4), to 4 ulp": compare(ours, theirs, ulp=4),
            "sqrt(loss), to 4 ulp of each prediction": compare(
                *(loss.sqrt() for loss in losses), atol=ROUNDING, where="sqrt(loss)"
            ),
        },
        "torch's SGD adds -lr * grad by a fused multiply-add, rounded once, where NumPy rounds the product, then the sum; "
        "and the sums inside the matrix products of the backward pass are rounded at other points. A small loss is what is "
        "left when predictions near 6 cancel against their targets: one last place of theirs is many of its own.",
    )
