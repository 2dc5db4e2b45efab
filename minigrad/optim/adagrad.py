"""Adagrad, a rate for each element that shrinks as its gradients add up: Duchi et al. 2011, http://jmlr.org/papers/v12/duchi11a.html.

Mirrors: torch/optim/adagrad.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import wrap
from .optimizer import Array, Optimizer, Settings, number, pulled, require


class Adagrad(Optimizer):
    """``w -= lr / (1 + (t - 1) * lr_decay) * g / (sqrt(sum of g**2) + eps)``

    Settings are PyTorch's; ``foreach``, ``differentiable`` and ``fused`` choose an implementation there, and change nothing here.
    Raises ValueError for a setting out of range.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        require(lr >= 0, "lr", lr, "at least 0")
        require(lr_decay >= 0, "lr_decay", lr_decay, "at least 0")
        require(weight_decay >= 0, "weight_decay", weight_decay, "at least 0")
        require(initial_accumulator_value >= 0, "initial_accumulator_value", initial_accumulator_value, "at least 0")
        require(eps >= 0, "eps", eps, "at least 0")
        super().__init__(
            params,
            {
                "lr": lr,
                "lr_decay": lr_decay,
                "eps": eps,
                "weight_decay": weight_decay,
                "initial_accumulator_value": initial_accumulator_value,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "fused": fused,
            },
        )

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for param in group["params"]:  # before the first gradient, as in PyTorch
            self.state[param] = self.initial_state(param._array, group)

    def initial_state(self, w: Array, group: Settings) -> dict[str, Any]:
        return {"step": number(0), "sum": wrap(np.full_like(w, group["initial_accumulator_value"]))}

    def update(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        t, total = float(state["step"]), state["sum"]
        g = pulled(w, g, group)
        rate = group["lr"] / (1 + (t - 1) * group["lr_decay"])
        total += g * g
        w -= rate * (g / (np.sqrt(total) + group["eps"]))
