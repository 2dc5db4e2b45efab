"""Keeping gradients from growing too large: Pascanu et al. 2012, https://arxiv.org/abs/1211.5063.

Mirrors: torch/nn/utils/clip_grad.py
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...autograd.grad_mode import no_grad
from ...autograd.variable import TensorBase, wrap
from ...quiet import quietly


def _gradients(parameters: Any) -> list[Any]:
    several = [parameters] if isinstance(parameters, TensorBase) else list(parameters)
    return [parameter._grad for parameter in several if parameter._grad is not None]


def _norm(array: np.ndarray[Any, Any], norm_type: float) -> Any:
    return np.linalg.norm(array.ravel(), norm_type).astype(array.dtype) if array.size else array.dtype.type(0)


@no_grad()
def clip_grad_norm_(
    parameters: TensorBase | Iterable[TensorBase],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Any:
    """Scale all gradients together so that their common norm is at most ``max_norm``; returns the norm before.

    Raises RuntimeError, and changes nothing, for a norm of nan or inf if ``error_if_nonfinite``.
    """
    max_norm, gradients = float(max_norm), _gradients(parameters)
    if not gradients:
        return wrap(np.zeros((), np.float32))
    norms = np.array([quietly(_norm, gradient._array, float(norm_type)) for gradient in gradients])
    total = wrap(np.asarray(quietly(_norm, norms, float(norm_type))))
    if error_if_nonfinite and not np.isfinite(total._array):
        raise RuntimeError(
            f"the norm of the gradients is {total.item()}: one of them has nan or inf. Find it with autograd.detect_anomaly()"
        )
    factor = (max_norm / (total + 1e-6)).item()
    if not factor > 1:  # a nan is passed on, as in PyTorch
        for gradient in gradients:
            gradient.mul_(factor)
    return total


@no_grad()
def clip_grad_value_(parameters: TensorBase | Iterable[TensorBase], clip_value: float, foreach: bool | None = None) -> None:
    """Cut every element of the gradients to the range from ``-clip_value`` to ``clip_value``."""
    clip_value = float(clip_value)
    for gradient in _gradients(parameters):
        gradient.clamp_(-clip_value, clip_value)
