"""The torch twin of a minigrad model, and one program under both engines.

A program is a function of the module that it calls ``torch``::

    def program(torch, x):
        w = torch.tensor(3.0, requires_grad=True)
        loss = (w * torch.tensor(x)).sum()
        loss.backward()
        return {"loss": loss, "w": w}

It is PyTorch code, to be read and run as such; under minigrad the same text runs with ``torch=minigrad``. So what is the
same is written once, and what differs between the engines must show as a line of the program.

Mirrors: torch/nn/modules/linear.py, torch/nn/modules/container.py, torch/nn/modules/loss.py
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

import torch

import minigrad

from .convert import copy_parameters
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


@singledispatch
def twin(model: Any) -> Any:
    """The torch module with the structure, settings and parameter values of a minigrad module.

    Raises TypeError for a module that has no twin here.

    >>> from minigrad import nn
    >>> twin(nn.Sequential(nn.Linear(2, 1)))
    Sequential(
      (0): Linear(in_features=2, out_features=1, bias=True)
    )
    """
    raise TypeError(f"{type(model).__name__} has no twin; write one in reference/twins.py, under `@twin.register`")


@twin.register
def _(model: minigrad.nn.Linear) -> torch.nn.Linear:
    made = torch.nn.Linear(
        model.in_features,
        model.out_features,
        bias=model.bias is not None,
        dtype=getattr(torch, model.weight.dtype.name),
    )
    made.train(model.training)
    copied: torch.nn.Linear = copy_parameters(model, made)
    return copied


@twin.register
def _(model: minigrad.nn.Sequential) -> torch.nn.Sequential:
    made = torch.nn.Sequential()
    for name, child in model.named_children():
        made.add_module(name, twin(child))
    return made.train(model.training)


@twin.register
def _(model: minigrad.nn.MSELoss) -> torch.nn.MSELoss:
    return torch.nn.MSELoss(reduction=model.reduction)
