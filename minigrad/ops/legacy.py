"""The constructors from before ``tensor()``: ``Tensor``, ``FloatTensor``, ``LongTensor`` and their like.

Mirrors: torch/csrc/tensor/python_tensor.cpp, torch/csrc/utils/tensor_new.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from ..autograd.variable import TensorBase, wrap
from ..dtypes import Size
from ..dtypes import dtype as DType
from .creation import array_of, empty, is_sequence


def legacy_tensor(data: tuple[Any, ...], dtype: DType) -> Any:
    """A tensor of a fixed type: lengths give memory that is not initialised, a sequence or ndarray its values.

    A tensor gives one on its memory. Raises TypeError for a single number that is no length.
    """
    if len(data) != 1 or (isinstance(data[0], (int, np.integer)) and not isinstance(data[0], bool)):
        return empty(data if data else (0,), dtype=dtype)
    (source,) = data
    if isinstance(source, Size):
        return empty(source, dtype=dtype)
    if isinstance(source, TensorBase):
        return source.detach()
    if not is_sequence(source):
        raise TypeError(f"this makes a tensor of lengths or of a sequence of numbers, not of {source!r}; use tensor()")
    return wrap(array_of(source, dtype.numpy))


def new(self: Any, *data: Any) -> Any:
    """As the legacy constructor of this tensor's type."""
    return legacy_tensor(data, self.dtype)


class TensorType:
    """A type of tensors that has a name of its own: makes them, and says of a tensor whether it is one.

    >>> minigrad.LongTensor([1, 2])
    tensor([1, 2])
    >>> isinstance(minigrad.ones(2), minigrad.LongTensor)
    False
    """

    def __init__(self, dtype: DType) -> None:
        self.dtype = dtype
        self.__name__ = dtype.tensor_type

    def __call__(self, *data: Any) -> Any:
        if len(data) == 1 and isinstance(data[0], TensorBase) and not isinstance(data[0], self):  # type: ignore[arg-type]
            raise TypeError(f"{self.__name__} of a tensor of {data[0]._array.dtype.name}: x.to({self.dtype}) converts it")
        return legacy_tensor(data, self.dtype)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, TensorBase) and instance._array.dtype is self.dtype.numpy

    def __repr__(self) -> str:
        return f"<class 'torch.{self.__name__}'>"


HalfTensor, FloatTensor, DoubleTensor = TensorType(dtypes.float16), TensorType(dtypes.float32), TensorType(dtypes.float64)
CharTensor, ShortTensor, IntTensor, LongTensor = (
    TensorType(kind) for kind in (dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64)
)
ByteTensor, BoolTensor = TensorType(dtypes.uint8), TensorType(dtypes.bool_)
