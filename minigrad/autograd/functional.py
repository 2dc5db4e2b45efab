"""Derivatives of functions as whole objects: Jacobian, Hessian, and their products with a vector.

Mirrors: torch/autograd/functional.py
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..ops.joining import stack
from .differentiation import grad
from .grad_mode import enable_grad
from .variable import TensorBase

Tensors = tuple[Any, ...]
Func = Callable[..., Any]


def _as_tuple(value: Any, what: str) -> Tensors:
    tensors = value if isinstance(value, tuple) else (value,)
    for tensor in tensors:
        if not isinstance(tensor, TensorBase):
            raise TypeError(f"{what} must be a Tensor or a tuple of Tensors, not {type(tensor).__name__}")
    return tensors


def _like(given: Any, tensors: Any) -> Any:
    """``tensors`` in the form that the user gave: a tuple, or a single one."""
    return tensors if isinstance(given, tuple) else tensors[0]


def _arguments(inputs: Any, create_graph: bool, requires_grad: bool = True, what: str = "inputs") -> Tensors:
    """New tensors with the values of the inputs, so that what func captures does not count as an argument."""
    return tuple(
        x.view(x._array.shape) if create_graph and x.requires_grad else x.detach().requires_grad_(requires_grad)
        for x in _as_tuple(inputs, what)
    )


def _vector(v: Any, like: Tensors, create_graph: bool) -> Tensors | None:
    """The vector of a product, checked. It may be left out for a single number, where it is 1."""
    shapes = [list(tensor._array.shape) for tensor in like]
    if v is None:
        if len(like) != 1 or like[0]._array.size != 1:
            raise RuntimeError(f"v can be left out only where it is a single number; here it needs the shapes {shapes}")
        return None
    vector = _arguments(v, create_graph, requires_grad=False, what="v")
    if [list(tensor._array.shape) for tensor in vector] != shapes:
        raise RuntimeError(f"v has the shapes {[list(t._array.shape) for t in vector]}, but it needs {shapes}")
    return vector


def _require_grad(tensors: Tensors, strict: bool, what: str) -> None:
    for i, tensor in enumerate(tensors):
        if strict and (tensor is None or not tensor.requires_grad):
            raise RuntimeError(
                f"strict=True: {what} {i} does not depend on the inputs, so its derivative is zero everywhere"
            )


def _outputs(func: Func, inputs: Tensors, strict: bool) -> tuple[Any, Tensors]:
    returned = func(*inputs)
    outputs = _as_tuple(returned, "what the function returns")
    _require_grad(outputs, strict, "output")
    return returned, outputs


def _number(func: Func, inputs: Tensors, strict: bool) -> Any:
    """What the function returns, which must be a single number for it to have a Hessian."""
    returned, outputs = _outputs(func, inputs, strict)
    if returned is not outputs[0] or returned._array.size != 1:
        raise RuntimeError(
            f"only a function that returns one tensor of one element has a Hessian; this one returned the shapes "
            f"{[list(output._array.shape) for output in outputs]}"
        )
    return returned


def _gradients(outputs: Tensors, inputs: Tensors, v: Tensors | None = None, **options: bool) -> Tensors:
    """``grad`` that leaves out outputs without history, and gives None for inputs that none depends on."""
    vector = v or (None,) * len(outputs)
    roots = [(y, start) for y, start in zip(outputs, vector, strict=True) if y is not None and y.requires_grad]
    if not roots:
        return (None,) * len(inputs)
    return grad([y for y, _ in roots], inputs, [start for _, start in roots], allow_unused=True, **options)


def _filled(gradients: Tensors, like: Tensors, strict: bool, create_graph: bool, what: str) -> Tensors:
    """Zeros for gradients that are None; with ``strict``, RuntimeError for these, and for those that nothing depends on."""
    if strict:
        for i, gradient in enumerate(gradients):
            if gradient is None or (create_graph and not gradient.requires_grad):
                raise RuntimeError(
                    f"strict=True: {what} does not depend on entry {i}, so its derivative there is zero everywhere"
                )
    return tuple(x.zeros_like() if gradient is None else gradient for gradient, x in zip(gradients, like, strict=True))


def _finished(tensors: Tensors, create_graph: bool) -> Tensors:
    return tensors if create_graph else tuple(tensor.detach() for tensor in tensors)


def vjp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """``func(*inputs)`` and the product of the vector ``v`` (of the shapes of the outputs) with the Jacobian.

    Args, here and below:
        inputs, v: a tensor or a tuple of tensors; ``v`` may be left out where it is a single number.
        create_graph: make the result differentiable.
        strict: raise RuntimeError for an output or input without influence, instead of giving zeros.

    Raises:
        TypeError: something that is no tensor. RuntimeError: a vector of the wrong shape.

    >>> import minigrad
    >>> vjp(lambda x: x * x, minigrad.tensor([1.0, 2.0]), minigrad.tensor([1.0, 10.0]))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    with enable_grad():
        x = _arguments(inputs, create_graph)
        returned, outputs = _outputs(func, x, strict)
        vector = _vector(v, outputs, create_graph)
        product = _filled(_gradients(outputs, x, vector, create_graph=create_graph), x, strict, create_graph, "the output")
    return _like(returned, _finished(outputs, create_graph)), _like(inputs, _finished(product, create_graph))


