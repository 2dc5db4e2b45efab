"""Optimisers: rules that turn gradients into steps.

Mirrors: torch/optim/__init__.py
"""

from .optimizer import Optimizer
from .sgd import SGD

__all__ = ["SGD", "Optimizer"]
