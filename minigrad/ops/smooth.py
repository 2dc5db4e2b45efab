"""Smooth activations: softened forms of relu, and the logarithm of the sigmoid.

Mirrors: aten/src/ATen/native/Activation.cpp, torch/nn/functional.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..autograd.grad_mode import mode
from ..dtypes import widened
from ..operator import differentiable, in_place, non_differentiable
from .activation import refuse_integers
from .elementary import erf_of, sigmoid, sigmoid_backward
from .pointwise import constant, lowered, raised, scale
from .trigonometry import tanh

# --- the input times a gate ---------------------------------------------------------------------------------------------

# NOTE [Two ways back]: the formula of silu is a product of many terms. Under create_graph it is written with the operators,
# so that it can be differentiated again; else one kernel computes it at once. PyTorch does the same.


def silu_with_graph(grad: Any, self: Any) -> Any:
    """``grad * sigmoid(self) * (1 + self * (1 - sigmoid(self)))``"""
    share = sigmoid(self)
    slope = raised(self * (constant(1, share) - share), 1)
    return grad * share * slope


@differentiable(grad_output=non_differentiable, self=non_differentiable)
def silu_backward(grad_output, self):
    """The same at once"""
    x = widened(self)
    share = 1 / (1 + np.exp(-x))
    return (grad_output * share * (1 + x * (1 - share))).astype(self.dtype, copy=False)


@differentiable("SiluBackward0", self=lambda grad, self: (silu_with_graph if mode.enabled else silu_backward)(grad, self))
def silu_of(self):
    """``self * sigmoid(self)``"""
    refuse_integers("silu", self)
    x = widened(self)
    return (x / (1 + np.exp(-x))).astype(self.dtype, copy=False)


# --- the input times the probability that a normal variable lies below it -----------------------------------------------

_FROM_TANH = math.sqrt(2 / math.pi), 0.044715  # the probability is nearly (1 + tanh(a * (x + b * x**3))) / 2


def gelu_double_backward(grad: Any, grad_output: Any, self: Any, approximate: str) -> Any:
    """The second derivative of gelu: what the density and its own slope contribute."""
    squared = self * self
    if approximate == "none":
        density = scale((-0.5 * squared).exp(), 1 / math.sqrt(2 * math.pi))
        return grad * grad_output * (2 * density - squared * density)
    a, b = _FROM_TANH
    gate, slope = tanh(a * (self + b * squared * self)), a * (1 + 3 * b * squared)
    bend = 1 - gate * gate
    steep = bend * slope
    return grad * grad_output * (steep - self * gate * steep * slope + 3 * a * b * squared * bend)


@differentiable(
    "GeluBackwardBackward0",
    grad_output=lambda grad, self, approximate: gelu_backward(grad, self, approximate=approximate),
    self=gelu_double_backward,
)
def gelu_backward(grad_output, self, *, approximate="none"):
    """``grad_output * (p + self * p')`` for the probability ``p`` in ``gelu``"""
    x = widened(self)
    if approximate == "none":
        probability = (1 + erf_of(x * math.sqrt(0.5))) * 0.5
        density = np.exp(x * x * -0.5) * (1 / math.sqrt(2 * math.pi))
    else:
        a, b = _FROM_TANH
        gate = np.tanh(a * (x + b * x * x * x))
        probability = (1 + gate) * 0.5
        density = (1 - gate * gate) * (a * (1 + 3 * b * x * x)) * 0.5
    return (grad_output * (probability + x * density)).astype(self.dtype, copy=False)


@differentiable("GeluBackward0", self=lambda grad, self, approximate: gelu_backward(grad, self, approximate=approximate))
def gelu(self, *, approximate="none"):
    """``self * p``, where ``p`` is the probability that a normal variable is below ``self``; for "tanh" nearly so"""
    refuse_integers("gelu", self)
    x = widened(self)
    if approximate == "none":
        probability = (1 + erf_of(x * math.sqrt(0.5))) * 0.5
    elif approximate == "tanh":
        a, b = _FROM_TANH
        probability = (1 + np.tanh(a * (x + b * x * x * x))) * 0.5
    else:
        raise RuntimeError(f"gelu with approximate={approximate!r}: it must be 'none' or 'tanh'")
    return (x * probability).astype(self.dtype, copy=False)


# --- logarithms of sums of exponentials ---------------------------------------------------------------------------------


def softplus_double_backward(grad: Any, grad_output: Any, self: Any, beta: float, threshold: float) -> Any:
    """``grad * grad_output`` times the slope of the sigmoid, below the threshold"""
    grad, x = grad * grad_output, scale(self, beta)
    return scale(sigmoid_backward(grad, sigmoid(x)) * (x < threshold), beta)


@differentiable(
    "SoftplusBackwardBackward0",
    grad_output=lambda grad, self, beta, threshold: softplus_backward(grad, self, beta, threshold),
    self=softplus_double_backward,
)
def softplus_backward(grad_output, self, beta, threshold):
    """``grad_output * sigmoid(beta * self)``, and ``grad_output`` beyond the threshold"""
    x = widened(self) * beta
    growth = np.exp(x)
    return np.where(x > threshold, grad_output, grad_output * growth / (growth + 1)).astype(self.dtype, copy=False)


@differentiable("SoftplusBackward0", self=lambda grad, self, beta, threshold: softplus_backward(grad, self, beta, threshold))
def softplus(self, beta=1, threshold=20):
    """``log(1 + exp(beta * self)) / beta``, and ``self`` itself where ``beta * self > threshold``"""
    refuse_integers("softplus", self)
    x = widened(self) * beta
    return np.where(x > threshold, self, np.log1p(np.exp(x)) / beta).astype(self.dtype, copy=False)


def log_sigmoid_double_backward(grad: Any, grad_output: Any, self: Any) -> Any:
    """``grad * grad_output * (sigmoid(self) - 1) * sigmoid(self)``"""
    grad, share = grad * grad_output, sigmoid(self)
    return grad * lowered(share, 1) * share


@differentiable(
    "LogSigmoidBackwardBackward0",
    grad_output=lambda grad, self, buffer: log_sigmoid_backward(grad, self, buffer),
    self=log_sigmoid_double_backward,
    buffer=non_differentiable,
)
def log_sigmoid_backward(grad_output, self, buffer):
    """``grad_output * sigmoid(-self)``, from ``buffer = exp(-|self|)``"""
    x, left = widened(self), widened(buffer)
    share = np.where(x < 0, 1, left) / (1 + left)
    return (grad_output * share).astype(self.dtype, copy=False)


@differentiable(
    "LogSigmoidBackward0",
    self=lambda grad, self, buffer: log_sigmoid_backward(grad, self, buffer),
    buffer=non_differentiable,
    outputs=("logarithm", "buffer"),
)
def log_sigmoid_forward(self):
    """``log(sigmoid(self))``, and ``exp(-|self|)`` for its derivative"""
    refuse_integers("logsigmoid", self)
    x = widened(self)
    buffer = np.exp(-np.abs(x))
    output = np.minimum(x, 0) - np.log1p(buffer)
    return output.astype(self.dtype, copy=False), buffer.astype(self.dtype, copy=False)


def logsigmoid(input: Any) -> Any:
    """``log(sigmoid(input))``, which does not become ``log(0)`` for inputs far below 0."""
    return log_sigmoid_forward(input)[0]


# --- as torch.nn.functional calls them ----------------------------------------------------------------------------------

_silu_in_place = in_place(silu_of)


def silu(input: Any, inplace: bool = False) -> Any:
    """``input * sigmoid(input)``.

    >>> silu(minigrad.tensor([2.0, -2.0]))
    tensor([ 1.7616, -0.2384])
    """
    return (_silu_in_place if inplace else silu_of)(input)


def softsign(input: Any) -> Any:
    """``input / (1 + |input|)``."""
    return input / (input.abs() + 1)


def tanhshrink(input: Any) -> Any:
    """``input - tanh(input)``."""
    return input - input.tanh()
