"""Is a derivative right? Compares what backward gives with what happens when each input element is moved a little.

Mirrors: torch/autograd/gradcheck.py
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .differentiation import grad
from .function import Function
from .place import describe
from .variable import TensorBase, wrap

Array = np.ndarray[Any, Any]


class GradcheckError(RuntimeError):
    """What ``gradcheck`` raises when a gradient is wrong."""


class _Undefined(Function):
    """Passes its input on, and no gradient back."""

    @staticmethod
    def forward(ctx: Any, output: Any) -> Any:
        return output.clone()

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> None:
        return None


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _differentiable(values: Any) -> tuple[Any, ...]:
    return tuple(v for v in _as_tuple(values) if isinstance(v, TensorBase) and v.requires_grad)


def _checked_inputs(inputs: tuple[Any, ...]) -> list[int]:
    """The positions of the inputs that require grad, all of them fit for small steps."""
    positions = [i for i, x in enumerate(inputs) if isinstance(x, TensorBase) and x.requires_grad]
    if not positions:
        raise ValueError("gradcheck needs an input with requires_grad=True, and there is none: nothing would be checked")
    for i in positions:
        array = inputs[i]._array
        if array.dtype != np.float64:
            warnings.warn(
                f"gradcheck: input {i} is {array.dtype.name}; small differences need float64, so this check is likely to "
                f"fail for want of digits. Make the inputs with dtype=torch.float64.",
                UserWarning,
                stacklevel=3,
            )
        repeats = any(step == 0 and length > 1 for step, length in zip(array.strides, array.shape, strict=True))
        if array.size and (repeats or not array.flags.writeable):
            raise RuntimeError(
                f"gradcheck: input {i} (shape {list(array.shape)}) was expanded: several of its elements are one number in "
                f"memory, so none can be moved alone. Pass input.clone()."
            )
    return positions


def _numerical(func: Callable[..., Any], inputs: tuple[Any, ...], position: int, eps: float) -> list[Array]:
    """For each output the table of ``d output[j] / d input[i]``, row i and column j, by central differences."""
    array = inputs[position]._array

    def outputs() -> list[Array]:
        return [y._array.astype(np.float64).ravel() for y in _as_tuple(func(*inputs))]

    rows = []
    for index in np.ndindex(array.shape):
        value = array[index]
        try:
            array[index] = value + eps
            above = outputs()
            array[index] = value - eps
            below = outputs()
        finally:
            array[index] = value
        rows.append([(high - low) / (2 * eps) for high, low in zip(above, below, strict=True)])
    if not rows:
        return [np.zeros((0, y.size)) for y in outputs()]
    return [np.stack(table) for table in zip(*rows, strict=True)]


def _analytical(output: Any, inputs: Sequence[Any]) -> list[Array]:
    """For each input the same table, by one backward pass for each element of the output."""
    tables = [np.zeros((x._array.size, output._array.size)) for x in inputs]
    for column in range(output._array.size):
        one_hot = np.zeros(output._array.shape, output._array.dtype)
        one_hot.flat[column] = 1
        found = grad(output, inputs, wrap(one_hot), retain_graph=True, allow_unused=True)
        for table, gradient in zip(tables, found, strict=True):
            if gradient is not None:
                table[:, column] = gradient._array.ravel()
    return tables


def _compare(analytical: Array, numerical: Array, names: tuple[int, int], y: Any, x: Any, atol: float, rtol: float) -> None:
    """Raise GradcheckError that names the first element that is off, unless both tables are close everywhere."""
    with np.errstate(all="ignore"):
        wrong = ~(np.abs(analytical - numerical) <= atol + rtol * np.abs(numerical))  # so that NaN counts as wrong
    if not wrong.any():
        return
    i, j = (int(n) for n in np.argwhere(wrong)[0])
    of_input, of_output = (list(map(int, np.unravel_index(n, t._array.shape))) or "" for n, t in ((i, x), (j, y)))
    raise GradcheckError(
        f"the gradient of output {names[0]} with respect to input {names[1]} is wrong at "
        f"{wrong.sum()} of {wrong.size} places.\n"
        f"  first:    d output{of_output} / d input{of_input}: analytical {analytical[i, j]:.8g}, "
        f"numerical {numerical[i, j]:.8g}\n"
        f"  made by:  {y.grad_fn.name() if y.grad_fn else 'the caller, a leaf'}"
        f"{f' at {describe(y.grad_fn.place)}' if y.grad_fn else ''}\n"
        f"  analytical (row: element of the input, column: of the output):\n{analytical}\n  numerical:\n{numerical}"
    )


def _check_zero_and_undefined(func: Callable[..., Any], inputs: tuple[Any, ...], x: Sequence[Any], undefined: bool) -> None:
    """A gradient of zero must come out as zero, and so must a gradient that never came, for one output or for all."""
    count = len(_differentiable(func(*inputs)))
    everything = frozenset(range(count))
    cases = [frozenset[int]()] + ([everything] + [frozenset({i}) for i in everything if count > 1] if undefined else [])
    for without in cases:
        roots = [_Undefined.apply(y) if i in without else y for i, y in enumerate(_differentiable(func(*inputs)))]
        kind = f"undefined for output {', '.join(map(str, sorted(without)))}, else zero" if without else "zero"
        try:
            found = grad(roots, x, [wrap(np.zeros_like(y._array)) for y in roots], allow_unused=True)
        except RuntimeError as error:
            raise GradcheckError(f"backward fails when the gradient that arrives is {kind}: {error}") from error
        if any(g is not None and g._array.any() for g in found):
            raise GradcheckError(
                f"backward gave a gradient that is not zero although {kind} arrived: does it multiply by grad_output?"
            )


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
) -> bool:
    """Whether the gradients of ``func(*inputs)`` agree with central differences. It calls ``func`` often: keep inputs small.

    Args:
        inputs: a tensor or a tuple; those with ``requires_grad`` are checked, and should be float64.
        eps: the step. atol, rtol: how far apart both may be, ``atol + rtol * abs(numerical)``.
        raise_exception: raise GradcheckError with a report; otherwise return False.
        nondet_tol: how far apart two backward passes may be.
        check_undefined_grad: also check that outputs without a gradient count as zero.

    Raises:
        GradcheckError: a gradient is wrong. ValueError: no input requires grad. RuntimeError: an expanded input.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0, 2.0], dtype=minigrad.float64, requires_grad=True)
    >>> gradcheck(lambda x: (x * x).sum(), x)
    True
    """
    inputs = _as_tuple(inputs)
    positions = _checked_inputs(inputs)
    x = [inputs[i] for i in positions]
    try:
        outputs = _as_tuple(func(*inputs))
        numerical = [_numerical(func, inputs, i, eps) for i in positions]
        if not _differentiable(outputs):
            if any(table.any() for tables in numerical for table in tables):
                raise GradcheckError(
                    "no output requires grad, yet the outputs change with the inputs: their history is lost"
                )
            return True
        for number, y in enumerate(outputs):
            if not _differentiable(y):
                continue
            analytical, again = _analytical(y, x), _analytical(y, x)
            for i, first, second, tables in zip(positions, analytical, again, numerical, strict=True):
                _compare(first, tables[number], (number, i), y, inputs[i], atol, rtol)
                if np.abs(first - second).max(initial=0) > nondet_tol:
                    raise GradcheckError(
                        f"two backward passes gave different gradients of output {number} with respect to input {i}, up to "
                        f"{np.abs(first - second).max():.8g} apart"
                    )
        _check_zero_and_undefined(func, inputs, x, check_undefined_grad)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    **options: Any,
) -> bool:
    """Whether second derivatives are right: ``gradcheck`` of the function that gives the gradients of ``func``.

    ``grad_outputs`` are the gradients to begin with, by default numbers between -1 and 1; the options are ``gradcheck``'s.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0, 2.0], dtype=minigrad.float64, requires_grad=True)
    >>> gradgradcheck(lambda x: x**3, x)
    True
    """
    inputs = _as_tuple(inputs)
    if grad_outputs is None:
        draw = np.random.default_rng(0).uniform  # a check must say the same each time
        grad_outputs = [
            wrap(np.asarray(draw(-1, 1, y._array.shape), y._array.dtype)) for y in _differentiable(func(*inputs))
        ]
        for gradient in grad_outputs:
            gradient.requires_grad = True
    grad_outputs = _as_tuple(grad_outputs)

    def gradients(*arguments: Any) -> tuple[Any, ...]:
        of_func, begin = arguments[: len(inputs)], arguments[len(inputs) :]
        found = grad(_differentiable(func(*of_func)), _differentiable(of_func), begin, create_graph=True, allow_unused=True)
        return tuple(gradient for gradient in found if gradient is not None)

    return gradcheck(gradients, (*inputs, *grad_outputs), **options)
