"""The largest, the smallest and the middle element: of all, or along a dimension with the place where it stands.

Mirrors: aten/src/ATen/native/TensorCompare.cpp, ReduceOps.cpp, Sorting.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import return_types
from ..autograd.variable import TensorBase
from ..operator import differentiable, non_differentiable
from .filling import zeros_of
from .reduction import as_dims, axes, collapse
from .shape import as_dim, whole

# NOTE [Which element gets the gradient]: where several elements are equal, the derivative of their maximum is not unique.
# PyTorch chooses so: `max(dim)`, `min(dim)` and `median(dim)` give the whole gradient to the one element whose index they
# return; `max()`, `min()`, `median()`, `amax` and `amin` share it evenly among all that are equal to the result.


def _refuse_empty(self: Any, operator: str, dim: Any) -> None:
    """Raise what PyTorch raises for the extreme of no elements: there is none."""
    if self.size or not self.ndim:
        return
    if not dim:
        raise RuntimeError(f"{operator} of no elements (shape {list(self.shape)}): there is none; name a dimension")
    for d in dim:
        if not self.shape[as_dim(d, self.ndim)]:
            raise IndexError(f"{operator} along dimension {d} of shape {list(self.shape)}: its length is 0: there is none")


# --- of all elements ----------------------------------------------------------------------------------------------------


def evenly_distributed(grad: Any, self: Any, result: Any) -> Any:
    """The gradient in equal shares for all elements that equal the result."""
    mask = self == result if result.item() == result.item() else self != self  # nan is what does not equal itself
    return zeros_of(self._array.shape, grad).masked_fill(mask, grad / mask.sum())


@differentiable("MaxBackward1", self=evenly_distributed)
def max_all(self):
    """The largest element"""
    _refuse_empty(self, "max", None)
    return np.maximum.reduce(self, None)


@differentiable("MinBackward1", self=evenly_distributed)
def min_all(self):
    """The smallest element"""
    _refuse_empty(self, "min", None)
    return np.minimum.reduce(self, None)


@differentiable("MedianBackward0", self=evenly_distributed)
def median_all(self):
    """The middle element in order; of an even number the lower of the two; nan if there is one"""
    if not self.size:
        return np.asarray(np.nan, self.dtype)
    middle = (self.size - 1) // 2
    ordered = np.partition(self, (middle, self.size - 1), axis=None)  # NumPy puts nan last
    return ordered[middle] if ordered[-1] == ordered[-1] else ordered[-1]


# --- along a dimension, with the index ----------------------------------------------------------------------------------


def to_selected(grad: Any, dim: int, indices: Any, self_sym_sizes: tuple[int, ...], keepdim: bool) -> Any:
    """The gradient of selected elements, put where they were selected."""
    if not keepdim and self_sym_sizes:
        grad, indices = grad.unsqueeze(dim), indices.unsqueeze(dim)
    return zeros_of(self_sym_sizes, grad).scatter(dim, indices, grad)


def selected(self: Any, indices: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The elements at ``indices``, which has length 1 along ``dim``; and the indices."""
    values = np.take_along_axis(self, indices, dim)
    return (values, indices) if keepdim else (values.squeeze(dim), indices.squeeze(dim))


def _first(find: Any, self: Any, dim: int, keepdim: bool, operator: str) -> Any:
    if not self.ndim:
        as_dim(dim, 0)
        return self.copy(), np.zeros((), np.int64)
    _refuse_empty(self, operator, (dim,))
    return selected(self, find(self, axis=dim, keepdims=True), dim, keepdim)


@differentiable("MaxBackward0", self=to_selected, outputs=("values", "indices"))
def max_dim(self, dim, keepdim=False):
    """The largest elements along ``dim``, and where the first of them stands; nan is larger than all"""
    return _first(np.argmax, self, dim, keepdim, "max")


@differentiable("MinBackward0", self=to_selected, outputs=("values", "indices"))
def min_dim(self, dim, keepdim=False):
    """The smallest elements along ``dim``, and where the first of them stands; nan is smaller than all"""
    return _first(np.argmin, self, dim, keepdim, "min")


