"""The line search of L-BFGS tries the same points as torch's, on functions that lead it through each of its branches."""

import numpy as np
import pytest
import torch

import minigrad
from minigrad.optim.line_search import Point, Wolfe, bracket, safeguarded, zoom


def wall(at, height, bend=0.0):
    """A way down that may flatten, and ends where the loss jumps up: the slope tells nothing about that."""
    return lambda x: bend * x * x - x + height * (x > at)


def short(waves):
    """Downhill for 1e-5 only, then waves of that size: so little that all of it is too high for what the slope promised."""
    return lambda x: 1e-5 * ((-1e5 * x).exp() + waves(x))


# Functions of one variable, where the search begins at 0 downhill; the first length to try; and how many more may be tried.
CASES = {
    "just flat enough": (lambda x: (x - 1) ** 2 + 5, 0.1, 25),
    "ten times longer at most": (lambda x: -x, 0.5, 3),
    "a hundredth longer at least": (wall(0.5, -100), 1, 2),
    "not a number": (lambda x: 2 * (1 - x).sqrt(), 2, 3),
    "the second is higher than the first": (wall(0.95, 2, 0.1), 0.3, 25),
    "the third is higher than the second": (wall(0.95, 2, 0.1), 0.03, 25),
    "uphill, not steep": (lambda x: 0.2 * x * x - x + 0.2 * (2 * x).sin(), 5, 12),
    "used up while lengthened": (wall(0.95, 2, 0.1), 0.03, 1),
    "used up while lengthened, at a high point": (wall(0.95, 100, 0.1), 0.03, 2),
    "used up between the second and the third": (wall(0.7, 100, 0.1), 0.01, 3),
    "used up where it goes uphill": (lambda x: 0.1 * x * x - x + 0.3 * (2 * x).sin(), 12.5, 2),
    "crowds the left end": (wall(0.99, 2), 1, 12),
    "crowds the right end": (short(lambda x: -0.5 * x - x.sin()), 0.5, 2),
    "narrow": (lambda x: 30 * wall(0.01, 2, 0.1)(x), 1, 150),
    "beyond the low end": (lambda x: 0.1 * x * x - x + 0.2 * (4 * x).sin(), 25, 2),
    "short of the low end": (lambda x: 0.5 * x * x - x + 0.3 * (3 * x).sin(), 20, 2),
    "high and low end change places": (short(lambda x: x * x + 0.1 * (1 - (3 * x).cos()) - x), 1, 12),
    "narrow after the ends changed places": (short(lambda x: 0.1 * x * x + 1 - (3 * x).cos() - x), 1, 12),
    "one hill": (lambda x: x**3 + (5 * x).cos() - x, 2, 25),
    "many hills": (lambda x: -x - 0.5 * (1 - (7 * x).cos()), 0.1, 25),
}


NOTHING = np.zeros(1)  # for the gradient, which the search only hands on


def searched(engine, function, lr, trials):
    """The points that are tried in one search, and the one where it ends."""
    x = engine.tensor([0.0], dtype=engine.float64, requires_grad=True)
    optimizer = engine.optim.LBFGS([x], lr=lr, max_iter=1, max_eval=1 + trials, line_search_fn="strong_wolfe")
    tried = []

    def closure():
        optimizer.zero_grad()
        tried.append(x.item())
        loss = function(x).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return tried, x.item()


@pytest.mark.parametrize(("function", "lr", "trials"), CASES.values(), ids=CASES)
def test_the_same_points_are_tried(function, lr, trials):
    tried, end = searched(minigrad, function, lr, trials)
    their_tried, their_end = searched(torch, function, lr, trials)
    np.testing.assert_allclose([*tried, end], [*their_tried, their_end], rtol=1e-12)


def test_the_strong_wolfe_conditions():
    """A fall by 1e-4 of the promise, and a slope of 0.9 of the first: the constants of the book for quasi-Newton methods."""
    wolfe = Wolfe(Point(0, 1.0, NOTHING, -2.0))
    highest = 1 + 1e-4 * 3 * -2
    for loss, too_high in ((highest, False), (highest + 1e-5, True), (1.0, True), (float("nan"), False)):
        assert wolfe.is_too_high(Point(3, loss, NOTHING, 0.0)) is too_high
    for slope, flat in ((-1.81, False), (-1.8, True), (1.8, True), (1.81, False), (float("nan"), False)):
        assert wolfe.is_flat(Point(3, 0.0, NOTHING, slope)) is flat


def line_that_stays_at(lowest):
    return lambda t: Point(t, max(-t, lowest), NOTHING, -2.0)


def test_a_point_that_is_not_lower_ends_a_bracket():
    """So the book says of a loss that is the same; no smooth function leads the search to one on purpose."""
    wolfe = Wolfe(Point(0, 0.0, NOTHING, -1.0))
    (before, point), left = bracket(line_that_stays_at(-0.1), wolfe, 0.03, 5)
    assert before.loss == point.loss == -0.1
    assert left == 3
    low, high = Point(1, -1.0, NOTHING, -1.0), Point(2, 1.0, NOTHING, 1.0)
    assert zoom(lambda t: Point(t, -1.0, NOTHING, 0.0), wolfe, (low, high), 1, 1.0) is low


def test_a_tenth_of_the_bracket_is_far_enough_from_its_end():
    def parabola(t):
        return Point(t, (t - 1) ** 2, NOTHING, np.float32(2 * (t - 1)))

    t, crowded = safeguarded(parabola(0.0), parabola(10.0), crowded=False)
    assert (t, type(t), crowded) == (1, float, False)  # whatever the type of the slopes
