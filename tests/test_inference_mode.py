"""inference_mode keeps out of graphs what torch keeps out, and says so with torch's exception types."""

import threading
from typing import Any

import minigrad

from .on_both import on_both, raised


def leaf(torch: Any) -> Any:
    return torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


@on_both
def test_what_is_made_inside(torch: Any) -> Any:
    with torch.inference_mode():
        x = torch.ones(3, requires_grad=True)
        y = x * 2
        with torch.enable_grad():
            z = x * 2
        with torch.inference_mode(False):
            w, plain = x * 2, torch.ones(1, requires_grad=True) * 2
    flags = [(t.requires_grad, t.is_leaf, t.is_inference()) for t in (x, y, z, w, plain)]
    derived = x[0].is_inference(), x.detach().is_inference(), x.clone().is_inference(), (x + 1).is_inference()
    return flags, derived, torch.is_inference_mode_enabled(), torch.is_grad_enabled()


@on_both
def test_what_stays_refused_outside(torch: Any) -> Any:
    x = leaf(torch)
    with torch.inference_mode():
        a = torch.ones(3)
    return [
        raised(call)
        for call in (
            lambda: x * a,  # would save it
            lambda: x + a,  # saves nothing
            lambda: a.add_(1),
            lambda: a.add_(x),
            lambda: x.clone().copy_(a),
            lambda: a.requires_grad_(),
            lambda: a._version,
            lambda: a.clone() * x,
        )
    ]


def test_a_refused_change_leaves_the_value() -> None:
    with minigrad.inference_mode():
        a = minigrad.ones(3)
    assert raised(lambda: a.add_(1)) == "RuntimeError"
    assert a.tolist() == [1, 1, 1]


@on_both
def test_views_made_inside_of_tensors_made_outside(torch: Any) -> Any:
    a, b = torch.ones(3), leaf(torch) * 1
    with torch.inference_mode():
        v, w = a[:2], b[:2]
        inside = v.is_inference(), w.is_inference(), w.requires_grad
        v.add_(1)
        changed = a._version, raised(lambda: w.add_(1)), b._version
    return inside, changed, raised(lambda: v.add_(1)), raised(lambda: w.add_(1)), a, b


@on_both
def test_a_backward_pass_inside(torch: Any) -> Any:
    x = leaf(torch)
    y = (x * x).sum()
    with torch.inference_mode():
        outcome = raised(lambda: y.backward())
    return outcome, x.grad


@on_both
def test_nothing_switches_recording_on_inside(torch: Any) -> Any:
    x = leaf(torch)
    with torch.inference_mode():
        torch.set_grad_enabled(True)
        seen = [(x * 2).requires_grad]
        with torch.set_grad_enabled(True):
            seen.append((x * 2).requires_grad)
        seen.append(torch.enable_grad()(lambda: x * 2)().requires_grad)
    return seen, torch.is_grad_enabled()


@on_both
def test_nested_blocks(torch: Any) -> Any:
    seen = []
    with torch.no_grad():
        with torch.inference_mode():
            seen.append(torch.is_grad_enabled())
        with torch.inference_mode(False):
            seen.append(torch.is_grad_enabled())
        seen.append(torch.is_grad_enabled())
    return seen


@on_both
def test_each_thread_has_its_own(torch: Any) -> Any:
    seen = []

    def look() -> None:
        seen.append((torch.is_inference_mode_enabled(), torch.is_grad_enabled(), torch.ones(1).is_inference()))

    with torch.inference_mode():
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        look()
    return seen


@on_both
def test_decorators(torch: Any) -> Any:
    @torch.inference_mode
    def bare() -> bool:
        return torch.is_inference_mode_enabled()

    @torch.inference_mode()
    def steps() -> Any:
        yield torch.is_inference_mode_enabled()
        yield torch.is_inference_mode_enabled()

    return bare(), [(inside, torch.is_inference_mode_enabled()) for inside in steps()]
