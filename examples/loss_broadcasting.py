"""(n, 1) against (n,): no error, and a wrong fit."""

from __future__ import annotations

import warnings
from typing import Any

from .report import written_alike


def program(torch: Any) -> list[str]:
    """Fit y = 2 x + 1 with labels of the wrong, then of the right shape. Returns the lines of the report."""
    x = torch.tensor([[0.0], [1.0], [2.0], [3.0]])
    labels = torch.tensor([1.0, 3.0, 5.0, 7.0])
    prediction = torch.tensor([[1.0], [3.0], [5.0], [7.0]])  # without fault
    difference = prediction - labels

    def fit(y: Any) -> tuple[float, float, float]:
        w, b = torch.zeros(1, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([w, b], lr=0.1)
        for _ in range(400):
            optimizer.zero_grad()
            loss = ((x @ w + b - y) ** 2).mean()
            loss.backward()
            optimizer.step()
        return round(w.item(), 3) + 0.0, round(b.item(), 3) + 0.0, round(loss.item(), 3) + 0.0

    wrong, right = fit(labels), fit(labels.reshape(-1, 1))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.nn.MSELoss()(prediction, labels)
    return [
        f"prediction {list(prediction.shape)} - labels {list(labels.shape)} = difference {list(difference.shape)}:",
        "",
        *(f"  {row}" for row in difference.tolist()),
        "",
        "The prediction is without fault, but each was held against all 4 labels.",
        f"Its loss is {(difference**2).mean().item():g}. With labels.reshape(-1, 1) it is "
        f"{((prediction - labels.reshape(-1, 1)) ** 2).mean().item():g}.",
        "",
        "Descent on the mean of all these squares, 400 steps; the truth is y = 2 x + 1:",
        "",
        "  labels     w        b        loss",
        f"  (n,)       {wrong[0]:<9}{wrong[1]:<9}{wrong[2]}",
        f"  (n, 1)     {right[0]:<9}{right[1]:<9}{right[2]}",
        "",
        "Held against all labels at once, a model does best to say their mean, 4, always.",
        "It looks like a model that cannot learn.",
        "",
        f"nn.MSELoss on the same shapes computes the same, with a {caught[0].category.__name__}.",
    ]


def main() -> bool:
    """Print the report once, and say whether both engines wrote the same. True if they did."""
    return written_alike(program)
