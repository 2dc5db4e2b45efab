"""Bad input: torch's exception type, a message of our own with the facts, and every value left as it was."""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch

import minigrad


class Bad(NamedTuple):
    """What is made, what is then called with it, and what minigrad's message must name."""

    name: str
    make: Callable[[Any], tuple[Any, ...]]
    call: Callable[..., Any]
    facts: tuple[str, ...] = ()


def leaf(torch: Any, *shape: int) -> Any:
    return torch.ones(*shape, requires_grad=True)


def nothing(torch: Any) -> tuple[Any, ...]:
    return ()


def one(*shape: int, **options: Any) -> Callable[[Any], tuple[Any, ...]]:
    return lambda torch: (torch.ones(shape, **options),)


def two(first: tuple[int, ...], second: tuple[int, ...], **options: Any) -> Callable[[Any], tuple[Any, ...]]:
    return lambda torch: (torch.ones(first, **options), torch.ones(second, **options))


def squared(torch: Any) -> tuple[Any, ...]:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    return x, x * x


def gone_through(torch: Any) -> tuple[Any, ...]:
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    y.backward()
    return x, y


def changed(torch: Any) -> tuple[Any, ...]:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    z = (y * y).sum()
    y.add_(1)
    return x, y, z


def whole(torch: Any) -> tuple[Any, ...]:
    return (torch.tensor([1, 2, 3]),)


LEAF = one(2, requires_grad=True)

DIFFERENTIATION = [
    Bad("backward without a graph", one(), lambda torch, x: x.backward(), ("grad_fn", "requires_grad=True")),
    Bad("backward of a result of plain tensors", one(2), lambda torch, x: (x * x).sum().backward(), ("requires_grad=True",)),
    Bad("backward under no_grad's result", squared, lambda torch, x, y: y.detach().sum().backward(), ("detach()",)),
    Bad("backward of several numbers", squared, lambda torch, x, y: y.backward(), ("[2]", "y.sum().backward()")),
    Bad("gradient of the wrong shape", squared, lambda torch, x, y: y.backward(torch.ones(3)), ("[2]", "[3]")),
    Bad("gradient that would broadcast", squared, lambda torch, x, y: y.backward(torch.ones(1)), ("[2]", "[1]")),
    Bad("gradient that is a number", squared, lambda torch, x, y: y.sum().backward(1.0), ("float",)),
    Bad("backward twice", gone_through, lambda torch, x, y: y.backward(), ("MulBackward0", "retain_graph=True", "freed by")),
    Bad("in-place after saving", changed, lambda torch, x, y, z: z.backward(), ("MulBackward0", "add_", "[2]", "clone()")),
    Bad("no inputs", squared, lambda torch, x, y: y.sum().backward(inputs=[]), ("inputs=[]",)),
    Bad(
        "input that requires no grad",
        squared,
        lambda torch, x, y: torch.autograd.grad(y.sum(), torch.ones(2)),
        ("requires_grad", "[2]"),
    ),
    Bad(
        "input that is not used",
        squared,
        lambda torch, x, y: torch.autograd.grad(y.sum(), leaf(torch, 3)),
        ("[3]", "allow_unused=True"),
    ),
    Bad(
        "grad of a plain tensor",
        squared,
        lambda torch, x, y: torch.autograd.grad(torch.ones(2).sum(), x),
        ("requires_grad=True",),
    ),
    Bad("grad of several numbers", squared, lambda torch, x, y: torch.autograd.grad(y, x), ("[2]",)),
    Bad("retain_grad of a plain tensor", one(2), lambda torch, x: x.retain_grad(), ("requires_grad=True",)),
    Bad("hook on a plain tensor", one(2), lambda torch, x: x.register_hook(print), ("require grad",)),
    Bad(
        "hook that returns a wrong shape",
        squared,
        lambda torch, x, y: (y.register_hook(lambda g: g.sum()), y.sum().backward()),
        ("[2]", "[]"),
    ),
    Bad(
        "hook that returns no tensor",
        squared,
        lambda torch, x, y: (y.register_hook(lambda g: 1.0), y.sum().backward()),
        ("1.0",),
    ),
]

