"""Module: a tree of parameters and submodules with a ``forward`` to call.

Mirrors: torch/nn/modules/module.py
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .parameter import Parameter


class Module:
    """The base of all layers and models: register what is assigned, then call ``forward``.

    A Parameter assigned as an attribute is found by ``parameters()``, a Module by ``children()``. Nothing else happens
    here: it is the tensor operations inside ``forward`` that record the graph.
    """

    training: bool

    def __init__(self) -> None:
        super().__setattr__("training", True)
        super().__setattr__("_parameters", {})
        super().__setattr__("_modules", {})

    def forward(self, *inputs: Any) -> Any:
        """What the module computes; every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} does not define forward()")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        return self.forward(*inputs, **options)

    def __setattr__(self, name: str, value: Any) -> None:
        tables = self.__dict__
        for kind, table_name in ((Parameter, "_parameters"), (Module, "_modules")):
            table = tables.get(table_name)
            if isinstance(value, kind):
                if table is None:
                    raise AttributeError(
                        f"{type(self).__name__}.{name} was assigned a {kind.__name__} before super().__init__() was called; "
                        f"call it first in __init__"
                    )
                for other in ("_parameters", "_modules", "__dict__"):
                    (tables if other == "__dict__" else tables[other]).pop(name, None)
                table[name] = value
                return
            if table is not None and name in table:
                if value is None:
                    table[name] = None
                    return
                raise TypeError(f"{name} is a {kind.__name__} of this module; it can become another one, or None, not {value!r}")
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        tables = self.__dict__
        for table_name in ("_parameters", "_modules"):
            table = tables.get(table_name)
            if table is not None and name in table:
                return table[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for table in ("_parameters", "_modules"):
            if name in self.__dict__[table]:
                del self.__dict__[table][name]
                return
        super().__delattr__(name)

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below it, each once, with dotted names."""
        seen: set[Module] = set()
        stack = [(prefix, self)]
        while stack:
            name, module = stack.pop()
            if module in seen:
                continue
            seen.add(module)
            yield name, module
            below = [(f"{name}.{key}" if name else key, child) for key, child in module._modules.items() if child is not None]
            stack += reversed(below)

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly inside this one, with their names."""
        return ((name, child) for name, child in self._modules.items() if child is not None)

    def children(self) -> Iterator[Module]:
        """The modules directly inside this one."""
        return (child for _, child in self.named_children())

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """The parameters of this module and of all below it, each once, with dotted names."""
        seen: set[Parameter] = set()
        for path, module in self.named_modules(prefix) if recurse else [(prefix, self)]:
            for name, parameter in module._parameters.items():
                if parameter is not None and parameter not in seen:
                    seen.add(parameter)
                    yield f"{path}.{name}" if path else name, parameter

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters of this module and of all below it: what an optimiser is given."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def train(self, mode: bool = True) -> Module:
        """Put this module and all below it into training mode; returns the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Put this module and all below it into evaluation mode; returns the module."""
        return self.train(False)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or with ``set_to_none=False`` fill them with zeros."""
        for parameter in self.parameters():
            clear_grad(parameter, set_to_none)

    def extra_repr(self) -> str:
        """What stands between the brackets of the repr; a subclass shows its settings here."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        settings = self.extra_repr()
        children = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self._modules.items()]
        if not children:
            return f"{self._get_name()}({settings.replace(chr(10), chr(10) + '  ')})"
        lines = [*([settings] if settings else []), *children]
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


def clear_grad(parameter: Any, set_to_none: bool) -> None:
    """Forget the gradient of a tensor, or fill it with zeros, without the graph that ``create_graph`` may have given it."""
    if set_to_none:
        parameter._grad = None
    elif parameter._grad is not None:
        parameter._grad = parameter._grad.detach()
        parameter._grad.zero_()
