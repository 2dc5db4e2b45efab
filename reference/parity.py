"""A function of one's own under both engines: what it computes, every node behind it, and whether its derivatives are right.

Mirrors: torch/autograd/gradcheck.py, torch/testing/_comparison.py
"""

from __future__ import annotations

import ast
import inspect
import operator
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import torch

import minigrad
from minigrad.autograd import Function, gradcheck, gradgradcheck
from minigrad.autograd.gradcheck import GradcheckError
from minigrad.study.compare import begin, compare, same, same_shape, texts_of
from minigrad.study.imports import swap_imports
from minigrad.study.protocol import formulas, forward_line, is_tensor, short_name, walk

from .convert import to_minigrad, to_torch

ENGINES = (minigrad, torch)


def parity(fn: Callable[..., Any], *inputs: Any, rtol: float | None = None, atol: float | None = None) -> None:
    """Raise AssertionError unless ``fn(*inputs)`` does the same under minigrad and torch, and its derivatives are right.

    Compared are the results; every node behind them, as it runs; the gradients of the inputs; the graphs of these gradients;
    and the second derivatives. Then ``gradcheck`` and ``gradgradcheck`` compare the derivatives with differences. What is
    wrong first is named: the node, its formula, the line that made it, both values.

    Args:
        fn: takes tensors, returns a tensor or a tuple of them. The file in which it is written may import either engine: for
            the other its imports are swapped, as ``python -m minigrad.study side-by-side`` does. A function whose first
            parameter is called ``torch`` is given the engine instead.
        inputs: tensors of either engine, or arrays; of the latter, the floating ones require grad. All else is passed on.
        rtol, atol: how far apart the engines may be, as in ``minigrad.study.compare``.

    >>> parity(lambda x, w: (x @ w).tanh(), np.ones((2, 3)), np.eye(3))
    >>> parity(lambda torch, x: torch.exp(x) / (1 + torch.exp(x)), np.linspace(-1, 1, 5))
    """
    __tracebackhide__ = True
    functions = [under(engine, fn) for engine in ENGINES]
    leaves = [[_input(engine, value) for value in inputs] for engine in ENGINES]
    if not any(is_tensor(value) and value.requires_grad for value in leaves[0]):
        raise ValueError("parity needs an input that requires grad: a floating array, or a tensor with requires_grad=True")
    results = [_call(*side) for side in zip(ENGINES, functions, leaves, strict=True)]
    if len(results[0]) != len(results[1]):
        raise AssertionError(f"{len(results[0])} results, but under torch {len(results[1])}")
    for number, (ours, theirs) in enumerate(zip(*results, strict=True)):
        where = f"result {number}: " if len(results[0]) > 1 else ""
        if not (is_tensor(ours) and is_tensor(theirs)):
            if ours != theirs:
                raise AssertionError(f"{where}{ours!r}, but under torch {theirs!r}")
            continue
        comparison = compare(ours, theirs, rtol=rtol, atol=atol)
        if not comparison:
            raise AssertionError(f"{where}{comparison}")
        if ours.requires_grad:
            _compare_derivatives(where, (ours, theirs), leaves, (rtol, atol))
    _check_numerically(functions[0], leaves[0], results[0])


