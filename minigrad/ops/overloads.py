"""Operators of two forms, for a number and for a tensor as the last argument, each with a node of its own.

Mirrors: torch/csrc/utils/python_arg_parser.cpp
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..autograd.variable import TensorBase
from ..operator import in_place


def overloaded(of_number: Any, of_tensor: Any) -> Callable[[Callable[..., Any]], Any]:
    """Make one function of two operators, with the signature and the docstring of the function below."""

    def decorate(described: Callable[..., Any]) -> Any:
        names = tuple(inspect.signature(described).parameters)

        @functools.wraps(described)
        def function(*arguments: Any, **options: Any) -> Any:
            last = arguments[-1] if len(arguments) == len(names) else options.get(names[-1])
            return (of_tensor if isinstance(last, TensorBase) else of_number)(*arguments, **options)

        function.forms = of_number, of_tensor  # type: ignore[attr-defined]
        return function

    return decorate


def overloaded_in_place(function: Any) -> Any:
    """The form of such a function that overwrites its first argument: ``lerp_ = overloaded_in_place(lerp)``."""
    form = overloaded(*map(in_place, function.forms))(function)
    form.__name__ = form.__qualname__ = f"{function.__name__}_"
    return form
