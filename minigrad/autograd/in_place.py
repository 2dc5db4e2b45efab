"""Sharing memory and changing it: views, and the history of what is changed in place.

Mirrors: torch/csrc/autograd/VariableTypeUtils.h, functions/tensor.cpp (CopySlices), variable.cpp (rebase_history)
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from ..quiet import quietly
from .grad_mode import mode
from .graph import Node, NoVersions, Released, gradient_node, next_sequence_nr
from .place import users_place
from .saved import is_saved_output
from .variable import TensorBase, refuse_ambiguous_view, renew_history, wrap

_CATEGORIES = {"b": 0, "i": 1, "u": 1, "f": 2}


def view_of(self: TensorBase, array: Any) -> Any:
    """A tensor that shares memory, and so the version, with ``self``."""
    output = wrap(array)
    output._counter = counter = self.version_counter
    if counter.__class__ is not NoVersions and counter.count:
        output._history_version = counter.count
    output._base = self if self._base is None else self._base
    if self._origin is not None or not mode.enabled:
        output._origin = self._origin or "under no_grad()"
    return output


def check_in_place(self: TensorBase, operator: str) -> None:
    """Refuse a recorded change that has no sound history. Raises RuntimeError.

    A leaf that requires grad may not change: its gradient would belong to a value that is gone.
    """
    base = self._base
    if base is not None:
        refuse_ambiguous_view(self, f"would be changed by {operator}")
        if self.requires_grad and base._grad_fn is None:
            raise RuntimeError(
                f"{operator} would change a view of a leaf that requires grad (shape {list(base._array.shape)}). For an update "
                f"write it under `with torch.no_grad():`; for a new value, use the out-of-place form."
            )
    if self.requires_grad and self.is_leaf:
        raise RuntimeError(
            f"{operator} would change a leaf that requires grad (shape {list(self._array.shape)}) while the graph is being "
            f"recorded. For an update, as an optimiser makes it, write it under `with torch.no_grad():`; for a new value "
            f"in the computation, use the out-of-place form."
        )


class CopySlices(Node):
    """The history of a base of which a part was changed in place: ``base[part] = fn(base[part], ...)``.

    It owns how the view lies in the base and, as the one thing saved, ``fn``, the node of the in-place operation on the view.
    """

    __slots__ = ("fn", "geometry", "next_nodes", "strides")
    namespace = "torch::autograd::"

    def __init__(self, base: TensorBase, view: TensorBase, fn: Node) -> None:
        self.geometry = geometry_in(view, base)
        self.strides = base._array.strides
        self.next_nodes = (gradient_node(base), *fn.next_nodes[1:])
        self.input_nrs = (base.output_nr, *fn.input_nrs[1:])
        self.sequence_nr = next_sequence_nr()
        self.metadata = ((base._array.shape, base._array.dtype),)
        self.fn: Node | Released = fn
        self.place = fn.place
        self.hooks = None

    def apply(self, gradients: list[Any], next_nodes: tuple[Node | None, ...]) -> tuple[Any, ...]:
        (grad,) = gradients
        fn = self.fn
        if isinstance(fn, Released):
            raise self._freed(fn)
        if grad is None:
            return (None,) * len(next_nodes)
        of_base = self.new_like_base().copy_(grad)
        part = of_base.as_strided(*self.geometry)
        of_part, *of_others = fn.apply([part.clone()], next_nodes)
        if of_part is not None:
            part.copy_(of_part)
        return (of_base if next_nodes[0] is not None else None, *of_others)

    def release(self, by: Released) -> None:
        self.fn = by

    def new_like_base(self) -> Any:
        """A tensor that lies in memory as the base does: only there does the geometry of the view fit."""
        ((shape, dtype),) = self.metadata
        extent = 1 + sum((n - 1) * stride for n, stride in zip(shape, self.strides, strict=True)) // dtype.itemsize
        return wrap(np.ndarray(shape, dtype, np.empty(max(extent, 0), dtype), 0, self.strides))


def geometry_in(view: TensorBase, base: TensorBase) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """How a view lies in the memory of its base: its size, its strides, and its offset, counted in elements."""
    array = view._array
    offset = array.__array_interface__["data"][0] - base._array.__array_interface__["data"][0]
    strides = tuple(stride // array.itemsize for stride in array.strides)
    return array.shape, strides, offset // array.itemsize


def set_history(self: TensorBase, node: Node, output_nr: int = 0) -> None:
    """Make ``node`` the history of a tensor that was changed in place; for a view, the base takes note of it."""
    if self._base is None:
        self.move_to(node, output_nr)
        return
    self._base.move_to(CopySlices(self._base, self, node))
    renew_history(self, self._base)
    # A saved output is this view, so its own history is that of the view; held weakly, for it leads back to this node.
    history = weakref.ref(self._grad_fn)
    for name in node.saved_names:
        entry = getattr(node, f"saved_{name}")
        if is_saved_output(entry):
            setattr(node, f"saved_{name}", (*entry, history))


# These put one value into all elements: it does not matter then that some share their memory.
_SAME_EVERYWHERE = ("fill_", "zero_")


def repeats_memory(array: np.ndarray[Any, Any]) -> bool:
    """Whether several elements of an expanded array are one and the same number in memory."""
    return array.size > 0 and any(step == 0 and length > 1 for step, length in zip(array.strides, array.shape, strict=True))


def is_dense(array: np.ndarray[Any, Any]) -> bool:
    """Whether the elements fill their stretch of memory without gaps, in whatever order of the dimensions."""
    expected = array.itemsize
    for step, length in sorted(zip(array.strides, array.shape, strict=True)):
        if length != 1:
            if step != expected:
                return False
            expected *= length
    return True


def refuse_overlap(self: TensorBase, other: Any, operator: str) -> None:
    """Refuse a change by an operand that lies in the changed memory, but elsewhere than the elements it meets: RuntimeError.

    As in PyTorch, which would read some elements of the operand after having overwritten them, only dense memory is looked at.
    """
    a, b = self._array, other._array
    if (a.base is None and b.base is None) or not np.may_share_memory(a, b) or not (is_dense(a) and is_dense(b)):
        return
    same_place = a.__array_interface__["data"] == b.__array_interface__["data"] and a.shape == b.shape
    if not same_place or any(s != t and n > 1 for s, t, n in zip(a.strides, b.strides, a.shape, strict=True)):
        raise RuntimeError(
            f"{operator}: the operand (shape {list(b.shape)}) shares memory with the tensor that it would change (shape "
            f"{list(a.shape)}), but lies in it differently. Use a clone() of the operand."
        )


def refuse_dtype(array: Any, values: Any, operator: str) -> None:
    """Refuse values of a higher kind than the memory can hold, such as floats among integers: RuntimeError."""
    if _CATEGORIES[values.dtype.kind] > _CATEGORIES[array.dtype.kind]:
        raise RuntimeError(
            f"{operator}: the result has dtype {values.dtype.name}, which a tensor of dtype {array.dtype.name} cannot hold. "
            f"Write it out of place, or convert the tensor first."
        )


def write(self: TensorBase, values: Any, operator: str) -> None:
    """Put new values into the memory of ``self`` and count the change. Raises RuntimeError, and then changes nothing."""
    array = self._array
    if values.shape != array.shape:
        raise RuntimeError(
            f"{operator}: the result has shape {list(values.shape)}, but it must fit the tensor that is changed, of shape "
            f"{list(array.shape)}. An in-place operation cannot broadcast its own tensor; write it out of place."
        )
    refuse_dtype(array, values, operator)
    if 0 in array.strides and operator not in _SAME_EVERYWHERE and repeats_memory(array):
        raise RuntimeError(
            f"{operator}: this tensor (shape {list(array.shape)}) repeats one element of memory, as expand() does. Change a "
            f"clone() of it instead."
        )
    self.version_counter.bump((operator, users_place()))
    quietly(_copy_into, array, values)


def _copy_into(array: Any, values: Any) -> None:
    array[...] = np.asarray(values)  # a scalar that does not fit would be refused, an array wraps around as in PyTorch
