"""Large arrays, worked on row by row: in blocks that stay in the processor's cache, and where the rows lie.

Mirrors: aten/src/ATen/native/cpu/SoftMaxKernel.cpp (vec_host_softmax_lastdim, which does the same with threads)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

# NOTE [Blocks of rows]: every pass over a large array fetches it from memory anew, and memory for an intermediate result of
# that size comes from the system page by page. A block of rows stays in the processor's cache from pass to pass.
BLOCK = 1 << 16  # elements


def blocks(axis: int, *arrays: Any) -> Iterator[tuple[Any, ...]]:
    """Arrays of one shape in blocks, cut along the first dimension; not cut if the work goes along that ``axis``."""
    size = arrays[0].size
    if size <= BLOCK or axis == 0:
        yield arrays
        return
    step = max(1, BLOCK * len(arrays[0]) // size)
    for start in range(0, len(arrays[0]), step):
        yield tuple([array[start : start + step] for array in arrays])


# NOTE [Rows where they lie]: to combine rows with one number each, NumPy copies several rows at a time into a buffer of 8192
# elements, which takes as long as the work itself. With a buffer shorter than a row it works where the rows lie. The
# setting ends with the kernel, which runs in a context of its own, see NOTE [No NumPy warning].
BUFFER = 512  # elements


def unbuffered(length: int) -> None:
    """For the rest of the kernel, work on rows of this length where they lie, if they are long enough to gain by it."""
    if length >= BUFFER:
        np.setbufsize(BUFFER)
