"""Layers, losses and the tree of parameters that they form.

Mirrors: torch/nn/__init__.py
"""

from . import functional, init
from .container import ModuleList, Sequential
from .linear import Linear
from .loss import L1Loss, MSELoss
from .module import Module
from .parameter import Parameter

__all__ = ["L1Loss", "Linear", "MSELoss", "Module", "ModuleList", "Parameter", "Sequential", "functional", "init"]
