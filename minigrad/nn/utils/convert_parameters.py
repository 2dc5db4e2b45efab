"""All parameters of a model as one vector, and back.

Mirrors: torch/nn/utils/convert_parameters.py
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...autograd.variable import TensorBase
from ...ops.joining import cat


def parameters_to_vector(parameters: Iterable[TensorBase]) -> Any:
    """The elements of all parameters, one after the other; gradients flow back through it."""
    return cat([parameter.view(-1) for parameter in parameters])


def vector_to_parameters(vec: TensorBase, parameters: Iterable[TensorBase]) -> None:
    """Make the parts of a vector the data of the parameters, without copying. Raises TypeError for what is no tensor."""
    if not isinstance(vec, TensorBase):
        raise TypeError(f"vector_to_parameters takes a Tensor, not {type(vec).__name__}")
    start = 0
    for parameter in parameters:
        stop = start + parameter._array.size
        parameter.data = vec[start:stop].view_as(parameter).data  # type: ignore[index]
        start = stop
