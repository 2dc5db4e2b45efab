"""Activations with a kink at 0, or at their bounds; the smooth ones are in ``smooth.py``.

Mirrors: aten/src/ATen/native/Activation.cpp, torch/nn/functional.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import widened
from ..operator import differentiable, in_place


def refuse_integers(operator: str, self: Any) -> None:
    """Raises NotImplementedError for a tensor of whole numbers or truth values."""
    if self.dtype.kind != "f":
        raise NotImplementedError(f"{operator} of dtype {self.dtype.name}: its values are no whole numbers; use x.float()")


def where_true(mask: Any, array: Any) -> Any:
    """The elements of a floating array where the mask is true, 0 elsewhere.

    NOTE [No branches]: at each element ``np.where`` branches, and of an irregular mask the processor guesses every other
    branch wrong, which costs ten times the work. So the bits are and-ed with all ones or all zeros. To multiply by the mask
    would be as fast, but makes nan of inf.
    """
    ones = -np.asarray(mask, f"i{array.itemsize}")
    return (array.view(ones.dtype) & ones).view(array.dtype)


# --- straight lines with a kink -----------------------------------------------------------------------------------------


@differentiable(
    "ThresholdBackwardBackward0",
    grad_output=lambda grad, result: threshold_backward(grad, result),
    result=lambda grad: grad.zeros_like(),
)
def threshold_backward(grad_output, result):
    """0 where ``result <= 0``, else ``grad_output``: so NaN lets it pass"""
    return where_true(~(result <= 0), grad_output)


@differentiable("ReluBackward0", self=lambda grad, result: threshold_backward(grad, result))
def relu(self):
    """``max(self, 0)``; the derivative at 0 is taken as 0"""
    if self.dtype.kind == "b":
        raise RuntimeError("relu of a bool tensor: a truth value has no sign")
    return np.maximum(self, 0)


@differentiable(
    "LeakyReluBackwardBackward0",
    grad_output=lambda grad, self, negative_slope: leaky_relu_backward(grad, self, negative_slope),
    self=lambda grad: grad.zeros_like(),
)
def leaky_relu_backward(grad_output, self, negative_slope):
    """``grad_output`` where ``self > 0``, else ``negative_slope * grad_output``"""
    return np.where(self > 0, grad_output, grad_output * negative_slope)


@differentiable(
    "LeakyReluBackward0", self=lambda grad, self, negative_slope: leaky_relu_backward(grad, self, negative_slope)
)
def leaky_relu_of(self, negative_slope=0.01):
    """``self`` where it is positive, else ``negative_slope * self``; the derivative at 0 is ``negative_slope``"""
    refuse_integers("leaky_relu", self)
    return np.where(self > 0, self, self * negative_slope)


@differentiable(
    "LeakyReluBackward1", self=lambda grad, result, negative_slope: leaky_relu_backward(grad, result, negative_slope)
)
def leaky_relu_kept(self, negative_slope=0.01):
    """As ``leaky_relu``, but told by its result, which has the sign of what was there: for the form in place"""
    refuse_integers("leaky_relu_", self)
    return np.where(self > 0, self, self * negative_slope)


@differentiable(
    "HardtanhBackwardBackward0",
    grad_output=lambda grad, self, min_val, max_val: hardtanh_backward(grad, self, min_val, max_val),
    self=lambda grad: grad.zeros_like(),
)
def hardtanh_backward(grad_output, self, min_val, max_val):
    """``grad_output`` where ``self`` lies between the bounds, else 0"""
    return where_true(~((self <= min_val) | (self >= max_val)), grad_output)


@differentiable(
    "HardtanhBackward0", self=lambda grad, self, min_val, max_val: hardtanh_backward(grad, self, min_val, max_val)
)
def hardtanh_of(self, min_val=-1.0, max_val=1.0):
    """``self`` kept between ``min_val`` and ``max_val``; the derivative at these is taken as 0"""
    if self.dtype.kind == "b":
        raise RuntimeError("hardtanh of a bool tensor: it has no bounds to reach")
    if self.dtype.kind == "u" and min_val < 0:
        raise RuntimeError(f"hardtanh of dtype {self.dtype.name} with min_val={min_val}, which that type cannot hold")
    low, high = self.dtype.type(min_val), self.dtype.type(max_val)
    return np.minimum(np.maximum(self, low), high)


# --- exponential below 0 ------------------------------------------------------------------------------------------------


def elu_double_backward(
    grad: Any, grad_output: Any, self_or_result: Any, alpha: float, scale: float, input_scale: float, is_result: bool
) -> Any:
    """The backward once more, below 0; above, it is a straight line."""
    curve = grad * grad_output * input_scale
    if not is_result:
        curve = elu_backward(curve, self_or_result, alpha, scale, input_scale, False)
    return curve * (self_or_result < 0)


@differentiable(
    "EluBackwardBackward0",
    grad_output=lambda grad, self_or_result, alpha, scale, input_scale, is_result: elu_backward(
        grad, self_or_result, alpha, scale, input_scale, is_result
    ),
    self_or_result=elu_double_backward,
)
def elu_backward(grad_output, self_or_result, alpha, scale, input_scale, is_result):
    """``grad_output * scale`` above 0; below, times ``alpha * input_scale * exp(input_scale * self)``"""
    grad_output, x = widened(grad_output), widened(self_or_result)
    if not is_result:
        below = grad_output * (alpha * scale * input_scale) * np.exp(x * input_scale)
    elif alpha < 0:
        raise RuntimeError(f"elu_ with alpha={alpha}: its result does not tell on which side of 0 it was made; use elu")
    else:
        below = grad_output * input_scale * (x + alpha * scale)
    return np.where(x <= 0, below, grad_output * scale).astype(self_or_result.dtype, copy=False)


def _elu(self: Any, alpha: float, scale: float, input_scale: float) -> Any:
    refuse_integers("elu", self)
    x = widened(self)
    below = np.expm1(x * input_scale) * (alpha * scale)
    return np.where(x < 0, below, x * scale).astype(self.dtype, copy=False)


@differentiable(
    "EluBackward0",
    self=lambda grad, self, alpha, scale, input_scale: elu_backward(grad, self, alpha, scale, input_scale, False),
)
def elu_of(self, alpha=1, scale=1, input_scale=1):
    """``scale * self`` above 0, ``scale * alpha * (exp(input_scale * self) - 1)`` below"""
    return _elu(self, alpha, scale, input_scale)


@differentiable(
    "EluBackward1",
    self=lambda grad, result, alpha, scale, input_scale: elu_backward(grad, result, alpha, scale, input_scale, True),
)
def elu_kept(self, alpha=1, scale=1, input_scale=1):
    """As ``elu``, but told by its result: for the form in place"""
    return _elu(self, alpha, scale, input_scale)


# --- as torch.nn.functional calls them ----------------------------------------------------------------------------------

relu_, leaky_relu_, hardtanh_, elu_ = map(in_place, (relu, leaky_relu_kept, hardtanh_of, elu_kept))


def functional_relu(input: Any, inplace: bool = False) -> Any:
    """``max(input, 0)``; the derivative at 0 is taken as 0."""
    return relu_(input) if inplace else relu(input)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """``input`` where it is positive, else ``negative_slope * input``; the derivative at 0 is ``negative_slope``.

    >>> leaky_relu(minigrad.tensor([2.0, -2.0]))
    tensor([ 2.0000, -0.0200])
    """
    return (leaky_relu_ if inplace else leaky_relu_of)(input, negative_slope)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """``input`` kept between ``min_val`` and ``max_val``; the derivative at these is taken as 0.

    Raises ValueError if the bounds cross.
    """
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val={min_val} is above max_val={max_val}")
    return (hardtanh_ if inplace else hardtanh_of)(input, min_val, max_val)


def relu6(input: Any, inplace: bool = False) -> Any:
    """``input`` kept between 0 and 6."""
    return (hardtanh_ if inplace else hardtanh_of)(input, 0, 6)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """``input`` above 0, ``alpha * (exp(input) - 1)`` below.

    >>> elu(minigrad.tensor([2.0, -2.0]))
    tensor([ 2.0000, -0.8647])
    """
    return (elu_ if inplace else elu_of)(input, alpha)


def selu(input: Any, inplace: bool = False) -> Any:
    """The ``elu`` with the two constants that keep mean 0 and variance 1 from layer to layer."""
    return (elu_ if inplace else elu_of)(input, 1.6732632423543772, 1.0507009873554805)
