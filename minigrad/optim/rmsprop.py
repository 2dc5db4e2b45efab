"""RMSprop, the gradient divided by its recent size: Tieleman and Hinton 2012; centered by Graves 2013, https://arxiv.org/abs/1308.0850.

Mirrors: torch/optim/rmsprop.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Array, Optimizer, Settings, not_negative, number, pulled, settings, zeros_for


class RMSprop(Optimizer):
    """The gradient over the root of the running mean of its square; if ``centered``, over its standard deviation.

    ::

        v = alpha * v + (1 - alpha) * g**2
        mean = alpha * mean + (1 - alpha) * g
        w = w - lr * g / (sqrt(v) + eps)                           # centered: v - mean**2

    With ``momentum`` a velocity gathers these steps. Raises ValueError for a setting out of range.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0, 100.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> RMSprop([w], lr=0.1, alpha=0.75).step()
    >>> w  # by lr / sqrt(1 - alpha), whatever the gradient
    tensor([ 0.8000, 99.8000], requires_grad=True)
    """

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
        not_negative(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)
        super().__init__(params, settings(locals()))
