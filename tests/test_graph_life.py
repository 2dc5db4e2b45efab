"""How long a graph lives, and what passes through it: freed buffers, several outputs, missing gradients, depth."""

import gc
import weakref
from typing import Any

import pytest

import minigrad

from .on_both import on_both, raised

# torch warns that a gradient and its leaf then hold each other.
CYCLE = pytest.mark.filterwarnings("ignore:.*backward.*create_graph=True")


def leaf(torch: Any, *values: float) -> Any:
    return torch.tensor([float(value) for value in values], requires_grad=True)


def two_outputs(torch: Any, seen: list[Any], materialize: bool = True) -> Any:
    """A Function with two outputs that notes the gradients which its backward gets."""

    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(materialize)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, first: Any, second: Any) -> Any:
            seen.append([first, second])
            parts = [None if grad is None else grad * factor for grad, factor in ((first, 2), (second, 3))]
            given = [part for part in parts if part is not None]
            return given[0] + given[1] if len(given) == 2 else given[0] if given else None

    return Two.apply


# --- freed buffers ------------------------------------------------------------------------------------------------------


@on_both
def test_what_can_be_gone_through_again(torch: Any) -> Any:
    found = []
    for build in (
        lambda x: x * x,
        lambda x: x * 3,
        lambda x: -x,
        lambda x: x.sum(),
        lambda x: x.view(2, 1).t(),
        lambda x: x.relu(),
        lambda x: (x * 1)[0],
        lambda x: x + x,
        lambda x: x / x,
        lambda x: x / 2,
        lambda x: x**2,
        lambda x: x.mean(),
        lambda x: x.view(1, 2) @ x.view(2, 1),
        lambda x: (x * 1).mul_(2),
        lambda x: (x * 1).mul_(x),
        lambda x: x.clone(),
        lambda x: x.expand(3, 2),
    ):
        total = build(leaf(torch, 1, 2)).sum()
        total.backward()
        found.append(raised(total.backward))
    return found


