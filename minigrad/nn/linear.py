"""Layers that are one matrix product.

Mirrors: torch/nn/modules/linear.py
"""

from __future__ import annotations

import math
from typing import Any

from ..dtypes import dtype as DType
from ..ops.creation import empty
from . import functional, init
from .module import Module
from .parameter import Parameter, UninitializedParameter


class Linear(Module):
    """``y = x @ weight.t() + bias``, for ``x`` of shape ``(*, in_features)`` and ``y`` of ``(*, out_features)``.

    ``weight`` has shape ``(out_features, in_features)``. Both parameters begin uniform in ``+-1 / sqrt(in_features)``.

    >>> import minigrad
    >>> layer = Linear(3, 2)
    >>> layer(minigrad.ones(5, 3)).shape
    torch.Size([5, 2])
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: DType | None = None
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(empty(out_features, in_features, dtype=dtype, device=device))
        if bias:
            self.bias = Parameter(empty(out_features, dtype=dtype, device=device))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new values for weight and bias, in this order."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Any) -> Any:
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class LazyLinear(Linear):
    """A Linear that takes ``in_features`` from its first input. Until then its parameters have no shape; then it is a Linear.

    >>> import minigrad
    >>> layer = LazyLinear(2)
    >>> layer.weight
    <UninitializedParameter>
    >>> y = layer(minigrad.ones(5, 3))
    >>> layer
    Linear(in_features=3, out_features=2, bias=True)
    """

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: DType | None = None) -> None:
        super().__init__(0, 0, bias=False)
        self.out_features = out_features
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        if bias:
            self.bias = UninitializedParameter(device=device, dtype=dtype)

    def reset_parameters(self) -> None:
        """Nothing: there are no values yet."""

    def __call__(self, input: Any) -> Any:
        """Make the parameters, unless a state dict has brought them, become a Linear, and do what that does."""
        self.in_features = input.shape[-1]
        self.__class__ = Linear  # type: ignore[assignment]
        if isinstance(self.weight, UninitializedParameter):
            self.weight.materialize((self.out_features, self.in_features))
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
            self.reset_parameters()
        return self(input)
