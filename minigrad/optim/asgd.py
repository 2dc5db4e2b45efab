"""Averaged stochastic gradient descent: Polyak and Juditsky 1992, https://dl.acm.org/doi/10.1137/0330046.

Mirrors: torch/optim/asgd.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .optimizer import Array, Optimizer, Settings, number, pulled, require, zeros_for


class ASGD(Optimizer):
    """``w = (1 - lambd * eta) * w - eta * g``, with the mean of ``w`` since step ``t0`` kept in the state as ``ax``.

    The rate ``eta = lr / (1 + lambd * lr * t)**alpha`` falls as steps are made. ``foreach``, ``differentiable`` and
    ``capturable`` choose an implementation in PyTorch, and change nothing here. Raises ValueError for a setting out of range.
    """

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
        require(lr >= 0, "lr", lr, "at least 0")
        require(weight_decay >= 0, "weight_decay", weight_decay, "at least 0")
        super().__init__(
            params,
            {
                "lr": lr,
                "lambd": lambd,
                "alpha": alpha,
                "t0": t0,
                "weight_decay": weight_decay,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "capturable": capturable,
            },
        )

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
