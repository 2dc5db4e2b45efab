"""Torch's values, gradients, second derivatives, nodes and saved fields: of losses, dropout, embedding and layer norm."""

import pytest
import torch

from . import test_graph, test_operators
from .cases import DTYPES, LAYOUTS, Case, has_layout
from .loss_cases import CASES

LAID_OUT = [
    pytest.param(case, layout, id=f"{case.name}-{layout}")
    for case in CASES
    for layout in LAYOUTS
    if has_layout(case, layout)
]
of_each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("case", "layout"), LAID_OUT)
def test_value_and_gradients(case: Case, layout: str, dtype: str, device: torch.device) -> None:
    test_operators.test_value_and_gradients(case, layout, dtype, device)


@pytest.mark.parametrize("dtype", DTYPES)
@of_each_case
def test_second_derivatives(case: Case, dtype: str, device: torch.device) -> None:
    test_operators.test_second_derivatives(case, dtype, device)


@of_each_case
def test_names_and_edges(case: Case) -> None:
    test_graph.test_names_and_edges(case)


@of_each_case
def test_saved_fields(case: Case) -> None:
    test_graph.test_saved_fields(case)


@of_each_case
def test_names_and_edges_of_the_gradients(case: Case) -> None:
    test_graph.test_names_and_edges_of_the_gradients(case)


@of_each_case
def test_order_of_the_formulas_operators(case: Case) -> None:
    test_graph.test_order_of_the_formulas_operators(case)
