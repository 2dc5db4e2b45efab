"""Arithmetic, element by element, with broadcasting: sums, differences, products, quotients.

Mirrors: aten/src/ATen/native/BinaryOps.cpp, PointwiseOps.cpp, Lerp.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase, wrap
from ..dtypes import number_dtype, promote, promote_factor, to_floating, widened
from ..operator import differentiable, in_place
from .overloads import overloaded, overloaded_in_place


def constant(value: float, like: Any) -> Any:
    """A number as a 0-dim tensor of the type of ``like``: how formulas begin with a number, as in ``1 - x``."""
    return wrap(np.asarray(value, like._array.dtype))


def scaled(grad: Any, factor: float) -> Any:
    """The gradient times a constant that is nearly always 1, and then costs nothing."""
    return grad if factor == 1 else scale(grad, factor)


def times(alpha: float, other: Any) -> Any:
    """``alpha * other``, where an integer stays one. Raises RuntimeError for a fractional alpha that it cannot take."""
    if isinstance(other, np.ndarray) and other.dtype.kind != "f":
        if isinstance(alpha, float):
            raise RuntimeError(f"alpha={alpha} is a float, but the operands are {other.dtype.name}; write x.float() first")
        return (alpha * other).astype(other.dtype)
    return alpha * other


def is_truth(operand: Any) -> bool:
    """Whether an operand is, or consists of, truth values."""
    return isinstance(operand, bool) or (isinstance(operand, np.ndarray) and operand.dtype.kind == "b")


def is_floating(operand: Any) -> bool:
    """Whether an operand is, or consists of, floating numbers."""
    return (operand.dtype if isinstance(operand, np.ndarray) else number_dtype(operand)).kind == "f"


def no_difference() -> RuntimeError:
    """The refusal to subtract truth values."""
    return RuntimeError(
        "bool tensors: truth values have no difference; write a ^ b for `exactly one of both`, ~a for the opposite"
    )


# --- sums and differences -----------------------------------------------------------------------------------------------


def _in_part(combine: Any, self: Any, other: Any, alpha: float) -> Any:
    """``self`` and ``alpha * other`` combined; in float16 rounded once, at the end."""
    if self.dtype == np.float16:
        return _in_part(combine, widened(self), np.asarray(other, np.float32), alpha).astype(np.float16)
    return combine(self, times(alpha, other))


@differentiable("AddBackward0", self=lambda grad: grad, other=lambda grad, alpha: scaled(grad, alpha))
def add(self, other, *, alpha=1):
    """``self + alpha * other``"""
    self, other = promote(self, other)
    return self + other if alpha == 1 else _in_part(np.add, self, other, alpha)


@differentiable("SubBackward0", self=lambda grad: grad, other=lambda grad, alpha: scaled(-grad, alpha))
def sub(self, other, *, alpha=1):
    """``self - alpha * other``"""
    minuend, subtrahend = promote(self, other)
    if self.dtype.kind == "b" or (subtrahend is not other and is_truth(other)):
        raise no_difference()
    return minuend - subtrahend if alpha == 1 else _in_part(np.subtract, minuend, subtrahend, alpha)


def _subtracted(self: Any, other: Any, alpha: float) -> Any:
    subtrahend, minuend = promote(self, other)
    if self.dtype.kind == "b" or is_truth(other):
        raise no_difference()
    if alpha == 1:
        return minuend - subtrahend
    return _in_part(np.subtract, np.asarray(minuend, subtrahend.dtype), subtrahend, alpha)


@differentiable("RsubBackward1", self=lambda grad, alpha: scaled(-grad, alpha))
def rsub_number(self, other, alpha=1):
    """``other - alpha * self`` for a number ``other``"""
    return _subtracted(self, other, alpha)


@differentiable("RsubBackward0", self=lambda grad, alpha: scaled(-grad, alpha), other=lambda grad: grad)
def rsub_tensor(self, other, alpha=1):
    """``other - alpha * self``"""
    return _subtracted(self, other, alpha)


def rsub(self: Any, other: Any, *, alpha: float = 1) -> Any:
    """``other - alpha * self``"""
    return (rsub_tensor if isinstance(other, TensorBase) else rsub_number)(self, other, alpha)


# --- products and quotients ---------------------------------------------------------------------------------------------


@differentiable("MulBackward0", self=lambda grad, other: grad * other, other=lambda grad, self: grad * self)
def mul(self, other):
    """``self * other``"""
    self, other = promote_factor(self, other)
    return self * other


def div_backward_other(grad: Any, self: Any, other: Any) -> Any:
    """``-grad * self / other**2``"""
    slope = (self / other) / other
    return -grad * slope


@differentiable("DivBackward0", self=lambda grad, other: grad / other, other=div_backward_other)
def div(self, other):
    """``self / other``; the quotient of integers is floating"""
    if self.dtype.kind != "f" and not is_floating(other):
        self, other = to_floating(self), to_floating(np.asarray(other))
    self, other = promote_factor(self, other)
    return self / other


def reciprocal_backward(grad: Any, result: Any) -> Any:
    """``-grad / self**2``"""
    slope = result * result
    return -grad * slope


@differentiable("ReciprocalBackward0", self=reciprocal_backward)
def reciprocal(self):
    """``1 / self``"""
    return np.reciprocal(to_floating(self))


def rdiv(self: Any, other: Any) -> Any:
    """``other / self``"""
    return reciprocal(self) * other


@differentiable("MulBackward1", self=lambda grad, other: scale(grad, other))
def scale(self, other):
    """``self * other`` for a number ``other``: how formulas multiply by a constant"""
    return np.multiply(*promote_factor(self, other))


@differentiable("DivBackward1", self=lambda grad, other: unscale(grad, other))
def unscale(self, other):
    """``self / other`` for a number ``other``: how formulas divide by a constant"""
    return np.true_divide(*promote_factor(self, other))


@differentiable("SubBackward1", self=lambda grad: grad)
def lowered(self, other):
    """``self - other`` for a number ``other``: how formulas subtract a constant"""
    return np.subtract(*promote(self, other))


@differentiable("AddBackward1", self=lambda grad: grad)
def raised(self, other):
    """``self + other`` for a number ``other``: how formulas add a constant"""
    return np.add(*promote(self, other))


@differentiable("NegBackward0", self=lambda grad: -grad)
def neg(self):
    """``-self``"""
    if self.dtype.kind == "b":
        raise RuntimeError("neg of a bool tensor: a truth value has no sign; write ~mask for its opposite")
    return np.negative(self)


# --- of three tensors ---------------------------------------------------------------------------------------------------


def _same_type(operator: str, self: Any, **others: Any) -> None:
    for name, other in others.items():
        if other.dtype != self.dtype:
            raise RuntimeError(f"{operator} of dtype {self.dtype.name}: `{name}` must have it too, not {other.dtype.name}")
    if self.dtype.kind != "f":
        raise NotImplementedError(f"{operator} of dtype {self.dtype.name}: between whole numbers lies none; use floats")


def _between(self: Any, end: Any, weight: Any) -> Any:
    """From the nearer end, so that weight 0 gives ``self`` and weight 1 gives ``end`` exactly."""
    start, length = widened(self), np.subtract(end, widened(self))
    near_start = start + weight * length
    near_end = end - length * (1 - weight)
    return np.where(np.abs(weight) < 0.5, near_start, near_end).astype(self.dtype, copy=False)


@differentiable(
    "LerpBackward0", self=lambda grad, weight: scale(grad, 1 - weight), end=lambda grad, weight: scale(grad, weight)
)
def lerp_number(self, end, weight):
    """``self + weight * (end - self)`` for a number ``weight``"""
    _same_type("lerp", self, end=end)
    return _between(self, end, weight)


@differentiable(
    "LerpBackward1",
    self=lambda grad, weight: grad * (constant(1, weight) - weight),
    end=lambda grad, weight: grad * weight,
    weight=lambda grad, self, end: grad * (end - self),
)
def lerp_tensor(self, end, weight):
    """``self + weight * (end - self)``, element by element"""
    if weight.ndim:
        _same_type("lerp", self, end=end, weight=weight)
    else:
        _same_type("lerp", self, end=end)
        weight = weight.astype(self.dtype)
    return _between(self, end, widened(weight))


@overloaded(lerp_number, lerp_tensor)
def lerp(self, end, weight):
    """``self + weight * (end - self)``: ``self`` at weight 0, ``end`` at weight 1, and what lies between on the line."""


@differentiable(
    "AddcmulBackward0",
    self=lambda grad: grad,
    tensor1=lambda grad, tensor2, value: grad * scale(tensor2, value),
    tensor2=lambda grad, tensor1, value: grad * scale(tensor1, value),
)
def addcmul(self, tensor1, tensor2, *, value=1):
    """``self + value * tensor1 * tensor2``"""
    tensor1, tensor2 = promote(tensor1, tensor2)
    self, tensor1 = promote(self, tensor1)
    tensor2 = tensor2.astype(self.dtype, copy=False)
    if self.dtype.kind == "b":
        raise NotImplementedError("addcmul of truth values: write x.long() first")
    product = times(value, widened(tensor1)) * tensor2
    return (widened(self) + product).astype(self.dtype, copy=False)


def addcdiv_backward_tensor2(grad: Any, tensor1: Any, tensor2: Any, value: float) -> Any:
    """``-grad * value * tensor1 / tensor2**2``"""
    squared = tensor2 * tensor2
    slope = scale(tensor1, value) / squared
    return -grad * slope


@differentiable(
    "AddcdivBackward0",
    self=lambda grad: grad,
    tensor1=lambda grad, tensor2, value: grad * (constant(value, tensor2) / tensor2),
    tensor2=addcdiv_backward_tensor2,
)
def addcdiv(self, tensor1, tensor2, *, value=1):
    """``self + value * tensor1 / tensor2``"""
    tensor1, tensor2 = promote(tensor1, tensor2)
    if tensor1.dtype.kind != "f":
        raise RuntimeError(f"addcdiv: a quotient of two tensors of dtype {tensor1.dtype.name} is none; use floats")
    self, tensor1 = promote(self, tensor1)
    tensor2 = tensor2.astype(self.dtype, copy=False)
    quotient = value * widened(tensor1) / tensor2
    return (widened(self) + quotient).astype(self.dtype, copy=False)


# --- in place -----------------------------------------------------------------------------------------------------------

add_, sub_, mul_, div_, neg_ = in_place(add), in_place(sub), in_place(mul), in_place(div), in_place(neg)
reciprocal_, addcmul_, addcdiv_ = in_place(reciprocal), in_place(addcmul), in_place(addcdiv)
lerp_ = overloaded_in_place(lerp)
