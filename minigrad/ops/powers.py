"""Powers: of a tensor to a number, of a tensor to a tensor, of a number to a tensor.

Mirrors: aten/src/ATen/native/Pow.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase
from ..dtypes import fitting, promote
from ..operator import differentiable
from ..quiet import quietly
from .choosing import where
from .overloads import overloaded, overloaded_in_place
from .pointwise import lowered, scale


def pow_backward(grad: Any, self: Any, exponent: Any) -> Any:
    """``grad * exponent * self**(exponent - 1)``, and 0 for the exponent 0"""
    return grad * scale(self ** (exponent - 1), exponent) if exponent != 0 else grad.zeros_like()


def pow_backward_self(grad: Any, self: Any, exponent: Any) -> Any:
    """The same, element by element"""
    return where(exponent == 0, grad.zeros_like(), grad * (exponent * self ** lowered(exponent, 1)))


def pow_backward_exponent(grad: Any, self: Any, exponent: Any, result: Any) -> Any:
    """``grad * result * log(self)``, and 0 where the base is 0"""
    growth = result * self.log()
    return grad * where((self == 0) & (exponent >= 0), growth.zeros_like(), growth)


def pow_backward_exponent_of_number(grad: Any, self: float, exponent: Any, result: Any) -> Any:
    """The same for a number ``self``"""
    growth = scale(result, float(quietly(np.log, self)))
    return grad * (growth if self != 0 else where(exponent >= 0, growth.zeros_like(), growth))


def _power(base: Any, exponent: Any) -> Any:
    number = exponent
    base, exponent = promote(base, exponent) if isinstance(base, np.ndarray) else promote(exponent, base)[::-1]
    kinds = {np.asarray(base).dtype.kind, np.asarray(exponent).dtype.kind}
    if kinds == {"b"} and isinstance(number, bool):
        return base | (not number)
    if kinds == {"b"}:
        raise NotImplementedError("pow of truth values: make them integers first")
    if "f" not in kinds and not isinstance(number, np.ndarray):
        fitting(number, base.dtype)
        if number < 0:
            raise RuntimeError(f"pow: an integer to the negative power {number} is no integer; make the base floating")
    if "f" in kinds or not np.any(np.less(exponent, 0)):
        return np.power(base, exponent)
    unit = np.where(np.abs(base) == 1, np.power(base, exponent % 2), 0)  # 1 and -1 have inverses, others are cut to 0
    return np.where(exponent < 0, unit, np.power(base, np.maximum(exponent, 0))).astype(unit.dtype)


# Powers that a few multiplications give, faster than and rounded otherwise than the general power; as in PyTorch.
_SIMPLE_POWERS: dict[float, Any] = {
    0.5: np.sqrt,
    1: np.positive,
    2: np.square,
    3: lambda base: base * base * base,
    -0.5: lambda base: 1 / np.sqrt(base),
    -1: np.reciprocal,
    -2: lambda base: 1 / (base * base),
}


@differentiable("PowBackward0", self=pow_backward)
def pow_number(self, exponent):
    """``self ** exponent`` for a number ``exponent``"""
    simple = _SIMPLE_POWERS.get(exponent) if self.dtype.kind == "f" and self.itemsize > 2 else None
    return _power(self, exponent) if simple is None else simple(self)


@differentiable("PowBackward1", self=pow_backward_self, exponent=pow_backward_exponent)
def pow_tensor(self, exponent):
    """``self ** exponent``, element by element"""
    return _power(self, exponent)


@differentiable("PowBackward2", exponent=pow_backward_exponent_of_number)
def pow_of_number(exponent, self):
    """``self ** exponent`` for a number ``self``"""
    return _power(self, exponent)


def pow(self: Any, exponent: Any) -> Any:
    """``self ** exponent``"""
    return pow_tensor(self, exponent) if isinstance(exponent, TensorBase) else pow_number(self, exponent)


def rpow(self: Any, base: Any) -> Any:
    """``base ** self``"""
    return pow_tensor(base, self) if isinstance(base, TensorBase) else pow_of_number(self, base)


def square(self: Any) -> Any:
    """``self ** 2``"""
    return pow_number(self, 2)


pow_ = overloaded_in_place(overloaded(pow_number, pow_tensor)(pow))


def square_(self: Any) -> Any:
    """``square`` in place; returns the tensor itself."""
    return pow_(self, 2)
