"""Adam, momentum divided by the size of recent gradients: Kingma and Ba 2014, https://arxiv.org/abs/1412.6980.

Mirrors: torch/optim/adam.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Array, Optimizer, Settings, number, pulled, require, zeros_for


class Adam(Optimizer):
    """``w -= lr * m / (sqrt(v) + eps)``, with ``m`` and ``v`` running means of ``g`` and ``g**2``, corrected for their start at 0.

    ``amsgrad`` divides by the largest ``v`` so far (Reddi et al. 2018, https://openreview.net/forum?id=ryQu7f-RZ);
    ``decoupled_weight_decay`` is that of AdamW. ``foreach``, ``capturable``, ``differentiable`` and ``fused`` choose an
    implementation in PyTorch, and change nothing here. Raises ValueError for a setting out of range.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
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
                "amsgrad": amsgrad,
                "maximize": maximize,
                "foreach": foreach,
                "capturable": capturable,
                "differentiable": differentiable,
                "fused": fused,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
        )

    def initial_state(self, w: Array, group: Settings) -> dict[str, Any]:
        state = {"step": number(0), "exp_avg": zeros_for(w), "exp_avg_sq": zeros_for(w)}
        return {**state, "max_exp_avg_sq": zeros_for(w)} if group["amsgrad"] else state

    def update(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        t, m, v = float(state["step"]), state["exp_avg"], state["exp_avg_sq"]
        lr, (beta1, beta2) = group["lr"], group["betas"]
        if group["decoupled_weight_decay"]:
            g = -g if group["maximize"] else g
            w *= 1 - lr * group["weight_decay"]
        else:
            g = pulled(w, g, group)
        m += (1 - beta1) * (g - m)
        v *= beta2
        v += (1 - beta2) * (g * g)
        if group["amsgrad"]:
            v = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        size = np.sqrt(v) / (1 - beta2**t) ** 0.5 + group["eps"]
        w -= lr / (1 - beta1**t) * (m / size)
