"""A line search that ends where the strong Wolfe conditions hold: Nocedal and Wright, Numerical Optimization, chapter 3.5.

Mirrors: torch/optim/lbfgs.py
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


class Point(NamedTuple):
    """What is known at step length ``t``: the loss, its gradient, and its slope along the search direction."""

    t: float
    loss: float
    g: Array
    slope: float


def strong_wolfe(
    at: Callable[[float], tuple[float, Array]],
    t: float,
    d: Array,
    loss: float,
    g: Array,
    slope: float,
    max_evaluations: int,
    sufficient: float = 1e-4,
    curvature: float = 0.9,
    tolerance: float = 1e-9,
) -> tuple[float, Array, float, int]:
    """The loss, the gradient and the step length of the point that was found, and how often ``at`` was called.

    A point is accepted when the loss has fallen by ``sufficient`` times what the first slope promised, and the slope has
    flattened to ``curvature`` times the first. First the step grows until such a point is bracketed, then the bracket shrinks.
    """
    start = Point(0, loss, g, slope)

    def explore(t: float) -> Point:
        loss, g = at(t)
        return Point(t, loss, g, g.dot(d))

    def too_high(point: Point) -> bool:
        return bool(point.loss > loss + sufficient * point.t * slope)

    def is_flat(point: Point) -> bool:
        return bool(abs(point.slope) <= -curvature * slope)

    before, point = start, explore(t)
    evaluations, rounds = 1, 0
    found = False
    while True:
        if rounds >= max_evaluations:
            bracket = [start, point]
            break
        if too_high(point) or (rounds > 1 and point.loss >= before.loss) or (not is_flat(point) and point.slope >= 0):
            bracket = [before, point]
            break
        if is_flat(point):
            bracket, found = [point, point], True
            break
        smallest, largest = point.t + 0.01 * (point.t - before.t), point.t * 10
        next_t = cubic_minimum(before, point, smallest, largest)
        before, point = point, explore(next_t)
        evaluations, rounds = evaluations + 1, rounds + 1

    stuck = False
    width = np.abs(d).max()
    low, high = sorted_by_loss(bracket)
    while not found and rounds < max_evaluations:
        left, right = min(low.t, high.t), max(low.t, high.t)
        if (right - left) * width < tolerance:
            break
        first, second = bracket
        t = cubic_minimum(first, second, left, right)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:  # so near an end it would hardly shrink the bracket: once is accepted
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        point = explore(t)
        evaluations, rounds = evaluations + 1, rounds + 1
        if too_high(point) or point.loss >= low.loss:
            bracket = [point if end is high else end for end in bracket]
            low, high = sorted_by_loss(bracket)
        else:
            found = is_flat(point)
            turned = not found and point.slope * (high.t - low.t) >= 0
            bracket = [point if end is low else (low if turned else end) for end in bracket]
            low, high = point, (low if turned else high)
    return low.loss, low.g, low.t, evaluations


def sorted_by_loss(bracket: list[Point]) -> tuple[Point, Point]:
    """The end of a bracket with the lower loss, then the other."""
    first, second = bracket
    return (first, second) if first.loss <= second.loss else (second, first)


def cubic_minimum(one: Point, two: Point, smallest: float, largest: float) -> float:
    """Where the cubic through two points with their slopes is lowest, kept within bounds; their middle if it has no minimum."""
    left, right = (one, two) if one.t <= two.t else (two, one)
    d1 = left.slope + right.slope - 3 * (left.loss - right.loss) / (left.t - right.t)
    square = d1 * d1 - left.slope * right.slope
    if not square >= 0:
        return (smallest + largest) / 2
    d2 = math.sqrt(square)
    t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2))
    return min(max(float(t), smallest), largest)
