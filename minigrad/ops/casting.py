"""From one element type to another, and the questions which type a tensor has and which one a result will have.

Mirrors: aten/src/ATen/native/TensorConversions.cpp, TypeProperties.cpp
"""

from __future__ import annotations

from typing import Any

from .. import dtypes
from ..autograd.variable import TensorBase
from ..device import check_device
from ..dtypes import ALL, FROM_NUMPY, as_dtype
from ..dtypes import dtype as DType
from ..operator import differentiable, non_differentiable
from .shape import clone, copy_in_order


@differentiable("ToCopyBackward0", self=lambda grad: grad)
def to_copy(self, dtype):
    """A copy in another type, laid out as the tensor is; a float cut to an integer loses its fraction."""
    return copy_in_order(self, dtype)


@differentiable(self=non_differentiable)
def to_whole_numbers(self, dtype):
    """A copy in a type of integers or truth values, through which no gradient flows."""
    return copy_in_order(self, dtype)


def to_dtype(self: Any, dtype: Any, copy: bool = False) -> Any:
    """The values in another type: the tensor itself if it has that type already, unless a copy is asked for."""
    wanted = as_dtype(dtype).numpy
    if self._array.dtype is not wanted:
        return to_copy(self, wanted) if wanted.kind == "f" else to_whole_numbers(self, wanted)
    return clone(self) if copy else self


def to(
    self: Any, *target: Any, dtype: Any = None, device: Any = None, non_blocking: bool = False, copy: bool = False
) -> Any:
    """The tensor in another type: ``to(dtype)``, ``to(device)``, ``to(device, dtype)`` or ``to(other)``, as that tensor is.

    Gives the tensor itself where nothing changes, unless ``copy`` asks for a copy. ``non_blocking`` changes nothing here.
    Raises TypeError for what is no type, RuntimeError for what is no device, AssertionError for a GPU.

    >>> x = minigrad.tensor([1, 2])
    >>> x.to(minigrad.float64), x.to("cpu") is x
    (tensor([1., 2.], dtype=torch.float64), True)
    """
    if target and isinstance(target[0], TensorBase):
        dtype, rest = target[0].dtype, target[1:]
    elif target and isinstance(target[0], (DType, type)):
        dtype, rest = target[0], target[1:]
    elif target:
        device, rest = target[0], target[1:]
        if rest and not isinstance(rest[0], bool):
            dtype, rest = rest[0], rest[1:]
    else:
        rest = ()
    if len(rest) > 2:
        raise TypeError(f"to() got {len(target)} arguments; write to(device, dtype, non_blocking, copy)")
    check_device(device)
    copy = rest[1] if len(rest) == 2 else copy
    return to_dtype(self, self.dtype if dtype is None else dtype, copy)


_TYPE_NAMES = {f"torch.{kind.tensor_type}": kind for kind in ALL}


def type_(self: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the tensor's type, such as ``torch.FloatTensor``; with ``dtype``, the tensor in that type.

    ``dtype`` is an element type, such a name, or a class such as ``minigrad.DoubleTensor``. Raises ValueError for others.

    >>> minigrad.tensor([1.5]).type()
    'torch.FloatTensor'
    >>> minigrad.tensor([1.5]).type("torch.LongTensor")
    tensor([1])
    """
    if dtype is None:
        return f"torch.{self.dtype.tensor_type}"
    kind = _TYPE_NAMES.get(dtype) if isinstance(dtype, str) else getattr(dtype, "dtype", dtype)
    if not isinstance(kind, DType):
        raise ValueError(f"type {dtype!r} does not exist; write x.type(torch.float64) or x.type('torch.DoubleTensor')")
    return to_dtype(self, kind)


def type_as(self: Any, other: TensorBase) -> Any:
    """The tensor in the type of another one; itself if it has that type already."""
    if not isinstance(other, TensorBase):
        raise TypeError(f"type_as takes a Tensor, not {other!r} ({type(other).__name__}); use to() for a dtype")
    return to_dtype(self, FROM_NUMPY[other._array.dtype])


def _converter(kind: DType) -> Any:
    def convert(self: Any) -> Any:
        return to_dtype(self, kind)

    convert.__doc__ = f"The values as {kind}; the tensor itself if it has that type already."
    return convert


half, float_, double = _converter(dtypes.float16), _converter(dtypes.float32), _converter(dtypes.float64)
char, short, int_, long = (_converter(kind) for kind in (dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64))
byte, bool_ = _converter(dtypes.uint8), _converter(dtypes.bool_)


def cpu(self: Any) -> Any:
    """The tensor itself, for it lies on the CPU."""
    return self


def cuda(self: Any, device: Any = None) -> Any:
    """Raises AssertionError: there is no GPU here."""
    check_device("cuda" if device is None else device)


def result_type(tensor1: Any, tensor2: Any) -> DType:
    """The type in which two operands, tensors or Python numbers, meet; see NOTE [Three ranks].

    >>> result_type(minigrad.tensor([1, 2]), 0.5)
    torch.float32
    """
    arrays = (value._array if isinstance(value, TensorBase) else value for value in (tensor1, tensor2))
    return FROM_NUMPY[dtypes.result_type(*arrays)]


def is_tensor(obj: Any) -> bool:
    """Whether an object is a Tensor."""
    return isinstance(obj, TensorBase)


def is_floating_point(input: Any) -> bool:
    """Whether the elements are floating, so that the tensor can require grad."""
    return bool(input._array.dtype.kind == "f")


def numel(input: Any) -> int:
    """The number of elements."""
    return int(input._array.size)


def is_nonzero(input: Any) -> bool:
    """Whether the one element is not 0. Raises RuntimeError for a tensor with more elements, or none."""
    return bool(input)
