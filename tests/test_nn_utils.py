"""nn.utils: clipped gradients and parameters as a vector, torch's in every norm, for nan, inf, nothing, and wrong arguments."""

import warnings
from typing import Any

import numpy as np
import pytest

import minigrad
from reference import both, compare

CLIP_NORM = [
    "[[3., 4.], [0.]], 1.", "[[3., 4.], [12.]], 1.", "[[3., 4.], [12.]], 100.", "[[3., 4.], [12.]], 5, 1", "[[3., 4.], [12.]], 5, float('inf')", "[[3., 4.], [12.]], 5, 'inf'",
    "[[3., 4.], [12.]], 5, -float('inf')", "[[3., 4.], [12.]], 2, 0", "[[3., 4.], [12.]], 2, 3", "[[3., 4.], [12.]], 2, 0.5", "[[3., 4.], [12.]], 2, -2", "[[3., 4.], [12.]], 0",
    "[[3., 4.], [12.]], -1", "[[3., 4.], [12.]], float('inf')", "[[3., 4.], [12.]], float('nan')", "[[3., 4.], [12.]], 'a'", "[[3., 4.], [12.]], 1, 'a'",
    "[[3., 4.], [12.]], torch.tensor(1.)", "[[3., float('nan')], [12.]], 1", "[[3., float('inf')], [12.]], 1", "[[3., -float('inf')], [12.]], 1",
    "[[3., float('nan')], [12.]], 1, 2., True", "[[3., float('inf')], [12.]], 1, 2., error_if_nonfinite=True", "[[3., float('inf')], [12.]], 1, float('inf')",
    "[[3., float('nan')], [12.]], 1, float('inf')", "[[3., float('inf')], [12.]], 1, 1", "[[0., 0.]], 1", "[], 1", "[None], 1", "[None, [3., 4.]], 1", "[[]], 1", "[[], [3.]], 1",
    "[[3., 4.], [12.]], 1, dtype='float64'", "[[3e30, 4e30], [12.]], 1", "[[3e-30, 4e-30]], 1", "[[3., 4.], [12.]], 1, dtype='float16'",
]  # fmt: skip
CLIP_VALUE = [
    "[[3., -4.], [12.]], 2", "[[3., -4.], [12.]], -1", "[[3., -4.], [12.]], float('inf')", "[[3., float('nan')], [float('inf')]], 2", "[[3., -4.], None], '2'",
    "[[3., -4.], None], 'a'", "[[]], 2",
]  # fmt: skip
CALLS = [
    "utils.clip_grad_norm_(torch.ones(2), 1.)", "utils.clip_grad_norm_([torch.ones(2)], 1.)", "utils.clip_grad_norm_(3, 1.)", "utils.clip_grad_norm_([3], 1.)",
    "utils.clip_grad_norm_(iter([torch.ones(2)]), 1.)", "utils.clip_grad_value_(3, 2)", "utils.parameters_to_vector([torch.ones(2, 3), torch.zeros(2)])",
    "utils.parameters_to_vector([nn.Parameter(torch.ones(2, 3)), nn.Parameter(torch.zeros(2))])", "utils.parameters_to_vector([])",
    "utils.parameters_to_vector(torch.ones(2))", "utils.parameters_to_vector(iter([torch.ones(2)]))", "utils.parameters_to_vector([torch.ones(2, 3).t()])",
    "utils.parameters_to_vector([torch.ones(())])", "utils.parameters_to_vector([torch.ones(0), torch.ones(2)])",
    "utils.parameters_to_vector([torch.ones(2, dtype=torch.float64), torch.ones(2)])", "utils.parameters_to_vector([3])", "utils.parameters_to_vector(3)",
    "utils.parameters_to_vector(nn.Linear(2, 3).parameters()).shape",
]  # fmt: skip
NEW_VECTORS = [
    "torch.arange(9.)", "torch.arange(12.)", "torch.arange(5.)", "torch.arange(9)", "torch.arange(9.0, dtype=torch.float64)", "torch.arange(9.).requires_grad_()",
    "torch.arange(18.)[::2]", "torch.arange(9.).view(3, 3)", "[1.]*9", "np.ones(9)", "3",
]  # fmt: skip


