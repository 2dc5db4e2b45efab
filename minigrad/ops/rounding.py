"""Whole numbers out of others: rounding, quotients without a fraction, and what they leave.

Rounding is flat between its jumps: the gradient is 0 everywhere, at the jumps too.

Mirrors: aten/src/ATen/native/UnaryOps.cpp, BinaryOps.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase
from ..dtypes import promote, promote_factor, widened
from ..operator import differentiable, in_place
from . import pointwise
from .overloads import overloaded, overloaded_in_place

# --- to a whole number --------------------------------------------------------------------------------------------------


def _rounded(self: Any, how: Any) -> Any:
    if self.dtype.kind == "b":
        raise NotImplementedError(f"{how.__name__} of a bool tensor: there is nothing to round; write x.float() first")
    return how(self) if self.dtype.kind == "f" else self.copy(order="K")


@differentiable("FloorBackward0", self=lambda grad: grad.zeros_like())
def floor(self):
    """The largest whole number that is not above ``self``"""
    return _rounded(self, np.floor)


@differentiable("CeilBackward0", self=lambda grad: grad.zeros_like())
def ceil(self):
    """The smallest whole number that is not below ``self``"""
    return _rounded(self, np.ceil)


@differentiable("TruncBackward0", self=lambda grad: grad.zeros_like())
def trunc(self):
    """``self`` without its fraction"""
    return _rounded(self, np.trunc)


@differentiable("FracBackward0", self=lambda grad: grad)
def frac(self):
    """The fraction of ``self``, with its sign"""
    if self.dtype.kind != "f":
        raise NotImplementedError(f"frac of dtype {self.dtype.name}: whole numbers have no fraction")
    return self - np.trunc(self)


@differentiable("RoundBackward0", self=lambda grad: grad.zeros_like())
def round_whole(self):
    """The nearest whole number; of two equally near ones the even one"""
    return _rounded(self, np.rint)


@differentiable("RoundBackward1", self=lambda grad: grad.zeros_like())
def round_decimals(self, decimals):
    """The nearest multiple of ``10**-decimals``"""
    if self.dtype.kind != "f":
        raise NotImplementedError(f"round to {decimals} decimals of dtype {self.dtype.name}; write x.float().round(...)")
    step = widened(self).dtype.type(10.0 ** abs(decimals))
    x = widened(self)
    rounded = np.rint(x * step) / step if decimals > 0 else np.rint(x / step) * step
    return rounded.astype(self.dtype, copy=False)


def round(self: Any, *, decimals: int = 0) -> Any:
    """The nearest number with so many decimals (negative: tens, hundreds); of two equally near ones the even one.

    >>> minigrad.tensor([0.5, 1.5, 2.26]).round()
    tensor([0., 2., 2.])
    >>> minigrad.tensor([0.5, 1.5, 2.26]).round(decimals=1)
    tensor([0.5000, 1.5000, 2.3000])
    """
    return round_decimals(self, decimals) if decimals else round_whole(self)


# --- quotients and remainders -------------------------------------------------------------------------------------------


def _divisible(self: Any, other: Any, operator: str) -> tuple[Any, Any]:
    """The two, if they can be divided. Raises for truth values, and for a whole number by zero."""
    if self.dtype.kind == "b":
        raise NotImplementedError(f"{operator} of truth values: make them integers first")
    if self.dtype.kind != "f" and not np.all(other):
        raise RuntimeError(f"{operator} of integers by 0 (ZeroDivisionError): integers have no infinity; write x.float()")
    return self, other


def _floored(self: Any, other: Any, operator: str) -> Any:
    return np.floor_divide(*_divisible(*promote_factor(self, other), operator))


def _truncated(self: Any, other: Any, operator: str) -> Any:
    self, other = _divisible(*promote_factor(self, other), operator)
    if self.dtype.kind != "f":
        return (self - np.fmod(self, other)) // other
    return np.trunc(np.true_divide(self, other))


@differentiable(
    "DivBackward2",
    self=lambda grad, other, rounding_mode: grad.zeros_like(),
    other=lambda grad, self, other, rounding_mode: grad.zeros_like(),
)
def div_rounded(self, other, rounding_mode):
    """``self / other``, rounded: down for ``"floor"``, towards 0 for ``"trunc"``"""
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(f"div with rounding_mode={rounding_mode!r}: it must be None, 'floor' or 'trunc'")
    return (_floored if rounding_mode == "floor" else _truncated)(self, other, "div")


def div(self: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """``self / other``; with ``rounding_mode`` "floor" rounded down, with "trunc" towards 0, and then of the operands' type.

    Raises RuntimeError for another mode, and for integers divided by 0.

    >>> minigrad.div(minigrad.tensor([-7, 7]), 2, rounding_mode="floor")
    tensor([-4,  3])
    """
    return pointwise.div(self, other) if rounding_mode is None else div_rounded(self, other, rounding_mode)


def no_derivative(operator: str) -> Any:
    """The formula of an operator that has none."""
    raise RuntimeError(f"{operator} has no derivative, as in PyTorch; div(..., rounding_mode='floor') has one, which is 0")


@differentiable(
    "torch::autograd::NotImplemented",
    self=lambda grad: no_derivative("floor_divide"),
    other=lambda grad: no_derivative("floor_divide"),
)
def floor_divide(self, other):
    """``self / other``, rounded down"""
    return _floored(self, other, "floor_divide")


@differentiable("torch::autograd::NotImplemented", self=lambda grad: no_derivative("floor_divide"))
def rfloor_divide(self, other):
    """``other / self`` for a number ``other``, rounded down"""
    self, other = promote(self, other)
    return np.floor_divide(*_divisible(np.full((), other, self.dtype), self, "floor_divide"))


def floor_divide_any(input: Any, other: Any) -> Any:
    """``input // other``, where one of the two may be a number."""
    return floor_divide(input, other) if isinstance(input, TensorBase) else rfloor_divide(other, input)


