"""Reverse-mode differentiation: the graph, the engine that walks it, and the functions that start a walk.

Mirrors: torch/autograd/__init__.py
"""

from .differentiation import backward, grad
from .function import Function
from .grad_mode import enable_grad, is_grad_enabled, no_grad, set_grad_enabled

__all__ = ["Function", "backward", "enable_grad", "grad", "is_grad_enabled", "no_grad", "set_grad_enabled"]
