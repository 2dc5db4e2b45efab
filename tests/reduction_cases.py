"""Cases of reductions, orderings, scans and softmax: see cases.py for what a line means."""

import warnings
from typing import Any

from .cases import exact, inexact


def distinct(torch: Any, x: Any) -> Any:
    """Elements of which no two are equal: where they are, PyTorch leaves open which of them topk and median choose."""
    return x + torch.tensor([i / 64 for i in range(x.numel())]).to(x.dtype).reshape(x.shape)


def without_freedom(x: Any, *arguments: Any, **keywords: Any) -> Any:
    """A variance that is divided by 0, of which both engines warn."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "var.*", UserWarning)
        return x.var(*arguments, **keywords)


SUMS = [
    exact("sum no dims", lambda torch, x: x.sum(()), (3, 4)),
    exact("sum list of dims", lambda torch, x: x.sum([0, -1]), (2, 3, 4)),
    exact("sum dtype", lambda torch, x: x.sum(1, dtype=torch.float64), (3, 4)),
    exact("sum all keepdim", lambda torch, x: torch.sum(x, None, True), (3, 4)),
    exact("sum of 0 lengths", lambda torch, x: x.sum(1), (3, 0)),
    exact("mean no dims", lambda torch, x: x.mean(()), (2, 4)),
    exact("mean dtype", lambda torch, x: x.mean(0, dtype=torch.float64), (4, 3)),
    exact("mean dims", lambda torch, x: x.mean((0, -1)), (2, 3, 4)),
    exact("mean of nothing", lambda torch, x: x.mean(), (0,)),
    exact("mean of 0 lengths", lambda torch, x: x.mean(1), (3, 0)),
    inexact("prod", lambda torch, x: x.prod(), (3, 2), ulp=2, second_ulp=4),
    inexact("prod 0-d", lambda torch, x: x.prod(), (), ulp=0, second_ulp=0),
    inexact("prod empty", lambda torch, x: x.prod(), (0,), ulp=0, second_ulp=0),
    inexact("prod dim", lambda torch, x: x.prod(1), (3, 4), ulp=2, second_ulp=8),
    inexact("prod dim keepdim", lambda torch, x: x.prod(-1, keepdim=True), (3, 4), ulp=2, second_ulp=8),
    inexact("prod dim 0-d", lambda torch, x: x.prod(0), (), ulp=0, second_ulp=0),
    exact("prod with a zero", lambda torch, x: (x * torch.tensor([1.0, 0.0, 1.0]).to(x.dtype)).prod(), (3,)),
    exact("prod with two zeros", lambda torch, x: (x * torch.tensor([0.0, 0.0, 1.0]).to(x.dtype)).prod(), (3,)),
    exact("prod dim with zeros", lambda torch, x: (x * torch.tensor([1.0, 0.0, 1.0]).to(x.dtype)).prod(1), (2, 3)),
    exact("prod dim of one zero", lambda torch, x: (x * 0).prod(1), (2, 1)),
    exact("prod dtype", lambda torch, x: x.prod(dtype=torch.float64), (3,)),
]

SPREADS = [
    inexact("var", lambda torch, x: x.var(), (3, 4), ulp=4, second_ulp=8),
    inexact("var biased", lambda torch, x: x.var(unbiased=False), (3, 4), ulp=4, second_ulp=8),
    inexact("var bool", lambda torch, x: torch.var(x, False), (3, 4), ulp=4, second_ulp=8),
    inexact("var dim", lambda torch, x: x.var(1), (3, 4), ulp=4, second_ulp=8),
    inexact("var no dims", lambda torch, x: x.var(()), (3, 4), ulp=4, second_ulp=8),
    inexact("var dim unbiased keepdim", lambda torch, x: x.var(-1, True, True), (3, 4), ulp=4, second_ulp=8),
    inexact(
        "var correction", lambda torch, x: x.var(dim=(0, 2), correction=2, keepdim=True), (2, 3, 4), ulp=4, second_ulp=8
    ),
    inexact("var correction alone", lambda torch, x: torch.var(x, correction=0), (3, 4), ulp=4, second_ulp=8),
    exact("var of one", lambda torch, x: without_freedom(x), (1,)),
    exact("var without freedom", lambda torch, x: without_freedom(x, correction=2), (2,)),
    exact("var no dims without freedom", lambda torch, x: without_freedom(x, (), correction=3), (2,)),
    inexact("std", lambda torch, x: x.std(), (3, 4), ulp=4, second_ulp=8),
    inexact("std dims", lambda torch, x: x.std((0, 1)), (2, 3, 4), ulp=4, second_ulp=16),
    inexact("std correction", lambda torch, x: torch.std(x, 1, correction=0), (3, 4), ulp=8, second_ulp=16),
    inexact("std of equals", lambda torch, x: (x * 0 + 1).std(), (3, 4), ulp=0, second_ulp=0),
    inexact("var_mean var", lambda torch, x: torch.var_mean(x, 1)[0], (3, 4), ulp=4, second_ulp=8),
    inexact("var_mean mean", lambda torch, x: torch.var_mean(x, 1, keepdim=True)[1], (3, 4), ulp=4, second_ulp=4),
    inexact("var_mean both", lambda torch, x: torch.mul(*torch.var_mean(x, 0)), (4, 2), ulp=4, second_ulp=8),
]

NORMS = [
    inexact("norm", lambda torch, x: x.norm(), (3, 4), ulp=2, second_ulp=8),
    inexact("norm dim", lambda torch, x: x.norm(dim=1), (3, 4), ulp=2, second_ulp=8),
    inexact("norm fro", lambda torch, x: torch.norm(x, "fro", (0, 1), True), (3, 4), ulp=2, second_ulp=8),
    exact("norm 1", lambda torch, x: x.norm(1), (3, 4)),
    exact("norm 0", lambda torch, x: torch.linalg.vector_norm(x, 0) + x.sum(), (3, 4)),
    exact("norm inf", lambda torch, x: x.norm(float("inf"), 1), (3, 4)),
    exact("norm -inf", lambda torch, x: x.norm(-float("inf"), 0, keepdim=True), (3, 4)),
    exact("norm inf of equals", lambda torch, x: (x * 0 - 2).norm(float("inf")), (4,)),
    inexact("norm 3", lambda torch, x: x.norm(3, 1), (3, 4), ulp=4, second_ulp=16),
    inexact("norm 1.5", lambda torch, x: x.norm(1.5, 1), (3, 4), ulp=4, second_ulp=16),
    inexact("norm 0.5", lambda torch, x: x.norm(0.5), (3, 4), ulp=8, second_ulp=32),
    inexact("norm of zeros", lambda torch, x: (x * 0).norm(), (3,), ulp=0, second_ulp=0),
    inexact("vector_norm dims", lambda torch, x: torch.linalg.vector_norm(x, 2, dim=(0, 2)), (2, 3, 4), ulp=2, second_ulp=8),
    inexact(
        "vector_norm dtype", lambda torch, x: torch.linalg.vector_norm(x, dtype=torch.float64), (3, 4), ulp=2, second_ulp=8
    ),
    inexact("linalg.norm", lambda torch, x: torch.linalg.norm(x), (3, 4), ulp=2, second_ulp=8),
    exact("linalg.norm 1 of matrix", lambda torch, x: torch.linalg.norm(x, 1), (3, 4)),
    exact("linalg.norm -inf of matrix", lambda torch, x: torch.linalg.norm(x, -float("inf")), (3, 4)),
    inexact("linalg.norm of vector", lambda torch, x: torch.linalg.norm(x, 3), (4,), ulp=4, second_ulp=16),
]

EXTREMES = [
    exact("max", lambda torch, x: x.max(), (3, 4)),
    exact("min", lambda torch, x: torch.min(x), (3, 4)),
    exact("max 0-d", lambda torch, x: x.max(), ()),
    exact("max of equals", lambda torch, x: (x * 0).max(), (3, 4)),
    exact("max of nan", lambda torch, x: (x * torch.tensor([1.0, float("nan")]).to(x.dtype)).max(), (2,)),
    exact("max beside nan", lambda torch, x: (x + torch.tensor([1.0, float("nan")]).to(x.dtype)).max(), (2,)),
    exact("median", lambda torch, x: x.median(), (3, 4)),
    exact("median of equals", lambda torch, x: (x * 0).median(), (4,)),
    exact("max dim", lambda torch, x: x.max(1).values, (3, 4)),
    exact("max dim keepdim", lambda torch, x: x.max(-1, True)[0], (3, 4)),
    exact("max dim of equals", lambda torch, x: (x * 0).max(0)[0], (3, 4)),
    exact("max dim 0-d", lambda torch, x: x.max(0)[0], ()),
    exact("min dim", lambda torch, x: x.min(0, keepdim=True)[0], (3, 4)),
    exact("median dim", lambda torch, x: distinct(torch, x).median(1)[0], (3, 5)),
    exact("median dim keepdim", lambda torch, x: torch.median(distinct(torch, x), 0, True)[0], (4, 3)),
    exact("amax", lambda torch, x: x.amax(), (3, 4)),
    exact("amax dim", lambda torch, x: x.amax(1), (3, 4)),
    exact("amax dims", lambda torch, x: x.amax((0, 2)), (2, 3, 4)),
    exact("amax of equals", lambda torch, x: (x * 0).amax(1, keepdim=True), (3, 4)),
    exact("amin", lambda torch, x: x.amin((-1, 0), True), (2, 3, 4)),
    exact("amin 0-d", lambda torch, x: x.amin(0), ()),
    exact("sort", lambda torch, x: x.sort()[0], (3, 4)),
    exact("sort descending", lambda torch, x: x.sort(0, True)[0], (3, 4)),
    exact("sort stable", lambda torch, x: torch.sort(x, stable=True, dim=0)[0], (3, 4)),
    exact("sort of equals", lambda torch, x: (x * 0).sort()[0], (3, 4)),
    exact("sort 0-d", lambda torch, x: x.sort()[0], ()),
    exact("topk", lambda torch, x: distinct(torch, x).topk(2)[0], (3, 5)),
    exact("topk smallest", lambda torch, x: distinct(torch, x).topk(2, 0, largest=False)[0], (5, 2)),
    exact("topk none", lambda torch, x: x.topk(0)[0], (3, 4)),
]

SCANS = [
    exact("cumsum", lambda torch, x: x.cumsum(1), (3, 4)),
    exact("cumsum first dim", lambda torch, x: torch.cumsum(x, -2), (3, 4)),
    exact("cumsum 0-d", lambda torch, x: x.cumsum(0), ()),
    exact("cumsum empty", lambda torch, x: x.cumsum(1), (3, 0)),
    exact("cumsum of one", lambda torch, x: x.cumsum(0), (1, 4)),
    exact("cumsum dtype", lambda torch, x: x.cumsum(0, dtype=torch.float64), (4,)),
    inexact("cumprod", lambda torch, x: x.cumprod(1), (3, 4), ulp=8, second_ulp=32),
    exact("cumprod with zeros", lambda torch, x: (x * torch.tensor([1.0, 0.0, 1.0, 0.0]).to(x.dtype)).cumprod(1), (2, 4)),
    inexact("cumprod 0-d", lambda torch, x: x.cumprod(0), (), ulp=0, second_ulp=0),
]

SOFTMAX = [
    inexact("softmax", lambda torch, x: x.softmax(1), (3, 4), ulp=16, second_ulp=64),
    inexact("softmax first dim", lambda torch, x: torch.softmax(x, 0), (3, 4), ulp=16, second_ulp=64),
    inexact("softmax middle dim", lambda torch, x: torch.nn.functional.softmax(x, -2), (2, 3, 4), ulp=16, second_ulp=64),
    inexact("softmax dtype", lambda torch, x: x.softmax(-1, dtype=torch.float64), (3, 4), ulp=16, second_ulp=64),
    inexact("softmax 0-d", lambda torch, x: x.softmax(0), (), ulp=0, second_ulp=0),
    inexact("softmax empty", lambda torch, x: x.softmax(1), (3, 0), ulp=0, second_ulp=0),
    inexact("softmin", lambda torch, x: torch.nn.functional.softmin(x, 1), (3, 4), ulp=16, second_ulp=64),
    inexact("log_softmax", lambda torch, x: x.log_softmax(-1), (3, 4), ulp=16, second_ulp=64),
    inexact("log_softmax first dim", lambda torch, x: torch.nn.functional.log_softmax(x, 0), (3, 4), ulp=16, second_ulp=64),
    inexact("log_softmax of one", lambda torch, x: x.log_softmax(1), (3, 1), ulp=0, second_ulp=0),
    inexact("logsumexp", lambda torch, x: x.logsumexp(1), (3, 4), ulp=8, second_ulp=64),
    inexact("logsumexp dims", lambda torch, x: torch.logsumexp(x, (0, -1), keepdim=True), (2, 3, 4), ulp=8, second_ulp=64),
    inexact("logsumexp 0-d", lambda torch, x: x.logsumexp(0), (), ulp=0, second_ulp=0),
    inexact("logsumexp infinite", lambda torch, x: (x - float("inf")).logsumexp(0) + x.sum(), (3,), ulp=0, second_ulp=0),
]

CASES = [*SUMS, *SPREADS, *NORMS, *EXTREMES, *SCANS, *SOFTMAX]
