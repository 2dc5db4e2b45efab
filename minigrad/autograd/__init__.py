"""Reverse-mode differentiation: the graph, the engine that walks it, and the functions that start a walk.

Mirrors: torch/autograd/__init__.py
"""

from . import functional, graph
from .anomaly import detect_anomaly, set_detect_anomaly
from .differentiation import backward, grad
from .function import Function
from .grad_mode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from .gradcheck import gradcheck, gradgradcheck

__all__ = [
    "Function",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_grad_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
