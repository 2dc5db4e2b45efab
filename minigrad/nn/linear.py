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
from .parameter import Parameter


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
