"""Hooks of modules: when they are called, with what, and what becomes of what they return, under both engines."""

import warnings
from typing import Any, NamedTuple

import pytest

import minigrad
from reference import both, compare

HOOKS = [
    "m.register_forward_pre_hook(lambda m, a: log.append(a))",
    "m.register_forward_pre_hook(lambda m, a: a[0] * 2)",
    "m.register_forward_pre_hook(lambda m, a: (a[0] * 2,))",
    "m.register_forward_pre_hook(lambda m, a: (a[0] * 2, 3))",
    "m.register_forward_pre_hook(lambda m, a, k: log.append((a, k)), with_kwargs=True)",
    "m.register_forward_pre_hook(lambda m, a, k: ((a[0] * 2,), k), with_kwargs=True)",
    "m.register_forward_pre_hook(lambda m, a, k: a, with_kwargs=True)",
    "m.register_forward_pre_hook(lambda m, a, k: 3, with_kwargs=True)",
    "m.register_forward_pre_hook(3)",
    "m.register_forward_hook(lambda m, a, o: log.append((a, o)))",
    "m.register_forward_hook(lambda m, a, o: o * 2)",
    "m.register_forward_hook(lambda m, a, k, o: log.append((a, k, o)), with_kwargs=True)",
    "m.register_forward_hook(lambda m, a, o: log.append(1)); m.register_forward_hook(lambda m, a, o: log.append(2)); m.register_forward_hook(lambda m, a, o: log.append(3), prepend=True)",
    "m.register_forward_pre_hook(lambda m, a: log.append(1)); m.register_forward_pre_hook(lambda m, a: log.append(2), prepend=True)",
    "m.register_forward_hook(lambda m, a, o: log.append(1)).remove()",
    "h = m.register_forward_hook(lambda m, a, o: log.append(1)); h.remove(); h.remove()",
    "m.register_full_backward_hook(lambda m, gi, go: log.append((gi, go)))",
    "m.register_full_backward_hook(lambda m, gi, go: (gi[0] * 2,))",
    "m.register_full_backward_hook(lambda m, gi, go: gi[0] * 2)",
    "m.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0]))",
    "m.register_full_backward_pre_hook(lambda m, go: log.append(go))",
    "m.register_full_backward_pre_hook(lambda m, go: (go[0] * 3,))",
    "m.register_full_backward_pre_hook(lambda m, go: go[0] * 3)",
    "m.register_full_backward_pre_hook(lambda m, go: (go[0] * 3,)); m.register_full_backward_hook(lambda m, gi, go: log.append((gi, go)))",
    "m.register_full_backward_hook(lambda m, gi, go: log.append(1)); m.register_full_backward_hook(lambda m, gi, go: log.append(2), prepend=True)",
    "m.register_full_backward_hook(lambda m, gi, go: log.append(1)); m.register_full_backward_pre_hook(lambda m, go: log.append(2)); m.register_forward_hook(lambda m, a, o: log.append(3)); m.register_forward_pre_hook(lambda m, a: log.append(4))",
    "x.requires_grad_(False); m.register_full_backward_hook(lambda m, gi, go: log.append((gi, go)))",
    "m.requires_grad_(False); m.register_full_backward_hook(lambda m, gi, go: log.append((gi, go)))",
]  # fmt: skip


