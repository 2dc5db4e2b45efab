"""Losses as modules.

Mirrors: torch/nn/modules/loss.py
"""

from __future__ import annotations

from typing import Any

from ..ops.loss import legacy_reduction
from . import functional
from .module import Module


class _Loss(Module):
    """A loss with its reduction: 'mean', 'sum' or 'none'."""

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__()
        old = size_average is not None or reduce is not None
        self.reduction = legacy_reduction(size_average, reduce) if old else reduction


class L1Loss(_Loss):
    """The mean (or sum, or each) of ``|input - target|``.

    >>> import minigrad
    >>> L1Loss()(minigrad.tensor([1.0, 2.0]), minigrad.tensor([0.0, 4.0]))
    tensor(1.5000)
    """

    def forward(self, input: Any, target: Any) -> Any:
        return functional.l1_loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """The mean (or sum, or each) of ``(input - target)**2``.

    >>> import minigrad
    >>> MSELoss()(minigrad.tensor([1.0, 2.0]), minigrad.tensor([0.0, 4.0]))
    tensor(2.5000)
    """

    def forward(self, input: Any, target: Any) -> Any:
        return functional.mse_loss(input, target, reduction=self.reduction)
