"""Adagrad, a rate for each element that shrinks as its gradients add up: Duchi et al. 2011, http://jmlr.org/papers/v12/duchi11a.html.

Mirrors: torch/optim/adagrad.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import wrap
from .optimizer import Array, Optimizer, Settings, not_negative, number, pulled, settings


class Adagrad(Optimizer):
    """The gradient over the root of the sum of its squares, ever since the first step.

    ::

        total = total + g**2
        w = w - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(total) + eps)

    Settings are those of ``SGD``, and the ``initial_accumulator_value`` of ``total``. Raises ValueError for one out of range.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0, 100.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> Adagrad([w], lr=0.1).step()
    >>> w  # the first step of each element is lr, whatever its gradient
    tensor([ 0.9000, 99.9000], requires_grad=True)
    """

    def initial_state(self, w: Array, group: Settings) -> dict[str, Any]:
        return {"step": number(0), "sum": wrap(np.full_like(w, group["initial_accumulator_value"]))}

    def update(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        t, total = float(state["step"]), state["sum"]
        g = pulled(w, g, group)
        total += g * g
        w -= group["lr"] / (1 + (t - 1) * group["lr_decay"]) * (g / (np.sqrt(total) + group["eps"]))

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
        not_negative(lr=lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps)
        not_negative(initial_accumulator_value=initial_accumulator_value)
        super().__init__(params, settings(locals()))

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for param in group["params"]:  # before the first gradient, as in PyTorch
            self.state[param] = self.initial_state(param._array, group)
