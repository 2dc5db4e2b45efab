"""Operators of whole numbers and truth values: bits, and logic.

Mirrors: aten/src/ATen/native/BinaryOps.cpp, cpu/BinaryOpsKernel.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.in_place import write
from ..dtypes import promote
from ..operator import differentiable, non_differentiable

# --- bits ---------------------------------------------------------------------------------------------------------------


def _bitwise(compute: Any, sign: str) -> Any:
    def kernel(self, other):
        self, other = promote(self, other)
        if self.dtype.kind == "f":
            raise NotImplementedError(f"{sign} of {self.dtype.name} tensors: only whole numbers have bits")
        return compute(self, other)

    kernel.__name__ = compute.__name__
    kernel.__doc__ = f"``self {sign} other``, bit by bit"
    return differentiable(self=non_differentiable, other=non_differentiable)(kernel)


bitwise_and, bitwise_or = _bitwise(np.bitwise_and, "&"), _bitwise(np.bitwise_or, "|")
bitwise_xor = _bitwise(np.bitwise_xor, "^")


@differentiable(self=non_differentiable)
def bitwise_not(self):
    """``~self``: every bit turned, every truth value opposed"""
    if self.dtype.kind == "f":
        raise TypeError(f"~ of a {self.dtype.name} tensor: only whole numbers and truth values have an opposite")
    return np.invert(self)


# --- logic --------------------------------------------------------------------------------------------------------------


def _logical(compute: Any, word: str) -> Any:
    def kernel(self, other):
        if not isinstance(other, np.ndarray):
            raise TypeError(f"{compute.__name__} takes a Tensor, not {type(other).__name__}")
        return compute(self, other)

    kernel.__name__ = compute.__name__
    kernel.__doc__ = f"Where ``self`` {word} ``other`` is not 0, as a bool tensor"
    return differentiable(self=non_differentiable, other=non_differentiable)(kernel)


logical_and, logical_or = _logical(np.logical_and, "and"), _logical(np.logical_or, "or")
logical_xor = _logical(np.logical_xor, "or, but not both,")


# --- in place -----------------------------------------------------------------------------------------------------------


def _bits_in_place(function: Any) -> Any:
    def method(self: Any, other: Any) -> Any:
        write(self, function(self, other)._array, f"{function.__name__}_")
        return self

    method.__doc__ = f"The tensor overwritten with the result of ``{function.__name__}``."
    return method


bitwise_and_, bitwise_or_, bitwise_xor_ = (_bits_in_place(function) for function in (bitwise_and, bitwise_or, bitwise_xor))
