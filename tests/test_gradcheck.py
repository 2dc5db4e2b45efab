"""gradcheck and gradgradcheck pass and fail as torch's do, and say which element is off."""

from typing import Any

import pytest

import minigrad
from minigrad.autograd import Function, gradcheck, gradgradcheck
from minigrad.autograd.gradcheck import GradcheckError

from .on_both import on_both, raised

# torch announces that its check of undefined gradients is new, before it raises.
NEW_CHECK = pytest.mark.filterwarnings("ignore:Backwards compatibility")


def vector(torch: Any, *values: float, requires_grad: bool = True) -> Any:
    return torch.tensor(values, dtype=torch.float64, requires_grad=requires_grad)


def cube(torch: Any, derivative: Any) -> Any:
    """An operation x ** 3 with a derivative of the test's choice."""

    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return derivative(grad, x)

    return Cube.apply


@on_both
def test_what_passes(torch: Any) -> Any:
    check = torch.autograd.gradcheck
    x, y = vector(torch, 1, 2, 3), vector(torch, 4, 5, 6)
    constant = vector(torch, 7, 8, 9, requires_grad=False)
    return [
        check(lambda x: x * x, x),
        check(lambda x: x * x, (x,)),
        check(lambda x: x * x, [x]),
        check(lambda x, y: (x * y, y.sum()), (x, y)),
        check(lambda x, c: x * c, (x, constant)),
        check(lambda x, power: x**power, (x, 3)),
        check(lambda x, y: x.sum(), (x, y)),
        check(lambda x: (x * x, constant), x),
        check(lambda x: [x * x, x], x),
        check(lambda x: constant, x),
        check(lambda x: x.tanh().reshape(1, 3).t(), x),
        check(lambda x: (x * x).sum(), vector(torch, 5).reshape(()).detach().requires_grad_()),
        check(lambda x: x * x, torch.ones(0, 3, dtype=torch.float64, requires_grad=True)),
        check(lambda x: x * x, torch.ones(2, 3, dtype=torch.float64).t().requires_grad_()),
        check(cube(torch, lambda grad, x: grad * 3 * x * x), x),
        x.grad,
        x.detach(),
        x._version,
    ]


@NEW_CHECK
@on_both
def test_what_fails(torch: Any) -> Any:
    check = torch.autograd.gradcheck
    x = vector(torch, 1, 2, 3)
    calls = 0

    def drifting(grad: Any, x: Any) -> Any:
        nonlocal calls
        calls += 1
        return grad * (3 * x * x + calls * 1e-9)

    found = []
    for derivative in [
        lambda grad, x: grad * 2 * x * x,
        lambda grad, x: None,
        lambda grad, x: grad * (3 * x * x + torch.tensor([0.0, 0.0, 1e-2])),
        lambda grad, x: grad * x * float("nan"),
        drifting,
    ]:
        func = cube(torch, derivative)
        found += [raised(lambda: check(func, x)), check(func, x, raise_exception=False)]  # noqa: B023
    return found


@NEW_CHECK
@on_both
def test_backward_must_multiply_by_what_arrives(torch: Any) -> Any:
    x = vector(torch, 2).reshape(()).detach().requires_grad_()
    return raised(lambda: torch.autograd.gradcheck(cube(torch, lambda grad, x: 3 * x * x), x))


@NEW_CHECK
@on_both
def test_gradients_that_never_came(torch: Any) -> Any:
    class Both(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, first: Any, second: Any) -> Any:
            if first is None or second is None:
                raise RuntimeError("one is missing")
            return first * 2 + second * 3

    x = vector(torch, 1, 2)
    check = torch.autograd.gradcheck
    return raised(lambda: check(Both.apply, x)), raised(lambda: check(Both.apply, x, check_undefined_grad=False))


@on_both
def test_tolerances(torch: Any) -> Any:
    x = vector(torch, 1, 2)
    nearly = cube(torch, lambda grad, x: grad * 3 * x * x * 1.01)
    check = torch.autograd.gradcheck
    return [
        check(nearly, x, raise_exception=False),
        check(nearly, x, rtol=0.02),
        check(nearly, x, atol=0.2),
        check(lambda x: x * x * x, x, eps=0.1, raise_exception=False),
        check(lambda x: x * x * x, x, eps=0.1, atol=0.02),
    ]


