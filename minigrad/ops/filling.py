"""In-place fillers: one value, other values, or numbers drawn at random.

Mirrors: aten/src/ATen/native/Fill.cpp, Distributions.cpp
"""

from __future__ import annotations

import numpy as np

from .. import random
from ..operator import differentiable, in_place


@differentiable("ZeroBackward0", self=lambda grad: grad.zeros_like())
def zero(self):
    """All elements 0"""
    return np.zeros_like(self)


@differentiable("FillBackward2", self=lambda grad: grad.zeros_like())
def fill(self, value):
    """All elements ``value``"""
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


zero_, fill_, copy_ = in_place(zero), in_place(fill), in_place(copy)
uniform_, normal_ = in_place(uniform), in_place(normal)
