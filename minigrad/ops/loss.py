"""Losses of a distance: how far predictions are from their targets, as one number or one per element.

Mirrors: aten/src/ATen/native/Loss.cpp, torch/nn/functional.py
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..autograd.variable import wrap
from ..dtypes import promote, widened_type
from ..operator import differentiable
from .elementary import abs
from .pointwise import mul, scale, sub, unscale
from .reduction import mean, sum
from .shape import expand_to_size

# --- reductions ---------------------------------------------------------------------------------------------------------

REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}  # the numbers are PyTorch's, as nodes save them


def reduction_number(reduction: str) -> int:
    """The number of a reduction. Raises ValueError for an unknown one."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction={reduction!r}: it must be 'none', 'mean' or 'sum'")
    return REDUCTIONS[reduction]


def legacy_reduction(size_average: bool | None, reduce: bool | None) -> str:
    """What the two arguments that came before ``reduction`` mean. Warns that they are deprecated."""
    size_average = True if size_average is None else size_average
    reduction = "none" if reduce is False else "mean" if size_average else "sum"
    warnings.warn(f"size_average and reduce are deprecated; write reduction={reduction!r}", UserWarning, stacklevel=4)
    return reduction


def chosen_reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """The reduction that a loss was called with, by its old arguments or the new one."""
    return reduction if size_average is None and reduce is None else legacy_reduction(size_average, reduce)


def reduced(loss: Any, reduction: int) -> Any:
    """The losses of the elements as they are, their mean, or their sum; of arrays."""
    if reduction == 0:
        return loss
    total = np.add.reduce(loss, None, widened_type(loss.dtype))
    if reduction == 1:
        total = total / loss.size
    return total if total.dtype is loss.dtype else total.astype(loss.dtype)


def apply_reduction(loss: Any, reduction: int) -> Any:
    """As ``reduced``, of tensors."""
    return loss if reduction == 0 else mean(loss) if reduction == 1 else sum(loss)


def per_element(numel: int, reduction: int) -> float:
    """The factor by which a reduction scales the gradient of every element."""
    return 1 / numel if reduction == 1 and numel else 1.0


def averaged(grad: Any, self: Any, reduction: int, weight: Any = None) -> Any:
    """The gradient of a sum, times the weights if there are any, as that of a mean, if the loss is one."""
    grad = grad if weight is None else grad * weight
    return unscale(grad, self._array.size) if reduction == 1 else grad


# --- shapes -------------------------------------------------------------------------------------------------------------