@on_both
def test_nondeterminism_within_its_tolerance(torch: Any) -> Any:
    calls = 0

    def drifting(grad: Any, x: Any) -> Any:
        nonlocal calls
        calls += 1
        return grad * (3 * x * x + calls * 1e-9)

    check = torch.autograd.gradcheck
    func, x = cube(torch, drifting), vector(torch, 1, 2)
    return raised(lambda: check(func, x)), raised(lambda: check(func, x, nondet_tol=1e-6))


@on_both
def test_a_history_that_is_lost(torch: Any) -> Any:
    x = vector(torch, 1, 2)
    return raised(lambda: torch.autograd.gradcheck(lambda x: x.detach() * 2, x))


@on_both
def test_inputs_that_cannot_be_checked(torch: Any) -> Any:
    check = torch.autograd.gradcheck
    x = vector(torch, 1)
    return [
        raised(lambda: check(lambda x: x * 2, x.detach())),
        raised(lambda: check(lambda x: x * 2, ())),
        raised(lambda: check(lambda x: x * 2, x.expand(3))),
        raised(lambda: check(lambda x: x * 2, torch.ones(2, requires_grad=True))),  # pytest makes the warning an error
    ]


@pytest.mark.filterwarnings("ignore:.*double precision", "ignore:gradcheck. input 0 is float32")
@on_both
def test_float32_has_too_few_digits(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    return raised(lambda: torch.autograd.gradcheck(lambda x: x * x * x, x))


@on_both
def test_second_derivatives(torch: Any) -> Any:
    check = torch.autograd.gradgradcheck
    x, y = vector(torch, 1, 2, 3), vector(torch, 4, 5, 6)
    constant = vector(torch, 7, 8, 9, requires_grad=False)
    begin = vector(torch, 1, 0, 2)
    return [
        check(lambda x: x * x * x, x),
        check(lambda x, y: (x * y).sum(), (x, y)),
        check(lambda x, c: x * c, (x, constant)),
        check(lambda x: (x * x, x.sum()), x),
        check(lambda x: x * x * x, x, begin),
        check(lambda x: x * x * x, (x,), (begin,)),
        check(cube(torch, lambda grad, x: grad * 3 * x * x), x),
        check(cube(torch, lambda grad, x: grad * 3 * (x * x).detach()), x, raise_exception=False),
        raised(lambda: check(cube(torch, lambda grad, x: grad * 3 * (x * x).detach()), x)),
        raised(lambda: check(lambda x: x * 2, x.detach())),
    ]


# --- what the report says -----------------------------------------------------------------------------------------------


class Scale(Function):
    """x * 2, y * 3, with a derivative that is wrong for one element of y."""

    @staticmethod
    def forward(ctx: Any, x: Any, y: Any) -> Any:
        return x * 2, y * 3

    @staticmethod
    def backward(ctx: Any, of_x: Any, of_y: Any) -> Any:
        return of_x * 2, of_y * minigrad.tensor([[3.0, 3.0], [4.0, 3.0]])


def test_report_names_input_output_element_values_node_and_line() -> None:
    x = minigrad.ones(2, dtype=minigrad.float64, requires_grad=True)
    y = minigrad.ones(2, 2, dtype=minigrad.float64, requires_grad=True)
    with pytest.raises(GradcheckError) as caught:
        gradcheck(lambda x, y: Scale.apply(x, y), (x, y))
    report = str(caught.value)
    assert "output 1 with respect to input 1 is wrong at 1 of 16 places" in report
    assert "d output[1, 0] / d input[1, 0]: analytical 4, numerical 3" in report
    assert "made by:  ScaleBackward at test_gradcheck.py" in report
    assert "gradcheck(lambda x, y: Scale.apply(x, y), (x, y))" in report


def test_report_counts_every_wrong_place() -> None:
    x = vector(minigrad, 1, 2, 3)
    with pytest.raises(GradcheckError, match="wrong at 3 of 9 places"):
        gradcheck(cube(minigrad, lambda grad, x: grad * 2 * x * x), x)


def test_gradcheck_error_is_a_runtime_error() -> None:
    assert issubclass(GradcheckError, RuntimeError)


def test_the_inputs_are_left_as_they_were() -> None:
    x = vector(minigrad, 1, 2, 3)
    gradcheck(lambda x: x * x, x)
    gradgradcheck(lambda x: x * x * x, x)
    assert x.tolist() == [1, 2, 3]
    assert (x._version, x.grad) == (0, None)
    with pytest.raises(ZeroDivisionError):
        gradcheck(lambda x: x * 1 if x.tolist() == [1, 2, 3] else 1 / 0, x)
    assert x.tolist() == [1, 2, 3]
