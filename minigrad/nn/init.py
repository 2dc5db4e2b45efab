"""Starting values for parameters: in-place fillers that record no graph.

Mirrors: torch/nn/init.py
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import random
from ..autograd.grad_mode import no_grad
from ..autograd.variable import wrap
from ..ops import creation
from ..quiet import quietly
from ..random import Generator

# NOTE [Fans]: the gradient of a layer's weight of shape (out, in, ...) and the layer's output keep their variance if the
# weight's is chosen by how many numbers meet in an output (fan_in) or leave an input (fan_out); the gain makes up for what
# the nonlinearity behind the layer takes away.


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much a nonlinearity shrinks its input, as the factor that makes up for it; ``param`` is leaky_relu's slope.

    Raises ValueError for a nonlinearity that is not known.

    >>> calculate_gain("relu") == 2**0.5
    True
    """
    linear = ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid")
    if nonlinearity in linear:
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "selu":
        return 3.0 / 4
    if nonlinearity != "leaky_relu":
        raise ValueError(
            f"no gain is known for {nonlinearity!r}; there are linear, sigmoid, tanh, relu, leaky_relu and selu"
        )
    if isinstance(param, bool) or not isinstance(param, (int, float, type(None))):
        raise ValueError(f"the slope of leaky_relu is a number, not {param!r}")
    return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    if tensor.dim() < 2:
        raise ValueError(f"a weight of shape {list(tensor.shape)} has no fans: it needs the dimensions (out, in, ...)")
    fan_out, fan_in, *kernel = tensor.shape
    return fan_in * math.prod(kernel), fan_out * math.prod(kernel)


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is 'fan_in' or 'fan_out', not {mode!r}")
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return fan_in if mode == "fan_in" else fan_out


def _needs_matrix(tensor: Any, name: str) -> None:
    if tensor.dim() != 2:
        raise ValueError(f"{name} fills a matrix, not a tensor of shape {list(tensor.shape)}")


@no_grad()
def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Any:
    """Values uniform in ``[a, b)``."""
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Any:
    """Values from the normal distribution."""
    return tensor.normal_(mean, std, generator=generator)


@no_grad()
def constant_(tensor: Any, val: float) -> Any:
    """The value ``val`` everywhere.

    >>> import minigrad
    >>> constant_(minigrad.empty(2), 0.5)
    tensor([0.5000, 0.5000])
    """
    return tensor.fill_(val)


@no_grad()
def ones_(tensor: Any) -> Any:
    """Ones."""
    return tensor.fill_(1.0)


@no_grad()
def zeros_(tensor: Any) -> Any:
    """Zeros."""
    return tensor.zero_()


@no_grad()
def eye_(tensor: Any) -> Any:
    """A matrix with ones on its diagonal and zeros elsewhere. Raises ValueError for what is no matrix."""
    _needs_matrix(tensor, "eye_")
    return tensor.copy_(creation.eye(*tensor.shape, dtype=tensor.dtype))


@no_grad()
def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Generator | None = None) -> Any:
    """Values uniform in ``+-gain * sqrt(6 / (fan_in + fan_out))``: Glorot and Bengio 2010, NOTE [Fans].

    Raises ValueError for a tensor of fewer than two dimensions.
    """
    std = gain * math.sqrt(2.0 / float(sum(_calculate_fan_in_and_fan_out(tensor))))
    bound = math.sqrt(3.0) * std
    return tensor.uniform_(-bound, bound, generator=generator)


@no_grad()
def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Generator | None = None) -> Any:
    """Normal values of standard deviation ``gain * sqrt(2 / (fan_in + fan_out))``; as ``xavier_uniform_``."""
    std = gain * math.sqrt(2.0 / float(sum(_calculate_fan_in_and_fan_out(tensor))))
    return tensor.normal_(0.0, std, generator=generator)


