"""Tools to see how a backward pass works. They read only what the graphs of PyTorch and of minigrad share, so they serve both.

Mirrors: nothing; PyTorch has no such tools.
"""

from typing import Any

from .compare import Comparison, Difference, compare
from .reasons import Reason, Why, reason, why
from .side_by_side import SideBySide, side_by_side
from .tracing import Step, steps, trace
from .tree import graph_text, print_graph


def __getattr__(name: str) -> Any:
    """``draw`` and ``animate``, which need matplotlib, are imported when somebody asks for them."""
    if name == "draw":
        from .drawing import draw

        return draw
    if name == "animate":
        from .film import animate

        return animate
    raise AttributeError(f"minigrad.study has no {name!r}")
