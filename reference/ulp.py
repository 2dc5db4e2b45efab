"""How far apart two floating numbers are: in units in the last place, and relative to their size.

Mirrors: torch/testing/_comparison.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

FAR = np.iinfo(np.uint64).max  # the distance of a number from what is none


def ulp_distance(a: Array, b: Array) -> Array:
    """For each pair of elements, how many steps from one representable number to the next lie between them.

    Both arrays have the same floating dtype. Two NaN are equal, and so are 0.0 and -0.0; NaN is ``FAR`` from any number.

    >>> one = np.array([1.0, 1.0, 0.0, np.nan], np.float32)
    >>> ulp_distance(one, np.array([1.0, 1.0000001, -0.0, np.nan], np.float32)).tolist()
    [0, 1, 0, 0]
    """
    if a.dtype != b.dtype or a.dtype.kind != "f":
        raise TypeError(f"ulp distance is defined inside one floating dtype, not between {a.dtype.name} and {b.dtype.name}")
    first, second = _on_a_line(a), _on_a_line(b)
    distance = np.maximum(first, second) - np.minimum(first, second)
    nan = np.isnan(a), np.isnan(b)
    return np.where(nan[0] & nan[1], np.uint64(0), np.where(nan[0] | nan[1], FAR, distance))


def _on_a_line(a: Array) -> Array:
    """Neighbouring numbers as neighbouring integers: the bits of a float are ordered by magnitude, after its sign."""
    bits = a.view(f"i{a.itemsize}").astype(np.int64)
    lowest = np.int64(np.iinfo(f"i{a.itemsize}").min)
    with np.errstate(
        over="ignore"
    ):  # of a branch that np.where does not take; and the shift by 2**63 wraps around by intent
        ordered = np.where(bits < 0, lowest - bits, bits)
        return ordered.astype(np.uint64) + np.uint64(2**63)


def relative_error(a: Array, b: Array) -> Array:
    """``|a - b| / |b|``; 0 where both are equal (two NaN among them), infinite where ``b`` is 0 or one is no number.

    >>> relative_error(np.array([1.5, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])).tolist()
    [0.5, 0.0, inf]
    """
    with np.errstate(all="ignore"):
        error = np.abs(a - b) / np.abs(b)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(same, 0.0, np.where(np.isnan(error), np.inf, error))
