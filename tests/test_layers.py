"""Every layer, activation and loss is torch's: its text, first values, results, gradients, state, in training and evaluation."""

import inspect
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from reference import both, compare

from .outcomes import agrees

MATRIX, ROWS = "torch.randn(4, 3)", "torch.randn(2, 5, 3)"
SPREAD = "torch.randn(4, 3) + 4 * torch.arange(3)"  # a row of nearly equal numbers has no digits left once it is normalised
PICTURE, NUMBERS = "torch.randn(2, 3, 4)", "torch.tensor([[1, 4, 0], [4, 4, 2]])"
LOGITS, CLASSES, CHANCES = "torch.randn(4, 3)", "torch.tensor([2, 0, 1, 2])", "torch.rand(4, 3)"
LOG_CHANCES = "-torch.rand(4, 3)"

LAYERS = [
    ("nn.Linear(3, 2)", MATRIX), ("nn.Linear(3, 2, bias=False)", ROWS), ("nn.Linear(3, 2)", "torch.randn(3)"), ("nn.Linear(1, 1)", "torch.randn(4, 1)"),
    ("nn.Linear(300, 7)", "torch.randn(2, 300)"), ("nn.Linear(3, 2)", "torch.randn(0, 3)"),
    ("nn.LazyLinear(2)", MATRIX), ("nn.LazyLinear(2, bias=False)", ROWS), ("nn.LazyLinear(2)", "torch.randn(3)"),
    ("nn.Identity()", MATRIX), ("nn.Identity(3, x=2)", MATRIX),
    ("nn.Flatten()", PICTURE), ("nn.Flatten(0)", PICTURE), ("nn.Flatten(0, 1)", PICTURE), ("nn.Flatten(-2, -1)", PICTURE),
    ("nn.Unflatten(1, (3, 1))", MATRIX), ("nn.Unflatten(-1, (2, -1))", PICTURE), ("nn.Unflatten(2, [2, 2])", PICTURE), ("nn.Unflatten(2, torch.Size([2, 2]))", PICTURE),
    ("nn.Dropout()", ROWS), ("nn.Dropout(0.1)", ROWS), ("nn.Dropout(0)", ROWS), ("nn.Dropout(1.0)", ROWS), ("nn.Dropout(0.3, inplace=True)", ROWS),
    ("nn.Embedding(5, 3)", NUMBERS), ("nn.Embedding(5, 3, padding_idx=4)", NUMBERS), ("nn.Embedding(5, 3, padding_idx=-1)", NUMBERS),
    ("nn.Embedding(5, 3, max_norm=1)", NUMBERS), ("nn.Embedding(5, 3, None, 0.5, 1.0)", NUMBERS), ("nn.Embedding(5, 3, scale_grad_by_freq=True)", NUMBERS),
    ("nn.LayerNorm(3)", SPREAD), ("nn.LayerNorm((5, 3))", ROWS), ("nn.LayerNorm([3], eps=0.1)", ROWS), ("nn.LayerNorm(3, elementwise_affine=False)", ROWS), ("nn.LayerNorm(3, bias=False)", ROWS),
]  # fmt: skip
ACTIVATIONS = [
    (text, MATRIX) for text in (
        "nn.ReLU()", "nn.ReLU(inplace=True)", "nn.LeakyReLU()", "nn.LeakyReLU(0.2, inplace=True)",
        "nn.ELU()", "nn.ELU(2)", "nn.ELU(0.5, True)", "nn.SELU()", "nn.SELU(True)", "nn.GELU()", "nn.GELU('tanh')", "nn.SiLU()", "nn.SiLU(True)",
        "nn.Softplus()", "nn.Softplus(2, 1)", "nn.Hardtanh()", "nn.Hardtanh(-0.5, 0.25)", "nn.Hardtanh(inplace=True)", "nn.Sigmoid()", "nn.Tanh()", "nn.LogSigmoid()",
        "nn.Softsign()", "nn.Tanhshrink()", "nn.Softmax(1)", "nn.Softmax(dim=0)", "nn.Softmin(-1)", "nn.LogSoftmax(1)", "nn.LogSoftmax(dim=-2)",
    )
]  # fmt: skip
LOSSES = [
    ("nn.MSELoss()", MATRIX, MATRIX), ("nn.MSELoss(reduction='sum')", MATRIX, MATRIX), ("nn.MSELoss(reduction='none')", MATRIX, MATRIX),
    ("nn.L1Loss()", MATRIX, MATRIX), ("nn.L1Loss(reduction='sum')", MATRIX, MATRIX), ("nn.L1Loss(reduction='none')", MATRIX, MATRIX),
    ("nn.SmoothL1Loss()", MATRIX, MATRIX), ("nn.SmoothL1Loss(beta=0.5)", MATRIX, MATRIX), ("nn.SmoothL1Loss(reduction='sum', beta=2)", MATRIX, MATRIX),
    ("nn.HuberLoss()", MATRIX, MATRIX), ("nn.HuberLoss('sum', 0.5)", MATRIX, MATRIX), ("nn.HuberLoss(reduction='none', delta=2)", MATRIX, MATRIX),
    ("nn.CrossEntropyLoss()", LOGITS, CLASSES), ("nn.CrossEntropyLoss(reduction='sum')", LOGITS, CLASSES), ("nn.CrossEntropyLoss(torch.tensor([1., 2., 3.]))", LOGITS, CLASSES),
    ("nn.CrossEntropyLoss(ignore_index=2)", LOGITS, CLASSES), ("nn.CrossEntropyLoss(label_smoothing=0.1)", LOGITS, CLASSES), ("nn.CrossEntropyLoss()", LOGITS, CHANCES),
    ("nn.NLLLoss()", LOG_CHANCES, CLASSES), ("nn.NLLLoss(torch.tensor([1., 2., 3.]), reduction='none')", LOG_CHANCES, CLASSES), ("nn.NLLLoss(ignore_index=0)", LOG_CHANCES, CLASSES),
    ("nn.BCELoss()", CHANCES, CHANCES), ("nn.BCELoss(torch.tensor([1., 2., 3.]))", CHANCES, CHANCES), ("nn.BCELoss(reduction='none')", CHANCES, CHANCES),
    ("nn.BCEWithLogitsLoss()", LOGITS, CHANCES), ("nn.BCEWithLogitsLoss(torch.tensor([1., 2., 3.]), reduction='sum')", LOGITS, CHANCES), ("nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1., 2., 3.]))", LOGITS, CHANCES),
    ("nn.KLDivLoss(reduction='batchmean')", LOG_CHANCES, CHANCES), ("nn.KLDivLoss(reduction='sum', log_target=True)", LOG_CHANCES, LOG_CHANCES), ("nn.KLDivLoss(reduction='none')", LOG_CHANCES, CHANCES),
]  # fmt: skip
MODELS = [
    ("nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.25), nn.Linear(4, 1))", MATRIX),
    ("nn.Sequential(nn.LazyLinear(4), nn.Sequential(nn.Tanh(), nn.LazyLinear(2)))", MATRIX),
    ("nn.Sequential(nn.Flatten(), nn.LayerNorm(12), nn.LazyLinear(3, bias=False), nn.GELU(), nn.Softmax(1))", PICTURE),
    ("nn.Sequential(nn.Embedding(5, 3), nn.Flatten(), nn.Linear(9, 2), nn.LogSoftmax(dim=1))", NUMBERS),
]  # fmt: skip
LAYERS += [("nn.ReLU6()", SPREAD), ("nn.ReLU6(True)", SPREAD)]  # which reaches 6
CASES = LAYERS + ACTIVATIONS + LOSSES + MODELS


