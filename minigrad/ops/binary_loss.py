"""Losses of a yes or no: how improbable the right answer is.

Mirrors: aten/src/ATen/native/Loss.cpp (binary_cross_entropy), torch/csrc/autograd/FunctionsManual.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..operator import differentiable, non_differentiable
from .loss import averaged, chosen_reduction, per_element, reduced, reduction_number
from .pointwise import raised
from .shape import expand_to_size
from .smooth import logsigmoid

# --- of probabilities ---------------------------------------------------------------------------------------------------

_EPS = 1e-12  # below this PyTorch takes the variance of the answer, p * (1 - p), for 0


def bce_double_backward(grad: Any, grad_output: Any, self: Any, target: Any, weight: Any, reduction: int) -> Any:
    """The slope of the backward along ``self``"""
    near_zero, near_one = self + _EPS, 1 - self + _EPS
    curvature = (self * self - 2 * self * target + target) / (near_zero**2 * near_one**2)
    return averaged(curvature * (grad * grad_output), self, reduction, weight)


def bce_double_backward_grad_output(grad: Any, self: Any, target: Any, weight: Any, reduction: int) -> Any:
    """The slope of the loss, for the gradient of what arrived"""
    slope = (self - target) / ((self + _EPS) * (1 - self + _EPS)) * grad
    return averaged(slope, self, reduction, weight)


def bce_double_backward_target(grad: Any, grad_output: Any, self: Any, target: Any, weight: Any, reduction: int) -> Any:
    """The slope of the backward along ``target``"""
    slope = -grad * grad_output
    slope = slope if weight is None else slope * weight
    variance = (1 - self) * self
    return averaged(slope / variance.where(variance > _EPS, _EPS), self, reduction)


@differentiable(
    "BinaryCrossEntropyBackwardBackward0",
    grad_output=bce_double_backward_grad_output,
    self=bce_double_backward,
    target=bce_double_backward_target,
    weight=non_differentiable,
)
def binary_cross_entropy_backward(grad_output, self, target, weight, reduction):
    """``grad_output * (self - target) / (self * (1 - self))``, times the weight, for the mean divided by their number"""
    slope = grad_output * (self - target) / np.maximum((1 - self) * self, self.dtype.type(_EPS))
    if weight is not None:
        slope = slope * weight
    return slope * self.dtype.type(per_element(self.size, reduction))


def bce_backward_target(grad: Any, self: Any, target: Any, weight: Any, reduction: int) -> Any:
    """``-logit(self)`` times the gradient"""
    return averaged(-self.logit() * grad, target, reduction, weight)


@differentiable(
    "BinaryCrossEntropyBackward0",
    self=lambda grad, self, target, weight, reduction: binary_cross_entropy_backward(grad, self, target, weight, reduction),
    target=bce_backward_target,
    weight=non_differentiable,
)
def binary_cross_entropy_of(self, target, weight, reduction):
    """``-(target * log(self) + (1 - target) * log(1 - self))``, no logarithm below -100, times the weight, reduced"""
    if ((self < 0) | (self > 1)).any():
        raise RuntimeError(
            f"binary_cross_entropy takes probabilities, between 0 and 1; the input goes from {self.min()} to {self.max()}. "
            f"For any numbers there is binary_cross_entropy_with_logits."
        )
    lowest = self.dtype.type(-100)
    loss = (target - 1) * np.maximum(np.log1p(-self), lowest) - target * np.maximum(np.log(self), lowest)
    return reduced(loss if weight is None else loss * weight, reduction)


def _check_sizes(operator: str, input: Any, target: Any) -> None:
    if input._array.shape != target._array.shape:
        raise ValueError(
            f"{operator}: the target has shape {list(target._array.shape)}, the input {list(input._array.shape)}; they must "
            f"be equal, for example with target.reshape(input.shape)"
        )


def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """The negative log of the probability ``input`` of the answer yes, where ``target`` is 1, or of no, where it is 0.

    All have one shape; ``weight`` may broadcast to it. Raises ValueError for other shapes and an unknown reduction,
    RuntimeError for input that is no probability.

    >>> binary_cross_entropy(minigrad.tensor([0.5, 1.0]), minigrad.tensor([1.0, 1.0]))
    tensor(0.3466)
    """
    number = reduction_number(chosen_reduction(size_average, reduce, reduction))
    _check_sizes("binary_cross_entropy", input, target)
    if weight is not None:
        weight = expand_to_size(weight, np.broadcast_shapes(target._array.shape, weight._array.shape))
    return binary_cross_entropy_of(input, target, weight, number)


# --- of any numbers -----------------------------------------------------------------------------------------------------


def logits_backward(grad: Any, self: Any, target: Any, weight: Any, pos_weight: Any, reduction: int) -> Any:
    """``sigmoid(self) - target`` times the gradient"""
    if pos_weight is None:
        slope = self.sigmoid() - target
    else:
        yes = pos_weight * target
        slope = (raised(yes, 1) - target) * self.sigmoid() - yes
    return averaged(slope * grad, self, reduction, weight)


def logits_backward_target(grad: Any, self: Any, target: Any, weight: Any, pos_weight: Any, reduction: int) -> Any:
    """``-self`` times the gradient"""
    slope = -self if pos_weight is None else logsigmoid(-self) - logsigmoid(self) * pos_weight
    return averaged(slope * grad, target, reduction, weight)


@differentiable(
    "BinaryCrossEntropyWithLogitsBackward0",
    self=logits_backward,
    target=logits_backward_target,
    weight=non_differentiable,
    pos_weight=non_differentiable,
)
def binary_cross_entropy_with_logits_of(self, target, weight, pos_weight, reduction):
    """``(1 - target) * self - (1 + (pos_weight - 1) * target) * log(sigmoid(self))``, times the weight, reduced"""
    log_sigmoid = np.minimum(self, self.dtype.type(0)) - np.log1p(np.exp(-np.abs(self)))
    if pos_weight is not None:
        log_sigmoid = log_sigmoid * ((pos_weight - 1) * target + 1)
    loss = (1 - target) * self - log_sigmoid
    return reduced(loss if weight is None else loss * weight, reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """``binary_cross_entropy(sigmoid(input), target)``, without loss of precision where the sigmoid is near 0 or 1.

    ``pos_weight`` weighs the answers yes against the answers no. Shapes and errors as for ``binary_cross_entropy``.

    >>> binary_cross_entropy_with_logits(minigrad.tensor([0.0, 200.0]), minigrad.tensor([1.0, 0.0]), reduction="none")
    tensor([  0.6931, 200.0000])
    """
    number = reduction_number(chosen_reduction(size_average, reduce, reduction))
    _check_sizes("binary_cross_entropy_with_logits", input, target)
    return binary_cross_entropy_with_logits_of(input, target, weight, pos_weight, number)
