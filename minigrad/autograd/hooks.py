"""Functions that watch or change gradients on their way, kept at the node where they act.

Mirrors: torch/csrc/autograd/function_hook.h
"""

from __future__ import annotations

import weakref
from typing import Any

from .graph import Node


class NodeHooks:
    """The hooks of one node. Made for a node when the first hook is added, so that a node without any costs nothing."""

    __slots__ = ("retained",)

    def __init__(self) -> None:
        self.retained: dict[int, weakref.ref[Any]] = {}

    @classmethod
    def of(cls, node: Node) -> NodeHooks:
        """The hooks of a node."""
        if node.hooks is None:
            node.hooks = cls()
        return node.hooks

    def retain(self, output_nr: int, tensor: weakref.ref[Any]) -> None:
        """Let the gradient of an output also be kept in its ``.grad``."""
        self.retained[output_nr] = tensor

    def before(self, gradients: list[Any]) -> None:
        """What happens when the gradients of the outputs are complete, before the node runs."""
        for output_nr, reference in self.retained.items():
            tensor, gradient = reference(), gradients[output_nr]
            if tensor is not None and gradient is not None:
                tensor._accumulate(gradient)
