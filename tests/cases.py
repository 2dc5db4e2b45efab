"""The table of operator cases: one line each, a program of the module ``torch`` and the shapes of its inputs."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import minigrad
from minigrad.ops.indexing import index_put_impl

Array = np.ndarray[Any, Any]
DTYPES = ("float32", "float64")


class Case(NamedTuple):
    """``f(torch, *inputs)`` is what both engines run.

    The elements are eighths of odd whole numbers: products and sums of them are exact in either dtype, in whatever order an
    engine adds, so 0 ulp is asked for unless the case says otherwise.

    ``ulp`` and ``second_ulp`` bound the first and second derivative where a function is not correctly rounded (exp, log,
    pow, tanh: NumPy and torch have their own polynomials, each within 1-2 ulp) or where rounded terms are summed. On Intel
    processors that is so for torch's sqrt as well, which is MKL's there.
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
    inexact("sqrt", lambda torch, x: x.sqrt(), (3, 4), positive=True, ulp=1, second_ulp=3),
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
    exact("reshape transposed", lambda torch, x: x.t().reshape(12), (3, 4)),
    exact("reshape same", lambda torch, x: x.reshape(3, 4), (3, 4)),
    exact("squeeze dims", lambda torch, x: x.squeeze((0, 2)), (1, 3, 1)),
    exact("squeeze dims in vain", lambda torch, x: x.squeeze((0, 1)), (1, 3, 1)),
    exact("flatten", lambda torch, x: x.flatten(), (2, 3, 4)),
    exact("flatten last", lambda torch, x: torch.flatten(x, 1), (2, 3, 4)),
    exact("flatten first", lambda torch, x: x.flatten(0, -2), (2, 3, 4)),
    exact("flatten one", lambda torch, x: x.flatten(1, 1) * 1, (2, 3, 4)),
    exact("flatten 0-d", lambda torch, x: x.flatten(), ()),
    exact("flatten empty", lambda torch, x: x.flatten(), (0, 4)),
    exact("unflatten", lambda torch, x: x.unflatten(1, (2, 2)), (3, 4)),
    exact("unflatten -1", lambda torch, x: torch.unflatten(x, -1, [2, -1]), (3, 4)),
    exact("movedim", lambda torch, x: x.movedim(0, 2), (2, 3, 4)),
    exact("movedim several", lambda torch, x: torch.movedim(x, (0, 1), (2, 0)), (2, 3, 4)),
    exact("movedim in vain", lambda torch, x: x.movedim(1, 1), (2, 3, 4)),
    exact("movedim 0-d", lambda torch, x: x.movedim(0, 0), ()),
    exact("moveaxis", lambda torch, x: x.moveaxis(-1, 0), (2, 3, 4)),
    exact("swapaxes", lambda torch, x: x.swapaxes(0, -1), (2, 3, 4)),
    exact("swapdims", lambda torch, x: torch.swapdims(x, 0, 1), (2, 3, 4)),
    exact("broadcast_to", lambda torch, x: x.broadcast_to((2, 3, 4)), (3, 1)),
    exact("expand_as", lambda torch, x, y: x.expand_as(y) * y, (4,), (3, 4)),
    exact("view_as", lambda torch, x, y: x.contiguous().view_as(y) * y, (3, 4), (2, 6)),
    exact("reshape_as", lambda torch, x, y: x.reshape_as(y) * y, (3, 4), (2, 6)),
    exact("cat", lambda torch, x, y: torch.cat([x, y]), (3, 4), (2, 4)),
    exact("cat last dim", lambda torch, x, y: torch.cat((x, y), dim=-1), (3, 4), (3, 1)),
    exact("cat of one", lambda torch, x: torch.cat([x]), (3, 4)),
    exact("cat with itself", lambda torch, x: torch.cat([x, x], 1), (3, 4)),
    exact("cat with constant", lambda torch, x: torch.cat([torch.ones(1, 4), x]), (3, 4)),
    exact("cat with empty vector", lambda torch, x, y: torch.cat([y, x], 1), (3, 4), (0,)),
    exact("cat with empty matrix", lambda torch, x, y: torch.cat([y, x]), (3, 4), (0, 4)),
    exact("cat of two types", lambda torch, x, y: torch.cat([x.to(torch.float16), y]), (3, 4), (3, 4)),
    exact("stack", lambda torch, x, y: torch.stack([x, y]), (3, 4), (3, 4)),
    exact("stack last dim", lambda torch, x, y: torch.stack((x, y), -1), (3, 4), (3, 4)),
    exact("stack 0-d", lambda torch, x, y: torch.stack([x, y]), (), ()),
    exact("stack of two types", lambda torch, x, y: torch.stack([x.to(torch.float16), y], 1), (3, 4), (3, 4)),
    exact("unbind", lambda torch, x: x.unbind()[1], (3, 4)),
    exact("unbind all", lambda torch, x: torch.unbind(x, -1)[0] * x.unbind(-1)[3], (3, 4)),
    exact("iterate", lambda torch, x: sum(row * row for row in x), (3, 4)),
    exact("unpack", lambda torch, x: (lambda a, b, c: a * c)(*x), (3, 4)),
    exact("split", lambda torch, x: x.split(2)[1], (3, 4)),
    exact("split and join", lambda torch, x: torch.cat(torch.split(x, 3, dim=1)[::-1], 1), (3, 4)),
    exact("split empty", lambda torch, x: x.split(2)[0], (0, 2)),
    exact("split sizes", lambda torch, x: x.split([1, 2, 1], 1)[1], (3, 4)),
    exact("split_with_sizes", lambda torch, x: x.split_with_sizes((1, 3), -1)[1], (3, 4)),
    exact("chunk", lambda torch, x: x.chunk(2, 1)[0], (3, 5)),
    exact("chunk fewer", lambda torch, x: torch.chunk(x, 4)[2], (6, 2)),
    exact("chunk empty", lambda torch, x: x.chunk(3)[1], (0, 2)),
    exact("repeat", lambda torch, x: x.repeat(2, 3), (3, 4)),
    exact("repeat once", lambda torch, x: x.repeat(1, 1), (3, 4)),
    exact("repeat more dims", lambda torch, x: x.repeat((2, 1, 2)), (3, 4)),
    exact("repeat front", lambda torch, x: x.repeat(1, 3, 1), (3, 4)),
    exact("repeat 0-d", lambda torch, x: x.repeat(3), ()),
    exact("repeat never", lambda torch, x: x.repeat(0, 2), (3, 4)),
    exact("tile", lambda torch, x: x.tile(2), (3, 4)),
    exact("tile more dims", lambda torch, x: torch.tile(x, (2, 1, 1)), (3, 4)),
    exact("flip", lambda torch, x: x.flip(0), (3, 4)),
    exact("flip dims", lambda torch, x: torch.flip(x, (0, -1)), (2, 3, 4)),
    exact("flip 0-d", lambda torch, x: x.flip([]), ()),
    exact("roll", lambda torch, x: x.roll(1), (3, 4)),
    exact("roll dim", lambda torch, x: torch.roll(x, -5, 1), (3, 4)),
    exact("roll dims", lambda torch, x: x.roll((1, 2), (0, 1)), (3, 4)),
    exact("roll 0-d", lambda torch, x: x.roll(1), ()),
    exact("clone", lambda torch, x: x.clone(), (3, 4)),
    exact("contiguous", lambda torch, x: x.t().contiguous(), (3, 4)),
    exact("to other type and back", lambda torch, x: x.to(torch.float64).to(torch.float32), (3, 4)),
]


