"""The table of operator cases: one line each, a program of the module ``torch`` and the shapes of its inputs."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
DTYPES = ("float32", "float64")


class Case(NamedTuple):
    """``f(torch, *inputs)`` is what both engines run.

    The elements are eighths of odd whole numbers: products and sums of them are exact in either dtype, in whatever order an
    engine adds, so 0 ulp is asked for unless the case says otherwise.

    ``ulp`` and ``second_ulp`` bound the first and second derivative where a function is not correctly rounded (exp, log,
    pow, tanh: NumPy and torch have their own polynomials, each within 1-2 ulp) or where rounded terms are summed.
    """

    name: str
    f: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]
    positive: bool = False
    ulp: int = 0
    second_ulp: int = 0

    def atol(self, dtype: str) -> float:
        """Beside the ulp: where inexact terms of magnitude 1 to 8 cancel (1 - tanh**2, a sum over a broadcast input)."""
        return 16 * float(np.finfo(dtype).eps) if self.second_ulp else 0.0


def inexact(
    name: str, f: Callable[..., Any], *shapes: tuple[int, ...], ulp: int, second_ulp: int, positive: bool = False
) -> Case:
    return Case(name, f, shapes, positive, ulp, second_ulp)


def exact(name: str, f: Callable[..., Any], *shapes: tuple[int, ...], positive: bool = False) -> Case:
    return Case(name, f, shapes, positive)


ARITHMETIC = [
    exact("add", lambda torch, x, y: x + y, (3, 4), (3, 4)),
    exact("add number", lambda torch, x: x + 2, (3, 4)),
    exact("add to number", lambda torch, x: 0.5 + x, (3, 4)),
    exact("add row", lambda torch, x, y: x + y, (3, 4), (4,)),
    exact("add column and row", lambda torch, x, y: x + y, (3, 1), (1, 4)),
    exact("add 0-d", lambda torch, x, y: x + y, (3, 4), ()),
    exact("add 0-d twice", lambda torch, x, y: x + y, (), ()),
    exact("add empty", lambda torch, x, y: x + y, (0, 4), (4,)),
    exact("add to itself", lambda torch, x: x + x, (3, 4)),
    exact("add alpha", lambda torch, x, y: torch.add(x, y, alpha=4), (3, 4), (4,)),
    exact("sub", lambda torch, x, y: x - y, (3, 4), (3, 4)),
    exact("sub column", lambda torch, x, y: x - y, (3, 4), (3, 1)),
    exact("sub number", lambda torch, x: x - 2, (3, 4)),
    exact("sub from number", lambda torch, x: 1 - x, (3, 4)),
    exact("sub alpha", lambda torch, x, y: torch.sub(x, y, alpha=2), (3, 4), (3, 4)),
    exact("mul", lambda torch, x, y: x * y, (3, 4), (3, 4)),
    exact("mul number", lambda torch, x: x * 2, (3, 4)),
    exact("mul by number on the left", lambda torch, x: 0.5 * x, (3, 4)),
    exact("mul row", lambda torch, x, y: x * y, (3, 4), (4,)),
    exact("mul more dimensions", lambda torch, x, y: x * y, (2, 1, 4), (3, 1)),
    exact("mul 0-d", lambda torch, x, y: x * y, (3, 4), ()),
    exact("mul empty", lambda torch, x, y: x * y, (3, 0), (3, 1)),
    exact("mul itself", lambda torch, x: x * x, (3, 4)),
    exact("div", lambda torch, x, y: x / y, (3, 4), (3, 4)),
    exact("div number", lambda torch, x: x / 3, (3, 4)),
    exact("div of number", lambda torch, x: 3 / x, (3, 4)),
    exact("div 0-d", lambda torch, x, y: x / y, (), ()),
    exact("div row", lambda torch, x, y: x / y, (3, 4), (4,)),
    exact("neg", lambda torch, x: -x, (3, 4)),
    exact("reciprocal", lambda torch, x: x.reciprocal(), (3, 4)),
]

POWERS = [
    exact("pow 2", lambda torch, x: x**2, (3, 4)),
    exact("pow 3", lambda torch, x: x**3, (3, 4)),
    exact("pow 1", lambda torch, x: x**1, (3, 4)),
    exact("pow 0", lambda torch, x: x**0, (3, 4)),
    exact("pow 0-d", lambda torch, x: x**2, ()),
    inexact("pow -1", lambda torch, x: x**-1, (3, 4), ulp=1, second_ulp=2),
    inexact("pow 0.5", lambda torch, x: x**0.5, (3, 4), positive=True, ulp=2, second_ulp=2),
    inexact("pow 2.5", lambda torch, x: x**2.5, (3, 4), positive=True, ulp=2, second_ulp=2),
    inexact("pow tensor", lambda torch, x, y: x**y, (3, 4), (3, 4), positive=True, ulp=4, second_ulp=8),
    inexact("pow row", lambda torch, x, y: x**y, (3, 4), (4,), positive=True, ulp=4, second_ulp=8),
    inexact("pow of number", lambda torch, x: 2**x, (3, 4), ulp=2, second_ulp=2),
    exact("sqrt", lambda torch, x: x.sqrt(), (3, 4), positive=True),
]

FUNCTIONS = [
    inexact("exp", lambda torch, x: x.exp(), (3, 4), ulp=2, second_ulp=2),
    inexact("exp empty", lambda torch, x: torch.exp(x), (0,), ulp=0, second_ulp=0),
    inexact("log", lambda torch, x: x.log(), (3, 4), positive=True, ulp=2, second_ulp=2),
    inexact("tanh", lambda torch, x: x.tanh(), (3, 4), ulp=8, second_ulp=8),
    inexact("sigmoid", lambda torch, x: x.sigmoid(), (3, 4), ulp=4, second_ulp=8),
    exact("abs", lambda torch, x: x.abs(), (3, 4)),
    exact("abs builtin", lambda torch, x: abs(x), (3, 4)),
    exact("abs at 0", lambda torch, x: (x * 0).abs(), (3, 4)),
    exact("sgn", lambda torch, x: x.sgn() * x, (3, 4)),
    exact("relu", lambda torch, x: x.relu(), (3, 4)),
    exact("relu at 0", lambda torch, x: torch.relu(x * 0), (3, 4)),
    exact("where", lambda torch, x, y: torch.where(x > 0, x, y), (3, 4), (3, 4)),
    exact("where row", lambda torch, x, y: torch.where(x > 0, x, y), (3, 4), (4,)),
]

REDUCTIONS = [
    exact("sum", lambda torch, x: x.sum(), (3, 4)),
    exact("sum 0-d", lambda torch, x: x.sum(), ()),
    exact("sum empty", lambda torch, x: x.sum(), (0, 4)),
    exact("sum dim", lambda torch, x: x.sum(1), (3, 4)),
    exact("sum last dim", lambda torch, x: x.sum(-1), (3, 4)),
    exact("sum keepdim", lambda torch, x: x.sum(0, keepdim=True), (3, 4)),
    exact("sum dims", lambda torch, x: x.sum((0, 2)), (2, 3, 4)),
    exact("sum dims in any order", lambda torch, x: x.sum((-1, 0), keepdim=True), (2, 3, 4)),
    exact("sum dim of empty", lambda torch, x: x.sum(0), (0, 4)),
    exact("sum dim 0-d", lambda torch, x: x.sum(0), ()),
    exact("mean", lambda torch, x: x.mean(), (2, 4)),
    exact("mean of 3", lambda torch, x: x.mean(), (3,)),
    exact("mean dim", lambda torch, x: x.mean(1), (3, 4)),
    exact("mean dims keepdim", lambda torch, x: x.mean((0, 2), keepdim=True), (2, 3, 4)),
    exact("mean 0-d", lambda torch, x: x.mean(), ()),
    exact("sum_to_size", lambda torch, x: x.sum_to_size(3, 1), (2, 3, 4)),
    exact("sum_to_size same", lambda torch, x: x.sum_to_size(3, 4) * 1, (3, 4)),
]

SHAPES = [
    exact("view", lambda torch, x: x.contiguous().view(6, 2), (3, 4)),
    exact("view -1", lambda torch, x: x.contiguous().view(-1), (3, 4)),
    exact("reshape", lambda torch, x: x.reshape(2, 6), (3, 4)),
    exact("reshape tuple", lambda torch, x: x.reshape((4, -1)), (3, 4)),
    exact("reshape to 0-d", lambda torch, x: x.reshape(()), (1,)),
    exact("expand", lambda torch, x: x.expand(2, 3, 4), (3, 1)),
    exact("expand -1", lambda torch, x: x.expand(-1, 4), (3, 1)),
    exact("expand 0-d", lambda torch, x: x.expand(2, 3), ()),
    exact("permute", lambda torch, x: x.permute(2, 0, 1), (2, 3, 4)),
    exact("permute negative", lambda torch, x: x.permute(-1, 0, -2), (2, 3, 4)),
    exact("transpose", lambda torch, x: x.transpose(0, -1), (2, 3, 4)),
    exact("t", lambda torch, x: x.t(), (3, 4)),
    exact("t of vector", lambda torch, x: x.t(), (3,)),
    exact("T", lambda torch, x: x.T, (3, 4)),
    exact("unsqueeze", lambda torch, x: x.unsqueeze(1), (3, 4)),
    exact("unsqueeze last", lambda torch, x: x.unsqueeze(-1), (3, 4)),
    exact("squeeze", lambda torch, x: x.squeeze(), (1, 3, 1)),
    exact("squeeze dim", lambda torch, x: x.squeeze(0), (1, 3, 1)),
    exact("squeeze last dim", lambda torch, x: x.squeeze(-1), (1, 3, 1)),
    exact("squeeze nothing", lambda torch, x: x.squeeze(1), (1, 3, 1)),
    exact("squeeze 0-d", lambda torch, x: x.squeeze(0), ()),
    exact("clone", lambda torch, x: x.clone(), (3, 4)),
    exact("contiguous", lambda torch, x: x.t().contiguous(), (3, 4)),
    exact("to other type and back", lambda torch, x: x.to(torch.float64).to(torch.float32), (3, 4)),
]

INDEXING = [
    exact("index int", lambda torch, x: x[1], (3, 4)),
    exact("index negative", lambda torch, x: x[-1, 2], (3, 4)),
    exact("index slice", lambda torch, x: x[1:, ::2], (3, 4)),
    exact("index none", lambda torch, x: x[None, 1:], (3, 4)),
    exact("index ellipsis", lambda torch, x: x[..., 0], (2, 3, 4)),
    exact("index mask", lambda torch, x: x[x > 0], (3, 4)),
    exact("index list", lambda torch, x: x[[0, 2, 0]], (3, 4)),
    exact("index tensor", lambda torch, x: x[:, torch.tensor([1, 1, 3])], (3, 4)),
]

PRODUCTS = [
    exact("mm", lambda torch, x, y: x.mm(y), (3, 4), (4, 2)),
    exact("mm of transposed", lambda torch, x, y: x.mm(y.t()), (3, 4), (2, 4)),
    exact("mm empty", lambda torch, x, y: x.mm(y), (3, 0), (0, 2)),
    exact("mv", lambda torch, x, y: x.mv(y), (3, 4), (4,)),
    exact("dot", lambda torch, x, y: x.dot(y), (4,), (4,)),
    exact("bmm", lambda torch, x, y: x.bmm(y), (2, 3, 4), (2, 4, 5)),
    exact("outer", lambda torch, x, y: x.outer(y), (3,), (4,)),
    exact("matmul 1 1", lambda torch, x, y: x @ y, (4,), (4,)),
    exact("matmul 2 2", lambda torch, x, y: x @ y, (3, 4), (4, 2)),
    exact("matmul 2 1", lambda torch, x, y: x @ y, (3, 4), (4,)),
    exact("matmul 1 2", lambda torch, x, y: x @ y, (4,), (4, 2)),
    exact("matmul 3 2", lambda torch, x, y: x @ y, (2, 3, 4), (4, 5)),
    exact("matmul 3 1", lambda torch, x, y: x @ y, (2, 3, 4), (4,)),
    exact("matmul 2 3", lambda torch, x, y: x @ y, (3, 4), (2, 4, 5)),
    exact("matmul 1 3", lambda torch, x, y: x @ y, (4,), (2, 4, 5)),
    exact("matmul 3 3", lambda torch, x, y: x @ y, (2, 3, 4), (2, 4, 5)),
    exact("matmul broadcast batch", lambda torch, x, y: x @ y, (2, 1, 3, 4), (5, 4, 2)),
    exact("matmul 3 3 with one", lambda torch, x, y: x @ y, (2, 3, 4), (1, 4, 5)),
    exact("matmul empty", lambda torch, x, y: x @ y, (0, 4), (4, 2)),
    exact("addmm", lambda torch, x, y, z: torch.addmm(x, y, z), (3, 2), (3, 4), (4, 2)),
    exact("addmm row", lambda torch, x, y, z: torch.addmm(x, y, z), (2,), (3, 4), (4, 2)),
    exact("addmm factors", lambda torch, x, y, z: torch.addmm(x, y, z, beta=2, alpha=0.5), (2,), (3, 4), (4, 2)),
    exact("linear", lambda torch, x, w, b: torch.nn.functional.linear(x, w, b), (3, 4), (2, 4), (2,)),
    exact("linear no bias", lambda torch, x, w: torch.nn.functional.linear(x, w), (3, 4), (2, 4)),
    exact("linear 1-d", lambda torch, x, w, b: torch.nn.functional.linear(x, w, b), (4,), (2, 4), (2,)),
    exact("linear 1-d no bias", lambda torch, x, w: torch.nn.functional.linear(x, w), (4,), (2, 4)),
    exact("linear 3-d", lambda torch, x, w, b: torch.nn.functional.linear(x, w, b), (2, 3, 4), (5, 4), (5,)),
    exact("linear 3-d no bias", lambda torch, x, w: torch.nn.functional.linear(x, w), (2, 3, 4), (5, 4)),
]

LOSSES = [
    exact("mse", lambda torch, x, y: torch.nn.functional.mse_loss(x, y), (2, 4), (2, 4)),
    exact("mse sum", lambda torch, x, y: torch.nn.functional.mse_loss(x, y, reduction="sum"), (3, 4), (3, 4)),
    exact("mse none", lambda torch, x, y: torch.nn.functional.mse_loss(x, y, reduction="none"), (3, 4), (3, 4)),
    exact("mse 0-d", lambda torch, x, y: torch.nn.functional.mse_loss(x, y), (), ()),
    exact("mse of 3", lambda torch, x, y: torch.nn.functional.mse_loss(x, y), (3,), (3,)),
    exact("mse of one input", lambda torch, x: torch.nn.functional.mse_loss(x, x.detach() * 2, reduction="sum"), (3, 4)),
]


def _after(method: Callable[..., Any]) -> Callable[..., Any]:
    """A program that applies an in-place method to a result, as torch does not let it change a leaf."""

    def program(torch: Any, x: Any, *others: Any) -> Any:
        y = x * 1
        method(y, *others)
        return y * y

    return program


IN_PLACE = [
    exact("add_", _after(lambda y, x: y.add_(x)), (3, 4), (4,)),
    exact("sub_", _after(lambda y, x: y.sub_(x)), (3, 4), (3, 4)),
    exact("mul_", _after(lambda y, x: y.mul_(x)), (3, 4), (4,)),
    exact("mul_ number", _after(lambda y: y.mul_(2)), (3, 4)),
    exact("div_ number", _after(lambda y: y.div_(4)), (3, 4)),
    exact("neg_", _after(lambda y: y.neg_()), (3, 4)),
    exact("zero_", _after(lambda y: y.zero_()), (3, 4)),
    exact("fill_", _after(lambda y: y.fill_(2)), (3, 4)),
    exact("copy_", _after(lambda y, x: y.copy_(x)), (3, 4), (4,)),
]

CASES = [*ARITHMETIC, *POWERS, *FUNCTIONS, *REDUCTIONS, *SHAPES, *INDEXING, *PRODUCTS, *LOSSES, *IN_PLACE]

# How a leaf becomes an input that does not lie in memory row after row: the shape of the leaf, and the way from there.
LAYOUTS: dict[str, tuple[Callable[[tuple[int, ...]], tuple[int, ...]], Callable[..., Any]]] = {
    "contiguous": (lambda shape: shape, lambda leaf, shape: leaf),
    "transposed": (lambda shape: shape[::-1], lambda leaf, shape: leaf.permute(*range(len(shape))[::-1])),
    "expanded": (lambda shape: (1, *shape[1:]), lambda leaf, shape: leaf.expand(*shape)),
    "strided": (lambda shape: (*shape[:-1], 2 * shape[-1]), lambda leaf, shape: leaf[..., ::2]),
}


def elements(shape: tuple[int, ...], seed: str, dtype: str, positive: bool = False) -> Array:
    """Odd eighths between -2 and 2 (never 0, so nothing lies on a kink): the same numbers in every process."""
    random = np.random.default_rng(zlib.crc32(seed.encode()))
    values = (2 * random.integers(-8, 8, shape) + 1) / 8
    return np.asarray(np.abs(values) if positive else values, dtype)


def leaves_of(torch: Any, case: Case, dtype: str, layout: str = "contiguous") -> list[Any]:
    """The leaves of a case, made by either engine."""
    before = LAYOUTS[layout][0]
    arrays = [elements(before(shape), f"{case.name} {i}", dtype, case.positive) for i, shape in enumerate(case.shapes)]
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def output_of(torch: Any, case: Case, leaves: list[Any], layout: str = "contiguous") -> Any:
    """What the case's program makes of its leaves, brought into its shapes through a layout."""
    through = LAYOUTS[layout][1]
    return case.f(torch, *(through(leaf, shape) for leaf, shape in zip(leaves, case.shapes, strict=True)))


def gradient_for(torch: Any, output: Any, dtype: str, requires_grad: bool = False) -> Any:
    """A gradient to begin with at an output: one number per element, none of them 1."""
    array = elements(tuple(output.shape), "gradient", str(output.dtype).removeprefix("torch."))
    return torch.tensor(array, requires_grad=requires_grad)


def has_layout(case: Case, layout: str) -> bool:
    """Whether every input of a case can have this layout: a single number can only be contiguous."""
    return layout == "contiguous" or all(case.shapes)


def cases_and_layouts() -> Iterator[tuple[Case, str]]:
    for case in CASES:
        for layout in LAYOUTS:
            if has_layout(case, layout):
                yield case, layout
