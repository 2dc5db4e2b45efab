"""What an operator says when its kernel cannot compute: PyTorch's exception type, and the shapes and types at hand.

Mirrors: torch/csrc/Exceptions.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .autograd.variable import TensorBase


def _kind(value: Any) -> str:
    if isinstance(value, (list, tuple)) and any(isinstance(each, TensorBase) for each in value):
        return f"[{', '.join(map(_kind, value))}]"
    if isinstance(value, TensorBase):
        return f"a tensor of shape {list(value._array.shape)} and dtype {value._array.dtype.name}"
    return f"{value!r} ({type(value).__name__})"


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, TensorBase) for each in value)


def explain(error: Exception, operator: str, *arguments: Any) -> Exception:
    """The exception to raise for what went wrong inside an operator; one that already speaks for itself is kept."""
    if not isinstance(arguments[0], TensorBase) and not _is_list(arguments[0]):
        return TypeError(
            f"{operator}: the first argument must be a Tensor, not {_kind(arguments[0])}; make one with torch.tensor(...)"
        )
    given = ", ".join(_kind(argument) for argument in arguments)
    if isinstance(error, np.exceptions.AxisError):
        return IndexError(f"{operator} of {given}: {error}")
    if isinstance(error, (IndexError, RuntimeError)):
        return error
    if isinstance(error, MemoryError):
        return RuntimeError(f"{operator} of {given}: {error}")
    if isinstance(error, OverflowError):
        return OverflowError(f"{operator} of {given}: {error}")
    if isinstance(error, (TypeError, AttributeError)):
        return TypeError(f"{operator} cannot take {given}: {error}")
    shapes = [list(a._array.shape) for a in arguments if isinstance(a, TensorBase)]
    if "broadcast" in str(error) and len(shapes) > 1:
        return RuntimeError(
            f"{operator}: shapes {' and '.join(map(str, shapes))} do not broadcast. Counted from the right, two lengths must be "
            f"equal, or one of them 1 or absent."
        )
    return RuntimeError(f"{operator} of {given}: {error}")
