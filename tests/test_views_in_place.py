"""Views and changes in place: memory, versions, history, gradients and refusals are torch's."""

import gc
import weakref
from typing import Any

import pytest

import minigrad

from .on_both import on_both, raised


def leaf(torch: Any, *values: float) -> Any:
    return torch.tensor([float(value) for value in values], requires_grad=True)


def base_and_leaf(torch: Any) -> Any:
    """A result to take views of, and the leaf that its gradient ends in."""
    x = leaf(torch, 1, 2, 3, 4, 5, 6)
    return (x * 1).view(2, 3) * 1, x


def state(tensor: Any) -> list[Any]:
    """All that is compared of a tensor; the tensor itself brings the graph behind it."""
    return [
        tensor,
        tensor.detach().clone(),
        tensor._version,
        tensor._base is not None,
        tensor._is_view(),
        tensor.is_leaf,
        tensor.requires_grad,
        tensor.output_nr,
    ]


VIEWS = {
    "view": lambda t: t.view(3, 2),
    "view of the same shape": lambda t: t.view(2, 3),
    "reshape": lambda t: t.reshape(6),
    "t": lambda t: t.t(),
    "T": lambda t: t.T,
    "transpose": lambda t: t.transpose(0, 1),
    "permute": lambda t: t.permute(1, 0),
    "unsqueeze": lambda t: t.unsqueeze(1),
    "squeeze": lambda t: t.unsqueeze(1).squeeze(1),
    "squeeze all": lambda t: t.unsqueeze(0).squeeze(),
    "select": lambda t: t[1],
    "element": lambda t: t[0, 1],
    "slice": lambda t: t[:, 1:],
    "steps": lambda t: t[:, ::2],
    "newaxis": lambda t: t[None],
    "ellipsis": lambda t: t[...],
    "view of a view": lambda t: t[1:].t()[1:],
    "as_strided": lambda t: t.as_strided((2, 2), (3, 2), 0),
    "an empty part": lambda t: t[2:],
}

CHANGES = {
    "add_": lambda torch, t: t.add_(2),
    "add_ a tensor": lambda torch, t: t.add_(t.detach().clone(), alpha=2),
    "sub_": lambda torch, t: t.sub_(1),
    "mul_": lambda torch, t: t.mul_(3),
    "mul_ by itself": lambda torch, t: t.mul_(t),
    "div_": lambda torch, t: t.div_(2),
    "neg_": lambda torch, t: t.neg_(),
    "abs_": lambda torch, t: t.abs_(),
    "relu_": lambda torch, t: t.relu_(),
    "sqrt_": lambda torch, t: t.sqrt_(),
    "pow_": lambda torch, t: t.pow_(2),
    "zero_": lambda torch, t: t.zero_(),
    "fill_": lambda torch, t: t.fill_(7),
    "copy_": lambda torch, t: t.copy_(torch.ones_like(t) * 5),
}


# --- what a view is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_a_view(view: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, x = base_and_leaf(torch)
        part = VIEWS[view](base)
        (part * part).sum().backward()
        plain = VIEWS[view](torch.ones(2, 3))
        return state(part), part._base is base, state(plain), x.grad

    program(device)


@on_both
def test_a_view_of_a_view_has_the_first_base(torch: Any) -> Any:
    base, _ = base_and_leaf(torch)
    middle = base[1:]
    part = middle[:, 1:]
    return part._base is base, part._base is middle, base._base is None


@on_both
def test_copies_are_no_views(torch: Any) -> Any:
    base, _ = base_and_leaf(torch)
    copies = [base.clone(), base * 1, base[base > 2], base[[0, 1]], base.t().reshape(6), base.t().contiguous(), base.sum()]
    return [state(copy) for copy in copies], base.contiguous() is base, base.reshape(2, 3)._is_view()


@on_both
def test_a_view_of_a_plain_leaf(torch: Any) -> Any:
    x = torch.ones(3)
    part = x[1:]
    before = state(part), part.grad_fn
    part.mul_(2)
    return before, state(part), state(x)


