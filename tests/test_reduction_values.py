"""Reductions, losses and einsum at the edge: integers, truth values, float16, inf, nan, ties, nothing; and what is refused."""

import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from reference import both, compare

INF, NAN = float("inf"), float("nan")
INTEGERS = [[3, 0, -2, 3], [0, 5, 1, -4], [3, 3, 3, 3]]
TRUTHS = [[True, False], [True, True], [False, False]]
FLOATS = [[1.5, INF, -2.0], [NAN, 0.0, 1.0], [-INF, -0.0, 2.5]]
HALVES = [[0.5 + i / 8 for i in range(40)], [100 - i for i in range(40)]]

# One line each: what it is, a program, and how many ulp apart the results may be where a function is not correctly rounded.
VALUES: list[tuple[str, Callable[[Any], Any], int]] = [
    (
        f"{name} of {kind}",
        lambda torch, f=f, data=data, dtype=dtype: f(torch, torch.tensor(data, dtype=getattr(torch, dtype))),
        ulp,
    )
    for kind, data, dtype in [
        ("int64", INTEGERS, "int64"),
        ("int32", INTEGERS, "int32"),
        ("bool", TRUTHS, "bool"),
        ("uint8", np.abs(INTEGERS).tolist(), "uint8"),
        ("inf and nan", FLOATS, "float32"),
        ("float64", FLOATS, "float64"),
        ("float16", HALVES, "float16"),
    ]
    for name, f, ulp in [
        ("sum", lambda torch, x: x.sum(), 0),
        ("sum dim", lambda torch, x: x.sum(1), 0),
        ("sum as int32", lambda torch, x: x[2:, -1:].sum(dtype=torch.int32), 0),
        ("prod", lambda torch, x: x[:, :2].prod(1), 1),
        ("any", lambda torch, x: (x.any(), x.any(0), x.any(1, keepdim=True)), 0),
        ("all", lambda torch, x: (x.all(), x.all(-1), x.all(0, True)), 0),
        ("count_nonzero", lambda torch, x: (x.count_nonzero(), x.count_nonzero(1), x.count_nonzero((0, 1))), 0),
        ("max", lambda torch, x: (x.max(), x.max(0), x.max(1, True)), 0),
        ("min", lambda torch, x: (x.min(), x.min(0), x.min(1, True)), 0),
        ("amax", lambda torch, x: (x.amax(), x.amax(1), x.amin(0), x.amin((0, 1), True)), 0),
        ("cumsum", lambda torch, x: (x.cumsum(0), x.cumsum(-1)), 0),
        ("cumprod", lambda torch, x: x[:, :3].cumprod(1), 1),
        ("sort", lambda torch, x: (x.sort(), x.sort(0, descending=True), x.argsort(dim=1, stable=True)), 0),
        ("tril", lambda torch, x: (x.tril(), torch.triu(x, 1), x.diagonal(1), x.sum(0).diag()), 0),
    ]
]

