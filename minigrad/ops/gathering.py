"""Reading and writing along one dimension at positions that a tensor lists.

Mirrors: aten/src/ATen/native/TensorAdvancedIndexing.cpp, ScatterGatherChecks.h
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase, wrap
from ..dtypes import filler
from ..operator import differentiable, in_place, non_differentiable
from .filling import zeros_of
from .pointwise import scaled
from .shape import along, as_dim, reshape

# NOTE [Two kinds of positions]: `index_select` and its family take a vector of positions and move whole slices.
# `gather` and its family take, for every element, a position of its own along `dim`; the other coordinates stay.
# The gradient of reading is adding at the same positions, that of writing is reading there.


def _refuse_dtype(operator: str, index: Any, *allowed: str) -> None:
    if index.dtype.name not in allowed:
        raise RuntimeError(f"{operator}: positions have dtype {' or '.join(allowed)}, not {index.dtype.name}")


def _refuse_outside(operator: str, index: Any, length: int, error: type[Exception]) -> None:
    if index.size and (index.min() < 0 or index.max() >= length):
        wrong = index.max() if index.max() >= length else index.min()
        raise error(f"{operator}: position {wrong} is outside the dimension, which has positions 0 to {length - 1}")


def _refuse_other_type(operator: str, self: Any, source: Any) -> None:
    if self.dtype is not source.dtype:
        raise RuntimeError(f"{operator}: the source has dtype {source.dtype.name}, but the tensor {self.dtype.name}")


# --- whole slices -------------------------------------------------------------------------------------------------------


def _vector(operator: str, index: Any) -> Any:
    if index.ndim > 1:
        raise IndexError(f"{operator}: the positions must be a vector, not of shape {list(index.shape)}")
    return index.reshape(-1)


@differentiable(
    "IndexSelectBackward0",
    self=lambda grad, self_sym_sizes, dim, index: zeros_of(self_sym_sizes, grad).index_add(dim, index, grad),
    index=non_differentiable,
)
def index_select(self, dim, index):
    """The slices of dimension ``dim`` at the positions ``index``; a copy.

    Raises IndexError for a position outside (there are no negative ones), RuntimeError for one that is no integer.

    >>> minigrad.tensor([[1, 2], [3, 4]]).index_select(1, minigrad.tensor([1, 1, 0]))
    tensor([[2, 2, 1],
            [4, 4, 3]])
    """
    _refuse_dtype("index_select", index, "int64", "int32")
    dim = as_dim(dim, self.ndim)
    rows = np.atleast_1d(self)
    index = _vector("index_select", index)
    _refuse_outside("index_select", index, rows.shape[dim], IndexError)
    if not self.ndim and index.size != 1:
        raise RuntimeError(f"index_select: a 0-dim tensor has one element, but {index.size} positions were given")
    return np.take(rows, index, dim) if self.ndim else self.copy()


def added_slices(grad: Any, source: Any, source_dim: int, dim: int, index: Any) -> Any:
    """What the gradient says of slices that were added at positions."""
    if not source_dim:
        return grad.index_select(dim, index.squeeze(0))
    return grad.index_select(dim, index).expand_as(source)


@differentiable(
    "IndexAddBackward0",
    self=lambda grad: grad,
    index=non_differentiable,
    source=lambda grad, source, source_dim, dim, index, alpha: scaled(
        added_slices(grad, source, source_dim, dim, index), alpha
    ),
)
def index_add(self, dim, index, source, *, alpha=1):
    """A copy with ``alpha`` times the slices of ``source`` added at the positions ``index`` of dimension ``dim``.

    A position that is listed twice receives twice. Raises RuntimeError for positions outside and for a source whose
    shape or type does not fit, IndexError for positions that are no vector.

    >>> minigrad.zeros(3).index_add(0, minigrad.tensor([0, 2, 0]), minigrad.tensor([1.0, 2.0, 3.0]))
    tensor([4., 0., 2.])
    """
    dim = as_dim(dim, self.ndim)
    index = _vector("index_add", index)
    _refuse_dtype("index_add", index, "int64", "int32")
    _refuse_other_type("index_add", self, source)
    rows, slices = np.array(self, order="C", ndmin=1), np.atleast_1d(source)
    fitting = (*rows.shape[:dim], index.size, *rows.shape[dim + 1 :])
    if slices.shape != fitting:
        raise RuntimeError(
            f"index_add at {index.size} positions of dimension {dim} of shape {list(self.shape)} needs a source of shape "
            f"{list(fitting)}, not {list(source.shape)}"
        )
    _refuse_outside("index_add", index, rows.shape[dim], IndexError if self.ndim < 2 else RuntimeError)  # as PyTorch does
    added = source if alpha == 1 else source * filler(alpha, self.dtype)
    np.add.at(rows, along(dim, rows.ndim, index), added)
    return rows.reshape(self.shape)


index_add_ = in_place(index_add)


# --- a position for every element ---------------------------------------------------------------------------------------


def _places(operator: str, self: Any, dim: int, index: Any, source: Any = None) -> tuple[Any, ...]:
    """The NumPy index, one array per dimension, that ``index`` stands for. Raises RuntimeError for what does not fit."""
    if not index.size:  # of whatever type, as in PyTorch
        return tuple(np.empty((max(self.ndim, 1), 0), np.int64))
    _refuse_dtype(operator, index, "int64", "int32")
    for name, other in (("the tensor", self), ("the source", source)):
        if other is None:
            continue
        if max(other.ndim, 1) != max(index.ndim, 1):
            raise RuntimeError(f"{operator}: index has {index.ndim} dimensions, but {name} {other.ndim}")
        for d, (n, m) in enumerate(zip(np.atleast_1d(index).shape, np.atleast_1d(other).shape, strict=True)):
            if n > m and (d != dim or other is source):
                raise RuntimeError(
                    f"{operator}: index of shape {list(index.shape)} is larger than {name}, of shape {list(other.shape)}, "
                    f"in dimension {d}"
                )
    _refuse_outside(operator, index, np.atleast_1d(self).shape[dim], RuntimeError)
    places: list[Any] = list(np.indices(np.atleast_1d(index).shape, sparse=True))
    places[dim] = np.atleast_1d(index)
    return tuple(places)


@differentiable(
    "GatherBackward0",
    self=lambda grad, self, dim, index, sparse_grad: zeros_of(self._array.shape, grad).scatter_add(dim, index, grad),
    index=non_differentiable,
)
def gather(self, dim, index, *, sparse_grad=False):
    """Elements in the shape of ``index``, which names their positions along ``dim``: ``self[i, index[i, j]]`` for ``dim=1``.

    Raises RuntimeError for positions outside and for an index whose shape or type does not fit.

    >>> minigrad.tensor([[1, 2], [3, 4]]).gather(1, minigrad.tensor([[1], [0]]))
    tensor([[2],
            [3]])
    """
    if sparse_grad:
        raise RuntimeError("gather(sparse_grad=True) makes a sparse gradient, which minigrad leaves out")
    dim = as_dim(dim, self.ndim)
    places = _places("gather", self, dim, index)
    return np.copy(np.atleast_1d(self)[places].reshape(index.shape), order="C")


def _scattered(operator: str, self: Any, dim: int, index: Any, src: Any, add: bool) -> Any:
    dim = as_dim(dim, self.ndim)
    _refuse_other_type(operator, self, src)
    places = _places(operator, self, dim, index, src)
    result = np.array(self, order="C", ndmin=1)
    source = np.atleast_1d(src)[tuple(slice(n) for n in np.atleast_1d(index).shape)] if index.size else src.reshape(-1)[:0]
    if add:
        np.add.at(result, places, source)
    else:
        result[places] = source
    return result.reshape(self.shape)


@differentiable(
    "ScatterBackward0",
    self=lambda grad, dim, index: grad.scatter(dim, index, 0),
    index=non_differentiable,
    src=lambda grad, dim, index: grad.gather(dim, index),
)
def scatter_tensor(self, dim, index, src):
    """A copy with the elements of ``src`` at positions along ``dim`` that ``index`` names one by one"""
    return _scattered("scatter", self, dim, index, src, add=False)


@differentiable(
    "ScatterBackward1",
    self=lambda grad, dim, index: grad.scatter(dim, index, 0),
    index=non_differentiable,
)
def scatter_number(self, dim, index, value):
    """A copy with a number at positions along ``dim`` that ``index`` names one by one"""
    dim = as_dim(dim, self.ndim)
    result = np.array(self, order="C", ndmin=1)
    result[_places("scatter", self, dim, index)] = filler(value, self.dtype)
    return result.reshape(self.shape)


@differentiable(
    "ScatterAddBackward0",
    self=lambda grad: grad,
    index=non_differentiable,
    src=lambda grad, dim, index: grad.gather(dim, index),
)
def scatter_add(self, dim, index, src):
    """A copy with the elements of ``src`` added at positions along ``dim`` that ``index`` names one by one.

    Raises as ``scatter`` does.
    """
    return _scattered("scatter_add", self, dim, index, src, add=True)


def scatter(self: Any, dim: int, index: Any, src: Any = None, *, value: Any = None) -> Any:
    """A copy with the elements of ``src``, or a number, at positions along ``dim`` that ``index`` names one by one.

    For ``dim=1``, ``result[i, index[i, j]] = src[i, j]``. Raises RuntimeError for positions outside and for shapes or types
    that do not fit.

    >>> minigrad.zeros(2, 3).scatter(1, minigrad.tensor([[2], [0]]), 1.0)
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    src = value if src is None else src
    return (scatter_tensor if isinstance(src, TensorBase) else scatter_number)(self, dim, index, src)


