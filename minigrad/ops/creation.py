"""New tensors: from data, and filled with one value.

Mirrors: torch/csrc/utils/tensor_new.cpp, aten/src/ATen/native/TensorFactories.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase, wrap
from ..dtypes import dtype as DType
from ..dtypes import get_default_dtype
from .shape import as_size


def tensor(data: Any, *, dtype: DType | None = None, requires_grad: bool = False) -> Any:
    """A new leaf tensor with a copy of ``data``: a number, nested lists, an ndarray or a tensor.

    Python floats become the default dtype, ints int64, truth values bool; an ndarray keeps its type. Raises ValueError
    for lists of unequal length, TypeError for what is no number, RuntimeError for an integer that requires grad.

    >>> import minigrad
    >>> minigrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    if isinstance(data, TensorBase):
        array = data._array.copy()
    elif isinstance(data, np.ndarray):
        array = data.copy()
    else:
        array = np.asarray(data)
        if array.dtype.kind == "f" and not isinstance(data, np.floating):
            array = array.astype(get_default_dtype().numpy)
    made = wrap(array if dtype is None else array.astype(dtype.numpy))
    made.requires_grad = requires_grad
    return made


def legacy_array(data: tuple[Any, ...]) -> np.ndarray[Any, Any]:
    """What ``Tensor(...)`` holds: a shape gives memory that is not initialised, a list or array its values as floats."""
    kind = get_default_dtype().numpy
    if len(data) == 1 and not isinstance(data[0], int):
        source = data[0]._array if isinstance(data[0], TensorBase) else data[0]
        return np.array(source, kind)
    return np.empty(data if data else (0,), kind)


def _filled(array: np.ndarray[Any, Any], requires_grad: bool) -> Any:
    made = wrap(array)
    made.requires_grad = requires_grad
    return made


def _numpy_dtype(dtype: DType | None) -> Any:
    return (get_default_dtype() if dtype is None else dtype).numpy


def zeros(*size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Any:
    """A tensor of zeros."""
    return _filled(np.zeros(as_size(size), _numpy_dtype(dtype)), requires_grad)


def ones(*size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Any:
    """A tensor of ones."""
    return _filled(np.ones(as_size(size), _numpy_dtype(dtype)), requires_grad)


def zeros_like(input: TensorBase, *, dtype: DType | None = None, requires_grad: bool = False) -> Any:
    """Zeros in the shape and type of ``input``."""
    return _filled(np.zeros_like(input._array, dtype=dtype and dtype.numpy), requires_grad)


def ones_like(input: TensorBase, *, dtype: DType | None = None, requires_grad: bool = False) -> Any:
    """Ones in the shape and type of ``input``."""
    return _filled(np.ones_like(input._array, dtype=dtype and dtype.numpy), requires_grad)