def _kaiming_std(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    fan = _calculate_correct_fan(tensor, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _is_empty(tensor: Any) -> bool:
    if 0 not in tensor.shape:
        return False
    warnings.warn(f"a tensor of shape {list(tensor.shape)} has no elements to initialise", UserWarning, stacklevel=4)
    return True


@no_grad()
def kaiming_uniform_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Generator | None = None
) -> Any:
    """Values uniform in ``+-gain * sqrt(3 / fan)``: He et al. 2015, https://arxiv.org/abs/1502.01852, NOTE [Fans].

    ``a`` is the slope of a leaky_relu behind the layer. Raises ValueError for fewer than two dimensions, another mode than
    fan_in or fan_out, and an unknown nonlinearity.
    """
    if _is_empty(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return tensor.uniform_(-bound, bound, generator=generator)


@no_grad()
def kaiming_normal_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Generator | None = None
) -> Any:
    """Normal values of standard deviation ``gain / sqrt(fan)``; as ``kaiming_uniform_``."""
    if _is_empty(tensor):
        return tensor
    return tensor.normal_(0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator=generator)


@no_grad()
def trunc_normal_(
    tensor: Any, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Generator | None = None
) -> Any:
    """Normal values, drawing again whatever falls outside ``[a, b]``.

    Warns if ``[a, b]`` is more than two standard deviations away from ``mean``.

    >>> import minigrad
    >>> x = trunc_normal_(minigrad.empty(20, 30))
    >>> int((abs(x) > 2).sum())
    0
    """

    def normal_below(x: float) -> float:
        return (1 + math.erf((x - mean) / std / math.sqrt(2))) / 2

    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn("[a, b] is more than 2 std away from mean; few draws will fall inside", UserWarning, stacklevel=3)

    if normal_below(b) - normal_below(a) > 0.3:
        tensor.normal_(mean, std, generator=generator)
        values = tensor._array
        low, high = values.dtype.type(a), values.dtype.type(b)
        while (outside := (values < low) | (values > high)).any():
            values[outside] = random.normal_(np.empty_like(values), mean, std, generator)[outside]
        return tensor

    # Too few normals would fall inside. Draw evenly on [a, b], and keep a draw as often as its density tells.
    values = tensor.zero_()._array
    highest = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2
    pending = np.ones(values.shape, bool)
    while pending.any():
        candidates = random.uniform_(np.empty_like(values), a, b, generator)
        values[pending] = candidates[pending]
        log_density = ((candidates - mean) / std) ** 2 * -0.5 - highest
        pending &= quietly(np.log, random.uniform_(np.empty_like(values), generator=generator)) > log_density
    return tensor


@no_grad()
def orthogonal_(tensor: Any, gain: float = 1, generator: Generator | None = None) -> Any:
    """``gain`` times a matrix with orthogonal rows or columns, whichever are fewer: Saxe et al. 2013, https://arxiv.org/abs/1312.6120.

    A tensor of more dimensions is seen as a matrix of shape ``(out, everything else)``. Raises ValueError for fewer than two.

    >>> import minigrad
    >>> w = orthogonal_(minigrad.empty(2, 5))
    >>> minigrad.allclose(w @ w.t(), minigrad.eye(2), atol=1e-6)
    True
    """
    if tensor.dim() < 2:
        raise ValueError(f"orthogonal_ fills a matrix, or more dimensions, not a tensor of shape {list(tensor.shape)}")
    if not tensor.numel():
        return tensor
    normals = random.normal_(np.empty_like(tensor._array, order="C"), generator=generator).reshape(len(tensor), -1)
    tall = normals.shape[0] >= normals.shape[1]
    q, r = np.linalg.qr(normals if tall else normals.T)
    q = q * np.sign(np.diag(r))  # of all signs that Q and R may have, those that make Q uniform over all rotations
    return tensor.copy_(wrap((q if tall else q.T).astype(normals.dtype).reshape(tensor.shape))).mul_(gain)


@no_grad()
def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Any:
    """Normal values in a matrix, and in each column the share ``sparsity`` of them set to 0.

    Raises ValueError for what is no matrix.
    """
    _needs_matrix(tensor, "sparse_")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    tensor.normal_(0.0, std, generator=generator)
    for column in range(columns):
        tensor._array[random.randperm(rows)[:zeros], column] = 0
    return tensor


def _deprecated(filler: Callable[..., Any]) -> Callable[..., Any]:
    """The filler under its old name, without the underscore that tells that it works in place. It warns."""

    def renamed(*arguments: Any, **options: Any) -> Any:
        name = filler.__name__
        warnings.warn(f"nn.init.{name[:-1]} is deprecated; write nn.init.{name}", FutureWarning, stacklevel=2)
        return filler(*arguments, **options)

    return renamed


uniform, normal, constant, eye, sparse, orthogonal, xavier_uniform, xavier_normal, kaiming_uniform, kaiming_normal = map(
    _deprecated,
    (
        uniform_, normal_, constant_, eye_, sparse_, orthogonal_, xavier_uniform_, xavier_normal_, kaiming_uniform_, kaiming_normal_,
    ),
)  # fmt: skip
