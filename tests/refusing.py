"""Lines of code that an operator must refuse, or carry out, as torch does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import minigrad

SETUP: dict[str, Callable[[Any], Any]] = {
    "x": lambda torch: torch.tensor(np.arange(24, dtype=np.float32).reshape(2, 3, 4)),
    "v": lambda torch: torch.tensor([1.0, 2.0, 3.0]),
    "n": lambda torch: torch.tensor([1, 2, 3]),
    "b": lambda torch: torch.tensor([1, 2, 3]).to(torch.uint8),
    "s": lambda torch: torch.tensor(3.0),
    "e": lambda torch: torch.zeros(0, 3),
    "leaf": lambda torch: torch.tensor([1.0, 2.0, 3.0], requires_grad=True),
    "i": lambda torch: torch.tensor([0, 1]),
    "far": lambda torch: torch.tensor([0, 7]),
    "before": lambda torch: torch.tensor([-9]),
    "real": lambda torch: torch.tensor([0.0, 1.0]),
    "short": lambda torch: torch.tensor([0, 1]).to(torch.int16),
    "mask": lambda torch: torch.tensor([[True, False, True], [False, True, True]]),
    "double": lambda torch: torch.tensor([1.0, 2.0], dtype=torch.float64),
}


def outcome(torch: Any, code: str) -> tuple[str, dict[str, Any]]:
    """The type of the exception that a line of code raises, its text, and all values after it."""
    names = {name: make(torch) for name, make in SETUP.items()}
    raised = ("none", "")
    try:
        exec(code, {"torch": torch, "np": np, **names})
    except Exception as error:
        raised = (type(error).__name__, str(error))
    return raised, {name: value.tolist() for name, value in names.items()}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace("\n", ";").split(";") if line.strip()]


def refused_alike(code: str) -> None:
    """Check that a line raises an exception of torch's type, with a text of our own, and changes no value."""
    (ours, text), values = outcome(minigrad, code)
    (theirs, torchs_text), _ = outcome(torch, code)
    assert theirs != "none"
    assert ours == theirs, text
    assert text
    assert text != torchs_text
    assert values == outcome(minigrad, "")[1]
