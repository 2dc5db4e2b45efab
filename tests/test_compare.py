"""Two graphs in step: equal ones are found equal, and of those that differ exactly the first difference is named."""

import subprocess
import sys
from typing import Any

import pytest
import torch

import minigrad
from minigrad.study.compare import Comparison, compare, same_shape

from .cases import Case, leaves_of, output_of
from .test_graph import GRAPH_CASES


def difference(comparison: Comparison) -> tuple[str, str]:
    assert not comparison
    assert comparison.difference is not None
    assert comparison.difference.node in str(comparison)
    return comparison.difference.node, comparison.difference.what


@pytest.mark.parametrize("case", GRAPH_CASES, ids=lambda case: case.name)
def test_every_operator_runs_as_in_torch(case: Case) -> None:
    ours, theirs = (output_of(engine, case, leaves_of(engine, case, "float64")) for engine in (minigrad, torch))
    comparison = compare(ours, theirs)
    if case.name.startswith("as_strided"):  # torch does not show the geometry of the tensor that the view is of
        assert difference(comparison) == ("AsStridedBackward0", "names of the saved fields")
    else:
        assert comparison, str(comparison)
        assert comparison.nodes > 1


def regression(t: Any, w: Any) -> Any:
    x, b = t.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), t.tensor([0.5], requires_grad=True)
    return ((x @ w + b - 1) ** 2).mean()


@pytest.mark.parametrize("engines", [(minigrad, torch), (torch, minigrad), (torch, torch), (minigrad, minigrad)])
def test_nothing_is_left_behind(engines: Any) -> None:
    weights = [t.tensor([[1.0], [-1.0]], requires_grad=True) for t in engines]
    a, b = (regression(t, w) for t, w in zip(engines, weights, strict=True))
    a.backward(retain_graph=True)
    before = weights[0].grad
    values, version = before.tolist(), before._version
    for _ in range(2):
        assert str(compare(a, b)) == "the same in all of 7 nodes"
    assert weights[0].grad is before
    assert (before.tolist(), before._version) == (values, version)
    assert weights[1].grad is None
    a.backward()
    with pytest.raises(RuntimeError):
        compare(a, b)


# --- the first of several differences is named, whichever engines the graphs are of ---------------------------------------


def leaf(t: Any, *values: float) -> Any:
    return t.tensor(list(values), requires_grad=True)


def with_hook(y: Any, hook: Any) -> Any:
    y.register_hook(hook)
    return y


def reordered(t: Any) -> Any:
    """The same graph as ``x.exp() * x.tanh()``, but made in another order, so that it runs in another."""
    x = leaf(t, 1.0, 2.0)
    tanh = x.tanh()
    return x.exp() * tanh


def shared(t: Any) -> Any:
    y = leaf(t, 1.0) * 2
    return (y + y).exp()