def parameters(torch: Any, gradients: list[list[float] | None], dtype: str) -> list[Any]:
    """A parameter for each gradient; None for a parameter that has none."""
    made = []
    for gradient in gradients:
        parameter = torch.nn.Parameter(torch.zeros(2 if gradient is None else len(gradient), dtype=getattr(torch, dtype)))
        if gradient is not None:
            parameter.grad = torch.tensor(gradient, dtype=getattr(torch, dtype))
        made.append(parameter)
    return made


def result(call: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return call()
        except Exception as error:
            return type(error).__name__


def clipped(torch: Any, name: str, gradients: Any, *arguments: Any, dtype: str = "float32", **options: Any) -> list[Any]:
    """What the function returns or raises, and the gradients after it."""
    made = parameters(torch, gradients, dtype)
    returned = result(lambda: getattr(torch.nn.utils, name)(made, *arguments, **options))
    return [returned, [parameter.grad for parameter in made]]


def evaluated(name: str, arguments: str) -> None:
    ours, theirs = both(
        lambda torch: eval(f"clipped(torch, name, {arguments})", {"clipped": clipped, "name": name, "torch": torch})
    )
    report = compare(ours, theirs, ulp=2)  # norms add and take roots in another order
    assert report, str(report)


@pytest.mark.parametrize("arguments", CLIP_NORM)
def test_clip_grad_norm(arguments: str) -> None:
    evaluated("clip_grad_norm_", arguments)


@pytest.mark.parametrize("arguments", CLIP_VALUE)
def test_clip_grad_value(arguments: str) -> None:
    evaluated("clip_grad_value_", arguments)


@pytest.mark.parametrize("code", CALLS)
def test_calls(code: str) -> None:
    report = compare(
        *both(lambda torch: result(lambda: eval(code, {"torch": torch, "nn": torch.nn, "utils": torch.nn.utils})))
    )
    assert report, str(report)


@pytest.mark.parametrize("vector", NEW_VECTORS)
def test_vector_to_parameters(vector: str) -> None:
    def program(torch: Any) -> list[Any]:
        made = [torch.nn.Parameter(torch.zeros(2, 3)), torch.nn.Parameter(torch.zeros(3))]
        given = eval(vector, {"torch": torch, "np": np})
        returned = result(lambda: torch.nn.utils.vector_to_parameters(given, made))
        return [returned, made] if returned is None else [returned]

    report = compare(*both(program))
    assert report, str(report)


def test_vector_and_parameters_share_memory_and_there_and_back_is_the_same() -> None:
    def program(torch: Any) -> list[Any]:
        model = torch.nn.Linear(2, 3)
        before = torch.nn.utils.parameters_to_vector(model.parameters())
        vector = torch.arange(9.0)
        torch.nn.utils.vector_to_parameters(vector, model.parameters())
        vector += 1
        seen = [parameter.clone() for parameter in model.parameters()]
        torch.nn.utils.vector_to_parameters(before.detach(), model.parameters())
        return [seen, torch.nn.utils.parameters_to_vector(model.parameters()).equal(before)]

    report = compare(*both(program))
    assert report, str(report)


@pytest.mark.parametrize(
    ("gradients", "arguments"), [([[3.0, float("nan")]], (1.0, 2.0, True)), ([[3.0, 4.0]], (1.0, "x")), ([[3.0]], ("x",))]
)
def test_a_refused_clip_changes_no_gradient(gradients: list[list[float]], arguments: tuple[Any, ...]) -> None:
    made = parameters(minigrad, gradients, "float64")
    with pytest.raises((RuntimeError, ValueError)):
        minigrad.nn.utils.clip_grad_norm_(made, *arguments)
    assert [str(parameter.grad.tolist()) for parameter in made] == [str(gradient) for gradient in gradients]
    assert made[0].grad._version == 0
