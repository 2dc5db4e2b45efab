"""Values from one engine to the other: tensors, parameters, and the state of whole models. Always copies.

Mirrors: torch/_tensor.py, torch/csrc/utils/tensor_numpy.cpp
"""

from __future__ import annotations

from typing import Any

import torch

import minigrad


def to_torch(value: Any, device: torch.device | str = "cpu") -> Any:
    """The value with every minigrad tensor in it as a torch leaf: same elements, dtype, ``requires_grad``.

    Goes into dicts (such as state dicts), lists and tuples; a Parameter stays one; what holds no tensor is returned as is.

    >>> import minigrad
    >>> to_torch({"w": minigrad.tensor([1.0, 2.0], requires_grad=True)})
    {'w': tensor([1., 2.], requires_grad=True)}
    """
    if isinstance(value, minigrad.nn.Parameter):
        return torch.nn.Parameter(_torch_leaf(value, device), requires_grad=value.requires_grad)
    if isinstance(value, minigrad.Tensor):
        return _torch_leaf(value, device).requires_grad_(value.requires_grad)
    return _inside(value, lambda item: to_torch(item, device))


def to_minigrad(value: Any) -> Any:
    """The value with every torch tensor in it as a minigrad leaf: the way back of ``to_torch``.

    Raises TypeError for a dtype that minigrad does not have.

    >>> to_minigrad([torch.arange(3), 0.5])
    [tensor([0, 1, 2]), 0.5]
    """
    if isinstance(value, torch.nn.Parameter):
        return minigrad.nn.Parameter(_minigrad_leaf(value), requires_grad=value.requires_grad)
    if isinstance(value, torch.Tensor):
        return _minigrad_leaf(value).requires_grad_(value.requires_grad)
    return _inside(value, to_minigrad)


def copy_state(source: Any, target: Any) -> Any:
    """Give the module ``target`` the parameters and buffers of ``source``; either may be of either engine. Returns ``target``.

    Raises ValueError, and copies nothing, unless both have the same names and shapes.

    >>> model = minigrad.nn.Linear(2, 1)
    >>> twin = copy_state(model, torch.nn.Linear(2, 1))
    >>> twin.weight.tolist() == model.weight.tolist()
    True
    """
    given = source.state_dict()
    shapes = [{name: tuple(t.shape) for name, t in state.items()} for state in (given, target.state_dict())]
    if shapes[0] != shapes[1]:
        raise ValueError(f"the states do not match: {shapes[0]} cannot be copied into {shapes[1]}")
    target.load_state_dict((to_torch if isinstance(target, torch.nn.Module) else to_minigrad)(given))
    return target


def _torch_leaf(tensor: minigrad.Tensor, device: torch.device | str) -> torch.Tensor:
    return torch.from_numpy(tensor.detach().numpy().copy()).to(device)


def _minigrad_leaf(tensor: torch.Tensor) -> Any:
    try:
        return minigrad.tensor(tensor.detach().cpu().numpy())
    except (TypeError, KeyError):
        raise TypeError(f"minigrad has no dtype {tensor.dtype}: convert first, for example with x.float()") from None


def _inside(value: Any, convert: Any) -> Any:
    if isinstance(value, dict):
        return {key: convert(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [convert(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value