def saving(t: Any, *also: float) -> Any:
    """A Function that may keep one tensor more than it needs."""

    class Twice(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(*(t.tensor(value) for value in also))
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            return grad_output * 2

    return Twice.apply(leaf(t, 1.0)) * 1


def with_a_hook_after(x: Any, factor: float) -> Any:
    def hook(x: Any) -> None:
        x.grad.mul_(factor)

    x.register_post_accumulate_grad_hook(hook)
    return x * 2


DIFFERENT = {
    "the value": (lambda t: leaf(t, 1.0).exp(), lambda t: leaf(t, 2.0).exp(), ("ExpBackward0", "value")),
    "nan for a value": (lambda t: leaf(t, 1.0).log(), lambda t: leaf(t, -1.0).log(), ("LogBackward0", "value")),
    "inf for a value": (lambda t: leaf(t, 1.0).exp(), lambda t: leaf(t, 99.0).exp(), ("ExpBackward0", "value")),
    "no graph": (lambda t: leaf(t, 1.0).exp(), lambda t: leaf(t, 1.0).detach().exp(), ("root", "grad_fn")),
    "a name": (lambda t: (leaf(t, 1.0) * 1).exp(), lambda t: (leaf(t, 1.0) / 1).exp(), ("MulBackward0", "name")),
    "an edge that is not there": (
        lambda t: leaf(t, 1.0) * leaf(t, 1.0),
        lambda t: leaf(t, 1.0) * t.ones(1),
        ("MulBackward0", "edges"),
    ),
    "an edge to another output": (
        lambda t: leaf(t, 1.0, 1.0).unbind()[0].exp(),
        lambda t: leaf(t, 1.0, 1.0).unbind()[1].exp(),
        ("ExpBackward0", "edges"),
    ),
    "an edge to another node": (
        shared,
        lambda t: (lambda x: (x * 2 + x * 2).exp())(leaf(t, 1.0)),
        ("AddBackward0", "edges"),
    ),
    "a leaf": (lambda t: leaf(t, 1.0).sum(), lambda t: leaf(t, 1.0, 0.0).sum(), ("AccumulateGrad", "leaf")),
    "the order": (
        lambda t: (lambda x: x.exp() * x.tanh())(leaf(t, 1.0, 2.0)),
        reordered,
        ("TanhBackward0", "order"),
    ),
    "a saved number": (lambda t: leaf(t, 1.0) ** 2, lambda t: leaf(t, 1.0) ** 3, ("PowBackward0", "saved exponent")),
    "a saved tensor": (
        lambda t: (leaf(t, 2.0) * leaf(t, 3.0)).exp(),
        lambda t: (leaf(t, 3.0) * leaf(t, 2.0)).exp(),
        ("MulBackward0", "saved other"),
    ),
    "what is saved": (saving, lambda t: saving(t, 1.0), ("TwiceBackward", "names of the saved fields")),
    "a .grad that a hook changed": (
        lambda t: with_a_hook_after(leaf(t, 1.0), 1.0),
        lambda t: with_a_hook_after(leaf(t, 1.0), 2.0),
        ("AccumulateGrad", ".grad of the leaf"),
    ),
    "a gradient that a hook changed": (
        lambda t: with_hook(leaf(t, 1.0) * 2, lambda grad: grad).exp(),
        lambda t: with_hook(leaf(t, 1.0) * 2, lambda grad: grad * 1.001).exp(),
        ("MulBackward0", "gradient that arrives"),
    ),
}


@pytest.mark.parametrize(("first", "second", "named"), DIFFERENT.values(), ids=DIFFERENT.keys())
@pytest.mark.parametrize("engines", [(minigrad, torch), (torch, minigrad), (torch, torch)], ids=["both", "turned", "torch"])
def test_the_first_difference_is_named(first: Any, second: Any, named: tuple[str, str], engines: Any) -> None:
    assert compare(first(engines[0]), first(engines[1]))
    assert difference(compare(first(engines[0]), second(engines[1]))) == named


def broken(t: Any, factor: float) -> Any:
    """A Function in the middle of a graph whose backward is off by a factor."""

    class Double(t.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            return grad_output * factor

    x = leaf(t, 1.0, 2.0)
    return (Double.apply(x.exp()) * x).sum()


def test_a_wrong_formula_of_ones_own_is_found() -> None:
    assert compare(broken(minigrad, 2.0), broken(torch, 2.0))
    comparison = compare(broken(minigrad, 2.5), broken(torch, 2.0))
    assert difference(comparison) == ("DoubleBackward", "gradient of inputs")
    text = str(comparison)
    assert "Double.backward(ctx, grad)" in text
    assert "return (Double.apply(x.exp()) * x).sum()" in text
    assert [line.split()[0] for line in text.splitlines()[-2:]] == ["minigrad", "torch"]
    assert "[0] is 2.5" in text
    assert "[0] is 2.0" in text


def test_a_wrong_formula_of_minigrad_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def program(t: Any) -> Any:
        x = leaf(t, 1.0, 2.0)
        return (x.exp().tanh() * x.sin()).sum()

    assert compare(program(minigrad), program(torch))
    ours = program(minigrad)
    kind = type(ours.grad_fn.next_functions[0][0].next_functions[0][0])
    assert kind.__name__ == "TanhBackward0"
    formula = kind.apply.__globals__["gradient_of_self"]
    monkeypatch.setitem(kind.apply.__globals__, "gradient_of_self", lambda grad, result: -formula(grad, result))
    comparison = compare(ours, program(torch))
    assert difference(comparison) == ("TanhBackward0", "gradient of self")
    assert comparison.difference is not None
    assert comparison.difference.path == "grad_fn.next_functions[0][0].next_functions[0][0]"


# --- how far apart numbers may be ------------------------------------------------------------------------------------------


def test_tolerances() -> None:
    exact, off = torch.tensor([1.0, 1000.0]), torch.tensor([1.0, 1000.001])
    assert compare(exact, off)  # rtol 1.3e-6 of float32
    assert not compare(exact, off, rtol=0.0)
    assert not compare(exact.double(), off.double())
    assert compare(exact, torch.tensor([1.0, 1001.0]), rtol=1e-2)
    assert not compare(torch.tensor([1.0]), torch.tensor([float("inf")]))
    assert compare(torch.tensor([float("inf"), float("nan")]), minigrad.tensor([float("inf"), float("nan")]))
    big = 2**53
    assert not compare(torch.tensor([big]), torch.tensor([big + 1]))
    assert "shape [1]" in str(compare(torch.tensor([1.0]), torch.tensor(1.0)))
    assert "float64" in str(compare(torch.ones(1), minigrad.ones(1, dtype=minigrad.float64)))


def test_sums_that_cancel_do_not_hide_a_gradient() -> None:
    """With ones to begin with, the gradient of softmax would be 0, right or wrong."""
    x = leaf(torch, 1.0, 2.0)
    doubled = with_hook(leaf(torch, 1.0, 2.0), lambda grad: grad * 2)
    assert difference(compare(x.softmax(0), doubled.softmax(0))) == ("AccumulateGrad", "gradient that arrives")


@pytest.mark.parametrize("engine", [minigrad, torch])
def test_graphs_may_have_nodes_in_common(engine: Any) -> None:
    x, y, z = leaf(engine, 2.0), leaf(engine, 2.0), leaf(engine, 3.0)
    common = x.exp()
    assert compare(x * y, y * x)
    assert compare(common * common, common * common)
    assert difference(compare(x * z, z * x)) == ("MulBackward0", "saved other")
    assert x.grad is None


@pytest.mark.parametrize("engine", [minigrad, torch])
def test_empty_and_0d_and_leaves(engine: Any) -> None:
    for make in (
        lambda: engine.zeros(0, 3, requires_grad=True).exp(),
        lambda: engine.tensor(2.0, requires_grad=True),
        lambda: engine.arange(3),
        lambda: engine.ones(2, 3, requires_grad=True).t()[::2].sum(0, keepdim=True),
        lambda: engine.ones(2, 3, requires_grad=True).max(1)[0],
        lambda: engine.ones(2, dtype=engine.float16, requires_grad=True) * 3,
    ):
        assert compare(make(), make())


def test_what_is_no_tensor_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        compare(minigrad.ones(1), 1.0)


def test_outputs_without_a_gradient_do_not_count() -> None:
    def program(t: Any) -> Any:
        x = t.tensor([[1.0, 3.0, 2.0], [0.5, 0.0, 1.0]], requires_grad=True)
        return t.nn.functional.cross_entropy(x * x.max(1, keepdim=True)[0], t.tensor([1, 2]))

    comparison = compare(program(minigrad), program(torch))
    assert comparison, str(comparison)


def deep(y: Any, depth: int) -> Any:
    for _ in range(depth):
        y = y + 1
    return y


def test_deep_graphs_need_no_recursion() -> None:
    assert compare(deep(leaf(minigrad, 1.0), 2000), deep(leaf(torch, 1.0), 2000))
    assert (
        str(same_shape(deep(leaf(minigrad, 1.0), 20_000), deep(leaf(torch, 1.0), 20_000)))
        == "the same in all of 20001 nodes"
    )
    difference = same_shape(deep(leaf(minigrad, 1.0) * 1, 20_000), deep(leaf(torch, 1.0), 20_000)).difference
    assert difference is not None
    assert (difference.what, difference.node, difference.number) == ("name", "MulBackward0", 20_000)
    assert len(difference.path) < 300


def test_the_path_leads_to_the_node() -> None:
    def program(t: Any, other: str) -> Any:
        x = leaf(t, 1.0)
        return (x.exp() + getattr(x, other)() * 2).sum()

    ours = program(minigrad, "tanh")
    difference = same_shape(ours, program(torch, "sin")).difference
    assert difference is not None
    assert eval(difference.path, {"grad_fn": ours.grad_fn}).name() == difference.node == "TanhBackward0"


def test_torch_is_not_imported() -> None:
    program = (
        "import sys, minigrad\nfrom minigrad.study.compare import compare\n"
        "x = minigrad.ones(3, requires_grad=True)\nassert compare(x.exp(), x.exp())\nassert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