VALUES += [
    ("mean of float16", lambda torch: torch.tensor(HALVES, dtype=torch.float16).mean(1), 0),
    ("mean of bool as float", lambda torch: torch.tensor(TRUTHS).mean(dtype=torch.float32), 0),
    ("argmax", lambda torch: [torch.tensor(d).argmax(*a) for d in (INTEGERS, FLOATS) for a in ((), (0,), (-1, True))], 0),
    ("argmin", lambda torch: [torch.tensor(d).argmin(*a) for d in (INTEGERS, FLOATS) for a in ((), (1,), (0, True))], 0),
    ("argmax 0-d", lambda torch: (torch.tensor(3.0).argmax(), torch.tensor(3.0).argmin(-1)), 0),
    ("median", lambda torch: (torch.tensor(INTEGERS).median(), torch.tensor(FLOATS).median(), torch.tensor([]).median()), 0),
    ("median dim of nan", lambda torch: torch.tensor(FLOATS).median(1), 0),
    ("topk", lambda torch: (torch.tensor([3, 9, 5, 1]).topk(2), torch.tensor([1.0, NAN, 2.0]).topk(2)), 0),
    ("topk 0-d", lambda torch: torch.tensor(5.0).topk(1), 0),
    ("max of nothing along another dimension", lambda torch: torch.zeros(0, 3).max(1), 0),
    ("amax of nothing along another dimension", lambda torch: torch.zeros(2, 0, 3).amax((0, 2)), 0),
    (
        "any of nothing",
        lambda torch: (torch.zeros(0).any(), torch.zeros(0).all(), torch.zeros(2, 0).any(1), torch.zeros(2, 0).all(1)),
        0,
    ),
    (
        "var of float16",
        lambda torch: (torch.tensor(HALVES, dtype=torch.float16).var(1), torch.tensor(HALVES, dtype=torch.float16).std()),
        1,
    ),
    ("var of inf", lambda torch: torch.tensor(FLOATS).var(1), 0),
    ("norm of nan and inf", lambda torch: [torch.tensor(FLOATS).norm(p, 1) for p in (0, 1, 2, 3, INF, -INF)], 0),
    ("norm of nothing", lambda torch: [torch.zeros(2, 0).norm(p, 1) for p in (0, 1, 2, 3)], 0),
    ("norm of float16", lambda torch: torch.tensor(HALVES, dtype=torch.float16).norm(dim=1), 1),
    ("softmax of inf and nan", lambda torch: (torch.tensor(FLOATS).softmax(1), torch.tensor(FLOATS).log_softmax(1)), 2),
    (
        "softmax of large",
        lambda torch: (torch.tensor([1e4, 1e4, -1e4]).softmax(0), torch.tensor([1e4, 1.0]).log_softmax(0)),
        2,
    ),
    ("softmax of float16", lambda torch: torch.tensor(HALVES, dtype=torch.float16).softmax(1), 1),
    ("logsumexp of inf", lambda torch: (torch.tensor(FLOATS).logsumexp(1), torch.tensor([INF, -INF]).logsumexp(0)), 2),
    ("logsumexp of nothing", lambda torch: torch.zeros(2, 0).logsumexp(1), 0),
    ("logsumexp of integers", lambda torch: torch.tensor(INTEGERS).logsumexp(0), 2),
    ("einsum of integers", lambda torch: torch.einsum("ij,kj->ik", torch.tensor(INTEGERS), torch.tensor(INTEGERS)), 0),
    (
        "0 * nan in products with one element",
        lambda torch: [
            f(torch.tensor([[NAN], [INF], [1.0]]), torch.tensor([0.0]), torch.tensor([1.0]))
            for f in (
                lambda column, zero, one: column.mv(zero),
                lambda column, zero, one: column.mm(zero[:, None]),
                lambda column, zero, one: zero[:, None].mm(column.t()),
                lambda column, zero, one: column[0].dot(zero),
                lambda column, zero, one: torch.addmm(one, column, zero[:, None]),
                lambda column, zero, one: torch.addmv(one, column, zero),
                lambda column, zero, one: torch.matmul(column, zero),
                lambda column, zero, one: torch.bmm(column[None], zero[None, :, None]),
            )
        ],
        0,
    ),
    (
        "nll of all ignored",
        lambda torch: torch.nn.functional.nll_loss(torch.zeros(2, 3), torch.tensor([1, 1]), ignore_index=1),
        0,
    ),
    ("nll of nothing", lambda torch: torch.nn.functional.nll_loss(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64)), 0),
    (
        "bce at the ends",
        lambda torch: torch.nn.functional.binary_cross_entropy(
            torch.tensor([0.0, 1.0, 0.0, 1.0]), torch.tensor([0.0, 0.0, 1.0, 1.0]), reduction="none"
        ),
        0,
    ),
    (
        "bce with large logits",
        lambda torch: torch.nn.functional.binary_cross_entropy_with_logits(
            torch.tensor([1e4, -1e4]), torch.tensor([0.0, 0.0]), reduction="none"
        ),
        0,
    ),
    (
        "kl_div of zeros",
        lambda torch: torch.nn.functional.kl_div(torch.tensor([[0.0, -1.0]]), torch.tensor([[0.0, 0.0]]), reduction="sum"),
        0,
    ),
    ("xlogy", lambda torch: torch.xlogy(torch.tensor([0.0, 0.0, 2.0]), torch.tensor([NAN, INF, 1.0])), 0),
    (
        "one_hot",
        lambda torch: (torch.nn.functional.one_hot(torch.tensor([[2, 0]])), torch.nn.functional.one_hot(torch.tensor(1), 4)),
        0,
    ),
    (
        "embedding max_norm",
        lambda torch: torch.nn.functional.embedding(
            torch.tensor([1, 0, 1]), torch.tensor([[3.0, 4.0], [0.5, 0.5]]), max_norm=1.0
        ),
        1,
    ),
    (
        "layer_norm of float16",
        lambda torch: torch.nn.functional.layer_norm(torch.tensor(HALVES, dtype=torch.float16), (40,)),
        1,
    ),
]