def used(torch: Any, model: str, *inputs: str, dtype: str) -> dict[str, Any]:
    """All that can be seen of a module, before its first call, after it, and in evaluation."""
    torch.manual_seed(5)
    names = {"torch": torch, "nn": torch.nn}
    module = eval(model, names).to(getattr(torch, dtype))
    values = [eval(text, names) for text in inputs]
    leaves = [value.to(getattr(torch, dtype)).requires_grad_() if value.is_floating_point() else value for value in values]
    arguments = [leaf * 1 if leaf.requires_grad else leaf for leaf in leaves]  # some modules write into their input
    seen: dict[str, Any] = {"new": repr(module), "names": list(module.state_dict())}
    result = module(*arguments)
    (result * torch.rand(result.shape, dtype=result.dtype)).sum().backward()
    seen |= {
        "leaves": leaves,
        "written": [argument.detach() for argument in arguments],
        "result": result.detach(),
        "called": repr(module),
        "parameters": dict(module.named_parameters()),
    }
    seen |= {"node": type(result.grad_fn).__name__, "state": dict(module.state_dict()), "next draw": torch.rand(2)}
    with torch.no_grad():
        seen["evaluated"] = module.eval()(*leaves)
    return seen | {"trains": [part.training for part in module.modules()]}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} of {case[1]}")
