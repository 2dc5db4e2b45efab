"""The absolute loss is torch's: values, gradients, graph, warnings and refusals."""

import warnings

import numpy as np
import pytest
import torch

import minigrad

from .on_both import on_both


def graph(node):
    return node and (node.name(), [graph(next_node) for next_node, _ in node.next_functions])


def outcome(engine, program):
    """What a program returns, or the type of what it raises, and the types of its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = program(engine)
        except Exception as error:
            result = type(error)
    return result, [warning.category for warning in caught]


def loss_and_gradients(engine, input_shape, target_shape, **settings):
    rng = np.random.default_rng(0)
    input = engine.tensor(rng.normal(size=input_shape), requires_grad=True)
    target = engine.tensor(rng.normal(size=target_shape), requires_grad=True)
    loss = engine.nn.functional.l1_loss(input, target, **settings)
    loss.backward(engine.ones_like(loss))
    numbers = [t.detach().numpy().round(12).tolist() for t in (loss, input.grad, target.grad)]
    # Where shapes differ, torch expands first; here the subtraction broadcasts, and has no nodes for that.
    return numbers, graph(loss.grad_fn) if input_shape == target_shape else None


@pytest.mark.parametrize(
    "settings", [{}, {"reduction": "none"}, {"reduction": "sum"}, {"size_average": False}, {"reduce": False}]
)
@pytest.mark.parametrize("shapes", [((3, 2), (3, 2)), ((), ()), ((3, 1), (3,)), ((0,), (0,))])
def test_like_torch(settings, shapes):
    expected = outcome(torch, lambda e: str(loss_and_gradients(e, *shapes, **settings)))
    assert isinstance(expected[0], str)
    assert outcome(minigrad, lambda e: str(loss_and_gradients(e, *shapes, **settings))) == expected


@pytest.mark.parametrize(
    "program",
    [
        lambda e: e.nn.functional.l1_loss(e.ones(2), e.ones(2), reduction="average"),
        lambda e: e.nn.functional.l1_loss(e.ones(2), e.ones(3)),
        lambda e: str(e.nn.L1Loss(reduction="sum")(e.ones(2), e.zeros(2))) + str(e.nn.L1Loss()),
    ],
)
def test_refusals_and_the_module_like_torch(program):
    assert outcome(minigrad, program)[0] == outcome(torch, program)[0]


@on_both
def test_the_warning_of_a_loss_that_broadcasts_names_the_line_that_called_it(torch):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
            getattr(torch.nn.functional, name)(torch.ones(3, 1), torch.ones(3))
    return [(warning.category.__name__, warning.filename, warning.lineno) for warning in caught]
