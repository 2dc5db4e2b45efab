"""``x[...]`` and ``x[...] = value``: ints, slices, None and ``...`` make views; masks and lists of positions pick elements.

Mirrors: torch/csrc/autograd/python_variable_indexing.cpp, aten/src/ATen/TensorIndexing.h, native/TensorAdvancedIndexing.cpp
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from operator import index as as_int
from typing import Any

import numpy as np

from ..autograd.place import users_place
from ..autograd.variable import TensorBase, wrap
from ..dtypes import filler
from ..operator import differentiable, in_place, non_differentiable
from .filling import zeros_of
from .shape import alias, along, as_dim, copy_in_order, new_in_order, unsqueeze

# --- one position, a range of positions ---------------------------------------------------------------------------------


@differentiable("SelectBackwardBackward0", grad_output=lambda grad, dim, index: grad.select(dim, index))
def select_backward(grad_output, sizes, dim, index):
    """Zeros of shape ``sizes``, with the values at one position of a dimension"""
    zeros = np.zeros(sizes, grad_output.dtype)
    zeros[along(dim, len(sizes), index)] = grad_output
    return zeros


@differentiable(
    "SelectBackward0",
    self=lambda grad, self_sym_sizes, dim, index: select_backward(grad, self_sym_sizes, dim, index),
    view=True,
)
def select(self, dim, index):
    """The part at one position of a dimension, which disappears; a view.

    Raises IndexError for a position or a dimension that does not exist.

    >>> minigrad.select(minigrad.tensor([[1, 2], [3, 4]]), 1, -1)
    tensor([2, 4])
    """
    try:
        return self[index, ...] if dim == 0 else self[(*along(dim, self.ndim, index), ...)]
    except IndexError:
        index = as_int(index)
        if not self.ndim:
            raise IndexError("a 0-dim tensor has no positions: it is a single number, which item() gives") from None
        length = self.shape[as_dim(dim, self.ndim)]
        raise IndexError(
            f"position {index} is outside dimension {dim} of shape {list(self.shape)}: "
            + (f"there are 0 to {length - 1}, or -1 to -{length} from the end" if length else "it is empty")
        ) from None


@differentiable(
    "SliceBackwardBackward0", grad_output=lambda grad, dim, start, end, step: slice_dim(grad, dim, start, end, step)
)
def slice_backward(grad_output, sizes, dim, start, end, step):
    """Zeros of shape ``sizes``, with the values at a range of positions of a dimension"""
    zeros = np.zeros(sizes, grad_output.dtype)
    zeros[along(dim, len(sizes), slice(start, end, step))] = grad_output
    return zeros


@differentiable(
    "SliceBackward0",
    self=lambda grad, self_sym_sizes, dim, start, end, step: slice_backward(grad, self_sym_sizes, dim, start, end, step),
    view=True,
)
def slice_dim(self, dim, start, end, step):
    """The part from position ``start`` up to ``end`` of a dimension, every ``step``-th; a view"""
    return self[along(dim, self.ndim, slice(start, end, step))]


def narrow(self: Any, dim: int, start: Any, length: int) -> Any:
    """``length`` positions of a dimension, from ``start`` on; a view.

    Raises RuntimeError if they leave the tensor, IndexError for a dimension or a start that does not exist.

    >>> minigrad.tensor([1, 2, 3, 4]).narrow(0, 1, 2)
    tensor([2, 3])
    """
    if not self._array.ndim:
        raise RuntimeError("narrow of a 0-dim tensor: it is a single number and has no positions")
    size = self._array.shape[as_dim(dim, self._array.ndim)]
    first = as_int(start)
    if not -size <= first <= size:
        raise IndexError(f"narrow from position {first} of dimension {dim}, which has {size}")
    first += size if first < 0 else 0
    if length < 0 or first + length > size:
        raise RuntimeError(f"narrow of {length} positions from {first} on: dimension {dim} has {size}")
    return slice_dim(self, dim, first, first + length, 1)


# --- positions in tensors -----------------------------------------------------------------------------------------------


def positions(shape: tuple[int, ...], indices: Sequence[Any]) -> tuple[Any, ...]:
    """The index arrays as NumPy takes them: masks of bytes as bools, ``slice(None)`` for None.

    Raises IndexError for a type that is no index, and for a mask that has not the shape of the dimensions it masks.
    """
    found: list[Any] = []
    dim = 0
    for index in indices:
        if index is None:
            found.append(slice(None))
            dim += 1
        elif index.dtype.kind == "b" or index.dtype == np.uint8:
            if index.shape != shape[dim : dim + index.ndim]:
                raise IndexError(
                    f"a mask of shape {list(index.shape)} cannot choose from dimension {dim} on of a tensor of shape "
                    f"{list(shape)}: there its shape must be {list(shape[dim : dim + index.ndim])}"
                )
            if not index.ndim:
                raise IndexError("a mask without dimensions masks none of a tensor's; write torch.where(mask, value, x)")
            found += index.nonzero()
            dim += index.ndim
        elif index.dtype == np.int64 or index.dtype == np.int32:
            found.append(index)
            dim += 1
        else:
            raise IndexError(f"dtype {index.dtype.name} is no index: positions are int64 or int32, masks are bool")
    if dim > len(shape):
        raise IndexError(f"{dim} indices for a tensor with {len(shape)} dimensions (shape {list(shape)})")
    return tuple(found)


def explain_positions(shape: tuple[int, ...], where: tuple[Any, ...]) -> IndexError:
    """What is wrong with positions that NumPy refused."""
    for dim, index in enumerate(where):
        if not isinstance(index, slice) and index.size and (index.min() < -shape[dim] or index.max() >= shape[dim]):
            wrong = index.max() if index.max() >= shape[dim] else index.min()
            return IndexError(
                f"position {wrong} is outside dimension {dim} of shape {list(shape)}, which has {shape[dim]} positions"
            )
    shapes = " and ".join(str(list(index.shape)) for index in where if not isinstance(index, slice))
    return IndexError(f"index tensors of shapes {shapes} do not broadcast: together they name one position for each element")


def index_backward(grad: Any, self_sym_sizes: tuple[int, ...], indices: Any) -> Any:
    """Zeros with the gradient added at the positions: one that is listed twice receives twice."""
    return index_put_impl(zeros_of(self_sym_sizes, grad), indices, grad, True)


@differentiable("IndexBackward0", self=index_backward, indices=non_differentiable)
def index(self, indices: list[Any]):
    """The elements at the listed positions, or where a mask is true; a copy"""
    where = positions(self.shape, indices)
    try:
        taken = self[where]
    except IndexError:
        raise explain_positions(self.shape, where) from None
    if taken.ndim < 2:
        return taken
    result = new_in_order(taken.shape, taken.dtype, *_strides_of_taking(self, where))
    result[...] = taken
    return result


def _strides_of_taking(self: Any, where: tuple[Any, ...]) -> list[tuple[int, ...]]:
    """How far the operands step in memory along each dimension of ``self[where]``: ``self``, then the index arrays."""
    listed = [dim for dim, item in enumerate(where) if not isinstance(item, slice)]
    tables = np.broadcast_arrays(*[where[dim] for dim in listed])
    first = listed[0] if listed[-1] - listed[0] == len(listed) - 1 else 0  # index arrays that stand apart come first
    kept = [dim for dim in range(self.ndim) if dim not in listed]
    before, after = kept[:first], kept[first:]
    own = (*[self.strides[dim] for dim in before], *[0] * tables[0].ndim, *[self.strides[dim] for dim in after])
    # A table is repeated along the other dimensions; along one of length 1 it keeps the stride that it has with it.
    alone = [self.shape[dim] == 1 for dim in kept]
    others = [
        (
            *[table.size * table.itemsize * one for one in alone[:first]],
            *table.strides,
            *[table.itemsize * one for one in alone[first:]],
        )
        for table in tables
    ]
    return [own, *others]


def without_listed(grad: Any, indices: Any, accumulate: bool) -> Any:
    """The gradient of what remained: 0 at the positions whose values were replaced."""
    return grad if accumulate else index_put(grad, indices, zeros_of((), grad))


def _putting(node_name: str) -> Any:
    @differentiable(
        node_name,
        self=without_listed,
        indices=non_differentiable,
        values=lambda grad, indices: index(grad, indices),
    )
    def index_put(self, indices: list[Any], values, accumulate=False):
        """A copy with other values at the listed positions, or with ``values`` added there.

        ``indices`` holds a tensor of positions, a mask or None for each dimension; ``values`` broadcasts to the shape of
        ``self[indices]``. Raises IndexError for positions outside, RuntimeError for values of another shape or type.

        >>> x = minigrad.zeros(4)
        >>> x.index_put((minigrad.tensor([1, 3, 1]),), minigrad.tensor([1.0, 2.0, 4.0]), accumulate=True)
        tensor([0., 5., 0., 2.])
        """
        is_filling = values.size == 1 and all(index is None or index.dtype.kind == "b" for index in indices)
        if self.dtype is not values.dtype and not is_filling:
            raise RuntimeError(
                f"values of dtype {values.dtype.name} cannot be put at listed positions of a tensor of dtype {self.dtype.name}: "
                f"nothing is converted. Convert the values first, as in values.to(x.dtype)."
            )
        where = positions(self.shape, indices)
        result = copy_in_order(self)
        try:
            expected = self[where].shape
            if np.broadcast_shapes(expected, values.shape) != expected:
                raise ValueError
            if accumulate:
                np.add.at(result, where, values)
            else:
                result[where] = values
        except IndexError:
            raise explain_positions(self.shape, where) from None
        except ValueError:
            raise RuntimeError(
                f"values of shape {list(values.shape)} do not broadcast to the part's, {list(expected)}"
            ) from None
        return result

    return index_put


index_put, index_put_impl = _putting("IndexPutBackward0"), _putting("IndexPutImplBackward0")  # the second for gradients
index_put_ = in_place(index_put)

# --- square brackets ----------------------------------------------------------------------------------------------------


def getitem(self: Any, key: Any) -> Any:
    """``self[key]``.

    Ints, slices, None and ``...`` give views. Masks, lists and tensors of positions give copies; if they stand apart,
    the dimension that they make comes first. Raises IndexError for a position outside, too many indices, or an index
    of the wrong type, ValueError for a step below 1.

    >>> x = minigrad.tensor([[1, 2, 3], [4, 5, 6]])
    >>> x[:, -1], x[[1, 0], 0], x[x > 4]
    (tensor([3, 6]), tensor([4, 1]), tensor([5, 6]))
    """
    if key.__class__ is int:
        return select(self, 0, key)
    if key.__class__ is slice:
        return _sliced(self, 0, key)
    part, indices = _basic_part(self, key)
    if indices:
        return index(part, indices)
    return alias(part) if part is self else part


def setitem(self: Any, key: Any, value: Any) -> None:
    """``self[key] = value``: a number, or a tensor that broadcasts to the shape of ``self[key]``.

    Where the key makes a view, the value is converted to the type of ``self``; at listed positions it must have it. The
    change is recorded, so gradients reach the value. Raises as ``getitem`` does, and RuntimeError for a value that
    does not fit, for a leaf that requires grad; TypeError for a list or an array.

    >>> x = minigrad.zeros(2, 2)
    >>> x[0] = 7
    >>> x[[0, 1], [1, 1]] = minigrad.tensor([1.0, 2.0])
    >>> x
    tensor([[7., 1.],
            [0., 2.]])
    """
    if key.__class__ is int and _set_number(self, key, value):
        return
    if key is False:
        return
    if key is True:
        key = None
    value = _as_value(self, value)
    if isinstance(key, slice):
        key = (key,)
    part, indices = _basic_part(self, key)
    shape = value._array.shape
    while shape and shape[0] == 1:
        shape = shape[1:]
    if indices:
        index_put_(part, indices, value if shape == value._array.shape else value.view(shape))
    elif value._array.shape == part._array.shape:
        part.copy_(value)
    elif not value._array.ndim:
        part.fill_(value)
    else:
        value = value.view(shape)
        part.copy_(value if shape == part._array.shape else value.expand(part._array.shape))


def _set_number(self: Any, position: int, value: Any) -> bool:
    """``self[position] = value`` for a single number, where nothing is recorded: the memory is written, no view is made.

    This is what a loop over elements does. Returns False, and has done nothing, in all other cases.
    """
    array = self._array
    if isinstance(value, TensorBase):
        number = value._array
        if (
            number.ndim
            or number.dtype is not array.dtype
            or value._requires_grad
            or (value._base is not None and value.requires_grad)
        ):
            return False
    elif value.__class__ is float or value.__class__ is int:
        number = filler(value, array.dtype)
    else:
        return False
    if self._requires_grad or (self._base is not None and self.requires_grad):
        return False
    try:
        array[position] = number
    except (IndexError, ValueError):  # outside, or read-only: for the general way to explain
        return False
    self.version_counter.bump(("__setitem__", users_place()))
    return True


def _as_value(self: Any, value: Any) -> Any:
    """What is assigned, as a tensor; a number in the type of ``self``. Raises TypeError for anything else."""
    if isinstance(value, TensorBase):
        return value
    if isinstance(value, (bool, int, float, np.number, np.bool_)):
        return wrap(filler(value, self._array.dtype))
    raise TypeError(
        f"x[...] = value takes a number or a tensor, not {type(value).__name__}; make a tensor of it: torch.tensor(value) "
        f"copies a list, torch.from_numpy(value) shares an array"
    )


def _sliced(self: Any, dim: int, item: slice) -> Any:
    if not self._array.ndim:
        raise IndexError("a 0-dim tensor is a single number and cannot be sliced")
    step = 1 if item.step is None else as_int(item.step)
    if step <= 0:
        raise ValueError(f"a slice with step {step}: steps must be at least 1; use flip() to go backwards")
    start = 0 if item.start is None else as_int(item.start)
    return slice_dim(self, dim, start, sys.maxsize if item.stop is None else as_int(item.stop), step)


def _takes_all(item: slice, length: int) -> bool:
    return item.start in (None, 0) and (item.stop is None or as_int(item.stop) >= length) and item.step in (None, 1)


def _basic_part(self: Any, key: Any) -> tuple[Any, list[Any]]:
    """Apply what makes views, and collect the rest: for each dimension of the part an index tensor, a mask or None."""
    items = [_index_tensor(item) for item in _as_tuple(key)]
    taken = sum(_dims_taken(item) for item in items)
    if taken > self._array.ndim:
        raise IndexError(f"{taken} indices for {self._array.ndim} dimensions (shape {list(self._array.shape)})")
    part, dim = self, 0
    indices: list[Any] = []
    covered = 0  # the dimensions that `indices` speaks of
    for item in items:
        if item is Ellipsis:
            dim += self._array.ndim - taken
        elif item is None:
            part, dim = unsqueeze(part, dim), dim + 1
        elif isinstance(item, slice):
            part = part if part._array.ndim and _takes_all(item, part._array.shape[dim]) else _sliced(part, dim, item)
            dim += 1
        elif isinstance(item, int) and not isinstance(item, bool):
            part = select(part, dim, item)
        else:
            if isinstance(item, bool):
                part, item = unsqueeze(part, dim), wrap(np.zeros(int(item), np.int64))
            indices += [None] * (dim - covered) + [item]
            dim += max(_dims_taken(item), 1)
            covered = dim
    return part, indices


def _as_tuple(key: Any) -> tuple[Any, ...]:
    """The indices of the dimensions; a list that is no list of positions counts as a tuple, with a warning."""
    if isinstance(key, tuple):
        return key
    if isinstance(key, list) and any(item is None or item is Ellipsis or isinstance(item, _NO_POSITION) for item in key):
        warnings.warn(
            "x[[a, b]] with slices, lists or tensors in the list is read as x[a, b]. A list should hold positions: write "
            "x[a, b] for one index per dimension, or x[torch.tensor([a, b])] for a table of positions.",
            UserWarning,
            stacklevel=4,
        )
        return tuple(key)
    return (key,)


_NO_POSITION = (slice, list, tuple, TensorBase, np.ndarray)


def _index_tensor(item: Any) -> Any:
    """One index as an int, a bool, a slice, None, ``...``, or a tensor of positions or truth values."""
    if item is None or item is Ellipsis or isinstance(item, (int, slice)):
        return item
    if isinstance(item, np.integer):
        return int(item)
    if isinstance(item, TensorBase):
        tensor = item
    elif isinstance(item, (np.ndarray, Sequence)) and not isinstance(item, (str, bytes)):
        array = np.asarray(item)
        kept = array.dtype.kind == "b" or array.dtype == np.uint8
        tensor = wrap(array if kept else array.astype(np.int64))
    elif isinstance(item, (str, bytes)):
        raise TypeError(f"{item!r} is no index: dimensions have no names, only positions")
    else:
        raise IndexError(
            f"an index is an int, a slice, None, ..., or a list or tensor of positions or truth values, not "
            f"{type(item).__name__}"
        )
    kind = tensor._array.dtype
    if kind == np.uint8:
        warnings.warn("an index of dtype uint8 is read as a mask; write mask.bool() to say so", UserWarning, stacklevel=5)
    if not tensor._array.ndim and kind.kind in "biu":
        number = tensor._array.item()
        return bool(number) if kind.kind == "b" or kind == np.uint8 else number
    return tensor


def _dims_taken(item: Any) -> int:
    """How many dimensions of the tensor one index uses up."""
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    if isinstance(item, TensorBase) and (item._array.dtype.kind == "b" or item._array.dtype == np.uint8):
        return item._array.ndim
    return 1