scatter_add_ = in_place(scatter_add)
_scatter_tensor, _scatter_number = in_place(scatter_tensor), in_place(scatter_number)


def scatter_(self: Any, dim: int, index: Any, src: Any = None, *, value: Any = None) -> Any:
    """``scatter`` in place; returns the tensor itself."""
    src = value if src is None else src
    return (_scatter_tensor if isinstance(src, TensorBase) else _scatter_number)(self, dim, index, src)


def take_along_dim(self: Any, indices: Any, dim: int | None = None) -> Any:
    """Elements at the positions ``indices`` along ``dim``, and the other dimensions broadcast; without ``dim``, in a row.

    Raises RuntimeError for positions that are not int64, or have another number of dimensions.

    >>> x = minigrad.tensor([[30, 10, 20]])
    >>> minigrad.take_along_dim(x, minigrad.tensor([[1, 2, 0]]), dim=1)
    tensor([[10, 20, 30]])
    """
    if not isinstance(indices, TensorBase):
        raise TypeError(f"take_along_dim: indices must be a Tensor, not {type(indices).__name__}")
    _refuse_dtype("take_along_dim", indices._array, "int64")
    if dim is None:
        return gather(self.view(-1), 0, reshape(indices, -1))
    ndim = self._array.ndim
    if ndim != indices._array.ndim:
        raise RuntimeError(f"take_along_dim: the tensor has {ndim} dimensions, but indices {indices._array.ndim}")
    dim = as_dim(dim, ndim)
    own, other = list(self._array.shape), list(indices._array.shape)
    try:
        common = list(np.broadcast_shapes([*own[:dim], 1, *own[dim + 1 :]], [*other[:dim], 1, *other[dim + 1 :]]))
    except ValueError:
        raise RuntimeError(f"take_along_dim: but for dimension {dim}, shapes {own} and {other} must broadcast") from None
    expanded = self.expand(*common[:dim], own[dim], *common[dim + 1 :])
    positions = np.broadcast_to(indices._array, [*common[:dim], other[dim], *common[dim + 1 :]])
    return gather(expanded, dim, wrap(positions % max(own[dim], 1)))  # as in PyTorch, any int is a position: it wraps around
