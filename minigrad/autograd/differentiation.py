"""What a user calls to differentiate: ``backward`` adds gradients into the leaves, ``grad`` returns them.

Mirrors: torch/autograd/__init__.py, torch/csrc/autograd/python_engine.cpp
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .engine import execute
from .graph import Edge, Node, gradient_edge
from .variable import TensorBase, wrap

Tensors = TensorBase | Sequence[TensorBase]


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, TensorBase) else tuple(value)


def _root_gradient(position: int, root: TensorBase, gradient: Any, caller: str) -> Any:
    """The gradient that a pass begins with at one root: the given one, checked, or 1 for a single number."""
    if gradient is None:
        if not root.requires_grad:
            return None
        if root._array.size != 1:
            raise RuntimeError(
                f"{caller} was called on a tensor of shape {list(root._array.shape)}: only a single number has a gradient "
                f"of its own, 1. Reduce it first, as in y.sum().backward(), or pass the gradient of each element, "
                f"as in y.backward(torch.ones_like(y))."
            )
        return wrap(np.array(1, root._array.dtype, ndmin=root._array.ndim))
    if not isinstance(gradient, TensorBase):
        raise TypeError(f"{caller}: the gradient of root {position} must be a Tensor or None, not {type(gradient).__name__}")
    if gradient._array.shape != root._array.shape:
        raise RuntimeError(
            f"{caller}: root {position} has shape {list(root._array.shape)}, but the gradient given for it has shape "
            f"{list(gradient._array.shape)}. They must be equal: one number per element of the root."
        )
    return gradient


def _beginning(roots: tuple[Any, ...], gradients: Any, caller: str) -> tuple[list[Node], list[int], list[Any]]:
    """The node of each root, which of its outputs the root is, and the gradient that a pass begins with there."""
    given = (None,) * len(roots) if gradients is None else _as_tuple(gradients)
    if len(given) != len(roots):
        raise RuntimeError(f"{caller} got {len(roots)} tensors and {len(given)} gradients: it needs one (or None) for each")
    nodes, output_nrs, brought = [], [], []
    for position, root in enumerate(roots):
        brought.append(_root_gradient(position, root, given[position], caller))
        node, output_nr = gradient_edge(root)
        if node is None:  # or a view, made under no_grad, of a leaf
            raise RuntimeError(
                f"{caller}: tensor {position} (shape {list(root._array.shape)}) has no grad_fn and does not require grad, so "
                f"there is no graph behind it to go back through. It was computed from tensors without "
                f"requires_grad=True, under no_grad(), or after detach()."
            )
        nodes.append(node)
        output_nrs.append(output_nr)
    return nodes, output_nrs, brought


def _edges_of_inputs(inputs: tuple[Any, ...], caller: str) -> list[Edge]:
    if not inputs:
        raise RuntimeError(f"{caller} got inputs=[]: name at least one tensor, or leave inputs out")
    for position, tensor in enumerate(inputs):
        if not isinstance(tensor, TensorBase):
            raise RuntimeError(f"{caller}: input {position} must be a Tensor, not {tensor!r}")
        if not tensor.requires_grad:
            raise RuntimeError(
                f"{caller}: input {position} (shape {list(tensor._array.shape)}) does not require grad. Set "
                f"requires_grad=True on it before the forward computation."
            )
    return [gradient_edge(tensor) for tensor in inputs]


def backward(
    tensors: Tensors,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors | None = None,
) -> None:
    """Add the gradients of ``tensors`` into the ``.grad`` of the leaves that they were computed from.

    Args:
        tensors: the roots; a root that is not a single number needs an entry in ``grad_tensors``.
        grad_tensors: for each root, the gradient to begin with: a tensor of its shape, or None for 1.
        retain_graph: keep the saved tensors for another pass; by default only with ``create_graph``.
        create_graph: record the backward pass itself, so that the gradients can be differentiated again.
        inputs: accumulate into these tensors only.

    Raises:
        RuntimeError: a root without a graph, a gradient of the wrong shape, freed or changed saved tensors.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    >>> minigrad.autograd.backward([(x * x).sum(), x.sum()])
    >>> x.grad
    tensor([3., 5.])
    """
    if create_graph:
        warnings.warn(
            "backward(create_graph=True) gives each leaf a .grad whose graph leads back to the leaf: a cycle, which only the "
            "garbage collector frees. Use torch.autograd.grad, or set .grad to None when you are done.",
            UserWarning,
            stacklevel=2,
        )
    beginning = _beginning(_as_tuple(tensors), grad_tensors, "backward")
    captures: dict[Edge, TensorBase | None] | None = None
    if inputs is not None:
        inputs = _as_tuple(inputs)
        captures = dict.fromkeys(_edges_of_inputs(inputs, "backward"))
        for tensor in inputs:
            if not tensor.is_leaf:
                tensor.retain_grad()
    execute(*beginning, retain_graph, create_graph, captures, accumulate=True)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of ``outputs`` with respect to ``inputs``, leaving every ``.grad`` as it is.

    Args:
        outputs: the roots; one that is not a single number needs an entry in ``grad_outputs``.
        inputs: leaves or intermediate results.
        grad_outputs: for each output, the gradient to begin with: a tensor of its shape, or None for 1.
        retain_graph, create_graph: as in ``backward``.
        allow_unused: return None for an input that the outputs do not depend on, instead of raising.
        materialize_grads: return zeros instead of None for such an input.

    Returns:
        a tuple with one tensor, of the shape of the input, for each input.

    Raises:
        RuntimeError: an input that does not require grad or is not used, and whatever ``backward`` raises.

    >>> import minigrad
    >>> x = minigrad.tensor(2.0, requires_grad=True)
    >>> (slope,) = minigrad.autograd.grad(x**3, x, create_graph=True)
    >>> minigrad.autograd.grad(slope, x)
    (tensor(12.),)
    """
    if is_grads_batched:
        raise RuntimeError(
            "grad(is_grads_batched=True) needs vmap, which minigrad leaves out. Call grad once for each row of grad_outputs."
        )
    if not only_inputs:
        warnings.warn(
            "grad ignores only_inputs=False; use backward to accumulate into the leaves", FutureWarning, stacklevel=2
        )
    if materialize_grads and allow_unused is False:
        raise ValueError("materialize_grads=True returns zeros for unused inputs, so allow_unused cannot be False with it")
    given_inputs = _as_tuple(inputs)
    beginning = _beginning(_as_tuple(outputs), grad_outputs, "grad")
    edges = _edges_of_inputs(given_inputs, "grad")
    captures: dict[Edge, TensorBase | None] = dict.fromkeys(edges)
    execute(*beginning, retain_graph, create_graph, captures, accumulate=False)
    found = tuple(captures[edge] for edge in edges)
    if materialize_grads:
        return tuple(
            tensor.zeros_like(requires_grad=create_graph) if gradient is None else gradient
            for tensor, gradient in zip(given_inputs, found, strict=True)
        )
    for position, gradient in enumerate(found):
        if gradient is None and not allow_unused:
            raise RuntimeError(
                f"grad: the outputs do not depend on input {position} (shape {list(given_inputs[position]._array.shape)}): no "
                f"path of the graph leads to it. Pass allow_unused=True to get None for it, or materialize_grads=True "
                f"to get zeros."
            )
    return found
