"""The twin of a model in the other engine, and one program under both engines.

A program is a function of the module that it calls ``torch``::

    def program(torch, x):
        w = torch.tensor(3.0, requires_grad=True)
        loss = (w * torch.tensor(x)).sum()
        loss.backward()
        return {"loss": loss, "w": w}

It is PyTorch code, to be read and run as such; under minigrad the same text runs with ``torch=minigrad``. So what is the
same is written once, and what differs between the engines must show as a line of the program.

Mirrors: torch/nn/modules/module.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

import minigrad

from .convert import to_minigrad, to_torch
from .device import on_device


def both(program: Callable[..., Any], *arguments: Any, device: torch.device | str = "cpu") -> tuple[Any, Any]:
    """What the program returns under minigrad, and what under torch on ``device``, from the same random numbers.

    Arguments should be numbers and NumPy arrays: the program makes its own tensors of them.

    >>> both(lambda torch: torch.tensor([1.0]) + 1)
    (tensor([2.]), tensor([2.]))
    """
    ours = program(minigrad, *arguments)
    with on_device(device):
        theirs = program(torch, *arguments)
    return ours, theirs


def twin(model: Any) -> Any:
    """The same module in the other engine: torch's of minigrad's, or minigrad's of torch's.

    It has the same structure, settings, mode, parameters and buffers, as copies; what is shared in the model is shared in the
    twin. Raises TypeError for a class that both engines do not have under one name, as your own.

    >>> from minigrad import nn
    >>> twin(nn.Sequential(nn.Linear(2, 1), nn.ReLU()))
    Sequential(
      (0): Linear(in_features=2, out_features=1, bias=True)
      (1): ReLU()
    )
    >>> type(twin(twin(nn.ReLU()))) is nn.ReLU
    True
    """
    return _twin(model, {})


def _twin(model: Any, made: dict[int, Any]) -> Any:
    """The twin; ``made`` holds all that was converted before, by the identity of what it was converted from."""
    own, other, convert = (
        (torch, minigrad, to_minigrad) if isinstance(model, torch.nn.Module) else (minigrad, torch, to_torch)
    )
    kind = getattr(other.nn, type(model).__name__, None)
    if kind is None or type(model) is not getattr(own.nn, type(model).__name__, None):
        raise TypeError(f"{type(model).__name__} has no twin: {own.__name__}.nn and {other.__name__}.nn do not both have it")
    if id(model) in made:
        return made[id(model)]

    def converted(tensor: Any) -> Any:
        if id(tensor) not in made:
            made[id(tensor)] = convert(tensor)
        return made[id(tensor)]

    module = made[id(model)] = object.__new__(kind)
    other.nn.Module.__init__(module)  # not the constructor of its class, which would draw random numbers
    for name, setting in vars(model).items():
        if not name.startswith("_"):
            setattr(module, name, setting)
    for name, parameter in model._parameters.items():
        module.register_parameter(name, converted(parameter))
    for name, buffer in model._buffers.items():
        module.register_buffer(name, converted(buffer), persistent=name not in model._non_persistent_buffers_set)
    for name, child in model._modules.items():
        module.add_module(name, None if child is None else _twin(child, made))
    return module
