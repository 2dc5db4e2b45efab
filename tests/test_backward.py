"""Every argument of autograd.backward, Tensor.backward and autograd.grad does what it does in torch."""

from typing import Any

import pytest

from .on_both import on_both, raised

# torch warns that a gradient and its leaf then hold each other.
CYCLE = pytest.mark.filterwarnings("ignore:.*backward.*create_graph=True")


@on_both
def test_a_gradient_for_each_element(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * x).backward(torch.tensor([10.0, 100.0]))
    return x.grad


@on_both
def test_a_root_of_one_element_needs_no_gradient(torch: Any) -> Any:
    x = torch.tensor([[3.0]], requires_grad=True)
    (x * x).backward()
    return x.grad


@on_both
def test_several_roots(torch: Any) -> Any:
    x, y = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 4.0], requires_grad=True)
    torch.autograd.backward([(x * y).sum(), x * 2, y.sum()], [None, torch.tensor([5.0, 7.0]), torch.tensor(9.0)])
    return x.grad, y.grad


@on_both
def test_the_same_root_twice(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    torch.autograd.backward([y, y])
    return x.grad


@on_both
def test_a_root_that_is_part_of_another(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    torch.autograd.backward([y, y * y])
    return x.grad


@on_both
def test_a_leaf_among_the_roots(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    torch.autograd.backward([x, x * x])
    return x.grad


@on_both
def test_a_single_tensor_for_every_argument(torch: Any) -> Any:
    x = torch.tensor([3.0, 4.0], requires_grad=True)
    y = x * x
    torch.autograd.backward(y, torch.tensor([1.0, 2.0]), inputs=x)
    return x.grad, torch.autograd.grad(x * 5, x, torch.tensor([1.0, 2.0]))


@on_both
def test_inputs_limit_what_accumulates(torch: Any) -> Any:
    x, y = torch.tensor(3.0, requires_grad=True), torch.tensor(4.0, requires_grad=True)
    (x * y).backward(inputs=[x])
    return x.grad, y.grad


@on_both
def test_an_intermediate_result_among_the_inputs(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    (y * 2).backward(inputs=[y])
    with pytest.warns(UserWarning, match=r"\.grad") if not y.retains_grad else pytest.MonkeyPatch.context():
        return y.grad, x.grad


@on_both
def test_inputs_on_one_path_inside_another(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    z = y * y
    return torch.autograd.grad(z, [x, y, z], allow_unused=True)


@on_both
def test_the_same_input_twice(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    return torch.autograd.grad(x * x, [x, x])


@on_both
def test_grad_leaves_every_grad_alone(torch: Any) -> Any:
    x, y = torch.tensor(3.0, requires_grad=True), torch.tensor(4.0, requires_grad=True)
    found = torch.autograd.grad(x * y, [y, x])
    return found, x.grad, y.grad


@on_both
def test_several_outputs_and_grad_outputs(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    return torch.autograd.grad([x * x, x.sum()], x, [torch.tensor([1.0, 10.0]), None])


@on_both
def test_unused_inputs(torch: Any) -> Any:
    def graph() -> Any:
        x, unused = torch.tensor(3.0, requires_grad=True), torch.tensor([1.0, 2.0], requires_grad=True)
        return x * x, [x, unused]

    return [
        raised(lambda: torch.autograd.grad(*graph())),
        raised(lambda: torch.autograd.grad(*graph(), allow_unused=False)),
        torch.autograd.grad(*graph(), allow_unused=True),
        torch.autograd.grad(*graph(), materialize_grads=True),
        torch.autograd.grad(*graph(), allow_unused=True, materialize_grads=True),
        raised(lambda: torch.autograd.grad(*graph(), allow_unused=False, materialize_grads=True)),
    ]


@CYCLE
@on_both
def test_retain_graph(torch: Any) -> Any:
    def passes(**options: Any) -> tuple[Any, Any]:
        x = torch.tensor(3.0, requires_grad=True)
        y = x * x
        y.backward(**options)
        return raised(y.backward), x.grad

    return [
        passes(),
        passes(retain_graph=False),
        passes(retain_graph=True),
        passes(create_graph=True),
        passes(create_graph=True, retain_graph=False),
    ]


@on_both
def test_additions_alone_can_be_gone_through_again(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    y = x + x + 1
    y.backward()
    y.backward()
    return x.grad


@on_both
def test_a_part_that_was_not_needed_is_not_freed(torch: Any) -> Any:
    x, y = torch.tensor(3.0, requires_grad=True), torch.tensor(4.0, requires_grad=True)
    a, b = x * x, y * y
    loss = a + b
    first = torch.autograd.grad(loss, x)
    return first, torch.autograd.grad(loss, y), raised(lambda: torch.autograd.grad(loss, x))


@on_both
def test_a_captured_result_does_not_run_its_node(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    return torch.autograd.grad(y * y, y), torch.autograd.grad(y, x), raised(lambda: torch.autograd.grad(y, x))


@on_both
def test_two_losses_with_a_common_part(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    common = x * x
    (common * 2).backward(retain_graph=True)
    first = x.grad.clone()
    (common * 5).backward()
    return first, x.grad


@on_both
def test_create_graph_gives_a_gradient_with_history(torch: Any) -> Any:
    x = torch.tensor(2.0, requires_grad=True)
    slopes, y = [], x**4
    for _ in range(5):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        slopes.append((y, y.requires_grad))
        if not y.requires_grad:
            break
    return slopes


@on_both
def test_without_create_graph_a_gradient_has_no_history(torch: Any) -> Any:
    x = torch.tensor(2.0, requires_grad=True)
    (slope,) = torch.autograd.grad(x**4, x)
    return slope, slope.requires_grad, slope.grad_fn


@on_both
def test_differentiating_with_respect_to_the_given_gradient(torch: Any) -> Any:
    """The transpose of the transpose: a Jacobian times a vector out of two passes back."""
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    v = torch.tensor([1.0, 1.0, 1.0], requires_grad=True)
    (g,) = torch.autograd.grad(x**2, x, v, create_graph=True)
    return torch.autograd.grad(g, v, torch.tensor([1.0, 10.0, 100.0]))


@on_both
def test_a_hessian_row_by_row(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
    (g,) = torch.autograd.grad((x[0] * x[1] * x[2] + x[0] ** 3), x, create_graph=True)
    return [torch.autograd.grad(g[i], x, retain_graph=True)[0] for i in range(3)]


@CYCLE
@on_both
def test_backward_with_create_graph_then_again(torch: Any) -> Any:
    x = torch.tensor(2.0, requires_grad=True)
    (x**3).backward(create_graph=True)
    (second,) = torch.autograd.grad(x.grad, x)
    return second, x.grad.requires_grad


@on_both
def test_a_gradient_given_in_another_dtype_is_cast(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * x).backward(torch.tensor([1.0, 3.0], dtype=torch.float64))
    return x.grad


@on_both
def test_the_gradient_of_a_narrower_operand_is_cast(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    wide = (y * torch.tensor([1 / 3, 1 / 7], dtype=torch.float64)).sum()
    return torch.autograd.grad(wide, [x, y])


@on_both
def test_an_empty_tensor_has_an_empty_gradient(torch: Any) -> Any:
    x = torch.zeros(0, 3, requires_grad=True)
    (x * 2).sum().backward()
    return x.grad


@on_both
def test_a_kernel_called_inside_a_hook_runs_another_pass(torch: Any) -> Any:
    seen = []

    def hook(grad: Any) -> None:
        with torch.enable_grad():
            z = torch.tensor(5.0, requires_grad=True)
            (z * z).backward()
            seen.append(z.grad.item())

    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    y.register_hook(hook)
    (y * 2).backward()
    return seen, x.grad


@on_both
def test_arguments_that_are_no_tensors(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * 2).backward([torch.ones(2)])
    calls = [
        lambda: torch.autograd.grad(x.sum(), [3]),
        lambda: torch.autograd.grad(x.sum(), "x"),
        lambda: x.sum().backward(inputs=[3]),
        lambda: torch.autograd.backward(3.0),
        lambda: (x * 2).backward(2.0),
        lambda: torch.autograd.grad((x * x).sum(), (each for each in [x])),
    ]
    return x.grad, [raised(call) for call in calls]


@on_both
def test_only_inputs_is_ignored_with_a_warning(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with pytest.warns(FutureWarning, match="only_inputs"):
        return torch.autograd.grad((x * x).sum(), x, only_inputs=False), x.grad
