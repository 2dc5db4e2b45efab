"""How a module sees the gradients of its inputs and outputs: identity nodes around its forward, with hooks on them.

Mirrors: torch/utils/hooks.py
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from ..autograd.function import Function
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
        self.grad_output: tuple[Any, ...] = ()
        self.inputs_are_watched = False
        self.number_of_inputs = 0

    def watch_inputs(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs, passed through a node that calls the hooks with their gradients."""
        self.number_of_inputs = len(inputs)

        def see(grad_inputs: tuple[Any, ...], _: Any) -> Any:
            replaced = self._call_hooks(_spread(grad_inputs, positions, len(inputs)))
            return tuple(replaced[p] for p in positions)

        inputs, positions, node = _passed_through(inputs)
        if node is not None:
            self.inputs_are_watched = True
            node.register_hook(see)
        return inputs

    def watch_outputs(self, output: Any) -> Any:
        """The output or outputs, passed through a node that notes their gradients."""
        outputs = output if isinstance(output, tuple) else (output,)

        def note(grad_outputs: tuple[Any, ...]) -> Any:
            self.grad_output = _spread(grad_outputs, positions, len(outputs))
            for hook in self.pre_hooks:
                replacement = hook(self.module, self.grad_output)
                if replacement is not None:
                    self.grad_output = replacement if isinstance(replacement, tuple) else (replacement,)
            if not self.inputs_are_watched:
                warnings.warn(
                    f"no input of {type(self.module).__name__} requires grad, so its backward hook is called with the gradients "
                    f"of its outputs alone",
                    UserWarning,
                    stacklevel=2,
                )
                self._call_hooks((None,) * self.number_of_inputs)
            return tuple(self.grad_output[p] for p in positions)

        outputs, positions, node = _passed_through(outputs)
        if node is not None:
            node.register_prehook(note)
        return outputs if isinstance(output, tuple) else outputs[0]

    def _call_hooks(self, grad_input: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in self.hooks:
            replacement = hook(self.module, grad_input, self.grad_output)
            if replacement is not None:
                grad_input = replacement if isinstance(replacement, tuple) else (replacement,)
        return grad_input


def _spread(gradients: tuple[Any, ...], positions: list[int], length: int) -> tuple[Any, ...]:
    """The gradients at the positions of their tensors, None between them."""
    at = dict(zip(positions, gradients, strict=True))
    return tuple(at.get(position) for position in range(length))


def _passed_through(values: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[int], Any]:
    """The values with the tensors among them passed through an identity node; where those are; and the node."""
    positions = [i for i, value in enumerate(values) if isinstance(value, TensorBase)]
    if not any(values[i].requires_grad for i in positions):
        return values, positions, None
    passed = BackwardHookFunction.apply(*[values[i] for i in positions])
    replaced = list(values)
    for position, tensor in zip(positions, passed, strict=True):
        replaced[position] = tensor
    return tuple(replaced), positions, next(t.grad_fn for t in passed if t.grad_fn is not None)
