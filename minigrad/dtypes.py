"""The element types, the shape type, and the rules by which two types meet.

Mirrors: c10/core/ScalarType.h, aten/src/ATen/native/TypeProperties.cpp
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any

import numpy as np
from numpy import ndarray


class dtype:
    """An element type. It prints as PyTorch's and knows the NumPy type that holds its values."""

    __slots__ = ("is_complex", "is_floating_point", "is_signed", "itemsize", "name", "numpy", "tensor_type")

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
_FROM_PYTHON = {float: float64, int: int64, bool: bool_}


def as_dtype(given: Any) -> dtype:
    """The element type that a ``dtype=`` argument means: one of ours, or Python's float, int or bool. Else TypeError."""
    if isinstance(given, dtype):
        return given
    if isinstance(given, type) and given in _FROM_PYTHON:
        return _FROM_PYTHON[given]
    raise TypeError(f"dtype={given!r} is no element type; write for example torch.float32, torch.int64 or torch.bool")


class finfo:
    """The limits of a floating type (of the default one, if none is given). Raises TypeError for other types.

    >>> finfo(minigrad.float16).max
    65504.0
    """

    def __init__(self, type: dtype | None = None) -> None:
        kind = _Default.dtype if type is None else as_dtype(type)
        if not kind.is_floating_point:
            raise TypeError(f"finfo is about floating types, not {kind}; use iinfo")
        limits = np.finfo(kind.numpy)
        self.dtype, self.bits = kind.name, limits.bits
        self.min, self.max, self.eps = float(limits.min), float(limits.max), float(limits.eps)
        self.smallest_normal = self.tiny = float(limits.smallest_normal)
        self.resolution = 10.0**-limits.precision

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        return f"finfo({', '.join(f'{name}={getattr(self, name):g}' for name in names)}, dtype={self.dtype})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, finfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)


class iinfo:
    """The limits of an integer type. Raises TypeError for other types.

    >>> iinfo(minigrad.uint8).max
    255
    """

    def __init__(self, type: dtype) -> None:
        kind = as_dtype(type)
        if kind.numpy.kind not in "iu":
            raise TypeError(f"iinfo is about integer types, not {kind}" + ("; use finfo" if kind.is_floating_point else ""))
        limits = np.iinfo(kind.numpy)
        self.dtype, self.bits, self.min, self.max = kind.name, limits.bits, int(limits.min), int(limits.max)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, iinfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)


class Size(tuple[int, ...]):
    """The shape of a tensor: a tuple of ints that prints as PyTorch's.

    >>> minigrad.ones(2, 3).shape
    torch.Size([2, 3])
    """

    __slots__ = ()

    def __new__(cls, lengths: Iterable[Any] = ()) -> Size:
        return super().__new__(cls, map(index, lengths))

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        count = 1
        for length in self:
            count *= length
        return count

    def __add__(self, other: tuple[int, ...]) -> Size:  # type: ignore[override]
        return Size(tuple(self) + other) if isinstance(other, tuple) else NotImplemented

    def __radd__(self, other: tuple[int, ...]) -> Size:
        return Size(other + tuple(self)) if isinstance(other, tuple) else NotImplemented

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


CATEGORIES = {"b": 0, "i": 1, "u": 1, "f": 2}


