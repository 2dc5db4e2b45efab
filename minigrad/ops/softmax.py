"""Numbers as probabilities: softmax, its logarithm, and the logarithm of a sum of exponentials.

Mirrors: aten/src/ATen/native/SoftMax.cpp, cpu/SoftMaxKernel.cpp, ReduceOps.cpp (logsumexp)
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..dtypes import dtype as DType
from ..dtypes import to_floating, widened
from ..operator import differentiable
from .casting import to_dtype
from .reduction import as_dims, axes, collapse, unsqueezed
from .rows import blocks, unbuffered
from .shape import as_dim

# NOTE [Nothing overflows]: exp(89) is too large for a float32. So the largest element is subtracted first, which changes
# neither softmax nor log_softmax, and what is then taken to exp is never positive.


def _widened(self: Any, operator: str) -> Any:
    """The elements in float32 at least. Refuses those that are not floating."""
    if self.dtype.kind != "f":
        raise NotImplementedError(f"{operator} of dtype {self.dtype.name}: probabilities are floating; write x.float()")
    return widened(self)


def _lower(x: Any, dim: Any, lowered: Any) -> None:
    """Write the elements less the largest along ``dim``, see NOTE [Nothing overflows]."""
    if x.size:
        np.subtract(x, collapse(np.maximum, x, dim, True), lowered)


def _total(array: Any, dim: Any) -> Any:
    """The sum along one dimension, which keeps length 1."""
    if array.ndim > 1 and dim == array.ndim - 1 and array.flags.c_contiguous:
        return array.dot(np.ones(array.shape[-1], array.dtype))[..., None]  # three times as fast as np.add.reduce
    return collapse(np.add, array, dim, True)


def _dot(a: Any, b: Any, dim: Any) -> Any:
    """The sum of ``a * b`` along one dimension, which keeps length 1."""
    if a.ndim > 1 and dim == a.ndim - 1 and a.flags.c_contiguous and b.flags.c_contiguous:
        return np.vecdot(a, b)[..., None]  # without the memory for the products
    return collapse(np.add, a * b, dim, True)


def _along(self: Any, dim: int) -> Any:
    """The dimension as NumPy takes it: a 0-dim tensor counts as having one. Rows along it are worked on where they lie."""
    dim = as_dim(dim, self.ndim)
    if not self.ndim:
        return ()
    unbuffered(self.shape[-1])
    return dim


def softmax_double_backward(grad: Any, grad_output: Any, output: Any, dim: int) -> Any:
    """How the backward depends on ``output``."""
    weighted = (output * grad_output).sum(dim, keepdim=True)
    return grad_output * grad - weighted * grad - grad_output * (output * grad).sum(dim, keepdim=True)


@differentiable(
    "SoftmaxBackwardDataBackward0",
    grad_output=lambda grad, output, dim: softmax_backward(grad, output, dim),
    output=softmax_double_backward,
)
def softmax_backward(grad_output, output, dim):
    """``output * (grad_output - sum(output * grad_output))``"""
    axis, result = _along(output, dim), np.empty_like(output)
    for g, y, part in blocks(axis, grad_output, output, result):
        np.subtract(g, _dot(y, g, axis), part)
        part *= y
    return result


@differentiable("SoftmaxBackward0", self=lambda grad, result, dim: softmax_backward(grad, result, dim))
def softmax_of(self, dim):
    """``exp(self) / sum(exp(self))``"""
    axis, wide = _along(self, dim), _widened(self, "softmax")
    result = np.empty_like(wide)
    for x, powers in blocks(axis, wide, result):
        _lower(x, axis, powers)
        np.exp(powers, powers)
        powers /= _total(powers, axis)
    return result.astype(self.dtype, copy=False)


def log_softmax_double_backward(grad: Any, grad_output: Any, output: Any, dim: int) -> Any:
    """How the backward depends on ``output``."""
    return -grad_output.sum(dim, keepdim=True) * output.exp() * grad


def log_softmax_backward_linear(grad: Any, output: Any, dim: int) -> Any:
    """The transpose of the backward, which is linear in ``grad_output``."""
    return grad - (grad * output.exp()).sum(dim, keepdim=True)


@differentiable(
    "LogSoftmaxBackwardDataBackward0",
    grad_output=log_softmax_backward_linear,
    output=log_softmax_double_backward,
)
def log_softmax_backward(grad_output, output, dim):
    """``grad_output - exp(output) * sum(grad_output)``"""
    axis, result = _along(output, dim), np.empty_like(output)
    for g, y, share in blocks(axis, grad_output, output, result):
        np.exp(y, share)
        share *= _total(g, axis)
        np.subtract(g, share, share)
    return result


@differentiable("LogSoftmaxBackward0", self=lambda grad, result, dim: log_softmax_backward(grad, result, dim))
def log_softmax_of(self, dim):
    """``self - log(sum(exp(self)))``"""
    axis, wide = _along(self, dim), _widened(self, "log_softmax")
    result = np.empty_like(wide)
    for x, lowered in blocks(axis, wide, result):
        _lower(x, axis, lowered)
        lowered -= np.log(_total(np.exp(lowered), axis))
    return result.astype(self.dtype, copy=False)


def implicit_dim(operator: str, ndim: int) -> int:
    """The dimension that is meant when none is given. Warns, for what is meant depends on the number of dimensions."""
    dim = 0 if ndim in (0, 1, 3) else 1
    warnings.warn(
        f"{operator} without dim= takes dimension {dim} of a tensor with {ndim}; this is deprecated, write dim={dim}",
        UserWarning,
        stacklevel=3,
    )
    return dim


def softmax(self: Any, dim: int, dtype: DType | None = None) -> Any:
    """``exp(self)`` divided by its sum along ``dim``: positive numbers that sum to 1.

    Raises NotImplementedError for integers (give a floating ``dtype``), IndexError for a dimension that does not exist.

    >>> minigrad.tensor([0.0, 0.0]).softmax(0)
    tensor([0.5000, 0.5000])
    """
    return softmax_of(self if dtype is None else to_dtype(self, dtype), dim)


def log_softmax(self: Any, dim: int, dtype: DType | None = None) -> Any:
    """The logarithm of ``softmax``, also where that would be rounded to 0.

    >>> minigrad.tensor([0.0, -1000.0]).log_softmax(0)
    tensor([    0., -1000.])
    """
    return log_softmax_of(self if dtype is None else to_dtype(self, dtype), dim)


def functional_softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Any:
    """``softmax`` as ``nn.functional`` has it: without ``dim`` it warns, and takes 0 for 0, 1 or 3 dimensions, else 1."""
    return softmax(input, implicit_dim("softmax", input.dim()) if dim is None else dim, dtype)


def functional_log_softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Any:
    """``log_softmax`` as ``nn.functional`` has it, see ``softmax`` there."""
    return log_softmax(input, implicit_dim("log_softmax", input.dim()) if dim is None else dim, dtype)


def softmin(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Any:
    """``softmax(-input)``"""
    return softmax(-input, implicit_dim("softmin", input.dim()) if dim is None else dim, dtype)


def logsumexp_backward(grad: Any, self: Any, result: Any, dim: tuple[int, ...], keepdim: bool) -> Any:
    """``grad * softmax(self)``"""
    if not keepdim:
        grad, result = unsqueezed(grad, self._array.ndim, dim), unsqueezed(result, self._array.ndim, dim)
    return grad * (self - result).exp()


@differentiable("LogsumexpBackward0", self=logsumexp_backward)
def logsumexp_of(self, dim, keepdim):
    """``log(sum(exp(self)))``, see NOTE [Nothing overflows]"""
    self = to_floating(self)
    axis = axes(self, dim)
    if not self.size:
        return np.log(collapse(np.add, np.exp(self), axis, keepdim))
    largest = collapse(np.maximum, self, axis, True)
    largest = np.where(np.isinf(largest), largest.dtype.type(0), largest)
    total = np.log(collapse(np.add, np.exp(self - largest), axis, keepdim))
    return total + largest.reshape(total.shape)


def logsumexp(self: Any, dim: Any, keepdim: bool = False) -> Any:
    """The logarithm of the sum of ``exp(self)`` along ``dim``, without overflow.

    Integers become the default floating type. Raises IndexError for a dimension that does not exist.

    >>> minigrad.tensor([1000.0, 1000.0]).logsumexp(0)
    tensor(1000.6932)
    """
    return logsumexp_of(self, as_dims(dim), keepdim)
