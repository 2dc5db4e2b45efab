"""Adam with weight decay apart from the gradient: Loshchilov and Hutter 2017, https://arxiv.org/abs/1711.05101.

Mirrors: torch/optim/adamw.py
"""

from __future__ import annotations

from typing import Any

from .adam import Adam
from .optimizer import settings


class AdamW(Adam):
    """A step of ``Adam`` after the weights have shrunk: their decay is no part of the gradient, so nothing is divided by it.

    ::

        w = (1 - lr * weight_decay) * w
        w = w - the step of Adam

    Settings and errors are those of ``Adam``.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0, 100.0], requires_grad=True)
    >>> w.sum().backward()
    >>> AdamW([w], lr=0.1, weight_decay=0.5).step()
    >>> w  # 0.95 * w, then Adam's first step of lr
    tensor([ 0.8500, 94.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(params, **settings(locals()), decoupled_weight_decay=True)
