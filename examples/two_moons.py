"""A small network tells two moons apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reference import compare

from .figures import save_two_moons
from .report import agreed, print_row
from .run import RUN, both, progress


def program(torch: Any, steps: int) -> dict[str, Any]:
    """The data, the network, the training, and what it says in every place of a grid; all in float64."""
    torch.manual_seed(0)
    double = torch.float64

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = torch.nn.Linear(2, 16, dtype=double)
            self.middle = torch.nn.Linear(16, 16, dtype=double)
            self.output = torch.nn.Linear(16, 1, dtype=double)

        def forward(self, x: Any) -> Any:
            return self.output(torch.tanh(self.middle(torch.tanh(self.hidden(x)))))

    angle = math.pi * torch.rand(100, dtype=double)
    upper = torch.stack([torch.cos(angle), torch.sin(angle)], dim=1)
    lower = torch.stack([1 - torch.cos(angle), 0.5 - torch.sin(angle)], dim=1)
    x = torch.cat([upper, lower]) + 0.12 * torch.randn(200, 2, dtype=double)
    y = torch.cat([torch.ones(100, 1, dtype=double), torch.zeros(100, 1, dtype=double)])

    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.9)
    losses = []
    for _ in progress(range(steps), "two_moons"):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    across, up = torch.linspace(-1.6, 2.6, 85, dtype=double), torch.linspace(-1.2, 1.7, 59, dtype=double)
    grid = torch.stack([across.expand(59, 85), up.reshape(59, 1).expand(59, 85)], dim=2).reshape(-1, 2)
    with torch.no_grad():
        plane = torch.sigmoid(net(grid)).reshape(59, 85)
        right = ((net(x) > 0) == (y == 1)).sum().item()
    return {
        "loss": torch.tensor(losses, dtype=double),
        "right": right,
        "plane": plane,
        "across": across,
        "up": up,
        "x": x,
        "y": y,
    }


def main() -> bool:
    """Train under both engines, print both columns, draw the figure. True if they agree."""
    steps = 100 if RUN.get().quick else 400
    ours, theirs = both(program, steps)
    print_row("step", "loss, minigrad", "loss, torch", "difference")
    for step in (1, 2, 5, 10, 20, 50, 100, 200, 300, 400):
        if step <= steps:
            print_row(step, ours["loss"][step - 1].item(), theirs["loss"][step - 1].item())
    print(f"\nTold apart rightly, of 200 points: {ours['right']} under minigrad, {theirs['right']} under torch.")
    print(f"\nfigure: {save_two_moons(ours['x'], ours['y'], ours, theirs)}\n")
    rounding = 16 * steps * np.spacing(1.0)
    return agreed(
        {f"loss and probabilities, to {rounding:.1g}": compare(ours, theirs, atol=rounding)},
        "NumPy and torch compute exp and tanh, and add the terms of a matrix product, with other roundings in the last place. "
        "Each step of the training starts from the roundings of all steps before, so a few ulp of 1 are allowed for each.",
    )
