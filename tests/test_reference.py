"""The reference itself: it finds every kind of difference, names the first one, and measures it rightly."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from reference import both, choose_device, compare, copy_state, to_minigrad, to_torch, twin
from reference.comparison import compare_gradients, compare_graphs, compare_saved
from reference.device import GPU_ULP, on_device
from reference.ulp import FAR, relative_error, ulp_distance

from .test_layers import CASES as LAYERS_AND_MODELS


def leaf(engine: Any, *values: float, **options: Any) -> Any:
    return engine.tensor(list(values), requires_grad=True, **options)


# --- every kind of difference is found ----------------------------------------------------------------------------------

DIFFERENT = {
    "an element": (lambda t: t.tensor([1.0, 2.0]), lambda t: t.tensor([1.0, 2.5]), "[1]"),
    "the last ulp": (lambda t: t.tensor([1.0]), lambda t: t.tensor([1.0000001]), "1 ulp"),
    "a sign": (lambda t: t.tensor([1.0]), lambda t: t.tensor([-1.0]), "[0]"),
    "nan": (lambda t: t.tensor([1.0]), lambda t: t.tensor([float("nan")]), "nan"),
    "inf": (lambda t: t.tensor([3e38]), lambda t: t.tensor([float("inf")]), "inf"),
    "an integer": (lambda t: t.tensor([1, 2]), lambda t: t.tensor([1, 3]), "[1]"),
    "a truth value": (lambda t: t.tensor([True]), lambda t: t.tensor([False]), "[0]"),
    "shape": (lambda t: t.ones(2, 1), lambda t: t.ones(2), "shape"),
    "dtype": (lambda t: t.ones(2), lambda t: t.ones(2, dtype=t.float64), "dtype"),
    "requires_grad": (lambda t: t.ones(2), lambda t: leaf(t, 1.0, 1.0), "requires_grad"),
    "is_leaf": (lambda t: leaf(t, 2.0), lambda t: leaf(t, 1.0) * 2, "is_leaf"),
    "None": (lambda t: None, lambda t: t.ones(1), "None"),
    "a number": (lambda t: 1.0, lambda t: 1.5, "1.5"),
    "a text": (lambda t: "a", lambda t: "b", "b"),
    "a length": (lambda t: [1.0], lambda t: [1.0, 2.0], "length"),
    "names": (lambda t: {"a": 1}, lambda t: {"b": 1}, "names"),
    "something deep inside": (lambda t: {"a": [1, {"b": t.ones(2)}]}, lambda t: {"a": [1, {"b": t.zeros(2)}]}, "a[1].b[0]"),
    "a node": (lambda t: leaf(t, 1.0) * 1, lambda t: leaf(t, 1.0) / 1, "MulBackward0"),
    "the number of nodes": (lambda t: leaf(t, 1.0) * 1, lambda t: leaf(t, 1.0) * 1 * 1, "AccumulateGrad"),
    "a leaf's shape": (lambda t: leaf(t, 1.0).sum(), lambda t: leaf(t, 1.0, 0.0).sum(), "leaf"),
}


@pytest.mark.parametrize(("ours", "theirs", "named"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_a_difference_is_found(ours: Any, theirs: Any, named: str) -> None:
    assert compare(ours(minigrad), ours(torch))
    report = compare(ours(minigrad), theirs(torch))
    assert not report
    assert named in str(report), str(report)


def shared(t: Any) -> Any:
    x = leaf(t, 1.0)
    y = x * 2
    return y + y


def apart(t: Any) -> Any:
    x = leaf(t, 1.0)
    return x * 2 + x * 2


def test_graphs_with_equal_names_and_other_edges_differ() -> None:
    assert compare_graphs(shared(minigrad), shared(torch))
    report = compare_graphs(shared(minigrad), apart(torch))
    assert "edges: minigrad edge 1 leads to node 1" in str(report), str(report)


def test_a_difference_of_gradients_is_found() -> None:
    def program(t: Any, factor: float) -> dict[str, Any]:
        w, b = leaf(t, 1.0), leaf(t, 2.0)
        (w * factor + b).sum().backward()
        return {"w": w, "b": b}

    assert compare_gradients(program(minigrad, 3.0), program(torch, 3.0))
    report = compare_gradients(program(minigrad, 3.0), program(torch, 4.0))
    assert str(report) == "differ, first at w.grad[0]: minigrad 3.0, torch 4.0 (relative error 0.25, 4194304 ulp)"


def test_a_difference_of_saved_fields_is_found() -> None:
    assert compare_saved(leaf(minigrad, 2.0) ** 3, leaf(torch, 2.0) ** 3)
    assert "_saved_exponent" in str(compare_saved(leaf(minigrad, 2.0) ** 3, leaf(torch, 2.0) ** 2))
    assert "_saved_self" in str(compare_saved(leaf(minigrad, 2.0) ** 3, leaf(torch, 4.0) ** 3))


def test_tolerances() -> None:
    near, far = minigrad.tensor([1.0, 1e-9]), torch.tensor([1.0000001, 2e-9])
    assert not compare(near, far, ulp=1)
    assert compare(near, far, ulp=1, atol=2e-9)
    assert not compare(near, far, ulp=0, atol=2e-9)
    assert "[1]" in str(compare(near, far, ulp=1))


def test_the_report_names_the_worst_of_what_agrees() -> None:
    report = compare(
        {"a": minigrad.tensor(1.0), "b": minigrad.tensor(1.0)}, {"a": torch.tensor(1.0), "b": torch.tensor(1.0000002)}, ulp=4
    )
    assert report
    assert report.worst is not None
    assert (report.worst.where, report.worst.ulp) == ("b", 2)


# --- distances ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_step_to_the_next_number_is_one_ulp(dtype: Any) -> None:
    values = np.array([-1e4, -1.0, -6e-8, 0.0, 6e-8, 1.0, 1.5, 1e4], dtype)
    after = np.nextafter(values, dtype(np.inf))
    assert ulp_distance(values, after).tolist() == [1] * len(values)
    assert ulp_distance(after, values).tolist() == [1] * len(values)
    tiny = np.finfo(dtype).smallest_subnormal
    assert ulp_distance(np.array([-tiny]), np.array([tiny])).tolist() == [2]


def test_distances_of_special_numbers() -> None:
    largest = np.finfo(np.float64).max
    assert ulp_distance(np.array([np.inf]), np.array([largest])).tolist() == [1]
    assert ulp_distance(np.array([np.nan]), np.array([1.0])).tolist() == [FAR]
    assert int(ulp_distance(np.array([-largest]), np.array([largest]))[0]) > 2**63
    assert relative_error(np.array([np.nan, np.inf]), np.array([1.0, 1.0])).tolist() == [np.inf, np.inf]
    with pytest.raises(TypeError, match="float32"):
        ulp_distance(np.ones(1, np.float32), np.ones(1))


# --- conversion ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (2, 0, 3)])
def test_there_and_back(dtype: str, shape: tuple[int, ...]) -> None:
    tensor = minigrad.ones(shape, dtype=getattr(minigrad, dtype))
    there = to_torch(tensor)
    assert (str(there.dtype), tuple(there.shape)) == (str(tensor.dtype), shape)
    assert compare(to_minigrad(there), there)


def test_conversion_copies_and_keeps_what_a_leaf_is() -> None:
    parameter = minigrad.nn.Parameter(minigrad.tensor([1.0, 2.0]), requires_grad=False)
    there = to_torch({"w": parameter, "more": [parameter, (1, None)]})
    assert isinstance(there["w"], torch.nn.Parameter)
    assert not there["w"].requires_grad
    assert isinstance(to_minigrad(there)["w"], minigrad.nn.Parameter)
    there["w"].fill_(7.0)
    assert parameter.tolist() == [1.0, 2.0]
    back = to_minigrad(there["w"])
    there["w"].fill_(8.0)
    assert back.tolist() == [7.0, 7.0]
    turned = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True).t()
    assert to_torch(turned).tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert to_torch(turned).requires_grad


def test_a_dtype_without_counterpart_is_refused() -> None:
    with pytest.raises(TypeError, match="bfloat16"):
        to_minigrad(torch.ones(1, dtype=torch.bfloat16))


def test_copying_parameters_into_another_shape_changes_nothing() -> None:
    model, other = minigrad.nn.Linear(2, 1), torch.nn.Linear(3, 1)
    before = [parameter.tolist() for parameter in other.parameters()]
    with pytest.raises(ValueError, match=r"\(1, 2\)"):
        copy_state(model, other)
    assert [parameter.tolist() for parameter in other.parameters()] == before
    back = copy_state(torch.nn.Linear(2, 1), model)
    assert back is model
    assert all(parameter.requires_grad and parameter.is_leaf for parameter in back.parameters())


# --- twins --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", LAYERS_AND_MODELS, ids=lambda case: case[0])
@pytest.mark.parametrize("engine", [minigrad, torch], ids=["minigrad", "torch"])
def test_a_twin_computes_the_same_and_so_does_its_twin(engine: Any, case: tuple[str, ...]) -> None:
    model = eval(case[0], {"torch": engine, "nn": engine.nn})
    inputs = [np.asarray(eval(text, {"torch": torch}).numpy()) for text in case[1:]]
    model(*(engine.tensor(a) for a in inputs))  # gives lazy layers their shapes
    other, back = twin(model.eval()), twin(twin(model))
    assert type(back) is type(model)
    assert repr(other) == repr(model) == repr(back)
    assert [part.training for part in other.modules()] == [False] * len(list(model.modules()))
    ours, theirs = (model, other) if engine is minigrad else (other, model)
    assert compare(dict(ours.named_parameters()), dict(theirs.named_parameters()))
    assert compare(dict(ours.state_dict()), dict(theirs.state_dict()))
    # Functions as exp differ by an ulp or two; the sums of a layer keep the rounding of terms that cancel.
    ours, theirs = ours(*map(minigrad.tensor, inputs)).detach(), theirs(*map(torch.tensor, inputs)).detach()
    report = compare(ours, theirs, ulp=16, atol=16 * float(np.finfo(np.float32).eps))
    assert report, str(report)
    assert back(*(engine.tensor(a) for a in inputs)).tolist() == model(*(engine.tensor(a) for a in inputs)).tolist()


@pytest.mark.parametrize("engine", [minigrad, torch], ids=["minigrad", "torch"])
def test_a_twin_shares_what_its_model_shares_and_nothing_with_it(engine: Any) -> None:
    nn = engine.nn
    layer, bare = nn.Linear(2, 2, dtype=engine.float64), nn.Linear(2, 2, bias=False)
    bare.weight = layer.weight
    layer.bias.requires_grad_(False)
    model = nn.Sequential(layer, nn.ModuleList([layer, bare]))
    model.register_buffer("kept", engine.ones(2))
    model.register_buffer("passing", engine.ones(1, dtype=engine.int64), persistent=False)
    model.register_parameter("absent", None)
    other = twin(model)
    assert other[0] is other[1][0]
    assert other[0].weight is other[1][1].weight
    assert [parameter.requires_grad for parameter in other.parameters()] == [True, False]
    assert list(other.state_dict()) == list(model.state_dict())
    assert [name for name, _ in other.named_buffers()] == ["kept", "passing"]
    assert other.absent is None
    before = model[0].weight.tolist()
    other[0].weight.data.fill_(7.0)
    assert model[0].weight.tolist() == before


def test_a_twin_draws_no_random_numbers() -> None:
    model = minigrad.nn.Linear(2, 2)
    for engine in (minigrad, torch):
        engine.manual_seed(1)
    twin(twin(model))
    ours, theirs = minigrad.rand(1), torch.rand(1)
    assert compare(ours, theirs)
    torch.manual_seed(1)
    assert theirs.equal(torch.rand(1))


@pytest.mark.parametrize(
    "layer", ["Linear(3, 2)", "LayerNorm(3)", "Embedding(4, 2)", "Sequential(nn.Linear(3, 2), nn.Linear(2, 1))"]
)
def test_weights_move_in_one_line_each_way(layer: str) -> None:
    minigrad.manual_seed(1)
    torch.manual_seed(2)
    ours, theirs = (eval(f"nn.{layer}", {"nn": engine.nn}) for engine in (minigrad, torch))
    for source, target in ((ours, theirs), (theirs, ours)):
        for parameter in source.parameters():
            parameter.data.normal_()
        assert not compare(ours, theirs)
        copy_state(source, target)
        assert compare(ours, theirs)


class Linear(minigrad.nn.Module):
    """A module of the user's own, under a name that both engines have."""


