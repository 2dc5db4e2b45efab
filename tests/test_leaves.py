"""Leaves, results, and what each of them knows: is_leaf, requires_grad, grad, retain_grad, detach, data, accumulation."""

from typing import Any

import pytest

from .on_both import on_both, raised


@on_both
def test_what_is_a_leaf(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    plain = torch.tensor([1.0, 2.0])
    results = [x, plain, x * 2, plain * 2, x.detach(), x.data, (x * 2).detach(), x.clone(), plain.clone(), x.view(2), x[0]]
    return [(t.is_leaf, t.requires_grad, t.grad_fn is None, t.output_nr) for t in results]


@on_both
def test_a_result_of_no_grad_is_a_leaf(torch: Any) -> Any:
    x = torch.tensor([1.0], requires_grad=True)
    with torch.no_grad():
        y = x * 2
    return y.is_leaf, y.requires_grad, y.grad_fn


@on_both
def test_grad_is_none_until_backward_and_accumulates(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    seen = [x.grad]
    for _ in range(3):
        (x * x).sum().backward()
        seen.append(x.grad.tolist())
    x.grad = None
    seen.append(x.grad)
    (x * x).sum().backward()
    return seen, x.grad


@on_both
def test_grad_is_the_same_tensor_while_it_accumulates(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    return first is x.grad, first, first.requires_grad, first.grad_fn


# torch warns that the gradient and its leaf then hold each other.
@pytest.mark.filterwarnings("ignore:.*backward.*create_graph=True")
@on_both
def test_grad_accumulated_with_create_graph_is_a_new_tensor(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x**3).sum().backward(create_graph=True)
    first = x.grad
    (x**3).sum().backward(create_graph=True)
    return first is x.grad, first.tolist(), x.grad.tolist(), first.requires_grad, x.grad.requires_grad


@on_both
def test_zeroing_grad_in_place(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    returned = x.grad.zero_()
    zeroed = returned is x.grad, x.grad.tolist()
    (x * x).sum().backward()
    return zeroed, x.grad


@on_both
def test_a_leaf_that_is_no_root_of_anything_keeps_none(torch: Any) -> Any:
    x = torch.tensor([1.0], requires_grad=True)
    unused = torch.tensor([1.0], requires_grad=True)
    (x * 2).sum().backward()
    return unused.grad, x.grad


@on_both
def test_reading_grad_of_a_result_warns_and_gives_none(torch: Any) -> Any:
    x = torch.tensor([1.0], requires_grad=True)
    y = x * 2
    y.sum().backward()
    with pytest.warns(UserWarning, match=r"\.grad"):
        return y.grad


@on_both
def test_retain_grad(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    before = y.retains_grad, x.retains_grad
    y.retain_grad()
    y.retain_grad()
    x.retain_grad()
    (y * y).sum().backward()
    return before, y.retains_grad, x.retains_grad, y.grad, x.grad


@on_both
def test_retained_grad_accumulates_over_passes(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.retain_grad()
    loss = (y * y).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    return y.grad, x.grad


@on_both
def test_retain_grad_of_the_root(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (x * x).sum()
    loss.retain_grad()
    loss.backward()
    return loss.grad, x.grad


@on_both
def test_retain_grad_gets_the_sum_of_all_paths(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.retain_grad()
    (y.exp() * 0 + y * y + y).sum().backward()
    return y.grad


@on_both
def test_requires_grad_in_place(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0])
    returned = x.requires_grad_()
    on = returned is x, x.requires_grad
    y = (x * x).sum()
    x.requires_grad_(False)
    y.backward()
    return on, x.requires_grad, x.grad, (x * 2).requires_grad


@on_both
def test_requires_grad_is_inherited_by_results(torch: Any) -> Any:
    x, y = torch.tensor([1.0], requires_grad=True), torch.tensor([2.0])
    return [
        (x + y).requires_grad,
        (y + y).requires_grad,
        (y + 1).requires_grad,
        (1 - x).requires_grad,
        (x > y).requires_grad,
    ]


@on_both
def test_detach_shares_memory_and_version(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    d = x.detach()
    d.zero_()
    return x.tolist(), x._version, d._version, d.requires_grad


@on_both
def test_data_shares_memory_but_not_the_version(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    x.data.zero_()
    return x.tolist(), x._version, x.requires_grad


@on_both
def test_assigning_data(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    x.data = torch.tensor([5.0, 6.0, 7.0])
    (x * x).sum().backward()
    return x.tolist(), x.grad, x.is_leaf, x.requires_grad


@on_both
def test_assigning_data_of_another_shape_between_the_passes(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = (x * 2).sum()
    x.data = torch.ones(3, dtype=torch.float64)
    y.backward()
    return x.grad, raised(lambda: (x * 2).sum().backward()), x.grad


@on_both
def test_a_pass_that_begins_at_a_leaf_of_which_the_graph_knows_another_shape(torch: Any) -> Any:
    x = torch.ones(2, 3, requires_grad=True)
    graph = x * 2
    x.data = torch.ones(4)
    return raised(lambda: x.backward(torch.ones(4))), x.grad, graph


@on_both
def test_requires_grad_takes_a_truth_value(torch: Any) -> Any:
    return raised(lambda: setattr(torch.ones(1), "requires_grad", "False"))


@on_both
def test_editing_data_goes_unnoticed(torch: Any) -> Any:
    """The gradient is silently wrong, in torch as here: 20 instead of 6."""
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    x.data.fill_(10.0)
    y.backward()
    return x.grad


@on_both
def test_a_detached_branch_gets_no_gradient(torch: Any) -> Any:
    x = torch.tensor([2.0], requires_grad=True)
    (x * x.detach()).sum().backward()
    return x.grad


@on_both
def test_grad_can_be_assigned(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    given = torch.tensor([10.0, 20.0])
    x.grad = given
    same = x.grad is given
    (x * 1).sum().backward()
    return same, x.grad, given


@on_both
def test_grad_of_a_leaf_in_another_layout(torch: Any) -> Any:
    """The gradient lies in memory as its leaf does."""
    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).t().detach().requires_grad_()
    (x * torch.tensor([1.0, 10.0])).sum().backward()
    return x.grad, x.grad.stride()


@on_both
def test_a_leaf_used_as_root(torch: Any) -> Any:
    x = torch.tensor(3.0, requires_grad=True)
    x.backward()
    x.backward(torch.tensor(5.0))
    return x.grad


@on_both
def test_gradient_flows_through_an_integer_cast_nowhere(torch: Any) -> Any:
    x = torch.tensor([1.5], requires_grad=True)
    y = x.to(torch.int64)
    return y.requires_grad, y.tolist()


@on_both
def test_gradient_arrives_in_the_dtype_of_the_leaf(torch: Any) -> Any:
    x = torch.tensor([1.5, 2.5], requires_grad=True)
    y = torch.tensor([3.0, 4.0], dtype=torch.float64, requires_grad=True)
    (x * y).sum().backward()
    return x.grad, y.grad


# --- the first gradient that arrives is memory of its own ---------------------------------------------------------------


@on_both
def test_the_first_gradient_is_no_view_of_a_repeated_number(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    x.sum().backward()
    x.grad[0].fill_(7.0)
    return x.grad


@on_both
def test_two_leaves_do_not_share_their_first_gradient(torch: Any) -> Any:
    x, y = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([1.0, 2.0], requires_grad=True)
    (x + y).backward(torch.tensor([3.0, 4.0]))
    x.grad.zero_()
    return x.grad, y.grad


@on_both
def test_the_gradient_given_by_the_caller_is_not_the_one_kept(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    given = torch.tensor([3.0, 4.0])
    x.backward(given)
    x.backward(given)
    return given, x.grad


@on_both
def test_a_retained_gradient_is_not_that_of_the_leaf(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x.clone()
    y.retain_grad()
    y.sum().backward()
    y.grad.zero_()
    return x.grad, y.grad
