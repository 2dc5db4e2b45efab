"""How a module sees the gradients of its inputs and outputs: identity nodes around its forward, with hooks on them.

Mirrors: torch/utils/hooks.py
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from ..autograd.function import Function
from ..autograd.grad_mode import is_grad_enabled
from ..autograd.hooks import Hook
from ..autograd.variable import TensorBase

if TYPE_CHECKING:
    from .module import Module


class BackwardHookFunction(Function):
    """The identity: its node is where the hooks of a module are called."""

    @staticmethod
    def forward(ctx: Any, *tensors: Any) -> Any:
        ctx.mark_non_differentiable(*[tensor for tensor in tensors if not tensor.requires_grad])
        return tensors

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        return grad_outputs


class BackwardHooks:
    """The backward hooks of one call of a module: what its output's gradient was, until that of its input is there."""

    def __init__(self, module: Module, hooks: list[Hook], pre_hooks: list[Hook]) -> None:
        self.module, self.hooks, self.pre_hooks = module, hooks, pre_hooks
        self.grad_output: tuple[Any, ...] | None = None
        self.inputs_are_watched = False
        self.number_of_inputs = 0

    def watch_inputs(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs, passed through a node that calls the hooks with their gradients."""
        self.number_of_inputs = len(inputs)

        def see(grad_inputs: tuple[Any, ...], _: Any) -> Any:
            if self.grad_output is None:
                return None  # a gradient that did not come by the output, as that of a second derivative
            grad_input = _spread(grad_inputs, positions, len(inputs))
            for hook in self.hooks:
                grad_input = _replaced(grad_input, hook(self.module, grad_input, self.grad_output), "backward hook")
            self.grad_output = None
            return tuple(grad_input[p] for p in positions)

        inputs, positions, node = _passed_through(inputs)
        if node is not None:
            self.inputs_are_watched = True
            node.register_hook(see)
        return inputs

    def watch_outputs(self, output: Any) -> Any:
        """The output or outputs, passed through a node that notes their gradients."""
        if not isinstance(output, (TensorBase, tuple)):
            warnings.warn(
                f"{type(self.module).__name__} returned a {type(output).__name__}, so its backward hooks are not called: they "
                f"see the gradients of a Tensor, or of a tuple of Tensors",
                UserWarning,
                stacklevel=4,
            )
        outputs = output if isinstance(output, tuple) else (output,)

        def note(grad_outputs: tuple[Any, ...]) -> Any:
            grad_output = _spread(grad_outputs, positions, len(outputs))
            for hook in self.pre_hooks:
                grad_output = _replaced(grad_output, hook(self.module, grad_output), "backward pre-hook")
            self.grad_output = grad_output
            if not self.inputs_are_watched:
                self._call_without_inputs(grad_output)
            return tuple(grad_output[p] for p in positions)

        watched, positions, node = _passed_through(outputs)
        if node is not None:
            node.register_prehook(note)
        return watched if isinstance(output, tuple) else watched[0]

    def _call_without_inputs(self, grad_output: tuple[Any, ...]) -> None:
        name = type(self.module).__name__
        warnings.warn(
            f"no input of {name} requires grad, so its backward hook is called with the gradients of its outputs alone",
            UserWarning,
            stacklevel=3,
        )
        for hook in self.hooks:
            returned = hook(self.module, (None,) * self.number_of_inputs, grad_output)
            if returned is not None and any(gradient is not None for gradient in returned):
                raise RuntimeError(f"a backward hook of {name} returned a gradient of an input, but no input requires grad")


def _replaced(gradients: tuple[Any, ...], returned: Any, kind: str) -> tuple[Any, ...]:
    """The gradients, or what a hook returned in their place. Raises RuntimeError for another number of them."""
    if returned is None:
        return gradients
    if not isinstance(returned, tuple) or len(returned) != len(gradients):
        shown = f"{len(returned)} gradients" if isinstance(returned, tuple) else f"a {type(returned).__name__}"
        raise RuntimeError(f"a {kind} returned {shown}; it must return None, or a tuple of {len(gradients)}")
    return returned


def _spread(gradients: tuple[Any, ...], positions: list[int], length: int) -> tuple[Any, ...]:
    """The gradients at the positions of their tensors, None between them."""
    at = dict(zip(positions, gradients, strict=True))
    return tuple(at.get(position) for position in range(length))


def _passed_through(values: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[int], Any]:
    """The values with the tensors among them passed through an identity node; where those are; and the node."""
    positions = [i for i, value in enumerate(values) if isinstance(value, TensorBase)]
    if not (is_grad_enabled() and any(values[i].requires_grad for i in positions)):
        return values, positions, None
    passed = BackwardHookFunction.apply(*[values[i] for i in positions])
    replaced = list(values)
    for position, tensor in zip(positions, passed, strict=True):
        replaced[position] = tensor
    rebuilt = type(values)(*replaced) if hasattr(values, "_fields") else tuple(replaced)
    return rebuilt, positions, next(t.grad_fn for t in passed if t.grad_fn is not None)
