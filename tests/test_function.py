"""A Function of the user's own does under minigrad what the same text does under torch."""

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import minigrad

from .on_both import on_both, raised


def make(torch: Any, forward: Any, backward: Any, name: str = "Custom", **methods: Any) -> Any:
    """A Function of two plain functions, and of ``setup_context`` where that is given."""
    members = {"forward": forward, "backward": backward, **methods}
    return type(name, (torch.autograd.Function,), {key: staticmethod(method) for key, method in members.items()})


def leaf(torch: Any, *values: float) -> Any:
    return torch.tensor([float(value) for value in values], requires_grad=True)


def facts(tensor: Any) -> list[Any]:
    """What a tensor is, besides its values: and of its node only the name."""
    node = tensor.grad_fn
    return [
        tensor.detach().clone(),
        tensor.requires_grad,
        tensor.is_leaf,
        tensor._version,
        tensor.output_nr,
        None if node is None else node.name(),
        tensor._base is not None,
    ]


# --- the common case ----------------------------------------------------------------------------------------------------


def cube(torch: Any) -> Any:
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * 3 * x * x

    return Cube


@on_both
def test_forward_and_backward(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    y = cube(torch).apply(x)
    y.backward(torch.tensor([1.0, 10.0, 100.0]))
    return facts(y), y, x.grad


@on_both
def test_double_backward(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    (first,) = torch.autograd.grad(cube(torch).apply(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    (third,) = torch.autograd.grad(second.sum(), x)
    return first, second, third


@on_both
def test_two_calls_have_a_ctx_each(torch: Any) -> Any:
    x, y = leaf(torch, 2), leaf(torch, 5)
    Cube = cube(torch)
    (Cube.apply(x) * Cube.apply(y) + Cube.apply(Cube.apply(x))).backward()
    return x.grad, y.grad


@on_both
def test_nothing_is_recorded_without_need(torch: Any) -> Any:
    Cube = cube(torch)
    plain = Cube.apply(torch.tensor([2.0]))
    with torch.no_grad():
        quiet = Cube.apply(leaf(torch, 2))
    return facts(plain), facts(quiet)


@on_both
def test_the_mode_in_forward_and_backward(torch: Any) -> Any:
    seen = []

    def forward(ctx: Any, x: Any) -> Any:
        seen.append((torch.is_grad_enabled(), x.requires_grad, (x * 2).requires_grad))
        return x * 2

    def backward(ctx: Any, grad: Any) -> Any:
        seen.append((torch.is_grad_enabled(), grad.requires_grad))
        return grad * 2

    x = leaf(torch, 1)
    apply = make(torch, forward, backward).apply
    apply(x).backward()
    torch.autograd.grad(apply(x), x, create_graph=True)
    return seen


@on_both
def test_ctx_is_the_node(torch: Any) -> Any:
    kept = []

    def forward(ctx: Any, x: Any) -> Any:
        ctx.factor = 3
        kept.append(ctx)
        return x * 3

    y = make(torch, forward, lambda ctx, grad: grad * ctx.factor, name="Triple").apply(leaf(torch, 1))
    ctx = kept.pop()
    return y.grad_fn is ctx, ctx.factor, ctx.name(), type(ctx).__name__, [edge[1] for edge in ctx.next_functions]


# --- arguments ----------------------------------------------------------------------------------------------------------


@on_both
def test_arguments_that_are_no_tensors(torch: Any) -> Any:
    def forward(ctx: Any, factor: Any, x: Any, options: Any, y: Any) -> Any:
        ctx.factor, ctx.seen = factor, ctx.needs_input_grad
        return x * factor + y

    def backward(ctx: Any, grad: Any) -> Any:
        found.append((ctx.seen, ctx.needs_input_grad))
        return None, grad * ctx.factor, None, grad

    found: list[Any] = []
    x, y = leaf(torch, 1), leaf(torch, 5)
    result = make(torch, forward, backward).apply(3, x, {"a": [1]}, y)
    result.backward()
    return result, x.grad, y.grad, found


@on_both
def test_needs_input_grad(torch: Any) -> Any:
    found: list[Any] = []

    def forward(ctx: Any, x: Any, y: Any, z: Any) -> Any:
        found.append(ctx.needs_input_grad)
        return x * y * z

    def backward(ctx: Any, grad: Any) -> Any:
        found.append(ctx.needs_input_grad)
        return grad, grad, grad

    apply = make(torch, forward, backward).apply
    x, y, constant = leaf(torch, 1), leaf(torch, 2), torch.tensor([3.0])
    apply(x, constant, y).backward()
    torch.autograd.grad(apply(x, y, constant), y)
    apply(constant, constant, constant)
    with torch.no_grad():
        apply(x, y, constant)
    return found


@on_both
def test_the_same_tensor_twice(torch: Any) -> Any:
    x = leaf(torch, 3)
    Times = make(torch, lambda ctx, x, y: x * y, lambda ctx, grad: (grad * 10, grad * 100))
    Times.apply(x, x).backward()
    return x.grad


@on_both
def test_keywords(torch: Any) -> Any:
    def forward(ctx: Any, x: Any, y: Any = 2, z: Any = 3, *, named: Any = 5) -> Any:
        ctx.tensors = [True, isinstance(y, torch.Tensor), False][: len(ctx.needs_input_grad)]
        seen.append(ctx.needs_input_grad)
        return x * y * z

    def backward(ctx: Any, grad: Any) -> Any:
        return tuple(grad * 10 if is_tensor else None for is_tensor in ctx.tensors)

    seen: list[Any] = []
    apply = make(torch, forward, backward).apply
    x, y = leaf(torch, 1), leaf(torch, 7)
    for call in (lambda: apply(x=x), lambda: apply(x, y=y), lambda: apply(z=1, y=y, x=x), lambda: apply(x, 4, z=1)):
        call().backward()
    refused = [lambda: apply(x, z=1), lambda: apply(x, named=1), lambda: apply(x, nothing=1), lambda: apply(y=x)]
    return x.grad, y.grad, seen, [raised(call) for call in refused]


@on_both
def test_keywords_and_defaults_with_setup_context(torch: Any) -> Any:
    seen: list[Any] = []

    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        seen.append([ctx.needs_input_grad, inputs[1]])

    apply = make(torch, lambda x, y=2: x * y, lambda ctx, grad: (grad, None), setup_context=setup_context).apply
    x = leaf(torch, 1)
    for call in (lambda: apply(x), lambda: apply(x=x), lambda: apply(y=3, x=x)):
        call().backward()
    return x.grad, seen, raised(lambda: apply(x, nothing=1)), raised(apply)


@on_both
def test_tensors_inside_a_list_are_not_seen(torch: Any) -> Any:
    x = leaf(torch, 1)
    y = make(torch, lambda ctx, pair: pair[0] * 2, lambda ctx, grad: None).apply([x])
    return facts(y)


@on_both
def test_an_integer_argument_gets_no_gradient(torch: Any) -> Any:
    found: list[Any] = []

    def forward(ctx: Any, x: Any, index: Any) -> Any:
        found.append(ctx.needs_input_grad)
        return x * index

    x = leaf(torch, 1)
    make(torch, forward, lambda ctx, grad: (grad, None)).apply(x, torch.tensor([2])).backward()
    return x.grad, found


# --- outputs ------------------------------------------------------------------------------------------------------------


def both_ways(torch: Any, materialize: bool = True) -> tuple[Any, list[Any]]:
    """A Function with two outputs, and the list of what its backward gets."""
    seen: list[Any] = []

    def forward(ctx: Any, x: Any) -> Any:
        ctx.set_materialize_grads(materialize)
        return x * 2, x[:1] * 3

    def backward(ctx: Any, first: Any, second: Any) -> Any:
        seen.append([first, second])
        return torch.tensor([1.0, 1.0])

    return make(torch, forward, backward), seen


@on_both
def test_several_outputs(torch: Any) -> Any:
    Both, seen = both_ways(torch)
    x = leaf(torch, 1, 2)
    first, second = outputs = Both.apply(x)
    (first.sum() + second.sum() * 5).backward()
    return type(outputs).__name__, facts(first), facts(second), first.grad_fn is second.grad_fn, seen, x.grad


@pytest.mark.parametrize("materialize", [True, False])
@pytest.mark.parametrize("which", [0, 1])
def test_an_output_without_gradient(materialize: bool, which: int, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        Both, seen = both_ways(torch, materialize)
        x = leaf(torch, 1, 2)
        Both.apply(x)[which].sum().backward()
        return seen, x.grad

    program(device)


@on_both
def test_outputs_as_a_list_are_refused_or_passed_on(torch: Any) -> Any:
    x = leaf(torch, 1)
    values = [
        make(torch, lambda ctx, x: (x * 2,), lambda ctx, grad: grad).apply(x),
        make(torch, lambda ctx, x: (x * 2, None, 7, "text"), lambda ctx, grad, *rest: grad).apply(x),
    ]
    refused = [
        raised(lambda: make(torch, lambda ctx, x: [x * 2], lambda ctx, grad: grad).apply(x)),
        raised(lambda: make(torch, lambda ctx, x: 5, lambda ctx, grad: grad).apply(x)),
        raised(lambda: make(torch, lambda ctx, x: None, lambda ctx, grad: grad).apply(x)),
    ]
    return values, refused


@on_both
def test_what_backward_gets_for_outputs_that_are_no_tensors(torch: Any) -> Any:
    seen: list[Any] = []

    def backward(ctx: Any, *grads: Any) -> Any:
        seen.append(list(grads))
        return grads[1]

    x = leaf(torch, 1)
    _, y = make(torch, lambda ctx, x: (None, x * 2), backward).apply(x)
    y.backward()
    return seen, x.grad


@on_both
def test_an_integer_output_has_no_history(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        return x * 2, torch.tensor([5])

    seen: list[Any] = []

    def backward(ctx: Any, of_values: Any, of_integers: Any) -> Any:
        seen.append([of_values, of_integers])
        return of_values

    x = leaf(torch, 1)
    values, integers = make(torch, forward, backward).apply(x)
    values.backward()
    return facts(values), facts(integers), seen


@on_both
def test_mark_non_differentiable(torch: Any) -> Any:
    seen: list[Any] = []

    def forward(ctx: Any, x: Any) -> Any:
        kept, marked = x * 2, x * 3
        ctx.mark_non_differentiable(marked)
        return kept, marked

    def backward(ctx: Any, *grads: Any) -> Any:
        seen.append(list(grads))
        return grads[0] * 2

    x = leaf(torch, 1)
    kept, marked = make(torch, forward, backward).apply(x)
    kept.backward()
    return facts(kept), facts(marked), seen, x.grad


@on_both
def test_all_outputs_non_differentiable(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        y = x * 2
        ctx.mark_non_differentiable(y)
        return y

    return facts(make(torch, forward, lambda ctx, grad: grad).apply(leaf(torch, 1)))


@on_both
def test_returning_an_input(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    y = make(torch, lambda ctx, x: x, lambda ctx, grad: grad * 10).apply(x)
    same = y is x
    (y * 2).sum().backward()
    return same, facts(y), facts(x), x.grad


@on_both
def test_returning_an_input_that_is_no_leaf_next_to_another_output(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    middle = x * 3
    y, z = make(torch, lambda ctx, m: (m, m * 2), lambda ctx, of_y, of_z: of_y * 10 + of_z * 100).apply(middle)
    (y + z + middle).sum().backward()
    return facts(y), facts(z), facts(middle), x.grad


@on_both
def test_returning_an_input_that_is_saved(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x

    x = leaf(torch, 2)
    y = make(torch, forward, lambda ctx, grad: grad * ctx.saved_tensors[0]).apply(x)
    y.backward()
    return facts(y), x.grad


@on_both
def test_the_second_derivative_of_an_input_that_is_returned_and_saved(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x

    x = leaf(torch, 2)
    y = make(torch, forward, lambda ctx, grad: grad * ctx.saved_tensors[0] * 10).apply(x)
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    return first, torch.autograd.grad(first, x)


@on_both
def test_returning_an_input_without_recording(torch: Any) -> Any:
    x = torch.tensor([1.0])
    y = make(torch, lambda ctx, x: x, lambda ctx, grad: grad).apply(x)
    with torch.no_grad():
        z = make(torch, lambda ctx, x: x, lambda ctx, grad: grad).apply(leaf(torch, 1))
    return y is x, facts(y), facts(z)


@on_both
def test_returning_the_same_tensor_twice(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        y = x * 2
        return y, y

    seen: list[Any] = []

    def backward(ctx: Any, *grads: Any) -> Any:
        seen.append(list(grads))
        return grads[0] + grads[1]

    x = leaf(torch, 1)
    first, second = make(torch, forward, backward).apply(x)
    (first * 5 + second * 7).backward()
    return seen, x.grad


@on_both
def test_returning_a_view_of_an_input(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    y = make(torch, lambda ctx, x: x.view(2, 1), lambda ctx, grad: grad.reshape(2) * 10).apply(x * 1)
    y.sum().backward()
    return facts(y), x.grad


# --- what backward returns ----------------------------------------------------------------------------------------------

RETURNED = {
    "too few": (2, lambda torch, grad: grad),
    "too few, a tuple": (2, lambda torch, grad: (grad,)),
    "too many": (1, lambda torch, grad: (grad, grad)),
    "too many, None": (1, lambda torch, grad: (grad, None)),
    "too many, all None": (1, lambda torch, grad: (None, None, None)),
    "a list": (1, lambda torch, grad: [grad]),
    "an empty tuple": (1, lambda torch, grad: ()),
    "None": (1, lambda torch, grad: None),
    "None for both": (2, lambda torch, grad: None),
    "one None": (2, lambda torch, grad: (None, grad)),
    "a number": (1, lambda torch, grad: 1.0),
    "a wrong shape": (1, lambda torch, grad: torch.ones(3)),
    "a wrong number of dimensions": (1, lambda torch, grad: torch.ones(2, 2)[0, 0]),
    "a shape that broadcasting made": (1, lambda torch, grad: torch.ones(5, 2)),
    "another dtype": (1, lambda torch, grad: torch.ones(2, dtype=torch.float64)),
    "integers": (1, lambda torch, grad: torch.tensor([1, 2])),
    "a gradient for a number": (-1, lambda torch, grad: (grad, grad)),
}


@pytest.mark.parametrize("case", RETURNED)
def test_what_backward_returns(case: str, device: Any) -> None:
    count, returned = RETURNED[case]

    @on_both
    def program(torch: Any) -> Any:
        x, y = leaf(torch, 1, 2), leaf(torch, 3, 4)
        Custom = make(torch, lambda ctx, x, *rest: x * 2, lambda ctx, grad: returned(torch, grad))
        arguments = {1: (x,), 2: (x, y), -1: (x, 7)}[count]
        return raised(Custom.apply(*arguments).sum().backward), x.grad, y.grad

    program(device)


@on_both
def test_a_tensor_that_needs_no_gradient_may_get_one(torch: Any) -> Any:
    x, constant = leaf(torch, 1), torch.tensor([2.0])
    make(torch, lambda ctx, x, c: x * c, lambda ctx, grad: (grad * 2, grad * 3)).apply(x, constant).backward()
    return x.grad, constant.grad


@on_both
def test_missing_methods(torch: Any) -> Any:
    class Bare(torch.autograd.Function):
        pass

    class NoBackward(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

    x = leaf(torch, 1)
    return raised(lambda: Bare.apply(x)), raised(lambda: NoBackward.apply(x).backward())


@on_both
def test_a_backward_that_raises(torch: Any) -> Any:
    def backward(ctx: Any, grad: Any) -> Any:
        raise KeyError("mine")

    x = leaf(torch, 1)
    y = make(torch, lambda ctx, x: x * 2, backward).apply(x)
    return raised(y.backward), torch.is_grad_enabled(), x.grad


# --- saved tensors ------------------------------------------------------------------------------------------------------


def saving(torch: Any, what: Any) -> Any:
    """x * y that saves what a function chooses of x, y and the output; its backward looks at ``saved_tensors``."""

    def forward(ctx: Any, x: Any, y: Any) -> Any:
        output = x * y
        ctx.save_for_backward(*what(x, y, output))
        return output

    def backward(ctx: Any, grad: Any) -> Any:
        saved = ctx.saved_tensors
        seen.append([len(saved), [t if t is None else t.detach().clone() for t in saved]])
        return grad, grad

    seen: list[Any] = []
    return make(torch, forward, backward), seen


@on_both
def test_saving_inputs_outputs_and_none(torch: Any) -> Any:
    found = []
    for what in (
        lambda x, y, out: (x, y),
        lambda x, y, out: (out,),
        lambda x, y, out: (None, out, x, None),
        lambda x, y, out: (x, x),
        lambda x, y, out: (),
    ):
        x, y = leaf(torch, 2), leaf(torch, 3)
        Saving, seen = saving(torch, what)
        Saving.apply(x, y).backward()
        found.append(seen)
    return found


@on_both
def test_saved_output_has_its_history_again(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        y = torch.reciprocal(x) if hasattr(torch, "reciprocal") else x.reciprocal()
        ctx.save_for_backward(y)
        return y

    def backward(ctx: Any, grad: Any) -> Any:
        (y,) = ctx.saved_tensors
        seen.append((y.grad_fn is ctx, y.requires_grad))
        return -grad * y * y

    seen: list[Any] = []
    x = leaf(torch, 2)
    (first,) = torch.autograd.grad(make(torch, forward, backward).apply(x), x, create_graph=True)
    (second,) = torch.autograd.grad(first, x)
    return first.detach(), second, seen


@on_both
def test_saved_tensors_after_they_were_freed(torch: Any) -> Any:
    x, y = leaf(torch, 2), leaf(torch, 3)
    Saving, seen = saving(torch, lambda x, y, out: (x,))
    product = Saving.apply(x, y)
    product.backward()
    nothing, _ = saving(torch, lambda x, y, out: ())
    empty = nothing.apply(x, y)
    empty.backward()
    return raised(product.backward), raised(lambda: product.grad_fn.saved_tensors), raised(empty.backward), seen


@on_both
def test_saved_tensors_with_retain_graph(torch: Any) -> Any:
    x, y = leaf(torch, 2), leaf(torch, 3)
    Saving, seen = saving(torch, lambda x, y, out: (x, out))
    product = Saving.apply(x, y)
    product.backward(retain_graph=True)
    before = [t.detach().clone() for t in product.grad_fn.saved_tensors]
    product.backward()
    return seen, before, x.grad


@on_both
def test_saved_tensors_after_a_change_in_place(torch: Any) -> Any:
    found = []
    for change in (lambda x, out: x.mul_(2), lambda x, out: out.mul_(2), lambda x, out: None):
        x = leaf(torch, 2) * 1
        Saving, _ = saving(torch, lambda x, y, out: (x, out))
        product = Saving.apply(x, leaf(torch, 3))
        root = product * 1
        change(x, product)
        found += [raised(lambda: product.grad_fn.saved_tensors), raised(root.backward)]  # noqa: B023
    return found


@on_both
def test_saving_something_else(torch: Any) -> Any:
    x = leaf(torch, 2)
    return [
        raised(lambda: make(torch, lambda ctx, x: (ctx.save_for_backward(3), x * 2)[1], lambda ctx, g: g).apply(x)),
        raised(lambda: make(torch, lambda ctx, x: (ctx.save_for_backward([x]), x * 2)[1], lambda ctx, g: g).apply(x)),
    ]


@on_both
def test_saving_twice_keeps_the_last(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x, x)
        ctx.save_for_backward(x)
        return x * 2

    y = make(torch, forward, lambda ctx, grad: grad).apply(leaf(torch, 1))
    return len(y.grad_fn.saved_tensors)


@on_both
def test_saving_an_intermediate_result(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        middle = x * x
        ctx.save_for_backward(middle)
        return middle * 2

    def backward(ctx: Any, grad: Any) -> Any:
        (middle,) = ctx.saved_tensors
        return grad * middle

    x = leaf(torch, 3)
    make(torch, forward, backward).apply(x).backward()
    return x.grad


@on_both
def test_saved_tensors_seen_in_forward(torch: Any) -> Any:
    seen: list[Any] = []

    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        seen.append(raised(lambda: ctx.saved_tensors))
        return x * 2

    make(torch, forward, lambda ctx, grad: grad).apply(leaf(torch, 1))
    return seen


# --- changing an input in place -----------------------------------------------------------------------------------------


def doubling(torch: Any, mark: bool = True, hand_back: bool = True) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        x.mul_(2)
        if mark:
            ctx.mark_dirty(x)
        return x if hand_back else x.clone()

    return make(torch, forward, lambda ctx, grad: grad * 20, name="Doubling")


@on_both
def test_mark_dirty_of_a_result(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    middle = x * 3
    y = doubling(torch).apply(middle)
    same = y is middle
    (middle * 5).sum().backward()
    return same, facts(middle), x.grad


@on_both
def test_mark_dirty_of_a_leaf(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    kind = raised(lambda: doubling(torch).apply(x))
    return kind, x.requires_grad, x.is_leaf


@on_both
def test_mark_dirty_of_a_plain_tensor(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0])
    y = doubling(torch).apply(x)
    return y is x, facts(x)


@on_both
def test_mark_dirty_under_no_grad(torch: Any) -> Any:
    x = leaf(torch, 1, 2)
    with torch.no_grad():
        y = doubling(torch).apply(x)
    return y is x, facts(x)


@on_both
def test_mark_dirty_of_a_view(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    base = x * 3
    part = base[1:]
    y = doubling(torch).apply(part)
    same = y is part
    chain = [base.grad_fn.name(), part.grad_fn.name()]
    (base * 5).sum().backward()
    return same, chain, facts(base), x.grad


@on_both
def test_mark_dirty_of_a_view_of_a_leaf(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    return raised(lambda: doubling(torch).apply(x[1:]))


@on_both
def test_mark_dirty_without_returning_it(torch: Any) -> Any:
    apply = doubling(torch, hand_back=False).apply
    return raised(lambda: apply(leaf(torch, 1, 2) * 3)), raised(lambda: apply(torch.tensor([1.0])))


@on_both
def test_mark_dirty_of_one_of_two(torch: Any) -> Any:
    def forward(ctx: Any, x: Any, y: Any) -> Any:
        x.add_(y)
        ctx.mark_dirty(x)
        return x, x * y

    x, y = leaf(torch, 1), leaf(torch, 2)
    middle = x * 3
    first, second = make(torch, forward, lambda ctx, a, b: (a + 10 * b, a + 100 * b)).apply(middle, y)
    (first + second).backward()
    return first is middle, facts(first), facts(second), x.grad, y.grad


@on_both
def test_mark_dirty_of_what_is_not_the_first_output(torch: Any) -> Any:
    def forward(ctx: Any, x: Any, y: Any) -> Any:
        ctx.mark_dirty(x, y)
        return x.mul_(3), y.mul_(2)

    x = leaf(torch, 1, 2)
    first, second = x * 1, x * 1
    made = make(torch, forward, lambda ctx, a, b: (a * 3, b * 5)).apply(first, second)
    same = made[0] is first, made[1] is second
    (second * 2).sum().backward()
    return same, first.output_nr, second.output_nr, x.grad


@on_both
def test_mark_dirty_of_a_view_next_to_another_output(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(2), x * 3

    base = leaf(torch, 1, 2, 3) * 1
    return raised(lambda: make(torch, forward, lambda ctx, a, b: a + b).apply(base[1:])), base.grad_fn.name()


@on_both
def test_numpy_inside_forward(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        return torch.from_numpy(np.exp(x.numpy()))

    x = leaf(torch, 1, 2)
    make(torch, forward, lambda ctx, grad: grad * 7).apply(x).sum().backward()
    return x.grad, raised(lambda: x.numpy())


@on_both
def test_a_change_that_is_marked_is_seen_by_those_who_saved(torch: Any) -> Any:
    x = leaf(torch, 1)
    middle = x * 3
    saved = middle * middle
    doubling(torch).apply(middle)
    return raised(saved.backward)


# --- setup_context ------------------------------------------------------------------------------------------------------


@on_both
def test_setup_context(torch: Any) -> Any:
    seen: list[Any] = []

    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        x, power = inputs
        seen.append([type(inputs).__name__, ctx.needs_input_grad, torch.is_grad_enabled(), output.requires_grad])
        ctx.power = power
        ctx.save_for_backward(x, output)

    def backward(ctx: Any, grad: Any) -> Any:
        x, output = ctx.saved_tensors
        return grad * ctx.power * output / x, None

    Power = make(torch, lambda x, power: x**power, backward, setup_context=setup_context)
    x = leaf(torch, 2)
    y = Power.apply(x, 3)
    y.backward()
    return facts(y), x.grad, seen


@on_both
def test_setup_context_of_several_outputs(torch: Any) -> Any:
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.mark_non_differentiable(output[1])

    Two = make(torch, lambda x: (x * 2, x * 3), lambda ctx, a, b: a * 2, setup_context=setup_context)
    first, second = Two.apply(leaf(torch, 1))
    return facts(first), facts(second)


@on_both
def test_setup_context_saves_an_input_that_is_returned(torch: Any) -> Any:
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs, output)

    def backward(ctx: Any, grad: Any) -> Any:
        x, output = ctx.saved_tensors
        return grad * x * output * 10

    x = leaf(torch, 2)
    refused = raised(lambda: make(torch, lambda x: x, backward, setup_context=setup_context).apply(x))
    y = make(torch, lambda x: x.view(1), backward, setup_context=setup_context).apply(x)
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    return refused, facts(y), first.detach(), torch.autograd.grad(first, x)


# --- once_differentiable ------------------------------------------------------------------------------------------------


def once(torch: Any) -> Any:
    def backward(ctx: Any, grad: Any) -> Any:
        seen.append(torch.is_grad_enabled())
        (x,) = ctx.saved_tensors
        return grad * 2 * x

    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * x

    seen: list[Any] = []
    decorate = torch.autograd.function.once_differentiable
    return make(torch, forward, decorate(backward)), seen


@on_both
def test_once_differentiable(torch: Any) -> Any:
    x = leaf(torch, 3)
    Square, seen = once(torch)
    Square.apply(x).backward()
    (first,) = torch.autograd.grad(Square.apply(x), x, create_graph=True)
    return (
        x.grad,
        seen,
        first.detach(),
        first.requires_grad,
        raised(lambda: torch.autograd.grad(first, x)),
        raised(first.backward),
    )


@on_both
def test_once_differentiable_when_what_arrives_depends_on_a_leaf(torch: Any) -> Any:
    x, v = leaf(torch, 3), leaf(torch, 5)
    Square, _ = once(torch)
    (first,) = torch.autograd.grad(Square.apply(x), x, v, create_graph=True)
    return first.detach(), first.requires_grad, raised(lambda: torch.autograd.grad(first, v))


# --- what only our own messages can show --------------------------------------------------------------------------------


def test_messages_say_what_to_write() -> None:
    x = leaf(minigrad, 1, 2)
    Custom = make(minigrad, lambda ctx, x, factor: x * factor, lambda ctx, grad: grad)
    with pytest.raises(RuntimeError, match=r"CustomBackward: backward returned 1 gradient.* took 2 arguments"):
        Custom.apply(x, 2.0).sum().backward()
    Custom = make(minigrad, lambda ctx, x: x * 2, lambda ctx, grad: minigrad.ones(3))
    with pytest.raises(RuntimeError, match=r"CustomBackward gave a gradient of shape \[3\] for an input of shape \[2\]"):
        Custom.apply(x).sum().backward()
    Saving, _ = saving(minigrad, lambda x, y, out: (x,))
    middle = x * 1
    product = Saving.apply(middle, x)
    middle.mul_(3)
    with pytest.raises(RuntimeError, match=r"last changed by: mul_ at test_function.py.*middle.mul_\(3\)"):
        product.sum().backward()


def test_a_function_that_saves_its_output_is_freed_without_the_collector() -> None:
    def forward(ctx: Any, x: Any) -> Any:
        y = x * 2
        ctx.save_for_backward(x, y)
        return y

    gc.disable()
    try:
        y = make(minigrad, forward, lambda ctx, grad: grad).apply(leaf(minigrad, 1))
        alive = weakref.ref(y), weakref.ref(y.grad_fn)
        del y
        assert [reference() for reference in alive] == [None, None]
    finally:
        gc.enable()


@on_both
def test_attributes_of_ctx_may_have_any_plain_name(torch: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.saved, ctx.values, ctx.keep, ctx.function, ctx.shape, ctx.gradients = 2, (3, 5), 7, "f", x.shape, 11
        return x * 1

    def backward(ctx: Any, grad: Any) -> Any:
        return grad * ctx.saved * sum(ctx.values) * ctx.keep * ctx.gradients * len(ctx.function)

    x = leaf(torch, 1, 2)
    make(torch, forward, backward).apply(x).sum().backward()
    return x.grad


def test_the_message_names_what_was_freed() -> None:
    Saving, _ = saving(minigrad, lambda x, y, out: (x,))
    product = Saving.apply(leaf(minigrad, 2), leaf(minigrad, 3))
    product.backward()
    with pytest.raises(RuntimeError, match=r"Backward .* had saved saved_tensors\[0\] for one backward pass"):
        product.backward()
