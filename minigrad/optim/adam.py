"""Adam, momentum divided by the size of recent gradients: Kingma and Ba 2014, https://arxiv.org/abs/1412.6980.

Mirrors: torch/optim/adam.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Array, Optimizer, Settings, not_negative, number, pulled, require, settings, zeros_for


class Adam(Optimizer):
    """The running mean of the gradient over the root of that of its square, both corrected for their start at 0.

    ::

        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        w = w - lr * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)

    ``amsgrad`` takes the largest ``v`` so far (Reddi et al. 2018, https://openreview.net/forum?id=ryQu7f-RZ), and
    ``decoupled_weight_decay`` is that of ``AdamW``. Raises ValueError for a setting out of range.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0, 100.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> Adam([w], lr=0.1).step()
    >>> w  # the first step of each element is lr, whatever its gradient
    tensor([ 0.9000, 99.9000], requires_grad=True)
    """

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
        require_adam(lr, betas, eps, weight_decay)
        super().__init__(params, settings(locals()))


def require_adam(lr: float, betas: tuple[float, float], eps: float, weight_decay: float) -> None:
    """Raise ValueError for a setting of the Adam family that makes no sense."""
    not_negative(lr=lr, eps=eps, weight_decay=weight_decay)
    for i, beta in enumerate(betas):
        require(0 <= beta < 1, f"betas[{i}]", beta, "at least 0 and below 1")