LEAVES = [
    Bad("integers that require grad", nothing, lambda torch: torch.tensor([1, 2], requires_grad=True), ("int64", "float")),
    Bad(
        "zeros of integers that require grad",
        nothing,
        lambda torch: torch.zeros(2, dtype=torch.int64, requires_grad=True),
        ("int64",),
    ),
    Bad("requires_grad_ of integers", whole, lambda torch, x: x.requires_grad_(), ("int64", "float")),
    Bad("index_put by a mask without dimensions", one(), lambda torch, x: x.index_put((x > 0,), x), ("mask",)),
    Bad("requires_grad_ of None", one(2), lambda torch, x: x.requires_grad_(None), ("None",)),
    Bad("requires_grad set to a number", one(2), lambda torch, x: setattr(x, "requires_grad", 1), ("1",)),
    Bad("requires_grad of truth values", one(2), lambda torch, x: (x > 0).requires_grad_(), ("bool",)),
    Bad(
        "requires_grad of a result switched off",
        squared,
        lambda torch, x, y: y.requires_grad_(False),
        ("MulBackward0", "detach()"),
    ),
    Bad("add_ to a leaf", LEAF, lambda torch, x: x.add_(1), ("add_", "[2]", "no_grad")),
    Bad("-= on a leaf", LEAF, lambda torch, x: x.__isub__(1), ("sub_", "[2]", "no_grad")),
    Bad("zero_ of a leaf", LEAF, lambda torch, x: x.zero_(), ("zero_", "[2]", "no_grad")),
    Bad("fill_ of a view of a leaf", LEAF, lambda torch, x: x.view(2).fill_(3), ("fill_", "[2]", "no_grad")),
    Bad("grad of the wrong shape", LEAF, lambda torch, x: setattr(x, "grad", torch.ones(3)), ("[2]", "[3]")),
    Bad(
        "grad of the wrong dtype",
        LEAF,
        lambda torch, x: setattr(x, "grad", torch.ones(2, dtype=torch.float64)),
        ("float32", "float64"),
    ),
    Bad("grad that is a number", LEAF, lambda torch, x: setattr(x, "grad", 1.0), ("float",)),
    Bad("grad that is the tensor itself", LEAF, lambda torch, x: setattr(x, "grad", x), ("clone()",)),
    Bad("numpy() of a leaf", LEAF, lambda torch, x: x.numpy(), ("detach()",)),
]

