"""Stochastic gradient descent, with momentum: Sutskever et al. 2013, http://proceedings.mlr.press/v28/sutskever13.html.

Mirrors: torch/optim/sgd.py
"""

from __future__ import annotations

from typing import Any

from .optimizer import Array, Optimizer, Settings, not_negative, pulled, require, settings, zeros_for


class SGD(Optimizer):
    """A step down the gradient, or along a velocity that gathers the gradients of the last steps.

    ::

        g = g + weight_decay * w
        velocity = momentum * velocity + (1 - dampening) * g       # g at the first step
        w = w - lr * velocity                                      # nesterov: g + momentum * velocity

    Args:
        params: tensors, or dicts with ``"params"`` and settings of their own.
        lr: the learning rate.
        momentum: how much of the last step's velocity is kept.
        dampening: how much of the new gradient is left out of the velocity.
        weight_decay: how strongly ``w`` is drawn to 0, as part of the gradient.
        nesterov: look one step ahead; needs momentum, and no dampening.
        maximize: go uphill.
        foreach, fused: PyTorch's choices of implementation; there is one here.

    Raises:
        ValueError: no parameters, one that is not a leaf, or a setting out of range.
        TypeError: a parameter that is not a tensor. NotImplementedError: ``differentiable=True``.

    >>> import minigrad
    >>> w = minigrad.tensor([1.0], requires_grad=True)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8000], requires_grad=True)
    """

    def initial_state(self, w: Array, group: Settings) -> dict[str, Any]:
        return {"momentum_buffer": zeros_for(w)} if group["momentum"] else {}

    def update(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        g = pulled(w, g, group)
        if group["momentum"]:
            velocity = state["momentum_buffer"]
            velocity *= group["momentum"]
            velocity += g if first else (1 - group["dampening"]) * g
            g = g + group["momentum"] * velocity if group["nesterov"] else velocity
        w -= group["lr"] * g

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        not_negative(lr=lr, momentum=momentum, weight_decay=weight_decay)
        require(
            not nesterov or (momentum > 0 and dampening == 0), "nesterov", nesterov, "used with momentum and no dampening"
        )
        super().__init__(params, settings(locals()))
