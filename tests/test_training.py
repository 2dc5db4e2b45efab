"""Linear, MSELoss and SGD learn the parameters that torch learns, from the same start, over 200 steps."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from reference import both, compare

STEPS = 200


# The engines round alike but for the order in which a matrix product and a mean add their terms: an ulp or two a step, which
# an iteration that contracts does not let grow. 10 ulp were the most seen (float64, several outputs); other builds of BLAS
# add in other orders, so there is room.
ULP = 32


PLAIN = {"lr": 0.05}


class Setting(NamedTuple):
    """How to train."""

    name: str
    samples: int = 100
    batch: int = 100
    features: int = 3
    outputs: int = 1
    reduction: str = "mean"
    options: dict[str, Any] = PLAIN
    bias: bool = True


SETTINGS = [
    Setting("full batch"),
    Setting("three points, summed", samples=3, batch=3, features=1, reduction="sum", options={"lr": 0.01}),
    Setting("minibatch", batch=10),
    Setting("minibatch with a smaller last one", samples=97, batch=10),
    Setting("several outputs", outputs=4, batch=20),
    Setting("no bias", bias=False),
    Setting("momentum", options={"lr": 0.02, "momentum": 0.9}),
    Setting("nesterov", options={"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    Setting("dampening", options={"lr": 0.02, "momentum": 0.9, "dampening": 0.5}),
    Setting("weight decay", options={"lr": 0.05, "weight_decay": 0.1}),
    Setting("all at once", batch=25, options={"lr": 0.02, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
    Setting("maximize", options={"lr": 1e-4, "maximize": True, "momentum": 0.5, "dampening": 0.1, "weight_decay": 0.1}),
]


def data(setting: Setting, dtype: str) -> tuple[np.ndarray[Any, Any], ...]:
    """Inputs, targets, and the weight and bias to start from."""
    random = np.random.default_rng(7)
    x = random.normal(size=(setting.samples, setting.features))
    true = random.normal(size=(setting.features, setting.outputs))
    y = x @ true + 4.2 + 0.01 * random.normal(size=(setting.samples, setting.outputs))
    weight, bias = random.normal(size=(setting.outputs, setting.features)), random.normal(size=setting.outputs)
    return tuple(a.astype(dtype) for a in (x, y, weight, bias))


def start(torch: Any, setting: Setting, weight: Any, bias: Any) -> Any:
    dtype = getattr(torch, weight.dtype.name)
    model = torch.nn.Linear(setting.features, setting.outputs, bias=setting.bias, dtype=dtype)
    with torch.no_grad():
        model.weight.copy_(torch.tensor(weight))
        if setting.bias:
            model.bias.copy_(torch.tensor(bias))
    return model


def batches(samples: int, size: int) -> Iterator[slice]:
    for begin in range(0, samples, size):
        yield slice(begin, min(begin + size, samples))


def train(torch: Any, setting: Setting, x: Any, y: Any, weight: Any, bias: Any) -> dict[str, Any]:
    model = start(torch, setting, weight, bias)
    criterion = torch.nn.MSELoss(reduction=setting.reduction)
    optimizer = torch.optim.SGD(model.parameters(), **setting.options)
    parts = list(batches(setting.samples, setting.batch))
    for step in range(STEPS):
        part = parts[step % len(parts)]
        loss = criterion(model(torch.tensor(x[part])), torch.tensor(y[part]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {name: parameter.detach() for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_trained_parameters(setting: Setting, dtype: str, device: torch.device, record_property: Any) -> None:
    ours, theirs = both(train, setting, *data(setting, dtype), device=device)
    report = compare(ours, theirs, ulp=ULP)
    assert report, str(report)
    assert report.worst is not None
    record_property("ulp", report.worst.ulp)
    assert not np.allclose(ours["weight"].numpy(), data(setting, dtype)[2], rtol=1e-3)  # it did learn


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_step_of_the_three_points(dtype: str, device: torch.device) -> None:
    """y = 2x on three points: losses and gradients of every step, not only the end."""

    def program(torch: Any) -> list[Any]:
        kind = getattr(torch, dtype)
        x, y = torch.tensor([[1.0], [2.0], [3.0]], dtype=kind), torch.tensor([[2.0], [4.0], [6.0]], dtype=kind)
        w, b = torch.tensor([[0.5]], dtype=kind, requires_grad=True), torch.tensor([0.25], dtype=kind, requires_grad=True)
        optimizer = torch.optim.SGD([w, b], lr=0.01)
        seen = []
        for _ in range(20):
            loss = torch.nn.functional.mse_loss(torch.nn.functional.linear(x, w, b), y, reduction="sum")
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen.append([loss.item(), w.grad.clone(), b.grad.clone(), w.detach().clone(), b.detach().clone()])
        return seen

    # Three terms a sum: torch's fused multiply-adds and ours differ by an ulp of the largest term (about 100).
    report = compare(*both(program, device=device), ulp=4, atol=128 * float(np.finfo(dtype).eps))
    assert report, str(report)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameter_groups(dtype: str, device: torch.device) -> None:
    def program(torch: Any) -> dict[str, Any]:
        kind = getattr(torch, dtype)
        w, b, frozen = (torch.tensor(v, dtype=kind, requires_grad=True) for v in ([1.0, 2.0], [3.0], [4.0]))
        optimizer = torch.optim.SGD(
            [{"params": [w], "momentum": 0.5}, {"params": b, "lr": 0.25, "weight_decay": 0.5}, {"params": [frozen]}],
            lr=0.125,
        )
        for _ in range(8):
            optimizer.zero_grad()
            ((w * w).sum() + b * b * b).sum().backward()
            optimizer.step()
        optimizer.param_groups[0]["lr"] = 0.0
        before = w.detach().clone()
        optimizer.step()
        return {
            "w": w.detach(),
            "b": b.detach(),
            "frozen": frozen,
            "still": (w.detach() == before).tolist(),
            "repr": repr(optimizer),
        }

    report = compare(*both(program, device=device), ulp=2)
    assert report, str(report)


def test_zero_grad_to_none_or_to_zeros(device: torch.device) -> None:
    def program(torch: Any) -> list[Any]:
        w = torch.tensor([1.0], requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.5, momentum=0.5)
        (w * w).sum().backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        seen = [w.grad.tolist()]
        optimizer.step()  # a gradient of zero: momentum carries on
        seen.append(w.tolist())
        optimizer.zero_grad()
        seen.append(w.grad)
        optimizer.step()  # no gradient: the parameter stays
        return [*seen, w.tolist()]

    report = compare(*both(program, device=device))
    assert report, str(report)


def test_a_closure_is_called_with_recording_on(device: torch.device) -> None:
    def program(torch: Any) -> list[Any]:
        w = torch.tensor([1.0], requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.5)

        def closure() -> Any:
            optimizer.zero_grad()
            loss = (w * w).sum()
            loss.backward()
            return loss

        with torch.no_grad():
            loss = optimizer.step(closure)
        return [loss.item(), w.tolist(), w._version]

    report = compare(*both(program, device=device))
    assert report, str(report)


def test_momentum_begins_with_the_first_gradient_and_owns_it(device: torch.device) -> None:
    def program(torch: Any) -> list[Any]:
        w = torch.tensor([1.0], requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.5, momentum=0.5, dampening=0.5)
        (w * 3).sum().backward()
        optimizer.step()
        buffer = optimizer.state[w]["momentum_buffer"]
        w.grad.zero_()
        return [buffer.tolist(), w.tolist()]

    report = compare(*both(program, device=device))
    assert report, str(report)