SHAPES = [
    Bad("add", two((2, 3), (4,)), lambda torch, x, y: x + y, ("[2, 3]", "[4]", "broadcast")),
    Bad("mul", two((2, 3), (2,)), lambda torch, x, y: x * y, ("[2, 3]", "[2]", "broadcast")),
    Bad("comparison", two((2, 3), (2,)), lambda torch, x, y: x > y, ("[2, 3]", "[2]")),
    Bad("where", two((2, 3), (2,)), lambda torch, x, y: torch.where(x > 0, x, y), ("[2, 3]", "[2]")),
    Bad("in-place that would grow", two((3,), (2, 3)), lambda torch, x, y: x.add_(y), ("add_", "[3]", "[2, 3]")),
    Bad("in-place that does not broadcast", two((2, 3), (2,)), lambda torch, x, y: x.mul_(y), ("[2, 3]", "[2]")),
    Bad("in-place on expanded memory", one(1, 3), lambda torch, x: x.expand(2, 3).add_(1), ("expand", "clone()")),
    Bad("in-place fraction into integers", whole, lambda torch, x: x.add_(0.5), ("add_", "float32", "int64")),
    Bad("matmul", two((2, 3), (2, 3)), lambda torch, x, y: x @ y, ("[2, 3]", "3", "2")),
    Bad("matmul by a vector", two((2, 3), (2,)), lambda torch, x, y: x @ y, ("[2, 3]", "[2]")),
    Bad("matmul of vectors", two((2,), (3,)), lambda torch, x, y: x @ y, ("[2]", "[3]")),
    Bad("matmul of a number", two((), (2, 2)), lambda torch, x, y: x @ y, ("*",)),
    Bad("matmul of batches", two((2, 3, 4), (5, 4, 3)), lambda torch, x, y: x @ y, ("[2, 3, 4]", "[5, 4, 3]")),
    Bad("matmul of inner lengths in batches", two((2, 3, 4), (2, 3, 4)), lambda torch, x, y: x @ y, ("4", "3")),
    Bad("mm of vectors", two((2,), (2,)), lambda torch, x, y: x.mm(y), ("mm", "[2]")),
    Bad(
        "matmul of two dtypes",
        lambda torch: (torch.ones(2, 2), torch.ones(2, 2, dtype=torch.float64)),
        lambda torch, x, y: x @ y,
        ("float32", "float64"),
    ),
    Bad(
        "addmm",
        lambda torch: (torch.ones(3), torch.ones(2, 4), torch.ones(4, 2)),
        lambda torch, b, x, w: torch.addmm(b, x, w),
        ("[3]", "[2, 2]"),
    ),
    Bad(
        "linear of the wrong width",
        lambda torch: (torch.nn.Linear(3, 2).weight, torch.ones(5, 4)),
        lambda torch, w, x: torch.nn.functional.linear(x, w),
        ("[5, 4]", "[3, 2]"),
    ),
    Bad("Linear of the wrong width", one(5, 4), lambda torch, x: torch.nn.Linear(3, 2)(x), ("[5, 4]", "3")),
    Bad("Linear of a wrong width in a batch", one(2, 5, 4), lambda torch, x: torch.nn.Linear(3, 2)(x), ("4", "3")),
    Bad(
        "Linear of another dtype",
        lambda torch: (torch.ones(5, 3, dtype=torch.float64),),
        lambda torch, x: torch.nn.Linear(3, 2)(x),
        ("float32", "float64"),
    ),
    Bad("mse_loss", two((2, 3), (4,)), lambda torch, x, y: torch.nn.functional.mse_loss(x, y), ("[2, 3]", "[4]")),
    Bad(
        "mse_loss with an unknown reduction",
        two((2,), (2,)),
        lambda torch, x, y: torch.nn.functional.mse_loss(x, y, reduction="avg"),
        ("avg", "mean"),
    ),
    Bad("view", one(2, 3), lambda torch, x: x.view(4), ("[4]", "6")),
    Bad("view of what does not lie in order", one(2, 3), lambda torch, x: x.t().view(6), ("[6]", "reshape")),
    Bad("reshape", one(2, 3), lambda torch, x: x.reshape(4, 2), ("[4, 2]", "6")),
    Bad("reshape with two unknowns", one(2, 3), lambda torch, x: x.reshape(-1, -1), ("-1",)),
    Bad("reshape that does not come out even", one(2, 3), lambda torch, x: x.reshape(-1, 4), ("4]", "6")),
    Bad("reshape to a negative length", one(2, 3), lambda torch, x: x.reshape(-2, -3), ("-2",)),
    Bad("expand", one(2, 3), lambda torch, x: x.expand(2, 4), ("[2, 3]", "[2, 4]")),
    Bad("expand to fewer dimensions", one(2, 3), lambda torch, x: x.expand(3), ("[2, 3]", "[3]")),
    Bad("t of three dimensions", one(2, 3, 4), lambda torch, x: x.t(), ("3", "transpose")),
    Bad("transpose of a dimension that is not there", one(2, 3), lambda torch, x: x.transpose(0, 2), ("2",)),
    Bad("permute with too few", one(2, 3), lambda torch, x: x.permute(0), ("[2, 3]",)),
    Bad("permute twice the same", one(2, 3), lambda torch, x: x.permute(0, 0), ("0",)),
    Bad("unsqueeze far out", one(2, 3), lambda torch, x: x.unsqueeze(4), ("4",)),
    Bad("squeeze of a dimension that is not there", one(2, 3), lambda torch, x: x.squeeze(2), ("2",)),
    Bad("sum over a dimension that is not there", one(2, 3), lambda torch, x: x.sum(2), ("2", "[2, 3]")),
    Bad("sum over a dimension twice", one(2, 3), lambda torch, x: x.sum((0, 0)), ("0",)),
    Bad("sum over a dimension of a number", one(), lambda torch, x: x.sum(1), ("1",)),
    Bad("mean of integers", whole, lambda torch, x: x.mean(), ("int64", "float()")),
    Bad("sum_to_size", one(2, 3), lambda torch, x: x.sum_to_size(2, 2), ("[2, 3]", "[2, 2]")),
    Bad("sum over a truth value", one(2, 3), lambda torch, x: x.sum(True), ("True", "bool")),
    Bad("sum over a tensor", one(2, 3), lambda torch, x: x.sum(x), ("int", "Tensor")),
    Bad("cumsum along a fraction", one(2, 3), lambda torch, x: x.cumsum(0.5), ("0.5", "float")),
    Bad("softmax along a text", one(2, 3), lambda torch, x: x.softmax("a"), ("'a'", "str")),
    Bad("view to a fraction", one(2, 3), lambda torch, x: x.view(6.0), ("6.0", "float")),
    Bad("expand to a tensor", one(2, 3), lambda torch, x: x.expand(x), ("int", "Tensor")),
    Bad("tril of a tensor", one(2, 3), lambda torch, x: x.tril(x), ("int", "Tensor")),
    Bad("chunk into a fraction", one(2, 3), lambda torch, x: x.chunk(1.5), ("1.5", "float")),
    Bad("split into a text", one(2, 3), lambda torch, x: x.split("a"), ("'a'", "str")),
    Bad("argmax along a tuple", one(2, 3), lambda torch, x: x.argmax((0, 1)), ("(0, 1)", "tuple")),
    Bad("topk of a fraction", one(2, 3), lambda torch, x: x.topk(1.5), ("1.5", "float")),
    Bad("matmul by a number", one(2, 3), lambda torch, x: x.matmul(3), ("3", "int")),
    Bad("random_ up to a tensor", one(2, 3), lambda torch, x: x.random_(x), ("int", "Tensor")),
    Bad("std unbiased in words", one(2, 3), lambda torch, x: x.std(0, "no"), ("'no'",)),
    Bad("multinomial of half a sample", one(3), lambda torch, x: x.multinomial(0.5), ("0.5", "float")),
    Bad("type_as a number", one(2, 3), lambda torch, x: x.type_as(3), ("3", "int")),
]

