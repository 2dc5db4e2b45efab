"""Choosing elements by truth values.

Mirrors: aten/src/ATen/native/TensorAdvancedIndexing.cpp, TensorCompare.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase, wrap
from ..dtypes import filler
from ..operator import differentiable, non_differentiable
from . import choosing
from .filling import zeros_of
from .indexing import index_put
from .overloads import overloaded, overloaded_in_place


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
        raise RuntimeError(f"masked_fill takes a number or a 0-dim tensor, not one of shape {list(value.shape)}; see where")
    _refuse_mask("masked_fill", mask)
    return _filled(self, mask, value.astype(self.dtype))


@overloaded(masked_fill_number, masked_fill_tensor)
def masked_fill(self, mask, value):
    """``value``, a number or a 0-dim tensor, where the mask is true, else ``self``; the two broadcast.

    Raises RuntimeError for a mask that is not bool, for shapes that do not broadcast, for a number that does not fit.

    >>> x = minigrad.tensor([1.0, -2.0])
    >>> x.masked_fill(x < 0, 0)
    tensor([1., 0.])
    """


masked_fill_ = overloaded_in_place(masked_fill)


def unmasked(grad: Any, self: Any, mask: Any) -> Any:
    """Zeros with the gradient where the mask chose."""
    common = np.broadcast_shapes(self._array.shape, mask._array.shape)
    if not common:  # a single number, which is masked as a vector of one
        return index_put(zeros_of((1,), grad), (mask.expand(1),), grad).view(())
    return index_put(zeros_of(common, grad), (mask.expand(common),), grad)


@differentiable("MaskedSelectBackward0", self=unmasked, mask=non_differentiable)
def masked_select(self, mask):
    """The elements where the mask is true, in a row; the two broadcast.

    Raises RuntimeError for a mask that is not bool, and for shapes that do not broadcast.
    """
    _refuse_mask("masked_select", mask)
    self, mask = np.broadcast_arrays(self, mask)
    return self[mask]


def nonzero(self: Any, *, as_tuple: bool = False) -> Any:
    """The positions of the elements that are not 0, one row each; with ``as_tuple``, a vector for each dimension.

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
