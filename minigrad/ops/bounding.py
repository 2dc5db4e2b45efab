"""The larger and the smaller of two, and numbers kept within bounds.

Where two are equal, and at a bound, a derivative has two sides; the formulas say which value is taken.

Mirrors: aten/src/ATen/native/TensorCompare.cpp, UnaryOps.cpp (nan_to_num)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase
from ..dtypes import promote, result_type
from ..operator import differentiable, in_place
from .choosing import where
from .overloads import overloaded, overloaded_in_place
from .pointwise import unscale

# --- of two tensors -----------------------------------------------------------------------------------------------------


def halved_where_equal(grad: Any, self: Any, other: Any) -> Any:
    """Equal elements share the gradient."""
    return where(self == other, unscale(grad, 2), grad)


@differentiable(
    "MaximumBackward0",
    self=lambda grad, self, other: halved_where_equal(grad, self, other).masked_fill(self < other, 0),
    other=lambda grad, self, other: halved_where_equal(grad, self, other).masked_fill(self > other, 0),
)
def maximum(self, other):
    """The larger of the two; NaN if one is"""
    return np.maximum(*promote(self, other))


@differentiable(
    "MinimumBackward0",
    self=lambda grad, self, other: halved_where_equal(grad, self, other).masked_fill(self > other, 0),
    other=lambda grad, self, other: halved_where_equal(grad, self, other).masked_fill(self < other, 0),
)
def minimum(self, other):
    """The smaller of the two; NaN if one is"""
    return np.minimum(*promote(self, other))


# --- within bounds ------------------------------------------------------------------------------------------------------


def clamp_backward(grad: Any, self: Any, min: Any, max: Any) -> Any:
    """At a bound the gradient passes."""
    if min is None:
        return where(self <= max, grad, 0)
    if max is None:
        return where(self >= min, grad, 0)
    return where((self >= min).logical_and(self <= max), grad, 0)


def clamp_backward_min(grad: Any, self: Any, min: Any, max: Any) -> Any:
    """Where the bounds cross, the upper one holds."""
    return where(self < min if max is None else (self < min).logical_and(min < max), grad, 0)


def clamp_backward_max(grad: Any, self: Any, min: Any, max: Any) -> Any:
    """The gradient where the upper bound was taken."""
    return where(self > max if min is None else (self > max).logical_or(max < min), grad, 0)


def _clamped(self: Any, min: Any, max: Any) -> Any:
    if min is None and max is None:
        raise RuntimeError("clamp needs a bound: give min, or max, or both")
    self = self.astype(result_type(*[value for value in (self, min, max) if value is not None]), copy=False)
    if min is not None:
        self = np.maximum(*promote(self, min))
    return self if max is None else np.minimum(*promote(self, max))


@differentiable("ClampBackward1", self=clamp_backward)
def clamp_numbers(self, min=None, max=None):
    """``min`` where ``self`` is below it, ``max`` where it is above, for numbers ``min`` and ``max``"""
    return _clamped(self, min, max)


@differentiable("ClampBackward0", self=clamp_backward, min=clamp_backward_min, max=clamp_backward_max)
def clamp_tensors(self, min=None, max=None):
    """``min`` where ``self`` is below it, ``max`` where it is above, element by element"""
    return _clamped(self, min, max)


def _for_bounds(name: str, with_numbers: Any, with_tensors: Any) -> Any:
    def clamp(self: Any, min: Any = None, max: Any = None) -> Any:
        kinds = {isinstance(bound, TensorBase) for bound in (min, max) if bound is not None}
        if len(kinds) == 2:
            raise TypeError(f"{name}: min={min!r} and max={max!r} must be two numbers or two tensors")
        return (with_tensors if kinds == {True} else with_numbers)(self, min, max)

    clamp.__name__ = clamp.__qualname__ = name
    clamp.__doc__ = (
        "``self`` with what is below ``min`` raised to it, what is above ``max`` lowered; where they cross, ``max``.\n\n"
        "Either bound may be None; both are numbers or both tensors, that broadcast. Raises RuntimeError without any bound."
    )
    return clamp


clamp = _for_bounds("clamp", clamp_numbers, clamp_tensors)
clamp_ = _for_bounds("clamp_", in_place(clamp_numbers), in_place(clamp_tensors))


@differentiable("ClampMinBackward0", self=lambda grad, self, min: where(self >= min, grad, 0))
def clamp_min_number(self, min):
    """The larger of ``self`` and the number ``min``"""
    return np.maximum(*promote(self, min))


@differentiable(
    "ClampMinBackward1",
    self=lambda grad, self, min: where(self >= min, grad, 0),
    min=lambda grad, self, min: where(self < min, grad, 0),
)
def clamp_min_tensor(self, min):
    """The larger of ``self`` and ``min``"""
    return np.maximum(*promote(self, min))


@overloaded(clamp_min_number, clamp_min_tensor)
def clamp_min(self, min):
    """The larger of ``self`` and ``min``, a number or a tensor; where they are equal, the gradient goes to ``self``."""


@differentiable("ClampMaxBackward0", self=lambda grad, self, max: where(self <= max, grad, 0))
def clamp_max_number(self, max):
    """The smaller of ``self`` and the number ``max``"""
    return np.minimum(*promote(self, max))


@differentiable(
    "ClampMaxBackward1",
    self=lambda grad, self, max: where(self <= max, grad, 0),
    max=lambda grad, self, max: where(self > max, grad, 0),
)
def clamp_max_tensor(self, max):
    """The smaller of ``self`` and ``max``"""
    return np.minimum(*promote(self, max))


@overloaded(clamp_max_number, clamp_max_tensor)
def clamp_max(self, max):
    """The smaller of ``self`` and ``max``, a number or a tensor; where they are equal, the gradient goes to ``self``."""


clamp_min_, clamp_max_ = overloaded_in_place(clamp_min), overloaded_in_place(clamp_max)

# --- nothing but numbers ------------------------------------------------------------------------------------------------


@differentiable("NanToNumBackward0", self=lambda grad, self: grad * self.isfinite())
def nan_to_num(self, nan=None, posinf=None, neginf=None):
    """Numbers in place of NaN (0 if not given) and of the infinities (the largest numbers of the type)"""
    if self.dtype.kind != "f":
        return self.copy(order="K")
    return np.nan_to_num(self, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


nan_to_num_ = in_place(nan_to_num)
