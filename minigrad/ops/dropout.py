"""Dropout: elements set to 0 at random.

Mirrors: aten/src/ATen/native/Dropout.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..autograd.variable import wrap
from ..quiet import quietly
from .pointwise import mul, mul_


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Each element set to 0 with probability ``p``, the others divided by ``1 - p`` so that the mean stays.

    The input itself if ``training`` is False. Raises ValueError for a ``p`` that is no probability.

    >>> dropout(minigrad.ones(3), p=0.5, training=False)
    tensor([1., 1., 1.])
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p={p} is no probability, it must lie between 0 and 1")
    if p == 0 or not training or not input._array.size:
        return input
    if p == 1:
        noise = np.zeros((), input._array.dtype)
    else:
        noise = random.bernoulli_(np.empty_like(input._array), 1 - p)
        quietly(np.divide, noise, noise.dtype.type(1 - p), noise)
    return (mul_ if inplace else mul)(input, wrap(noise))
