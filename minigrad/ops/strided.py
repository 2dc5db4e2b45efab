"""Views described by size, strides and offset: how the history of a view is renewed after an in-place change.

Mirrors: aten/src/ATen/native/TensorShape.cpp (as_strided), torch/csrc/autograd/FunctionsManual.cpp (as_strided_backward)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided as strided

from ..autograd.in_place import geometry_in
from ..operator import differentiable
from .filling import zeros_of


def _extent(size: tuple[int, ...], stride: tuple[int, ...]) -> int:
    """How many elements of memory lie between the first and the last, both included; 0 if there are none."""
    return 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True)) if 0 not in size else 0


def _in_memory(memory: Any, size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> Any:
    """The view of one-dimensional memory that a geometry describes."""
    return strided(memory[offset:], size, tuple(s * memory.itemsize for s in stride))


def _overlaps(geometry: list[tuple[int, int]]) -> bool:
    """Whether two positions of a view may be the same place in memory."""
    reach = 0
    for length, step in sorted(geometry, key=lambda dim: dim[1]):
        if step <= reach:
            return True
        reach += (length - 1) * step
    return False


def as_strided_backward(
    grad: Any, self_sym_sizes: Any, self_sym_strides: Any, size: Any, stride: Any, storage_offset: int
) -> Any:
    """Zeros with the geometry of the base, and in them the gradient where the view lies."""
    if 0 in size:
        return zeros_of(self_sym_sizes, grad)
    for dim in reversed(range(len(size))):
        if size[dim] == 1:
            grad = grad.squeeze(dim)
        elif stride[dim] == 0:
            grad = grad.sum(dim)
    kept = [(n, s) for n, s in zip(size, stride, strict=True) if n != 1 and s != 0]
    if _overlaps(kept):
        return strided_into(grad, self_sym_sizes, self_sym_strides, *zip(*kept, strict=True), storage_offset)
    memory = zeros_of((_extent(self_sym_sizes, self_sym_strides),), grad)
    memory.as_strided(tuple(n for n, _ in kept), tuple(s for _, s in kept), storage_offset).copy_(grad)
    return memory.as_strided(self_sym_sizes, self_sym_strides)


@differentiable("AsStridedBackward0", self=as_strided_backward, view=True)
def as_strided(self, size, stride, storage_offset=0):
    """The view with this geometry of the memory that begins with the first element of ``self``."""
    steps = tuple(s // self.itemsize for s in self.strides)
    memory = strided(self, (_extent(self.shape, steps),), (self.itemsize,))
    extent = _extent(size, stride)
    if extent and storage_offset + extent > memory.size:
        raise RuntimeError(
            f"as_strided: size {list(size)} with strides {list(stride)} from offset {storage_offset} is outside"
        )
    return _in_memory(memory, size, stride, storage_offset)


@differentiable("AsStridedScatterBackward0", self=lambda grad, size, stride, offset: grad.as_strided(size, stride, offset))
def strided_into(self, base_size, base_stride, size, stride, offset):
    """Zeros with the geometry of the base, with the values of ``self`` added where the view lies, in some places several"""
    memory = np.zeros(_extent(base_size, base_stride), self.dtype)
    positions = _in_memory(np.arange(memory.size), size, stride, offset)
    np.add.at(memory, positions, self)
    return _in_memory(memory, base_size, base_stride, 0)


def taken_from(view: Any, base: Any) -> Any:
    """The same view, taken from the base as it is now."""
    return as_strided(base, *geometry_in(view, base))