def jvp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """``func(*inputs)`` and the product of the Jacobian with the vector ``v`` (of the shapes of the inputs).

    NOTE [Forwards by going backwards twice]: a vector-Jacobian product ``u J`` is linear in ``u``, so its derivative with
    respect to ``u`` is J itself, and the vector-Jacobian product of *that* with ``v`` is ``J v``. What ``u`` is does not
    matter; zeros will do.

    >>> import minigrad
    >>> jvp(lambda x: (x * x).sum(), minigrad.tensor([1.0, 2.0]), minigrad.tensor([1.0, 10.0]))
    (tensor(5.), tensor(42.))
    """
    with enable_grad():
        x = _arguments(inputs, create_graph)
        vector = _vector(v, x, create_graph)
        returned, outputs = _outputs(func, x, strict)
        u = tuple(output.zeros_like(requires_grad=True) for output in outputs)
        of_u = _gradients(outputs, x, u, create_graph=True)
        _require_grad(of_u, strict, "the gradient of input")
        product = _filled(
            _gradients(of_u, u, vector, create_graph=create_graph), outputs, strict, create_graph, "the gradient"
        )
    return _like(returned, _finished(outputs, create_graph)), _like(returned, _finished(product, create_graph))


def vhp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """``func(*inputs)``, a single number, and the product of ``v`` (of the shapes of the inputs) with its Hessian.

    >>> import minigrad
    >>> vhp(lambda x: (x**3).sum(), minigrad.tensor([1.0, 2.0]), minigrad.tensor([1.0, 10.0]))
    (tensor(9.), tensor([  6., 120.]))
    """
    with enable_grad():
        x = _arguments(inputs, create_graph)
        vector = _vector(v, x, create_graph)
        output = _number(func, x, strict)
        slopes = _gradients((output,), x, create_graph=True)
        product = _filled(_gradients(slopes, x, vector, create_graph=create_graph), x, strict, create_graph, "the gradient")
    return _finished((output,), create_graph)[0], _like(inputs, _finished(product, create_graph))


def hvp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """``func(*inputs)``, a single number, and the product of its Hessian with ``v``: that of ``vhp``, a Hessian being symmetric.

    >>> import minigrad
    >>> hvp(lambda x: (x**3).sum(), minigrad.tensor([1.0, 2.0]), minigrad.tensor([1.0, 10.0]))
    (tensor(9.), tensor([  6., 120.]))
    """
    return vhp(func, inputs, v, create_graph, strict)


def _refuse_forward_mode(vectorize: bool, strategy: str) -> None:
    if strategy not in ("reverse-mode", "forward-mode"):
        raise AssertionError(f"strategy {strategy!r} does not exist; minigrad has 'reverse-mode'")
    if vectorize or strategy == "forward-mode":
        raise NotImplementedError(
            "minigrad has neither vmap nor forward-mode differentiation: leave out vectorize=True and "
            "strategy='forward-mode'. The result is the same, by one backward pass for each element of the output."
        )


def jacobian(
    func: Func,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """All first derivatives of ``func(*inputs)``: a tensor of shape ``output.shape + input.shape``.

    A tuple of these, one for each, if there is a tuple of outputs or of inputs; nested, outputs first, if there are both.

    >>> import minigrad
    >>> jacobian(lambda x: x * x, minigrad.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    _refuse_forward_mode(vectorize, strategy)
    with enable_grad():
        x = _arguments(inputs, create_graph)
        returned, outputs = _outputs(func, x, strict)
        tables = []
        for number, output in enumerate(outputs):
            rows: list[Sequence[Any]] = []
            for j in range(output._array.size):
                row = _gradients((output.reshape(-1)[j],), x, retain_graph=True, create_graph=create_graph)
                rows.append(_filled(row, x, strict, create_graph, f"output {number}"))
            columns = zip(*rows, strict=True) if rows else [()] * len(x)
            tables.append(
                _finished(
                    tuple(
                        stack(column).view(output._array.shape + each._array.shape)
                        for column, each in zip(columns, x, strict=True)
                    ),
                    create_graph,
                )
            )
    return _like(returned, tuple(_like(inputs, table) for table in tables))


def hessian(
    func: Func,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """All second derivatives of a function that returns a single number: a tensor of shape ``input.shape + input.shape``.

    For a tuple of inputs, a tuple of tuples of these.

    >>> import minigrad
    >>> hessian(lambda x, y: (x * x * y).sum(), (minigrad.tensor([1.0]), minigrad.tensor([3.0])))
    ((tensor([[6.]]), tensor([[2.]])), (tensor([[2.]]), tensor([[0.]])))
    """

    def slopes(*x: Any) -> Any:
        return jacobian(lambda *x: _number(func, x, strict).squeeze(), x, create_graph=True)

    _as_tuple(inputs, "inputs")
    several = inputs if isinstance(inputs, tuple) else (inputs,)
    table = jacobian(slopes, several, create_graph, strict, vectorize, outer_jacobian_strategy)
    return _like(inputs, tuple(_like(inputs, row) for row in table))
