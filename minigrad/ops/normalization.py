"""Layer normalization: every row brought to mean 0 and variance 1.

Mirrors: aten/src/ATen/native/layer_norm.cpp, cpu/layer_norm_kernel.cpp
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dtypes import widened
from ..operator import differentiable, non_differentiable
from .activation import refuse_integers
from .rows import unbuffered

# NOTE [Layer norm]: with `normal = (input - mean) * rstd`, where `rstd` is one over the standard deviation, and averages
# over the normalized dimensions,
#     projected(v) = rstd * (v - average(v) - normal * average(v * normal))
# is the derivative of `normal` applied to `v`: what is left of a change once a shift and a stretch of the row are taken out.
# It is its own transpose, so it serves forwards and backwards, and the second derivative consists of it too.


def _rows(array: Any, normalized_shape: tuple[int, ...]) -> Any:
    """What is normalized together, as a row; in float32 at least, in which PyTorch computes for float16."""
    outer = array.shape[: array.ndim - len(normalized_shape)]
    return widened(array).reshape(math.prod(outer), math.prod(normalized_shape))


def layer_norm_double_backward(
    grads: list[Any],
    needed: tuple[bool, ...],
    grad_out: Any,
    input: Any,
    normalized_shape: tuple[int, ...],
    mean: Any,
    rstd: Any,
    weight: Any,
) -> Any:
    """The gradients of ``<grads, native_layer_norm_backward(...)>``, see NOTE [Layer norm]; none for the bias."""
    of_input, of_weight, of_bias = grads
    dims = tuple(range(-len(normalized_shape), 0))

    def average(v: Any) -> Any:
        return v.mean(dims, keepdim=True)

    normal = (input - mean) * rstd

    def projected(v: Any) -> Any:
        return rstd * (v - average(v) - normal * average(v * normal))

    arriving = grad_out if weight is None else grad_out * weight
    for_grad_out = for_input = for_weight = None
    if of_input is not None:
        direction = projected(of_input)
        for_grad_out = direction if weight is None else direction * weight
        b, c = average(of_input * normal), average(arriving * normal)
        stretch = average(of_input * arriving) - average(of_input) * average(arriving) - b * c
        for_input = -(rstd * rstd * normal * stretch) - rstd * (c * direction + b * projected(arriving))
        if needed[2]:
            for_weight = grad_out * direction
    if of_weight is not None:
        through = projected(grad_out * of_weight)
        for_input = through if for_input is None else for_input + through
        for_grad_out = normal * of_weight if for_grad_out is None else for_grad_out + normal * of_weight
    if of_bias is not None:
        for_grad_out = of_bias.expand(input.shape) if for_grad_out is None else for_grad_out + of_bias
    return for_grad_out, for_input, for_weight


@differentiable(
    "NativeLayerNormBackwardBackward0",
    grad_out=layer_norm_double_backward,
    input=layer_norm_double_backward,
    mean=lambda: None,  # mean and rstd come out of the forward pass, as constants
    rstd=lambda: None,
    weight=layer_norm_double_backward,
    bias=lambda: None,
    outputs=("result0", "result1", "result2"),
)
def native_layer_norm_backward(grad_out, input, normalized_shape, mean, rstd, weight, bias):
    """``projected(grad_out * weight)``, ``sum(grad_out * normal)`` and ``sum(grad_out)``, see NOTE [Layer norm]

    Multiplied out, so that no row is walked more often than it must be: with ``w`` for the weight and ``g`` for
    ``grad_out``, the first is ``rstd * w * g + b * input + c``, where ``b`` and ``c`` are numbers, one for each row.
    """
    g, x = _rows(grad_out, normalized_shape), _rows(input, normalized_shape)
    shift, stretch = mean.reshape(-1).astype(x.dtype), rstd.reshape(-1).astype(x.dtype)
    unbuffered(x.shape[1])
    w = np.ones(x.shape[1], x.dtype) if weight is None else weight.reshape(-1).astype(x.dtype)
    products = g * x
    of_shift = (g @ w) / max(x.shape[1], 1)
    of_normal = stretch * ((products @ w) / max(x.shape[1], 1) - shift * of_shift)
    b = -stretch * stretch * of_normal
    c = -b * shift - stretch * of_shift
    of_weight = stretch @ products - (stretch * shift) @ g
    of_bias = np.ones(x.shape[0], x.dtype) @ g
    of_input = g * w if weight is not None else g.copy()
    of_input *= stretch[:, None]
    of_input += np.multiply(x, b[:, None], products)  # `products` has served, its memory is used again
    of_input += c[:, None]
    return (
        of_input.astype(input.dtype, copy=False).reshape(input.shape),
        of_weight.astype(input.dtype, copy=False).reshape(normalized_shape),
        of_bias.astype(input.dtype, copy=False).reshape(normalized_shape),
    )


def layer_norm_backward(
    grad: Any,
    needed: tuple[bool, ...],
    input: Any,
    normalized_shape: tuple[int, ...],
    result1: Any,
    result2: Any,
    weight: Any,
    bias: Any,
) -> Any:
    """The gradients of input, weight and bias at once; whoever needs one of them pays for all three."""
    return native_layer_norm_backward(grad, input, normalized_shape, result1, result2, weight, bias)


@differentiable(
    "NativeLayerNormBackward0",
    input=layer_norm_backward,
    weight=layer_norm_backward,
    bias=layer_norm_backward,
    result1=non_differentiable,
    result2=non_differentiable,
    outputs=("result0", "result1", "result2"),
)
def native_layer_norm(input, normalized_shape, weight, bias, eps):
    """``(input - mean) * rstd * weight + bias`` with ``rstd = 1 / sqrt(variance + eps)``; and the mean and ``rstd``"""
    refuse_integers("layer_norm", input)
    x = _rows(input, normalized_shape)
    count = max(x.shape[1], 1)
    unbuffered(count)
    mean = x @ np.ones(x.shape[1], x.dtype) / count
    normal = x - mean[:, None]
    rstd = 1 / np.sqrt(np.vecdot(normal, normal) / count + x.dtype.type(eps))
    normal *= rstd[:, None]
    if weight is not None:
        normal *= weight.reshape(-1)
    if bias is not None:
        normal += bias.reshape(-1)
    of_rows = (*input.shape[: input.ndim - len(normalized_shape)], *[1] * len(normalized_shape))
    shapes = (input.shape, of_rows, of_rows)
    return tuple(
        [
            part.astype(input.dtype, copy=False).reshape(shape)
            for part, shape in zip((normal, mean, rstd), shapes, strict=True)
        ]
    )


def layer_norm(input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """``(input - mean) / sqrt(variance + eps) * weight + bias``, with mean and variance over the last dimensions.

    ``normalized_shape`` are these last dimensions; ``weight`` and ``bias`` have that shape. Raises RuntimeError where
    shapes or dtypes do not fit.

    >>> layer_norm(minigrad.tensor([[1.0, 3.0], [10.0, 30.0]]), (2,))
    tensor([[-1.0000,  1.0000],
            [-1.0000,  1.0000]])
    """
    last = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    shape = input._array.shape
    if not last or shape[max(len(shape) - len(last), 0) :] != last:
        raise RuntimeError(f"layer_norm over {list(last)}: these are not the last dimensions of the input {list(shape)}")
    for name, parameter in (("weight", weight), ("bias", bias)):
        if parameter is not None and parameter._array.shape != last:
            raise RuntimeError(f"layer_norm: the {name} has shape {list(parameter._array.shape)}, and not {list(last)}")
        if parameter is not None and input.dtype.name not in (parameter.dtype.name, "float16"):
            raise RuntimeError(f"layer_norm: the {name} has dtype {parameter.dtype.name}, the input {input.dtype.name}")
    return native_layer_norm(input, last, weight, bias, eps)[0]
