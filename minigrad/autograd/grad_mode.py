"""Whether operators record a graph: a switch that each thread has for itself.

Mirrors: torch/autograd/grad_mode.py
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any


class _Mode(threading.local):
    enabled = True


mode = _Mode()


def is_grad_enabled() -> bool:
    """Whether operators called now, in this thread, record the graph.

    >>> import minigrad
    >>> with minigrad.no_grad():
    ...     minigrad.is_grad_enabled()
    False
    """
    return mode.enabled


class _GradMode:
    """A setting of the switch that ends with a ``with`` block, or with each call of a decorated function."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled

    def __enter__(self) -> None:
        self.before = mode.enabled
        mode.enabled = self.enabled

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        mode.enabled = self.before

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with _GradMode(self.enabled):
                return function(*args, **kwargs)

        return inside


class no_grad(_GradMode):
    """Record nothing: results computed inside do not require grad. A ``with`` block or a decorator.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0], requires_grad=True)
    >>> with minigrad.no_grad():
    ...     print((x * 2).requires_grad)
    False
    >>> @minigrad.no_grad()
    ... def double(x):
    ...     return x * 2
    >>> double(x).requires_grad
    False
    """

    setting = False

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        chosen = super().__new__(cls)
        if function is None:
            return chosen
        chosen.__init__()  # type: ignore[misc]  # `@no_grad` without brackets decorates at once
        return chosen(function)

    def __init__(self) -> None:
        super().__init__(self.setting)


class enable_grad(no_grad):
    """Record the graph even inside ``no_grad``. A ``with`` block or a decorator.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0], requires_grad=True)
    >>> with minigrad.no_grad(), minigrad.enable_grad():
    ...     print((x * 2).requires_grad)
    True
    """

    setting = True


class set_grad_enabled(_GradMode):
    """Switch recording on or off at once; as a ``with`` block, only until its end.

    >>> import minigrad
    >>> with minigrad.set_grad_enabled(False):
    ...     minigrad.is_grad_enabled()
    False
    """

    def __init__(self, enabled: bool) -> None:
        super().__init__(enabled)
        self.before = mode.enabled
        mode.enabled = enabled

    def __enter__(self) -> None:
        """The switch was thrown when this object was made, and so was the old setting noted."""

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        mode.enabled = self.before  # as a decorator it acts on the calls, not on the lines after the definition
        return super().__call__(function)
