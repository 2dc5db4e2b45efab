"""Questions about elements, answered by bool tensors, and choices by such an answer.

Mirrors: aten/src/ATen/native/BinaryOps.cpp, TensorCompare.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import promote, result_type
from ..operator import differentiable, non_differentiable

# --- choosing -----------------------------------------------------------------------------------------------------------


@differentiable(
    "WhereBackward0",
    condition=non_differentiable,
    self=lambda grad, condition: where(condition, grad, 0),
    other=lambda grad, condition: where(condition, 0, grad),
)
def where(condition, self, other):
    """``self`` where the condition holds, else ``other``; either may be a number, and all three broadcast."""
    if condition.dtype.kind != "b" and condition.dtype != np.uint8:
        raise RuntimeError(f"where: a condition has dtype bool, not {condition.dtype.name}; write a comparison, as x > 0")
    common = result_type(self, other)
    return np.where(condition, np.asarray(self, common), np.asarray(other, common))


def where_method(self: Any, condition: Any, other: Any) -> Any:
    """``self`` where the condition holds, else ``other``"""
    return where(condition, self, other)


# --- comparing ----------------------------------------------------------------------------------------------------------


def _comparison(compare: Any, sign: str) -> Any:
    def kernel(self, other):
        return compare(*promote(self, other))

    kernel.__name__ = compare.__name__
    kernel.__doc__ = f"``self {sign} other``, element by element, as a bool tensor"
    return differentiable(self=non_differentiable, other=non_differentiable)(kernel)


eq, ne = _comparison(np.equal, "=="), _comparison(np.not_equal, "!=")
lt, le = _comparison(np.less, "<"), _comparison(np.less_equal, "<=")
gt, ge = _comparison(np.greater, ">"), _comparison(np.greater_equal, ">=")

# --- truth --------------------------------------------------------------------------------------------------------------


@differentiable(self=non_differentiable)
def logical_not(self):
    """The opposite of every truth value."""
    return np.logical_not(self)


# --- numbers that are none ----------------------------------------------------------------------------------------------


def _question(ask: Any, asked: str) -> Any:
    def kernel(self):
        return ask(self) if self.dtype.kind == "f" else np.full_like(self, ask(0.0), bool)

    kernel.__name__ = ask.__name__
    kernel.__doc__ = f"Whether each element is {asked}, as a bool tensor"
    return differentiable(self=non_differentiable)(kernel)


isnan, isfinite = _question(np.isnan, "NaN"), _question(np.isfinite, "neither infinite nor NaN")
isinf = _question(np.isinf, "infinite")
isposinf, isneginf = _question(np.isposinf, "positive infinity"), _question(np.isneginf, "negative infinity")
