"""Operators that make fewer numbers of many: sums and means.

Mirrors: aten/src/ATen/native/ReduceOps.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import dtype as DType
from ..operator import differentiable
from .pointwise import unscale
from .shape import as_size, view_as_size


def _summed_as(self: Any, dtype: DType | None) -> Any:
    """The type in which a sum is taken: the one asked for; int64 for integers and truth values."""
    if dtype is not None:
        return dtype.numpy
    return np.int64 if self.dtype.kind in "biu" else self.dtype


def _axes(self: Any, dim: Any) -> Any:
    """The dimensions as NumPy takes them: a 0-dim tensor counts as having one, 0 or -1."""
    return () if not self.ndim and dim in ((0,), (-1,)) else dim


def spread(grad: Any, sizes: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """The gradient of a sum over ``dim``, repeated along the dimensions that were summed away."""
    if not keepdim and dim is not None:
        for position in sorted(d % len(sizes) for d in dim) if sizes else ():
            grad = grad.unsqueeze(position)
    return grad.expand(sizes)


@differentiable("SumBackward0", self=lambda grad, self_sym_sizes: grad.expand(self_sym_sizes))
def sum_all(self, *, dtype=None):
    """The sum of all elements."""
    return np.add.reduce(self, axis=None, dtype=_summed_as(self, dtype))


def in_rows(result: Any) -> Any:
    """The result of a reduction laid out row after row, whatever the layout of what was reduced."""
    return result if result.flags.c_contiguous else result.copy(order="C")


@differentiable(
    "SumBackward1", self=lambda grad, self_sym_sizes, dim, keepdim: spread(grad, self_sym_sizes, dim, keepdim)
)
def sum_dim(self, dim, keepdim=False, *, dtype=None):
    """The sum along the dimensions ``dim``."""
    return in_rows(np.add.reduce(self, axis=_axes(self, dim), keepdims=keepdim, dtype=_summed_as(self, dtype)))


def sum(self: Any, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None) -> Any:
    """The sum of all elements, or along ``dim`` (an int or several; kept with length 1 if ``keepdim``)."""
    if dim is None and not keepdim:
        return sum_all(self, dtype=dtype)
    return sum_dim(self, _dims(dim), keepdim, dtype=dtype)


def _refuse_integers(self: Any, dtype: DType | None) -> Any:
    kind = self.dtype if dtype is None else dtype.numpy
    if kind.kind != "f":
        raise RuntimeError(
            f"mean of dtype {kind.name}: a mean is rarely a whole number, so the type must be floating. Write x.float().mean()."
        )
    return kind


@differentiable(
    "MeanBackward0", self=lambda grad, self_sym_sizes, self_sym_numel: unscale(grad.expand(self_sym_sizes), self_sym_numel)
)
def mean_all(self, *, dtype=None):
    """The mean of all elements."""
    total = np.add.reduce(self, axis=None, dtype=_refuse_integers(self, dtype))
    return np.true_divide(total, self.size, dtype=total.dtype)


def mean_backward(grad: Any, sizes: tuple[int, ...], dim: Any, numel: int, keepdim: bool) -> Any:
    spread_out = spread(grad, sizes, dim, keepdim)
    return unscale(spread_out, numel // max(grad._array.size, 1))


@differentiable(
    "MeanBackward1",
    self=lambda grad, self_sym_sizes, dim, self_sym_numel, keepdim: mean_backward(
        grad, self_sym_sizes, dim, self_sym_numel, keepdim
    ),
)
def mean_dim(self, dim, keepdim=False, *, dtype=None):
    """The mean along the dimensions ``dim``."""
    total = in_rows(np.add.reduce(self, axis=_axes(self, dim), keepdims=keepdim, dtype=_refuse_integers(self, dtype)))
    return np.true_divide(total, self.size // max(total.size, 1), dtype=total.dtype)


def mean(self: Any, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None) -> Any:
    """The mean of all elements, or along ``dim`` (an int or several; kept with length 1 if ``keepdim``)."""
    if dim is None and not keepdim:
        return mean_all(self, dtype=dtype)
    return mean_dim(self, _dims(dim), keepdim, dtype=dtype)


def _dims(dim: Any) -> tuple[int, ...] | None:
    """The dimensions to reduce, as a tuple; None or none at all mean every dimension."""
    if dim is None:
        return None
    return (dim,) if isinstance(dim, int) else tuple(dim) or None


def sum_to_size(self: Any, *size: Any) -> Any:
    """Sum along the dimensions that broadcasting from shape ``size`` added or stretched. Raises RuntimeError if it cannot."""
    target, own = as_size(size), self._array.shape
    added = len(own) - len(target)
    dims = list(range(added))
    for dim, (length, wanted) in enumerate(zip(own[max(added, 0) :], target, strict=False), start=added):
        if length != wanted:
            if wanted != 1:
                added = -1
            dims.append(dim)
    if added < 0:
        raise RuntimeError(f"sum_to_size: shape {list(own)} is not what broadcasting makes of shape {list(target)}")
    if not dims:
        return self
    if not target:
        return sum_all(self)
    summed = sum_dim(self, tuple(dims), True)
    return view_as_size(summed, target) if added else summed