VALUES = [
    Bad("add a text", one(2), lambda torch, x: x.add("a"), ("str", "'a'")),
    Bad("mul by None", one(2), lambda torch, x: x.mul(None), ("None",)),
    Bad("sub of truth values", one(2), lambda torch, x: (x > 0) - (x > 0), ("truth values",)),
    Bad("neg of truth values", one(2), lambda torch, x: -(x > 0), ("bool",)),
    Bad("integers to a negative power", whole, lambda torch, x: x**-1, ("-1", "integer")),
    Bad("item of several", one(2), lambda torch, x: x.item(), ("[2]", "tolist()")),
    Bad("item of none", one(0), lambda torch, x: x.item(), ("[0]",)),
    Bad("float of several", one(2), lambda torch, x: float(x), ("[2]",)),
    Bad("int of several", one(2), lambda torch, x: int(x), ("[2]",)),
    Bad("truth of several", one(2), lambda torch, x: bool(x), ("[2]", "any()")),
    Bad("truth of none", one(0), lambda torch, x: bool(x), ("[0]",)),
    Bad("len of a number", one(), lambda torch, x: len(x), ("0-d",)),
    Bad("iteration over a number", one(), lambda torch, x: list(x), ("0-d",)),
    Bad("a fraction as an index", one(), lambda torch, x: [1, 2][x], ("index", "float32")),
    Bad("index outside", one(2, 3), lambda torch, x: x[2], ("2", "0")),
    Bad("index far below", one(2, 3), lambda torch, x: x[0, -4], ("-4",)),
    Bad("too many indices", one(2, 3), lambda torch, x: x[0, 0, 0], ("3", "2")),
    Bad("index of a number", one(), lambda torch, x: x[0], ("0",)),
    Bad("backward slice", one(3), lambda torch, x: x[::-1], ("-1",)),
    Bad("ragged lists", nothing, lambda torch: torch.tensor([[1.0, 2.0], [3.0]]), ()),
    Bad("an unknown device", nothing, lambda torch: torch.zeros(1, device="nowhere"), ("nowhere",)),
    Bad("default dtype of integers", nothing, lambda torch: torch.set_default_dtype(torch.int64), ("int64",)),
]


def sgd(**options: Any) -> Callable[..., Any]:
    return lambda torch, w: torch.optim.SGD([w], **options)


