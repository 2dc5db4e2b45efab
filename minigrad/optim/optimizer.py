"""What all optimisers share: groups of parameters with their settings, and state that can be saved.

Mirrors: torch/optim/optimizer.py
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd.grad_mode import enable_grad, no_grad
from ..autograd.graph import Edit
from ..autograd.place import describe, users_place
from ..autograd.variable import TensorBase
from ..nn.module import clear_grad
from ..quiet import quietly
from ..tensor import Tensor

Array = np.ndarray[Any, Any]


class Optimizer:
    """The base of all optimisers. A subclass says in ``update`` how one parameter changes.

    ``param_groups`` is a list of dicts: the parameters of a group under ``"params"``, and its settings. ``state`` holds
    what an optimiser remembers of each parameter.
    """

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        if isinstance(params, TensorBase):
            raise TypeError(f"params is one tensor; an optimiser takes an iterable of them: {type(self).__name__}([w], ...)")
        self.defaults = defaults
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups = list(params)
        if not groups:
            raise ValueError(
                f"{type(self).__name__} was given no parameters. An iterator such as model.parameters() is empty when it has "
                f"been used before, or when the model registers none."
            )
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with settings of their own; settings left out are the optimiser's defaults.

        Raises TypeError for what is not a tensor, ValueError for a tensor that is not a leaf or already has a group.
        """
        params = param_group["params"]
        params = [params] if isinstance(params, TensorBase) else list(params)
        known = {param for group in self.param_groups for param in group["params"]}
        for position, param in enumerate(params):
            if not isinstance(param, TensorBase):
                raise TypeError(f"parameter {position} is {param!r} ({type(param).__name__}); an optimiser changes tensors")
            if param._grad_fn is not None and not param.retains_grad:
                raise ValueError(
                    f"parameter {position} (shape {list(param._array.shape)}) is not a leaf but the result of "
                    f"{param._grad_fn.name()} at {describe(param._grad_fn.place)}. Give the optimiser the leaf that it was "
                    f"computed from, or w.detach().requires_grad_()."
                )
            if param in known:
                raise ValueError(f"parameter {position} (shape {list(param._array.shape)}) is in another group already")
        self.param_groups.append({"params": params, **self.defaults, **_settings(param_group)})

    def update(self, param: Tensor, grad: Array, group: dict[str, Any]) -> None:
        """Change the array of one parameter in place, given its gradient and the settings of its group."""
        raise NotImplementedError

    @no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient; with a closure, call it first and return the loss that it returns."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        quietly(self._update_all, (f"{type(self).__name__}.step", users_place()))
        return loss

    def _update_all(self, edit: Edit) -> None:
        for group in self.param_groups:
            for param in group["params"]:
                if param._grad is not None:
                    self.update(param, param._grad._array, group)
                    param._version_counter.bump(edit)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, or with ``set_to_none=False`` fill them with zeros."""
        for group in self.param_groups:
            for param in group["params"]:
                clear_grad(param, set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Settings and memory, with parameters replaced by their numbers in order."""
        numbers = {param: i for i, param in enumerate(p for group in self.param_groups for p in group["params"])}
        return {
            "state": {numbers[param]: state for param, state in self.state.items()},
            "param_groups": [
                {**_settings(group), "params": [numbers[param] for param in group["params"]]} for group in self.param_groups
            ],
        }

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for number, group in enumerate(self.param_groups):
            text += f"\nParameter Group {number}\n"
            text += "".join(f"    {name}: {value}\n" for name, value in sorted(_settings(group).items()))
        return text + ")"


def _settings(group: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name != "params"}


def require(holds: bool, name: str, value: Any, rule: str) -> None:
    """Raise ValueError for a setting that makes no sense."""
    if not holds:
        raise ValueError(f"{name}={value!r}: it must be {rule}")


