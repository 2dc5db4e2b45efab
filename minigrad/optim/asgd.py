"""Averaged stochastic gradient descent: Polyak and Juditsky 1992, https://dl.acm.org/doi/10.1137/0330046.

Mirrors: torch/optim/asgd.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Array, Optimizer, Settings, not_negative, number, pulled, settings, zeros_for


class ASGD(Optimizer):
    """Steps of a rate ``eta`` that falls; the mean of ``w`` since step ``t0`` is kept in the state as ``ax``.

    ::

        w = (1 - lambd * eta) * w - eta * g
        ax = ax + mu * (w - ax)
        eta = lr / (1 + lambd * lr * t)**alpha                     # at first lr
        mu = 1 / max(1, t - t0)                                    # at first 1

    Raises ValueError for a setting out of range.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> ASGD([w], lr=0.1, lambd=0.5).step()
    >>> w
    tensor([0.7500], requires_grad=True)
    """

    def initial_state(self, w: Array, group: Settings) -> dict[str, Any]:
        return {"step": number(0), "eta": number(group["lr"]), "mu": number(1), "ax": zeros_for(w)}

    def update(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        eta, mu, mean = float(state["eta"]), float(state["mu"]), state["ax"]
        g = pulled(w, g, group)
        w *= 1 - group["lambd"] * eta
        w -= eta * g
        if mu == 1:
            np.copyto(mean, w)
        else:
            mean += mu * (w - mean)

    def advance(self, state: dict[str, Array], group: Settings) -> None:
        t, lr = float(state["step"]), group["lr"]
        # Rounded to float32, as in PyTorch, also where a loaded state is float64.
        state["eta"].fill(np.float32(lr / (1 + group["lambd"] * lr * t) ** group["alpha"]))
        state["mu"].fill(np.float32(1 / max(1, t - group["t0"])))

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        not_negative(lr=lr, weight_decay=weight_decay)
        super().__init__(params, settings(locals()))