def two(torch: Any) -> Any:
    """A module in a module, with a known weight."""

    class Two(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = torch.nn.Linear(2, 2)
            with torch.no_grad():
                self.inner.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
                self.inner.bias.zero_()

        def forward(self, x: Any) -> Any:
            return self.inner(x)

    return Two()


@pytest.mark.parametrize("code", HOOKS)
def test_one_module(code: str) -> None:
    def program(torch: Any) -> list[Any]:
        model, log = two(torch), []
        x = torch.tensor([[1.0, 2.0]], requires_grad=True)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                exec(code, {"m": model, "log": log, "x": x})
                y = model(x)
                y.sum().backward()
            except Exception as error:
                return [log, type(error).__name__]
        return [log, y.detach(), y.grad_fn.name(), x.grad, model.inner.weight.grad, [w.category.__name__ for w in warned]]

    report = compare(*both(program))
    assert report, str(report)


def test_the_order_inside_and_outside() -> None:
    def program(torch: Any) -> list[str]:
        model, log = two(torch), []
        for name, module in (("out", model), ("in", model.inner)):
            module.register_full_backward_pre_hook(lambda *_, name=name: log.append(f"backward pre {name}"))
            module.register_full_backward_hook(lambda *_, name=name: log.append(f"backward {name}"))
            module.register_forward_pre_hook(lambda *_, name=name: log.append(f"forward pre {name}"))
            module.register_forward_hook(lambda *_, name=name: log.append(f"forward {name}"))
        model(torch.ones(1, 2, requires_grad=True)).sum().backward()
        return log

    ours, theirs = both(program)
    assert ours == theirs
    assert len(ours) == 8


class Pair(NamedTuple):
    a: Any
    b: Any


RETURNS = ["x * 2", "(x * 2, x * 3)", "(x * 2, 3)", "{'a': x * 2}", "[x * 2]", "Pair(x * 2, x)", "x.detach()", "3", "None"]


@pytest.mark.parametrize("returned", RETURNS)
def test_what_a_backward_hook_sees_of_each_kind_of_output(returned: str) -> None:
    def program(torch: Any) -> list[Any]:
        class Module(torch.nn.Module):  # type: ignore[misc]
            def forward(self, x: Any, ignored: Any = None) -> Any:
                return eval(returned, {"x": x, "Pair": Pair})

        model, log = Module(), []
        model.register_full_backward_hook(lambda _, grad_input, grad_output: log.append([grad_input, grad_output]))
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            y = model(x, "a string")
        first = y
        while isinstance(first, (tuple, list, dict)):
            first = first["a"] if isinstance(first, dict) else first[0]
        if hasattr(first, "sum") and first.requires_grad:
            first.sum().backward()
        return [log, type(y).__name__, x.grad, len(warned)]

    report = compare(*both(program))
    assert report, str(report)


def test_hooks_and_second_derivatives_and_no_grad() -> None:
    def program(torch: Any) -> list[Any]:
        model, log = torch.nn.Tanh(), []
        model.register_full_backward_hook(lambda _, grad_input, grad_output: log.append([grad_input, grad_output]))
        x = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
        with torch.no_grad():
            model(x)
        log.append("recorded")
        (gradient,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
        gradient.sum().backward()  # reaches x without passing the output again
        log.append("twice")
        y = model(x).sum()
        y.backward(retain_graph=True)
        y.backward()
        return [[len(entry) if isinstance(entry, list) else entry for entry in log], x.grad]

    report = compare(*both(program), ulp=2)  # of tanh
    assert report, str(report)


def test_keyword_arguments_reach_the_hooks_that_ask_for_them() -> None:
    def program(torch: Any) -> list[Any]:
        class Scaled(torch.nn.Module):  # type: ignore[misc]
            def forward(self, x: Any, *, by: float = 1.0) -> Any:
                return x * by

        model, log = Scaled(), []
        model.register_forward_pre_hook(lambda _, args, options: (args, {**options, "by": 5.0}), with_kwargs=True)
        model.register_forward_hook(lambda _, args, options, y: log.append([args, options, y]), with_kwargs=True)
        return [model(torch.ones(1), by=2.0), log]

    report = compare(*both(program))
    assert report, str(report)


def test_a_hook_that_raises_leaves_the_module_usable() -> None:
    model = minigrad.nn.Linear(2, 1)
    handle = model.register_full_backward_hook(lambda *_: 1 / 0)
    x = minigrad.ones(1, 2, requires_grad=True)
    with pytest.raises(ZeroDivisionError):
        model(x).sum().backward()
    handle.remove()
    model(x).sum().backward()
    assert x.grad is not None
