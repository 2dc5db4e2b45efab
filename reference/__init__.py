"""The torch side: the same program under both engines, and the comparison of what came out.

Mirrors: torch/testing/_comparison.py
"""

from .compare import Report, compare
from .convert import copy_state, to_minigrad, to_torch
from .device import choose_device
from .twins import both, twin

__all__ = ["Report", "both", "choose_device", "compare", "copy_state", "to_minigrad", "to_torch", "twin"]
