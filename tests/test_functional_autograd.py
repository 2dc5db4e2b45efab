"""autograd.functional gives torch's values, shapes, nesting of tuples, graphs and exception types."""

from typing import Any

import pytest

import minigrad

from .on_both import on_both, raised


def vector(torch: Any, *values: float, requires_grad: bool = False) -> Any:
    return torch.tensor(values, dtype=torch.float64, requires_grad=requires_grad)


def nesting(value: Any) -> Any:
    """The tuples around tensors: what is the same under both engines, and not compared by the values alone."""
    return [nesting(each) for each in value] if isinstance(value, tuple) else "tensor"


def with_nesting(value: Any) -> Any:
    return nesting(value), value


def cubic(x: Any, y: Any) -> Any:
    return (x * x * x * y).sum()


def pair(x: Any, y: Any) -> Any:
    return x * y.sum(), (x * x).sum()


@on_both
def test_jacobian_of_one_input_and_one_output(torch: Any) -> Any:
    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    found = torch.autograd.functional.jacobian(lambda x: x * x.sum(1, keepdim=True), x)
    return nesting(found), list(found.shape), found


@on_both
def test_jacobian_nesting(torch: Any) -> Any:
    jacobian = torch.autograd.functional.jacobian
    x, y = vector(torch, 1, 2), vector(torch, 3, 4, 5)
    return [
        with_nesting(jacobian(lambda x: x * x, x)),
        with_nesting(jacobian(lambda x: x * x, (x,))),
        with_nesting(jacobian(lambda x: (x * x,), x)),
        with_nesting(jacobian(lambda x: (x * x, x.sum()), x)),
        with_nesting(jacobian(cubic, (x, vector(torch, 3, 4)))),
        with_nesting(jacobian(pair, (x, y))),
    ]


@on_both
def test_jacobian_of_a_0_dim_input(torch: Any) -> Any:
    return torch.autograd.functional.jacobian(lambda x: x * torch.tensor([1.0, 2.0]), torch.tensor(3.0))


@on_both
def test_jacobian_is_zero_where_nothing_depends(torch: Any) -> Any:
    x, y = vector(torch, 1, 2), vector(torch, 3, 4)
    return torch.autograd.functional.jacobian(lambda x, y: (x * 2, torch.tensor([7.0])), (x, y))


@on_both
def test_jacobian_with_create_graph_can_be_differentiated(torch: Any) -> Any:
    x = vector(torch, 1, 2, requires_grad=True)
    found = torch.autograd.functional.jacobian(lambda x: x * x * x, x, create_graph=True)
    return found, torch.autograd.grad(found.sum(), x)


@on_both
def test_what_the_function_captures_is_no_argument(torch: Any) -> Any:
    x = vector(torch, 1, 2, requires_grad=True)
    found = torch.autograd.functional.jacobian(lambda a: a * x, x)
    return found, found.requires_grad


@on_both
def test_under_no_grad(torch: Any) -> Any:
    x = vector(torch, 1, 2)
    functional = torch.autograd.functional
    with torch.no_grad():
        return [
            functional.jacobian(lambda x: x * x, x),
            functional.vjp(lambda x: x * x, x, vector(torch, 1, 1)),
            functional.jvp(lambda x: x * x, x, vector(torch, 1, 1)),
            functional.hvp(lambda x: (x * x * x).sum(), x, vector(torch, 1, 1)),
        ]


@on_both
def test_hessian_nesting(torch: Any) -> Any:
    hessian = torch.autograd.functional.hessian
    x, y = vector(torch, 1, 2), vector(torch, 3, 4)
    return [
        with_nesting(hessian(lambda x: (x * x * x).sum(), x)),
        with_nesting(hessian(lambda x: (x * x * x).sum(), (x,))),
        with_nesting(hessian(cubic, (x, y))),
        with_nesting(hessian(lambda x: (x * x).sum().reshape(1, 1), x)),
    ]