def _input(engine: ModuleType, value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = minigrad.tensor(value, requires_grad=value.dtype.kind == "f")
    value = to_minigrad(value)
    return to_torch(value) if engine is torch else to_minigrad(to_torch(value))


def _call(engine: Any, fn: Callable[..., Any], inputs: list[Any]) -> tuple[Any, ...]:
    """The results of a function, as a tuple. Every call draws the same random numbers."""
    engine.manual_seed(0)
    try:
        result = fn(*inputs)
    except Exception as error:
        error.add_note(
            f"This was the run under {engine.__name__}. If fn reaches the other engine by another way than the imports of its "
            f"own file, let its first parameter be called torch: it will be given the engine."
        )
        raise
    return tuple(result) if isinstance(result, (tuple, list)) else (result,)


# The function under either engine


def under(engine: ModuleType, fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it would be if its file imported this engine. One that is in no file, or in an engine, is left as it is.

    >>> under(minigrad, lambda torch: torch.__name__)()
    'minigrad'
    """
    owner: Any = fn.__self__ if inspect.ismethod(fn) else fn  # of Cube.apply, the class
    try:
        first, path = next(iter(inspect.signature(fn).parameters), None), Path(inspect.getfile(owner))
    except (TypeError, ValueError):  # built in
        return fn
    if first == "torch":
        return partial(fn, engine)
    if owner.__module__.partition(".")[0] in ("minigrad", "torch") or not path.is_file():
        return fn
    source = path.read_text(encoding="utf-8")
    try:
        swapped = swap_imports(engine.__name__, source, str(path))
    except ValueError:  # it imports neither, so it needs neither
        return fn
    if ast.dump(swapped) == ast.dump(ast.parse(source)):
        return fn
    namespace = {**vars(ModuleType(owner.__module__)), "__package__": sys.modules[owner.__module__].__package__}
    namespace["__file__"] = str(path)
    exec(compile(swapped, str(path), "exec", dont_inherit=True), namespace)
    if "<" in owner.__qualname__:  # a lambda, or made inside another function: only its code can be had
        if isinstance(owner, type) or any(isinstance(cell.cell_contents, type) for cell in fn.__closure__ or ()):
            raise TypeError(
                f"{owner.__qualname__} belongs to a class that is made inside a function, which cannot be had for another "
                f"engine. Define the class at the top of its file; or let the first parameter of fn be called torch, and make "
                f"the class in fn."
            )
        return FunctionType(fn.__code__, namespace, fn.__name__, fn.__defaults__, fn.__closure__)
    twin = operator.attrgetter(owner.__qualname__)(SimpleNamespace(**namespace))
    return getattr(twin, fn.__name__) if owner is not fn else twin


# Derivatives, compared and checked


def _compare_derivatives(where: str, pair: tuple[Any, Any], leaves: list[list[Any]], tolerance: Any) -> None:
    """The gradients of the inputs under both engines, the graphs of these gradients, and the second derivatives."""
    __tracebackhide__ = True
    first = [_gradients(*side) for side in zip(ENGINES, pair, leaves, strict=True)]
    for position in first[0] | first[1]:
        ours, theirs = (of_engine.get(position) for of_engine in first)
        _same(f"{where}the gradient of input {position}", ours, theirs, tolerance)
        if ours is None or not ours.requires_grad:
            continue
        graphs = same_shape(ours, theirs)
        if not graphs:
            raise AssertionError(f"{where}in the gradient of input {position}, {graphs}")
        second = [_gradients(*side) for side in zip(ENGINES, (ours, theirs), leaves, strict=True)]
        for other in second[0] | second[1]:
            what = f"{where}the second derivative by inputs {position} and {other}"
            _same(what, second[0].get(other), second[1].get(other), tolerance)


def _gradients(engine: Any, result: Any, inputs: list[Any]) -> dict[int, Any]:
    """The gradients of the inputs that a result depends on, by their positions."""
    wanted = {position: x for position, x in enumerate(inputs) if is_tensor(x) and x.requires_grad}
    found = engine.autograd.grad(result, list(wanted.values()), begin(result), create_graph=True, allow_unused=True)
    return {position: gradient for position, gradient in zip(wanted, found, strict=True) if gradient is not None}


def _same(what: str, ours: Any, theirs: Any, tolerance: Any) -> None:
    __tracebackhide__ = True
    if not same(ours, theirs, tolerance):
        texts = texts_of(ours, theirs, tolerance)
        raise AssertionError(f"{what} differs\n  minigrad  {texts[0]}\n  torch     {texts[1]}")


def _check_numerically(fn: Callable[..., Any], leaves: list[Any], results: tuple[Any, ...]) -> None:
    """Compare first and second derivatives with differences, in float64. If one is wrong, tell whose it is."""
    __tracebackhide__ = True
    inputs = [_double(value) for value in leaves]

    def seeded(*arguments: Any) -> tuple[Any, ...]:
        return tuple(y for y in _call(minigrad, fn, list(arguments)) if is_tensor(y))

    usual = minigrad.get_default_dtype()
    minigrad.set_default_dtype(minigrad.float64)
    try:
        for order, check in enumerate((gradcheck, gradgradcheck), 1):
            try:
                check(seeded, inputs)
            except GradcheckError as error:
                raise AssertionError(
                    f"derivative of order {order}: {_culprit(check, seeded, inputs, results)}{error}"
                ) from None
    finally:
        minigrad.set_default_dtype(usual)


def _double(value: Any) -> Any:
    if not is_tensor(value):
        return value
    copy = value.detach().clone()
    return (copy.double() if copy.is_floating_point() else copy).requires_grad_(value.requires_grad)


def _culprit(check: Callable[..., bool], fn: Callable[..., Any], inputs: list[Any], results: tuple[Any, ...]) -> str:
    """Which Function's backward is wrong, by checking each of them alone, with the arguments that it was called with."""
    with _applications() as calls:
        fn(*inputs)
    for function, arguments, keywords in calls:
        try:
            check(partial(function.apply, **keywords), [_double(value) for value in arguments])
        except (GradcheckError, ValueError):  # the latter if none of its inputs requires grad
            name = f"{function.__name__}Backward"
            node = next(node for result in results if is_tensor(result) for node in walk(result) if short_name(node) == name)
            return f"{name} is wrong, {forward_line(node)}\n  formula  {', '.join(formulas(node).values())}\n"
    return ""


@contextmanager
def _applications() -> Iterator[list[tuple[Any, tuple[Any, ...], dict[str, Any]]]]:
    """The calls of Functions inside this block."""
    calls: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []
    original: Any = Function.__dict__["apply"]

    def apply(function: Any, *arguments: Any, **keywords: Any) -> Any:
        calls.append((function, arguments, keywords))
        return original.__get__(None, function)(*arguments, **keywords)

    Function.apply = classmethod(apply)
    try:
        yield calls
    finally:
        Function.apply = original
