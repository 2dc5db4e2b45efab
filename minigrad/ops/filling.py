"""In-place fillers: one value, other values, or numbers drawn at random.

Mirrors: aten/src/ATen/native/Fill.cpp, Distributions.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..autograd.variable import TensorBase, wrap
from ..dtypes import cast, filler
from ..operator import differentiable, in_place
from .shape import whole


def zeros_of(sizes: tuple[int, ...], grad: Any) -> Any:
    """Zeros of a shape, in the type of a gradient, without a history."""
    return wrap(np.zeros(sizes, grad._array.dtype))


@differentiable("ZeroBackward0", self=lambda grad: grad.zeros_like())
def zero(self):
    """All elements 0"""
    return np.zeros_like(self)


@differentiable("FillBackward2", self=lambda grad: grad.zeros_like())
def fill(self, value):
    """All elements ``value``, a number"""
    return np.full_like(self, filler(value, self.dtype))


@differentiable("FillBackward3", self=lambda grad: grad.zeros_like(), value=lambda grad: grad.sum())
def fill_from(self, value):
    """All elements ``value``, a 0-dim tensor"""
    if value.ndim:
        raise RuntimeError(f"fill_ takes a single number, not a tensor of shape {list(value.shape)}; use copy_")
    return np.full_like(self, cast(value, self.dtype))


@differentiable("torch::autograd::CopyBackwards", self=lambda grad: grad.zeros_like(), src=lambda grad: grad)
def copy(self, src):
    """The elements of ``src``, broadcast to the shape and cast to the type of ``self``"""
    src = src if isinstance(src, np.ndarray) else filler(src, self.dtype)
    return cast(np.broadcast_to(src, self.shape), self.dtype)


def _blank(self: Any) -> Any:
    """New memory with the very strides of an array: they decide which numbers are drawn, see NOTE [Filling in place]."""
    if not self.size:
        return np.empty_like(self)
    extent = self.itemsize + sum((length - 1) * stride for length, stride in zip(self.shape, self.strides, strict=True))
    return np.ndarray(self.shape, self.dtype, np.empty(extent, np.uint8), 0, self.strides)


def _floating(self: Any, name: str) -> Any:
    if self.dtype.kind != "f":
        raise NotImplementedError(f"{name} fills floating tensors, not {self.dtype.name}; use random_ for integers")
    return _blank(self)


@differentiable("UniformBackward0", self=lambda grad: grad.zeros_like())
def uniform(self, from_, to, generator):
    """Numbers uniform in ``[from, to)``"""
    return random.uniform_(_floating(self, "uniform_"), from_, to, generator)


@differentiable("NormalBackward0", self=lambda grad: grad.zeros_like())
def normal(self, mean=0.0, std=1.0, *, generator=None):
    """Numbers from the normal distribution"""
    return random.normal_(_floating(self, "normal_"), mean, std, generator)


@differentiable("ExponentialBackward0", self=lambda grad: grad.zeros_like())
def exponential(self, lambd=1.0, *, generator=None):
    """Numbers from the exponential distribution with density ``lambd * exp(-lambd * x)``"""
    if self.dtype.kind != "f":
        raise RuntimeError(f"exponential_ draws real numbers, which a tensor of {self.dtype.name} cannot hold")
    return random.exponential_(_blank(self), lambd, generator)


@differentiable("BernoulliBackward2", self=lambda grad: grad.zeros_like())
def bernoulli_number(self, p, generator):
    """1 with probability ``p``, else 0"""
    return random.bernoulli_(_blank(self), p, generator)


@differentiable(
    "BernoulliBackward1", self=lambda grad: grad.zeros_like(), p=lambda grad, p_sym_sizes: zeros_of(p_sym_sizes, grad)
)
def bernoulli_tensor(self, p, generator):
    """1 with the probability that ``p`` has at this position, else 0"""
    if np.broadcast_shapes(self.shape, p.shape) != self.shape:
        raise RuntimeError(f"bernoulli_: p of shape {list(p.shape)} does not broadcast to shape {list(self.shape)}")
    return random.bernoulli_(_blank(self), p, generator)


def _random(node_name: str) -> Any:
    def random_between(self, low, high, generator):
        return random.random_(_blank(self), low, high, generator)

    return in_place(differentiable(node_name, self=lambda grad: grad.zeros_like())(random_between))


_random_between, _random_below, _random_any = map(_random, ("RandomBackward0", "RandomBackward1", "RandomBackward2"))

zero_, _copy = in_place(zero), in_place(copy)
normal_, exponential_ = in_place(normal), in_place(exponential)
_fill_number, _fill_from, _uniform = in_place(fill), in_place(fill_from), in_place(uniform)
_bernoulli_number, _bernoulli_tensor = in_place(bernoulli_number), in_place(bernoulli_tensor)


def fill_(self: Any, value: Any) -> Any:
    """Put one value, a number or a 0-dim tensor, into all elements.

    Raises TypeError for what is no number, RuntimeError for a number that does not fit the type.
    """
    return (_fill_from if isinstance(value, TensorBase) else _fill_number)(self, value)


def copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    """Take over the elements of ``src``, a tensor that broadcasts or a number, cast to the type of this tensor.

    Raises TypeError for anything else, an ndarray too, RuntimeError for a shape that does not broadcast.
    """
    if isinstance(src, np.ndarray):
        raise TypeError("copy_ takes a Tensor, not an ndarray; write x.copy_(torch.from_numpy(a))")
    return _copy(self, src)


def bounds_of(operator: str, alone: str, words: tuple[str, ...], bounds: Any, named: dict[str, Any]) -> dict[str, Any]:
    """The bounds of a call ``f(alone)`` or ``f(*words)``, by name: a signature cannot say it, nor name a parameter ``from``.

    Raises TypeError for other calls.
    """
    names = (alone,) if len(bounds) == 1 and alone not in named else words
    given = dict(zip(names, bounds, strict=False)) | named
    if not given.keys() <= set(words) or len(given) < len(bounds) + len(named):
        raise TypeError(f"{operator}() takes ({alone}) or ({', '.join(words)}), not {bounds} {named or ''}")
    return given


def uniform_(self: Any, *bounds: float, generator: random.Generator | None = None, **named: float) -> Any:
    """Fill with numbers uniform in ``[from, to)``, by default ``[0, 1)``.

    >>> x = minigrad.empty(3).uniform_(2, 3)
    >>> int((x < 2).sum() + (x >= 3).sum())
    0
    """
    given = bounds_of("uniform_", "from", ("from", "to"), bounds, named)
    return _uniform(self, given.get("from", 0.0), given.get("to", 1.0), generator)


def bernoulli_(self: Any, p: Any = 0.5, *, generator: random.Generator | None = None) -> Any:
    """Fill with ones, of probability ``p`` (a number, or a tensor that broadcasts), and zeros."""
    return (_bernoulli_tensor if isinstance(p, TensorBase) else _bernoulli_number)(self, p, generator)


def random_(self: Any, *bounds: int, generator: random.Generator | None = None, **named: int) -> Any:
    """Fill with integers: ``random_(from, to)`` up to but without ``to``, ``random_(to)`` from 0, ``random_()`` any.

    Floating tensors then get integers up to which they hold all. Raises RuntimeError if there is none to choose from.
    """
    given = bounds_of("random_", "to", ("from", "to"), bounds, named)
    given = {name: None if bound is None else whole(bound, "a bound of random_") for name, bound in given.items()}
    for bound in given.values():
        if bound is not None and not -(2**63) <= bound < 2**63:
            raise ValueError(f"integers are drawn from int64, and {bound} is beyond its 64 bits")
    if "from" in given:
        return _random_between(self, given["from"], given.get("to"), generator)
    return _random_below(self, 0, given["to"], generator) if given else _random_any(self, None, None, generator)
