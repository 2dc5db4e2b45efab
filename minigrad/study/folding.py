"""Long sequences told shortly: stretches that repeat are folded.

Mirrors: nothing; PyTorch has no such tool.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

LONGEST_BLOCK = 40


class Fold(NamedTuple):
    """A stretch of a sequence: the block that begins at ``start``, and how often it stands there in a row."""

    start: int
    length: int
    times: int


def fold(sequence: Sequence[Hashable]) -> list[Fold]:
    """The sequence as blocks, each repeated as often as it goes; a stretch without repetition is a block of its own.

    >>> fold("abcbcbcx")
    [Fold(start=0, length=1, times=1), Fold(start=1, length=2, times=3), Fold(start=7, length=1, times=1)]
    """
    folds: list[Fold] = []
    position = 0
    while position < len(sequence):
        best = Fold(position, 1, 1)
        for length in range(1, min(LONGEST_BLOCK, len(sequence) // 2) + 1):
            end = position
            while end + length < len(sequence) and sequence[end] == sequence[end + length]:
                end += 1
            times = 1 + (end - position) // length
            if times > 1 and times * length > best.length * best.times:
                best = Fold(position, length, times)
        if best.times == 1 and folds and folds[-1].times == 1:
            best = Fold(folds[-1].start, folds.pop().length + 1, 1)
        folds.append(best)
        position = best.start + best.length * best.times
    return folds
