"""Losses: how far predictions are from their targets, as one number or one per element.

Mirrors: aten/src/ATen/native/Loss.cpp, torch/nn/functional.py
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..dtypes import promote
from ..operator import differentiable

REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}  # the numbers are PyTorch's, as nodes save them


def reduction_number(reduction: str) -> int:
    """The number of a reduction. Raises ValueError for an unknown one."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction={reduction!r}: it must be 'none', 'mean' or 'sum'")
    return REDUCTIONS[reduction]


def reduced(loss: Any, reduction: int) -> Any:
    """The losses of the elements as they are, their mean, or their sum."""
    if reduction == 0:
        return loss
    total = np.sum(loss, dtype=loss.dtype)
    return total if reduction == 2 else np.true_divide(total, loss.size, dtype=loss.dtype)


@differentiable(
    "MseLossBackwardBackward0",
    grad_output=lambda grad, self, target, reduction: mse_loss_double_backward(grad, self, target, reduction),
    self=lambda grad, grad_output, self, reduction: mse_factor(grad * grad_output, self, reduction),
    target=lambda grad, grad_output, self, reduction: -mse_factor(grad * grad_output, self, reduction),
)
def mse_loss_backward(grad_output, self, target, reduction):
    """``2 * (self - target) * grad_output``, divided by the number of elements for the mean"""
    factor = 2 / max(self.size, 1) if reduction == 1 else 2
    difference = np.subtract(*promote(self, target))
    return difference * (difference.dtype.type(factor) * grad_output)


def mse_factor(grad: Any, self: Any, reduction: int) -> Any:
    return grad * (2 / max(self.numel(), 1) if reduction == 1 else 2)


def mse_loss_double_backward(grad: Any, self: Any, target: Any, reduction: int) -> Any:
    product = mse_factor(grad * (self - target), self, reduction)
    return product if reduction == 0 else product.sum()


@differentiable(
    "MseLossBackward0",
    self=lambda grad, self, target, reduction: mse_loss_backward(grad, self, target, reduction),
    target=lambda grad, self, target, reduction: mse_loss_backward(grad, target, self, reduction),
)
def mse_loss_of(self, target, reduction):
    """``(self - target)**2``, reduced"""
    difference = np.subtract(*promote(self, target))
    return reduced(difference * difference, reduction)


def mse_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Any:
    """The squared difference of each element, reduced to the mean, the sum, or not at all ('none').

    Shapes should be equal; others broadcast, with a warning. Raises RuntimeError if they cannot, ValueError for an
    unknown reduction.

    >>> import minigrad
    >>> mse_loss(minigrad.tensor([1.0, 2.0]), minigrad.tensor([0.0, 4.0]))
    tensor(2.5000)
    """
    if size_average is not None or reduce is not None:
        reduction = legacy_reduction(size_average, reduce)
    check_target_size(input, target)
    return mse_loss_of(input, target, reduction_number(reduction))


def l1_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Any:
    """The absolute difference of each element, reduced to the mean, the sum, or not at all ('none').

    Shapes, warnings and errors are those of ``mse_loss``; as in PyTorch the graph shows its parts, and no node of its own.

    >>> import minigrad
    >>> l1_loss(minigrad.tensor([1.0, 2.0]), minigrad.tensor([0.0, 4.0]))
    tensor(1.5000)
    """
    if size_average is not None or reduce is not None:
        reduction = legacy_reduction(size_average, reduce)
    check_target_size(input, target)
    number = reduction_number(reduction)
    loss = (input - target).abs()
    return loss if number == 0 else loss.mean() if number == 1 else loss.sum()


def legacy_reduction(size_average: bool | None, reduce: bool | None) -> str:
    """What the two arguments that came before ``reduction`` mean. Warns that they are deprecated."""
    size_average = True if size_average is None else size_average
    reduction = "none" if reduce is False else "mean" if size_average else "sum"
    warnings.warn(f"size_average and reduce are deprecated; write reduction={reduction!r}", UserWarning, stacklevel=4)
    return reduction


def check_target_size(input: Any, target: Any) -> None:
    """Warn when a loss would broadcast: the difference of (n, 1) and (n,) has n * n elements, and the fit goes wrong."""
    if input._array.shape != target._array.shape:
        try:
            difference: Any = list(np.broadcast_shapes(input._array.shape, target._array.shape))
        except ValueError:
            return  # the loss itself will say that the shapes do not fit
        warnings.warn(
            f"the input of this loss has shape {list(input._array.shape)} and the target {list(target._array.shape)}; their "
            f"difference is broadcast to {difference}, which compares every prediction with targets that are not its own. "
            f"Give both the same shape, for example with target.reshape(input.shape).",
            UserWarning,
            stacklevel=4,
        )
