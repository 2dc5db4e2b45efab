"""Operations that the user differentiates: a class with ``forward`` and ``backward``.

Mirrors: torch/autograd/function.py, torch/csrc/autograd/python_function.cpp, custom_function.cpp
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from .grad_mode import mode, no_grad
from .graph import Node, Released, gradient_node, next_sequence_nr
from .in_place import check_in_place, set_history, view_of
from .place import describe, users_place
from .saved import save, save_output, saved_output
from .variable import TensorBase, wrap


class FunctionCtx(Node):
    """The node of one call of a Function, and the ``ctx`` that its methods see: what forward leaves for backward.

    It owns what ``save_for_backward`` was given, and any attribute that the user sets on it. An output kept as a plain
    attribute makes a cycle that only the garbage collector can free; ``save_for_backward`` does not.
    """

    _function: ClassVar[type[Function]]

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        self.next_nodes, self.input_nrs = (), ()
        self._saved: tuple[Any, ...] | Released = ()
        self.hooks = None
        self.sequence_nr = next_sequence_nr()
        self.place = users_place()
        self.needs_input_grad = tuple(isinstance(a, TensorBase) and a.requires_grad for a in arguments)
        self._is_tensor = tuple(isinstance(a, TensorBase) for a in arguments)
        self._to_save: tuple[Any, ...] = ()
        self._output_nrs: tuple[int | None, ...] = ()
        self._dirty: tuple[Any, ...] = ()
        self._not_differentiable: tuple[Any, ...] = ()
        self._materialize_grads = True

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep inputs, outputs or None for ``saved_tensors`` in backward. Raises TypeError for anything else."""
        for tensor in tensors:
            if tensor is not None and not isinstance(tensor, TensorBase):
                raise TypeError(f"save_for_backward keeps tensors, not {tensor!r}; set other values as attributes of ctx")
        self._to_save = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What ``save_for_backward`` was given. Raises RuntimeError if it was freed, or changed in place since."""
        if isinstance(self._saved, Released):
            raise self._freed(self._saved)
        if not self._saved:
            return self._to_save
        return tuple(
            self.unpacked(name, entry) if number is None else saved_output(self, name, entry, number)
            for name, entry, number in zip(self.saved_names, self._saved, self._output_nrs, strict=True)
        )

    def mark_dirty(self, *tensors: Any) -> None:
        """Say that forward changed these inputs in place; they must be returned as well."""
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Say that these outputs have no gradient."""
        self._not_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros (the default) or None for an output whose gradient never came."""
        self._materialize_grads = value

    def _keep(self, outputs: tuple[Any, ...]) -> None:
        """Save what ``save_for_backward`` was given, once it is known which of it are outputs."""
        self.saved_names = tuple(f"saved_tensors[{i}]" for i in range(len(self._to_save)))  # type: ignore[misc]
        is_own = [t is not None and t._grad_fn is self and _among(t, outputs) for t in self._to_save]
        self._output_nrs = tuple(t.output_nr if own else None for t, own in zip(self._to_save, is_own, strict=True))
        self._saved = tuple(save_output(t) if own else save(t) for t, own in zip(self._to_save, is_own, strict=True))
        self._to_save = ()

    def release(self, by: Released) -> None:
        self._saved = by  # even if nothing was saved: who asks for `saved_tensors` shall hear that it is too late

    def saved_values(self) -> dict[str, Any]:
        return dict(zip(self.saved_names, self.saved_tensors, strict=True))

    def apply(self, gradients: list[Any], next_nodes: tuple[Node | None, ...]) -> tuple[Any, ...]:
        if self._materialize_grads:
            gradients = [
                wrap(np.zeros(*metadata)) if gradient is None and metadata is not None else gradient
                for gradient, metadata in zip(gradients, self.metadata, strict=True)
            ]
        returned = self._function.backward(self, *gradients)
        if not isinstance(returned, tuple):
            returned = (returned,)
        expected = len(self._is_tensor)
        if len(returned) < expected or any(gradient is not None for gradient in returned[expected:]):
            raise RuntimeError(
                f"{self.name()}: backward returned {len(returned)} gradients, but forward took {expected} arguments; return "
                f"one for each, None for those that are no tensors"
            )
        for position, (gradient, is_tensor) in enumerate(zip(returned, self._is_tensor, strict=False)):
            if gradient is not None and not (is_tensor and isinstance(gradient, TensorBase)):
                raise RuntimeError(
                    f"{self.name()}: backward returned a {type(gradient).__name__} for argument {position}, which was "
                    f"{'a' if is_tensor else 'no'} tensor; return a Tensor for a tensor, and None for the rest"
                )
        return tuple(gradient for gradient, is_tensor in zip(returned, self._is_tensor, strict=False) if is_tensor)


class Function:
    """An operation with a derivative of your own. Subclass it, then call ``MyFunction.apply(...)``.

    ``forward(ctx, *arguments)`` computes, with nothing recorded; ``backward(ctx, *grad_outputs)`` returns a gradient for
    each argument. Instead of the first, ``forward(*arguments)`` and ``setup_context(ctx, inputs, output)`` may be given.

    >>> import minigrad
    >>> class Cube(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x * x
    ...
    ...     @staticmethod
    ...     def backward(ctx, grad_output):
    ...         (x,) = ctx.saved_tensors
    ...         return grad_output * 3 * x * x
    >>> x = minigrad.tensor(2.0, requires_grad=True)
    >>> y = Cube.apply(x)
    >>> y
    tensor(8., grad_fn=<CubeBackward>)
    >>> y.backward()
    >>> x.grad
    tensor(12.)
    """

    _node_class: ClassVar[type[FunctionCtx]]

    def __init_subclass__(cls) -> None:
        cls._node_class = type(f"{cls.__name__}Backward", (FunctionCtx,), {"_function": cls, "__module__": cls.__module__})

    @staticmethod
    def forward(*arguments: Any) -> Any:
        """Compute the outputs."""
        raise NotImplementedError("a Function needs a static method forward(ctx, *arguments)")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Save for backward, if forward takes no ctx."""
        raise NotImplementedError("setup_context(ctx, inputs, output) is not defined")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Compute the gradient of each argument."""
        raise NotImplementedError("a Function needs a static method backward(ctx, *grad_outputs)")

    @classmethod
    def apply(cls, *arguments: Any, **keywords: Any) -> Any:
        """Call the operation, and record it if an argument requires grad."""
        takes_ctx = cls.setup_context is Function.setup_context
        if keywords or not takes_ctx:
            arguments = _by_position(cls.forward, takes_ctx, arguments, keywords)
        ctx = cls._node_class(arguments)
        with no_grad():
            returned = cls.forward(ctx, *arguments) if takes_ctx else cls.forward(*arguments)
            if not takes_ctx:
                cls.setup_context(ctx, arguments, returned)
        outputs = returned if isinstance(returned, tuple) else (returned,)
        if not all(_among(dirty, outputs) for dirty in ctx._dirty):
            raise RuntimeError(f"{cls.__name__}.forward marked an input as dirty that it does not return; return it as well")
        recording = mode.enabled and any(ctx.needs_input_grad)
        if recording:
            tensors = [a for a in arguments if isinstance(a, TensorBase)]
            ctx.next_nodes = tuple(gradient_node(tensor) for tensor in tensors)
            ctx.input_nrs = tuple(tensor.output_nr for tensor in tensors)
            shapes = ((o._array.shape, o._array.dtype) if isinstance(o, TensorBase) else None for o in outputs)
            ctx.metadata = tuple(shapes)  # type: ignore[arg-type]  # no gradient arrives where there is no tensor
        outputs = tuple(_output(ctx, number, output, arguments, recording) for number, output in enumerate(outputs))
        if recording:
            ctx._keep(outputs)
        return outputs if isinstance(returned, tuple) else outputs[0]


def _among(tensor: Any, tensors: tuple[Any, ...]) -> bool:
    return any(tensor is each for each in tensors)


def _by_position(forward: Any, takes_ctx: bool, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
    """All arguments in the order of forward's signature, for that is the order in which backward answers."""
    ctx = (None,) if takes_ctx else ()
    bound = inspect.signature(forward).bind(*ctx, *arguments, **keywords)
    if not takes_ctx:
        bound.apply_defaults()
    if bound.kwargs:
        names = ", ".join(bound.kwargs)
        raise TypeError(f"apply: {names} has no position among the arguments given; pass all arguments of forward before it")
    return bound.args[len(ctx) :]


def _output(ctx: FunctionCtx, number: int, output: Any, arguments: tuple[Any, ...], recording: bool) -> Any:
    """One output of forward, with the node as its history if it is to have one."""
    if not isinstance(output, TensorBase):
        return output
    is_input, is_dirty = _among(output, arguments), _among(output, ctx._dirty)
    if not recording or output._array.dtype.kind != "f" or _among(output, ctx._not_differentiable):
        if is_dirty:
            output.version_counter.bump((f"{ctx._function.__name__}.forward", ctx.place))
        if is_input:
            return output.detach() if output.requires_grad else output if is_dirty else view_of(output, output._array)
        output._grad_fn, output._requires_grad = None, False
        return output
    if is_dirty:
        check_in_place(output, ctx.name())
        if output._base is not None and len(ctx.metadata) > 1:
            raise RuntimeError(
                f"{ctx._function.__name__}.forward changed a view in place and returned {len(ctx.metadata)} values: the base of a "
                f"view can take on the history of one alone. Return only the view, or change a clone() of it."
            )
        output.version_counter.bump((f"{ctx._function.__name__}.forward", ctx.place))
        set_history(output, ctx, number)
        return output
    if is_input:  # it keeps its own history; what comes out is a view of it
        if ctx._function.setup_context is not Function.setup_context and _among(output, ctx._to_save):
            raise RuntimeError(
                f"{ctx._function.__name__}.forward returns an input as it is, and setup_context saves it: "
                f"input or output could be meant. Return a view of it, or save it in a forward(ctx, ...)."
            )
        output = view_of(output, output._array)
    output._grad_fn, output._requires_grad, output.output_nr = ctx, True, number
    return output


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a backward that cannot be differentiated: it runs unrecorded; going through its result raises RuntimeError."""

    @functools.wraps(backward)
    def unrecorded(ctx: FunctionCtx, *grad_outputs: Any) -> Any:
        with no_grad():
            gradients = backward(ctx, *grad_outputs)
        if not mode.enabled or not any(g is not None and g.requires_grad for g in grad_outputs):
            return gradients
        several = gradients if isinstance(gradients, tuple) else (gradients,)
        barred = tuple(_Barrier.apply(ctx, g.detach().requires_grad_()) if isinstance(g, TensorBase) else g for g in several)
        return barred if isinstance(gradients, tuple) else barred[0]

    return unrecorded


class _Barrier(Function):
    """Lets a value through, and no gradient back."""

    @staticmethod
    def forward(ctx: Any, of: FunctionCtx, gradient: Any) -> Any:
        ctx.of = of
        return gradient.clone()

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise RuntimeError(
            f"{ctx.of.name()} cannot be differentiated twice: its backward is marked @once_differentiable "
            f"(forward: {describe(ctx.of.place)}). Write backward with differentiable operations and take the mark away."
        )