def test_modules(case: tuple[str, ...], dtype: str, device: torch.device) -> None:
    # Functions as exp differ by an ulp or two between the engines; sums of up to 300 products add in another order, so that
    # what cancels keeps some rounding of its terms, which are about 1.
    report = compare(
        *both(lambda torch: used(torch, *case, dtype=dtype), device=device), ulp=16, atol=16 * np.finfo(dtype).eps
    )
    assert report, str(report)


OLD_ARGUMENTS = [
    "size_average=True", "size_average=False", "reduce=True", "reduce=False", "size_average=False, reduce=False",
    "size_average=False, reduction='none'", "reduction='sum'", "reduction='foo'", "size_average=3",
]  # fmt: skip
TAKES_OLD_ARGUMENTS = [
    "MSELoss", "L1Loss", "SmoothL1Loss", "CrossEntropyLoss", "NLLLoss", "BCELoss", "BCEWithLogitsLoss", "KLDivLoss", "HuberLoss",
]  # fmt: skip


@pytest.mark.parametrize("arguments", OLD_ARGUMENTS)
@pytest.mark.parametrize("name", TAKES_OLD_ARGUMENTS)
def test_arguments_from_before_reduction(name: str, arguments: str) -> None:
    def program(torch: Any) -> list[Any]:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                return [eval(f"torch.nn.{name}({arguments})", {"torch": torch}).reduction, [w.category for w in warned]]
            except Exception as error:
                return [type(error)]

    ours, theirs = both(program)
    assert ours == theirs


