"""why: each reason of the closed list, of a minigrad tensor and of a torch tensor, with the line where it can be known."""

from types import ModuleType
from typing import Any

import pytest
import torch

import minigrad
from minigrad.study import Reason, Why, reason, why

# Each program returns the answer for one of its variables. Its own source is what `why` reads lines from.


def never_required(e: Any) -> Reason:
    x = e.tensor([1.0, 2.0])
    return reason(x)


def computed_from_what_never_required(e: Any) -> Reason:
    x = e.tensor([1.0, 2.0])
    y = x * 3
    return reason(y)


def unnamed(e: Any) -> Reason:
    return reason(e.tensor([1.0]))


def integer(e: Any) -> Reason:
    n = e.tensor([1, 2])
    return reason(n)


def truth(e: Any) -> Reason:
    x = e.tensor([1.0], requires_grad=True)
    positive = x > 0
    return reason(positive)


def under_no_grad(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    with e.no_grad():
        y = w * 2
    return reason(y)


def under_inference_mode(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    with e.inference_mode():
        y = w * 2
    return reason(y)


def under_a_switch(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    with e.no_grad(), e.set_grad_enabled(False):
        y = w * 2
    return reason(y)


def in_a_decorated_function(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)

    @e.no_grad()
    def evaluate() -> Reason:
        y = w * 2
        return reason(y)

    return evaluate()


def detached(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    y = (w * 2).detach()
    return reason(y)


def data(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    y = w.data * 2
    return reason(y)


def made_of_numbers(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    y = e.tensor(w.sum().item())
    return reason(y)


def cut_in_a_call(e: Any) -> Reason:
    params = [e.tensor([1.0, 2.0], requires_grad=True)]

    def values(tensors: list[Any]) -> Any:
        return tensors[0].detach() * 2

    y = values(params)
    return reason(y)


def frozen(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    w.requires_grad = False
    return reason(w)


def frozen_parameter(e: Any) -> Reason:
    layer = e.nn.Linear(2, 2)
    for parameter in layer.parameters():
        parameter.requires_grad_(False)
    return reason(layer.weight)


def detached_in_place(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    y = w * 2
    y.detach_()
    return reason(y)


def not_a_leaf(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    y = w * 2
    y.sum().backward()
    return reason(y)


def updated_out_of_place(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    w = w - 0.1 * w
    return reason(w)


def not_yet(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    assert loss.requires_grad
    return reason(w)


def not_yet_of_a_result(e: Any) -> Reason:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    y = w * 2
    y.retain_grad()
    return reason(y, y.sum())


def not_reached(e: Any) -> Reason:
    w, v = e.tensor(1.0, requires_grad=True), e.tensor(1.0, requires_grad=True)
    loss = v * 2
    loss.backward()
    return reason(w)


def not_reached_from(e: Any) -> Reason:
    w, v = e.tensor(1.0, requires_grad=True), e.tensor(1.0, requires_grad=True)
    loss = v * 2
    return reason(w, loss)


def loss_without_history(e: Any) -> Reason:
    w = e.tensor(1.0, requires_grad=True)
    loss = w.detach() * 2
    return reason(w, loss)


def cleared(e: Any) -> Reason:
    w = e.tensor(1.0, requires_grad=True)
    optimizer = e.optim.SGD([w], lr=0.1)
    loss = w * w
    loss.backward()
    optimizer.zero_grad()
    return reason(w)


def set_to_none(e: Any) -> Reason:
    w = e.tensor(1.0, requires_grad=True)
    (w * w).backward()
    w.grad = None
    return reason(w)


def given_elsewhere(e: Any) -> Reason:
    w = e.tensor(1.0, requires_grad=True)
    loss = w * w
    e.autograd.grad(loss, w)
    return reason(w)


def has_grad(e: Any) -> Reason:
    w = e.tensor(1.5, requires_grad=True)
    (w * w).backward()
    return reason(w)


EXPECTED = {
    never_required: (Why.NEVER_REQUIRED, "x = e.tensor([1.0, 2.0])"),
    computed_from_what_never_required: (Why.NEVER_REQUIRED, "y = x * 3"),
    unnamed: (Why.NEVER_REQUIRED, "this tensor"),
    integer: (Why.INTEGER, "int64"),
    truth: (Why.INTEGER, "bool"),
    under_no_grad: (Why.NO_GRAD, "with e.no_grad():"),
    under_inference_mode: (Why.NO_GRAD, "with e.inference_mode():"),
    under_a_switch: (Why.NO_GRAD, "with e.no_grad(), e.set_grad_enabled(False):"),
    in_a_decorated_function: (Why.NO_GRAD, "@e.no_grad()"),
    detached: (Why.DETACHED, ".detach() cut it off from its history"),
    data: (Why.DETACHED, ".data cut it off"),
    made_of_numbers: (Why.DETACHED, ".item() cut it off"),
    cut_in_a_call: (Why.DETACHED, "y = values(params)"),
    frozen: (Why.SWITCHED_OFF, "w.requires_grad = False"),
    frozen_parameter: (Why.SWITCHED_OFF, "layer.weight"),
    detached_in_place: (Why.SWITCHED_OFF, "y.detach_()"),
    not_a_leaf: (Why.NOT_LEAF, "MulBackward0 made it"),
    updated_out_of_place: (Why.NOT_LEAF, "change it in place under no_grad()"),
    not_yet: (Why.NOT_YET, "loss.backward()"),
    not_yet_of_a_result: (Why.NOT_YET, "y.grad is None"),
    not_reached: (Why.NOT_REACHED, "loss.backward()"),
    not_reached_from: (Why.NOT_REACHED, "from loss"),
    loss_without_history: (Why.NOT_REACHED, "the loss has no history"),
    cleared: (Why.CLEARED, "optimizer.zero_grad()"),
    set_to_none: (Why.CLEARED, "w.grad = None"),
    given_elsewhere: (Why.CLEARED, "autograd.grad"),
    has_grad: (Why.HAS_GRAD, "w.grad is 3"),
}


@pytest.mark.parametrize("e", [minigrad, torch], ids=["minigrad", "torch"])
@pytest.mark.parametrize("program", EXPECTED, ids=lambda program: program.__name__)
def test_reason(program: Any, e: ModuleType) -> None:
    kind, words = EXPECTED[program]
    answer = program(e)
    assert answer.why is kind
    assert words in " ".join(str(answer).split())
    assert answer.fix.endswith(".")
    assert max(len(line) for line in str(answer).splitlines()) <= 80


def test_every_reason_is_tested() -> None:
    assert {kind for kind, _ in EXPECTED.values()} == set(Why)


def test_the_line_of_a_result_is_known_of_minigrad_and_left_out_for_torch() -> None:
    assert "y = w * 2" in not_a_leaf(minigrad).sentence
    assert "y = w * 2" not in not_a_leaf(torch).sentence


def test_without_source_the_lines_are_left_out() -> None:
    scope: dict[str, Any] = {"reason": reason, "torch": torch}
    exec("x = torch.ones(2)\nanswer = reason(x)", scope)
    assert scope["answer"].why is Why.NEVER_REQUIRED
    assert "(" not in scope["answer"].sentence


def test_printed_and_refused(capsys: pytest.CaptureFixture[str]) -> None:
    n = minigrad.tensor([1, 2])
    why(n)
    assert capsys.readouterr().out == f"{reason(n)}\n"
    with pytest.raises(TypeError, match="only a tensor has a gradient"):
        why(3.0)
