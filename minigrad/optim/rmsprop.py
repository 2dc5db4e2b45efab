"""RMSprop, the gradient divided by its recent size: Tieleman and Hinton 2012; centered by Graves 2013, https://arxiv.org/abs/1308.0850.

Mirrors: torch/optim/rmsprop.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Array, Optimizer, Settings, number, pulled, require, zeros_for


class RMSprop(Optimizer):
    """``w -= lr * g / (sqrt(v) + eps)``, with ``v`` the running mean of ``g**2``, less the square of that of ``g`` if ``centered``.

    ``capturable``, ``foreach`` and ``differentiable`` choose an implementation in PyTorch, and change nothing here.
    Raises ValueError for a setting out of range.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        require(lr >= 0, "lr", lr, "at least 0")
        require(eps >= 0, "eps", eps, "at least 0")
        require(momentum >= 0, "momentum", momentum, "at least 0")
        require(weight_decay >= 0, "weight_decay", weight_decay, "at least 0")
        require(alpha >= 0, "alpha", alpha, "at least 0")
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "alpha": alpha,
                "eps": eps,
                "centered": centered,
                "weight_decay": weight_decay,
                "capturable": capturable,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
            },
        )

    def initial_state(self, w: Array, group: Settings) -> dict[str, Any]:
        state = {"step": number(0), "square_avg": zeros_for(w)}
        if group["momentum"] > 0:
            state["momentum_buffer"] = zeros_for(w)
        if group["centered"]:
            state["grad_avg"] = zeros_for(w)
        return state

    def update(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        alpha, v = group["alpha"], state["square_avg"]
        g = pulled(w, g, group)
        v *= alpha
        v += (1 - alpha) * (g * g)
        if group["centered"]:
            mean = state["grad_avg"]
            mean += (1 - alpha) * (g - mean)
            v = v - mean * mean
        g = g / (np.sqrt(v) + group["eps"])
        if group["momentum"] > 0:
            velocity = state["momentum_buffer"]
            velocity *= group["momentum"]
            velocity += g
            g = velocity
        w -= group["lr"] * g
