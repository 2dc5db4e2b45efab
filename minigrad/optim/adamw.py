"""Adam with weight decay apart from the gradient: Loshchilov and Hutter 2017, https://arxiv.org/abs/1711.05101.

Mirrors: torch/optim/adamw.py
"""

from __future__ import annotations

from typing import Any

from .adam import Adam


class AdamW(Adam):
    """``w *= 1 - lr * weight_decay``, then a step of Adam. Settings and errors are those of Adam."""

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
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            foreach=foreach,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )
