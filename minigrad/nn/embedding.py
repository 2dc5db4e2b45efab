"""A table of vectors that are looked up by number.

Mirrors: torch/nn/modules/sparse.py
"""

from __future__ import annotations

from typing import Any

from ..autograd.grad_mode import no_grad
from ..ops.creation import empty
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter


class Embedding(Module):
    """One vector for each of ``num_embeddings`` numbers: ``(*) -> (*, embedding_dim)``.

    ``weight`` has shape ``(num_embeddings, embedding_dim)`` and begins normal; the row ``padding_idx`` begins at 0 and gets no
    gradient. ``max_norm`` shortens longer rows whenever they are looked up, ``scale_grad_by_freq`` divides the gradient of a
    row by how often it was. Raises IndexError for a number outside of the table.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise AssertionError(f"padding_idx={padding_idx} is outside of a table with {num_embeddings} rows")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx + num_embeddings if padding_idx is not None and padding_idx < 0 else padding_idx
        self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse = max_norm, norm_type, scale_grad_by_freq, sparse
        self.weight = Parameter(empty(num_embeddings, embedding_dim, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw a new table."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx].fill_(0)

    def forward(self, input: Any) -> Any:
        return F.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def extra_repr(self) -> str:
        ordinary = {"padding_idx": None, "max_norm": None, "norm_type": 2, "scale_grad_by_freq": False}
        chosen = [f", {name}={getattr(self, name)}" for name, value in ordinary.items() if getattr(self, name) != value]
        return f"{self.num_embeddings}, {self.embedding_dim}{''.join(chosen)}" + (", sparse=True" if self.sparse else "")
