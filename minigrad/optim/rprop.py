"""Rprop, steps that grow while the gradient keeps its sign: Riedmiller and Braun 1993, https://ieeexplore.ieee.org/document/298623.

Mirrors: torch/optim/rprop.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import wrap
from .optimizer import Array, Optimizer, Settings, not_negative, number, require, settings, zeros_for


class Rprop(Optimizer):
    """Each element has a step of its own, which grows while its gradient keeps its sign and shrinks when that turns.

    ::

        step = clip(step * (etas[1] if g * before > 0 else etas[0] if g * before < 0 else 1), *step_sizes)
        g = 0 if g * before < 0 else g                             # a step too far is not followed by another one
        w = w - sign(g) * step
        before = g

    Raises ValueError for a setting out of range.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0, 100.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> Rprop([w], lr=0.1).step()
    >>> w  # only the sign of the gradient counts
    tensor([ 0.9000, 99.9000], requires_grad=True)
    """

    def initial_state(self, w: Array, group: Settings) -> dict[str, Any]:
        return {"step": number(0), "prev": zeros_for(w), "step_size": wrap(np.full_like(w, group["lr"]))}

    def update(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        (shrink, grow), before, step = group["etas"], state["prev"], state["step_size"]
        g = -g if group["maximize"] else g
        turned, kept = g * before < 0, g * before > 0
        step *= np.where(kept, grow, np.where(turned, shrink, 1)).astype(w.dtype)
        np.clip(step, *group["step_sizes"], out=step)
        g = np.where(turned, 0, g)
        w -= np.subtract(g > 0, g < 0, dtype=w.dtype) * step  # the sign, but 0 for NaN, as in PyTorch
        np.copyto(before, g)

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
        not_negative(lr=lr)
        require(0 < etas[0] < 1 < etas[1], "etas", etas, "one factor between 0 and 1 and one above 1")
        super().__init__(params, settings(locals()))
