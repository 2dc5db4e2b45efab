"""Operators that make fewer numbers of many: sums, means, products, and questions about all elements.

Mirrors: aten/src/ATen/native/ReduceOps.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.grad_mode import mode
from ..autograd.variable import wrap
from ..dtypes import FROM_NUMPY, as_dtype, cast, widened_type
from ..dtypes import dtype as DType
from ..operator import differentiable, non_differentiable
from .casting import to_dtype
from .joining import cat
from .pointwise import unscale
from .shape import as_dim, as_size, contiguous, view_as_size, whole

# --- what all reductions share ------------------------------------------------------------------------------------------


def as_dims(dim: Any) -> Any:
    """The dimensions of a call as a tuple; None for all of them stays None. Raises TypeError for what is no int."""
    if dim is None:
        return None
    if dim.__class__ is int:
        return (dim,)
    return tuple([whole(each, "a dimension") for each in (dim if isinstance(dim, (tuple, list)) else (dim,))])


_FLOAT16, _INT64 = np.dtype(np.float16), np.dtype(np.int64)


def axes(self: Any, dim: Any) -> Any:
    """The dimensions as NumPy takes them: no dimensions mean all; a 0-dim tensor counts as having one, 0 or -1."""
    if not dim:
        return None
    return () if not self.ndim and dim in ((0,), (-1,)) else dim


def unsqueezed(grad: Any, ndim: int, dim: Any) -> Any:
    """A result with the dimensions back, of length 1, along which it was reduced; no dimensions mean that none come back."""
    if not dim or not ndim:
        return grad
    for position in sorted(as_dim(d, ndim) for d in dim):
        grad = grad.unsqueeze(position)
    return grad


def spread(grad: Any, self_sym_sizes: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """The gradient of a sum over ``dim``, repeated along the dimensions that were summed away."""
    return (grad if keepdim else unsqueezed(grad, len(self_sym_sizes), dim)).expand(self_sym_sizes)


def collapse(ufunc: Any, array: Any, axis: Any, keepdim: bool, dtype: Any = None) -> Any:
    """``ufunc.reduce`` along dimensions: NumPy's own entry, which ``np.sum`` and ``np.max`` only lead to."""
    return ufunc.reduce(array, axis, dtype, None, keepdim)


def in_rows(result: Any) -> Any:
    """The result of a reduction laid out row after row, whatever the layout of what was reduced."""
    return result if result.flags.c_contiguous else result.copy(order="C")


def reduce_as(self: Any, ufunc: Any, kind: Any, axis: Any, keepdim: bool) -> Any:
    """A reduction of the elements taken as ``kind``; float16 is reduced in float32 and rounded once, as in PyTorch."""
    if kind is _FLOAT16:
        return in_rows(collapse(ufunc, self.astype(kind, copy=False), axis, keepdim, np.float32).astype(kind))
    if self.dtype.kind != kind.kind:
        self = cast(self, kind)
    return in_rows(collapse(ufunc, self, axis, keepdim, kind))


def accumulated_as(self: Any, dtype: DType | None) -> Any:
    """The type in which a sum or product is taken: the one asked for; int64 for integers and truth values."""
    if dtype is not None:
        return as_dtype(dtype).numpy
    return _INT64 if self.dtype.kind in "biu" else self.dtype


# --- sums ---------------------------------------------------------------------------------------------------------------


@differentiable("SumBackward0", self=lambda grad, self_sym_sizes: grad.expand(self_sym_sizes))
def sum_all(self, *, dtype=None):
    """The sum of all elements"""
    return reduce_as(self, np.add, accumulated_as(self, dtype), None, False)


@differentiable("SumBackward1", self=spread)
def sum_dim(self, dim, keepdim=False, *, dtype=None):
    """The sum along the dimensions ``dim``"""
    return reduce_as(self, np.add, accumulated_as(self, dtype), axes(self, dim), keepdim)


def sum(self: Any, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None) -> Any:
    """The sum of all elements, or along ``dim`` (an int or several; kept with length 1 if ``keepdim``).

    Integers and truth values are summed as int64, unless ``dtype`` says otherwise. Raises IndexError for a dimension that
    does not exist, RuntimeError for one named twice.

    >>> minigrad.ones(2, 3).sum(0)
    tensor([2., 2., 2.])
    """
    if dim is None and not keepdim:
        return sum_all(self, dtype=dtype)
    return sum_dim(self, as_dims(dim), keepdim, dtype=dtype)


def sum_to_size(self: Any, *size: Any) -> Any:
    """Sum along the dimensions that broadcasting from shape ``size`` added or stretched. RuntimeError if it cannot."""
    target, own = as_size(size), self._array.shape
    added = len(own) - len(target)
    dims = tuple(range(added))
    if own[added:] != target:
        lengths = list(enumerate(target, added))
        if added < 0 or [dim for dim, length in lengths if length not in (1, own[dim])]:
            raise RuntimeError(f"sum_to_size: shape {list(own)} is not what broadcasting makes of shape {list(target)}")
        dims += tuple([dim for dim, length in lengths if length != own[dim]])
    if not dims:
        return self
    if not target:
        return sum_all(self)
    if len(dims) == added and not (mode.enabled and self.requires_grad):
        return sum_dim(self, dims)  # the same in one step, where nobody sees the steps
    summed = sum_dim(self, dims, True)
    return view_as_size(summed, target) if added else summed


# --- means --------------------------------------------------------------------------------------------------------------


