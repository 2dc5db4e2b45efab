"""Comparing two tensors as wholes: the same shape, equal, close.

Mirrors: aten/src/ATen/native/TensorCompare.cpp, ReduceOps.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase, wrap
from ..dtypes import promote, promote_factor, to_floating
from ..quiet import quietly


def _check(self: Any, other: Any, operator: str) -> None:
    for operand in (self, other):
        if not isinstance(operand, TensorBase):
            raise TypeError(f"{operator}() compares two tensors, not {type(operand).__name__}; see torch.tensor(...)")


def equal(self: Any, other: Any) -> bool:
    """Whether two tensors have the same shape and the same elements; a nan equals nothing."""
    _check(self, other, "equal")
    return self._array.shape == other._array.shape and bool(np.equal(*promote(self._array, other._array)).all())


def _close(self: Any, other: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    same = self == other
    if self.dtype.kind == "f" and equal_nan:
        same |= (self != self) & (other != other)
    self, other = to_floating(self), to_floating(other)
    error = np.abs(self - other)
    allowed = np.add(np.abs(np.multiply(*promote_factor(other, rtol))), atol)
    return same | (np.isfinite(error) & (error <= allowed))


def isclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    """Where ``|input - other| <= atol + rtol * |other|``, as a bool tensor; an infinity is close to itself only.

    Raises RuntimeError for tensors of different type, for shapes that do not broadcast and for a negative tolerance.

    >>> minigrad.isclose(minigrad.tensor([1.0, 2.0]), minigrad.tensor([1.0, 2.1]))
    tensor([ True, False])
    """
    _check(input, other, "isclose")
    a, b = input._array, other._array
    if a.dtype is not b.dtype:
        raise RuntimeError(f"close in which type? The tensors are of {a.dtype.name} and {b.dtype.name}; convert one of them")
    if rtol < 0 or atol < 0:
        raise RuntimeError(f"a tolerance cannot be negative: rtol={rtol}, atol={atol}")
    try:
        return wrap(quietly(_close, a, b, rtol, atol, equal_nan))
    except ValueError:
        raise RuntimeError(f"shapes {list(a.shape)} and {list(b.shape)} do not broadcast: nothing to compare") from None


def allclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether ``isclose`` holds everywhere."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._array.all())
