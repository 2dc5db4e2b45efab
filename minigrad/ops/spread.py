"""How far elements lie from their mean: variance and standard deviation.

Mirrors: aten/src/ATen/native/ReduceOps.cpp
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..operator import differentiable
from .choosing import where
from .pointwise import scale
from .reduction import as_dims, axes, collapse, mean_backward, unsqueezed


def _count(shape: tuple[int, ...], dim: Any) -> int:
    """How many elements are reduced to one."""
    return int(np.prod([shape[d] for d in dim])) if dim and shape else int(np.prod(shape))


def _variance(self: Any, dim: Any, correction: Any, keepdim: bool, operator: str) -> tuple[Any, Any]:
    """Variance and mean, computed in float64 and not yet rounded; PyTorch does so too."""
    if self.dtype.kind != "f":
        raise RuntimeError(f"{operator} of dtype {self.dtype.name}: rarely a whole number; write x.float().{operator}()")
    axis = axes(self, dim)
    count = _count(self.shape, dim)
    freedom = count - (1 if correction is None else correction)
    mean = collapse(np.add, self, axis, True, np.float64) / np.float64(count)
    squares = collapse(np.add, np.square(self - mean), axis, keepdim)
    if freedom <= 0 and np.size(squares):
        warnings.warn(
            f"{operator} of {count} element(s) with correction {count - freedom}: nothing is left to "
            f"divide by, so the result is nan or inf. Write correction=0 for the variance of a whole population.",
            UserWarning,
            stacklevel=6,
        )
    mean = mean if keepdim else mean.reshape(squares.shape)
    return squares / np.float64(max(freedom, 0)), mean


def var_backward(grad: Any, self: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    """``2 * (self - mean) / (count - correction)`` times the gradient"""
    correction = 1 if correction is None else correction
    if not self._array.ndim or dim is None:
        freedom = self._array.size - correction
        if freedom <= 0:
            return grad * where(self == self.mean(), float("nan"), float("inf"))
        distance = self - self.mean()
        return scale(grad, 2 / freedom) * distance
    if not keepdim and self._array.ndim > 1:
        grad = unsqueezed(grad, self._array.ndim, dim)
    freedom = _count(self._array.shape, dim) - correction if dim else 1 - correction
    factor = 2 / freedom if freedom else float("inf")
    distance = self - self.mean(dim, keepdim=True)
    return scale(grad, factor) * distance


@differentiable("VarBackward0", self=var_backward)
def var_of(self, dim, correction, keepdim):
    """The sum of ``(self - mean)**2``, divided by their number less ``correction``"""
    return _variance(self, dim, correction, keepdim, "var")[0].astype(self.dtype)


def std_backward(grad: Any, result: Any, self: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    """That of the variance, with ``grad / (2 * result)`` arriving there"""
    of_variance = (grad / scale(result, 2)).masked_fill(result == 0, 0)
    return var_backward(of_variance, self, dim, correction, keepdim)


@differentiable("StdBackward0", self=std_backward)
def std_of(self, dim, correction, keepdim):
    """The square root of the variance"""
    return np.sqrt(_variance(self, dim, correction, keepdim, "std")[0]).astype(self.dtype)


def var_mean_backward(grads: list[Any], self: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    """The gradient that comes through the variance, if there is one, and that through the mean, if there is one."""
    of_variance, of_mean = grads
    if of_variance is not None:
        of_variance = var_backward(of_variance, self, dim, correction, keepdim)
    if of_mean is None:
        return of_variance
    through_mean = mean_backward(of_mean, self._array.shape, dim, self._array.size, keepdim)
    return through_mean if of_variance is None else of_variance + through_mean


@differentiable("VarMeanBackward0", self=var_mean_backward, outputs=("result0", "result1"))
def var_mean_of(self, dim, correction, keepdim):
    """Variance and mean"""
    variance, mean = _variance(self, dim, correction, keepdim, "var_mean")
    return variance.astype(self.dtype), mean.astype(self.dtype)


# NOTE [Two ways to ask for a spread]: the older `unbiased=True` divides by the number of elements less one, and is what a
# bool in the place of `dim` means; the newer `correction` says how much less.


def _arguments(operator: str, dim: Any, unbiased: bool | None, correction: Any) -> tuple[Any, Any]:
    """``dim`` and ``correction``, see NOTE [Two ways to ask for a spread]."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is None:
        dims = as_dims(dim)
        return dims, 1 if correction is None and dims is not None else correction
    if correction is not None or not isinstance(unbiased, bool):
        raise TypeError(
            f"{operator}: unbiased={unbiased!r} is True or False, and then correction={correction!r} must be left away"
        )
    return as_dims(dim), int(unbiased)


def var(self: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: Any = None) -> Any:
    """The variance of all elements, or along ``dim``: the mean square of the distance from the mean.

    The squares are divided by their number less ``correction``, which is 1 unless given (``unbiased=False`` means 0). Warns
    if that leaves nothing; raises RuntimeError for integers, IndexError for a dimension that does not exist.

    >>> minigrad.tensor([1.0, 2.0, 6.0]).var()
    tensor(7.)
    """
    dims, corrected = _arguments("var", dim, unbiased, correction)
    return var_of(self, dims, corrected, keepdim)


def std(self: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: Any = None) -> Any:
    """The standard deviation of all elements, or along ``dim``: the square root of ``var``."""
    dims, corrected = _arguments("std", dim, unbiased, correction)
    return std_of(self, dims, corrected, keepdim)


def var_mean(
    self: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: Any = None
) -> Any:
    """The pair of ``var`` and ``mean``."""
    dims, corrected = _arguments("var_mean", dim, unbiased, correction)
    return var_mean_of(self, dims, corrected, keepdim)
