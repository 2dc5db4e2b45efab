"""Starting values for parameters: in-place fillers that record no graph.

Mirrors: torch/nn/init.py
"""

from __future__ import annotations

import math
from typing import Any

from ..autograd.grad_mode import no_grad


@no_grad()
def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Any:
    """Values uniform in ``[a, b)``."""
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def kaiming_uniform_(tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None) -> Any:
    """Values uniform in a range that keeps the variance of a layer's output: He et al. 2015, https://arxiv.org/abs/1502.01852."""
    fan = tensor.shape[1] if mode == "fan_in" else tensor.shape[0]
    gain = math.sqrt(2.0 / (1 + a**2))
    bound = math.sqrt(3.0) * gain / math.sqrt(fan)
    return tensor.uniform_(-bound, bound, generator=generator)
