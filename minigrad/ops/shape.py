"""Operators that look at the same elements in another shape; most return views.

Mirrors: aten/src/ATen/native/TensorShape.cpp
"""

from __future__ import annotations

import math
from operator import index
from typing import Any

import numpy as np

from ..autograd.variable import TensorBase
from ..dtypes import cast
from ..operator import differentiable


def whole(value: Any, what: str) -> int:
    """A whole number: an int of Python, of NumPy or in a 0-dim tensor. Raises TypeError for anything else."""
    try:
        if not isinstance(value, bool):
            return index(value)
    except TypeError:
        pass
    raise TypeError(f"{what} is an int, not {value!r} ({type(value).__name__})")


def as_dim(dim: int, ndim: int) -> int:
    """A dimension counted from the front; a 0-dim tensor counts as having one. Raises IndexError if there is no such."""
    dim = dim if dim.__class__ is int else whole(dim, "a dimension")
    known = ndim or 1
    if not -known <= dim < known:
        raise IndexError(f"dimension {dim} does not exist: with {ndim} dimensions they are -{known} to {known - 1}")
    return dim % known


def along(dim: int, ndim: int, item: Any) -> tuple[Any, ...]:
    """The index that applies ``item`` to one dimension and takes all of those before it."""
    return (*[slice(None)] * as_dim(dim, ndim), item)


