"""Deep and wide graphs: nothing recurses, every node runs once, and a million of them can be built, run and dropped."""

import sys
import weakref
from typing import Any

import minigrad
from minigrad.study.protocol import walk

from .on_both import on_both

MILLION = 1_000_000


def test_a_chain_of_a_million_nodes_is_built_run_and_dropped() -> None:
    assert sys.getrecursionlimit() < 10_000
    x = minigrad.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(MILLION):
        y = y + 1
    y.backward()
    assert y.item() == MILLION + 1
    assert repr(y) == "tensor(1000001., grad_fn=<AddBackward0>)"
    assert x.grad is not None
    assert x.grad.item() == 1
    last = weakref.ref(y.grad_fn)
    del y
    assert last() is None


def test_a_deep_chain_is_dropped_before_any_pass() -> None:
    x = minigrad.tensor(2.0, requires_grad=True)
    y = x
    for _ in range(MILLION // 10):
        y = y * 1
    last = weakref.ref(y.grad_fn)
    del y
    assert last() is None
    assert x._accumulator is not None
    assert x._accumulator() is None


def test_a_deep_chain_can_be_walked_printed_and_differentiated_twice() -> None:
    x = minigrad.tensor(1.0, requires_grad=True)
    y = x
    depth = 20_000
    for _ in range(depth):
        y = y * 1
    assert len(walk(y)) == depth + 1
    assert repr(y) == "tensor(1., grad_fn=<MulBackward0>)"
    (slope,) = minigrad.autograd.grad(y, x, create_graph=True)
    assert slope.item() == 1
    assert slope.grad_fn is None or len(walk(slope)) > 0


@on_both
def test_doubling_sixty_times(torch: Any) -> Any:
    """2**60 paths, 60 nodes: only an engine that hands every node its complete gradient once comes to an end."""
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    return y.detach(), x.grad


@on_both
def test_doubling_sixty_times_with_a_node_that_saves(torch: Any) -> Any:
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(60):
        y = y * 1 + y * 1
    (g,) = torch.autograd.grad(y, x)
    return g


@on_both
def test_one_tensor_used_ten_thousand_times(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    total = torch.zeros(2)
    for _ in range(10_000):
        total = total + x
    total.sum().backward()
    return x.grad


def test_one_tensor_used_a_hundred_thousand_times() -> None:
    """All edges lead to one accumulator, which must run once, when the last gradient has arrived."""
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    accumulated = []
    x.register_post_accumulate_grad_hook(lambda leaf: accumulated.append(leaf.grad.tolist()))
    total = x
    for _ in range(100_000 - 1):
        total = total + x
    total.sum().backward()
    assert accumulated == [[100_000.0, 100_000.0]]


def test_ten_thousand_results_added_as_a_tree() -> None:
    width = 10_000
    x = minigrad.tensor(1.0, dtype=minigrad.float64, requires_grad=True)
    parts = [x * i for i in range(width)]
    while len(parts) > 1:
        parts = [a + b for a, b in zip(parts[::2], parts[1::2], strict=False)] + parts[len(parts) // 2 * 2 :]
    parts[0].backward()
    assert x.grad is not None
    assert x.grad.item() == sum(range(width))
