"""Expressions evaluated under both engines: what comes out, value or exception, must be the same."""

import copy
import math
import pickle
import warnings
from types import ModuleType
from typing import Any

import numpy as np
import torch

import minigrad

KNOWN = {"np": np, "copy": copy, "pickle": pickle, "math": math}


def plain(value: Any) -> Any:
    """A value in a form that does not depend on the engine."""
    if isinstance(value, (torch.Tensor, minigrad.Tensor)):
        array = value.detach().numpy()
        node = value.grad_fn
        name = type(node).__name__ if node is not None else None
        # NumPy knows no step along a dimension in which none is possible.
        stride = [step for step, length in zip(value.stride(), value.shape, strict=True) if length > 1 and value.numel()]
        return "tensor", str(value.dtype), tuple(value.shape), stride, value.requires_grad, name, in_bytes(array)
    if isinstance(value, np.ndarray):
        return "ndarray", str(value.dtype), value.shape, in_bytes(value)
    if isinstance(value, (torch.Size, minigrad.Size)):
        return "Size", tuple(value)
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [plain(item) for item in value]
    if isinstance(value, (str, int, float, complex, np.generic, type(None))):
        return type(value).__name__, repr(value)
    return (
        repr(value)
        if isinstance(value, (torch.dtype, minigrad.dtype, torch.device, minigrad.device))
        else type(value).__name__
    )


def in_bytes(array: np.ndarray[Any, Any]) -> bytes:
    """The elements; every nan is one nan."""
    if array.dtype.kind == "f":
        array = np.where(np.isnan(array), np.array(np.nan, array.dtype), array)
    return np.ascontiguousarray(array).tobytes()


def outcome(expression: str, engine: ModuleType, **names: Any) -> Any:
    """What an expression gives: its value, or the type of the exception that it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if engine is torch else "error")
        warnings.simplefilter("ignore", UserWarning)
        try:
            engine.manual_seed(3)
            return plain(eval(expression, KNOWN | names | {"torch": engine}))
        except Exception as error:
            return "raises", type(error).__name__, error if engine is minigrad else None


def agrees(expression: str, **definitions: str) -> None:
    """Assert that an expression has the same outcome under both engines; ``definitions`` are evaluated first, in each."""
    results = []
    for engine in (minigrad, torch):
        names: dict[str, Any] = {}
        for name, definition in definitions.items():
            names[name] = eval(definition, KNOWN | names | {"torch": engine})
        results.append(outcome(expression, engine, **names))
    ours, theirs = results
    assert ours[:2] == theirs[:2] if "raises" in (ours[0], theirs[0]) else ours == theirs, (
        f"{expression}: {ours} but torch {theirs}"
    )