@on_both
def test_views_share_memory_and_version(torch: Any) -> Any:
    base, _ = base_and_leaf(torch)
    part, other = base[0], base.t()
    base.mul_(2)
    part.add_(1)
    other.neg_()
    return [t.detach().clone() for t in (base, part, other)], base._version, part._version, other._version


# --- a change and its history -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_a_result(change: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, x = base_and_leaf(torch)
        returned = CHANGES[change](torch, base)
        found = returned is base, state(base)
        return found, raised((base * 10).sum().backward), x.grad

    program(device)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_a_view(change: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, x = base_and_leaf(torch)
        part = base[:, 1:]
        CHANGES[change](torch, part)
        found = state(base), state(part)
        return found, raised((base * 10).sum().backward), x.grad

    program(device)


@pytest.mark.parametrize("view", [name for name in VIEWS if name != "as_strided"])
def test_a_change_of_each_kind_of_view(view: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, x = base_and_leaf(torch)
        part = VIEWS[view](base)
        part.mul_(3)
        found = state(base), state(part)
        (base * 10).sum().backward(retain_graph=True)
        part.sum().backward()
        return found, x.grad

    program(device)


@pytest.mark.parametrize("view", [name for name in VIEWS if name != "as_strided"])
def test_a_change_of_the_base_of_each_kind_of_view(view: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, x = base_and_leaf(torch)
        part = VIEWS[view](base)
        base.mul_(3)
        found = state(base), state(part)
        (part * 10).sum().backward()
        return found, x.grad

    program(device)


@on_both
def test_a_change_with_a_tensor_that_requires_grad(torch: Any) -> Any:
    base, x = base_and_leaf(torch)
    w = leaf(torch, 7, 8)
    part = base[:, 1:]
    part.mul_(w)
    found = state(base), state(part)
    base.sum().backward()
    return found, x.grad, w.grad


@on_both
def test_a_plain_base_gets_history_through_a_view(torch: Any) -> Any:
    base, w = torch.zeros(2, 3), leaf(torch, 7, 8, 9)
    row, other = base[0], base[1]
    row.add_(w * w)
    found = state(base), state(row), state(other)
    (base * 10).sum().backward()
    return found, w.grad


@on_both
def test_a_plain_view_gets_history_through_its_base(torch: Any) -> Any:
    base, w = torch.zeros(2, 3), leaf(torch, 7, 8, 9)
    row = base[0]
    before = row.requires_grad
    base.add_(w)
    found = before, state(base), state(row)
    (row * 10).sum().backward()
    return found, w.grad


@on_both
def test_several_changes_through_several_views(torch: Any) -> Any:
    base, x = base_and_leaf(torch)
    row, column = base[0], base[:, 1]
    row.mul_(2)
    column.mul_(10)
    base.add_(1)
    row.mul_(column[0].clone())
    found = state(base), state(row), state(column)
    (base * base).sum().backward()
    return found, x.grad


@on_both
def test_a_chain_of_changes(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    y = x * 2
    y += 1
    y *= 3
    y -= x
    y /= 2
    found = state(y)
    y.sum().backward()
    return found, x.grad


@on_both
def test_a_view_taken_after_the_change(torch: Any) -> Any:
    base, x = base_and_leaf(torch)
    base.mul_(2)
    part = base[0]
    found = state(part)
    part.sum().backward()
    return found, x.grad


@on_both
def test_a_change_of_a_view_of_a_view(torch: Any) -> Any:
    base, x = base_and_leaf(torch)
    middle = base[1:]
    part = middle[:, 1:]
    part.mul_(3)
    found = state(base), state(middle), state(part)
    (middle * 10).sum().backward()
    return found, x.grad


@on_both
def test_an_old_result_keeps_its_old_history(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    y = x * 3
    before = y + 0
    y.mul_(10)
    (before.sum() + y.sum()).backward()
    return x.grad, before, y


@on_both
def test_second_derivatives_through_changes(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    y = x * x
    y[1:].mul_(x[1:])
    (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    return first.detach(), torch.autograd.grad(first.sum(), x)


@on_both
def test_retained_gradients_follow_the_value(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    y = x * 2
    y.retain_grad()
    y.mul_(5)
    z = y * 1
    part = z[1:]
    z.retain_grad()
    part.mul_(7)
    (z * 3).sum().backward()
    return y.grad, z.grad, x.grad


@on_both
def test_the_passes_over_copy_slices(torch: Any) -> Any:
    base, x = base_and_leaf(torch)
    base[0].mul_(x[:3])
    total = base.sum()
    total.backward(retain_graph=True)
    total.backward()
    return raised(total.backward), x.grad


@on_both
def test_copy_slices_frees_what_the_operation_saved(torch: Any) -> Any:
    base, w = torch.ones(2, 3), leaf(torch, 7, 8, 9)
    base[0].mul_(w)
    total = base.sum()
    total.backward()
    return raised(total.backward), w.grad


@on_both
def test_gradients_of_only_one_input_of_copy_slices(torch: Any) -> Any:
    base, w = base_and_leaf(torch)[0], leaf(torch, 2, 3, 4)
    y = base * 1
    y[0].mul_(w)
    return torch.autograd.grad(y.sum(), base, retain_graph=True), torch.autograd.grad(y.sum(), w)


# --- assignment to parts ------------------------------------------------------------------------------------------------

PARTS = {
    "a row": lambda torch: 0,
    "an element": lambda torch: (1, 2),
    "a slice": lambda torch: (slice(None), slice(1, None)),
    "steps": lambda torch: (slice(None), slice(None, None, 2)),
    "everything": lambda torch: slice(None),
    "ellipsis": lambda torch: ...,
    "a new dimension": lambda torch: (None, 0),
    "a mask": lambda torch: torch.tensor([[True, False, True], [False, False, True]]),
    "a list": lambda torch: [1, 0],
    "a list and a slice": lambda torch: (slice(None), [0, 2]),
    "an index tensor": lambda torch: torch.tensor([1, 1]),
    "nothing": lambda torch: slice(2, None),
}


@pytest.mark.parametrize("part", PARTS)
def test_assignment_of_a_number(part: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, x = base_and_leaf(torch)
        view = base[1]
        base[PARTS[part](torch)] = 7.0
        found = state(base), state(view)
        (base * base).sum().backward()
        return found, x.grad

    program(device)


@pytest.mark.parametrize("part", PARTS)
def test_assignment_of_a_tensor_with_history(part: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, x = base_and_leaf(torch)
        w = torch.tensor(3.0, requires_grad=True)
        base[PARTS[part](torch)] = w * w
        found = state(base)
        (base * base).sum().backward()
        return found, x.grad, w.grad

    program(device)


@pytest.mark.parametrize("part", PARTS)
def test_assignment_into_a_plain_tensor(part: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, w = torch.zeros(2, 3), torch.tensor(3.0, requires_grad=True)
        base[PARTS[part](torch)] = 5.0
        before = state(base)
        base[PARTS[part](torch)] = w
        (base * 2).sum().backward()
        return before, state(base), w.grad

    program(device)


@on_both
def test_assignment_through_a_view(torch: Any) -> Any:
    base, x = base_and_leaf(torch)
    column = base.t()[0]
    column[1] = x[5] * 10
    base[1][1:] = x[:2]
    found = state(base), state(column)
    (base * base).sum().backward()
    return found, x.grad


@on_both
def test_augmented_assignment_to_a_part(torch: Any) -> Any:
    base, x = base_and_leaf(torch)
    base[0] += 1
    base[:, 1] *= x[:2]
    base[1, 2] /= 4
    base[0] -= base[1].clone()
    found = state(base)
    base.sum().backward()
    return found, x.grad


@on_both
def test_assignment_to_a_leaf(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)

    def assign() -> None:
        x[0] = 5.0

    refused = raised(assign), x._version
    with torch.no_grad():
        x[0] = 5.0
        x[1:] = x[:2].clone()
    return refused, state(x)


@on_both
def test_assignment_makes_saved_values_stale(torch: Any) -> Any:
    base, _ = base_and_leaf(torch)
    squared = base * base
    base[0, 0] = 1.0
    return raised(squared.sum().backward)


@on_both
def test_assignment_that_does_not_fit(torch: Any) -> Any:
    base, _ = base_and_leaf(torch)

    def assign(part: Any, value: Any) -> None:
        base[part] = value

    kinds = [
        raised(lambda: assign(0, torch.ones(2))),
        raised(lambda: assign(5, 1.0)),
        raised(lambda: assign((0, 0, 0), 1.0)),
        raised(lambda: assign(torch.tensor([1.5]), 1.0)),
    ]
    return kinds, base._version, base


@on_both
def test_a_list_filled_element_by_element(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    y = torch.zeros(3)
    for i in range(3):
        y[i] = x[i] * x[i - 1]
    (y * y).sum().backward()
    return state(y), x.grad


# --- several views at once ----------------------------------------------------------------------------------------------

TOGETHER = {
    "unbind": lambda t: t.unbind(0),
    "iteration": lambda t: tuple(t),
    "split": lambda t: t.split(1),
    "split with sizes": lambda t: t.split([1, 1]),
    "chunk": lambda t: t.chunk(2, 1),
}


@pytest.mark.parametrize("operation", TOGETHER)
def test_views_made_together(operation: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, x = base_and_leaf(torch)
        first, second = TOGETHER[operation](base)[:2]
        names = first.grad_fn.name(), first.grad_fn is second.grad_fn, first._base is base
        found = [*state(first)[1:], *state(second)[1:], *names]  # not the tensors: they may not be looked at in the end
        (first * 2).sum().backward(retain_graph=True)
        refused = raised(lambda: first.mul_(2)), first._version
        with torch.no_grad():
            second.mul_(3)
        after = raised(lambda: first.grad_fn), raised(lambda: first + 1), second.detach().clone(), base._version
        return found, refused, after, x.grad

    program(device)


@pytest.mark.parametrize("operation", TOGETHER)
def test_views_made_together_after_a_change_of_their_base(operation: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, _ = base_and_leaf(torch)
        first = TOGETHER[operation](base)[0]
        base.mul_(2)
        return raised(lambda: first.grad_fn), raised(lambda: first * 2), raised(first.sum)

    program(device)


@pytest.mark.parametrize("operation", TOGETHER)
def test_plain_views_made_together(operation: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        base, w = torch.ones(2, 3), torch.tensor(3.0, requires_grad=True)
        first, second = TOGETHER[operation](base)[:2]
        first.mul_(2)
        found = state(first), state(second), base.clone()
        return found, raised(lambda: first.mul_(w)), first._version

    program(device)


# --- leaves -------------------------------------------------------------------------------------------------------------


@on_both
def test_a_leaf_that_requires_grad_may_not_change(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    part = x[1:]
    kinds = [raised(lambda change=change: change(torch, x)) for change in CHANGES.values()]
    kinds += [raised(lambda: part.mul_(2)), raised(lambda: x.t().add_(1)), raised(lambda: x.detach_())]
    return kinds, x.detach().clone(), x._version, part._version


@on_both
def test_a_leaf_changed_under_no_grad(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    with torch.no_grad():
        x.mul_(2)
        x[1:].add_(1)
        x -= 1
    found = state(x)
    (x * x).sum().backward()
    return found, x.grad


@on_both
def test_a_leaf_changed_under_no_grad_after_it_was_saved(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    y = (x * x).sum()
    with torch.no_grad():
        x.mul_(2)
    return raised(y.backward)


@on_both
def test_a_plain_leaf_becomes_a_result(torch: Any) -> Any:
    x, w = torch.ones(2), leaf(torch, 3, 4)
    x.mul_(w)
    found = state(x)
    x.sum().backward()
    return found, w.grad


@on_both
def test_an_integer_cannot_take_a_fraction(torch: Any) -> Any:
    n = torch.tensor([1, 2, 3])
    return [
        raised(lambda: n.div_(2)),
        raised(lambda: n.add_(1.5)),
        raised(lambda: n.mul_(torch.ones(3))),
        raised(lambda: n.add_(torch.ones(2, 3, dtype=torch.int64))),
        n,
        n._version,
        n.add_(2),
        n._version,
    ]


@on_both
def test_shapes_that_do_not_fit(torch: Any) -> Any:
    base, _ = base_and_leaf(torch)
    return [
        raised(lambda: base.add_(torch.ones(4))),
        raised(lambda: base.add_(torch.ones(2, 2, 3))),
        raised(lambda: base[:1].add_(torch.ones(2, 3))),
        raised(lambda: torch.ones(1, 3).expand(2, 3).add_(1)),
        raised(lambda: base.copy_(torch.ones(4))),
        base.detach().clone(),
        base._version,
    ]


# --- detach, data, no_grad ----------------------------------------------------------------------------------------------


@on_both
def test_detach_shares_memory_and_version(torch: Any) -> Any:
    base, _ = base_and_leaf(torch)
    squared = base * base
    cut = base.detach()
    found = state(cut), cut._base is None
    cut.mul_(2)
    return found, base._version, cut._version, base.detach().clone(), state(base), raised(squared.sum().backward)


@on_both
def test_data_shares_memory_but_no_version(torch: Any) -> Any:
    base, x = base_and_leaf(torch)
    squared = base * base
    base.data.mul_(2)
    squared.sum().backward()
    return base._version, x.grad, state(base.data)


@on_both
def test_detach_in_place(torch: Any) -> Any:
    base, _ = base_and_leaf(torch)
    part = base[0]
    refused = raised(part.detach_)
    returned = base.detach_()
    return refused, returned is base, state(base)


@on_both
def test_views_made_under_no_grad(torch: Any) -> Any:
    base, x = base_and_leaf(torch)
    with torch.no_grad():
        part = base[0]
        found = part.requires_grad, part.is_leaf, part.grad_fn, part._version, part._base is base
        part.mul_(2)
        refused = raised(lambda: part.grad_fn), raised(lambda: part.is_leaf)
        quiet = part + 1
    return (
        found,
        refused,
        quiet,
        base._version,
        part.requires_grad,
        raised(lambda: part.mul_(3)),
        raised(lambda: (base * base).sum().backward()),
        x.grad,
    )


@on_both
def test_a_view_made_before_and_changed_under_no_grad(torch: Any) -> Any:
    base, x = base_and_leaf(torch)
    part = base[0]
    with torch.no_grad():
        part.mul_(2)
    found = state(part), state(base)
    (part * 3).sum().backward()
    return found, x.grad


@on_both
def test_a_view_of_no_grad_after_a_change_of_its_base(torch: Any) -> Any:
    base, _ = base_and_leaf(torch)
    with torch.no_grad():
        part = base[0]
    base.mul_(2)
    return raised(lambda: part.grad_fn), raised(lambda: part + 1)


@on_both
def test_a_view_of_a_detached_tensor(torch: Any) -> Any:
    base, _ = base_and_leaf(torch)
    part = base.detach()[0]
    part.mul_(2)
    return state(part), state(base), part._base is base


@on_both
def test_requires_grad_of_views(torch: Any) -> Any:
    plain = torch.ones(3)
    part = plain[1:]
    part.requires_grad_()
    later = torch.ones(3)
    early = later[1:]
    later.requires_grad_()
    return part.requires_grad, plain.requires_grad, part.is_leaf, early.requires_grad, early.is_leaf, later[1:].requires_grad


# --- saved values that are stale ----------------------------------------------------------------------------------------

STALE = {
    "mul saves both": lambda torch, x, y: (y * (y + 0), y),
    "exp saves its result": lambda torch, x, y: (y.exp(),) * 2,
    "tanh saves its result": lambda torch, x, y: (y.tanh(),) * 2,
    "relu saves its result": lambda torch, x, y: (y.relu(),) * 2,
    "relu does not save its input": lambda torch, x, y: (y.relu(), y),
    "add saves nothing": lambda torch, x, y: (y + y, y),
    "sum saves a shape": lambda torch, x, y: (y.sum(), y),
    "mul by a number": lambda torch, x, y: (y * 3, y),
    "mul by a plain tensor": lambda torch, x, y: (y * torch.ones(3), y),
    "a plain tensor was saved": lambda torch, x, y: (lambda c: (y * c, c))(torch.ones(3)),
    "a view of it was saved": lambda torch, x, y: (y[1:] * y[1:], y),
    "it was saved, a view is changed": lambda torch, x, y: (y * y, y[1:]),
    "another view is changed": lambda torch, x, y: (y[:1] * y[:1], y[1:]),
    "pow saves": lambda torch, x, y: (y**3, y),
    "div saves the divisor": lambda torch, x, y: (y / y.detach(), y.detach()),
    "mm saves": lambda torch, x, y: (y.view(1, 3) @ y.view(3, 1), y),
}


@pytest.mark.parametrize("case", STALE)
def test_stale_values_are_caught(case: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        x = leaf(torch, 1, 2, 3)
        result, changed = STALE[case](torch, x, x * 1)
        kept = result * 1
        changed.add_(1)
        return raised(kept.sum().backward), x.grad, changed._version

    program(device)


@on_both
def test_a_change_that_is_undone_is_still_a_change(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    y = x * 1
    z = y * y
    y.add_(1)
    y.sub_(1)
    return raised(z.sum().backward)


@on_both
def test_the_operator_in_place_saves_the_old_value_or_the_new(torch: Any) -> Any:
    x = leaf(torch, 1, 4)
    found = []
    for change in (lambda t: t.pow_(3), lambda t: t.exp_(), lambda t: t.sqrt_(), lambda t: t.mul_(t), lambda t: t.abs_()):
        y = x * 1
        change(y)
        at_once = raised(lambda: y.sum().backward(retain_graph=True))  # noqa: B023
        again = y + 0
        y.add_(1)
        found.append([at_once, raised(again.sum().backward), x.grad])
    return found


# --- what only our own messages and memory can show ---------------------------------------------------------------------


def test_the_message_names_both_operators_both_lines_and_the_versions() -> None:
    x = leaf(minigrad, 1, 2)
    y = x * 1
    z = (y * y).sum()  # saved here
    y.add_(5)  # changed here
    with pytest.raises(RuntimeError) as caught:
        z.backward()
    text = str(caught.value)
    assert "MulBackward0 cannot use its saved" in text
    assert "version 0" in text
    assert "version 1" in text
    assert "test_views_in_place.py" in text
    assert "z = (y * y).sum()  # saved here" in text
    assert "add_ at test_views_in_place.py" in text
    assert "y.add_(5)  # changed here" in text


def test_a_refused_change_leaves_the_value() -> None:
    x = leaf(minigrad, 1, 2)
    with pytest.raises(RuntimeError, match=r"mul_ would change a leaf.*with torch.no_grad"):
        x.mul_(5)
    assert x.tolist() == [1, 2]
    assert x._version == 0


def test_bases_and_views_are_freed_without_the_collector() -> None:
    gc.disable()
    try:
        base, _ = base_and_leaf(minigrad)
        part = base[0]
        part.mul_(2)
        assert part.grad_fn is not None
        alive = weakref.ref(base), weakref.ref(part), weakref.ref(base.grad_fn)
        del base, part
        assert [reference() for reference in alive] == [None, None, None]
    finally:
        gc.enable()
