"""Operators that look at the same elements in another shape; most return views.

Mirrors: aten/src/ATen/native/TensorShape.cpp
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..operator import differentiable


def as_size(size: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape in a call such as ``view(2, 3)`` or ``view((2, 3))``."""
    if len(size) == 1 and not isinstance(size[0], (int, np.integer)):
        return tuple(size[0])
    return tuple(size)


def filled_in(numel: int, size: tuple[int, ...], operator: str) -> tuple[int, ...]:
    """The shape with its one -1 replaced by what is left. Raises RuntimeError if that does not come out even."""
    unknown = size.count(-1)
    known = math.prod(size) * (-1) ** unknown
    if unknown > 1:
        raise RuntimeError(f"{operator} to {list(size)}: only one length may be -1, for there is one number to find it from")
    if unknown == 1 and known > 0 and numel % known == 0:
        return tuple(numel // known if length == -1 else length for length in size)
    if unknown or known != numel or any(length < 0 for length in size):
        raise RuntimeError(f"{operator} to {list(size)}: {numel} elements do not fill this shape")
    return size


@differentiable("ViewBackward0", self=lambda grad, self_sym_sizes: grad.reshape(self_sym_sizes), view=True)
def view_as_size(self, size):
    """The same memory read in another shape."""
    size = filled_in(self.size, size, "view")
    try:
        return self.reshape(size, copy=False)
    except ValueError:
        raise RuntimeError(
            f"view to {list(size)}: the elements of this tensor (shape {list(self.shape)}, strides "
            f"{[stride // self.itemsize for stride in self.strides]}) do not lie in memory in that order. "
            f"Use reshape, which copies when it must."
        ) from None


def view(self: Any, *size: Any) -> Any:
    """The same memory in another shape; one length may be -1. Raises RuntimeError where only a copy could have it."""
    return view_as_size(self, as_size(size))


@differentiable("UnsafeViewBackward0", self=lambda grad, self_sym_sizes: grad.reshape(self_sym_sizes))
def unsafe_view(self, size):
    """The view of a tensor that nobody else holds, so that it need not count as a view."""
    return self.reshape(size)


def reshape(self: Any, *shape: Any) -> Any:
    """The same elements in another shape: a view where the memory allows it, else a copy."""
    size = filled_in(self._array.size, as_size(shape), "reshape")
    try:
        return view_as_size(self, size)
    except RuntimeError:
        return unsafe_view(clone_contiguous(self), size)


@differentiable("CloneBackward0", self=lambda grad: grad)
def clone(self):
    """A copy, with the same strides."""
    return self.copy(order="K")


@differentiable("CloneBackward0", self=lambda grad: grad)
def clone_contiguous(self):
    """A copy, with the last dimension densest."""
    return self.copy(order="C")


def contiguous(self: Any) -> Any:
    """The tensor itself if its elements lie in memory row after row, else a copy that does."""
    return self if self._array.flags.c_contiguous else clone_contiguous(self)


@differentiable("ExpandBackward0", self=lambda grad, self_sym_sizes: grad.sum_to_size(self_sym_sizes), view=True)
def expand_to_size(self, size):
    """Every element repeated along new and stretched dimensions, without memory of its own."""
    added = len(size) - self.ndim
    if -1 in size:
        size = tuple(self.shape[i - added] if n == -1 and i >= added else n for i, n in enumerate(size))
    try:
        if added < 0 or -1 in size:
            raise ValueError
        if not self.ndim:  # the gradient of every sum: as np.broadcast_to does it, in a tenth of the time
            repeated = np.ndarray(size, self.dtype, self, 0, (0,) * added)
            repeated.flags.writeable = False
            return repeated
        return np.broadcast_to(self, size)
    except ValueError:
        raise RuntimeError(
            f"expand of shape {list(self.shape)} to {list(size)}: only a length of 1 can be stretched, and new dimensions "
            f"go in front; -1 keeps a length"
        ) from None


def expand(self: Any, *size: Any) -> Any:
    """The tensor repeated along dimensions of length 1, and along new dimensions in front, as a view."""
    return expand_to_size(self, as_size(size))


@differentiable("TBackward0", self=lambda grad: grad.t(), view=True)
def t(self):
    """A matrix with rows and columns exchanged; a tensor with fewer dimensions as it is."""
    if self.ndim > 2:
        raise RuntimeError(f"t() exchanges the two dimensions of a matrix; this tensor has {self.ndim}. Use transpose or permute.")
    return self.transpose()


def permute_back(grad: Any, dims: tuple[int, ...]) -> Any:
    return grad.permute(tuple(np.argsort([dim % len(dims) for dim in dims]).tolist()))


@differentiable("PermuteBackward0", self=lambda grad, dims: permute_back(grad, dims), view=True)
def permute_dims(self, dims):
    """The dimensions in another order."""
    return self.transpose(dims)


def permute(self: Any, *dims: Any) -> Any:
    """The tensor with its dimensions in the order ``dims``, as a view."""
    return permute_dims(self, as_size(dims))


@differentiable(
    "TransposeBackward0", self=lambda grad, dim0, dim1: grad.transpose(dim0, dim1), view=True
)
def transpose(self, dim0, dim1):
    """Two dimensions exchanged."""
    return self.swapaxes(dim0, dim1)


@differentiable("UnsqueezeBackward0", self=lambda grad, dim: grad.squeeze(dim), view=True)
def unsqueeze(self, dim):
    """A new dimension of length 1 at position ``dim``."""
    return np.expand_dims(self, dim)


def unsqueeze_to(grad: Any, sizes: tuple[int, ...], dim: int) -> Any:
    return grad.unsqueeze(dim) if sizes and sizes[dim] == 1 else grad


@differentiable("SqueezeBackward1", self=lambda grad, dim, self_sym_sizes: unsqueeze_to(grad, self_sym_sizes, dim), view=True)
def squeeze_dim(self, dim):
    """Without dimension ``dim``, if its length is 1."""
    if not self.ndim and dim in (0, -1):
        return self[...]
    if not -self.ndim <= dim < self.ndim:
        raise IndexError(f"squeeze: dim {dim} does not exist in a tensor with {self.ndim} dimensions")
    return self.squeeze(dim) if self.shape[dim] == 1 else self[...]


def unsqueeze_all(grad: Any, sizes: tuple[int, ...]) -> Any:
    for dim, length in enumerate(sizes):
        if length == 1:
            grad = grad.unsqueeze(dim)
    return grad


@differentiable("SqueezeBackward0", self=lambda grad, self_sym_sizes: unsqueeze_all(grad, self_sym_sizes), view=True)
def squeeze_all(self):
    """Without any dimension of length 1."""
    return self.squeeze()


@differentiable("SqueezeBackward4", self=lambda grad, dim, self_sym_sizes: unsqueeze_to(grad, self_sym_sizes, dim))
def squeeze_result(self, dim):
    """The squeeze of a tensor that nobody else holds."""
    return self.squeeze(dim)


def squeeze(self: Any, dim: int | None = None) -> Any:
    """Without its dimensions of length 1, or without dimension ``dim`` if that has length 1; a view."""
    return squeeze_all(self) if dim is None else squeeze_dim(self, dim)
