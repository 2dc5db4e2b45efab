"""Modules that hold other modules.

Mirrors: torch/nn/modules/container.py
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

from .module import Module


class _Numbered(Module):
    """Modules in a row, by number; the numbers are their names."""

    def _position(self, index: int) -> str:
        keys: list[str] = list(self._modules)
        if not -len(keys) <= index < len(keys):
            raise IndexError(f"module {index} of a {type(self).__name__} with {len(keys)} modules")
        return keys[index]

    def _set_all(self, modules: Iterable[Module]) -> None:
        self._modules.clear()
        for number, module in enumerate(modules):
            self.add_module(str(number), module)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __setitem__(self, index: int, module: Module) -> None:
        self.add_module(self._position(index), module)

    def __delitem__(self, index: int | slice) -> None:
        keys = list(self._modules)[index] if isinstance(index, slice) else [self._position(index)]
        self._set_all([module for key, module in self._modules.items() if key not in keys])

    def append(self, module: Module) -> Any:
        """Add a module at the end; returns the container."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        """Add several modules at the end; returns the container."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Add a module before position ``index``. Raises IndexError for a position that is more than one off the ends."""
        if not -len(self) <= index <= len(self):
            raise IndexError(f"insert at {index} into a {type(self).__name__} with {len(self)} modules")
        modules = list(self.append(module))
        modules.insert(index, modules.pop())
        self._set_all(modules)

    def pop(self, key: int | slice) -> Any:
        """Take one module out, or several, and return what was there."""
        taken = self[key]  # type: ignore[index]  # as each kind of container has it
        del self[key]
        return taken


class Sequential(_Numbered):
    """Modules called one after the other, each with the output of the one before.

    >>> from minigrad import nn
    >>> nn.Sequential(nn.Linear(2, 1))
    Sequential(
      (0): Linear(in_features=2, out_features=1, bias=True)
    )
    """

    def __init__(self, *modules: Any) -> None:
        super().__init__()
        named = modules[0].items() if len(modules) == 1 and isinstance(modules[0], OrderedDict) else enumerate(modules)
        for name, module in named:
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        for module in self._modules.values():
            input = module(input)
        return input

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return self._modules[self._position(index)]

    def insert(self, index: int, module: Module) -> Sequential:
        super().insert(index, module)
        return self

    def __add__(self, other: Sequential) -> Sequential:
        return Sequential(*self).__iadd__(other)

    def __iadd__(self, other: Sequential) -> Sequential:
        if not isinstance(other, Sequential):
            raise ValueError(f"only a Sequential can be added to a Sequential, not {type(other).__name__}; use extend()")
        return self.extend(other)  # type: ignore[no-any-return]


class ModuleList(_Numbered):
    """A list of modules whose parameters are found; it is not called itself.

    >>> from minigrad import nn
    >>> nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
    ModuleList(
      (0-1): 2 x Linear(in_features=2, out_features=2, bias=True)
    )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(modules or ())

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return self._modules[self._position(index)]

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __iadd__(self, other: Iterable[Module]) -> ModuleList:
        return self.extend(other)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        """Equal neighbours are written once, with their count."""
        runs: list[tuple[int, int, str]] = []
        for number, text in enumerate(map(repr, self)):
            if runs and runs[-1][2] == text:
                runs[-1] = (runs[-1][0], number, text)
            else:
                runs.append((number, number, text))
        if not runs:
            return f"{self._get_name()}()"
        lines = []
        for first, last, text in runs:
            label = f"({first})" if first == last else f"({first}-{last})"
            count = "" if first == last else f"{last - first + 1} x "
            lines.append(f"  {label}: {count}{text}".replace("\n", "\n  "))
        return "\n".join([f"{self._get_name()}(", *lines, ")"])