OPTIMISERS = [
    Bad("SGD of nothing", nothing, lambda torch: torch.optim.SGD([], lr=0.1), ("SGD", "no parameters")),
    Bad("SGD of a used iterator", nothing, lambda torch: torch.optim.SGD(iter(()), lr=0.1), ("SGD", "iterator")),
    Bad("SGD of a tensor", LEAF, lambda torch, w: torch.optim.SGD(w, lr=0.1), ("SGD([", "iterable")),
    Bad("SGD of a result", squared, lambda torch, x, y: torch.optim.SGD([y], lr=0.1), ("MulBackward0", "leaf", "[2]")),
    Bad("SGD of a number", nothing, lambda torch: torch.optim.SGD([1.0], lr=0.1), ("1.0", "float")),
    Bad("negative lr", LEAF, sgd(lr=-0.1), ("lr", "-0.1", "maximize")),
    Bad("negative momentum", LEAF, sgd(lr=0.1, momentum=-1), ("momentum", "-1")),
    Bad("negative weight decay", LEAF, sgd(lr=0.1, weight_decay=-1), ("weight_decay", "-1")),
    Bad("nesterov without momentum", LEAF, sgd(lr=0.1, nesterov=True), ("nesterov", "momentum")),
    Bad("nesterov with dampening", LEAF, sgd(lr=0.1, momentum=0.9, dampening=0.1, nesterov=True), ("nesterov", "dampening")),
    Bad(
        "a parameter in two groups",
        LEAF,
        lambda torch, w: torch.optim.SGD([{"params": [w]}, {"params": [w]}], lr=0.1),
        ("group", "[2]"),
    ),
    Bad("a group that is no dict", LEAF, lambda torch, w: torch.optim.SGD([w], lr=0.1).add_param_group([w]), ("dict",)),
]


def module(torch: Any) -> tuple[Any, ...]:
    return (torch.nn.Linear(2, 1),)


def too_early(torch: Any) -> Any:
    class Early(torch.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            self.layer = torch.nn.Linear(2, 1)

    return Early()


MODULES = [
    Bad("a module before super().__init__()", nothing, lambda torch: too_early(torch), ("super().__init__()", "layer")),
    Bad("no forward", nothing, lambda torch: torch.nn.Module()(1), ("forward",)),
    Bad("no such attribute", module, lambda torch, m: m.nothing, ("Linear", "nothing")),
    Bad("a plain tensor for a parameter", module, lambda torch, m: setattr(m, "weight", torch.ones(1, 2)), ("weight",)),
    Bad("Sequential index", nothing, lambda torch: torch.nn.Sequential()[0], ("0",)),
    Bad("a parameter of integers", nothing, lambda torch: torch.nn.Parameter(torch.tensor([1, 2])), ("int64",)),
]

CASES = [*DIFFERENTIATION, *LEAVES, *SHAPES, *VALUES, *OPTIMISERS, *MODULES]


def state(value: Any) -> Any:
    """All that a refused call must leave alone."""
    if isinstance(value, (minigrad.Tensor, torch.Tensor)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # reading .grad of a result
            grad = None if value.grad is None else value.grad.tolist()
        return value.tolist(), grad, value.requires_grad, value.is_leaf, value._version, str(value.dtype)
    return [state(parameter) for parameter in value.parameters()]


def refused(engine: Any, case: Bad) -> Exception | None:
    """The exception that an engine raises; the values that it was called with must stay as they were."""
    made = case.make(engine)
    before = [state(value) for value in made]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.call(engine, *made)
    except Exception as error:
        assert [state(value) for value in made] == before, "the refused call changed a value"
        return error
    return None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refusal(case: Bad) -> None:
    theirs, ours = refused(torch, case), refused(minigrad, case)
    assert theirs is not None, "torch accepts this: no bad input"
    assert ours is not None, f"minigrad accepts what torch refuses with {type(theirs).__name__}: {theirs}"
    assert type(ours) is type(theirs), f"{ours!r}, but torch: {theirs!r}"
    missing = [fact for fact in case.facts if fact not in str(ours)]
    assert not missing, f"the message does not name {missing}: {ours}"
    assert str(ours) != str(theirs)


# What torch takes without a word although it cannot be meant; here it is refused.
STRICTER = [
    Bad(
        "more gradients than roots",
        squared,
        lambda torch, x, y: torch.autograd.grad(y, x, [torch.ones(2), torch.ones(2)]),
        ("1", "2"),
    ),
]


@pytest.mark.parametrize("case", STRICTER, ids=lambda case: case.name)
def test_refused_here_only(case: Bad) -> None:
    assert refused(torch, case) is None
    ours = refused(minigrad, case)
    assert isinstance(ours, RuntimeError)
    assert all(fact in str(ours) for fact in case.facts), str(ours)