@on_both
def test_saved_fields_after_they_were_freed(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    y, z, total = x * x, x.view(2, 1), x.sum()
    (y.sum() + z.sum() + total).backward()
    return raised(lambda: y.grad_fn._saved_self), list(total.grad_fn._saved_self_sym_sizes)


@on_both
def test_a_pass_that_fails_half_way(torch: Any) -> Any:
    x = leaf(torch, 2)
    inner = x * x
    middle = inner * inner
    outer = middle * 3 * middle

    def fail(grad: Any) -> None:
        raise KeyError

    handle = inner.register_hook(fail)
    first = raised(outer.backward)
    handle.remove()
    return first, raised(outer.backward), raised(lambda: middle.backward(retain_graph=True)), raised(inner.backward), x.grad


@on_both
def test_only_the_nodes_that_ran_are_freed(torch: Any) -> Any:
    x, w = leaf(torch, 2), leaf(torch, 3)
    left, right = x * x, w * w
    total = left * right
    torch.autograd.grad(total, x)
    return raised(total.backward), raised(left.backward), raised(right.backward), x.grad, w.grad


@CYCLE
@on_both
def test_create_graph_keeps_the_graph(torch: Any) -> Any:
    x = leaf(torch, 2)
    y = x * x * x
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    (second,) = torch.autograd.grad(first, x, create_graph=True)
    (third,) = torch.autograd.grad(second, x)
    y.backward()
    return (
        first.detach(),
        second.detach(),
        third,
        x.grad,
        raised(lambda: torch.autograd.grad(second, x)),
        raised(first.backward),
    )


@on_both
def test_gradients_of_gradients_with_respect_to_intermediate_results(torch: Any) -> Any:
    x = leaf(torch, 2)
    y = x * x
    z = y * y * x
    of_y, of_x = torch.autograd.grad(z, (y, x), create_graph=True)
    return of_y, of_x, torch.autograd.grad(of_y, (y, x), retain_graph=True), torch.autograd.grad(of_x, (y, x))


# --- several outputs, missing gradients ---------------------------------------------------------------------------------


@on_both
def test_grad_of_each_output(torch: Any) -> Any:
    seen: list[Any] = []
    x = leaf(torch, 1, 2)
    first, second = two_outputs(torch, seen)(x)
    found = [
        torch.autograd.grad(first.sum(), x, retain_graph=True),
        torch.autograd.grad(second.sum(), x, retain_graph=True),
        torch.autograd.grad([first, second], x, [torch.ones(2), torch.ones(2) * 5], retain_graph=True),
        torch.autograd.grad(first.sum() + second.sum(), [first, second]),
    ]
    return seen, found


@on_both
def test_a_gradient_that_is_none_goes_on_as_none(torch: Any) -> Any:
    seen: list[Any] = []
    cut: list[Any] = []

    class Cut(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, grad: Any) -> None:
            cut.append(grad)

    x = leaf(torch, 1, 2)
    first, second = two_outputs(torch, seen, materialize=False)(x * 3)
    (Cut.apply(first).sum() + Cut.apply(second).sum()).backward()
    return seen, cut, x.grad


@on_both
def test_a_gradient_that_is_none_reaches_every_kind_of_node(torch: Any) -> Any:
    class Cut(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, grad: Any) -> None:
            return None

    found = []
    for build in (
        lambda x: x * x,
        lambda x: x.sum(),
        lambda x: x[0],
        lambda x: x.view(2, 1),
        lambda x: x.relu(),
        lambda x: x.view(1, 2) @ x.view(2, 1),
        lambda x: (x * 1).mul_(2),
        lambda x: (x * x)[:1].mul_(2),
        lambda x: x.mean(),
        lambda x: x.clone(),
    ):
        x = leaf(torch, 1, 2)
        kind = raised(Cut.apply(build(x)).sum().backward)
        found.append([kind, x.grad, torch.autograd.grad(Cut.apply(build(x)).sum(), x, allow_unused=True)])
    return found


@on_both
def test_unused_inputs(torch: Any) -> Any:
    x, w = leaf(torch, 1, 2), leaf(torch, 3, 4)
    grad = torch.autograd.grad
    return [
        grad((x * 2).sum(), (w, x), allow_unused=True),
        grad((x * 2).sum(), (w, x), materialize_grads=True),
        raised(lambda: grad((x * 2).sum(), (w, x))),
        raised(lambda: grad((x * 2).sum(), (w, x), allow_unused=False)),
        grad((x * 2).sum(), (w * 2, x), allow_unused=True),
        grad((x * 2).sum(), w, materialize_grads=True, create_graph=True),
    ]


@on_both
def test_backward_with_inputs_that_are_not_reached(torch: Any) -> Any:
    x, w = leaf(torch, 1, 2), leaf(torch, 3, 4)
    kind = raised(lambda: (x * 2).sum().backward(inputs=[w]))
    return kind, x.grad, w.grad


@on_both
def test_gradients_of_a_wrong_shape_are_refused(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    return [raised(lambda: torch.autograd.grad(x * 2, x, torch.ones(3))), raised(lambda: (x * 2).backward(torch.ones(3)))]


def test_is_grads_batched_is_refused_with_what_to_do() -> None:
    x = leaf(minigrad, 1, 2)
    with pytest.raises(RuntimeError, match=r"needs vmap.*Call grad once for each row"):
        minigrad.autograd.grad(x * 2, x, minigrad.ones(3, 2), is_grads_batched=True)


# --- roots --------------------------------------------------------------------------------------------------------------


@on_both
def test_roots_at_several_depths_of_one_chain(torch: Any) -> Any:
    x = leaf(torch, 2)
    y = x * x
    z = y * y
    torch.autograd.backward([x, y, z], [torch.ones(1), torch.ones(1) * 10, torch.ones(1) * 100])
    return x.grad


@on_both
def test_a_root_that_is_an_input_too(torch: Any) -> Any:
    x = leaf(torch, 2)
    y = x * 3
    return [
        torch.autograd.grad(y, y, retain_graph=True),
        torch.autograd.grad(x, x),
        torch.autograd.grad([y, y * 2], y, retain_graph=True),
        torch.autograd.grad(y, (y, x)),
    ]


@on_both
def test_two_outputs_of_one_node_as_roots(torch: Any) -> Any:
    seen: list[Any] = []
    x = leaf(torch, 1, 2)
    torch.autograd.backward(two_outputs(torch, seen)(x), [torch.ones(2), torch.ones(2) * 10])
    return seen, x.grad


@on_both
def test_a_view_as_root_and_as_input(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    y = x * 2
    part = y[1:]
    part.mul_(5)
    return torch.autograd.grad(part.sum(), y, retain_graph=True, allow_unused=True), torch.autograd.grad(y.sum(), x)


# --- life ---------------------------------------------------------------------------------------------------------------


def test_the_message_names_the_pass_that_freed() -> None:
    x = leaf(minigrad, 1, 2)
    y = x * x  # built here
    total = y.sum()
    total.backward()  # freed here
    with pytest.raises(RuntimeError) as caught:
        total.backward()
    text = str(caught.value)
    assert "MulBackward0" in text
    assert "y = x * x  # built here" in text
    assert "total.backward()  # freed here" in text
    assert "retain_graph=True" in text


@pytest.fixture
def no_collector() -> Any:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_a_graph_of_any_order_is_freed_by_counting() -> None:
    x = leaf(minigrad, 1, 2)
    y = (x * x * x).sum()
    (first,) = minigrad.autograd.grad(y, x, create_graph=True)
    (second,) = minigrad.autograd.grad(first.sum(), x, create_graph=True)
    nodes = [weakref.ref(tensor.grad_fn) for tensor in (y, first, second)]
    del y, first, second
    assert [node() for node in nodes] == [None, None, None]


@pytest.mark.usefixtures("no_collector")
def test_hooks_and_views_do_not_keep_a_graph_alive() -> None:
    x = leaf(minigrad, 1, 2)
    y = x * x
    part = y[1:]
    y.register_hook(lambda grad: grad * 2)
    y.retain_grad()
    part.mul_(x[1:])
    y.sum().backward(retain_graph=True)
    alive = [weakref.ref(each) for each in (y, part, y.grad_fn, y.grad)]
    del y, part
    assert [reference() for reference in alive] == [None] * 4


@pytest.mark.usefixtures("no_collector")
def test_an_accumulator_lives_as_long_as_a_graph_leads_to_it() -> None:
    x = leaf(minigrad, 1, 2)
    y = x * 2
    accumulator = weakref.ref(y.grad_fn.next_functions[0][0])
    z = x * 3
    assert z.grad_fn.next_functions[0][0] is accumulator()
    del y, z
    assert accumulator() is None


@pytest.mark.usefixtures("no_collector")
def test_freed_buffers_are_freed_at_once() -> None:
    x = leaf(minigrad, 1, 2)
    middle = x * 1
    y = (middle * middle).sum()
    alive = weakref.ref(middle)
    del middle
    assert alive() is not None
    y.backward()
    assert alive() is None


def test_a_long_chain_with_views_and_changes_is_gone_through_and_dropped() -> None:
    y = x = leaf(minigrad, 1, 2)
    for _ in range(20_000):
        y = y * 1
        y.add_(0)
        y[1:].mul_(1)
    y.sum().backward()
    assert x.grad.tolist() == [1, 1]
    del y
