"""New tensors of random numbers, and the state of the stream that they are drawn from; see ``minigrad/random.py``.

Mirrors: aten/src/ATen/native/TensorFactories.cpp, Distributions.cpp, torch/random.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..autograd.variable import TensorBase, wrap
from ..dtypes import FROM_NUMPY, int64
from ..operator import differentiable
from ..random import Generator
from .creation import chosen_dtype, empty, empty_like, finished, size_of
from .filling import normal_, random_, uniform_, zeros_of
from .shape import whole


def _drawn(
    fill: Any, target: Any, *arguments: Any, generator: Any = None, requires_grad: bool = False, out: Any = None
) -> Any:
    """The target tensor, filled; then it may require grad. If it is not ``out``, nothing has been changed in it yet."""
    if generator is not None and not isinstance(generator, Generator):
        raise TypeError(f"generator={generator!r} is no Generator; make one with torch.Generator().manual_seed(0)")
    made = fill(target, *arguments, generator=generator)
    if out is None:
        made = wrap(made._array)
    return made.requires_grad_() if requires_grad else made


# ``**options`` are those of NOTE [Options of a new tensor], with ``dtype``, and ``generator``: the stream to draw from.


def _of_size(
    fill: Any, operator: str, lengths: Any, *arguments: Any,
    size: Any = None, out: Any = None, dtype: Any = None, device: Any = None, **options: Any,
) -> Any:  # fmt: skip
    target = empty(size_of(lengths if size is None else (size,), operator), out=out, dtype=dtype, device=device)
    return _drawn(fill, target, *arguments, out=out, **options)


def _like(fill: Any, input: Any, *arguments: Any, dtype: Any = None, device: Any = None, **options: Any) -> Any:
    return _drawn(fill, empty_like(input, dtype=dtype, device=device), *arguments, out=None, **options)


def rand(*lengths: Any, **options: Any) -> Any:
    """Numbers uniform in ``[0, 1)``.

    Raises NotImplementedError for a type that is not floating, as ``randn`` does.

    >>> _ = minigrad.manual_seed(0)
    >>> minigrad.rand(2)
    tensor([0.4963, 0.7682])
    """
    return _of_size(uniform_, "rand", lengths, **options)


def randn(*lengths: Any, **options: Any) -> Any:
    """Numbers from the normal distribution with mean 0 and variance 1.

    >>> _ = minigrad.manual_seed(0)
    >>> minigrad.randn(2)
    tensor([ 1.5410, -0.2934])
    """
    return _of_size(normal_, "randn", lengths, **options)


def randint(
    *arguments: Any, low: Any = None, high: Any = None, size: Any = None, dtype: Any = None, out: Any = None, **options: Any
) -> Any:
    """Integers from ``low`` up to but without ``high``: ``randint(high, size)`` or ``randint(low, high, size)``.

    Of type int64, unless ``dtype`` says otherwise. Raises RuntimeError if there is no integer to choose, TypeError for a
    bound that is none.

    >>> _ = minigrad.manual_seed(0)
    >>> minigrad.randint(10, (3,))
    tensor([4, 9, 3])
    """
    given = list(arguments)
    if given and isinstance(given[-1], (tuple, list)) and size is None:
        size = given.pop()
    if given and high is None:
        high = given.pop()
    if given and low is None:
        low = given.pop()
    if given or high is None or not isinstance(size, (tuple, list)):
        raise TypeError("randint() takes (high, size) or (low, high, size), with the size as a tuple such as (3,)")
    kind = FROM_NUMPY[chosen_dtype(dtype, out, int64)]
    return _of_size(random_, "randint", (size,), 0 if low is None else low, high, dtype=kind, out=out, **options)


def randperm(n: int, *, generator: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
    """The integers from 0 to ``n - 1`` in random order.

    >>> _ = minigrad.manual_seed(0)
    >>> minigrad.randperm(4)
    tensor([0, 1, 3, 2])
    """
    kind = chosen_dtype(dtype, out, int64)
    if kind.kind == "b":
        raise NotImplementedError("randperm() of truth values: there are only two")
    (length,) = size_of((n,), "randperm") if not isinstance(n, (tuple, list)) else size_of((n, n), "randperm")
    return finished(random.randperm(length, kind, generator), out=out, **options)


def rand_like(input: Any, **options: Any) -> Any:
    """Numbers uniform in ``[0, 1)``, in the shape and type of ``input``."""
    return _like(uniform_, input, **options)


def randn_like(input: Any, **options: Any) -> Any:
    """Numbers from the normal distribution, in the shape and type of ``input``."""
    return _like(normal_, input, **options)


def randint_like(input: Any, *bounds: Any, low: Any = None, high: Any = None, **options: Any) -> Any:
    """Integers from ``low`` (0, if left out) up to but without ``high``, in the shape and type of ``input``."""
    given = [bound for bound in (low, *bounds, high) if bound is not None]
    if not 1 <= len(given) <= 2:
        raise TypeError("randint_like() takes (input, high) or (input, low, high)")
    return _like(random_, input, given[0] if len(given) == 2 else 0, given[-1], **options)


# --- of a given distribution --------------------------------------------------------------------------------------------


def _normal(mean: Any, std: Any, generator: Any) -> Any:
    name, given = ("the mean", mean) if isinstance(mean, np.ndarray) else ("std", std)
    if given.dtype.kind != "f":
        raise NotImplementedError(f"normal() draws in the type of {name}, which is {given.dtype.name}; write x.float()")
    return random.normal(mean, std, generator)


@differentiable("NormalBackward1", mean=lambda grad, mean_sym_sizes: zeros_of(mean_sym_sizes, grad))
def normal_of_mean(mean, std, generator):
    """Numbers from normal distributions, each of its own mean"""
    return _normal(mean, std, generator)


@differentiable("NormalBackward2", std=lambda grad, std_sym_sizes: zeros_of(std_sym_sizes, grad))
def normal_of_std(std, mean, generator):
    """Numbers from normal distributions, each of its own standard deviation"""
    return _normal(mean, std, generator)


@differentiable(
    "NormalBackward3",
    mean=lambda grad, mean_sym_sizes: zeros_of(mean_sym_sizes, grad),
    std=lambda grad, std_sym_sizes: zeros_of(std_sym_sizes, grad),
)
def normal_of_both(mean, std, generator):
    """Numbers from normal distributions, each of its own mean and standard deviation"""
    return _normal(mean, std, generator)


def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None, out: Any = None, **options: Any
) -> Any:
    """Normal numbers: ``normal(0, 1, (2, 3))`` of one distribution; with a tensor for ``mean`` or ``std`` each of its own.

    Raises RuntimeError for a negative standard deviation and for shapes that do not broadcast.

    >>> minigrad.normal(minigrad.tensor([1.0, 2.0]), 0.0)
    tensor([1., 2.])
    """
    if isinstance(mean, TensorBase) or isinstance(std, TensorBase):
        if not isinstance(mean, TensorBase):
            drawn = normal_of_std(std, mean, generator)
        else:
            drawn = (normal_of_both if isinstance(std, TensorBase) else normal_of_mean)(mean, std, generator)
        return drawn if out is None else finished(drawn._array, out=out)
    if not isinstance(size, (tuple, list)):
        raise TypeError("normal() of two numbers needs a size as a tuple: normal(0.0, 1.0, (2, 3))")
    return _of_size(normal_, "normal", (size,), mean, std, generator=generator, out=out, **options)


@differentiable("BernoulliBackward0", self=lambda grad: grad.zeros_like())
def bernoulli_of(self, p, generator):
    """1 with probability ``p``, or with the one that ``self`` has at this position; else 0"""
    if p is None and self.dtype.kind != "f":
        raise NotImplementedError(f"bernoulli() takes probabilities, of which {self.dtype.name} holds only 0 and 1")
    return random.bernoulli_(np.empty_like(self), self if p is None else p, generator)


def bernoulli(input: Any, p: float | None = None, *, generator: Generator | None = None, out: Any = None) -> Any:
    """1 with the probability that ``input`` has at this position (or ``p``, everywhere), else 0.

    Raises RuntimeError for what is no probability.
    """
    drawn = bernoulli_of(input, p, generator)
    return drawn if out is None else finished(drawn._array, out=out)


def multinomial(
    input: Any, num_samples: int, replacement: bool = False, *, generator: Generator | None = None, out: Any = None
) -> Any:
    """``num_samples`` positions, each drawn by its weight in ``input``, a vector or a matrix with a row for each draw.

    Weights need not sum to 1. Raises RuntimeError if one is negative, if all are 0, or if there are too few of them to draw
    without replacement.

    >>> minigrad.multinomial(minigrad.tensor([0.0, 3.0]), 1)
    tensor([1])
    """
    if not isinstance(input, TensorBase):
        raise TypeError(f"multinomial() takes a tensor of weights, not {type(input).__name__}")
    count = whole(num_samples, "the number of samples")
    return finished(random.multinomial(input._array, count, replacement, generator), out=out)


# --- the state of the default stream ------------------------------------------------------------------------------------


def get_rng_state() -> Any:
    """The state of the default stream, as a tensor of bytes.

    >>> before = minigrad.get_rng_state()
    >>> x = minigrad.rand(3)
    >>> minigrad.set_rng_state(before)
    >>> minigrad.equal(minigrad.rand(3), x)
    True
    """
    return random.default_generator.get_state()


def set_rng_state(new_state: TensorBase) -> None:
    """Continue the default stream from a state. TypeError for what is no tensor of uint8, RuntimeError for a bad one."""
    random.default_generator.set_state(new_state)