def promote_numpy(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """The smallest type that holds both; an integer never widens a float (NumPy: int64 with float32 is float64)."""
    if a.kind == "f" and b.kind != "f":
        return a
    if b.kind == "f" and a.kind != "f":
        return b
    return np.promote_types(a, b)


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The type in which tensors of two types meet, if both have dimensions.

    >>> promote_types(minigrad.int64, minigrad.float16)
    torch.float16
    """
    return FROM_NUMPY[promote_numpy(as_dtype(type1).numpy, as_dtype(type2).numpy)]


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether an in-place result of type ``from_`` may go into a tensor of type ``to``: the category may not fall.

    >>> can_cast(minigrad.float64, minigrad.float16), can_cast(minigrad.float32, minigrad.int64)
    (True, False)
    """
    return CATEGORIES[as_dtype(from_).numpy.kind] <= CATEGORIES[as_dtype(to).numpy.kind]


def number_dtype(number: Any) -> np.dtype[Any]:
    """The type of a Python number: bool, int64, or the default floating type. Raises TypeError for what is no number."""
    if isinstance(number, bool):
        return bool_.numpy
    if isinstance(number, (int, np.integer)):
        return long.numpy
    if isinstance(number, (float, np.floating, np.bool_)):  # PyTorch too reads NumPy's bool as a float
        return _Default.dtype.numpy
    raise TypeError(f"expected a Tensor or a number, not {number!r} ({type(number).__name__})")


def _rank(value: Any) -> int:
    return 0 if not isinstance(value, ndarray) else 1 if value.ndim == 0 else 2


def result_type(*values: Any) -> np.dtype[Any]:
    """The type in which arrays and Python numbers meet.

    NOTE [Three ranks]: arrays with dimensions outrank 0-dim arrays, and these outrank Python numbers. Inside a rank the
    smallest common type wins. A lower rank only changes the outcome when its category (bool, integer, float) is higher.
    """
    ranks: list[np.dtype[Any] | None] = [None, None, None]
    for value in values:
        own = value.dtype if isinstance(value, ndarray) else number_dtype(value)
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
        elif CATEGORIES[lower.kind] > CATEGORIES[outcome.kind]:
            outcome = promote_numpy(outcome, lower)
    assert outcome is not None
    return outcome


def cast(array: Any, to: np.dtype[Any]) -> Any:
    """The values in another type, as PyTorch casts where C leaves it open; the array itself if it has that type.

    A float cut to an integer loses its fraction, and wraps around where it does not fit.
    """
    own = array.dtype
    if own.kind == "f" and (to == np.uint8 or (own.itemsize == 8 and to == np.float16)):
        array = array.astype(np.int64 if to == np.uint8 else np.float32)  # PyTorch's way leads through these
    return array.astype(to, copy=False)


def _operand(value: Any, to: np.dtype[Any]) -> Any:
    return cast(value if isinstance(value, ndarray) else np.asarray(value), to)


def promote(self: ndarray[Any, Any], other: Any) -> tuple[Any, Any]:
    """The two operands in the type in which they meet; a number that NumPy would treat alike stays a number."""
    kind = other.__class__
    if kind is ndarray:
        if self.dtype is other.dtype:
            return self, other
    elif (kind is float or kind is int) and self.dtype.kind == "f":
        return self, other
    common = result_type(self, other)
    return _operand(self, common), _operand(other, common)


class _WideFactor:
    """A number beside a float16 array in a product or quotient: it keeps its float32 digits, the result is rounded once."""

    def __init__(self, number: Any) -> None:
        self.number = np.float32(number)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, half: ndarray[Any, Any], factor: Any) -> Any:
        return ufunc(half.astype(np.float32), self.number).astype(np.float16)


def promote_factor(self: ndarray[Any, Any], other: Any) -> tuple[Any, Any]:
    """As ``promote``, for the operators in which a float16 tensor meets a number in full, see ``_WideFactor``."""
    if other.__class__ is ndarray and self.dtype is other.dtype:
        return self, other
    if (
        self.dtype is half.numpy
        and (other.__class__ is not ndarray or not other.ndim)
        and result_type(self, other) == np.float16
    ):
        return self, _WideFactor(other)
    return promote(self, other)


def to_floating(self: ndarray[Any, Any]) -> ndarray[Any, Any]:
    """The array itself if it is floating, else its values in the default floating type."""
    return self if self.dtype.kind == "f" else self.astype(_Default.dtype.numpy)


def widened(self: ndarray[Any, Any]) -> ndarray[Any, Any]:
    """A float16 array in float32, in which PyTorch computes what takes several steps; any other array itself."""
    return self.astype(np.float32) if self.dtype is half.numpy else self


def widened_type(kind: np.dtype[Any]) -> np.dtype[Any]:
    """The type of what ``widened`` returns."""
    return float32.numpy if kind is half.numpy else kind


def fitting(numbers: Any, to: np.dtype[Any]) -> ndarray[Any, Any]:
    """Python numbers as an array of a type. Raises RuntimeError for a number that an integer type cannot hold.

    A negative integer may become unsigned, and then wraps around: -1 is the largest of them.
    """
    values = np.asarray(numbers)
    if to.kind in "iu" and values.dtype.kind != "b":
        limits = np.iinfo(to)
        smallest = -limits.max if to.kind == "u" and values.dtype.kind != "f" else limits.min
        fits = (values >= smallest) & (values <= limits.max)
        if not fits.all():
            raise RuntimeError(f"{values[~fits].flat[0]} does not fit {to.name}, which holds {limits.min} to {limits.max}")
    with np.errstate(all="ignore"):
        return cast(values.astype(np.float64) if values.dtype == object else values, to)  # type: ignore[no-any-return]


def filler(number: Any, to: np.dtype[Any]) -> ndarray[Any, Any]:
    """One Python number as a 0-dim array of a type; as ``fitting``, but too large for float32 is refused as well."""
    number_dtype(number)
    if to == np.float32 and np.isfinite(number) and abs(number) > float(np.finfo(np.float32).max):
        raise RuntimeError(f"{number!r} does not fit float32, which ends at {np.finfo(np.float32).max}; use float64")
    return fitting(number, to)
