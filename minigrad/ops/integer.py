"""Operators of whole numbers and truth values: quotients with a remainder, bits, and logic.

Mirrors: aten/src/ATen/native/BinaryOps.cpp, cpu/BinaryOpsKernel.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.in_place import write
from ..autograd.variable import TensorBase, wrap
from ..dtypes import promote, promote_factor
from ..quiet import quietly
from ..operator import differentiable, in_place, non_differentiable
from . import pointwise

# --- quotients with a remainder -----------------------------------------------------------------------------------------


def no_derivative(operator: str) -> Any:
    """The formula of an operator that PyTorch records but cannot differentiate."""

    def refuse(grad: Any) -> Any:
        raise RuntimeError(f"{operator} has no derivative in PyTorch, nor here; use div(..., rounding_mode='floor'), which has 0")

    return refuse


def _divisible(self: Any, other: Any, operator: str) -> tuple[Any, Any]:
    if self.dtype.kind == "b":
        raise NotImplementedError(f"{operator} of truth values: make them integers first")
    if self.dtype.kind in "iu" and not np.all(other):
        raise RuntimeError(f"{operator} of integers by 0 (ZeroDivisionError): integers have no infinity; make one side floating")
    return self, other


def _floored(self: Any, other: Any) -> Any:
    return np.floor_divide(*_divisible(*promote_factor(self, other), "floor division"))


def _cut(self: Any, other: Any) -> Any:
    self, other = _divisible(*promote_factor(self, other), "division")
    if self.dtype.kind == "f":
        return np.trunc(np.true_divide(self, other))
    quotient = np.floor_divide(self, other)
    return quotient + ((quotient < 0) & (quotient * other != self)).astype(self.dtype)


@differentiable("NotImplemented", self=no_derivative("floor_divide"), other=no_derivative("floor_divide"))
def floor_divide(self, other):
    """``self // other``: the quotient, rounded down"""
    return _floored(self, other)


@differentiable("NotImplemented", self=no_derivative("floor_divide"))
def rfloor_divide(self, other):
    """``other // self`` for a number ``other``"""
    self, other = promote(self, other)
    return np.floor_divide(*_divisible(np.full((), other, self.dtype), self, "floor division"))


@differentiable("DivBackward2", self=lambda grad: grad.zeros_like())
def div_number(self, other, rounding_mode):
    """``self / other`` for a number ``other``, rounded to a whole number"""
    return (_floored if rounding_mode == "floor" else _cut)(self, other)


@differentiable("DivBackward3", self=lambda grad: grad.zeros_like(), other=lambda grad: grad.zeros_like())
def div_tensor(self, other, rounding_mode):
    """``self / other``, rounded to a whole number"""
    return (_floored if rounding_mode == "floor" else _cut)(self, other)


def floor_divide_any(input: Any, other: Any) -> Any:
    """``input // other``, where one of the two may be a number.

    >>> import minigrad
    >>> minigrad.floor_divide(-7, minigrad.tensor(2))
    tensor(-4)
    """
    return floor_divide(input, other) if isinstance(input, TensorBase) else rfloor_divide(other, input)


