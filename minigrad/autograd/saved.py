"""What nodes keep of tensors between the forward and the backward pass, and how they get it back.

Mirrors: torch/csrc/autograd/saved_variable.cpp
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .grad_mode import no_grad
from .graph import Node, Packed, Released, active, open_blocks
from .variable import TensorBase, wrap


def save(value: Any) -> Any:
    """An input as a node keeps it, see NOTE [Saved tensors]."""
    if not isinstance(value, TensorBase):
        return value
    if open_blocks and active.pairs:
        return _packed(value)
    counter = value._counter
    return value if counter is None or counter.count == 0 else (value, counter.count)


def save_list(tensors: Any) -> list[Any]:
    """Several inputs as a node keeps them."""
    return [save(tensor) for tensor in tensors]


def save_output(output: TensorBase) -> Any:
    """An output as a node keeps it: the memory, without the ``grad_fn`` that would make a cycle."""
    if open_blocks and active.pairs:
        return _packed(output.detach())
    counter = output.version_counter
    return output._array, counter, counter.count


def _packed(tensor: TensorBase) -> Packed:
    pack, unpack = active.pairs[-1]
    before = tensor._version
    with no_grad():
        content = pack(tensor)
    if tensor._version != before:
        raise RuntimeError("a pack hook changed the tensor that it was given in place; it must leave it as it is")
    return Packed(content, unpack)


def saved_output(node: Node, name: str, entry: Any, output_nr: int) -> Any:
    """An output as it was saved, with the node as ``grad_fn`` again. Raises RuntimeError as ``Node.unpacked`` does."""
    if entry is None:
        return None
    if entry.__class__ is Released:
        raise node._freed(entry)
    if entry.__class__ is Packed:
        tensor = entry.unpack().detach()
    else:
        array, counter, version, *of_view = entry
        if counter.count != version:
            raise node.changed(name, array, counter, version)
        tensor = wrap(array)
        tensor._counter = counter
    if tensor._array.dtype.kind == "f":
        history = of_view[0]() if entry.__class__ is tuple and of_view else None
        tensor._grad_fn, tensor._requires_grad, tensor.output_nr = history or node, True, output_nr
    return tensor


def is_saved_output(entry: Any) -> bool:
    """Whether an entry, see NOTE [Saved tensors], is an output."""
    return entry.__class__ is tuple and len(entry) == 3


def own_outputs(node: Node, outputs: Sequence[Any]) -> None:
    """Make a node the history of several outputs, each with its number; integers, which come last, have none."""
    differentiable = [output for output in outputs if output._array.dtype.kind == "f"]
    node.metadata = tuple([(output._array.shape, output._array.dtype) for output in differentiable])
    for number, output in enumerate(differentiable):
        output._grad_fn, output._requires_grad, output.output_nr = node, True, number
