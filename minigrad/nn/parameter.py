"""The tensors that a module learns.

Mirrors: torch/nn/parameter.py
"""

from __future__ import annotations

from typing import Any

from ..autograd.variable import TensorBase
from ..ops import shape
from ..tensor import Tensor


class Parameter(Tensor):
    """A leaf tensor that a Module registers when it is assigned as an attribute. It shares the memory of ``data``.

    >>> import minigrad
    >>> Parameter(minigrad.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    def __new__(cls, data: TensorBase | None = None, requires_grad: bool = True) -> Parameter:
        source = Tensor() if data is None else data
        parameter = object.__new__(cls)
        parameter._array = source._array
        parameter._counter = source.version_counter
        parameter._grad_fn = parameter._base = None
        parameter._requires_grad = False
        parameter.requires_grad = requires_grad
        return parameter

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A parameter with its own copy of the values, and without a gradient."""
        copied = memo[id(self)] = type(self)(shape.clone(self.detach()), self.requires_grad)
        return copied