def div(self: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """``self / other``; with ``rounding_mode`` "floor" rounded down, with "trunc" towards 0.

    The quotient of integers is floating without a rounding mode, and an integer with one. Raises RuntimeError for another
    mode, and where an integer is divided by 0 into an integer.

    >>> import minigrad
    >>> minigrad.div(minigrad.tensor([-7, 7]), 2, rounding_mode="trunc")
    tensor([-3,  3])
    """
    if rounding_mode is None:
        return pointwise.div(self, other)
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(f"div: rounding_mode is 'floor', 'trunc' or None, not {rounding_mode!r}")
    return (div_tensor if isinstance(other, TensorBase) else div_number)(self, other, rounding_mode)


def _remaining(self: Any, other: Any) -> Any:
    """The remainder with the sign of the divisor; for floats by way of ``fmod``, which keeps the sign of a zero."""
    if self.dtype.kind != "f":
        return np.remainder(*_divisible(self, other, "remainder"))
    rest = np.fmod(self, other)
    return np.where((rest != 0) & ((rest < 0) != (other < 0)), rest + other, rest)


@differentiable("RemainderBackward0", self=lambda grad: grad)
def remainder_number(self, other):
    """``self % other`` for a number ``other``"""
    self, other = promote(self, other)
    return _remaining(self, np.asarray(other, self.dtype))


@differentiable(
    "RemainderBackward1", self=lambda grad: grad, other=lambda grad, self, other: -grad * div(self, other, rounding_mode="floor")
)
def remainder_tensor(self, other):
    """``self % other``, element by element"""
    return _remaining(*promote(self, other))


@differentiable("NotImplemented", self=no_derivative("the remainder of a number"))
def rremainder(self, other):
    """``other % self`` for a number ``other``"""
    self, other = promote(self, other)
    return _remaining(np.asarray(other, self.dtype), self)


def remainder(self: Any, other: Any) -> Any:
    """``self - self // other * other``: what is left, with the sign of ``other``.

    >>> import minigrad
    >>> minigrad.remainder(minigrad.tensor([-7, 7]), 3)
    tensor([2, 1])
    """
    if not isinstance(self, TensorBase):
        return rremainder(other, self)
    return (remainder_tensor if isinstance(other, TensorBase) else remainder_number)(self, other)


def _left(self: Any, other: Any) -> Any:
    self, other = promote(self, other)
    return np.fmod(*_divisible(self, np.asarray(other, self.dtype), "fmod"))


@differentiable("FmodBackward0", self=lambda grad: grad)
def fmod_number(self, other):
    """What is left of ``self / other`` for a number ``other``"""
    return _left(self, other)


@differentiable(
    "FmodBackward1", self=lambda grad: grad, other=lambda grad, self, other: -grad * div(self, other, rounding_mode="trunc")
)
def fmod_tensor(self, other):
    """What is left of ``self / other``, element by element"""
    return _left(self, other)


def fmod(self: Any, other: Any) -> Any:
    """What is left of ``self / other``, with the sign of ``self``."""
    return (fmod_tensor if isinstance(other, TensorBase) else fmod_number)(self, other)


# --- bits ---------------------------------------------------------------------------------------------------------------


def _bitwise(compute: Any, sign: str, of_truth: bool = True) -> Any:
    def kernel(self, other):
        self, other = promote(self, other)
        if self.dtype.kind not in ("iub" if of_truth else "iu"):
            raise NotImplementedError(f"{sign} of {self.dtype.name} tensors: only whole numbers have bits")
        return compute(self, other)

    kernel.__name__ = compute.__name__
    kernel.__doc__ = f"``self {sign} other``, bit by bit"
    return differentiable(self=non_differentiable, other=non_differentiable)(kernel)


bitwise_and, bitwise_or = _bitwise(np.bitwise_and, "&"), _bitwise(np.bitwise_or, "|")
bitwise_xor = _bitwise(np.bitwise_xor, "^")
bitwise_left_shift = _bitwise(np.left_shift, "<<", of_truth=False)
bitwise_right_shift = _bitwise(np.right_shift, ">>", of_truth=False)


@differentiable(self=non_differentiable)
def bitwise_not(self):
    """``~self``: every bit turned, every truth value opposed"""
    if self.dtype.kind not in "iub":
        raise TypeError(f"~ of a {self.dtype.name} tensor: only whole numbers and truth values have an opposite")
    return np.invert(self)


def reflected(function: Any) -> Any:
    """``other`` before ``self``, where ``other`` is a number: it counts as a 0-dim tensor of its own type."""

    def method(self: Any, other: Any) -> Any:
        _, first = quietly(promote, self._array, np.asarray(other))
        return function(wrap(first), self)

    return method


# --- logic --------------------------------------------------------------------------------------------------------------


def _logical(compute: Any, word: str) -> Any:
    def kernel(self, other):
        if not isinstance(other, np.ndarray):
            raise TypeError(f"{compute.__name__} takes a Tensor, not {type(other).__name__}")
        return compute(self, other)

    kernel.__name__ = compute.__name__
    kernel.__doc__ = f"Where ``self`` {word} ``other`` is not 0, as a bool tensor"
    return differentiable(self=non_differentiable, other=non_differentiable)(kernel)


logical_and, logical_or = _logical(np.logical_and, "and"), _logical(np.logical_or, "or")
logical_xor = _logical(np.logical_xor, "or, but not both,")


# --- in place -----------------------------------------------------------------------------------------------------------

floor_divide_ = in_place(floor_divide)
_remainder_number, _remainder_tensor = in_place(remainder_number), in_place(remainder_tensor)


def _bits_in_place(function: Any) -> Any:
    def method(self: Any, other: Any) -> Any:
        write(self, function(self, other)._array, f"{function.__name__}_")
        return self

    method.__doc__ = f"The tensor overwritten with the result of ``{function.__name__}``."
    return method


bitwise_and_, bitwise_or_, bitwise_xor_ = (_bits_in_place(function) for function in (bitwise_and, bitwise_or, bitwise_xor))
bitwise_left_shift_, bitwise_right_shift_ = _bits_in_place(bitwise_left_shift), _bits_in_place(bitwise_right_shift)


def remainder_(self: Any, other: Any) -> Any:
    """The tensor overwritten with ``self % other``."""
    return (_remainder_tensor if isinstance(other, TensorBase) else _remainder_number)(self, other)
