"""The torch side: the same program under both engines, and the comparison of what came out.

Mirrors: torch/testing/_comparison.py
"""

import importlib
from typing import Any

_HOME = {
    "Report": "comparison",
    "both": "twins",
    "choose_device": "device",
    "compare": "comparison",
    "copy_state": "convert",
    "to_minigrad": "convert",
    "to_torch": "convert",
    "twin": "twins",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    """A name is looked up when it is first used: the pytest plugin lives here, and must not import torch before."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