@on_both
def test_hessian_of_a_matrix(torch: Any) -> Any:
    found = torch.autograd.functional.hessian(lambda x: (x @ x).sum(), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    return list(found.shape), found


@on_both
def test_hessian_with_create_graph_can_be_differentiated(torch: Any) -> Any:
    x = vector(torch, 1, 2, requires_grad=True)
    found = torch.autograd.functional.hessian(lambda x: (x * x * x * x).sum(), x, create_graph=True)
    return found.detach(), torch.autograd.grad(found.sum(), x)


@on_both
def test_products_nesting(torch: Any) -> Any:
    f = torch.autograd.functional
    x, y = vector(torch, 1, 2), vector(torch, 3, 4)
    v = vector(torch, 10, 100), vector(torch, 1000, 10000)
    results = [
        f.vjp(pair, (x, y), (v[0], torch.tensor(7.0, dtype=torch.float64))),
        f.vjp(lambda x: x * x, x, v[0]),
        f.vjp(lambda x: (x * x,), (x,), (v[0],)),
        f.vjp(lambda x: x.sum(), x),
        f.jvp(pair, (x, y), v),
        f.jvp(lambda x: x * x, x, v[0]),
        f.jvp(lambda x: (x * 2, x * x), x[0].clone()),
        f.vhp(cubic, (x, y), v),
        f.vhp(lambda x: (x * x * x).sum(), x, v[0]),
        f.hvp(cubic, (x, y), v),
        f.hvp(lambda x: (x * x * x).sum(), (x,), (v[0],)),
        f.hvp(lambda x: x * x * x, x[0].clone()),
    ]
    return [with_nesting(result) for result in results]


@on_both
def test_products_give_zero_where_nothing_depends(torch: Any) -> Any:
    f = torch.autograd.functional
    x, y = vector(torch, 1, 2), vector(torch, 3, 4)
    return [
        f.vjp(lambda x, y: x * 2, (x, y), vector(torch, 1, 1)),
        f.jvp(lambda x, y: (x * 2, vector(torch, 7)), (x, y), (vector(torch, 1, 1), vector(torch, 1, 1))),
        f.vhp(lambda x, y: (x * 2).sum(), (x, y), (x, y)),
        f.hvp(lambda x, y: (x * 2).sum() + (y * y).sum(), (x, y), (x, y)),
    ]


@on_both
def test_products_with_create_graph_can_be_differentiated(torch: Any) -> Any:
    f = torch.autograd.functional
    found = []
    for product, func in [
        (f.vjp, lambda x: x * x * x),
        (f.jvp, lambda x: x * x * x),
        (f.vhp, lambda x: (x * x * x * x).sum()),
        (f.hvp, lambda x: (x * x * x * x).sum()),
    ]:
        x, v = vector(torch, 1, 2, requires_grad=True), vector(torch, 3, 5, requires_grad=True)
        value, result = product(func, x, v, create_graph=True)
        found.append([value.detach(), result.detach(), torch.autograd.grad(result.sum() + value.sum(), (x, v))])
    return found


@on_both
def test_results_have_no_history_without_create_graph(torch: Any) -> Any:
    f = torch.autograd.functional
    x = vector(torch, 1, 2, requires_grad=True)
    return f.vjp(lambda x: x * x, x, x), f.jvp(lambda x: x * x, x, x), f.hvp(lambda x: (x**3).sum(), x, x), x


# The programs that strict=True refuses, next to the same without it.
STRICT = [
    lambda f, v, x, y, **o: f.jacobian(lambda x, y: x * 2, (x, y), **o),
    lambda f, v, x, y, **o: f.jacobian(lambda x: v, x, **o),
    lambda f, v, x, y, **o: f.jacobian(lambda x: x * 2, x, create_graph=True, **o),
    lambda f, v, x, y, **o: f.hessian(lambda x: (x * 2).sum(), x, **o),
    lambda f, v, x, y, **o: f.hessian(lambda x, y: (x * x).sum() + y.sum(), (x, y), **o),
    lambda f, v, x, y, **o: f.hessian(lambda x, y: (x * x).sum() + (y * y).sum(), (x, y), **o),
    lambda f, v, x, y, **o: f.hessian(lambda x: (x * x).sum(), x, create_graph=True, **o),
    lambda f, v, x, y, **o: f.vjp(lambda x, y: x * 2, (x, y), v, **o),
    lambda f, v, x, y, **o: f.vjp(lambda x: v, x, v, **o),
    lambda f, v, x, y, **o: f.vjp(lambda x: x * 2, x, v, create_graph=True, **o),
    lambda f, v, x, y, **o: f.jvp(lambda x, y: x * 2, (x, y), (v, v), **o),
    lambda f, v, x, y, **o: f.jvp(lambda x: v, x, v, **o),
    lambda f, v, x, y, **o: f.jvp(lambda x: x * x, x, v, **o),
    lambda f, v, x, y, **o: f.vhp(lambda x: (x * 2).sum(), x, v, **o),
    lambda f, v, x, y, **o: f.vhp(lambda x, y: (x * x).sum(), (x, y), (v, v), **o),
    lambda f, v, x, y, **o: f.hvp(lambda x: (x * 2).sum(), x, v, **o),
    lambda f, v, x, y, **o: f.hvp(lambda x: (x * x).sum(), x, v, **o),
    lambda f, v, x, y, **o: f.hvp(lambda x, y: (x * x).sum() + (y * y).sum(), (x, y), (v, v), **o),
]


@on_both
def test_strict(torch: Any) -> Any:
    found = []
    for case in STRICT:
        for strict in (False, True):
            x, y = vector(torch, 1, 2, requires_grad=True), vector(torch, 3, 4, requires_grad=True)
            found.append(raised(lambda: case(torch.autograd.functional, vector(torch, 5, 6), x, y, strict=strict)))  # noqa: B023
    return found


@on_both
def test_refusals(torch: Any) -> Any:
    f = torch.autograd.functional
    x = vector(torch, 1, 2)
    calls = [
        lambda: f.jacobian(lambda x: x, [x]),
        lambda: f.jacobian(lambda x: 2.0, x),
        lambda: f.jacobian(lambda x: [x], x),
        lambda: f.jacobian(lambda x: x, 3.0),
        lambda: f.jacobian(lambda x: x * 2, torch.tensor([1, 2])),
        lambda: f.jacobian(lambda x: x[:0], x),
        lambda: f.jacobian(lambda x: x, x, strategy="sideways"),
        lambda: f.jacobian(lambda x: x, x, strategy="forward-mode"),
        lambda: f.hessian(lambda x: x * x, x),
        lambda: f.hessian(lambda x: (x.sum(), x.sum()), x),
        lambda: f.hessian(lambda x: x.sum(), [x]),
        lambda: f.vjp(lambda x: x * x, x),
        lambda: f.vjp(lambda x: x * x, x, vector(torch, 1)),
        lambda: f.vjp(lambda x: x * x, x, (x, x)),
        lambda: f.vjp(lambda x: x * x, x, 1.0),
        lambda: f.jvp(lambda x: x * x, x),
        lambda: f.jvp(lambda x: x.sum(), x, vector(torch, 1)),
        lambda: f.vhp(lambda x: x * x, x, x),
        lambda: f.vhp(lambda x: (x.sum(),), x, x),
        lambda: f.hvp(lambda x: x.sum(), x),
    ]
    return [raised(call) for call in calls]


def test_vectorize_is_refused_with_what_to_do() -> None:
    x = minigrad.tensor([1.0, 2.0])
    with pytest.raises(NotImplementedError, match="leave out vectorize=True"):
        minigrad.autograd.functional.jacobian(lambda x: x * x, x, vectorize=True)
    with pytest.raises(NotImplementedError, match="leave out vectorize=True"):
        minigrad.autograd.functional.hessian(lambda x: (x * x).sum(), x, vectorize=True)


def test_messages_name_the_shapes() -> None:
    x = minigrad.tensor([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"v has the shapes \[\[1\]\], but it needs \[\[2\]\]"):
        minigrad.autograd.functional.jvp(lambda x: x * x, x, minigrad.tensor([1.0]))
    with pytest.raises(RuntimeError, match=r"one tensor of one element.*\[\[2\]\]"):
        minigrad.autograd.functional.hessian(lambda x: x * x, x)
