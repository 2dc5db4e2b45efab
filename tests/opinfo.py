"""PyTorch's own list of sample calls, made callable under minigrad: operators by name, arguments converted."""

from __future__ import annotations

import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

import minigrad
from minigrad.autograd.variable import wrap

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # PyTorch's own test modules import deprecated ones
    from torch.testing._internal import common_methods_invocations as published


class NotHere(Exception):
    """A sample that asks for something that minigrad does not have at all; says for what."""


def _attribute(name: str) -> Any:
    """What minigrad has under an operator's name: a function of a module, or else a method of Tensor."""
    found: Any = minigrad
    for part in name.split("."):
        found = getattr(found, part, None)
    return found if callable(found) else getattr(minigrad.Tensor, name, None)


class _Torch:
    """minigrad in the place of ``torch``, where methods too can be called as functions (``torch.zero_``)."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(minigrad, name, None)
        return getattr(minigrad.Tensor, name) if found is None else found


def _seeded(operator: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    minigrad.manual_seed(42)  # as the published helper of this name does for torch
    return operator(*arguments, **keywords)


def operator_of(info: Any) -> Callable[..., Any] | None:
    """minigrad's operator for an entry of the list; None if there is none.

    Some entries are small programs of ``torch``: these run as they are, with ``torch`` replaced.
    """
    found = _attribute(info.name)
    program = info.op
    if found is None or getattr(program, "__module__", None) != published.__name__:
        return found if callable(found) else None
    names = {**vars(published), "torch": _Torch(), "wrapper_set_seed": _seeded}
    return types.FunctionType(program.__code__, names, program.__name__, program.__defaults__, program.__closure__)


def entries() -> Iterator[Any]:
    """The entries of the list that are real-valued and that minigrad has an operator for."""
    for info in published.op_db:
        if torch.float32 in info.dtypes and operator_of(info) is not None:
            yield info


def _same_memory(tensor: torch.Tensor) -> Any:
    """A minigrad leaf with a copy of the tensor's whole memory, and so with its strides."""
    if tensor.layout != torch.strided or tensor.is_complex() or tensor.dtype not in _DTYPES:
        raise NotHere(f"{tensor.dtype}, {tensor.layout}")
    plain = tensor.detach()
    size = plain.untyped_storage().nbytes() // plain.itemsize
    memory = plain.as_strided((size,), (1,), 0).numpy().copy()
    strides = [step * plain.itemsize for step in plain.stride()]
    array = np.lib.stride_tricks.as_strided(memory[plain.storage_offset() :], tuple(plain.shape), strides)
    return wrap(array).requires_grad_(tensor.requires_grad)


_DTYPES = {getattr(torch, dtype.name): dtype for dtype in minigrad.dtypes.ALL}


class Converter:
    """Turns the arguments of a sample into minigrad's; a tensor that occurs twice is converted once."""

    def __init__(self) -> None:
        self.pairs: dict[int, tuple[Any, torch.Tensor]] = {}

    def __call__(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            if id(value) not in self.pairs:
                self.pairs[id(value)] = (_same_memory(value), value)
            return self.pairs[id(value)][0]
        if isinstance(value, (list, tuple)):
            return type(value)(map(self, value)) if type(value) in (list, tuple) else tuple(map(self, value))
        if isinstance(value, dict):
            return {key: self(item) for key, item in value.items()}
        if isinstance(value, slice):
            return slice(self(value.start), self(value.stop), self(value.step))
        if isinstance(value, torch.dtype):
            if value not in _DTYPES:
                raise NotHere(str(value))
            return _DTYPES[value]
        if isinstance(value, (torch.memory_format, torch.layout, complex)):
            raise NotHere(type(value).__name__)
        return str(value) if isinstance(value, torch.device) else value

    def leaves(self) -> list[tuple[Any, torch.Tensor]]:
        """The tensors that require grad, of both engines."""
        return [pair for pair in self.pairs.values() if pair[1].requires_grad]
