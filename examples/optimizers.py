"""One regression by eight optimisers, from the same start."""

from __future__ import annotations

from typing import Any

from reference import compare

from .figures import save_optimizers
from .report import agreed, print_row
from .run import both, progress

# Each with the learning rate that suits its kind of step.
SETTINGS = {
    "SGD": {"lr": 0.02, "momentum": 0.8},
    "Adagrad": {"lr": 0.5},
    "Adam": {"lr": 0.1},
    "AdamW": {"lr": 0.1, "weight_decay": 0.1},
    "Adamax": {"lr": 0.15},
    "ASGD": {"lr": 0.03},
    "RMSprop": {"lr": 0.03},
    "Rprop": {"lr": 0.05},
}
STEPS = 100


def program(torch: Any) -> dict[str, Any]:
    """A column of weights from 200 samples, one feature three times as wide as the other. Returns losses and weights."""
    torch.manual_seed(0)
    x = torch.randn(200, 2) * torch.tensor([1.0, 3.0])
    y = x @ torch.tensor([[2.0], [-3.4]]) + 4.2 + 0.5 * torch.randn(200, 1)
    found = {}
    for name, settings in progress(list(SETTINGS.items()), "optimizers"):
        torch.manual_seed(1)
        model = torch.nn.Linear(2, 1)
        optimizer = getattr(torch.optim, name)(model.parameters(), **settings)
        losses = []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        found[name] = {"loss": torch.tensor(losses), "weight": model.weight.detach(), "bias": model.bias.detach()}
    return found


def main() -> bool:
    """Train under both engines, print the losses, draw eight pairs of curves. True if they agree."""
    ours, theirs = both(program)
    print_row("", "last loss, minigrad", "last loss, torch", "difference")
    for name in SETTINGS:
        print_row(name, *(run[name]["loss"][-1].item() for run in (ours, theirs)))
    print(f"\nfigure: {save_optimizers(ours, theirs)}\n")
    return agreed(
        {"losses and weights, to an ulp a step": compare(ours, theirs, ulp=STEPS)},
        "NumPy and torch add the terms of a mean and of a matrix product in different orders, and torch fuses the "
        "multiplications and additions of an update. Each step may move a weight by an ulp, and the next step starts there.",
    )
