"""Whether operators record: no_grad, enable_grad, set_grad_enabled, as blocks, decorators, and per thread."""

import threading
from typing import Any

import pytest

from .on_both import on_both


@on_both
def test_nested_blocks_restore_what_was_before(torch: Any) -> Any:
    seen = [torch.is_grad_enabled()]
    with torch.no_grad():
        seen.append(torch.is_grad_enabled())
        with torch.enable_grad():
            seen.append(torch.is_grad_enabled())
            with torch.no_grad():
                seen.append(torch.is_grad_enabled())
            seen.append(torch.is_grad_enabled())
        seen.append(torch.is_grad_enabled())
    return [*seen, torch.is_grad_enabled()]


@on_both
def test_an_exception_restores_the_mode(torch: Any) -> Any:
    with pytest.raises(KeyError), torch.no_grad():
        raise KeyError
    return torch.is_grad_enabled()


@on_both
def test_one_object_in_several_blocks(torch: Any) -> Any:
    off, seen = torch.no_grad(), []
    for _ in range(2):
        with off:
            seen.append(torch.is_grad_enabled())
        seen.append(torch.is_grad_enabled())
    return seen


@on_both
def test_set_grad_enabled_acts_at_once(torch: Any) -> Any:
    seen = []
    torch.set_grad_enabled(False)
    seen.append(torch.is_grad_enabled())
    torch.set_grad_enabled(True)
    seen.append(torch.is_grad_enabled())
    with torch.set_grad_enabled(False):
        seen.append(torch.is_grad_enabled())
    return [*seen, torch.is_grad_enabled()]


@on_both
def test_decorators(torch: Any) -> Any:
    def enabled() -> bool:
        return bool(torch.is_grad_enabled())

    decorated = [torch.no_grad()(enabled), torch.no_grad(enabled), torch.set_grad_enabled(False)(enabled)]
    outside = [torch.is_grad_enabled(), *(f() for f in decorated), torch.is_grad_enabled()]
    with torch.no_grad():
        inside = [torch.enable_grad()(enabled)(), torch.set_grad_enabled(True)(enabled)(), torch.is_grad_enabled()]
    return outside, inside, [f.__name__ for f in decorated]


@on_both
def test_a_decorated_function_can_call_itself(torch: Any) -> Any:
    @torch.no_grad()
    def count(n: int) -> list[bool]:
        return [torch.is_grad_enabled()] + (count(n - 1) if n else [])

    return count(3), torch.is_grad_enabled()


@on_both
def test_each_thread_has_its_own_mode(torch: Any) -> Any:
    seen = []

    def look() -> None:
        seen.append(torch.is_grad_enabled())
        torch.set_grad_enabled(True)

    with torch.no_grad():
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        seen.append(torch.is_grad_enabled())
    return seen


@on_both
def test_nothing_is_recorded_inside_no_grad(torch: Any) -> Any:
    x = torch.tensor([1.0], requires_grad=True)
    with torch.no_grad():
        y = x * 2
        made = torch.tensor([1.0], requires_grad=True)
        x -= 0.5
        x.mul_(2)
    (x * 3).sum().backward()
    return y.requires_grad, made.requires_grad, x.is_leaf, x.tolist(), x.grad, x._version


@on_both
def test_backward_works_inside_no_grad(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    with torch.no_grad():
        y.backward()
    return x.grad


@on_both
def test_the_mode_inside_a_pass_is_create_graph(torch: Any) -> Any:
    seen = []
    for create_graph in (False, True):
        x = torch.tensor([1.0], requires_grad=True)
        y = x * x
        y.register_hook(lambda grad: seen.append(torch.is_grad_enabled()))
        torch.autograd.grad(y, x, create_graph=create_graph)
    return seen, torch.is_grad_enabled()


@on_both
def test_an_error_in_a_pass_restores_the_mode(torch: Any) -> Any:
    def refuse(grad: Any) -> None:
        raise KeyError

    x = torch.tensor([1.0], requires_grad=True)
    y = x * x
    y.register_hook(refuse)
    with pytest.raises(KeyError):
        y.backward()
    return torch.is_grad_enabled(), x.grad


@on_both
def test_a_decorated_generator_records_nothing_inside_but_all_between_its_steps(torch):
    @torch.no_grad()
    def numbers():
        yield torch.is_grad_enabled()
        yield torch.is_grad_enabled()

    return [(inside, torch.is_grad_enabled()) for inside in numbers()]


@on_both
def test_a_decorated_generator_is_sent_values_errors_and_its_end(torch):
    closed = []

    @torch.no_grad()
    def steps():
        try:
            sent = yield 1
            try:
                yield sent, torch.is_grad_enabled()
            except KeyError:
                yield "caught", torch.is_grad_enabled()
            return "returned"
        finally:
            closed.append(torch.is_grad_enabled())

    whole, cut = steps(), steps()
    seen = [next(whole), whole.send(7), whole.throw(KeyError())]
    with pytest.raises(StopIteration) as end:
        next(whole)
    next(cut)
    cut.close()
    return seen, end.value.value, closed, torch.is_grad_enabled()
