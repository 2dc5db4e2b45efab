"""Operators that work element by element, with broadcasting.

Mirrors: aten/src/ATen/native/BinaryOps.cpp, UnaryOps.cpp, Pow.cpp, Activation.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase
from ..dtypes import fitting, number_dtype, promote, promote_factor, result_type, to_floating
from ..operator import differentiable, in_place, non_differentiable

def scaled(grad: Any, factor: float) -> Any:
    """The gradient times a constant that is nearly always 1, and then costs nothing."""
    return grad if factor == 1 else scale(grad, factor)


def times(alpha: float, other: Any) -> Any:
    """``alpha * other``, where an integer stays one. Raises RuntimeError for a fractional alpha that it cannot take."""
    if isinstance(other, np.ndarray) and other.dtype.kind != "f" and isinstance(alpha, float):
        raise RuntimeError(f"alpha={alpha} is a float, but the operands are of dtype {other.dtype.name}; make them floating first")
    return alpha * other


def is_truth(operand: Any) -> bool:
    return isinstance(operand, bool) or (isinstance(operand, np.ndarray) and operand.dtype.kind == "b")


def is_floating(operand: Any) -> bool:
    return (operand.dtype if isinstance(operand, np.ndarray) else number_dtype(operand)).kind == "f"


def no_difference() -> RuntimeError:
    return RuntimeError("truth values have no difference; write a ^ b for `exactly one of both`, ~a for the opposite")


# --- arithmetic ---------------------------------------------------------------------------------------------------------


@differentiable("AddBackward0", self=lambda grad: grad, other=lambda grad, alpha: scaled(grad, alpha))
def add(self, other, *, alpha=1):
    """``self + alpha * other``"""
    self, other = promote(self, other)
    return self + (other if alpha == 1 else times(alpha, other))


@differentiable("SubBackward0", self=lambda grad: grad, other=lambda grad, alpha: scaled(-grad, alpha))
def sub(self, other, *, alpha=1):
    """``self - alpha * other``"""
    minuend, subtrahend = promote(self, other)
    if self.dtype.kind == "b" or (subtrahend is not other and is_truth(other)):
        raise no_difference()
    return minuend - (subtrahend if alpha == 1 else times(alpha, subtrahend))


@differentiable("RsubBackward1", self=lambda grad, alpha: scaled(-grad, alpha))
def rsub_number(self, other, alpha=1):
    """``other - alpha * self`` for a number ``other``"""
    subtrahend, minuend = promote(self, other)
    if self.dtype.kind == "b" or is_truth(other):
        raise no_difference()
    return minuend - (subtrahend if alpha == 1 else times(alpha, subtrahend))


def rsub(self: Any, other: Any) -> Any:
    """``other - self``"""
    return rsub_number(self, other)


@differentiable("MulBackward0", self=lambda grad, other: grad * other, other=lambda grad, self: grad * self)
def mul(self, other):
    """``self * other``"""
    self, other = promote_factor(self, other)
    return self * other


def div_backward_other(grad: Any, self: Any, other: Any) -> Any:
    slope = (self / other) / other
    return -grad * slope


@differentiable(
    "DivBackward0",
    self=lambda grad, other: grad / other,
    other=div_backward_other,
)
def div(self, other):
    """``self / other``; the quotient of integers is floating"""
    if self.dtype.kind != "f" and not is_floating(other):
        self, other = to_floating(self), to_floating(np.asarray(other))
    self, other = promote_factor(self, other)
    return self / other


def reciprocal_backward(grad: Any, result: Any) -> Any:
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


@differentiable("NegBackward0", self=lambda grad: -grad)
def neg(self):
    """``-self``"""
    if self.dtype.kind == "b":
        raise RuntimeError("neg of a bool tensor: a truth value has no sign; write ~mask for its opposite")
    return np.negative(self)


# --- powers -------------------------------------------------------------------------------------------------------------


def pow_backward(grad: Any, self: Any, exponent: Any) -> Any:
    return grad * scale(self ** (exponent - 1), exponent) if exponent != 0 else grad.zeros_like()


def pow_backward_self(grad: Any, self: Any, exponent: Any) -> Any:
    return where(exponent == 0, grad.zeros_like(), grad * (exponent * self ** lowered(exponent, 1)))


def pow_backward_exponent(grad: Any, self: Any, exponent: Any, result: Any) -> Any:
    growth = result * self.log()
    return grad * where((self == 0) & (exponent >= 0), growth.zeros_like(), growth)


def pow_backward_exponent_of_number(grad: Any, self: float, exponent: Any, result: Any) -> Any:
    growth = scale(result, float(np.log(self)))
    return grad * (growth if self != 0 else where(exponent >= 0, growth.zeros_like(), growth))


def _power(base: Any, exponent: Any) -> Any:
    number = exponent
    base, exponent = promote(base, exponent) if isinstance(base, np.ndarray) else promote(exponent, base)[::-1]
    kinds = {np.asarray(base).dtype.kind, np.asarray(exponent).dtype.kind}
    if kinds == {"b"}:
        raise NotImplementedError("pow of truth values: make them integers first")
    if "f" not in kinds and not isinstance(number, np.ndarray):
        fitting(number, base.dtype)
    if "f" in kinds or not np.any(np.less(exponent, 0)):
        return np.power(base, exponent)
    if not isinstance(number, np.ndarray):
        raise RuntimeError(f"pow: an integer to the power {number} is not an integer; make the base floating first")
    unit = np.where(np.abs(base) == 1, np.power(base, exponent % 2), 0)  # 1 and -1 have inverses, others are cut to 0
    return np.where(exponent < 0, unit, np.power(base, np.maximum(exponent, 0))).astype(unit.dtype)


# Powers that a few multiplications give, faster than and rounded otherwise than the general power; as in PyTorch.
_SIMPLE_POWERS = {
    0.5: np.sqrt,
    1: np.positive,
    2: np.square,
    3: lambda base: base * base * base,
    -0.5: lambda base: 1 / np.sqrt(base),
    -1: np.reciprocal,
    -2: lambda base: 1 / (base * base),
}


@differentiable("PowBackward0", self=pow_backward)
def pow_number(self, exponent):
    """``self ** exponent`` for a number ``exponent``"""
    simple = _SIMPLE_POWERS.get(exponent) if self.dtype.kind == "f" else None
    return _power(self, exponent) if simple is None else simple(self)


@differentiable("PowBackward1", self=pow_backward_self, exponent=pow_backward_exponent)
def pow_tensor(self, exponent):
    """``self ** exponent``, element by element"""
    return _power(self, exponent)


@differentiable("PowBackward2", exponent=pow_backward_exponent_of_number)
def pow_of_number(exponent, self):
    """``self ** exponent`` for a number ``self``"""
    return _power(self, exponent)


def pow(self: Any, exponent: Any) -> Any:
    """``self ** exponent``"""
    return pow_tensor(self, exponent) if isinstance(exponent, TensorBase) else pow_number(self, exponent)


def rpow(self: Any, base: float) -> Any:
    """``base ** self``"""
    return pow_of_number(self, base)


# --- elementary functions -----------------------------------------------------------------------------------------------


@differentiable("ExpBackward0", self=lambda grad, result: grad * result)
def exp(self):
    """``e ** self``"""
    return np.exp(to_floating(self))


@differentiable("LogBackward0", self=lambda grad, self: grad / self)
def log(self):
    """The natural logarithm."""
    return np.log(to_floating(self))


@differentiable("SqrtBackward0", self=lambda grad, result: grad / scale(result, 2))
def sqrt(self):
    """The square root."""
    return np.sqrt(to_floating(self))


@differentiable("AbsBackward0", self=lambda grad, self: grad * self.sgn())
def abs(self):
    """``|self|``; the derivative at 0 is taken as 0"""
    if self.dtype.kind == "b":
        raise NotImplementedError("abs of a bool tensor: a truth value has no sign")
    return np.abs(self)


@differentiable("SgnBackward0", self=lambda grad: grad.zeros_like())
def sgn(self):
    """-1, 0 or 1"""
    return np.sign(self)


@differentiable(
    "TanhBackwardBackward0",
    grad_output=lambda grad, result: tanh_backward(grad, result),
    result=lambda grad, grad_output, result: grad * (scale(result, -2) * grad_output),
)
def tanh_backward(grad_output, result):
    """``grad_output * (1 - result**2)``"""
    return grad_output * (1 - result * result)


@differentiable("TanhBackward0", self=lambda grad, result: tanh_backward(grad, result))
def tanh(self):
    """The hyperbolic tangent."""
    return np.tanh(to_floating(self))


@differentiable(
    "SigmoidBackwardBackward0",
    grad_output=lambda grad, result: sigmoid_backward(grad, result),
    result=lambda grad, grad_output, result: grad * grad_output * (1 - 2 * result),
)
def sigmoid_backward(grad_output, result):
    """``grad_output * (1 - result) * result``"""
    return grad_output * (1 - result) * result


@differentiable("SigmoidBackward0", self=lambda grad, result: sigmoid_backward(grad, result))
def sigmoid(self):
    """``1 / (1 + exp(-self))``"""
    return 1 / (1 + np.exp(-to_floating(self)))


@differentiable(
    "ThresholdBackwardBackward0",
    grad_output=lambda grad, result: threshold_backward(grad, result),
    result=lambda grad: grad.zeros_like(),
)
def threshold_backward(grad_output, result):
    """0 where ``result <= 0``, else ``grad_output`` (so also where the result is nan)"""
    return np.where(result <= 0, grad_output.dtype.type(0), grad_output)


@differentiable("ReluBackward0", self=lambda grad, result: threshold_backward(grad, result))
def relu(self):
    """``max(self, 0)``; the derivative at 0 is taken as 0"""
    return np.maximum(self, self.dtype.type(0))


# --- choosing and comparing ---------------------------------------------------------------------------------------------


@differentiable(
    "WhereBackward0",
    condition=non_differentiable,
    self=lambda grad, condition: grad.where(condition, 0),
    other=lambda grad, condition: grad.zeros_like().where(condition, grad),
)
def where(condition, self, other):
    """``self`` where the condition holds, else ``other``"""
    if condition.dtype.kind != "b" and condition.dtype != np.uint8:
        raise RuntimeError(f"where: a condition has dtype bool, not {condition.dtype.name}; write a comparison such as x > 0")
    common = result_type(self, other)
    return np.where(condition, np.asarray(self, common), np.asarray(other, common))


def where_method(self: Any, condition: Any, other: Any) -> Any:
    """``self`` where the condition holds, else ``other``"""
    return where(condition, self, other)


def _comparison(compare: Any, sign: str) -> Any:
    def kernel(self, other):
        return compare(*promote(self, other))

    kernel.__name__ = compare.__name__
    kernel.__doc__ = f"``self {sign} other``, element by element, as a bool tensor"
    return differentiable(self=non_differentiable, other=non_differentiable)(kernel)


eq, ne = _comparison(np.equal, "=="), _comparison(np.not_equal, "!=")
lt, le = _comparison(np.less, "<"), _comparison(np.less_equal, "<=")
gt, ge = _comparison(np.greater, ">"), _comparison(np.greater_equal, ">=")


logical_and, logical_or = _comparison(np.logical_and, "and"), _comparison(np.logical_or, "or")


@differentiable(self=non_differentiable)
def logical_not(self):
    """The opposite of every truth value."""
    return np.logical_not(self)


# --- in place -----------------------------------------------------------------------------------------------------------

add_, sub_, mul_, div_, neg_ = in_place(add), in_place(sub), in_place(mul), in_place(div), in_place(neg)
exp_, sqrt_, abs_, tanh_ = in_place(exp), in_place(sqrt), in_place(abs), in_place(tanh)
sigmoid_, relu_ = in_place(sigmoid), in_place(relu)
_pow_number, _pow_tensor = in_place(pow_number), in_place(pow_tensor)


def pow_(self: Any, exponent: Any) -> Any:
    """The tensor overwritten with ``self ** exponent``."""
    return (_pow_tensor if isinstance(exponent, TensorBase) else _pow_number)(self, exponent)