@pytest.mark.parametrize(("program", "ulp"), [pytest.param(f, ulp, id=name) for name, f, ulp in VALUES])
def test_value(program: Callable[[Any], Any], ulp: int) -> None:
    report = compare(*both(program), ulp=ulp)
    assert report.findings
    assert report, str(report)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "sum dim outside": lambda torch: torch.ones(2, 3).sum(2),
    "sum dim twice": lambda torch: torch.ones(2, 3).sum((0, 0)),
    "sum dim twice, counted from both ends": lambda torch: torch.ones(2, 3).sum((1, -1)),
    "sum dim of 0-d outside": lambda torch: torch.tensor(1.0).sum(1),
    "sum dim no int": lambda torch: torch.ones(2, 3).sum("rows"),
    "mean of integers": lambda torch: torch.tensor([1, 2]).mean(),
    "prod of dims": lambda torch: torch.ones(2, 3).prod((0, 1)),
    "max of nothing": lambda torch: torch.ones(0).max(),
    "max of nothing along dim": lambda torch: torch.ones(2, 0).max(1),
    "min dim outside": lambda torch: torch.ones(2).min(1),
    "amax of nothing": lambda torch: torch.ones(0).amax(),
    "amax of nothing along dim": lambda torch: torch.ones(2, 0).amax(1),
    "argmax of nothing": lambda torch: torch.ones(0).argmax(),
    "argmax of nothing along dim": lambda torch: torch.ones(2, 0).argmax(1),
    "argmax of bool": lambda torch: torch.tensor([True]).argmax(),
    "median of nothing along dim": lambda torch: torch.ones(2, 0).median(1),
    "sort dim outside": lambda torch: torch.ones(2).sort(1),
    "topk too many": lambda torch: torch.ones(2).topk(3),
    "cumsum dim outside": lambda torch: torch.ones(2).cumsum(1),
    "softmax of integers": lambda torch: torch.tensor([1, 2]).softmax(0),
    "softmax dim outside": lambda torch: torch.ones(2).softmax(1),
    "var of integers": lambda torch: torch.tensor([1, 2]).var(),
    "norm of integers": lambda torch: torch.linalg.vector_norm(torch.tensor([1, 2])),
    "norm -1 of nothing": lambda torch: torch.linalg.vector_norm(torch.ones(0), -1),
    "norm inf of nothing": lambda torch: torch.linalg.vector_norm(torch.ones(0), INF),
    "norm by another name": lambda torch: torch.ones(2).norm("inf"),
    "trace of vector": lambda torch: torch.ones(2).trace(),
    "trace of truths": lambda torch: torch.tensor([[True]]).trace(),
    "diag of cube": lambda torch: torch.ones(2, 2, 2).diag(),
    "diagonal of vector": lambda torch: torch.ones(2).diagonal(),
    "diagonal of one dim": lambda torch: torch.ones(2, 2).diagonal(0, 1, 1),
    "tril of vector": lambda torch: torch.ones(2).tril(),
    "addmv shapes": lambda torch: torch.addmv(torch.ones(2), torch.ones(2, 3), torch.ones(2)),
    "einsum operands": lambda torch: torch.einsum("ij,jk->ik", torch.ones(2, 2)),
    "einsum dimensions": lambda torch: torch.einsum("ijk->i", torch.ones(2, 2)),
    "einsum lengths": lambda torch: torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(2, 3)),
    "einsum unknown letter": lambda torch: torch.einsum("ij->k", torch.ones(2, 3)),
    "einsum repeated result": lambda torch: torch.einsum("ij->ii", torch.ones(2, 3)),
    "einsum no letter": lambda torch: torch.einsum("i1->i", torch.ones(2, 3)),
    "loss shapes": lambda torch: torch.nn.functional.smooth_l1_loss(torch.ones(2), torch.ones(3)),
    "loss reduction": lambda torch: torch.nn.functional.huber_loss(torch.ones(2), torch.ones(2), reduction="max"),
    "huber delta": lambda torch: torch.nn.functional.huber_loss(torch.ones(2), torch.ones(2), delta=0.0),
    "smooth_l1 beta": lambda torch: torch.nn.functional.smooth_l1_loss(torch.ones(2), torch.ones(2), beta=-1.0),
    "nll class outside": lambda torch: torch.nn.functional.nll_loss(torch.ones(2, 3), torch.tensor([0, 3])),
    "nll class negative": lambda torch: torch.nn.functional.nll_loss(torch.ones(2, 3), torch.tensor([0, -1])),
    "nll target floating": lambda torch: torch.nn.functional.nll_loss(torch.ones(2, 3), torch.tensor([0.0, 1.0])),
    "nll rows": lambda torch: torch.nn.functional.nll_loss(torch.ones(2, 3), torch.tensor([0])),
    "nll weight": lambda torch: torch.nn.functional.nll_loss(torch.ones(2, 3), torch.tensor([0, 1]), torch.ones(2)),
    "nll 0-d": lambda torch: torch.nn.functional.nll_loss(torch.tensor(1.0), torch.tensor(0)),
    "cross_entropy smoothing": lambda torch: torch.nn.functional.cross_entropy(
        torch.ones(2, 3), torch.tensor([0, 1]), label_smoothing=2.0
    ),
    "cross_entropy integers": lambda torch: torch.nn.functional.cross_entropy(
        torch.ones(2, 3), torch.ones(2, 3, dtype=torch.int64)
    ),
    "bce shapes": lambda torch: torch.nn.functional.binary_cross_entropy(torch.ones(2), torch.ones(2, 1)),
    "bce no probability": lambda torch: torch.nn.functional.binary_cross_entropy(torch.tensor([2.0]), torch.ones(1)),
    "bce with logits shapes": lambda torch: torch.nn.functional.binary_cross_entropy_with_logits(
        torch.ones(2), torch.ones(3)
    ),
    "dropout probability": lambda torch: torch.nn.functional.dropout(torch.ones(2), 1.5),
    "one_hot of floats": lambda torch: torch.nn.functional.one_hot(torch.ones(2)),
    "one_hot outside": lambda torch: torch.nn.functional.one_hot(torch.tensor([3]), 2),
    "one_hot negative": lambda torch: torch.nn.functional.one_hot(torch.tensor([-1])),
    "embedding outside": lambda torch: torch.nn.functional.embedding(torch.tensor([3]), torch.ones(3, 2)),
    "embedding of floats": lambda torch: torch.nn.functional.embedding(torch.ones(2), torch.ones(3, 2)),
    "embedding padding outside": lambda torch: torch.nn.functional.embedding(
        torch.tensor([1]), torch.ones(3, 2), padding_idx=3
    ),
    "layer_norm shape": lambda torch: torch.nn.functional.layer_norm(torch.ones(2, 3), (2,)),
    "layer_norm weight": lambda torch: torch.nn.functional.layer_norm(torch.ones(2, 3), (3,), torch.ones(2)),
}


