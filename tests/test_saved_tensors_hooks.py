"""saved_tensors_hooks packs and unpacks what torch packs and unpacks, and in its order."""

from typing import Any

import pytest

import minigrad

from .on_both import on_both, raised


def leaf(torch: Any, *values: float) -> Any:
    return torch.tensor([float(value) for value in values], requires_grad=True)


class Seen(list):
    """What the hooks were given, and the hooks: which count in what they pack, so that it is no tensor."""

    def pack(self, tensor: Any) -> Any:
        self.append(["pack", tensor.detach().clone()])
        return len(self), tensor.detach().clone()

    def unpack(self, packed: Any) -> Any:
        self.append(["unpack", packed[0]])
        return packed[1]


OPERATORS = {
    "mul": lambda torch, x, y: x * y,
    "mul by a plain tensor": lambda torch, x, y: x * y.detach(),
    "mul by a number": lambda torch, x, y: x * 3,
    "add": lambda torch, x, y: x + y,
    "div": lambda torch, x, y: x / y,
    "pow": lambda torch, x, y: x**2,
    "relu": lambda torch, x, y: x.relu(),
    "sqrt": lambda torch, x, y: x.sqrt(),
    "neg": lambda torch, x, y: -x,
    "sum": lambda torch, x, y: x.sum(),
    "mm": lambda torch, x, y: x.view(2, 1) @ y.view(1, 2),
    "t": lambda torch, x, y: x.view(2, 1).t(),
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_what_is_packed(operator: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        seen, x, y = Seen(), leaf(torch, 1, 4), leaf(torch, 2, 8)
        with torch.autograd.graph.saved_tensors_hooks(seen.pack, seen.unpack):
            result = OPERATORS[operator](torch, x, y)
        result.sum().backward()
        return seen, x.grad, y.grad

    program(device)


@on_both
def test_unpack_may_give_another_value(torch: Any) -> Any:
    x = leaf(torch, 3)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t * 100):
        y = x * x
    y.backward()
    return x.grad


@on_both
def test_nested_blocks_use_the_innermost(torch: Any) -> Any:
    outer, inner, x = Seen(), Seen(), leaf(torch, 3)
    hooks = torch.autograd.graph.saved_tensors_hooks
    with hooks(outer.pack, outer.unpack):
        y = x * 2 * x
        with hooks(inner.pack, inner.unpack):
            z = y * y
        last = z * y
    free = last * last
    free.backward()
    return outer, inner, x.grad


@on_both
def test_blocks_end_with_an_exception(torch: Any) -> Any:
    seen, x = Seen(), leaf(torch, 3)

    def fail() -> None:
        with torch.autograd.graph.saved_tensors_hooks(seen.pack, seen.unpack):
            raise KeyError

    return raised(fail), (x * x).backward(), seen


@on_both
def test_hooks_that_raise(torch: Any) -> Any:
    def fail(given: Any) -> None:
        raise KeyError("mine")

    hooks = torch.autograd.graph.saved_tensors_hooks
    x = leaf(torch, 3)

    def packing() -> None:
        with hooks(fail, lambda t: t):
            _ = x * x

    with hooks(lambda t: t, fail):
        y = x * x
    after = x * x
    after.backward()
    return raised(packing), raised(y.backward), x.grad


@on_both
def test_unpack_must_give_a_tensor(torch: Any) -> Any:
    x = leaf(torch, 3)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: 5, lambda packed: packed):
        y = x * x
    return raised(y.backward)


@on_both
def test_pack_may_not_change_its_tensor(torch: Any) -> Any:
    x = leaf(torch, 3)

    def program() -> None:
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t.mul_(2), lambda t: t):
            (x * 1) * (x * 1)

    return raised(program)


@on_both
def test_the_mode_in_hooks(torch: Any) -> Any:
    modes: list[Any] = []

    def pack(tensor: Any) -> Any:
        modes.append(["pack", torch.is_grad_enabled(), (tensor * 2).requires_grad])
        return tensor

    def unpack(tensor: Any) -> Any:
        modes.append(["unpack", torch.is_grad_enabled()])
        return tensor

    x = leaf(torch, 3)
    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        y = (x * 1) * (x * 1)
    y.backward(retain_graph=True)
    torch.autograd.grad(y, x, create_graph=True)
    return modes


@on_both
def test_a_graph_gone_through_twice_unpacks_twice(torch: Any) -> Any:
    seen, x = Seen(), leaf(torch, 3)
    with torch.autograd.graph.saved_tensors_hooks(seen.pack, seen.unpack):
        y = x * x
    y.backward(retain_graph=True)
    y.backward()
    return seen, raised(y.backward), x.grad


@on_both
def test_second_derivatives(torch: Any) -> Any:
    x = leaf(torch, 3)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        y = x * x * x
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    return first.detach(), torch.autograd.grad(first, x)


@on_both
def test_an_output_that_was_packed(torch: Any) -> Any:
    x = leaf(torch, 4)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), lambda numbers: torch.tensor(numbers)):
        y = x.sqrt()
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    return first.detach(), torch.autograd.grad(first, x)


@on_both
def test_the_saved_fields_are_unpacked(torch: Any) -> Any:
    seen, x = Seen(), leaf(torch, 3)
    with torch.autograd.graph.saved_tensors_hooks(seen.pack, seen.unpack):
        y = x * leaf(torch, 5)
    return y.grad_fn._saved_other.detach().clone(), seen


@on_both
def test_what_a_function_saves_is_packed(torch: Any) -> Any:
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            output = x * x
            ctx.save_for_backward(x, output)
            return output

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            x, _ = ctx.saved_tensors
            return grad * 2 * x

    seen, x = Seen(), leaf(torch, 3)
    with torch.autograd.graph.saved_tensors_hooks(seen.pack, seen.unpack):
        y = Square.apply(x)
    y.backward()
    return seen, x.grad


@on_both
def test_an_in_place_operator_packs_its_old_value(torch: Any) -> Any:
    seen, x = Seen(), leaf(torch, 3)
    y = x * 1
    with torch.autograd.graph.saved_tensors_hooks(seen.pack, seen.unpack):
        y.pow_(2)
    y.backward()
    return seen, x.grad


@on_both
def test_nothing_is_packed_where_nothing_is_recorded(torch: Any) -> Any:
    seen, x = Seen(), leaf(torch, 3)
    with torch.autograd.graph.saved_tensors_hooks(seen.pack, seen.unpack):
        with torch.no_grad():
            _ = x * x
        _ = x.detach() * x.detach()
    return seen


@on_both
def test_a_change_after_packing(torch: Any) -> Any:
    x = leaf(torch, 3)
    y = x * 1
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.clone(), lambda t: t):
        z = y * y
    y.mul_(10)
    return raised(z.backward), x.grad


@on_both
def test_the_block_acts_on_the_forward_pass_only(torch: Any) -> Any:
    seen, x = Seen(), leaf(torch, 3)
    y = x * x
    with torch.autograd.graph.saved_tensors_hooks(seen.pack, seen.unpack):
        (first,) = torch.autograd.grad(y, x)
    return seen, first


def test_unpack_says_what_it_got() -> None:
    x = leaf(minigrad, 3)
    with minigrad.autograd.graph.saved_tensors_hooks(lambda t: 5, lambda packed: packed):
        y = x * x
    with pytest.raises(TypeError, match=r"unpack hook must return the saved Tensor, but it returned 5"):
        y.backward()
