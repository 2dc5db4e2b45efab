"""Rprop, steps that grow while the gradient keeps its sign: Riedmiller and Braun 1993, https://ieeexplore.ieee.org/document/298623.

Mirrors: torch/optim/rprop.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import wrap
from .optimizer import Array, Optimizer, Settings, number, require, zeros_for


class Rprop(Optimizer):
    """``w -= sign(g) * s``: each element has its own step ``s``, which grows while its gradient keeps its sign, else shrinks.

    ``etas`` are the two factors, ``step_sizes`` the bounds of ``s``. ``capturable``, ``foreach`` and ``differentiable`` choose an
    implementation in PyTorch, and change nothing here. Raises ValueError for a setting out of range.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        require(lr >= 0, "lr", lr, "at least 0")
        require(0 < etas[0] < 1 < etas[1], "etas", etas, "one factor between 0 and 1 and one above 1")
        super().__init__(
            params,
            {
                "lr": lr,
                "etas": etas,
                "step_sizes": step_sizes,
                "foreach": foreach,
                "maximize": maximize,
                "differentiable": differentiable,
                "capturable": capturable,
            },
        )

    def initial_state(self, w: Array, group: Settings) -> dict[str, Any]:
        return {"step": number(0), "prev": zeros_for(w), "step_size": wrap(np.full_like(w, group["lr"]))}

    def update(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        (shrink, grow), before, steps = group["etas"], state["prev"], state["step_size"]
        g = -g if group["maximize"] else g
        turned, kept = g * before < 0, g * before > 0
        steps *= np.where(kept, grow, np.where(turned, shrink, 1)).astype(w.dtype)
        np.clip(steps, *group["step_sizes"], out=steps)
        g = np.where(turned, 0, g)  # the step that went too far is not followed by another one
        w -= np.sign(g) * steps
        np.copyto(before, g)
