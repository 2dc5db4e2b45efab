"""In-place changes are counted, and a pass that would compute with a changed value is refused."""

import re
from typing import Any

import pytest

import minigrad

from .on_both import on_both


def outcome(call: Any) -> str:
    try:
        call()
    except RuntimeError:
        return "refused"
    return "ran"


@on_both
def test_what_counts(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0])
    versions = [x._version]
    for change in (
        lambda: x.add_(1), lambda: x.sub_(1), lambda: x.mul_(2), lambda: x.div_(2), lambda: x.neg_(), lambda: x.zero_(),
        lambda: x.fill_(3), lambda: x.copy_(torch.tensor([1.0, 2.0])), lambda: x + 1, lambda: x.view(2), lambda: x.detach(),
        lambda: x.clone(),
    ):  # fmt: skip
        change()
        versions.append(x._version)
    x += 1
    x *= 2
    return versions, x._version, (x + 1)._version


@on_both
def test_views_share_the_count(torch: Any) -> Any:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    views = [x.view(4), x.t(), x[0], x.detach(), x.expand(2, 2, 2), x.unsqueeze(0), x.clone()]
    x.add_(1)
    views[0].mul_(2)
    return x._version, [v._version for v in views], x


@on_both
def test_which_saved_values_may_change(torch: Any) -> Any:
    """A value may change if no formula will name it: the second operand of an addition, say."""
    results = {}
    for name, f in {
        "mul": lambda y, z: y * z,
        "mul by number": lambda y, z: y * 3 + z,
        "add": lambda y, z: y + z,
        "exp": lambda y, z: y.exp() + z,
        "log": lambda y, z: y.log() + z,
        "div": lambda y, z: z / y,
        "square": lambda y, z: y**2 + z,
        "sum": lambda y, z: y.sum() + z,
        "relu": lambda y, z: y.relu() + z,
    }.items():
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        z = torch.tensor([3.0, 5.0], requires_grad=True)
        y = x * 1
        root = f(y, z).sum()
        y.add_(1)
        results[name] = outcome(root.backward)
    return results


@on_both
def test_a_saved_result_that_changes(torch: Any) -> Any:
    results = {}
    for name, f in {
        "exp": lambda x: x.exp(),
        "sqrt": lambda x: x.sqrt(),
        "tanh": lambda x: x.tanh(),
        "sigmoid": lambda x: x.sigmoid(),
        "relu": lambda x: x.relu(),
        "mul": lambda x: x * 2,
        "add": lambda x: x + 2,
    }.items():
        x = torch.tensor([1.0, 4.0], requires_grad=True)
        y = f(x)
        y.add_(1)
        results[name] = outcome(y.sum().backward)
    return results


@on_both
def test_the_saved_field_is_refused_too(torch: Any) -> Any:
    x = torch.tensor([1.0, 4.0], requires_grad=True)
    y = x * 1
    z = y * y
    before = z.grad_fn._saved_self.tolist()
    y.add_(1)
    return before, outcome(lambda: z.grad_fn._saved_self)


@on_both
def test_a_refused_pass_leaves_the_leaf_without_gradient(torch: Any) -> Any:
    x = torch.tensor([1.0, 4.0], requires_grad=True)
    y = x * 1
    z = y * y
    y.add_(1)
    return outcome(z.sum().backward), x.grad, x


@on_both
def test_an_in_place_change_is_part_of_the_history(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.add_(x)
    y *= 2
    y.sum().backward()
    return x.grad, y


@on_both
def test_in_place_on_a_tensor_that_required_nothing(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = torch.zeros(2)
    y += x * 3
    y.sum().backward()
    return x.grad, y


@on_both
def test_an_optimisers_step_between_two_passes(torch: Any) -> Any:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    torch.optim.SGD([w], lr=0.5).step()
    return w._version, outcome(loss.backward), w.grad


def test_the_message_says_who_saved_and_who_changed() -> None:
    x = minigrad.tensor([1.0, 4.0], requires_grad=True)
    y = x * 1
    z = y * y  # the line that saves
    y.add_(1)  # the line that changes
    with pytest.raises(RuntimeError) as caught:
        z.sum().backward()
    text = str(caught.value)
    for fact in (
        "MulBackward0",
        "the line that saves",
        "the line that changes",
        "add_",
        "version 0",
        "version 1",
        "[2]",
        "test_versions.py",
    ):
        assert fact in text, text


def test_the_message_says_who_freed() -> None:
    x = minigrad.tensor([1.0, 4.0], requires_grad=True)
    z = (x * x).sum()  # the line that saved
    z.backward()  # the pass that freed
    with pytest.raises(RuntimeError) as caught:
        z.backward()
    text = str(caught.value)
    for fact in ("MulBackward0", "the line that saved", "the pass that freed", "retain_graph=True"):
        assert fact in text, text
    assert len(re.findall(r"test_versions\.py:\d+", text)) == 2