def _mean(self: Any, axis: Any, keepdim: bool, dtype: DType | None) -> Any:
    kind = self.dtype if dtype is None else as_dtype(dtype).numpy
    if kind.kind != "f":
        raise RuntimeError(f"mean of dtype {kind.name}: it is rarely a whole number; write x.float().mean()")
    total = in_rows(collapse(np.add, self.astype(kind, copy=False), axis, keepdim, widened_type(kind)))
    result = total / (self.size // max(total.size, 1))
    return result if result.dtype is kind else result.astype(kind)


@differentiable(
    "MeanBackward0", self=lambda grad, self_sym_sizes, self_sym_numel: unscale(grad.expand(self_sym_sizes), self_sym_numel)
)
def mean_all(self, *, dtype=None):
    """The mean of all elements"""
    return _mean(self, None, False, dtype)


def mean_backward(grad: Any, self_sym_sizes: tuple[int, ...], dim: Any, self_sym_numel: int, keepdim: bool) -> Any:
    """The gradient of a sum, divided by how many elements went into each mean."""
    return unscale(spread(grad, self_sym_sizes, dim, keepdim), self_sym_numel // max(grad._array.size, 1))


@differentiable("MeanBackward1", self=mean_backward)
def mean_dim(self, dim, keepdim=False, *, dtype=None):
    """The mean along the dimensions ``dim``"""
    return _mean(self, axes(self, dim), keepdim, dtype)


def mean(self: Any, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None) -> Any:
    """The mean of all elements, or along ``dim`` (an int or several; kept with length 1 if ``keepdim``).

    The mean of no elements is nan. Raises RuntimeError for integers, IndexError for a dimension that does not exist.
    """
    if dim is None and not keepdim:
        return mean_all(self, dtype=dtype)
    return mean_dim(self, as_dims(dim), keepdim, dtype=dtype)


# --- products -----------------------------------------------------------------------------------------------------------


def product_of_others(grad: Any, self: Any, dim: int) -> Any:
    """The gradient times, for each element, the product of all others: of those before it and of those after it.

    Nothing is divided, so zeros among the elements do no harm.
    """
    length = self._array.shape[dim]
    if not self._array.size:
        return grad.expand_as(self)
    if length == 1:
        return grad
    one = wrap(np.ones([1 if d == dim else n for d, n in enumerate(self._array.shape)], grad._array.dtype))
    before = cat([one, self.narrow(dim, 0, length - 1)], dim).cumprod(dim)
    after = cat([one, self.narrow(dim, 1, length - 1).flip(dim)], dim).cumprod(dim).flip(dim)
    return grad * (before * after)


def prod_backward(grad: Any, self: Any, result: Any) -> Any:
    """``grad * result / self``; with a zero among the elements, without dividing"""
    self = to_dtype(self, FROM_NUMPY[grad._array.dtype])
    if not self._array.ndim:
        return grad
    if self._array.all():
        return grad * (result / self)
    return product_of_others(grad, contiguous(self).view(-1), 0).view(self._array.shape)


@differentiable("ProdBackward0", self=prod_backward)
def prod_all(self, *, dtype=None):
    """The product of all elements"""
    return reduce_as(self, np.multiply, accumulated_as(self, dtype), None, False)


def prod_dim_backward(grad: Any, self: Any, result: Any, dim: int, keepdim: bool) -> Any:
    """The same along a dimension."""
    self = to_dtype(self, FROM_NUMPY[grad._array.dtype])
    if not self._array.ndim:
        return grad
    dim = as_dim(dim, self._array.ndim)
    if not keepdim:
        grad, result = grad.unsqueeze(dim), result.unsqueeze(dim)
    return grad * (result / self) if self._array.all() else product_of_others(grad, self, dim)


@differentiable("ProdBackward1", self=prod_dim_backward)
def prod_dim(self, dim, keepdim=False, *, dtype=None):
    """The product along the dimension ``dim``"""
    return reduce_as(self, np.multiply, accumulated_as(self, dtype), axes(self, (dim,)), keepdim)


def prod(self: Any, dim: int | None = None, keepdim: bool = False, *, dtype: DType | None = None) -> Any:
    """The product of all elements, or along one dimension. The product of no elements is 1.

    Raises IndexError for a dimension that does not exist, TypeError for several.
    """
    if dim is None:
        return prod_all(self, dtype=dtype)
    if not isinstance(dim, int):
        raise TypeError(f"prod takes one dimension, not {dim!r}; multiply along one after the other")
    return prod_dim(self, dim, keepdim, dtype=dtype)


# --- questions about all elements ---------------------------------------------------------------------------------------


def _asked(self: Any, ufunc: Any, dim: Any, keepdim: bool) -> Any:
    answer = collapse(ufunc, self, axes(self, dim), keepdim)
    return np.asarray(answer, np.uint8) if self.dtype == np.uint8 else answer


@differentiable(self=non_differentiable)
def any(self, dim=None, keepdim=False):
    """Whether some element, of all or along ``dim``, is not 0: a bool tensor (uint8 of a uint8 tensor)."""
    return _asked(self, np.logical_or, as_dims(dim), keepdim)


@differentiable(self=non_differentiable)
def all(self, dim=None, keepdim=False):
    """Whether every element, of all or along ``dim``, is something else than 0: a bool tensor (uint8 of a uint8 tensor)."""
    return _asked(self, np.logical_and, as_dims(dim), keepdim)


@differentiable(self=non_differentiable)
def count_nonzero(self, dim=None):
    """How many elements, of all or along ``dim``, are not 0."""
    return np.add.reduce(self != 0, axes(self, as_dims(dim)), np.int64)
