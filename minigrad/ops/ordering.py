"""Putting elements in order.

Mirrors: aten/src/ATen/native/Sorting.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import return_types
from ..operator import differentiable
from .extremes import to_selected
from .shape import along, as_dim, whole


def _order(self: Any, dim: int, descending: bool) -> Any:
    """The indices that sort along ``dim``; equal elements stay in their order, nan counts as largest."""
    if not descending:
        return np.argsort(self, dim, kind="stable")
    backwards = np.argsort(np.flip(self, dim), dim, kind="stable")
    return self.shape[dim] - 1 - np.flip(backwards, dim)


def _sorted(self: Any, dim: int, descending: bool) -> tuple[Any, Any]:
    dim = as_dim(dim, self.ndim)
    if not self.ndim:
        return self.copy(), np.zeros((), np.int64)
    order = _order(self, dim, descending)
    return np.take_along_axis(self, order, dim), order


@differentiable(
    "SortBackward0",
    self=lambda grad, dim, indices, self_sym_sizes: to_selected(grad, dim, indices, self_sym_sizes, True),
    outputs=("values", "indices"),
)
def sort_dim(self, dim, descending):
    """The elements in order along ``dim``, and where they stood"""
    return _sorted(self, dim, descending)


@differentiable(
    "SortBackward1",
    self=lambda grad, dim, indices, self_sym_sizes: to_selected(grad, dim, indices, self_sym_sizes, True),
    outputs=("values", "indices"),
)
def sort_stable(self, stable, dim, descending):
    """The elements in order along ``dim``, equal ones as they were, and where they stood"""
    return _sorted(self, dim, descending)


def sort(self: Any, dim: int = -1, descending: bool = False, stable: bool | None = None) -> Any:
    """The elements in order along ``dim``, and their indices before. Equal elements keep their order; nan counts as largest.

    Raises IndexError for a dimension that does not exist.

    >>> minigrad.tensor([3.0, 1.0, 2.0]).sort()
    torch.return_types.sort(
    values=tensor([1., 2., 3.]),
    indices=tensor([1, 2, 0]))
    """
    if stable is None:
        return return_types.sort(sort_dim(self, dim, descending))
    return return_types.sort(sort_stable(self, stable, dim, descending))


def argsort(self: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The indices that put the elements in order along ``dim``."""
    return sort(self, dim, descending, stable).indices


@differentiable(
    "TopkBackward0",
    self=lambda grad, dim, indices, self_sym_sizes: to_selected(grad, dim, indices, self_sym_sizes, True),
    outputs=("values", "indices"),
)
def topk_dim(self, k, dim, largest):
    """The first ``k`` elements in order along ``dim``, and where they stood"""
    row = np.atleast_1d(self)
    first = along(dim, row.ndim, slice(k))
    length = row.shape[len(first) - 1]
    if not 0 <= whole(k, "k") <= length:
        raise RuntimeError(f"topk: k={k}, but dimension {dim} of shape {list(self.shape)} has {length} elements")
    found = [np.ascontiguousarray(each[first]) for each in _sorted(row, dim, largest)]
    return found if self.ndim else [each.reshape(()) for each in found]


def topk(self: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The ``k`` largest (or smallest) elements along ``dim``, in order, and their indices.

    Of equal elements the first are taken; PyTorch leaves open which. Raises RuntimeError if there are fewer than ``k``.

    >>> minigrad.tensor([3.0, 1.0, 2.0]).topk(2)
    torch.return_types.topk(
    values=tensor([3., 2.]),
    indices=tensor([0, 2]))
    """
    return return_types.topk(topk_dim(self, k, dim, largest))
