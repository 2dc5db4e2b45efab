"""Too small, right, too large, on the same data."""

from __future__ import annotations

from typing import Any

from reference import compare

from .figures import save_learning_rates
from .report import agreed
from .run import both

X, Y = [0.0, 1.0, 2.0, 4.0], [0.0, 2.0, 4.0, 8.0]
RATES = {"too small": 1 / 256, "right": 1 / 8, "too large": 1 / 4}  # powers of two: lr * grad needs no rounding


def program(torch: Any, steps: int) -> dict[str, dict[str, Any]]:
    """Fit y = w x with each rate, from w = 0. Returns for each rate every w, and the loss there."""
    x, y = torch.tensor(X), torch.tensor(Y)
    runs = {}
    for name, lr in RATES.items():
        w = torch.tensor(0.0, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=lr)
        path, losses = [], []
        for _ in range(steps):
            optimizer.zero_grad()
            loss = ((w * x - y) ** 2).mean()
            loss.backward()
            path.append(w.item())
            losses.append(loss.item())
            optimizer.step()
        runs[name] = {"w": torch.tensor(path), "loss": torch.tensor(losses)}
    return runs


def main() -> bool:
    """Train under both engines, print a table, draw the figure. True if they agree."""
    ours, theirs = both(program, 12)
    curvature = 2 * sum(x * x for x in X) / len(X)
    print("The loss is a parabola in w with its lowest point at w = 2 and the second")
    print(f"derivative h = mean(2 x^2) = {curvature:g}. So one step takes w - 2 times 1 - lr * h:")
    print()
    print(f"  {'':11}{'lr':>10}{'1 - lr * h':>12}{'w, step 1':>12}{'2':>9}{'3':>9}{'12':>10}")
    for name, lr in RATES.items():
        w = ours[name]["w"].tolist()
        print(f"  {name:11}{lr:10.6f}{1 - lr * curvature:12.3f}{w[1]:12.4f}{w[2]:9.4f}{w[3]:9.4f}{w[-1]:10.4f}")
    print(f"\nBeyond lr = 2 / h = {2 / curvature:.4f} the factor is below -1: each step lands further away.")
    print(f"\nfigure: {save_learning_rates(X, Y, ours, theirs)}\n")
    return agreed({name: compare(ours[name], theirs[name]) for name in RATES})
