"""Putting tensors together, taking them apart, repeating and turning them.

Mirrors: aten/src/ATen/native/TensorShape.cpp, TensorTransformations.cpp
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np

from ..autograd.variable import wrap
from ..dtypes import result_type
from ..operator import differentiable
from .filling import zeros_of
from .indexing import narrow, select
from .shape import along, as_dim, as_size, new_in_order, whole

# --- together -----------------------------------------------------------------------------------------------------------


def is_left_out(shape: tuple[int, ...]) -> bool:
    """Whether ``cat`` passes over a tensor: an empty vector may stand among tensors of any shape, as in PyTorch."""
    return shape == (0,)


def cat_backward(grad: Any, tensors_sym_sizes: list[tuple[int, ...]], dim: int) -> list[Any]:
    """Each tensor's own part of the gradient."""
    lengths = [0 if is_left_out(shape) else shape[dim] for shape in tensors_sym_sizes]
    return [
        zeros_of((0,), grad) if is_left_out(shape) else narrow(grad, dim, end - length, length)
        for shape, length, end in zip(tensors_sym_sizes, lengths, accumulate(lengths), strict=True)
    ]


@differentiable("CatBackward0", tensors=cat_backward)
def cat_some(tensors: list[Any], dim):
    """Several tensors, at least one, one after the other along ``dim``"""
    if any(not array.ndim for array in tensors):
        raise RuntimeError("cat of a 0-dim tensor: a single number has no dimension to go along; use stack")
    joined = [array for array in tensors if not is_left_out(array.shape)] or tensors[:1]
    dim = as_dim(dim, joined[0].ndim) if not is_left_out(joined[0].shape) else 0
    first = joined[0].shape
    for array in joined:
        if array.ndim != len(first) or any(
            n != m for d, (n, m) in enumerate(zip(array.shape, first, strict=True)) if d != dim
        ):
            raise RuntimeError(
                f"cat along dimension {dim} of shapes {list(first)} and {list(array.shape)}: the others must be equal"
            )
    return np.concatenate([np.ascontiguousarray(array) for array in joined], dim, dtype=result_type(*tensors))


def cat(tensors: Any, dim: int = 0) -> Any:
    """Several tensors one after the other along ``dim``; the other lengths must be equal, the types are promoted.

    Raises ValueError for none at all, RuntimeError for shapes that do not fit, IndexError for a dimension that is not there.

    >>> minigrad.cat([minigrad.tensor([1, 2]), minigrad.tensor([3.0])])
    tensor([1., 2., 3.])
    """
    if isinstance(tensors, (list, tuple)) and not tensors:
        raise ValueError("cat of no tensors: the list is empty")
    return cat_some(tensors, dim)


@differentiable(
    "StackBackward0",
    tensors=lambda grad, tensors_sym_sizes, dim: [select(grad, dim, i) for i in range(len(tensors_sym_sizes))],
)
def stack(tensors: list[Any], dim=0):
    """Several tensors of one shape side by side along a new dimension ``dim``; the types are promoted.

    Raises RuntimeError for none at all and for shapes that differ, IndexError for a dimension that does not exist.

    >>> minigrad.stack([minigrad.tensor([1, 2]), minigrad.tensor([3, 4])], dim=1)
    tensor([[1, 3],
            [2, 4]])
    """
    if not tensors:
        raise RuntimeError("stack of no tensors: the list is empty")
    for position, array in enumerate(tensors):
        if array.shape != tensors[0].shape:
            raise RuntimeError(
                f"stack: tensor {position} has shape {list(array.shape)}, but the first has {list(tensors[0].shape)}; all "
                f"must have one shape. cat joins along a dimension that they have."
            )
    kind = result_type(*tensors)
    return np.ascontiguousarray(np.stack([array.astype(kind, copy=False) for array in tensors], dim))


# --- apart --------------------------------------------------------------------------------------------------------------


def present(grads: list[Any], sizes: list[tuple[int, ...]]) -> list[Any]:
    """The gradients of several outputs, with zeros for those that took no part."""
    dtype = next(grad._array.dtype for grad in grads if grad is not None)
    return [wrap(np.zeros(size, dtype)) if grad is None else grad for grad, size in zip(grads, sizes, strict=True)]


def unbind_backward(grads: list[Any], dim: int) -> Any:
    """The gradients of the parts, put together again."""
    shape = next(grad._array.shape for grad in grads if grad is not None)
    return stack(present(grads, [shape] * len(grads)), dim)


