"""Circular and hyperbolic functions, and the angle of a point.

Mirrors: aten/src/ATen/native/UnaryOps.cpp, BinaryOps.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import promote, to_floating, widened
from ..operator import differentiable, in_place
from .pointwise import constant, lowered, raised, scale

# --- circular functions -------------------------------------------------------------------------------------------------


@differentiable("SinBackward0", self=lambda grad, self: grad * self.cos())
def sin(self):
    """The sine."""
    return np.sin(to_floating(self))


@differentiable("CosBackward0", self=lambda grad, self: grad * -self.sin())
def cos(self):
    """The cosine."""
    return np.cos(to_floating(self))


@differentiable("TanBackward0", self=lambda grad, result: grad * raised(result**2, 1))
def tan(self):
    """The tangent."""
    return np.tan(to_floating(self))


@differentiable("AsinBackward0", self=lambda grad, self: grad * raised(-self * self, 1).rsqrt())
def asin(self):
    """The angle in ``[-pi/2, pi/2]`` whose sine is ``self``"""
    return np.arcsin(to_floating(self))


@differentiable("AcosBackward0", self=lambda grad, self: grad * -raised(-self * self, 1).rsqrt())
def acos(self):
    """The angle in ``[0, pi]`` whose cosine is ``self``"""
    return np.arccos(to_floating(self))


@differentiable("AtanBackward0", self=lambda grad, self: grad / raised(self * self, 1))
def atan(self):
    """The angle in ``[-pi/2, pi/2]`` whose tangent is ``self``"""
    return np.arctan(to_floating(self))


# --- hyperbolic functions -----------------------------------------------------------------------------------------------


@differentiable("SinhBackward0", self=lambda grad, self: grad * self.cosh())
def sinh(self):
    """``(exp(self) - exp(-self)) / 2``"""
    return np.sinh(to_floating(self))


@differentiable("CoshBackward0", self=lambda grad, self: grad * self.sinh())
def cosh(self):
    """``(exp(self) + exp(-self)) / 2``"""
    return np.cosh(to_floating(self))


@differentiable(
    "TanhBackwardBackward0",
    grad_output=lambda grad, result: tanh_backward(grad, result),
    result=lambda grad, grad_output, result: grad * (scale(result, -2) * grad_output),
)
def tanh_backward(grad_output, result):
    """``grad_output * (1 - result**2)``"""
    y = widened(result)
    return (grad_output * (1 - y * y)).astype(result.dtype, copy=False)


@differentiable("TanhBackward0", self=lambda grad, result: tanh_backward(grad, result))
def tanh(self):
    """``sinh(self) / cosh(self)``"""
    return np.tanh(to_floating(self))


@differentiable("AsinhBackward0", self=lambda grad, self: grad * raised(self**2, 1).rsqrt())
def asinh(self):
    """The number whose sinh is ``self``"""
    return np.arcsinh(to_floating(self))


@differentiable("AcoshBackward0", self=lambda grad, self: grad * lowered(self * self, 1).rsqrt())
def acosh(self):
    """The number from 0 on whose cosh is ``self``"""
    return np.arccosh(to_floating(self))


def atanh_backward(grad: Any, self: Any) -> Any:
    """``grad / (1 - self**2)``"""
    below_one = constant(1, self) - self**2
    return scale(grad, 1) / below_one


@differentiable("AtanhBackward0", self=atanh_backward)
def atanh(self):
    """The number whose tanh is ``self``"""
    return np.arctanh(to_floating(self))


# --- points in the plane ------------------------------------------------------------------------------------------------


def over_squared_radius(self: Any, other: Any, product: Any) -> Any:
    """``product() / (self**2 + other**2)``, and 0 at the origin, where no angle is defined."""
    width = other * other
    squared = self * self + width
    share = squared.reciprocal().masked_fill(squared == 0, 0)
    return product() * share


@differentiable(
    "Atan2Backward0",
    self=lambda grad, self, other: over_squared_radius(self, other, lambda: grad * other),
    other=lambda grad, self, other: over_squared_radius(self, other, lambda: grad * -self),
)
def atan2(self, other):
    """The angle of the point with height ``self`` and width ``other``, in ``[-pi, pi]``"""
    self, other = promote(self, other)
    return np.arctan2(to_floating(self), to_floating(other))


# --- in place -----------------------------------------------------------------------------------------------------------

sin_, cos_, tan_, asin_, acos_, atan_ = map(in_place, (sin, cos, tan, asin, acos, atan))
sinh_, cosh_, tanh_, asinh_, acosh_, atanh_ = map(in_place, (sinh, cosh, tanh, asinh, acosh, atanh))
atan2_ = in_place(atan2)