@pytest.mark.parametrize(
    "model", [minigrad.nn.Sequential(Linear()), torch.nn.Conv1d(1, 1, 1), 3], ids=lambda model: type(model).__name__
)
def test_no_twin(model: Any) -> None:
    with pytest.raises(TypeError, match="has no twin"):
        twin(model)


def test_both_runs_under_both(device: torch.device) -> None:
    ours, theirs = both(lambda torch, x: torch.tensor(x) * 2, np.array([1.0, 2.0]), device=device)
    assert isinstance(ours, minigrad.Tensor)
    assert isinstance(theirs, torch.Tensor)
    assert theirs.device.type == device.type


# --- devices ------------------------------------------------------------------------------------------------------------


def test_the_cpu_can_always_be_had_and_a_wrong_wish_is_refused() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(ValueError, match="tpu"):
        choose_device("tpu")


def test_cuda_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match="sees no GPU"):
        choose_device("cuda")
    assert choose_device("auto").type == "cpu"


@pytest.mark.parametrize(
    "draw",
    [
        lambda: torch.randn(20, requires_grad=True),
        lambda: torch.randperm(9),
        lambda: torch.randint(5, (4,)),
        lambda: torch.empty(3).uniform_(-1, 1),
        lambda: torch.empty(3).bernoulli_(0.5),
        lambda: torch.nn.init.kaiming_normal_(torch.empty(3, 3)),
        lambda: torch.nn.Linear(3, 4).weight,
        lambda: torch.randperm(9, generator=torch.Generator().manual_seed(1)),  # as a DataLoader does
    ],
)
def test_elsewhere_torch_draws_from_the_stream_of_the_cpu(draw: Callable[[], torch.Tensor]) -> None:
    """The meta device stands for a GPU: it has no numbers, but places its tensors in the same way."""
    torch.manual_seed(0)
    there = draw()
    after = torch.rand(1)
    torch.manual_seed(0)
    with on_device("meta"):
        here = draw()
    assert torch.rand(1) == after
    assert here.device.type == "meta"
    assert (here.is_leaf, here.requires_grad) == (there.is_leaf, there.requires_grad)


def test_numbers_of_a_gpu_may_be_further_off() -> None:
    class OnGPU(torch.Tensor):
        device = torch.device("cuda")

    ours, ulp = minigrad.tensor([1.0]), 2**-23
    for steps, agrees in ((GPU_ULP, True), (GPU_ULP + 1, False)):
        theirs = torch.tensor([1.0 + steps * ulp])
        assert not compare(ours, theirs)
        assert bool(compare(ours, theirs.as_subclass(OnGPU))) is agrees
    assert compare(ours, torch.tensor([1.0 + 2 * GPU_ULP * ulp]).as_subclass(OnGPU), ulp=2)
