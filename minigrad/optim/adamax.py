"""Adamax, Adam with the largest recent gradient in place of their mean size: Kingma and Ba 2014, https://arxiv.org/abs/1412.6980.

Mirrors: torch/optim/adamax.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Array, Optimizer, Settings, number, pulled, require, zeros_for


class Adamax(Optimizer):
    """``w -= lr / (1 - beta1**t) * m / u``, with ``m`` the running mean of ``g`` and ``u = max(beta2 * u, |g| + eps)``.

    ``foreach``, ``differentiable`` and ``capturable`` choose an implementation in PyTorch, and change nothing here.
    Raises ValueError for a setting out of range.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        require(lr >= 0, "lr", lr, "at least 0")
        require(eps >= 0, "eps", eps, "at least 0")
        require(0 <= betas[0] < 1, "betas[0]", betas[0], "at least 0 and below 1")
        require(0 <= betas[1] < 1, "betas[1]", betas[1], "at least 0 and below 1")
        require(weight_decay >= 0, "weight_decay", weight_decay, "at least 0")
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "capturable": capturable,
            },
        )

    def initial_state(self, w: Array, group: Settings) -> dict[str, Any]:
        return {"step": number(0), "exp_avg": zeros_for(w), "exp_inf": zeros_for(w)}

    def update(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        t, m, u = float(state["step"]), state["exp_avg"], state["exp_inf"]
        beta1, beta2 = group["betas"]
        g = pulled(w, g, group)
        m += (1 - beta1) * (g - m)
        u *= beta2
        np.maximum(u, np.abs(g) + group["eps"], out=u)
        w -= group["lr"] / (1 - beta1**t) * (m / u)
