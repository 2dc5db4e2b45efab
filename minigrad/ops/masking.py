"""Choosing elements by truth values.

Mirrors: aten/src/ATen/native/TensorAdvancedIndexing.cpp, TensorCompare.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase, wrap
from ..dtypes import filler
from ..operator import differentiable, in_place, non_differentiable
from . import choosing
from .filling import zeros_of


def _refuse_mask(operator: str, mask: Any) -> None:
    if mask.dtype.kind != "b":
        raise RuntimeError(f"{operator}: a mask has dtype bool, not {mask.dtype.name}; write mask.bool() or a comparison")


def _filled(self: Any, mask: Any, value: Any) -> Any:
    self, mask = np.broadcast_arrays(self, mask)
    return np.ascontiguousarray(np.where(mask, value, self)).reshape(mask.shape)


@differentiable("MaskedFillBackward0", self=lambda grad, mask: grad.masked_fill(mask, 0), mask=non_differentiable)
def masked_fill_number(self, mask, value):
    """A number where the mask is true, else ``self``"""
    _refuse_mask("masked_fill", mask)
    return _filled(self, mask, filler(value, self.dtype))


@differentiable(
    "MaskedFillBackward1",
    self=lambda grad, mask: grad.masked_fill(mask, 0),
    mask=non_differentiable,
    value=lambda grad, mask: grad.masked_select(mask).sum(),
)
def masked_fill_tensor(self, mask, value):
    """The one element of ``value`` where the mask is true, else ``self``"""
    if value.ndim:
        raise RuntimeError(
            f"masked_fill takes a number or a 0-dim tensor, not one of shape {list(value.shape)}; see masked_scatter"
        )
    _refuse_mask("masked_fill", mask)
    return _filled(self, mask, value.astype(self.dtype))


def masked_fill(self: Any, mask: Any, value: Any) -> Any:
    """``value``, a number or a 0-dim tensor, where the mask is true, else ``self``; the two broadcast.

    Raises RuntimeError for a mask that is not bool, for shapes that do not broadcast, for a number that does not fit.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0, -2.0])
    >>> x.masked_fill(x < 0, 0)
    tensor([1., 0.])
    """
    return (masked_fill_tensor if isinstance(value, TensorBase) else masked_fill_number)(self, mask, value)


_fill_number, _fill_tensor = in_place(masked_fill_number), in_place(masked_fill_tensor)


def masked_fill_(self: Any, mask: Any, value: Any) -> Any:
    """``masked_fill`` in place; returns the tensor itself."""
    return (_fill_tensor if isinstance(value, TensorBase) else _fill_number)(self, mask, value)


def unmasked(grad: Any, self: Any, mask: Any) -> Any:
    """Zeros with the gradient where the mask chose."""
    common = np.broadcast_shapes(self._array.shape, mask._array.shape)
    return zeros_of(common, grad).masked_scatter(mask, grad)


@differentiable("MaskedSelectBackward0", self=lambda grad, self, mask: unmasked(grad, self, mask), mask=non_differentiable)
def masked_select(self, mask):
    """The elements where the mask is true, in a row; the two broadcast.

    Raises RuntimeError for a mask that is not bool, and for shapes that do not broadcast.

    >>> import minigrad
    >>> x = minigrad.tensor([[1, 2], [3, 4]])
    >>> x.masked_select(x > 2)
    tensor([3, 4])
    """
    _refuse_mask("masked_select", mask)
    self, mask = np.broadcast_arrays(self, mask)
    return self[mask]


@differentiable(
    "MaskedScatterBackwardBackward0",
    grad_output=lambda grad, grad_output, mask: zeros_of(grad_output._array.shape, grad).masked_scatter(mask, grad),
    mask=non_differentiable,
)
def masked_scatter_backward(grad_output, mask, sizes):
    """The elements where the mask is true, first in a tensor of shape ``sizes`` that is 0 after them"""
    chosen = grad_output[np.broadcast_to(mask, grad_output.shape)]
    row = np.zeros(int(np.prod(sizes)), grad_output.dtype)
    row[: chosen.size] = chosen
    return row.reshape(sizes)


@differentiable(
    "MaskedScatterBackward0",
    self=lambda grad, mask: grad.masked_fill(mask, 0),
    mask=non_differentiable,
    source=lambda grad, mask, source_sym_sizes: masked_scatter_backward(grad, mask, source_sym_sizes),
)
def masked_scatter(self, mask, source):
    """The elements of ``source``, one after the other, where the mask is true, else ``self``; mask and ``self`` broadcast.

    Raises RuntimeError for a mask that is not bool, another type, or too few elements.

    >>> import minigrad
    >>> minigrad.zeros(3).masked_scatter(minigrad.tensor([True, False, True]), minigrad.tensor([1.0, 2.0]))
    tensor([1., 0., 2.])
    """
    _refuse_mask("masked_scatter", mask)
    if self.dtype is not source.dtype:
        raise RuntimeError(f"masked_scatter: the source has dtype {source.dtype.name}, but must have {self.dtype.name}")
    self, mask = np.broadcast_arrays(self, mask)
    count = int(mask.sum())
    if source.size < count:
        raise RuntimeError(f"masked_scatter: the mask is true {count} times, but the source has only {source.size} elements")
    result = np.copy(self, order="C")
    result[mask] = source.reshape(-1)[:count]
    return result


masked_scatter_ = in_place(masked_scatter)


def nonzero(self: Any, *, as_tuple: bool = False) -> Any:
    """The positions of the elements that are not 0, one row each; with ``as_tuple``, a vector for each dimension.

    >>> import minigrad
    >>> minigrad.tensor([[0, 5], [6, 0]]).nonzero()
    tensor([[0, 1],
            [1, 0]])
    """
    array = np.atleast_1d(self._array) if as_tuple else self._array
    found = np.empty((int(array != 0), 0), np.int64) if not array.ndim else np.argwhere(array)
    return wrap(found).unbind(1) if as_tuple else wrap(found)


def where(condition: Any, self: Any = None, other: Any = None) -> Any:
    """``self`` where the condition holds, else ``other``; all three broadcast. With the condition alone, where it holds.

    Raises TypeError for a condition that is no tensor, RuntimeError for one that is not bool.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0, -2.0])
    >>> minigrad.where(x > 0, x, 0.0), minigrad.where(x > 0)
    (tensor([1., 0.]), (tensor([0]),))
    """
    if not isinstance(condition, TensorBase):
        raise TypeError(f"where: the condition must be a Tensor, not {condition!r} ({type(condition).__name__})")
    if self is None and other is None:
        return nonzero(condition, as_tuple=True)
    if self is None or other is None:
        raise TypeError("where takes the condition alone, or two values with it; it got one")
    return choosing.where(condition, self, other)
