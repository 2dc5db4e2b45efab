"""Dropout: Hinton et al. 2012, https://arxiv.org/abs/1207.0580.

Mirrors: torch/nn/modules/dropout.py
"""

from __future__ import annotations

from typing import Any

from . import functional as F
from .module import Module


class Dropout(Module):
    """In training, each element is 0 with probability ``p``, the others grow by ``1 / (1 - p)``; in evaluation, nothing changes."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout(p={p!r}): a probability lies between 0 and 1")
        self.p, self.inplace = p, inplace

    def forward(self, input: Any) -> Any:
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"
