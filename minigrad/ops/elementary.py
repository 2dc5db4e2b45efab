"""Functions of one number, element by element: its size and sign, roots, exponentials, logarithms.

Mirrors: aten/src/ATen/native/UnaryOps.cpp
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dtypes import to_floating, widened
from ..operator import differentiable, in_place
from .choosing import where
from .pointwise import constant, raised, scale

# --- size and sign ------------------------------------------------------------------------------------------------------


@differentiable("AbsBackward0", self=lambda grad, self: grad * self.sgn())
def abs(self):
    """``|self|``; the derivative at 0 is taken as 0"""
    if self.dtype.kind == "b":
        raise NotImplementedError("abs of a bool tensor: a truth value has no sign")
    return np.abs(self)


def _sign_of(self: Any) -> Any:
    """-1, 0 or 1; and 0 for NaN, as neither ``0 < nan`` nor ``nan < 0``."""
    if self.dtype.kind in "bu":
        return (self > 0).astype(self.dtype)
    return (self > 0).astype(self.dtype) - (self < 0)


@differentiable("SgnBackward0", self=lambda grad, self, result: grad.zeros_like())  # both matter to a complex number only
def sgn(self):
    """-1, 0 or 1"""
    return _sign_of(self)


@differentiable("SignBackward0", self=lambda grad: grad.zeros_like())
def sign(self):
    """-1, 0 or 1"""
    return _sign_of(self)


# --- roots --------------------------------------------------------------------------------------------------------------


@differentiable("SqrtBackward0", self=lambda grad, result: grad / scale(result, 2))
def sqrt(self):
    """The square root."""
    return np.sqrt(to_floating(self))


def rsqrt_backward(grad: Any, result: Any) -> Any:
    """``-0.5 * grad * result**3``"""
    cubed = result**3
    return scale(grad, -0.5) * cubed


@differentiable("RsqrtBackward0", self=rsqrt_backward)
def rsqrt(self):
    """``1 / sqrt(self)``"""
    self = to_floating(self)
    return (1 / np.sqrt(widened(self))).astype(self.dtype, copy=False)


# --- exponentials and logarithms ----------------------------------------------------------------------------------------


@differentiable("ExpBackward0", self=lambda grad, result: grad * result)
def exp(self):
    """``e ** self``"""
    return np.exp(to_floating(self))


@differentiable("Exp2Backward0", self=lambda grad, result: scale(grad * result, math.log(2)))
def exp2(self):
    """``2 ** self``"""
    return np.exp2(to_floating(self))


@differentiable("Expm1Backward0", self=lambda grad, result: grad * raised(result, 1))
def expm1(self):
    """``e ** self - 1``, exact near 0 too"""
    return np.expm1(to_floating(self))


@differentiable("LogBackward0", self=lambda grad, self: grad / self)
def log(self):
    """The natural logarithm."""
    return np.log(to_floating(self))


@differentiable("Log2Backward0", self=lambda grad, self: grad / scale(self, math.log(2)))
def log2(self):
    """The logarithm to base 2."""
    return np.log2(to_floating(self))


@differentiable("Log10Backward0", self=lambda grad, self: grad / scale(self, math.log(10)))
def log10(self):
    """The logarithm to base 10."""
    return np.log10(to_floating(self))


@differentiable("Log1PBackward0", self=lambda grad, self: grad / raised(self, 1))
def log1p(self):
    """``log(1 + self)``, exact near 0 too"""
    return np.log1p(to_floating(self))


# --- the bell curve and its kin -----------------------------------------------------------------------------------------


def erf_of(x: Any) -> Any:
    """The error function of an array: NumPy has none, Python's is correct to the last digit or nearly so."""
    return np.fromiter(map(math.erf, x.ravel().tolist()), x.dtype, x.size).reshape(x.shape)


@differentiable("ErfBackward0", self=lambda grad, self: scale((-(self**2)).exp(), 2 / math.sqrt(math.pi)) * grad)
def erf(self):
    """``2 / sqrt(pi)`` times the integral of ``exp(-t**2)`` from 0 to ``self``"""
    return erf_of(to_floating(self))


def sigmoid_double_backward(grad: Any, grad_output: Any, result: Any) -> Any:
    """``grad * grad_output * (1 - 2 * result)``"""
    slope = raised(scale(result, -2), 1)  # before the product: so PyTorch's nodes are made
    return grad * grad_output * slope


@differentiable(
    "SigmoidBackwardBackward0",
    grad_output=lambda grad, result: sigmoid_backward(grad, result),
    result=sigmoid_double_backward,
)
def sigmoid_backward(grad_output, result):
    """``grad_output * (1 - result) * result``"""
    y = widened(result)
    return (grad_output * (1 - y) * y).astype(result.dtype, copy=False)


@differentiable("SigmoidBackward0", self=lambda grad, result: sigmoid_backward(grad, result))
def sigmoid(self):
    """``1 / (1 + exp(-self))``"""
    self = to_floating(self)
    return (1 / (1 + np.exp(-widened(self)))).astype(self.dtype, copy=False)


def logit_backward(grad: Any, self: Any, eps: float | None) -> Any:
    """``grad / (self * (1 - self))``, and nothing outside of the bounds"""
    low, high, outside = (0.0, 1.0, math.nan) if eps is None else (eps, 1.0 - eps, 0.0)
    return where((self >= low).logical_and(self <= high), grad / (self * (constant(1, self) - self)), outside)


@differentiable("LogitBackward0", self=logit_backward)
def logit(self, eps=None):
    """``log(self / (1 - self))``, of ``self`` cut off at ``eps`` and ``1 - eps`` if ``eps`` is given"""
    self = to_floating(self)
    x = widened(self)
    if eps is not None:
        x = np.minimum(np.maximum(x, eps), 1 - eps)
    return np.log(x / (1 - x)).astype(self.dtype, copy=False)


# --- in place -----------------------------------------------------------------------------------------------------------

abs_, sgn_, sign_, sqrt_, rsqrt_ = map(in_place, (abs, sgn, sign, sqrt, rsqrt))
exp_, exp2_, expm1_, log_, log2_, log10_, log1p_ = map(in_place, (exp, exp2, expm1, log, log2, log10, log1p))
erf_, sigmoid_, logit_ = map(in_place, (erf, sigmoid, logit))
