"""``out=``: the form of an operator that writes its result into a tensor that is there already.

Mirrors: aten/src/ATen/native/Resize.cpp, torch/csrc/autograd/VariableTypeUtils.h
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..autograd.grad_mode import mode, no_grad
from ..autograd.in_place import refuse_dtype, write
from ..autograd.variable import TensorBase
from .creation import resized

# The functions that take ``out=``, beside those that make tensors and have it in their signature.
TAKE_OUT = """
    abs acos acosh add addcdiv addcmul addmm addmv all amax amin any argmax argmin asin asinh atan atan2 atanh
    bitwise_and bitwise_not bitwise_or bitwise_xor bmm cat ceil clamp clamp_max clamp_min cos cosh cumprod cumsum diag
    div dot eq erf exp exp2 expm1 floor floor_divide fmod frac gather ge gt index_add index_select isneginf isposinf
    le lerp log log10 log1p log2 log_softmax logical_and logical_not logical_or logical_xor logit logsumexp lt
    masked_select matmul max maximum mean min minimum mm mul mv nan_to_num ne neg nonzero norm outer pow reciprocal
    remainder round rsqrt scatter scatter_add sgn sigmoid sign sin sinh softmax sort sqrt square stack std sub sum
    take_along_dim tan tanh topk tril triu trunc var where xlogy
"""


def with_out(operator: Callable[..., Any]) -> Callable[..., Any]:
    """The operator with one more keyword: ``out``, the tensor (or a tuple of them) that receives the result.

    The tensor keeps its dtype and gets the shape of the result, with a warning if it had elements in another. Raises
    RuntimeError, and changes nothing, if its dtype cannot hold the result, or if any tensor requires grad where the graph is
    recorded: a value that is overwritten from outside has no history.

    >>> z = minigrad.zeros(2)
    >>> minigrad.add(minigrad.tensor([1.0, 2.0]), 10, out=z) is z
    True
    >>> z
    tensor([11., 12.])
    """

    @functools.wraps(operator)
    def function(*arguments: Any, out: Any = None, **options: Any) -> Any:
        if out is None:
            return operator(*arguments, **options)
        name = f"{operator.__name__}(out=...)"
        targets = out if isinstance(out, (tuple, list)) else (out,)
        if not all(isinstance(target, TensorBase) for target in targets):
            raise TypeError(f"{name}: out must be a Tensor, or a tuple of them for several results, not {out!r}")
        if mode.enabled and any(t.requires_grad for t in _tensors((*targets, *arguments, *options.values()))):
            raise RuntimeError(
                f"{name} records no history, but a tensor among its arguments requires grad. Leave out= away, or compute under "
                f"`with torch.no_grad():`."
            )
        with no_grad():
            made = operator(*arguments, **options)
        results = made if isinstance(made, tuple) else (made,)
        if len(targets) != len(results):
            raise TypeError(f"{name} has {len(results)} results, but out= names {len(targets)} tensors")
        for target, result in zip(targets, results, strict=True):
            refuse_dtype(target._array, result._array, name)
        for target, result in zip(targets, results, strict=True):
            _fill(target, result._array, name)
        return out if made is results[0] else type(made)(targets)

    function.__module__ = "minigrad"  # where it can be found by its name, as pickle and help() do
    return function


def _tensors(values: Iterable[Any]) -> Iterator[TensorBase]:
    for value in values:
        if isinstance(value, TensorBase):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _tensors(value)


def _fill(target: Any, values: Any, name: str) -> None:
    if target._array.shape != values.shape and target._array.size:
        warnings.warn(
            f"{name}: the tensor given as out has shape {list(target._array.shape)}, the result {list(values.shape)}; its memory is "
            f"replaced. Give an empty tensor, torch.empty(0), or one of the right shape.",
            UserWarning,
            stacklevel=3,
        )
    write(resized(target, values.shape), values, name)