REFUSED = [
    ("nn.Dropout(-0.1)", ""), ("nn.Dropout(1.1)", ""), ("nn.Hardtanh(2, 1)", ""), ("nn.Hardtanh(1, 1)", ""), ("nn.Linear(3)", ""), ("nn.Linear(-1, 2)", ""), ("nn.Linear('a', 2)", ""),
    ("nn.Linear(3, 2)", "torch.ones(4, 5)"), ("nn.Linear(3, 2)", "torch.ones(())"), ("nn.Linear(3, 2)", "torch.ones(4, 3, dtype=torch.float64)"), ("nn.Linear(3, 2)", "torch.ones(4, 3, dtype=torch.int64)"), ("nn.Linear(3, 2)", "[1., 2., 3.]"),
    ("nn.LazyLinear(2)", "torch.ones(())"), ("nn.LazyLinear(2)", "3"), ("nn.LazyLinear(2)", "torch.ones(4, 3, dtype=torch.float64)"), ("nn.LazyLinear()", ""),
    ("nn.Unflatten(1, 3)", ""), ("nn.Unflatten(1, (2, 2.5))", ""), ("nn.Unflatten(1, (2, 2))", "torch.ones(2, 3)"), ("nn.Unflatten(4, (2, 2))", "torch.ones(2, 4)"), ("nn.Flatten(3)", "torch.ones(2, 4)"), ("nn.Flatten(1, 0)", "torch.ones(2, 4)"),
    ("nn.Embedding(5, 3, padding_idx=5)", ""), ("nn.Embedding(5, 3, padding_idx=-6)", ""), ("nn.Embedding(5, 3)", "torch.tensor([5])"), ("nn.Embedding(5, 3)", "torch.tensor([-1])"), ("nn.Embedding(5, 3)", "torch.tensor([1.0])"), ("nn.Embedding(5, 3)", "1"),
    ("nn.LayerNorm(2.5)", ""), ("nn.LayerNorm(None)", ""), ("nn.LayerNorm(3)", "torch.ones(2, 4)"), ("nn.LayerNorm((2, 3))", "torch.ones(3)"), ("nn.LayerNorm(3)", "torch.ones(2, 3, dtype=torch.int64)"), ("nn.LayerNorm(3)", "torch.ones(2, 3, dtype=torch.float64)"), ("nn.LayerNorm(3, elementwise_affine=False)", "torch.ones(2, 3, dtype=torch.int64)"),
    ("nn.ReLU()", "3"), ("nn.ReLU(inplace=True)", "torch.ones(2, requires_grad=True)"), ("nn.ELU(inplace=True)", "torch.ones(2, requires_grad=True)"), ("nn.GELU('foo')", "torch.ones(2)"), ("nn.GELU()", "torch.ones(2, dtype=torch.int64)"), ("nn.Sigmoid()", "[1.0]"), ("nn.Softmax(5)", "torch.ones(2)"),
    ("nn.MSELoss()", "torch.ones(2)"), ("nn.MSELoss(reduction='foo')", "torch.ones(2), torch.ones(2)"), ("nn.MSELoss()", "torch.ones(2), torch.ones(3)"), ("nn.SmoothL1Loss(beta=-1)", "torch.ones(2), torch.ones(2)"), ("nn.HuberLoss(delta=0)", "torch.ones(2), torch.ones(2)"), ("nn.HuberLoss(delta=-1)", "torch.ones(2), torch.ones(2)"),
    ("nn.CrossEntropyLoss()", "torch.ones(2, 3), torch.tensor([0, 3])"), ("nn.CrossEntropyLoss()", "torch.ones(2, 3), torch.tensor([0])"), ("nn.CrossEntropyLoss(label_smoothing=2.0)", "torch.ones(2, 3), torch.tensor([0, 1])"), ("nn.CrossEntropyLoss(torch.ones(2))", "torch.ones(2, 3), torch.tensor([0, 1])"), ("nn.CrossEntropyLoss(weight=3)", ""),
    ("nn.NLLLoss()", "torch.ones(2, 3), torch.tensor([0., 1.])"), ("nn.BCELoss()", "torch.ones(2) * 2, torch.ones(2)"), ("nn.BCELoss()", "torch.ones(2), torch.ones(3)"), ("nn.BCEWithLogitsLoss()", "torch.ones(2), torch.ones(3)"), ("nn.KLDivLoss(reduction='foo')", "torch.ones(2), torch.ones(2)"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "arguments"), REFUSED)
def test_what_torch_refuses_is_refused(module: str, arguments: str) -> None:
    agrees(f"torch.{module}" + (f"({arguments})" if arguments else ""))


def test_every_module_is_named_and_tested() -> None:
    """What ``minigrad.nn`` exports is in torch under that name, takes what that takes, in that order, and has a case above."""
    tried = " ".join(text for text, *_ in CASES)
    for name in minigrad.nn.__all__:
        exported, torchs = getattr(minigrad.nn, name), getattr(torch.nn, name, None) or getattr(torch.nn.parameter, name)
        if inspect.isclass(exported) and issubclass(exported, minigrad.nn.Module) and name not in ("Module", "ModuleList"):
            assert f"nn.{name}(" in tried
            taken, torchs = (
                [n for n in inspect.signature(cls).parameters if n not in NOT_COMPARED] for cls in (exported, torchs)
            )
            assert taken == torchs, name


NOT_COMPARED = {
    "modules",
    "args",
    "kwargs",
    "_weight",
    "_freeze",
    "min_value",
    "max_value",
}  # `*modules`, `*args`; of from_pretrained; old names
