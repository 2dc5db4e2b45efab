"""Layers, losses and the tree of parameters that they form.

Mirrors: torch/nn/__init__.py
"""

from . import functional, init
from .container import Sequential
from .linear import Linear
from .loss import MSELoss
from .module import Module
from .parameter import Parameter

__all__ = ["Linear", "MSELoss", "Module", "Parameter", "Sequential", "functional", "init"]
