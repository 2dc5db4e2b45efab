"""In-place fillers: one value, other values, or numbers drawn at random.

Mirrors: aten/src/ATen/native/Fill.cpp, Distributions.cpp
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import random
from ..autograd.variable import TensorBase
from ..operator import differentiable, in_place
from ..quiet import quietly


@differentiable("ZeroBackward0", self=lambda grad: grad.zeros_like())
def zero(self):
    """All elements 0"""
    return np.zeros_like(self)


def as_value_of(dtype: np.dtype[Any], value: Any) -> np.ndarray[Any, Any]:
    """A number as a 0-dim array of a type; a float is cut to an integer. Raises RuntimeError if the type cannot hold it."""
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        lowest = -limits.max if dtype.kind == "u" and isinstance(value, (int, np.integer)) else limits.min
        fits = lowest <= value <= limits.max
    else:
        fits = dtype != np.float32 or abs(value) <= _FLOAT32_MAX or not math.isfinite(value)
    if not fits:
        raise RuntimeError(f"the number {value!r} does not fit in a tensor of dtype {dtype.name}")
    if dtype.kind == "u":
        value = int(value) % (int(limits.max) + 1)
    array: np.ndarray[Any, Any] = quietly(np.array, value, dtype)
    return array


_FLOAT32_MAX = float(np.finfo(np.float32).max)


@differentiable("FillBackward2", self=lambda grad: grad.zeros_like())
def fill(self, value):
    """All elements ``value``"""
    return np.full_like(self, as_value_of(self.dtype, value))


@differentiable("FillBackward3", self=lambda grad: grad.zeros_like(), value=lambda grad: grad.sum())
def fill_from(self, value):
    """All elements the one of the 0-dim tensor ``value``"""
    if value.ndim:
        raise RuntimeError(f"fill_ takes a number or a 0-dim tensor, not one of shape {list(value.shape)}; use copy_")
    return np.full_like(self, value)


@differentiable("torch::autograd::CopyBackwards", self=lambda grad: grad.zeros_like(), src=lambda grad: grad)
def copy(self, src):
    """The elements of ``src``, broadcast to the shape and cast to the type of ``self``"""
    return np.broadcast_to(src, self.shape).astype(self.dtype)


# The draw goes into an array with the strides of `self`, for the order of the elements in memory decides the numbers.


@differentiable("UniformBackward0", self=lambda grad: grad.zeros_like())
def uniform(self, a=0.0, b=1.0, *, generator=None):
    """Numbers uniform in ``[a, b)``"""
    return random.uniform_(np.empty_like(self), a, b, generator)


@differentiable("NormalBackward0", self=lambda grad: grad.zeros_like())
def normal(self, mean=0.0, std=1.0, *, generator=None):
    """Numbers from the normal distribution"""
    return random.normal_(np.empty_like(self), mean, std, generator)


zero_, copy_ = in_place(zero), in_place(copy)
_fill_number, _fill_from = in_place(fill), in_place(fill_from)


def fill_(self: Any, value: Any) -> Any:
    """Set all elements to a number, or to the one of a 0-dim tensor, and return the tensor itself."""
    return _fill_from(self, value) if isinstance(value, TensorBase) else _fill_number(self, value)


uniform_, normal_ = in_place(uniform), in_place(normal)