@differentiable("UnbindBackward0", self=unbind_backward, outputs=(), view=True)
def unbind(self, dim=0):
    """The parts at each position of a dimension, which disappears; views. Iterating over a tensor does this.

    Raises IndexError for a dimension that does not exist.

    >>> minigrad.tensor([[1, 2], [3, 4]]).unbind(1)
    (tensor([1, 3]), tensor([2, 4]))
    """
    dim = as_dim(dim, self.ndim)
    if not self.ndim:
        raise IndexError("unbind of a 0-dim tensor: it is a single number and has no dimension")
    return [self[(*along(dim, self.ndim, position), ...)] for position in range(self.shape[dim])]


def split_backward(grads: list[Any], self_sym_sizes: tuple[int, ...], split_sizes: Any, dim: int) -> Any:
    """The gradients of the parts, one after the other."""
    dim = as_dim(dim, len(self_sym_sizes))
    before, after = self_sym_sizes[:dim], self_sym_sizes[dim + 1 :]
    return cat(present(grads, [(*before, length, *after) for length in split_sizes]), dim)


def _parts(self: Any, lengths: list[int], dim: int) -> list[Any]:
    ends = accumulate(lengths)
    return [self[along(dim, self.ndim, slice(end - length, end))] for length, end in zip(lengths, ends, strict=True)]


def lengths_of(total: int, split_size: int) -> list[int]:
    """How long the parts are when a dimension is cut every ``split_size`` positions."""
    if not total:
        return [0]
    return [min(split_size, total - start) for start in range(0, total, split_size)]


@differentiable(
    "SplitBackward0",
    self=lambda grads, self_sym_sizes, split_size, dim: split_backward(
        grads, self_sym_sizes, lengths_of(self_sym_sizes[dim], split_size), dim
    ),
    outputs=(),
    view=True,
)
def split_evenly(self, split_size, dim):
    """Parts of ``split_size`` positions of a dimension, the last one shorter; views"""
    if not self.ndim:
        raise RuntimeError("split of a 0-dim tensor: it is a single number and has no dimension")
    total = self.shape[as_dim(dim, self.ndim)]
    if split_size < 0 or (split_size == 0 and total):
        raise RuntimeError(f"split into parts of {split_size}: each must have at least one of the {total} positions")
    return _parts(self, lengths_of(total, split_size), dim)


@differentiable("SplitWithSizesBackward0", self=split_backward, outputs=(), view=True)
def split_with_sizes(self, split_sizes, dim=0):
    """Parts of a dimension with the lengths ``split_sizes``; views.

    Raises RuntimeError if the lengths do not add up to that of the dimension.
    """
    if not self.ndim:
        raise RuntimeError("split of a 0-dim tensor: it is a single number and has no dimension")
    total = self.shape[as_dim(dim, self.ndim)]
    if sum(split_sizes) != total or min(split_sizes, default=0) < 0:
        raise RuntimeError(f"split into parts of {list(split_sizes)}: they must add up to the {total} positions there are")
    return _parts(self, split_sizes, dim)


def split(self: Any, split_size_or_sections: Any, dim: int = 0) -> Any:
    """Parts of a dimension: each of that many positions (the last may be shorter), or of the lengths in a list; views.

    Raises RuntimeError for lengths that do not fit, IndexError for a dimension that does not exist.

    >>> minigrad.tensor([1, 2, 3]).split(2)
    (tensor([1, 2]), tensor([3]))
    """
    if isinstance(split_size_or_sections, (list, tuple)):
        return split_with_sizes(self, tuple(split_size_or_sections), dim)
    return split_evenly(self, whole(split_size_or_sections, "a number of positions"), dim)


