"""Values, dtypes, shapes and gradients of every operator are torch's, in every layout; so are second derivatives."""

from typing import Any

import pytest
import torch

from reference import both, compare

from .cases import DTYPES, LAYOUTS, Case, gradient_for, has_layout, leaves_of, output_of
from .tables import CASES

LAID_OUT = [
    pytest.param(case, layout, id=f"{case.name}-{layout}")
    for case in CASES
    for layout in LAYOUTS
    if has_layout(case, layout)
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("case", "layout"), LAID_OUT)
def test_value_and_gradients(case: Case, layout: str, dtype: str, device: torch.device) -> None:
    def program(torch: Any) -> dict[str, Any]:
        leaves = leaves_of(torch, case, dtype, layout)
        output = output_of(torch, case, leaves, layout)
        output.backward(gradient_for(torch, output, dtype))
        return {"output": output.detach(), "leaves": leaves}

    report = compare(*both(program, device=device), ulp=case.ulp, atol=case.atol(dtype))
    assert report, str(report)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_second_derivatives(case: Case, dtype: str, device: torch.device) -> None:
    """Differentiate the gradients, with respect to the inputs and to the gradient that they began with."""

    def program(torch: Any) -> dict[str, Any]:
        leaves = leaves_of(torch, case, dtype)
        output = output_of(torch, case, leaves)
        begin = gradient_for(torch, output, dtype, requires_grad=True)
        first = torch.autograd.grad(output, leaves, begin, create_graph=True)
        curved = [gradient for gradient in first if gradient.requires_grad]
        weights = [gradient_for(torch, gradient, dtype) for gradient in curved]
        second = torch.autograd.grad(curved, [*leaves, begin], weights, allow_unused=True) if curved else None
        return {"first": [gradient.detach() for gradient in first], "curved": len(curved), "second": second}

    report = compare(*both(program, device=device), ulp=case.second_ulp, atol=case.atol(dtype))
    assert report, str(report)
