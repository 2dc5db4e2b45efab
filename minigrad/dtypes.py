"""The element types, the shape type, and the rules by which two types meet.

Mirrors: c10/core/ScalarType.h, aten/src/ATen/native/TypeProperties.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np


class dtype:
    """An element type. It prints as PyTorch's and knows the NumPy type that holds its values."""

    __slots__ = ("name", "numpy", "tensor_type", "is_floating_point", "is_complex", "itemsize", "is_signed")

    def __init__(self, name: str, tensor_type: str) -> None:
        self.name = name
        self.numpy = np.dtype(name)
        self.tensor_type = tensor_type
        self.is_floating_point = self.numpy.kind == "f"
        self.is_complex = False
        self.is_signed = self.numpy.kind in "fi"
        self.itemsize = self.numpy.itemsize

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return f"{self.name}" if self.name != "bool" else "bool_"


float16 = half = dtype("float16", "HalfTensor")
float32 = float_ = dtype("float32", "FloatTensor")
float64 = double = dtype("float64", "DoubleTensor")
int8 = dtype("int8", "CharTensor")
int16 = short = dtype("int16", "ShortTensor")
int32 = int_ = dtype("int32", "IntTensor")
int64 = long = dtype("int64", "LongTensor")
uint8 = dtype("uint8", "ByteTensor")
bool_ = dtype("bool", "BoolTensor")

ALL = (float16, float32, float64, int8, int16, int32, int64, uint8, bool_)
FROM_NUMPY = {known.numpy: known for known in ALL}


class Size(tuple[int, ...]):
    """The shape of a tensor: a tuple of ints that prints as PyTorch's.

    >>> import minigrad
    >>> minigrad.ones(2, 3).shape
    torch.Size([2, 3])
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        count = 1
        for length in self:
            count *= length
        return count

    def __add__(self, other: tuple[int, ...]) -> Size:  # type: ignore[override]
        return Size(tuple(self) + tuple(other))

    def __radd__(self, other: tuple[int, ...]) -> Size:
        return Size(tuple(other) + tuple(self))

    def __mul__(self, count: Any) -> Size:
        return Size(tuple(self) * count)

    __rmul__ = __mul__

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        return Size(part) if isinstance(index, slice) else part


class _Default:
    """The floating type of Python floats and of new tensors, see ``set_default_dtype``."""

    dtype = float32


def get_default_dtype() -> dtype:
    """The floating type that a Python float gets.

    >>> import minigrad
    >>> minigrad.get_default_dtype()
    torch.float32
    """
    return _Default.dtype


def set_default_dtype(d: dtype) -> None:
    """Choose the floating type that Python floats get from now on. Raises TypeError for other types."""
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError(
            f"set_default_dtype got {d!r}; Python floats can only become float16, float32 or float64, "
            f"so write for example set_default_dtype(minigrad.float64)"
        )
    _Default.dtype = d


_CATEGORIES = {"b": 0, "i": 1, "u": 1, "f": 2}


def promote_numpy(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """The smallest type that holds both; an integer never widens a float (NumPy: int64 with float32 is float64)."""
    if a.kind == "f" and b.kind != "f":
        return a
    if b.kind == "f" and a.kind != "f":
        return b
    return np.promote_types(a, b)


def number_dtype(number: float | bool) -> np.dtype[Any]:
    """The type of a Python number: bool, int64, or the default floating type."""
    if isinstance(number, (bool, np.bool_)):
        return bool_.numpy
    if isinstance(number, (int, np.integer)):
        return long.numpy
    if isinstance(number, (float, np.floating)):
        return _Default.dtype.numpy
    raise TypeError(f"expected a Tensor or a number, not {number!r} ({type(number).__name__})")


def _rank(value: Any) -> int:
    return 0 if not isinstance(value, np.ndarray) else 1 if value.ndim == 0 else 2


def result_type(*values: Any) -> np.dtype[Any]:
    """The type in which arrays and Python numbers meet.

    NOTE [Three ranks]: arrays with dimensions outrank 0-dim arrays, and these outrank Python numbers. Inside a rank the
    smallest common type wins. A lower rank only changes the outcome when its category (bool, integer, float) is higher.
    """
    ranks: list[np.dtype[Any] | None] = [None, None, None]
    for value in values:
        own = value.dtype if isinstance(value, np.ndarray) else number_dtype(value)
        rank = _rank(value)
        known = ranks[rank]
        ranks[rank] = own if known is None else promote_numpy(known, own)
    number, zero_dim, dimensioned = ranks
    outcome = dimensioned
    for lower in (zero_dim, number):
        if lower is None:
            continue
        if outcome is None:
            outcome = lower
        elif _CATEGORIES[lower.kind] > _CATEGORIES[outcome.kind]:
            outcome = promote_numpy(outcome, lower)
    assert outcome is not None
    return outcome


def _cast(value: Any, to: np.dtype[Any]) -> Any:
    return value.astype(to, copy=False) if isinstance(value, np.ndarray) else np.asarray(value).astype(to)


def promote(self: np.ndarray[Any, Any], other: Any) -> tuple[Any, Any]:
    """The two operands in the type in which they meet; a number that NumPy would treat alike stays a number."""
    kind = other.__class__
    if kind is np.ndarray:
        if self.dtype is other.dtype:
            return self, other
    elif self.dtype.kind == "f" and (kind is float or kind is int):
        return self, other
    common = result_type(self, other)
    return _cast(self, common), _cast(other, common)


def to_floating(self: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The array itself if it is floating, else its values in the default floating type."""
    return self if self.dtype.kind == "f" else self.astype(_Default.dtype.numpy)