def _index_put_impl(torch: Any, x: Any, values: Any, accumulate: bool) -> Any:
    """What the gradient of indexing calls, with zeros for x, called with an x that requires grad."""
    indices = [torch.tensor([2, 0])]
    if torch is minigrad:
        return index_put_impl(x, indices, values, accumulate)
    return torch._index_put_impl_(x * 1, indices, values, accumulate)


INDEXING = [
    exact("as_strided overlapping", lambda torch, x: x.contiguous().as_strided((2, 2), (1, 1)), (3,)),
    exact("as_strided of nothing", lambda torch, x: x.contiguous().as_strided((0, 9), (1, 1)), (3,)),
    exact("as_strided overlapping far", lambda torch, x: x.contiguous().as_strided((3, 2), (2, 4)), (9,)),
    exact("index_put_impl", lambda torch, x, y: _index_put_impl(torch, x, y, False), (3, 4), (2, 4)),
    exact("index_put_impl accumulate", lambda torch, x, y: _index_put_impl(torch, x, y, True), (3, 4), (2, 4)),
    exact("index int", lambda torch, x: x[1], (3, 4)),
    exact("index negative", lambda torch, x: x[-1, 2], (3, 4)),
    exact("index slice", lambda torch, x: x[1:, ::2], (3, 4)),
    exact("index none", lambda torch, x: x[None, 1:], (3, 4)),
    exact("index ellipsis", lambda torch, x: x[..., 0], (2, 3, 4)),
    exact("index mask", lambda torch, x: x[x > 0], (3, 4)),
    exact("index list", lambda torch, x: x[[0, 2, 0]], (3, 4)),
    exact("index tensor", lambda torch, x: x[:, torch.tensor([1, 1, 3])], (3, 4)),
    exact("index all", lambda torch, x: x[:], (3, 4)),
    exact("index ellipsis only", lambda torch, x: x[...], (3, 4)),
    exact("index all twice", lambda torch, x: x[:, :], (3, 4)),
    exact("index nothing", lambda torch, x: x[()], (3, 4)),
    exact("index none only", lambda torch, x: x[None], (3, 4)),
    exact("index none last", lambda torch, x: x[..., None], (3, 4)),
    exact("index ints", lambda torch, x: x[1, -1], (2, 3, 4)),
    exact("index to 0-d", lambda torch, x: x[1, 2], (3, 4)),
    exact("index ellipsis between", lambda torch, x: x[0, ..., 1], (2, 3, 4)),
    exact("index two ellipses", lambda torch, x: x[..., 1, ...], (2, 3, 4)),
    exact("index negative slice", lambda torch, x: x[-2:, :-1], (3, 4)),
    exact("index slice outside", lambda torch, x: x[-100:100], (3, 4)),
    exact("index empty slice", lambda torch, x: x[2:1], (3, 4)),
    exact("index slice beyond", lambda torch, x: x[7:], (3, 4)),
    exact("index slice of none", lambda torch, x: x[:, 1:2, None], (2, 3, 4)),
    exact("index numpy int", lambda torch, x: x[np.int64(1), np.int32(-1)], (3, 4)),
    exact("index numpy slice", lambda torch, x: x[np.int64(1) : np.int64(3)], (3, 4)),
    exact("index 0-dim tensor", lambda torch, x: x[torch.tensor(-1)], (3, 4)),
    exact("index 0-dim int16", lambda torch, x: x[torch.tensor(1).to(torch.int16)], (3, 4)),
    exact("index slice by tensors", lambda torch, x: x[torch.tensor(1) : torch.tensor(3)], (3, 4)),
    exact("index 0-dim ndarray", lambda torch, x: x[np.array(1)], (3, 4)),
    exact("index True", lambda torch, x: x[True], (3, 4)),
    exact("index False", lambda torch, x: x[False], (3, 4)),
    exact("index 0-d by True", lambda torch, x: x[True], ()),
    exact("index 0-d by ellipsis", lambda torch, x: x[...], ()),
    exact("index 0-d by none", lambda torch, x: x[None], ()),
    exact("index True and int", lambda torch, x: x[True, 0], (3, 4)),
    exact("index int and True", lambda torch, x: x[0, True], (3, 4)),
    exact("index ellipsis and True", lambda torch, x: x[..., True], (3, 4)),
    exact("index True and False", lambda torch, x: x[True, False], (3, 4)),
    exact("index tensor and True", lambda torch, x: x[torch.tensor([0, 1]), True], (3, 4)),
    exact("index 0-dim mask", lambda torch, x: x[torch.tensor(True)], (3, 4)),
    exact("index mask of rows", lambda torch, x: x[torch.tensor([True, False, True])], (3, 4)),
    exact("index mask of columns", lambda torch, x: x[:, torch.tensor([True, False, True, True])], (3, 4)),
    exact("index mask list", lambda torch, x: x[[True, False, True]], (3, 4)),
    exact("index mask ndarray", lambda torch, x: x[np.array([True, False, True])], (3, 4)),
    exact("index mask of 2 of 3", lambda torch, x: x[torch.ones(2, 3).to(torch.bool)], (2, 3, 4)),
    exact("index mask then int", lambda torch, x: x[torch.ones(2, 3).to(torch.bool), 1], (2, 3, 4)),
    exact("index mask then slice", lambda torch, x: x[torch.ones(2, 3).to(torch.bool), 1:], (2, 3, 4)),
    exact("index mask then list", lambda torch, x: x[torch.ones(2, 3).to(torch.bool), [1]], (2, 3, 4)),
    exact("index last mask", lambda torch, x: x[1, torch.ones(3, 4).to(torch.bool)], (2, 3, 4)),
    exact("index mask without hits", lambda torch, x: x[x > 100], (3, 4)),
    exact("index two masks", lambda torch, x: x[[True, False, True], [False, True, True, False]], (3, 4)),
    exact("index empty list", lambda torch, x: x[[]], (3, 4)),
    exact("index empty ndarray", lambda torch, x: x[np.array([])], (3, 4)),
    exact("index range", lambda torch, x: x[range(2)], (3, 4)),
    exact("index ndarray", lambda torch, x: x[np.array([1, 0, 1])], (3, 4)),
    exact("index ndarray of int16", lambda torch, x: x[np.array([1, 0], np.int16)], (3, 4)),
    exact("index list of floats", lambda torch, x: x[[0.7, 1.2]], (3, 4)),
    exact("index list of bools and ints", lambda torch, x: x[[True, 2]], (3, 4)),
    exact("index int32 tensor", lambda torch, x: x[torch.tensor([2, 0]).to(torch.int32)], (3, 4)),
    exact("index negative positions", lambda torch, x: x[torch.tensor([-1, -3])], (3, 4)),
    exact("index table", lambda torch, x: x[torch.tensor([[0, 1], [2, 0]])], (3, 4)),
    exact("index table in the middle", lambda torch, x: x[:, torch.tensor([[0, 1], [2, 0]])], (2, 3, 4)),
    exact("index empty table", lambda torch, x: x[torch.zeros(2, 0).to(torch.int64)], (3, 4)),
    exact("index pairs", lambda torch, x: x[[0, 1, 0], [1, 2, 1]], (3, 4)),
    exact("index pairs that broadcast", lambda torch, x: x[torch.tensor([[0], [2]]), torch.tensor([1, 3])], (3, 4)),
    exact("index last pair", lambda torch, x: x[:, [0, 1], [1, 2]], (2, 3, 4)),
    exact("index pair apart", lambda torch, x: x[[0, 1], :, [1, 2]], (2, 3, 4)),
    exact("index pair around int", lambda torch, x: x[[0, 1], 1, [1, 2]], (2, 3, 4)),
    exact("index int, slice, list", lambda torch, x: x[0, :, [1, 2]], (2, 3, 4)),
    exact("index slice, list, int", lambda torch, x: x[:, [1, 2], 0], (2, 3, 4)),
    exact("index list and none", lambda torch, x: x[[0, 1], None], (3, 4)),
    exact("index none and list", lambda torch, x: x[None, [0, 1]], (3, 4)),
    exact("index list and ellipsis", lambda torch, x: x[..., [0, 0, 1]], (2, 3, 4)),
    exact("index empty tensor", lambda torch, x: x[:, [0, 2]], (0, 3)),
    exact("select", lambda torch, x: torch.select(x, 1, -1), (3, 4)),
    exact("select last dim", lambda torch, x: x.select(-1, 0), (2, 3, 4)),
    exact("narrow", lambda torch, x: x.narrow(1, 1, 2), (3, 4)),
    exact("narrow from the end", lambda torch, x: torch.narrow(x, -1, -2, 1), (3, 4)),
    exact("index_put", lambda torch, x, y: torch.index_put(x, (torch.tensor([0, 2]),), y), (3, 4), (2, 4)),
    exact("index_put row", lambda torch, x, y: x.index_put((torch.tensor([0, 2]),), y), (3, 4), (4,)),
    exact("index_put 0-d", lambda torch, x, y: x.index_put([torch.tensor([0, -1])], y), (3, 4), ()),
    exact("index_put mask", lambda torch, x, y: x.index_put((x > 0,), y), (3, 4), ()),
    exact("index_put pairs", lambda torch, x, y: x.index_put((torch.tensor([0, 1]), torch.tensor([2, 3])), y), (3, 4), (2,)),
    exact("index_put accumulate", lambda torch, x, y: x.index_put((torch.tensor([0, 2, 0]),), y, True), (3, 4), (3, 4)),
    exact("index_select", lambda torch, x: x.index_select(1, torch.tensor([0, 3, 0])), (3, 4)),
    exact("index_select first", lambda torch, x: torch.index_select(x, 0, torch.tensor([2]).to(torch.int32)), (3, 4)),
    exact("index_select 0-dim index", lambda torch, x: x.index_select(-1, torch.tensor(1)), (3, 4)),
    exact("index_select nothing", lambda torch, x: x.index_select(0, torch.tensor([]).to(torch.int64)), (3, 4)),
    exact("index_select 0-d", lambda torch, x: x.index_select(0, torch.tensor([0])), ()),
    exact("gather", lambda torch, x: x.gather(1, torch.tensor([[0, 1], [3, 3], [2, 0]])), (3, 4)),
    exact("gather first", lambda torch, x: torch.gather(x, 0, torch.tensor([[2, 0], [0, 0]])), (3, 4)),
    exact("gather longer", lambda torch, x: x.gather(0, torch.tensor([[0], [0], [2], [2], [1]])), (3, 4)),
    exact("gather int32", lambda torch, x: x.gather(-1, torch.tensor([[0]]).to(torch.int32)), (3, 4)),
    exact("gather 0-d", lambda torch, x: x.gather(0, torch.tensor([0, 0])), ()),
    exact("gather by 0-dim index", lambda torch, x: x.gather(0, torch.tensor(2)), (3,)),
    exact("gather nothing", lambda torch, x: x.gather(0, torch.tensor([]).to(torch.int64)), (3, 4)),
    exact("scatter", lambda torch, x, y: x.scatter(1, torch.tensor([[0, 1], [3, 2], [2, 0]]), y), (3, 4), (3, 2)),
    exact("scatter number", lambda torch, x: x.scatter(0, torch.tensor([[2, 0, 1, 0]]), 2.5), (3, 4)),
    exact("scatter value", lambda torch, x: x.scatter(0, torch.tensor([[2, 0]]), value=2), (3, 4)),
    exact("scatter_add", lambda torch, x, y: x.scatter_add(1, torch.tensor([[0, 0], [3, 2], [2, 2]]), y), (3, 4), (3, 2)),
    exact("index_add", lambda torch, x, y: x.index_add(1, torch.tensor([0, 2, 0]), y), (3, 4), (3, 3)),
    exact("index_add alpha", lambda torch, x, y: torch.index_add(x, 0, torch.tensor([2]), y, alpha=2), (3, 4), (1, 4)),
    exact("index_add 0-d", lambda torch, x, y: x.index_add(0, torch.tensor([0]), y), (), ()),
    exact("masked_fill", lambda torch, x: x.masked_fill(x > 0, -2.5), (3, 4)),
    exact("masked_fill row", lambda torch, x: torch.masked_fill(x, torch.tensor([True, False, True, True]), 2), (3, 4)),
    exact("masked_fill larger mask", lambda torch, x: x.masked_fill(torch.ones(2, 3, 4).to(torch.bool), 2), (3, 4)),
    exact("masked_fill tensor", lambda torch, x, y: x.masked_fill(x > 0, y), (3, 4), ()),
    exact("masked_fill 0-d", lambda torch, x: x.masked_fill(x > -3, 7), ()),
    exact("masked_fill tensor 0-d", lambda torch, x, y: x.masked_fill(x > -3, y), (), ()),
    exact("masked_select", lambda torch, x: x.masked_select(x > 0), (3, 4)),
    exact("masked_select 0-d", lambda torch, x: x.masked_select(x > -3), ()),
    exact("masked_select of nothing 0-d", lambda torch, x: x.masked_select(x > 99), ()),
    exact("masked_select row", lambda torch, x: torch.masked_select(x, torch.tensor([True, False, True, True])), (3, 4)),
    exact("masked_select larger mask", lambda torch, x: x.masked_select(torch.ones(2, 3, 4).to(torch.bool)), (3, 4)),
    exact("where number", lambda torch, x: torch.where(x > 0, x, 2.0), (3, 4)),
    exact("where number first", lambda torch, x: torch.where(x > 0, -1, x), (3, 4)),
    exact("where method", lambda torch, x, y: x.where(y > 0, y), (3, 1), (1, 4)),
    exact("take_along_dim", lambda torch, x: torch.take_along_dim(x, torch.tensor([[0, 1], [3, 3], [2, 0]]), 1), (3, 4)),
    exact("take_along_dim broadcast", lambda torch, x: torch.take_along_dim(x, torch.tensor([[0, -1]]), dim=1), (3, 4)),
    exact("take_along_dim all", lambda torch, x: x.contiguous().take_along_dim(torch.tensor([0, 7])), (3, 4)),
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


def _after_with(change: Callable[..., Any]) -> Callable[..., Any]:
    """As ``_after``, for a change that makes tensors of its own."""

    def program(torch: Any, x: Any, *others: Any) -> Any:
        y = x * 1
        change(torch, y, *others)
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
    exact("fill_ tensor", _after(lambda y, x: y.fill_(x)), (3, 4), ()),
    exact("index_put_", _after_with(lambda torch, y, x: y.index_put_((torch.tensor([0, 2]),), x)), (3, 4), (4,)),
    exact("index_add_", _after_with(lambda torch, y, x: y.index_add_(0, torch.tensor([0, 0]), x)), (3, 4), (2, 4)),
    exact("scatter_", _after_with(lambda torch, y, x: y.scatter_(1, torch.tensor([[0, 3]]), x)), (3, 4), (1, 2)),
    exact("scatter_ number", _after_with(lambda torch, y: y.scatter_(1, torch.tensor([[0, 3]]), 3)), (3, 4)),
    exact("scatter_add_", _after_with(lambda torch, y, x: y.scatter_add_(1, torch.tensor([[0, 0]]), x)), (3, 4), (1, 2)),
    exact("masked_fill_", _after_with(lambda torch, y: y.masked_fill_(y > 0, 3)), (3, 4)),
    exact("masked_fill_ tensor", _after_with(lambda torch, y, x: y.masked_fill_(y > 0, x)), (3, 4), ()),
    exact("set int", _after_with(lambda torch, y, x: y.__setitem__(1, x)), (3, 4), (4,)),
    exact("set int to number", _after_with(lambda torch, y: y.__setitem__(1, 3)), (3, 4)),
    exact("set int to 0-d", _after_with(lambda torch, y, x: y.__setitem__(-1, x)), (3, 4), ()),
    exact("set element", _after_with(lambda torch, y, x: y.__setitem__((1, 2), x)), (3, 4), ()),
    exact("set slice", _after_with(lambda torch, y, x: y.__setitem__(slice(1, None), x)), (3, 4), (4,)),
    exact("set all", _after_with(lambda torch, y, x: y.__setitem__(slice(None), x)), (3, 4), (3, 1)),
    exact("set all to number", _after_with(lambda torch, y: y.__setitem__(slice(None), 3)), (3, 4)),
    exact("set ellipsis", _after_with(lambda torch, y, x: y.__setitem__(..., x)), (3, 4), ()),
    exact("set ellipsis and int", _after_with(lambda torch, y, x: y.__setitem__((..., 0), x)), (3, 4), (3,)),
    exact("set none", _after_with(lambda torch, y, x: y.__setitem__(None, x)), (3, 4), (1, 1, 4)),
    exact("set True", _after_with(lambda torch, y: y.__setitem__(True, 3)), (3, 4)),
    exact("set False", _after_with(lambda torch, y: y.__setitem__(False, 3)), (3, 4)),
    exact("set list", _after_with(lambda torch, y, x: y.__setitem__([0, 2], x)), (3, 4), (2, 4)),
    exact("set list to number", _after_with(lambda torch, y: y.__setitem__([0, 2], 3)), (3, 4)),
    exact("set pairs", _after_with(lambda torch, y, x: y.__setitem__(([0, 2], [1, 3]), x)), (3, 4), (2,)),
    exact("set mask", _after_with(lambda torch, y: y.__setitem__(y > 0, 3)), (3, 4)),
    exact("set mask to 0-d", _after_with(lambda torch, y, x: y.__setitem__(y > 0, x)), (3, 4), ()),
    exact("set int and list", _after_with(lambda torch, y, x: y.__setitem__((0, [0, 3]), x)), (3, 4), (2,)),
    exact("set int and True", _after_with(lambda torch, y: y.__setitem__((0, True), 3)), (3, 4)),
    exact("set with ones in front", _after_with(lambda torch, y, x: y.__setitem__(0, x)), (3, 4), (1, 1, 4)),
    exact("set list with ones in front", _after_with(lambda torch, y, x: y.__setitem__([0], x)), (3, 4), (1, 1, 1, 4)),
    exact("set row of view", _after_with(lambda torch, y, x: y[1:].__setitem__(0, x)), (3, 4), (4,)),
    exact("set list of view", _after_with(lambda torch, y, x: y.t().__setitem__([0, 2], x)), (3, 4), (3,)),
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
