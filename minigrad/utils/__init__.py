"""What a training script needs besides tensors and layers.

Mirrors: torch/utils/__init__.py
"""

from . import data

__all__ = ["data"]
