"""Running sums and products.

Mirrors: aten/src/ATen/native/ReduceOps.cpp (cumsum, cumprod)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import wrap
from ..dtypes import FROM_NUMPY
from ..dtypes import dtype as DType
from ..operator import differentiable, in_place
from .casting import to_dtype
from .joining import cat
from .reduction import accumulated_as
from .shape import as_dim


def _running(self: Any, ufunc: Any, dim: int, dtype: DType | None) -> Any:
    """A running reduction; floats are accumulated in the next wider type, so that each is rounded once, as in PyTorch."""
    kind = accumulated_as(self, dtype)
    dim = as_dim(dim, self.ndim)
    if not self.ndim:
        return self.astype(kind)
    wide = {np.dtype(np.float16): np.float32, np.dtype(np.float32): np.float64}.get(kind, kind)
    return ufunc.accumulate(self.astype(kind, copy=False), dim, wide).astype(kind, copy=False)


def from_here_on(self: Any, dim: int) -> Any:
    """The sum of each element and all that come after it along ``dim``."""
    return self.flip(dim).cumsum(dim).flip(dim)


def cumsum_backward(grad: Any, dim: int) -> Any:
    """Every element is in its own sum and in all after it."""
    return grad if grad._array.size <= 1 or grad._array.shape[dim] == 1 else from_here_on(grad, dim)


@differentiable("CumsumBackward0", self=cumsum_backward)
def cumsum(self, dim, *, dtype=None):
    """The sum of each element and all that come before it along ``dim``.

    Integers are summed as int64, unless ``dtype`` says otherwise. Raises IndexError for a dimension that does not exist.

    >>> minigrad.tensor([1.0, 2.0, 3.0]).cumsum(0)
    tensor([1., 3., 6.])
    """
    return _running(self, np.add, dim, dtype)


def cumprod_backward(grad: Any, self: Any, dim: int, result: Any) -> Any:
    """``dL/dx[k]`` is the sum over ``j >= k`` of ``grad[j]`` times the product of ``x[0] .. x[j]`` without ``x[k]``.

    Without zeros that product is ``result[j] / x[k]``. With zeros it is put together from the factors before and after.
    """
    self = to_dtype(self, FROM_NUMPY[grad._array.dtype])
    if self._array.size <= 1 or self._array.shape[dim] == 1:
        return grad
    if self._array.all():
        return from_here_on(result * grad, dim) / self
    length = self._array.shape[dim]
    one = wrap(np.ones_like(self._array.take([0], dim)))
    parts = []
    for k in range(length):
        before = self.narrow(dim, 0, k).prod(dim, keepdim=True)
        after = cat([one, self.narrow(dim, k + 1, length - k - 1)], dim).cumprod(dim)
        parts.append((grad.narrow(dim, k, length - k) * (before * after)).sum(dim, keepdim=True))
    return cat(parts, dim)


@differentiable("CumprodBackward0", self=cumprod_backward)
def cumprod(self, dim, *, dtype=None):
    """The product of each element and all that come before it along ``dim``.

    Integers are multiplied as int64, unless ``dtype`` says otherwise. Raises IndexError for a dimension that does not exist.
    """
    return _running(self, np.multiply, dim, dtype)


cumsum_, cumprod_ = in_place(cumsum), in_place(cumprod)
