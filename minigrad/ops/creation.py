"""New tensors: from data, and filled with one value.

Mirrors: torch/csrc/utils/tensor_new.cpp, aten/src/ATen/native/TensorFactories.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import TensorBase, wrap
from ..device import device as Device
from ..dtypes import dtype as DType
from ..dtypes import get_default_dtype
from ..random import Generator, normal_, uniform_
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


# --- filled with one value, or left as memory comes ---------------------------------------------------------------------

Place = Device | str | None  # `device=`: checked, since there is only the CPU


def _made(array: np.ndarray[Any, Any], requires_grad: bool, device: Place) -> Any:
    if device is not None:
        Device(device)
    made = wrap(array)
    if requires_grad:
        made.requires_grad = True
    return made


def _numpy_dtype(dtype: DType | None) -> Any:
    return (get_default_dtype() if dtype is None else dtype).numpy


def empty(*size: Any, dtype: DType | None = None, requires_grad: bool = False, device: Place = None) -> Any:
    """A tensor whose elements are whatever the memory held."""
    return _made(np.empty(as_size(size), _numpy_dtype(dtype)), requires_grad, device)


def zeros(*size: Any, dtype: DType | None = None, requires_grad: bool = False, device: Place = None) -> Any:
    """A tensor of zeros."""
    return _made(np.zeros(as_size(size), _numpy_dtype(dtype)), requires_grad, device)


def ones(*size: Any, dtype: DType | None = None, requires_grad: bool = False, device: Place = None) -> Any:
    """A tensor of ones."""
    return _made(np.ones(as_size(size), _numpy_dtype(dtype)), requires_grad, device)


def zeros_like(input: TensorBase, *, dtype: DType | None = None, requires_grad: bool = False, device: Place = None) -> Any:
    """Zeros in the shape and type of ``input``."""
    return _made(np.zeros_like(input._array, dtype=dtype and dtype.numpy), requires_grad, device)


def ones_like(input: TensorBase, *, dtype: DType | None = None, requires_grad: bool = False, device: Place = None) -> Any:
    """Ones in the shape and type of ``input``."""
    return _made(np.ones_like(input._array, dtype=dtype and dtype.numpy), requires_grad, device)


# --- drawn at random, see minigrad/random.py ----------------------------------------------------------------------------


def rand(
    *size: Any, generator: Generator | None = None, dtype: DType | None = None, requires_grad: bool = False, device: Place = None
) -> Any:
    """Numbers uniform in ``[0, 1)``."""
    drawn = uniform_(np.empty(as_size(size), _numpy_dtype(dtype)), generator=generator)
    return _made(drawn, requires_grad, device)


def randn(
    *size: Any, generator: Generator | None = None, dtype: DType | None = None, requires_grad: bool = False, device: Place = None
) -> Any:
    """Numbers from the normal distribution with mean 0 and variance 1."""
    drawn = normal_(np.empty(as_size(size), _numpy_dtype(dtype)), generator=generator)
    return _made(drawn, requires_grad, device)
