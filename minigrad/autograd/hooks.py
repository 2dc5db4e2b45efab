"""Functions that watch or change gradients on their way, kept at the node where they act.

Mirrors: torch/csrc/autograd/function_hook.h, torch/utils/hooks.py
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Sequence
from typing import Any

Hook = Callable[..., Any]
Hooks = dict[int, Hook]  # in the order of registration, by the number of their handle

_next_id = itertools.count().__next__


class RemovableHandle:
    """What registering a hook returns: ``remove()`` takes the hook away again, as does the end of a ``with`` block."""

    def __init__(self, hooks: Hooks, hook: Hook) -> None:
        self.id = _next_id()
        self._hooks = hooks
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook away; doing so twice is harmless."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class NodeHooks:
    """The hooks of one node. Made for a node when the first hook is added, so that a node without any costs nothing.

    NOTE [Order of hooks]: first those on the tensors that the node made, then the gradients that ``retain_grad`` keeps, then the
    node's prehooks, the node itself, and the node's hooks. What ``grad`` returns for the tensor has been through its hooks only
    if the node itself need not run; else it is the gradient as it arrived.
    """

    __slots__ = ("on_tensors", "post", "pre", "retained")

    def __init__(self, on_leaf: Hooks | None = None) -> None:
        self.on_tensors: dict[int, Hooks] = {} if on_leaf is None else {0: on_leaf}
        self.pre: Hooks = {}
        self.post: Hooks = {}
        self.retained: dict[int, weakref.ref[Any]] = {}

    def see_outputs(self, gradients: list[Any]) -> None:
        """Show the complete gradient of each output to the hooks on its tensor, which may replace it; then keep it."""
        for output_nr, hooks in self.on_tensors.items():
            for hook in list(hooks.values()):
                replacement = hook(gradients[output_nr])
                if replacement is not None:
                    gradients[output_nr] = _checked(replacement, gradients[output_nr], hook)
        for output_nr, reference in self.retained.items():
            tensor = reference()
            if tensor is not None and gradients[output_nr] is not None:
                tensor._retain(gradients[output_nr])

    def before(self, gradients: list[Any]) -> None:
        """Show all gradients of the outputs to the prehooks of the node, which may replace them."""
        for hook in list(self.pre.values()):
            replacement = hook(tuple(gradients))
            if replacement is not None:
                gradients[:] = _all_checked(replacement, gradients, hook)

    def after(self, of_inputs: tuple[Any, ...], of_outputs: list[Any]) -> tuple[Any, ...]:
        """Show the gradients on both sides to the hooks of the node, which may replace those of the inputs."""
        for hook in list(self.post.values()):
            replacement = hook(of_inputs, tuple(of_outputs))
            if replacement is not None:
                of_inputs = _all_checked(replacement, of_inputs, hook)
        return of_inputs


def _name(hook: Hook) -> str:
    return getattr(hook, "__name__", repr(hook))


def _checked(replacement: Any, gradient: Any, hook: Hook) -> Any:
    """What a hook returned, if it can stand for the gradient."""
    if not hasattr(replacement, "_array"):
        raise TypeError(
            f"hook {_name(hook)} returned {replacement!r}; a hook returns a Tensor in place of the gradient, or None"
        )
    if gradient is None:
        raise RuntimeError(f"hook {_name(hook)} returned a tensor for a gradient that is None; there is nothing to replace")
    for what, own, given in (
        ("shape", list(gradient._array.shape), list(replacement._array.shape)),
        ("dtype", gradient._array.dtype.name, replacement._array.dtype.name),
    ):
        if own != given:
            raise RuntimeError(
                f"hook {_name(hook)} turned a gradient of {what} {own} into one of {what} {given}; the {what} must stay"
            )
    return replacement


def _all_checked(replacement: Any, gradients: Sequence[Any], hook: Hook) -> tuple[Any, ...]:
    """What a hook of a node returned, if it can stand for all the gradients; None means none."""
    if not isinstance(replacement, tuple):
        raise TypeError(
            f"hook {_name(hook)} returned {replacement!r}; the hook of a node returns a tuple of gradients, or None"
        )
    if len(replacement) != len(gradients):
        raise RuntimeError(
            f"hook {_name(hook)} returned {len(replacement)} gradients in place of {len(gradients)}; give one for each"
        )
    return tuple(
        None if new is None else _checked(new, gradient, hook) for new, gradient in zip(replacement, gradients, strict=True)
    )