def as_size(size: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape in a call such as ``view(2, 3)`` or ``view((2, 3))``."""
    if not size:
        raise TypeError("a shape is missing: give its lengths, or () for a single number")
    if len(size) == 1 and isinstance(size[0], (tuple, list)):
        (size,) = size
    for n in size:
        if n.__class__ is not int:
            return tuple([whole(length, "a length") for length in size])
    return tuple(size)


def filled_in(numel: int, size: tuple[int, ...], operator: str) -> tuple[int, ...]:
    """The shape with its one -1 replaced by what is left. Raises RuntimeError if that does not come out even."""
    known, unknown = math.prod(size), size.count(-1)
    if known == numel and min(size, default=0) >= 0:
        return size
    known *= (-1) ** unknown
    if unknown > 1:
        raise RuntimeError(f"{operator} to {list(size)}: only one length may be -1, for there is one number to find it from")
    if unknown == 1 and known > 0 and numel % known == 0:
        return tuple(numel // known if length == -1 else length for length in size)
    raise RuntimeError(f"{operator} to {list(size)}: {numel} elements do not fill this shape")


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


@differentiable("ReshapeAliasBackward0", self=lambda grad, self_sym_sizes: grad.reshape(self_sym_sizes), view=True)
def reshape_alias(self, size):
    """The view that ``reshape`` finds for a tensor with gaps between its rows"""
    return np.reshape(self, size, copy=False)


def reshape(self: Any, *shape: Any) -> Any:
    """The same elements in another shape: a view where the memory allows it, else a copy."""
    size = filled_in(self._array.size, as_size(shape), "reshape")
    if self._array.flags.c_contiguous:
        return view_as_size(self, size)
    try:
        np.reshape(self._array, size, copy=False)
    except ValueError:
        return unsafe_view(clone_contiguous(self), size)
    return reshape_alias(self, size)


@differentiable("AliasBackward0", self=lambda grad: grad, view=True)
def alias(self):
    """The same elements, as a tensor of its own"""
    return self[...]


def new_in_order(shape: tuple[int, ...], dtype: Any, *operands: tuple[int, ...]) -> Any:
    """An array without values, laid out as PyTorch lays out a result: its dimensions in the order of the operands' strides.

    ``operands`` are tuples with a stride for each dimension; the first in which two dimensions differ decides. A stride
    of 0, of a dimension that is only repeated, decides nothing.
    """

    def lies_outside(inner: int, outer: int) -> bool | None:
        for strides in operands:
            if strides[inner] and strides[outer] and strides[inner] != strides[outer]:
                return strides[inner] > strides[outer]
            if strides[inner] and strides[outer] and shape[inner] > shape[outer]:
                return True
        return None

    order = list(range(len(shape)))[::-1]  # from the densest dimension on
    for end in range(1, len(shape)):
        here = end
        for before in range(end - 1, -1, -1):
            outside = lies_outside(order[before], order[here])
            if outside:
                order[before], order[here] = order[here], order[before]
                here = before
            elif outside is False:
                break
    order.reverse()
    return np.empty([shape[dim] for dim in order], dtype).transpose(np.argsort(order))


def copy_in_order(self: Any, dtype: Any = None) -> Any:
    """A copy of an array, in another type if one is given, dense in memory, with its dimensions in the same order."""
    values = self if dtype is None else cast(self, dtype)
    if self.flags.c_contiguous:
        return values.copy() if values is self else values
    copied = new_in_order(self.shape, values.dtype, self.strides)
    copied[...] = values
    return copied


@differentiable("CloneBackward0", self=lambda grad: grad)
def clone(self):
    """A copy, with the same strides."""
    return copy_in_order(self)


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
            return np.ndarray(size, self.dtype, self, 0, (0,) * added)
        repeated = np.broadcast_to(self, size)
        repeated.flags.writeable = True  # `write` sees by the strides what may be changed
        return repeated
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
        raise RuntimeError(f"t() turns a matrix, of two dimensions; this tensor has {self.ndim}. Use transpose or permute.")
    return self.transpose()


def permute_back(grad: Any, dims: tuple[int, ...]) -> Any:
    """The gradient with its dimensions back in order."""
    return grad.permute(tuple(np.argsort([dim % len(dims) for dim in dims]).tolist()))


@differentiable("PermuteBackward0", self=permute_back, view=True)
def permute_dims(self, dims):
    """The dimensions in another order."""
    return self.transpose(dims)


def permute(self: Any, *dims: Any) -> Any:
    """The tensor with its dimensions in the order ``dims``, as a view."""
    return permute_dims(self, as_size(dims))


@differentiable("TransposeBackward0", self=lambda grad, dim0, dim1: grad.transpose(dim0, dim1), view=True)
def transpose(self, dim0, dim1):
    """Two dimensions exchanged."""
    dim0, dim1 = as_dim(dim0, self.ndim), as_dim(dim1, self.ndim)
    return self.swapaxes(dim0, dim1) if self.ndim else self[...]


@differentiable("UnsqueezeBackward0", self=lambda grad, dim: grad.squeeze(dim), view=True)
def unsqueeze(self, dim):
    """A new dimension of length 1 at position ``dim``."""
    return np.expand_dims(self, whole(dim, "a dimension"))


def unsqueeze_to(grad: Any, dim: int, self_sym_sizes: tuple[int, ...]) -> Any:
    """The dimension back, if it was squeezed away."""
    return grad.unsqueeze(dim) if self_sym_sizes and self_sym_sizes[dim] == 1 else grad


@differentiable("SqueezeBackward1", self=unsqueeze_to, view=True)
def squeeze_dim(self, dim):
    """Without dimension ``dim``, if its length is 1."""
    dim = as_dim(dim, self.ndim)
    return self.squeeze(dim) if self.ndim and self.shape[dim] == 1 else self[...]


def unsqueeze_all(grad: Any, self_sym_sizes: tuple[int, ...]) -> Any:
    """All dimensions of length 1 back."""
    for dim, length in enumerate(self_sym_sizes):
        if length == 1:
            grad = grad.unsqueeze(dim)
    return grad


@differentiable("SqueezeBackward0", self=unsqueeze_all, view=True)
def squeeze_all(self):
    """Without any dimension of length 1."""
    return self.squeeze()


@differentiable("SqueezeBackward4", self=unsqueeze_to)
def squeeze_result(self, dim):
    """The squeeze of a tensor that nobody else holds."""
    return self.squeeze(dim)


def unsqueeze_each(grad: Any, dim: tuple[int, ...], self_sym_sizes: tuple[int, ...]) -> Any:
    """Those of the dimensions back that were squeezed away."""
    for each in sorted(as_dim(each, len(self_sym_sizes)) for each in dim):
        grad = unsqueeze_to(grad, each, self_sym_sizes)
    return grad


@differentiable("SqueezeBackward2", self=unsqueeze_each, view=True)
def squeeze_dims(self, dim):
    """Without those of the dimensions ``dim`` that have length 1"""
    named = {as_dim(each, self.ndim) for each in dim}
    return self.squeeze(tuple([each for each in named if self.ndim and self.shape[each] == 1]))


def squeeze(self: Any, dim: Any = None) -> Any:
    """Without its dimensions of length 1, or without those of ``dim`` (an int or several) that have length 1; a view."""
    if dim is None:
        return squeeze_all(self)
    return squeeze_dims(self, tuple(dim)) if isinstance(dim, (tuple, list)) else squeeze_dim(self, dim)


# --- the same with other words ------------------------------------------------------------------------------------------


def flatten(self: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The dimensions from ``start_dim`` to ``end_dim`` as one; a view where the memory allows it.

    A tensor of one dimension is returned as it is. Raises IndexError for a dimension that does not exist.

    >>> minigrad.zeros(2, 3, 4).flatten(1).shape
    torch.Size([2, 12])
    """
    ndim = self._array.ndim
    first, last = as_dim(start_dim, ndim), as_dim(end_dim, ndim)
    if first > last:
        raise RuntimeError(f"flatten from dimension {start_dim} to {end_dim}: the first must not come after the last")
    if not ndim:
        return reshape(self, 1)
    if first == last:
        return self
    shape = self._array.shape
    return reshape(self, (*shape[:first], int(np.prod(shape[first : last + 1])), *shape[last + 1 :]))


def unflatten(self: Any, dim: int, sizes: Any) -> Any:
    """One dimension as several, of lengths ``sizes`` (one may be -1); a view.

    Raises RuntimeError if the lengths do not multiply to that of the dimension, IndexError if there is no such dimension.

    >>> minigrad.zeros(2, 12).unflatten(1, (3, -1)).shape
    torch.Size([2, 3, 4])
    """
    if not isinstance(sizes, (tuple, list)):
        raise TypeError(f"unflatten: sizes must be a tuple of lengths, not {sizes!r} ({type(sizes).__name__})")
    if not sizes:
        raise RuntimeError("unflatten: sizes is empty, but a dimension cannot become none; use squeeze")
    shape = self._array.shape
    dim = as_dim(dim, len(shape))
    lengths = filled_in(shape[dim], tuple(sizes), "unflatten")
    return view(self, (*shape[:dim], *lengths, *shape[dim + 1 :]))


def movedim(self: Any, source: Any, destination: Any) -> Any:
    """The dimensions ``source`` (an int or several) moved to the places ``destination``, the others in their order; a view.

    >>> minigrad.zeros(2, 3, 4).movedim(0, 2).shape
    torch.Size([3, 4, 2])
    """
    if isinstance(source, int) != isinstance(destination, int):
        raise TypeError(f"movedim: source {source!r} and destination {destination!r} must both be ints, or both tuples")
    ndim = self._array.ndim
    come_from = [as_dim(dim, ndim) for dim in ([source] if isinstance(source, int) else source)]
    go_to = [as_dim(dim, ndim) for dim in ([destination] if isinstance(destination, int) else destination)]
    if not ndim:
        return alias(self)
    if len(come_from) != len(go_to) or len(set(come_from)) < len(come_from) or len(set(go_to)) < len(go_to):
        raise RuntimeError(f"movedim from {source} to {destination}: as many must leave as arrive, and each only once")
    order = [dim for dim in range(ndim) if dim not in come_from]
    for to, dim in sorted(zip(go_to, come_from, strict=True)):
        order.insert(to, dim)
    return permute_dims(self, tuple(order))


def broadcast_to(self: Any, *size: Any) -> Any:
    """``expand`` under the name that NumPy gives it."""
    return expand(self, *size)


def expand_as(self: Any, other: Any) -> Any:
    """Expanded to the shape of ``other``; a view."""
    return expand_to_size(self, _shape_of(other, "expand_as"))


def view_as(self: Any, other: Any) -> Any:
    """The same memory in the shape of ``other``."""
    return view_as_size(self, _shape_of(other, "view_as"))


def reshape_as(self: Any, other: Any) -> Any:
    """The same elements in the shape of ``other``."""
    return reshape(self, _shape_of(other, "reshape_as"))


def _shape_of(other: Any, operator: str) -> tuple[int, ...]:
    if not isinstance(other, TensorBase):
        raise TypeError(f"{operator} takes the shape of a tensor, not of {other!r} ({type(other).__name__})")
    shape: tuple[int, ...] = other._array.shape
    return shape
