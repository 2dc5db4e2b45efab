"""What all optimisers share: groups of parameters with their settings, and state that can be saved.

Mirrors: torch/optim/optimizer.py
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd.grad_mode import enable_grad
from ..autograd.graph import Edit
from ..autograd.place import describe, users_place
from ..autograd.variable import TensorBase, wrap
from ..nn.module import clear_grad
from ..quiet import quietly

Array = np.ndarray[Any, Any]
Settings = dict[str, Any]

# NOTE [In blocks]: the rules work on each element alone. So a large parameter is updated block by block: the intermediate
# results of a block stay in the processor's cache, and the rule can be written as a formula without reusing memory by hand.
BLOCK = 1 << 16


class Optimizer:
    """The base of all optimisers. A subclass says how a parameter begins (``initial_state``) and how it moves (``update``).

    ``param_groups`` is a list of dicts: the parameters of a group under ``"params"``, and its settings. ``state`` holds
    the tensors that an optimiser remembers of each parameter.

    >>> class SignDescent(Optimizer):
    ...     def update(self, w, g, state, group, first):
    ...         w -= group["lr"] * np.sign(g)
    >>> import minigrad
    >>> w = minigrad.tensor([1.0, -3.0], requires_grad=True)
    >>> w.square().sum().backward()
    >>> SignDescent([w], {"lr": 0.5}).step()
    >>> w
    tensor([ 0.5000, -2.5000], requires_grad=True)
    """

    def __init__(self, params: Any, defaults: Settings) -> None:
        if isinstance(params, TensorBase):
            raise TypeError(f"params is one tensor; an optimiser takes an iterable of them: {type(self).__name__}([w], ...)")
        if defaults.get("differentiable"):
            raise NotImplementedError(
                "differentiable=True: here a step is not recorded in the graph. To differentiate through a step, write it "
                "with tensor operators: w = w - lr * g"
            )
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

        Raises TypeError for what is not a dict of tensors in an order, ValueError for a tensor that is not a leaf or already
        has a group. Warns of one that is given twice: each step moves it twice.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"a group is a dict such as {{'params': [w], 'lr': 0.1}}, not {param_group!r}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError("params is a set, whose order is another in every run; a state dict needs one: pass a list")
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
        if len(set(params)) < len(params):
            warnings.warn("params holds a tensor more than once: each step will move it as often", stacklevel=4)
        self.param_groups.append({"params": params, **self.defaults, **settings(param_group)})

    def initial_state(self, w: Array, group: Settings) -> dict[str, TensorBase]:
        """What is remembered of a parameter before its first step."""
        return {}

    def update(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        """Change a parameter in place, or a block of it, given its gradient, what is remembered of it, and its settings.

        ``first`` says whether this is its first step.
        """
        raise NotImplementedError

    def advance(self, state: dict[str, Array], group: Settings) -> None:
        """Change what is remembered once for a whole parameter, after it was updated."""

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
            if isinstance(group.get("lr"), TensorBase):  # a rate may be a tensor with one element
                group = {**group, "lr": group["lr"]._array.item()}
            for param in group["params"]:
                if param._grad is not None:
                    self._update_one(param, group)
                    param.version_counter.bump(edit)

    def _update_one(self, param: TensorBase, group: Settings) -> None:
        w, g = param._array, param._grad._array  # type: ignore[union-attr]
        remembered = self.state.get(param)
        first = not remembered
        if first:
            remembered = self.initial_state(w, group)
            if remembered:
                self.state[param] = remembered
        state = {name: tensor._array for name, tensor in remembered.items()} if remembered else {}
        if "step" in state:
            state["step"].fill(float(state["step"]) + 1)  # at a tenth of the cost of += on an array without dimensions
        if w.size <= BLOCK:
            self.update(w, g, state, group, first)
        else:
            self._update_in_blocks(w, g, state, group, first)
        self.advance(state, group)

    def _update_in_blocks(self, w: Array, g: Array, state: dict[str, Array], group: Settings, first: bool) -> None:
        arrays = {"w": w, "g": g, **{name: array for name, array in state.items() if array.size == w.size}}
        if not all(array.flags.c_contiguous for array in arrays.values()):
            self.update(w, g, state, group, first)
            return
        flat = {name: array.reshape(-1) for name, array in arrays.items()}
        for start in range(0, w.size, BLOCK):
            block = {name: array[start : start + BLOCK] for name, array in flat.items()}
            self.update(block.pop("w"), block.pop("g"), state | block, group, first)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, or with ``set_to_none=False`` fill them with zeros."""
        for group in self.param_groups:
            for param in group["params"]:
                clear_grad(param, set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Settings and memory, with parameters replaced by their numbers in order; the tensors are not copied."""
        numbers = {param: i for i, param in enumerate(p for group in self.param_groups for p in group["params"])}
        return {
            "state": {numbers[param]: state for param, state in self.state.items()},
            "param_groups": [
                {**settings(group), "params": [numbers[param] for param in group["params"]]} for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over settings and copies of the memory of an optimiser with groups of the same sizes.

        Raises ValueError, and changes nothing, if the groups do not match.
        """
        saved = state_dict["param_groups"]
        own_sizes = [len(group["params"]) for group in self.param_groups]
        saved_sizes = [len(group["params"]) for group in saved]
        if own_sizes != saved_sizes:
            raise ValueError(
                f"the state dict has groups of {saved_sizes} parameters, this optimiser has {own_sizes}; they must be the same"
            )
        by_number = {
            number: param
            for group, own in zip(saved, self.param_groups, strict=True)
            for number, param in zip(group["params"], own["params"], strict=True)
        }
        state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        for number, remembered in state_dict["state"].items():
            param = by_number[number]
            state[param] = {name: _own_copy(name, value, param) for name, value in remembered.items()}
        self.state = state
        for group, own in zip(saved, self.param_groups, strict=True):
            own.update(settings(group))

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for number, group in enumerate(self.param_groups):
            text += f"\nParameter Group {number}\n"
            text += "".join(f"    {name}: {value}\n" for name, value in sorted(settings(group).items()))
        return text + ")"


def _own_copy(name: str, value: Any, param: TensorBase) -> Any:
    """A copy of what was remembered, in the type of the parameter; the number of steps keeps its own."""
    if isinstance(value, list):
        return [_own_copy(name, each, param) for each in value]
    if not isinstance(value, TensorBase):
        return value
    array = value._array
    return wrap(array.copy() if name == "step" or array.dtype.kind != "f" else array.astype(param._array.dtype))


# NOTE [Settings]: the settings of an optimiser are the arguments of its __init__, under the same names. So their list stands
# only in the signature, and __init__ passes on its locals().
def settings(entries: dict[str, Any]) -> Settings:
    """The settings among the ``locals()`` of an ``__init__``, or among the entries of a group."""
    return {name: value for name, value in entries.items() if name not in ("self", "params", "__class__")}


def not_negative(**values: float) -> None:
    """Raise ValueError for a setting below 0, or for a rate that is a tensor of several elements."""
    for name, value in values.items():
        one = not isinstance(value, TensorBase) or value._array.size == 1
        uphill = "; to go uphill, pass maximize=True, or minimise -loss" if name == "lr" else ""
        require(one and value >= 0, name, value, "one number, at least 0" + uphill)


def require(holds: bool, name: str, value: Any, rule: str) -> None:
    """Raise ValueError for a setting that makes no sense."""
    if not holds:
        raise ValueError(f"{name}={value!r}: it must be {rule}")


def zeros_for(w: Array) -> Any:
    """Zeros in the shape and type of a parameter, to remember something of each of its elements."""
    return wrap(np.zeros_like(w))


def number(value: float) -> Any:
    """A number to remember, as PyTorch keeps it: a 0-dim float32 tensor."""
    return wrap(np.array(value, np.float32))


def pulled(w: Array, g: Array, group: Settings) -> Array:
    """The gradient to follow: turned around to go uphill, and with weight decay drawing the parameter to 0."""
    if group["maximize"]:
        g = -g
    return g + group["weight_decay"] * w if group["weight_decay"] else g