def _to_common_shape(operator: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Both expanded to the shape in which they meet. Raises RuntimeError if there is none.

    Warns, for the difference of (n, 1) and (n,) has n * n elements, and the fit goes wrong.
    """
    shapes = input._array.shape, target._array.shape
    try:
        common = np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError(f"{operator}: shapes {list(shapes[0])} and {list(shapes[1])} do not broadcast") from None
    warnings.warn(
        f"the input of this loss has shape {list(shapes[0])} and the target {list(shapes[1])}; their "
        f"difference is broadcast to {list(common)}, which compares every prediction with targets that are not its own. "
        f"Give both the same shape, for example with target.reshape(input.shape).",
        UserWarning,
        stacklevel=4,
    )
    input = input if shapes[0] == common else expand_to_size(input, common)
    return input, target if shapes[1] == common else expand_to_size(target, common)


def _prepared(operator: str, input: Any, target: Any, reduction: str) -> tuple[Any, Any, int]:
    """Input and target in their common shape, and the number of the reduction."""
    number = reduction_number(reduction)
    if input._array.shape != target._array.shape:
        input, target = _to_common_shape(operator, input, target)
    return input, target, number


def _weighted(loss: Any, weight: Any) -> Any:
    """The losses of the elements times their weights."""
    if weight._array.shape != loss._array.shape:
        raise ValueError(
            f"weight has shape {list(weight._array.shape)}, the losses {list(loss._array.shape)}; make them equal"
        )
    return mul(loss, weight)


def _reduced_weighted(loss: Any, weight: Any, reduction: int) -> Any:
    """The losses times their weights, reduced; the mean is divided by the sum of the weights."""
    weighted = _weighted(loss, weight)
    return sum(weighted) / sum(weight) if reduction == 1 else apply_reduction(weighted, reduction)


# --- mean squared error -------------------------------------------------------------------------------------------------


def mse_factor(grad: Any, self: Any, reduction: int) -> Any:
    """``2 * grad``, divided by the number of elements for the mean"""
    doubled = scale(grad, 2)
    return unscale(doubled, self.numel()) if reduction == 1 else doubled


def mse_loss_double_backward(grad: Any, grad_output: Any, self: Any, target: Any, reduction: int) -> Any:
    """``grad`` times the slope at each element, summed if ``grad_output`` is one number"""
    if reduction == 0:
        return mse_loss_backward(grad, self, target, reduction)
    of_one = mse_loss_backward(wrap(np.ones_like(grad_output._array)), self, target, reduction)
    return (of_one * grad).sum()


@differentiable(
    "MseLossBackwardBackward0",
    grad_output=mse_loss_double_backward,
    self=lambda grad, grad_output, self, reduction: mse_factor(grad * grad_output, self, reduction),
    target=lambda grad, grad_output, self, reduction: -mse_factor(grad * grad_output, self, reduction),
)
def mse_loss_backward(grad_output, self, target, reduction):
    """``2 * (self - target) * grad_output``, divided by the number of elements for the mean"""
    factor = 2 / max(self.size, 1) if reduction == 1 else 2
    difference = np.subtract(*promote(self, target))
    return difference * (grad_output * factor)


@differentiable(
    "MseLossBackward0",
    self=lambda grad, self, target, reduction: mse_loss_backward(grad, self, target, reduction),
    target=lambda grad, self, target, reduction: mse_loss_backward(grad, target, self, reduction),
)
def mse_loss_of(self, target, reduction):
    """``(self - target)**2``, reduced"""
    difference = np.subtract(*promote(self, target))
    return reduced(difference * difference, reduction)


def mse_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Any:
    """The squared difference of each element, reduced to the mean, the sum, or not at all ('none').

    Shapes should be equal; others broadcast, with a warning. ``weight`` has a weight for each element. Raises RuntimeError
    if shapes cannot broadcast, ValueError for an unknown reduction.

    >>> mse_loss(minigrad.tensor([1.0, 2.0]), minigrad.tensor([0.0, 4.0]))
    tensor(2.5000)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    input, target, number = _prepared("mse_loss", input, target, reduction)
    if weight is not None:
        return _reduced_weighted(sub(input, target) ** 2, weight, number)
    return mse_loss_of(input, target, number)


# --- mean absolute error ------------------------------------------------------------------------------------------------


def l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Any:
    """The absolute difference of each element, reduced. Shapes, weights and errors as for ``mse_loss``."""
    reduction = chosen_reduction(size_average, reduce, reduction)
    input, target, number = _prepared("l1_loss", input, target, reduction)
    distance = abs(sub(input, target))
    return apply_reduction(distance, number) if weight is None else _reduced_weighted(distance, weight, number)


# --- quadratic near 0, linear beyond ------------------------------------------------------------------------------------


def smooth_l1_double_backward(grad: Any, grad_output: Any, self: Any, target: Any, reduction: int, beta: float) -> Any:
    """``grad * grad_output / beta`` where the distance is below ``beta``, else 0"""
    grad = grad * grad_output
    inside = ((self - target).abs() < beta).to(grad.dtype)
    return averaged(unscale(grad * inside, beta), self, reduction)


@differentiable(
    "SmoothL1LossBackwardBackward0",
    grad_output=lambda grad, self, target, reduction, beta: smooth_l1_loss_backward(grad, self, target, reduction, beta),
    self=smooth_l1_double_backward,
    target=lambda grad, grad_output, self, target, reduction, beta: (
        -smooth_l1_double_backward(grad, grad_output, self, target, reduction, beta)
    ),
)
def smooth_l1_loss_backward(grad_output, self, target, reduction, beta):
    """``grad_output`` times the difference over ``beta``, cut off at -1 and 1"""
    slope = np.clip(np.subtract(*promote(self, target)) / self.dtype.type(beta), -1, 1)
    return slope * (grad_output * self.dtype.type(per_element(self.size, reduction)))


@differentiable(
    "SmoothL1LossBackward0",
    self=lambda grad, self, target, reduction, beta: smooth_l1_loss_backward(grad, self, target, reduction, beta),
    target=lambda grad, self, target, reduction, beta: smooth_l1_loss_backward(grad, target, self, reduction, beta),
)
def smooth_l1_loss_of(self, target, reduction, beta):
    """``d**2 / (2 * beta)`` where the distance ``d`` is below ``beta``, else ``d - beta / 2``; reduced"""
    distance = np.abs(np.subtract(*promote(self, target)))
    return reduced(np.where(distance < beta, 0.5 * distance * distance / beta, distance - 0.5 * beta), reduction)


def smooth_l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", beta: float = 1.0
) -> Any:
    """Quadratic where input and target are closer than ``beta``, and the absolute difference less ``beta / 2`` beyond.

    With ``beta=0`` it is ``l1_loss``. Raises RuntimeError for a negative ``beta``; otherwise as ``mse_loss``.

    >>> smooth_l1_loss(minigrad.tensor([1.0, 5.0]), minigrad.tensor([0.5, 2.0]), reduction="none")
    tensor([0.1250, 2.5000])
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss: beta={beta}; a distance cannot be negative")
    input, target, number = _prepared("smooth_l1_loss", input, target, reduction)
    if beta == 0:
        return apply_reduction(abs(sub(input, target)), number)
    return smooth_l1_loss_of(input, target, number, beta)


def huber_double_backward(grad: Any, grad_output: Any, self: Any, target: Any, reduction: int, delta: float) -> Any:
    """``grad * grad_output`` where the distance is below ``delta``, else 0"""
    return averaged(grad * grad_output * ((self - target).abs() < delta), self, reduction)


def huber_double_backward_grad_output(
    grad: Any, grad_output: Any, self: Any, target: Any, reduction: int, delta: float
) -> Any:
    """``grad`` times the slope at each element, summed if ``grad_output`` is one number"""
    if reduction == 0:
        return huber_loss_backward(grad, self, target, reduction, delta)
    slope = huber_loss_backward(scale(grad_output.zeros_like(), 0) + 1, self, target, reduction, delta)
    return (slope * grad).sum()


@differentiable(
    "HuberLossBackwardBackward0",
    grad_output=huber_double_backward_grad_output,
    self=huber_double_backward,
    target=lambda grad, grad_output, self, target, reduction, delta: (
        -huber_double_backward(grad, grad_output, self, target, reduction, delta)
    ),
)
def huber_loss_backward(grad_output, self, target, reduction, delta):
    """``grad_output`` times the difference, cut off at ``-delta`` and ``delta``"""
    slope = np.clip(np.subtract(*promote(self, target)), -delta, delta)
    return slope * (grad_output * self.dtype.type(per_element(self.size, reduction)))


@differentiable(
    "HuberLossBackward0",
    self=lambda grad, self, target, reduction, delta: huber_loss_backward(grad, self, target, reduction, delta),
    target=lambda grad, self, target, reduction, delta: huber_loss_backward(grad, target, self, reduction, delta),
)
def huber_loss_of(self, target, reduction, delta):
    """``d**2 / 2`` where the distance ``d`` is at most ``delta``, else ``delta * (d - delta / 2)``; reduced"""
    distance = np.abs(np.subtract(*promote(self, target)))
    return reduced(np.where(distance <= delta, 0.5 * distance * distance, delta * (distance - 0.5 * delta)), reduction)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """Quadratic where input and target are closer than ``delta``, and a line with slope ``delta`` beyond.

    Shapes, weights and errors as for ``mse_loss``; RuntimeError for a ``delta`` that is not positive.

    >>> huber_loss(minigrad.tensor([1.0, 5.0]), minigrad.tensor([0.5, 2.0]), reduction="none")
    tensor([0.1250, 2.5000])
    """
    if delta <= 0:
        raise RuntimeError(f"huber_loss: delta={delta}; the distance at which the loss becomes a line must be positive")
    input, target, number = _prepared("huber_loss", input, target, reduction)
    if weight is None:
        return huber_loss_of(input, target, number, delta)
    return apply_reduction(_weighted(huber_loss_of(input, target, 0, delta), weight), number)
