"""Products of vectors and matrices.

Mirrors: aten/src/ATen/native/LinearAlgebra.cpp, torch/csrc/autograd/FunctionsManual.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase
from ..operator import differentiable, in_place
from .pointwise import scaled
from .shape import squeeze_result, unsafe_view

# NOTE [The layout of a matrix gradient]: the gradient of a transposed matrix, as a weight has in `x @ w.t()`, is computed
# transposed as well. Then the view that undoes the transposition lies in memory as the weight does, row after row.


def is_transposed(sizes: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether a matrix lies in memory column after column."""
    return strides[0] == 1 and strides[1] == sizes[0]


def mat1_backward(grad: Any, mat2: Any, sizes: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """``grad @ mat2.t()``, see NOTE [The layout of a matrix gradient]"""
    return mat2.mm(grad.t()).t() if is_transposed(sizes, strides) else grad.mm(mat2.t())


def mat2_backward(grad: Any, mat1: Any, sizes: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """``mat1.t() @ grad``, see NOTE [The layout of a matrix gradient]"""
    return grad.t().mm(mat1).t() if is_transposed(sizes, strides) else mat1.t().mm(grad)


def _product(operator: str, a: Any, b: Any, ranks: tuple[int, int]) -> Any:
    """``a @ b``, for factors with these numbers of dimensions.

    Of NumPy's two ways ``dot`` is the quicker, but it takes an array of one element for a number, and a factor of 0 as a
    reason not to look at the other: 0 * nan is lost.
    """
    if (a.ndim, b.ndim) != ranks:
        raise RuntimeError(
            f"{operator} multiplies tensors with {ranks[0]} and {ranks[1]} dimensions, not shapes {list(a.shape)} and "
            f"{list(b.shape)}"
        )
    if a.dtype is not b.dtype:
        raise RuntimeError(
            f"{operator} of dtypes {a.dtype.name} and {b.dtype.name}: a product of matrices does not convert; write "
            f"for example a.double() or b.float() on one side"
        )
    try:
        return np.matmul(a, b) if a.size == 1 or b.size == 1 or a.ndim > 2 else a.dot(b)
    except ValueError:
        raise RuntimeError(
            f"{operator} of shapes {list(a.shape)} and {list(b.shape)}: the {a.shape[-1]} columns of the first must "
            f"meet as many rows of the second, but there are {b.shape[-2 if b.ndim > 1 else 0]}"
        ) from None


@differentiable(
    "MmBackward0",
    self=lambda grad, mat2, self_sym_sizes, self_sym_strides: mat1_backward(grad, mat2, self_sym_sizes, self_sym_strides),
    mat2=lambda grad, self, mat2_sym_sizes, mat2_sym_strides: mat2_backward(grad, self, mat2_sym_sizes, mat2_sym_strides),
)
def mm(self, mat2):
    """The product of two matrices: ``(n, m) @ (m, p) -> (n, p)``"""
    return _product("mm", self, mat2, (2, 2))


def _added(operator: str, product: Any, self: Any, beta: float, alpha: float) -> Any:
    """``beta * self + alpha * product``, in the memory of the product."""
    if self.dtype is not product.dtype:
        raise RuntimeError(f"{operator} of dtypes {self.dtype.name} and {product.dtype.name}: they must be equal")
    if alpha != 1:
        product *= alpha
    if beta == 0:
        return product  # not even a nan of `self` is added
    try:
        product += self if beta == 1 else beta * self
    except ValueError:
        raise RuntimeError(
            f"{operator}: shape {list(self.shape)} does not broadcast to {list(product.shape)}, the product's"
        ) from None
    return product


@differentiable(
    "AddmmBackward0",
    self=lambda grad, beta: scaled(grad, beta),
    mat1=lambda grad, mat2, mat1_sym_sizes, mat1_sym_strides, alpha: scaled(
        mat1_backward(grad, mat2, mat1_sym_sizes, mat1_sym_strides), alpha
    ),
    mat2=lambda grad, mat1, mat2_sym_sizes, mat2_sym_strides, alpha: scaled(
        mat2_backward(grad, mat1, mat2_sym_sizes, mat2_sym_strides), alpha
    ),
)
def addmm(self, mat1, mat2, *, beta=1, alpha=1):
    """``beta * self + alpha * (mat1 @ mat2)``, with ``self`` broadcast to the shape of the product"""
    return _added("addmm", _product("addmm", mat1, mat2, (2, 2)), self, beta, alpha)


@differentiable(
    "MvBackward0",
    self=lambda grad, vec: grad.outer(vec),
    vec=lambda grad, self: self.t().mv(grad),
)
def mv(self, vec):
    """A matrix times a vector: ``(n, m) @ (m,) -> (n,)``"""
    return _product("mv", self, vec, (2, 1))


@differentiable(
    "AddmvBackward0",
    self=lambda grad, beta: scaled(grad, beta),
    mat=lambda grad, vec, alpha: scaled(grad.outer(vec), alpha),
    vec=lambda grad, mat, alpha: scaled(mat.t().mv(grad), alpha),
)
def addmv(self, mat, vec, *, beta=1, alpha=1):
    """``beta * self + alpha * (mat @ vec)``, with ``self`` broadcast to the shape of the product"""
    return _added("addmv", _product("addmv", mat, vec, (2, 1)), self, beta, alpha)


@differentiable("DotBackward0", self=lambda grad, tensor: grad * tensor, tensor=lambda grad, self: grad * self)
def dot(self, tensor):
    """The inner product of two vectors."""
    return _product("dot", self, tensor, (1, 1))


@differentiable(
    "BmmBackward0",
    self=lambda grad, mat2: grad.bmm(mat2.transpose(1, 2)),
    mat2=lambda grad, self: self.transpose(1, 2).bmm(grad),
)
def bmm(self, mat2):
    """A product of matrices for each entry of the batch: ``(b, n, m) @ (b, m, p) -> (b, n, p)``"""
    if self.ndim == mat2.ndim == 3 and len(self) != len(mat2):
        raise RuntimeError(f"bmm: batches of {len(self)} and {len(mat2)} matrices; their number must be equal")
    return _product("bmm", self, mat2, (3, 3))


def rank(factor: Any) -> int:
    """The number of dimensions of a tensor. Raises TypeError for anything else."""
    if not isinstance(factor, TensorBase):
        raise TypeError(f"a product of matrices or vectors takes tensors, not {factor!r} ({type(factor).__name__})")
    return int(factor._array.ndim)


def outer(self: Any, vec2: Any) -> Any:
    """All products of an element of one vector and an element of another: ``(n,), (m,) -> (n, m)``"""
    if rank(self) != 1 or rank(vec2) != 1:
        raise RuntimeError(f"outer multiplies two vectors, not shapes {list(self.shape)} and {list(vec2.shape)}")
    return self.reshape(self._array.size, 1) * vec2


def matmul(self: Any, other: Any) -> Any:
    """The product of vectors and matrices, and of batches of them, by the rules of ``@``.

    A vector on the left is a row, on the right a column, and its extra dimension is dropped from the result; all
    dimensions before the last two are a batch and broadcast. Raises RuntimeError if the lengths do not meet.
    """
    left, right = rank(self), rank(other)
    if left == 2 and right == 2:
        return mm(self, other)
    if left == 0 or right == 0:
        raise RuntimeError("matmul needs at least one dimension on both sides; use * to multiply by a single number")
    if left == 1 and right == 1:
        return dot(self, other)
    if left == 2 and right == 1:
        return mv(self, other)
    if left == 1 and right == 2:
        return squeeze_result(mm(self.unsqueeze(0), other), 0)
    if left >= 3 and right <= 2 and _folds(self, other):
        return _fold(self, other)
    if right >= 3 and left <= 2 and _folds(other.transpose(-2, -1), self):
        rows = _fold(other.transpose(-2, -1), self if left == 1 else self.t())
        return rows if left == 1 else rows.transpose(-2, -1).contiguous()
    if left >= 3 and right == 3 and other._requires_grad and other._array.shape[0] == 1:
        return _fold(self, other.squeeze(0))
    return _batched(self, other)


def _folds(batch: Any, matrix: Any) -> bool:
    """Whether a batch times one matrix should become one product: no copy of the batch, or no gradient per entry."""
    if matrix._requires_grad:
        return True
    try:
        np.reshape(batch._array, (int(np.prod(batch._array.shape[:-1])), batch._array.shape[-1]), copy=False)
    except ValueError:
        return False
    return True


def _fold(self: Any, other: Any) -> Any:
    """A batch times one matrix is one product: the batch becomes rows."""
    sizes = self._array.shape
    rows = self.reshape(int(np.prod(sizes[:-1])), sizes[-1])
    if other.dim() == 1:
        return unsafe_view(mv(rows, other), sizes[:-1])
    return unsafe_view(mm(rows, other), (*sizes[:-1], other._array.shape[1]))


def _batched(self: Any, other: Any) -> Any:
    """Both sides expanded to a common batch and multiplied matrix by matrix."""
    left, right = self, other
    if self.dim() == 1:
        left = self.unsqueeze(0)
    if other.dim() == 1:
        right = other.unsqueeze(1)
    try:
        batch = np.broadcast_shapes(left._array.shape[:-2], right._array.shape[:-2])
    except ValueError:
        raise RuntimeError(
            f"matmul of shapes {list(self._array.shape)} and {list(other._array.shape)}: the batch dimensions, all before the "
            f"last two, do not broadcast"
        ) from None
    (n, m), (k, p) = left._array.shape[-2:], right._array.shape[-2:]
    count = int(np.prod(batch))
    left = left.expand(*batch, n, m).reshape(count, n, m)
    right = right.expand(*batch, k, p).reshape(count, k, p)
    kept = (*batch, *([n] if self.dim() > 1 else []), *([p] if other.dim() > 1 else []))
    return unsafe_view(bmm(left, right), kept)


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """``input @ weight.t() + bias``: ``(*, in) -> (*, out)`` with ``weight`` of shape ``(out, in)``"""
    if not isinstance(input, TensorBase):
        raise TypeError(f"linear takes a Tensor, not {type(input).__name__}; write torch.tensor(...) around the numbers")
    sizes = input._array.shape
    if len(sizes) == 2 and bias is not None:
        return addmm(bias, input, weight.t())
    if bias is None or not sizes:
        return matmul(input, weight.t())  # which refuses a single number
    rows = input.reshape(int(np.prod(sizes[:-1])), sizes[-1])
    return addmm(bias, rows, weight.t()).view(*sizes[:-1], weight._array.shape[0])


addmm_, addmv_ = in_place(addmm), in_place(addmv)
