"""Sharing memory and changing it: views, and the history of what is changed in place.

Mirrors: torch/csrc/autograd/VariableTypeUtils.h, functions/tensor.cpp (CopySlices), variable.cpp (rebase_history)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..quiet import quietly
from .grad_mode import mode
from .graph import Edge, Node, NoVersions, Released, gradient_edge, next_sequence_nr
from .place import users_place
from .variable import TensorBase, refuse_ambiguous_view, wrap

_CATEGORIES = {"b": 0, "i": 1, "u": 1, "f": 2}


def view_of(self: TensorBase, array: Any) -> Any:
    """A tensor that shares memory, and so the version, with ``self``."""
    output = wrap(array)
    output._version_counter = counter = self._version_counter
    output._history_version = 0 if counter.__class__ is NoVersions else counter.count
    output._base = self if self._base is None else self._base
    if not mode.enabled:
        output._origin = "under no_grad()"
    return output


def check_in_place(self: TensorBase, operator: str) -> None:
    """Refuse a recorded change that has no sound history. Raises RuntimeError.

    A leaf that requires grad may not change: its gradient would belong to a value that is gone.
    """
    base = self._base
    if base is not None:
        refuse_ambiguous_view(self, f"would be changed by {operator}")
        if base._requires_grad and base._grad_fn is None:
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

    It owns ``fn``, the node of the in-place operation on the view, and how the view lies in the base.
    """

    __slots__ = ("fn", "geometry", "strides")
    namespace = "torch::autograd::"

    def __init__(self, base: TensorBase, view: TensorBase, fn: Node) -> None:
        self.fn = fn
        self.geometry = geometry_in(view, base)
        self.strides = base._array.strides
        self.next_functions = (gradient_edge(base), *fn.next_functions[1:])
        self.sequence_nr = next_sequence_nr()
        self.metadata = ((base._array.shape, base._array.dtype),)
        self.saved = self.values = ()
        self.place = fn.place
        self.hooks = None

    def apply(self, gradients: list[Any], edges: tuple[Edge, ...]) -> tuple[Any, ...]:
        (grad,) = gradients
        if grad is None:
            return (None,) * len(edges)
        of_base = self.new_like_base().copy_(grad)
        part = of_base.as_strided(*self.geometry)
        of_part, *of_others = self.fn.apply([part.clone()], edges)
        if of_part is not None:
            part.copy_(of_part)
        return (of_base, *of_others)

    def new_like_base(self) -> Any:
        """A tensor that lies in memory as the base does: only there does the geometry of the view fit."""
        ((shape, dtype),) = self.metadata
        extent = 1 + sum((n - 1) * stride for n, stride in zip(shape, self.strides, strict=True)) // dtype.itemsize
        return wrap(np.ndarray(shape, dtype, np.empty(max(extent, 0), dtype), 0, self.strides))

    def release(self, by: Released) -> None:
        self.fn.release(by)


def geometry_in(view: TensorBase, base: TensorBase) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """How a view lies in the memory of its base: its size, its strides, and its offset, counted in elements."""
    array = view._array
    offset = array.__array_interface__["data"][0] - base._array.__array_interface__["data"][0]
    strides = tuple(stride // array.itemsize for stride in array.strides)
    return array.shape, strides, offset // array.itemsize


def set_history(self: TensorBase, node: Node) -> None:
    """Make ``node`` the history of a tensor that was changed in place; for a view, the base takes note of it."""
    changed = self if self._base is None else self._base
    if changed is not self:
        node = CopySlices(changed, self, node)
    if changed.retains_grad and changed._grad_fn is not None and changed._grad_fn.hooks is not None:
        node.own_hooks().retained[0] = changed._grad_fn.hooks.retained.pop(changed.output_nr)
    changed._grad_fn, changed._requires_grad, changed.output_nr = node, True, 0


def write(self: TensorBase, values: Any, operator: str) -> None:
    """Put new values into the memory of ``self`` and count the change. Raises RuntimeError, and then changes nothing."""
    array = self._array
    if values.shape != array.shape:
        raise RuntimeError(
            f"{operator}: the result has shape {list(values.shape)}, but it must fit the tensor that is changed, of shape "
            f"{list(array.shape)}. An in-place operation cannot broadcast its own tensor; write it out of place."
        )
    if _CATEGORIES[values.dtype.kind] > _CATEGORIES[array.dtype.kind]:
        raise RuntimeError(
            f"{operator}: the result has dtype {values.dtype.name}, which a tensor of dtype {array.dtype.name} cannot hold. "
            f"Write it out of place, or convert the tensor first."
        )
    if not array.flags.writeable:
        raise RuntimeError(
            f"{operator}: this tensor (shape {list(array.shape)}) repeats one element of memory, as expand() does, or is "
            f"read-only. Change a clone() of it instead."
        )
    self._version_counter.bump((operator, users_place()))
    quietly(_copy_into, array, values)


def _copy_into(array: Any, values: Any) -> None:
    array[...] = values
