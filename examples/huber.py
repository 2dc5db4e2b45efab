"""Squared, absolute and Huber's error on data with outliers."""

from __future__ import annotations

from typing import Any

from reference import compare

from .figures import save_huber
from .report import agreed, print_row
from .run import both

STEPS = 150


def program(torch: Any) -> dict[str, Any]:
    """A line through 50 points near y = 2x + 1, six of which are far above it. Returns the points and the three lines."""
    torch.manual_seed(0)
    x = torch.rand(50, 1) * 2 - 1
    y = 2 * x + 1 + 0.2 * torch.randn(50, 1)
    y[x > 0.7] += 5
    criteria = {
        "MSELoss": torch.nn.MSELoss(),
        "L1Loss": torch.nn.L1Loss(),
        "HuberLoss": torch.nn.HuberLoss(delta=0.5),
    }
    found: dict[str, Any] = {"x": x, "y": y}
    for name, criterion in criteria.items():
        model = torch.nn.Linear(1, 1)
        torch.nn.init.zeros_(model.weight)
        torch.nn.init.zeros_(model.bias)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
        for _ in range(STEPS):
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        far = (model(x) - y).detach().abs().flatten()
        found[name] = {"w": model.weight.detach(), "b": model.bias.detach(), "median": far.median()}
    return found


def main() -> bool:
    """Fit under both engines, print the three lines beside the true one, draw them. True if they agree."""
    ours, theirs = both(program)
    print_row("", "minigrad", "torch", "difference")
    for name in ("MSELoss", "L1Loss", "HuberLoss"):
        print(f"{name}:")
        for value in ours[name]:
            print_row(value, ours[name][value].item(), theirs[name][value].item())
    print("true line: w = 2, b = 1. median: half of the points are nearer than this.")
    print(f"\nfigure: {save_huber(ours, theirs)}\n")
    return agreed(
        {"data and lines, to an ulp a step": compare(ours, theirs, ulp=STEPS)},
        "the mean over the points is summed in another order, and torch's SGD rounds once where NumPy rounds twice: each "
        "step may move the line by an ulp. The absolute error's gradient is the sign of each distance, and takes no notice.",
    )
