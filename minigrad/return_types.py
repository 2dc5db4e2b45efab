"""The named tuples that operators with two outputs return.

Mirrors: torch/return_types.py
"""

from __future__ import annotations

from typing import Any, ClassVar


class _Named(tuple[Any, ...]):
    """A tuple of tensors that can also be asked for by name. Made of one tuple, as in ``max((values, indices))``."""

    __slots__ = ()
    names: ClassVar[tuple[str, ...]]

    def __repr__(self) -> str:
        fields = ",\n".join(f"{name}={value!r}" for name, value in zip(self.names, self, strict=True))
        return f"torch.return_types.{type(self).__name__}(\n{fields})"


class _Selected(_Named):
    """Elements that were selected along a dimension, and where along it they stood."""

    __slots__ = ()
    names = ("values", "indices")

    @property
    def values(self) -> Any:
        """The selected elements."""
        return self[0]

    @property
    def indices(self) -> Any:
        """Their positions, as int64."""
        return self[1]


class max(_Selected):
    """What ``max`` along a dimension returns."""

    __slots__ = ()


class min(_Selected):
    """What ``min`` along a dimension returns."""

    __slots__ = ()


class median(_Selected):
    """What ``median`` along a dimension returns."""

    __slots__ = ()


class sort(_Selected):
    """What ``sort`` returns."""

    __slots__ = ()


class topk(_Selected):
    """What ``topk`` returns."""

    __slots__ = ()
