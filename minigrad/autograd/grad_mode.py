"""Whether operators record a graph: a switch that each thread has for itself.

Mirrors: torch/autograd/grad_mode.py
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any


class _Mode(threading.local):
    enabled = True
    inference = False


mode = _Mode()
inference_blocks: list[inference_mode] = []  # that are open, in any thread; while there are none, nobody need look further


def is_grad_enabled() -> bool:
    """Whether operators called now, in this thread, record the graph.

    >>> import minigrad
    >>> with minigrad.no_grad():
    ...     minigrad.is_grad_enabled()
    False
    """
    return mode.enabled


class _Setting:
    """A setting of the thread's mode that lasts for a ``with`` block, or for each call of a decorated function."""

    def clone(self) -> Any:
        """The same setting again: a function may call itself, and each call returns to what was before it."""
        raise NotImplementedError

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        @functools.wraps(function)
        def step_by_step(*args: Any, **kwargs: Any) -> Any:
            steps = function(*args, **kwargs)
            step = functools.partial(next, steps)
            while True:
                with self.clone():  # not while the caller has the value, between two steps
                    try:
                        value = step()
                    except StopIteration as end:
                        return end.value
                try:
                    step = functools.partial(steps.send, (yield value))
                except BaseException as error:  # thrown in by the caller, who closes a generator in this way too
                    step = functools.partial(steps.throw, error)

        return step_by_step if inspect.isgeneratorfunction(function) else inside


class GradMode(_Setting):
    """Recording switched on or off."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled

    def clone(self) -> GradMode:
        return GradMode(self.enabled)

    def __enter__(self) -> None:
        self.before = mode.enabled
        mode.enabled = self.enabled and not mode.inference

    def __exit__(self, *error: object) -> None:
        mode.enabled = self.before


class no_grad(GradMode):
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
        return super().__new__(cls) if function is None else cls()(function)  # `@no_grad` without brackets

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


class inference_mode(_Setting):
    """Record nothing, ever: what is made inside keeps no version and can never be saved for a backward pass.

    Stricter than ``no_grad``: a tensor made inside stays out of every graph afterwards, until it is cloned. A ``with`` block
    or a decorator; ``inference_mode(False)`` ends it for a while.

    >>> import minigrad
    >>> with minigrad.inference_mode():
    ...     y = minigrad.ones(2)
    >>> y.is_inference()
    True
    """

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Any:
        return super().__new__(cls) if isinstance(mode, bool) else cls()(mode)  # `@inference_mode` without brackets

    def __init__(self, mode: bool = True) -> None:
        self.inference = mode

    def clone(self) -> inference_mode:
        return inference_mode(self.inference)

    def __enter__(self) -> None:
        inference_blocks.append(self)
        self.before = mode.inference, mode.enabled
        mode.inference, mode.enabled = self.inference, not self.inference

    def __exit__(self, *error: object) -> None:
        inference_blocks.remove(self)
        mode.inference, mode.enabled = self.before


def is_inference_mode_enabled() -> bool:
    """Whether this thread is inside ``inference_mode``."""
    return mode.inference


class set_grad_enabled(GradMode):
    """Switch recording on or off at once; as a ``with`` block, only until its end.

    >>> import minigrad
    >>> with minigrad.set_grad_enabled(False):
    ...     minigrad.is_grad_enabled()
    False
    """

    def __init__(self, enabled: bool) -> None:
        super().__init__(enabled)
        super().__enter__()

    def __enter__(self) -> None:
        """The switch was thrown when this object was made, and so was the old setting noted."""

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        mode.enabled = self.before  # as a decorator it acts on the calls, not on the lines after the definition
        return super().__call__(function)