def _remaining(self: Any, other: Any) -> Any:
    """What is left by C's division, moved by ``other`` where it does not have its sign."""
    self, other = _divisible(self, other, "remainder")
    left = np.fmod(self, other)
    return np.where((left != 0) & ((left < 0) != np.less(other, 0)), left + other, left)


def quotient_times(grad: Any, self: Any, other: Any, rounding_mode: str) -> Any:
    """``-grad`` times the rounded quotient"""
    quotient = div(self, other, rounding_mode=rounding_mode)
    return -grad * quotient


@differentiable("RemainderBackward0", self=lambda grad: grad)
def remainder_number(self, other):
    """``self - other * floor(self / other)`` for a number ``other``"""
    return _remaining(*promote(self, other))


@differentiable(
    "RemainderBackward1",
    self=lambda grad: grad,
    other=lambda grad, self, other: quotient_times(grad, self, other, "floor"),
)
def remainder_tensor(self, other):
    """``self - other * floor(self / other)``, with the sign of ``other``"""
    return _remaining(*promote(self, other))


@differentiable("torch::autograd::NotImplemented", self=lambda grad: no_derivative("remainder of a number by a tensor"))
def remainder_of_number(self, other):
    """``other - self * floor(other / self)`` for a number ``other``"""
    self, other = promote(self, other)
    return _remaining(np.asarray(other, self.dtype), self)


@differentiable("FmodBackward0", self=lambda grad: grad)
def fmod_number(self, other):
    """``self - other * trunc(self / other)`` for a number ``other``"""
    return np.fmod(*_divisible(*promote(self, other), "fmod"))


@differentiable(
    "FmodBackward1",
    self=lambda grad: grad,
    other=lambda grad, self, other: quotient_times(grad, self, other, "trunc"),
)
def fmod_tensor(self, other):
    """``self - other * trunc(self / other)``, with the sign of ``self``"""
    return np.fmod(*_divisible(*promote(self, other), "fmod"))


@overloaded(remainder_number, remainder_tensor)
def _remainder_of_tensor(self, other):
    """``remainder`` of a tensor"""


def remainder(self: Any, other: Any) -> Any:
    """What ``self`` leaves after division by ``other``, with the sign of ``other``, as Python's ``%``.

    >>> minigrad.remainder(minigrad.tensor([-7, 7]), 3)
    tensor([2, 1])
    """
    return _remainder_of_tensor(self, other) if isinstance(self, TensorBase) else remainder_of_number(other, self)


def rremainder(self: Any, other: Any) -> Any:
    """``other % self``"""
    return remainder(other, self)


@overloaded(fmod_number, fmod_tensor)
def fmod(self, other):
    """What ``self`` leaves after division by ``other``, with the sign of ``self``, as C's ``fmod``."""


# --- in place -----------------------------------------------------------------------------------------------------------

floor_, ceil_, trunc_, frac_, floor_divide_ = map(in_place, (floor, ceil, trunc, frac, floor_divide))
_round_whole, _round_decimals, _div_rounded = in_place(round_whole), in_place(round_decimals), in_place(div_rounded)
remainder_, fmod_ = overloaded_in_place(_remainder_of_tensor), overloaded_in_place(fmod)


def round_(self: Any, *, decimals: int = 0) -> Any:
    """``round`` in place; returns the tensor itself."""
    return _round_decimals(self, decimals) if decimals else _round_whole(self)


def div_(self: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """``div`` in place; returns the tensor itself."""
    return pointwise.div_(self, other) if rounding_mode is None else _div_rounded(self, other, rounding_mode)