def refusal_of(program: Callable[[Any], Any], torch: Any) -> Exception | None:
    try:
        program(torch)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("program", REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_torchs_exception(program: Callable[[Any], Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of losses that broadcast
        theirs, ours = refusal_of(program, torch), refusal_of(program, minigrad)
    assert theirs is not None
    assert type(theirs) is type(ours)
    assert str(ours)


@pytest.mark.parametrize("torch_or_ours", [torch, minigrad])
def test_warnings(torch_or_ours: Any) -> None:
    F = torch_or_ours.nn.functional
    x = torch_or_ours.ones(1, 2)
    for program in (
        lambda: x[0, :1].var(),
        lambda: x.std(0),
        lambda: F.softmax(x),
        lambda: F.kl_div(x, x),
        lambda: F.l1_loss(x, x[0]),
    ):
        with pytest.warns(UserWarning, match="."):
            program()


def test_named_tuples() -> None:
    """They print as torch's, can be asked by name and position, and can be pickled."""
    for f in (
        lambda t, x: x.max(1),
        lambda t, x: x.sort(),
        lambda t, x: x.topk(1),
        lambda t, x: x.median(0),
    ):
        ours, theirs = f(minigrad, minigrad.tensor([[1.0, 3.0]])), f(torch, torch.tensor([[1.0, 3.0]]))
        assert repr(ours) == repr(theirs)
        assert repr(pickle.loads(pickle.dumps(ours))) == repr(ours)
    values, indices = result = minigrad.tensor([[1.0, 3.0]]).min(1)
    assert result.values is values
    assert result.indices is indices


@pytest.mark.parametrize("shape", [(7,), (4, 6), (20, 3)])
@pytest.mark.parametrize("p", [0.25, 0.5, 0.9])
def test_dropout_draws_torchs_mask(shape: tuple[int, ...], p: float) -> None:
    def program(torch: Any) -> dict[str, Any]:
        torch.manual_seed(3)
        x = torch.ones(*shape).requires_grad_()
        y = torch.nn.functional.dropout(x, p)
        z = torch.nn.functional.dropout(x.t() * 1 if len(shape) == 2 else x, p)
        (y.sum() + (z * z).sum()).backward()
        return {"y": y.detach(), "z": z.detach(), "x": x}

    report = compare(*both(program))
    assert report, str(report)


def test_l1_loss_weight() -> None:
    """Called plainly: under ``with torch.device``, as the tables run, PyTorch 2.13 forgets the weight of this loss."""
    x, y, w = np.array([1.0, -2.0, 3.0]), np.array([0.5, 2.0, 1.0]), np.array([1.0, 2.0, 4.0])
    for reduction in ("mean", "sum", "none"):
        ours, theirs = (
            t.nn.functional.l1_loss(t.tensor(x), t.tensor(y), weight=t.tensor(w), reduction=reduction)
            for t in (minigrad, torch)
        )
        report = compare(ours, theirs, ulp=1)
        assert report, str(report)


def test_layer_norm_with_bias_alone_twice() -> None:
    """PyTorch 2.13 fails on the second derivative without a weight; so it is compared with a weight of ones."""
    x = minigrad.tensor(np.array([[1.0, 2.0, 4.0], [0.0, -1.0, 3.0]]), requires_grad=True)
    ones, bias = minigrad.ones(3, dtype=minigrad.float64), minigrad.tensor(np.array([0.5, 1.0, -1.0]), requires_grad=True)
    gradients = []
    for weight in (None, ones):
        y = minigrad.nn.functional.layer_norm(x, (3,), weight, bias)
        (first,) = minigrad.autograd.grad((y * y * y).sum(), x, create_graph=True)
        gradients.append(minigrad.autograd.grad((first * first).sum(), (x, bias)))
    assert all(minigrad.allclose(a, b) for a, b in zip(*gradients, strict=True))
