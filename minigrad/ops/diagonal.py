"""Diagonals and triangles of matrices.

Mirrors: aten/src/ATen/native/TensorShape.cpp (diagonal), TriangularOps.cpp, ReduceOps.cpp (trace)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..operator import differentiable, in_place
from .shape import as_dim, whole

# --- diagonals ----------------------------------------------------------------------------------------------------------


def _diagonal(self: Any, offset: int, dim1: int, dim2: int) -> Any:
    """The diagonal as a view that can be written to."""
    offset, dim1, dim2 = whole(offset, "an offset"), as_dim(dim1, self.ndim), as_dim(dim2, self.ndim)
    if dim1 == dim2:
        raise RuntimeError(f"diagonal: dim1 and dim2 are both dimension {dim1}; a diagonal runs through two")
    diagonal = np.diagonal(self, offset, dim1, dim2)
    diagonal.flags.writeable = self.flags.writeable
    return diagonal


@differentiable("DiagonalBackwardBackward0", grad_output=lambda grad, offset, dim1, dim2: diagonal(grad, offset, dim1, dim2))
def diagonal_backward(grad_output, input_sizes, offset, dim1, dim2):
    """Zeros with the gradient on the diagonal"""
    zeros = np.zeros(input_sizes, grad_output.dtype)
    _diagonal(zeros, offset, dim1, dim2)[...] = grad_output
    return zeros


@differentiable(
    "DiagonalBackward0",
    self=lambda grad, self_sym_sizes, offset, dim1, dim2: diagonal_backward(grad, self_sym_sizes, offset, dim1, dim2),
    view=True,
)
def diagonal(self, offset=0, dim1=0, dim2=1):
    """The elements whose position is the same in two dimensions (shifted by ``offset``), as a last dimension; a view.

    Raises IndexError for a dimension that does not exist, RuntimeError for twice the same.

    >>> minigrad.tensor([[1, 2], [3, 4]]).diagonal()
    tensor([1, 4])
    """
    return _diagonal(self, offset, dim1, dim2)


@differentiable(
    "DiagonalBackward0_copy",
    self=lambda grad, self_sym_sizes, offset, dim1, dim2: diagonal_backward(grad, self_sym_sizes, offset, dim1, dim2),
)
def diagonal_copy(self, offset=0, dim1=0, dim2=1):
    """``diagonal`` in memory of its own"""
    return _diagonal(self, offset, dim1, dim2).copy()


@differentiable("DiagEmbedBackward0", self=lambda grad, offset, dim1, dim2: diagonal(grad, offset, dim1, dim2))
def diag_embed(self, offset=0, dim1=-2, dim2=-1):
    """Matrices of zeros, with the last dimension of ``self`` on their diagonals.

    Raises IndexError for a dimension that does not exist, RuntimeError for twice the same.

    >>> minigrad.diag_embed(minigrad.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    ndim = self.ndim + 1
    first, second = as_dim(dim1, ndim), as_dim(dim2, ndim)
    if first == second:
        raise RuntimeError(f"diag_embed: dim1 and dim2 are both dimension {first}; a diagonal runs through two")
    length = self.shape[-1] + abs(whole(offset, "an offset"))
    shape = list(self.shape[:-1])
    for dim in sorted((first, second)):
        shape.insert(dim, length)
    matrices = np.zeros(shape, self.dtype)
    _diagonal(matrices, offset, first, second)[...] = self
    return matrices


def diag(self: Any, diagonal: int = 0) -> Any:
    """The diagonal of a matrix, copied; or the matrix with a vector on its diagonal.

    Raises RuntimeError for other ranks.

    >>> minigrad.diag(minigrad.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    diagonal = whole(diagonal, "a diagonal")
    if self.dim() not in (1, 2):
        raise RuntimeError(f"diag takes a vector or a matrix, not a tensor with {self.dim()} dimensions; see diagonal")
    return diag_embed(self, diagonal) if self.dim() == 1 else diagonal_copy(self, diagonal)


@differentiable(
    "TraceBackward0",
    self=lambda grad, self_sym_sizes: diagonal_backward(grad.expand(min(self_sym_sizes)), self_sym_sizes, 0, 0, 1),
)
def trace(self):
    """The sum of the diagonal of a matrix. Raises RuntimeError for other ranks."""
    if self.ndim != 2:
        raise RuntimeError(f"trace takes a matrix, not a tensor of shape {list(self.shape)}")
    if self.dtype.kind == "b":
        raise NotImplementedError("trace of truth values: make them numbers first, as in x.int()")
    return np.add.reduce(np.diagonal(self), None, np.int64 if self.dtype.kind in "biu" else self.dtype)


# --- triangles ----------------------------------------------------------------------------------------------------------


def _check_matrix(self: Any, operator: str) -> None:
    if self.ndim < 2:
        raise RuntimeError(f"{operator} takes a matrix, or a batch of them, not a tensor of shape {list(self.shape)}")


@differentiable("TrilBackward0", self=lambda grad, diagonal: tril(grad, diagonal))
def tril(self, diagonal=0):
    """The elements on and below a diagonal; the others 0. Raises RuntimeError for fewer than two dimensions.

    >>> minigrad.tril(minigrad.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """
    _check_matrix(self, "tril")
    return np.tril(self, whole(diagonal, "a diagonal"))


@differentiable("TriuBackward0", self=lambda grad, diagonal: triu(grad, diagonal))
def triu(self, diagonal=0):
    """The elements on and above a diagonal; the others 0. Raises RuntimeError for fewer than two dimensions."""
    _check_matrix(self, "triu")
    return np.triu(self, whole(diagonal, "a diagonal"))


tril_, triu_ = in_place(tril), in_place(triu)
