"""Finding where the first nan of a backward pass arises.

Mirrors: torch/autograd/anomaly_mode.py, torch/csrc/autograd/anomaly_mode.cpp
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .graph import Node
from .place import describe


class _Anomaly:
    """Whether passes look for nan: one setting for all threads, as in PyTorch."""

    enabled = False
    check_nan = True


anomaly = _Anomaly()


class set_detect_anomaly:
    """Switch the search for nan on or off at once; as a ``with`` block, only until its end."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.before = anomaly.enabled, anomaly.check_nan
        anomaly.enabled, anomaly.check_nan = mode, check_nan

    def __enter__(self) -> None:
        """The switch was thrown when this object was made."""

    def __exit__(self, *error: object) -> None:
        anomaly.enabled, anomaly.check_nan = self.before


class detect_anomaly(set_detect_anomaly):
    """Inside this ``with`` block, a backward pass stops at the node that first makes a nan, and says where it came from.

    Warns, since every gradient is looked through: it is for the search, not for training.

    >>> import minigrad, warnings
    >>> warnings.simplefilter("ignore")
    >>> x = minigrad.tensor([0.0], requires_grad=True)
    >>> with detect_anomaly():
    ...     (x.sqrt() * 0).sum().backward()
    Traceback (most recent call last):
    ...
    RuntimeError: SqrtBackward0 made the first nan of this backward pass, in the gradient of its input 0.
    ...
    """

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__(True, check_nan)

    def __enter__(self) -> None:
        warnings.warn(
            "detect_anomaly looks through every gradient; use it to find a nan, not to train", UserWarning, stacklevel=2
        )


def refuse_nan(node: Node, gradients: list[Any], outputs: tuple[Any, ...]) -> None:
    """Raise RuntimeError if a node made a nan of its gradients: with its name, its line, and what it worked on."""
    for position, output in enumerate(outputs):
        if output is None or not np.isnan(output._array).any():
            continue
        came_in = ", ".join("None" if g is None else _values(g) for g in gradients)
        saved = "".join(f"\n  saved {name}: {_values(value)}" for name, value in node.saved_values().items())
        raise RuntimeError(
            f"{node.name()} made the first nan of this backward pass, in the gradient of its input {position}.\n"
            f"  forward:     {describe(node.place)}\n"
            f"  gradient in: {came_in}{saved}\n"
            f"Look for 0 * inf, inf - inf and 0 / 0 in its formula; keep the forward value away from where its slope is infinite."
        )


def _values(tensor: Any) -> str:
    """The elements of a small tensor, the shape of a large one."""
    if not hasattr(tensor, "_array"):
        return repr(tensor)
    return str(tensor.tolist()) if tensor.numel() <= 8 else f"shape {list(tensor.shape)}"
