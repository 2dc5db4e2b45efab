"""Adamax, Adam with the largest recent gradient in place of their mean size: Kingma and Ba 2014, https://arxiv.org/abs/1412.6980.

Mirrors: torch/optim/adamax.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .adam import require_adam
from .optimizer import Array, Optimizer, Settings, number, pulled, settings, zeros_for


class Adamax(Optimizer):
    """The running mean of the gradient over the largest one of late: algorithm 2 of the paper on Adam.

    ::

        m = beta1 * m + (1 - beta1) * g
        u = max(beta2 * u, abs(g) + eps)
        w = w - lr / (1 - beta1**t) * m / u

    Settings and errors are those of ``Adam``.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0, 100.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> Adamax([w], lr=0.1).step()
    >>> w  # the first step of each element is lr, whatever its gradient
    tensor([ 0.9000, 99.9000], requires_grad=True)
    """

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
        require_adam(lr, betas, eps, weight_decay)
        super().__init__(params, settings(locals()))