def chunk(self: Any, chunks: int, dim: int = 0) -> Any:
    """At most ``chunks`` parts of a dimension, equally long but for the last; views.

    Raises RuntimeError for fewer than one, IndexError for a dimension that does not exist.

    >>> minigrad.tensor([1, 2, 3, 4, 5]).chunk(3)
    (tensor([1, 2]), tensor([3, 4]), tensor([5]))
    """
    if not self._array.ndim or whole(chunks, "a number of parts") < 1:
        raise RuntimeError(f"chunk into {chunks} parts of a tensor with {self._array.ndim} dimensions: neither may be 0")
    total = self._array.shape[as_dim(dim, self._array.ndim)]
    if not total:
        return split_with_sizes(self, (0,) * chunks, dim)
    return split_evenly(self, -(-total // chunks), dim)


# --- repeated and turned ------------------------------------------------------------------------------------------------


def repeat_backward(grad: Any, repeats: tuple[int, ...], self_sym_sizes: tuple[int, ...]) -> Any:
    """The sum over the copies: each repeated dimension becomes two, (which copy, position), and the first is summed away."""
    if 0 in repeats:
        return zeros_of(self_sym_sizes, grad)
    added = len(repeats) - len(self_sym_sizes)
    for _ in range(added):
        grad = grad.sum(0)
    shape: list[int] = []
    copies: list[int] = []
    for times, length in zip(repeats[added:], self_sym_sizes, strict=True):
        if times != 1:
            copies.append(len(shape))
            shape.append(times)
        shape.append(length)
    return grad.reshape(shape).sum(tuple(copies)) if copies else grad


@differentiable("RepeatBackward0", self=repeat_backward)
def repeat_sizes(self, repeats):
    """The tensor copied ``repeats[i]`` times along dimension ``i``"""
    if len(repeats) < self.ndim:
        raise RuntimeError(f"repeat of shape {list(self.shape)} by {list(repeats)}: each dimension needs a number; see tile")
    if min(repeats, default=0) < 0:
        raise RuntimeError(f"repeat by {list(repeats)}: a number of copies cannot be negative")
    return np.tile(np.ascontiguousarray(self) if self.ndim else self, repeats)


def repeat(self: Any, *repeats: Any) -> Any:
    """The tensor copied ``repeats[i]`` times along dimension ``i``; numbers too many add dimensions in front.

    Raises RuntimeError for numbers too few, or negative.

    >>> minigrad.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    if not repeats:
        raise TypeError("repeat() needs a number of copies for each dimension")
    return repeat_sizes(self, as_size(repeats))


def tile(self: Any, *dims: Any) -> Any:
    """``repeat``, where numbers too few leave the first dimensions as they are."""
    if not dims:
        raise TypeError("tile() needs a number of copies")
    times = as_size(dims)
    return repeat_sizes(self, (1,) * (self._array.ndim - len(times)) + times)


@differentiable("FlipBackward0", self=lambda grad, dims: grad.flip(dims))
def flip_dims(self, dims):
    """The positions of the dimensions ``dims`` in reverse order; a copy"""
    places = tuple([as_dim(dim, self.ndim) for dim in dims])
    if len(set(places)) < len(places):
        raise RuntimeError(f"flip of dimensions {list(dims)}: one is listed twice")
    flipped = new_in_order(self.shape, self.dtype, self.strides)
    flipped[...] = np.flip(self, places if self.ndim else ())
    return flipped


def flip(self: Any, *positions: Any, dims: Any = None) -> Any:
    """The positions of some dimensions in reverse order; a copy, since strides of a view cannot be negative.

    Raises IndexError for a dimension that does not exist, RuntimeError for one listed twice.
    """
    if not positions and dims is None:
        raise TypeError("flip() needs the dimensions to reverse")
    return flip_dims(self, as_size(positions) if dims is None else tuple(dims))


def roll_back(grad: Any, shifts: tuple[int, ...], dims: tuple[int, ...]) -> Any:
    """The gradient rolled the other way."""
    return roll(grad, tuple(-shift for shift in reversed(shifts)), tuple(reversed(dims)))


@differentiable("RollBackward0", self=roll_back)
def roll_dims(self, shifts, dims):
    """The elements moved on by ``shifts`` along ``dims``, the last ones coming in first; without dims, in a row"""
    if not shifts or (len(shifts) != len(dims) and (dims or len(shifts) > 1)):
        raise RuntimeError(f"roll by {list(shifts)} along {list(dims)}: there must be one shift for each dimension")
    if dims and not self.ndim:
        raise IndexError("roll of a 0-dim tensor along a dimension: it is a single number and has none")
    rolled = np.roll(self, shifts, [as_dim(dim, self.ndim) for dim in dims]) if dims else np.roll(self, shifts[0])
    return np.ascontiguousarray(rolled).reshape(self.shape)


def roll(self: Any, shifts: Any, dims: Any = ()) -> Any:
    """The elements moved on by ``shifts`` along ``dims`` (ints or tuples), the last ones coming in first.

    Without ``dims`` they are moved in a row. Raises RuntimeError if shifts and dimensions are not equally many.

    >>> minigrad.tensor([1, 2, 3]).roll(1)
    tensor([3, 1, 2])
    """
    return roll_dims(self, as_size((shifts,)), as_size((dims,)))
