"""Taking parts of a tensor: by position, by slice, by mask and by lists of positions.

Mirrors: torch/csrc/autograd/python_variable_indexing.cpp, aten/src/ATen/native/TensorAdvancedIndexing.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase
from ..operator import differentiable


def select_backward(grad: Any, sizes: tuple[int, ...], dim: int, index: int) -> Any:
    return in_zeros(grad, sizes, (slice(None),) * dim + (index,))


def slice_backward(grad: Any, sizes: tuple[int, ...], dim: int, start: int, end: int, step: int) -> Any:
    return in_zeros(grad, sizes, (slice(None),) * dim + (slice(start, end, step),))


@differentiable("SelectBackward0", self=lambda grad, self_sym_sizes, dim, index: select_backward(grad, self_sym_sizes, dim, index), view=True)
def select(self, dim, index):
    """The part at one position of a dimension, which disappears."""
    return self[(slice(None),) * dim + (index, ...)]


@differentiable("SliceBackward0", self=lambda grad, self_sym_sizes, dim, start, end, step: slice_backward(grad, self_sym_sizes, dim, start, end, step), view=True)
def slice_dim(self, dim, start, end, step):
    """The part from ``start`` up to ``end`` of a dimension, every ``step``-th."""
    return self[(slice(None),) * dim + (slice(start, end, step),)]


@differentiable("IndexBackward0", self=lambda grad, self_sym_sizes, indices: in_zeros(grad, self_sym_sizes, indices))
def index(self, indices):
    """The elements at the listed positions."""
    return self[indices]


@differentiable("IndexPutBackward0", self=lambda grad, where: grad[where])
def in_zeros(self, sizes, where):
    """Zeros of shape ``sizes`` with the values added at ``where``: the gradient of taking a part."""
    zeros = np.zeros(sizes, self.dtype)
    if all(isinstance(item, (int, slice)) for item in where):
        zeros[where] = self
    else:
        np.add.at(zeros, where, self)  # a position that is listed twice receives twice
    return zeros


def getitem(self: Any, key: Any) -> Any:
    """``self[key]``: ints, slices, None and ``...`` give views; masks and lists of positions give copies.

    Raises IndexError for a position outside, too many indices, or an index of the wrong type.
    """
    keys = key if isinstance(key, tuple) else (key,)
    taken = sum(_dims_taken(item) for item in keys)
    if taken > self._array.ndim:
        raise IndexError(f"{taken} indices for a tensor with {self._array.ndim} dimensions (shape {list(self._array.shape)})")
    result, dim = self, 0
    advanced: list[Any] = []
    for item in keys:
        if item is Ellipsis:
            dim += self._array.ndim - taken
        elif item is None:
            result = result.unsqueeze(dim)
            dim += 1
        elif isinstance(item, slice):
            result, dim = _sliced(result, dim, item), dim + 1
        elif isinstance(item, (int, np.integer)) and not isinstance(item, (bool, np.bool_)):
            result = _selected(result, dim, int(item))
        else:
            positions = _positions(item)
            advanced += [slice(None)] * (dim - len(advanced)) + [positions]
            dim += positions.ndim if positions.dtype == bool else 1
    if advanced:
        return index(result, tuple(advanced))
    return result if result is not self else self.view(self._array.shape)


def _dims_taken(item: Any) -> int:
    """How many dimensions of the tensor one index uses up."""
    if item is None or item is Ellipsis:
        return 0
    if isinstance(item, (TensorBase, np.ndarray)):
        array = item._array if isinstance(item, TensorBase) else item
        return array.ndim if array.dtype == bool else 1
    return 1


def _selected(self: Any, dim: int, position: int) -> Any:
    length = self._array.shape[dim]
    if not -length <= position < length:
        raise IndexError(f"index {position} is outside dimension {dim}, which has positions 0 to {length - 1} (or -{length} to -1)")
    return select(self, dim, position)


def _sliced(self: Any, dim: int, item: slice) -> Any:
    if item.step is not None and int(item.step) <= 0:
        raise ValueError(f"slice step {item.step}: only positive steps give a view; use flip to go backwards")
    start, end, step = item.indices(self._array.shape[dim])
    if (start, end, step) == (0, self._array.shape[dim], 1):
        return self
    return slice_dim(self, dim, start, end, step)


def _positions(item: Any) -> np.ndarray[Any, Any]:
    """An index array: int64 positions, or a mask."""
    array = item._array if isinstance(item, TensorBase) else np.asarray(item)
    if array.dtype.kind not in "iub" and array.size:
        raise IndexError(
            f"an index must be an int, a slice, None, ..., or a tensor of integers or bools, not {type(item).__name__} of "
            f"dtype {array.dtype.name}"
        )
    return array if array.dtype == bool else array.astype(np.int64)


