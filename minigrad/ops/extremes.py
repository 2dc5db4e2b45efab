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
from .shape import as_dim

# NOTE [Which element gets the gradient]: where several elements are equal, the derivative of their maximum is not unique.
# PyTorch chooses so: `max(dim)`, `min(dim)` and `median(dim)` give the whole gradient to the one element whose index they
# return; `max()`, `min()`, `median()`, `amax` and `amin` share it evenly among all that are equal to the result.


def _refuse_empty(self: Any, operator: str, dim: Any) -> None:
    """Raise what PyTorch raises for the extreme of no elements: there is none."""
    if self.size or not self.ndim:
        return
    if not dim:
        raise RuntimeError(
            f"{operator} of no elements (shape {list(self.shape)}): there is none; name a dimension that has some"
        )
    for d in dim:
        if not self.shape[as_dim(d, self.ndim)]:
            raise IndexError(
                f"{operator} along dimension {d} of shape {list(self.shape)}: its length is 0, so there is none"
            )


# --- of all elements ----------------------------------------------------------------------------------------------------


def evenly_distributed(grad: Any, self: Any, result: Any) -> Any:
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


def to_selected(grad: Any, dim: int, indices: Any, sizes: tuple[int, ...], keepdim: bool = True) -> Any:
    """The gradient of selected elements, put where they were selected."""
    if not keepdim and sizes:
        grad, indices = grad.unsqueeze(dim), indices.unsqueeze(dim)
    return zeros_of(sizes, grad).scatter(dim, indices, grad)


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


@differentiable(
    "MaxBackward0",
    self=lambda grad, dim, indices, self_sym_sizes, keepdim: to_selected(grad, dim, indices, self_sym_sizes, keepdim),
    outputs=("values", "indices"),
)
def max_dim(self, dim, keepdim=False):
    """The largest elements along ``dim``, and where the first of them stands; nan is larger than all"""
    return _first(np.argmax, self, dim, keepdim, "max")


@differentiable(
    "MinBackward0",
    self=lambda grad, dim, indices, self_sym_sizes, keepdim: to_selected(grad, dim, indices, self_sym_sizes, keepdim),
    outputs=("values", "indices"),
)
def min_dim(self, dim, keepdim=False):
    """The smallest elements along ``dim``, and where the first of them stands; nan is smaller than all"""
    return _first(np.argmin, self, dim, keepdim, "min")


@differentiable(
    "MedianBackward1",
    self=lambda grad, dim, indices, self_sym_sizes, keepdim: to_selected(grad, dim, indices, self_sym_sizes, keepdim),
    outputs=("values", "indices"),
)
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

    >>> import minigrad
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

    >>> import minigrad
    >>> minigrad.tensor([[1.0, 5.0], [4.0, 2.0]]).min()
    tensor(1.)
    """
    if dim is None:
        return min_all(self)
    return self.minimum(dim) if isinstance(dim, TensorBase) else return_types.min(min_dim(self, dim, keepdim))


def median(self: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The middle element in order, the lower of two; with ``dim`` the middle elements along it and their indices.

    The result is nan if there is one. Where several elements equal the median, PyTorch may return another of their indices.

    >>> import minigrad
    >>> minigrad.tensor([3.0, 1.0, 2.0, 4.0]).median()
    tensor(2.)
    """
    return median_all(self) if dim is None else return_types.median(median_dim(self, dim, keepdim))


# --- along dimensions, without an index ---------------------------------------------------------------------------------


def back_in_place(reduced: Any, self: Any, dim: tuple[int, ...], keepdim: bool) -> Any:
    """A reduced tensor with length 1 along the dimensions that were reduced."""
    if keepdim:
        return reduced
    ndim = reduced._array.ndim + len(dim)
    gone = {d % ndim for d in dim}
    lengths = iter(reduced._array.shape)
    return reduced.reshape([1 if d in gone else next(lengths) for d in range(ndim)])


def shared_by_equals(grad: Any, self: Any, result: Any, dim: tuple[int, ...], keepdim: bool) -> Any:
    grad, result = back_in_place(grad, self, dim, keepdim), back_in_place(result, self, dim, keepdim)
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

    >>> import minigrad
    >>> minigrad.tensor([[1.0, 5.0], [4.0, 2.0]]).amax(0)
    tensor([4., 5.])
    """
    return amax_of(self, as_dims(dim), keepdim)


def amin(self: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """The smallest element of all, or along the dimensions ``dim``. Equal ones share the gradient. Raises as ``min`` does.

    >>> import minigrad
    >>> minigrad.tensor([[1.0, 5.0], [4.0, 2.0]]).amin(0)
    tensor([1., 2.])
    """
    return amin_of(self, as_dims(dim), keepdim)


def aminmax_backward(grads: list[Any], self: Any, min: Any, max: Any, dim: int | None, keepdim: bool) -> Any:
    dims = () if dim is None else (dim,)
    parts = [shared_by_equals(g, self, r, dims, keepdim) for g, r in zip(grads, (min, max), strict=True) if g is not None]
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


@differentiable("AminmaxBackward0", self=aminmax_backward, outputs=("min", "max"))
def aminmax_of(self, dim, keepdim):
    """The smallest and the largest elements"""
    dims = as_dims(dim)
    return _extreme(np.minimum, self, dims, keepdim, "aminmax"), _extreme(np.maximum, self, dims, keepdim, "aminmax")


def aminmax(self: Any, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest and the largest element of all, or along ``dim``.

    >>> import minigrad
    >>> minigrad.tensor([3.0, 1.0]).aminmax()
    torch.return_types.aminmax(
    min=tensor(1.),
    max=tensor(3.))
    """
    return return_types.aminmax(aminmax_of(self, dim, keepdim))


# --- the index alone ----------------------------------------------------------------------------------------------------


def _place(find: Any, self: Any, dim: Any, keepdim: bool, operator: str) -> Any:
    if self.dtype.kind == "b":
        raise RuntimeError(f"{operator} of truth values: make them numbers first, as in x.int()")
    if dim is None and not self.size:
        raise IndexError(
            f"{operator} of no elements (shape {list(self.shape)}): there is none; name a dimension that has some"
        )
    _refuse_empty(self, operator, as_dims(dim))
    if not self.ndim:
        as_dim(dim or 0, 0)
        return np.zeros((), np.int64)
    return find(self, axis=dim, keepdims=keepdim)


@differentiable(self=non_differentiable)
def argmax(self, dim=None, keepdim=False):
    """Where the largest element stands: along ``dim``, else in the order of reading; the first of several, or of nan.

    Raises as ``max`` does.

    >>> import minigrad
    >>> minigrad.tensor([1.0, 3.0, 2.0]).argmax()
    tensor(1)
    """
    return _place(np.argmax, self, dim, keepdim, "argmax")


@differentiable(self=non_differentiable)
def argmin(self, dim=None, keepdim=False):
    """Where the smallest element stands: along ``dim``, else in the order of reading; the first of several, or of nan.

    Raises as ``min`` does.

    >>> import minigrad
    >>> minigrad.tensor([1.0, 3.0, 2.0]).argmin()
    tensor(0)
    """
    return _place(np.argmin, self, dim, keepdim, "argmin")
