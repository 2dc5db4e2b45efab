"""Sharing memory and changing it: views, and what an in-place operation must check and note.

Mirrors: torch/csrc/autograd/VariableTypeUtils.h
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .grad_mode import mode
from .graph import Edit
from .place import users_place
from .variable import TensorBase, wrap

_CATEGORIES = {"b": 0, "i": 1, "u": 1, "f": 2}


def view_of(self: TensorBase, array: Any) -> Any:
    """A tensor that shares memory, and so the version, with ``self``."""
    output = wrap(array)
    output._version_counter = self._version_counter
    output._base = self if self._base is None else self._base
    return output


def check_in_place(self: TensorBase, operator: str) -> None:
    """Refuse to change a leaf that requires grad: its gradient would belong to a value that is gone. Raises RuntimeError."""
    if self._requires_grad and self._grad_fn is None and mode.enabled:
        raise RuntimeError(
            f"{operator} would change a leaf that requires grad (shape {list(self._array.shape)}) while the graph is being "
            f"recorded. For an update, as an optimiser makes it, write it under `with torch.no_grad():`; for a new value "
            f"in the computation, use the out-of-place form."
        )


def write(self: TensorBase, values: Any, operator: str) -> None:
    """Put new values into the memory of ``self`` and count the change. Raises RuntimeError, and then changes nothing."""
    array = self._array
    if values.shape != array.shape:
        raise RuntimeError(
            f"{operator}: the result has shape {list(values.shape)}, but it must fit the tensor that is changed, of shape "
            f"{list(array.shape)}. An in-place operation cannot broadcast its own tensor; write it out of place."
        )
    if _CATEGORIES[values.dtype.kind] > _CATEGORIES[array.dtype.kind]:
        raise RuntimeError(
            f"{operator}: the result has dtype {values.dtype.name}, which a tensor of dtype {array.dtype.name} cannot hold. "
            f"Write it out of place, or convert the tensor first."
        )
    if not array.flags.writeable:
        raise RuntimeError(
            f"{operator}: this tensor (shape {list(array.shape)}) repeats one element of memory, as expand() does, or is "
            f"read-only. Change a clone() of it instead."
        )
    with np.errstate(all="ignore"):
        np.copyto(array, values, casting="unsafe")
    self._version_counter.bump(Edit(operator, users_place()))