@differentiable("MedianBackward1", self=to_selected, outputs=("values", "indices"))
def median_dim(self, dim, keepdim=False):
    """The middle elements along ``dim``, and where they stand"""

    def find(array, axis, keepdims):
        order = np.argsort(array, axis, kind="stable")
        middle = np.take(order, [(array.shape[axis] - 1) // 2], axis)
        unordered = array != array
        return np.where(unordered.any(axis, keepdims=True), unordered.argmax(axis, keepdims=True), middle)

    return _first(find, self, dim, keepdim, "median")


def max(self: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest element; with ``dim`` the largest along it and their indices; with a tensor the larger of each two.

    A nan counts as largest. Raises RuntimeError, or IndexError if there is ``dim``, where there are no elements.

    >>> minigrad.tensor([[1.0, 5.0], [4.0, 2.0]]).max(1)
    torch.return_types.max(
    values=tensor([5., 4.]),
    indices=tensor([1, 0]))
    """
    if dim is None:
        return max_all(self)
    return self.maximum(dim) if isinstance(dim, TensorBase) else return_types.max(max_dim(self, dim, keepdim))


def min(self: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest element; with ``dim`` the smallest along it and their indices; with a tensor the smaller of each two.

    A nan counts as smallest. Raises RuntimeError, or IndexError if there is ``dim``, where there are no elements.
    """
    if dim is None:
        return min_all(self)
    return self.minimum(dim) if isinstance(dim, TensorBase) else return_types.min(min_dim(self, dim, keepdim))


def median(self: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The middle element in order, the lower of two; with ``dim`` the middle elements along it and their indices.

    The result is nan if there is one. Where several elements equal the median, PyTorch may return another of their indices.

    >>> minigrad.tensor([3.0, 1.0, 2.0, 4.0]).median()
    tensor(2.)
    """
    return median_all(self) if dim is None else return_types.median(median_dim(self, dim, keepdim))


# --- along dimensions, without an index ---------------------------------------------------------------------------------


def unsqueezed_at_once(reduced: Any, self: Any, dim: tuple[int, ...]) -> Any:
    """A reduced tensor with length 1 along the dimensions that were reduced."""
    gone = {as_dim(d, self._array.ndim) for d in dim}
    return reduced.reshape([1 if d in gone else n for d, n in enumerate(self._array.shape or (1,))] if gone else [])


def shared_by_equals(grad: Any, self: Any, result: Any, dim: tuple[int, ...], keepdim: bool) -> Any:
    """The same along dimensions."""
    if not keepdim:
        grad, result = unsqueezed_at_once(grad, self, dim), unsqueezed_at_once(result, self, dim)
    mask = result == self
    return (grad / mask.sum(dim, True)) * mask


def _extreme(ufunc: Any, self: Any, dim: Any, keepdim: bool, operator: str) -> Any:
    axis = axes(self, dim)
    _refuse_empty(self, operator, dim)
    return collapse(ufunc, self, axis, keepdim)


@differentiable("AmaxBackward0", self=shared_by_equals)
def amax_of(self, dim, keepdim):
    """The largest elements along the dimensions ``dim``"""
    return _extreme(np.maximum, self, dim, keepdim, "amax")


@differentiable("AminBackward0", self=shared_by_equals)
def amin_of(self, dim, keepdim):
    """The smallest elements along the dimensions ``dim``"""
    return _extreme(np.minimum, self, dim, keepdim, "amin")


def amax(self: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """The largest element of all, or along the dimensions ``dim``. Equal ones share the gradient. Raises as ``max`` does.

    >>> minigrad.tensor([[1.0, 5.0], [4.0, 2.0]]).amax(0)
    tensor([4., 5.])
    """
    return amax_of(self, as_dims(dim), keepdim)


def amin(self: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """The smallest element of all, or along the dimensions ``dim``. Equal ones share the gradient. Raises as ``min`` does."""
    return amin_of(self, as_dims(dim), keepdim)


# --- the index alone ----------------------------------------------------------------------------------------------------


def _place(find: Any, self: Any, dim: Any, keepdim: bool, operator: str) -> Any:
    dim = None if dim is None else whole(dim, "a dimension")
    if self.dtype.kind == "b":
        raise RuntimeError(f"{operator} of truth values: make them numbers first, as in x.int()")
    if dim is None and not self.size:
        raise IndexError(f"{operator} of no elements (shape {list(self.shape)}): there is none; name a dimension")
    _refuse_empty(self, operator, as_dims(dim))
    if not self.ndim:
        as_dim(dim or 0, 0)
        return np.zeros((), np.int64)
    return find(self, axis=dim, keepdims=keepdim)


@differentiable(self=non_differentiable)
def argmax(self, dim=None, keepdim=False):
    """Where the largest element stands: along ``dim``, else in the order of reading; the first of several, or of nan.

    Raises as ``max`` does.

    >>> minigrad.tensor([1.0, 3.0, 2.0]).argmax()
    tensor(1)
    """
    return _place(np.argmax, self, dim, keepdim, "argmax")


@differentiable(self=non_differentiable)
def argmin(self, dim=None, keepdim=False):
    """Where the smallest element stands: along ``dim``, else in the order of reading; the first of several, or of nan.

    Raises as ``min`` does.
    """
    return _place(np.argmin, self, dim, keepdim, "argmin")
