"""A line search that ends where the strong Wolfe conditions hold: Nocedal and Wright 2006, Numerical Optimization, chapter 3.5.

Mirrors: torch/optim/lbfgs.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


class Point(NamedTuple):
    """What is known at step length ``t``: the loss, its gradient, and its slope along the search direction."""

    t: float
    loss: float
    g: Array
    slope: float


class Wolfe(NamedTuple):
    """The strong Wolfe conditions on a step from ``start``, equations 3.7, with the constants that the book recommends."""

    start: Point

    def is_too_high(self, point: Point) -> bool:
        """The loss has not fallen by 1e-4 of what the first slope promised (3.7a does not hold)."""
        return bool(point.loss > self.start.loss + 1e-4 * point.t * self.start.slope)

    def is_flat(self, point: Point) -> bool:
        """The slope, of either sign, is at most 0.9 of the first one (3.7b holds)."""
        return bool(abs(point.slope) <= -0.9 * self.start.slope)


Line = Callable[[float], Point]
Ends = tuple[Point, Point]


def strong_wolfe(line: Line, start: Point, t: float, trials: int, longest: float) -> Point:
    """The point of a line where the search ends: the strong Wolfe conditions hold there, if ``trials`` are enough.

    ``line(t)`` evaluates the loss at step length ``t``; after the first length, ``trials`` more are tried at most.
    ``longest`` is the largest component of the direction: a bracket in which no parameter moves by 1e-9 ends the search too.

    >>> def parabola(t):
    ...     return Point(t, (t - 3) ** 2, np.array([2 * (t - 3)]), 2 * (t - 3))
    >>> strong_wolfe(parabola, parabola(0), 0.25, trials=10, longest=1).t  # 0.25 falls too little, ten times that will do
    2.5
    """
    wolfe = Wolfe(start)
    ends, trials = bracket(line, wolfe, t, trials)
    return zoom(line, wolfe, ends, trials, longest)


def bracket(line: Line, wolfe: Wolfe, t: float, trials: int) -> tuple[Ends, int]:
    """Lengthen the step until an acceptable one lies between the last two (algorithm 3.5), which are returned.

    The number is that of the trials that are left to find it: none for an acceptable point, which is returned as both ends.
    """
    before, point = wolfe.start, line(t)
    for trial in range(trials):
        # The book compares with the point before from the second one on; PyTorch from the third.
        if wolfe.is_too_high(point) or (trial > 1 and point.loss >= before.loss):
            return (before, point), trials - trial
        if wolfe.is_flat(point):
            return (point, point), 0
        if point.slope >= 0:
            return (before, point), trials - trial
        t = cubic_minimum(before, point, point.t + 0.01 * (point.t - before.t), 10 * point.t)
        before, point = point, line(t)
    return (wolfe.start, point), 0


def zoom(line: Line, wolfe: Wolfe, bracketed: Ends, trials: int, longest: float) -> Point:
    """Shrink a bracket around an acceptable point until it is found (algorithm 3.6); failing that, its lower end."""
    ends, low = list(bracketed), lower(bracketed)
    crowded = False
    while trials > 0 and not abs(ends[1].t - ends[0].t) * longest < 1e-9:
        t, crowded = safeguarded(ends[0], ends[1], crowded)
        point, trials = line(t), trials - 1
        if wolfe.is_too_high(point) or point.loss >= ends[low].loss:
            ends[1 - low] = point
            low = lower(ends)
        elif wolfe.is_flat(point):
            return point
        else:
            if point.slope * (ends[1 - low].t - ends[low].t) >= 0:  # downhill is towards the old low end
                ends[1 - low] = ends[low]
            ends[low] = point
    return ends[low]


def lower(ends: Sequence[Point]) -> int:
    """Which end of a bracket has the lower loss."""
    return 0 if ends[0].loss <= ends[1].loss else 1


def safeguarded(one: Point, two: Point, crowded: bool) -> tuple[float, bool]:
    """The next step length to try in a bracket, and whether it crowds an end, so that the bracket may hardly shrink.

    That is accepted once; the second time in a row the length is moved in by a tenth of the bracket.
    """
    left, right = sorted((one.t, two.t))
    t = cubic_minimum(one, two, left, right)
    margin = 0.1 * (right - left)
    if not min(right - t, t - left) < margin:
        return t, False
    if not crowded and left < t < right:
        return t, True
    return right - margin if right - t < t - left else left + margin, False


def cubic_minimum(one: Point, two: Point, smallest: float, largest: float) -> float:
    """Where the cubic through two points with their slopes is lowest (equation 3.59), kept within bounds; or their middle."""
    if smallest == largest:
        return smallest
    left, right = (one, two) if one.t <= two.t else (two, one)
    d1 = left.slope + right.slope - 3 * (left.loss - right.loss) / (left.t - right.t)
    square = d1 * d1 - left.slope * right.slope
    if not square >= 0:  # it has no minimum
        return (smallest + largest) / 2
    d2 = math.sqrt(square)
    t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2))
    return min(max(float(t), smallest), largest)
