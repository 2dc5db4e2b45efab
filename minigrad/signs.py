"""The methods behind the signs ``+``, ``<``, ``//``: what Python calls when a tensor stands on either side of one.

Mirrors: torch/_tensor.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .autograd.variable import TensorBase

# NOTE [A foreign operand]: what is neither a tensor nor a number is left to the other operand, as Python wants it. So
# `x == None` is False. With an ndarray on the right NumPy computes, by its own rules of promotion and without a graph, and
# `__array_wrap__` makes a tensor of the result; on the left, NumPy leaves it to the tensor, nobody answers, and Python
# raises TypeError. That is how it is in PyTorch. Write from_numpy(a) to compute by a tensor's rules.
OPERANDS = (float, int, TensorBase, np.number, np.bool_)


def foreign(self: Any, other: Any, symbol: str) -> Any:
    """The answer to an operand that is neither a tensor nor a number, see NOTE [A foreign operand]."""
    if symbol not in ("==", "!=") and (other is None or (isinstance(other, str) and symbol != "*")):  # "ab" * x repeats
        raise TypeError(
            f"{symbol} of a tensor and {other!r} ({type(other).__name__}): both sides must be tensors or numbers"
        )
    return NotImplemented


def sign(function: Callable[..., Any], symbol: str, operands: tuple[type, ...] = OPERANDS) -> Callable[[Any, Any], Any]:
    """An operator as the method behind its sign, see NOTE [A foreign operand]."""
    operator = getattr(function, "operator", None)
    if (
        operands is OPERANDS
        and operator is not None
        and len(operator.formulas) == 2
        and function.__name__ == operator.kernel.__name__
    ):
        return operator.as_sign(symbol)  # type: ignore[no-any-return]  # written without a call in between

    def method(self: Any, other: Any) -> Any:
        if other.__class__ is self.__class__ or isinstance(other, operands):
            return function(self, other)
        return foreign(self, other, symbol)

    method.__doc__ = function.__doc__
    return method
