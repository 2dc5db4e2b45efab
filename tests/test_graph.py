"""The graph is torch's: node names, edges, and what each node saved, of first and second order."""

from typing import Any

import pytest
import torch

import minigrad
from minigrad.study.protocol import short_name, walk
from reference.comparison import compare_graphs, compare_saved

from .cases import INDEXING, Case, gradient_for, leaves_of, output_of
from .tables import CASES

GRAPH_CASES = [case for case in CASES if case not in INDEXING]

# Fields that only torch saves, by the node that saves them, each with its reason.

# Cases whose gradient torch computes in other operations, of which the same numbers come out.
WRITTEN_OTHERWISE = {
    "cumprod with zeros": "torch writes the parts of the gradient into zeros one by one, minigrad joins them",
    "masked_select": "torch scatters the gradient by the mask, minigrad puts it at the mask's places",
    "masked_select 0-d": "as masked_select",
    "masked_select of nothing 0-d": "as masked_select",
    "masked_fill tensor": "as masked_select, for the gradient of the value",
    "masked_fill tensor 0-d": "as masked_select, for the gradient of the value",
    "trace": "torch fills a row of zeros at listed places, minigrad the diagonal of a matrix of zeros",
    "trace tall": "as trace",
    "layer_norm gradient of weight": "the second derivative of layer_norm, in which common parts are computed once",
}
GRADIENT_CASES = [case for case in GRAPH_CASES if case.name not in WRITTEN_OTHERWISE]

# What is saved otherwise in the graph of a gradient, each with its reason.
SAVED_OTHERWISE = {
    "(TanhBackwardBackward0) saved": "torch calls `output` what minigrad calls `result`, as the forward formula does",
    "(SigmoidBackwardBackward0) saved": "as tanh",
    "(ThresholdBackwardBackward0) saved": "minigrad has no threshold but 0",
    "(UnsqueezeBackward0)._saved_dim": "a dimension may be counted from either end",
    "(SliceBackward0)._saved_dim": "a dimension may be counted from either end",
    "(AsStridedBackward0) saved": "torch does not show the geometry of the tensor that the view is of",
}


def result_of(torch: Any, case: Case) -> Any:
    return output_of(torch, case, leaves_of(torch, case, "float64"))


@pytest.mark.parametrize("case", GRAPH_CASES, ids=lambda case: case.name)
def test_names_and_edges(case: Case) -> None:
    report = compare_graphs(result_of(minigrad, case), result_of(torch, case))
    assert report, str(report)


@pytest.mark.parametrize("case", GRAPH_CASES, ids=lambda case: case.name)
def test_saved_fields(case: Case) -> None:
    report = compare_saved(result_of(minigrad, case), result_of(torch, case), ulp=case.ulp)
    assert report, str(report)


def gradients_of(torch: Any, case: Case) -> Any:
    """The gradients of a case's leaves, with the graph that computed them."""
    leaves = leaves_of(torch, case, "float64")
    output = output_of(torch, case, leaves)
    begin = gradient_for(torch, output, "float64", requires_grad=True)
    return torch.autograd.grad(output, leaves, begin, create_graph=True)


@pytest.mark.parametrize("case", GRADIENT_CASES, ids=lambda case: case.name)
def test_names_and_edges_of_the_gradients(case: Case) -> None:
    for position, (ours, theirs) in enumerate(zip(gradients_of(minigrad, case), gradients_of(torch, case), strict=True)):
        report = compare_graphs(ours, theirs, where=f"gradient {position}")
        assert report, str(report)


@pytest.mark.parametrize("case", GRADIENT_CASES, ids=lambda case: case.name)
def test_saved_fields_of_the_gradients(case: Case) -> None:
    for ours, theirs in zip(gradients_of(minigrad, case), gradients_of(torch, case), strict=True):
        if theirs.grad_fn is not None:
            report = compare_saved(ours, theirs, ulp=max(case.ulp, case.second_ulp))
            differing = [finding for finding in report.findings if not finding.agrees]
            assert not [each for each in differing if not any(known in each.where for known in SAVED_OTHERWISE)]


def order_of_making(root: Any) -> list[str]:
    """The operators in the order in which they were called: what decides the order in which their nodes run."""
    made = [(number, node) for number, node in enumerate(walk(root)) if short_name(node) != "AccumulateGrad"]
    return [f"{number} {node.name()}" for number, node in sorted(made, key=lambda pair: pair[1]._sequence_nr())]


@pytest.mark.parametrize("case", GRADIENT_CASES, ids=lambda case: case.name)
def test_order_of_the_formulas_operators(case: Case) -> None:
    for ours, theirs in zip(gradients_of(minigrad, case), gradients_of(torch, case), strict=True):
        if theirs.grad_fn is not None:
            assert ours.grad_fn.name() == theirs.grad_fn.name()
            assert order_of_making(ours.grad_fn) == order_of_making(theirs.grad_fn)


# Operators of which only one argument requires grad: what the formulas of the others would need is not kept.
ONE_SIDED = {
    "mm": lambda torch, x, w: x @ w,
    "addmm": lambda torch, x, w: torch.addmm(x[0, :2], x, w),
    "addmm times alpha": lambda torch, x, w: torch.addmm(x[0, :2], x, w, alpha=2),
    "addmv": lambda torch, x, w: torch.addmv(x[0, :2], w.t(), x[0]),
    "bmm": lambda torch, x, w: x[None].bmm(w[None]),
    "mul": lambda torch, x, w: x[:, :2] * w[0],
    "div": lambda torch, x, w: x / w[:, 0],
    "pow": lambda torch, x, w: x.pow(w[:, 0]),
    "where": lambda torch, x, w: torch.where(x > 0, x, w[:, 0]),
    "cat": lambda torch, x, w: torch.cat([x, w.t()]),
    "lerp": lambda torch, x, w: torch.lerp(x, w[:, 0], 0.3),
    "layer_norm": lambda torch, x, w: torch.nn.functional.layer_norm(x, (3,), w[:, 0]),
}


@pytest.mark.parametrize("program", ONE_SIDED.values(), ids=ONE_SIDED)
def test_saved_fields_where_one_argument_requires_grad(program: Any) -> None:
    def result(torch: Any) -> Any:
        numbers = [[1.0, 2.0, 3.0], [2.0, 1.0, 1.0], [0.5, 0.25, 4.0], [1.0, 1.0, 2.0]]
        return program(torch, torch.tensor(numbers), torch.tensor([[1.0, 2.0], [3.0, 1.0], [2.0, 2.0]], requires_grad=True))

    report = compare_saved(result(minigrad), result(torch), ulp=4)  # the root of a variance
    assert report, str(report)
