"""Norms: how long a vector is, by one of many measures.

Mirrors: aten/src/ATen/native/LinearAlgebra.cpp (linalg_vector_norm), torch/functional.py (norm)
"""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from ..dtypes import as_dtype, widened_type
from ..dtypes import dtype as DType
from ..operator import differentiable
from .reduction import as_dims, axes, collapse, unsqueezed


def norm_backward(grad: Any, self: Any, ord: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    """``sgn(self) * |self|**(ord - 1) * grad / result**(ord - 1)``, in the form that is exact for each ``ord``"""
    ndim = self._array.ndim
    if not keepdim:
        grad, result = unsqueezed(grad, ndim, dim), unsqueezed(result, ndim, dim)
    if ord == 0:
        return None  # a count does not change by a little
    if ord == 1:
        return self.sgn() * grad
    if ord == 2:
        return grad * (self / result).masked_fill(result == 0, 0)
    if abs(ord) == inf:  # the gradient is shared evenly by all that are as far from 0 as the norm says
        size = self.abs()
        mask = (size == result) | (size != size)
        shared = (grad / mask.sum(dim, True)) * mask
        return self.sgn() * shared
    if ord < 1:
        power = self.abs().pow(ord - 1).masked_fill(self == 0, 0)
        slope = self.sgn() * power
        root = result.pow(1 - ord)
        return slope * grad * root
    power = self.abs().pow(ord - 1 if ord < 2 else ord - 2)
    slope = (self.sgn() if ord < 2 else self) * power
    return slope * (grad / result.pow(ord - 1)).masked_fill(result == 0, 0)


def _measured(size: Any, ord: Any, axis: Any, keepdim: bool) -> Any:
    """The norm of numbers that are not negative."""
    if ord == 0:
        return collapse(np.add, size != 0, axis, keepdim, size.dtype)
    if ord == 1:
        return collapse(np.add, size, axis, keepdim)
    if ord == 2:
        return np.sqrt(collapse(np.add, size * size, axis, keepdim))
    if abs(ord) == inf:
        return collapse(np.maximum if ord > 0 else np.minimum, size, axis, keepdim)
    return collapse(np.add, size**ord, axis, keepdim) ** size.dtype.type(1 / ord)


@differentiable("LinalgVectorNormBackward0", self=norm_backward)
def vector_norm_of(self, ord, dim, keepdim, dtype):
    """``sum(|self|**ord) ** (1 / ord)``"""
    kind = self.dtype if dtype is None else as_dtype(dtype).numpy
    if kind.kind != "f" or self.dtype.kind != "f":
        raise RuntimeError(f"a norm of dtype {self.dtype.name} is rarely a whole number; write it for x.float()")
    if np.promote_types(self.dtype, kind) != kind:
        raise RuntimeError(f"a norm of dtype {self.dtype.name} cannot be taken in the narrower {kind.name}")
    axis = axes(self, dim)
    lengths = self.shape if axis is None else [self.shape[d] for d in axis]
    if 0 in lengths and (ord < 0 or ord == inf):
        raise RuntimeError(f"vector_norm with ord={ord} of no elements (shape {list(self.shape)}): there is no such number")
    size = np.abs(self).astype(widened_type(kind), copy=False)
    return _measured(size, ord, axis, keepdim).astype(kind, copy=False)


def vector_norm(x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None) -> Any:
    """The norm ``sum(|x|**ord) ** (1 / ord)`` of all elements, or along ``dim``.

    ``ord=inf`` gives the largest and ``-inf`` the smallest ``|x|``, ``ord=0`` the number of elements that are not 0. Raises
    RuntimeError for integers, and for no elements where there is no such number; IndexError for a missing dimension.

    >>> minigrad.linalg.vector_norm(minigrad.tensor([3.0, 4.0]))
    tensor(5.)
    """
    if isinstance(ord, str) or not isinstance(ord, (int, float)):
        raise TypeError(f"vector_norm: ord must be a number, not {ord!r}")
    return vector_norm_of(x, ord, as_dims(dim), keepdim, dtype)


_NEEDS_SVD = "needs singular values, which minigrad does not compute; compute it with numpy.linalg.norm, without a gradient"


def norm(input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: DType | None = None) -> Any:
    """The ``p``-norm of all elements, or along ``dim``; ``"fro"`` is the root of the sum of squares.

    Raises as ``linalg.vector_norm`` does; RuntimeError for an unknown ``p``, NotImplementedError for the nuclear norm.

    >>> minigrad.tensor([[3.0, 0.0], [0.0, 4.0]]).norm()
    tensor(5.)
    """
    if p == "nuc":
        raise NotImplementedError(f"norm: p='nuc' {_NEEDS_SVD}")
    if isinstance(p, str) and p != "fro":
        raise RuntimeError(f"norm: p={p!r}; it must be a number or 'fro'")
    dims = as_dims(dim)
    return vector_norm_of(input, 2 if p in ("fro", None) else p, dims, keepdim, dtype)


def matrix_norm(
    A: Any, ord: Any = "fro", dim: tuple[int, int] = (-2, -1), keepdim: bool = False, *, dtype: DType | None = None
) -> Any:
    """A norm of matrices: 'fro' (all elements as one vector), or the largest (1, inf) or smallest (-1, -inf) sum of ``|A|``.

    1 and -1 sum over the rows, ``inf`` and ``-inf`` over the columns. Raises NotImplementedError for those that need
    singular values, RuntimeError for others.

    >>> minigrad.linalg.matrix_norm(minigrad.tensor([[1.0, -2.0], [3.0, 4.0]]), ord=1)
    tensor(6.)
    """
    if ord in ("nuc", 2, -2):
        raise NotImplementedError(f"matrix_norm: ord={ord!r} {_NEEDS_SVD}")
    if A._array.ndim < 2:
        raise RuntimeError(f"matrix_norm needs a matrix, or a batch of them, not a tensor of shape {list(A._array.shape)}")
    if ord == "fro":
        return vector_norm(A, 2, tuple(dim), keepdim, dtype=dtype)
    if isinstance(ord, str) or abs(ord) not in (1, inf):
        raise RuntimeError(f"matrix_norm: ord={ord!r}; it must be 'fro', 'nuc', or one of 1, -1, 2, -2, inf, -inf")
    rows, columns = (d % A._array.ndim for d in dim)
    summed, compared = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = vector_norm(A, 1, summed, keepdim, dtype=dtype)
    compared -= 0 if keepdim or compared < summed else 1
    return sums.amax(compared, keepdim) if ord > 0 else sums.amin(compared, keepdim)


def linalg_norm(A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None) -> Any:
    """A vector norm of vectors, a matrix norm of matrices; without ``ord``, the root of the sum of all squares."""
    dims = as_dims(dim)
    if ord is None:
        return vector_norm(A, 2.0, dims, keepdim, dtype=dtype)
    if dims is None and A._array.ndim not in (1, 2):
        raise RuntimeError(f"linalg.norm with ord needs a vector or a matrix, or dim=, for shape {list(A._array.shape)}")
    if len(dims or A._array.shape) == 2:
        return matrix_norm(A, ord, (0, 1) if dims is None else dims, keepdim, dtype=dtype)
    return vector_norm(A, ord, dims, keepdim, dtype=dtype)
