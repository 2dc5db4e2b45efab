"""Memory goes when the last name goes, without the garbage collector: no reference cycle between tensors and nodes."""

import gc
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

import minigrad

from .cases import Case, gradient_for, leaves_of, output_of
from .tables import CASES


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def nodes_behind(root: Any) -> list[weakref.ref[Any]]:
    seen, stack = set(), [root.grad_fn]
    while stack:
        node = stack.pop()
        if node is not None and node not in seen:
            seen.add(node)
            stack += [before for before, _ in node.next_functions]
    return [weakref.ref(node) for node in seen]


def alive(references: list[weakref.ref[Any]]) -> list[str]:
    return [repr(reference()) for reference in references if reference() is not None]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_graph_that_is_not_run_is_freed(case: Case) -> None:
    leaves = leaves_of(minigrad, case, "float32")
    output = output_of(minigrad, case, leaves)
    references = [weakref.ref(output), *nodes_behind(output)]
    assert len(references) > 1
    del output
    assert not alive(references)
    leaf_references = [weakref.ref(leaf) for leaf in leaves]
    del leaves
    assert not alive(leaf_references)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_graph_of_second_order_is_freed(case: Case) -> None:
    leaves = leaves_of(minigrad, case, "float32")
    output = output_of(minigrad, case, leaves)
    begin = gradient_for(minigrad, output, "float32", requires_grad=True)
    first = minigrad.autograd.grad(output, leaves, begin, create_graph=True)
    references = [weakref.ref(t) for t in (output, *first)]
    for root in (output, *(g for g in first if g.grad_fn is not None)):
        references += nodes_behind(root)
    del output, first, begin, root
    assert not alive(references)


def test_what_a_pass_computes_is_freed_as_it_goes() -> None:
    """The peak of a pass over many nodes is a few arrays, not one for every node."""
    x = minigrad.zeros(1000, 1000, requires_grad=True)
    y = x
    for _ in range(20):
        y = y + 1
    tracemalloc.start()
    y.backward(minigrad.ones(1000, 1000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * x.numpy(force=True).nbytes


def test_saved_tensors_are_freed_by_the_pass() -> None:
    x = minigrad.ones(10, requires_grad=True)
    hidden = x * 2
    loss = (hidden * hidden).sum()
    saved = weakref.ref(hidden)
    del hidden
    assert saved() is not None
    loss.backward()
    assert saved() is None


def test_saved_tensors_stay_with_retain_graph() -> None:
    x = minigrad.ones(10, requires_grad=True)
    hidden = x * 2
    loss = (hidden * hidden).sum()
    saved = weakref.ref(hidden)
    del hidden
    loss.backward(retain_graph=True)
    assert saved() is not None
    loss.backward()
    assert saved() is None


def test_a_saved_result_that_is_read_does_not_keep_its_node() -> None:
    x = minigrad.ones(3, requires_grad=True)
    y = x.exp()
    node = weakref.ref(y.grad_fn)
    assert y.grad_fn is not None
    result: Any = y.grad_fn
    assert result._saved_result.grad_fn is result
    del y, result
    assert node() is None


def train(steps: int, step: Callable[[], None]) -> int:
    """The growth of Python's memory over some steps, once its free lists of small objects are full."""
    for _ in range(1500):
        step()
    tracemalloc.start()
    step()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(steps):
        step()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return after - before


def test_a_training_loop_does_not_grow() -> None:
    model = minigrad.nn.Linear(20, 5)
    criterion = minigrad.nn.MSELoss()
    optimizer = minigrad.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    x, y = minigrad.ones(50, 20), minigrad.ones(50, 5)

    def step() -> None:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()

    assert train(10_000, step) < 10_000  # bytes: less than one for each step


def test_a_failed_call_does_not_keep_its_tensors() -> None:
    x = minigrad.ones(100, requires_grad=True)
    y = x * x
    references = [weakref.ref(t) for t in (x, y, y.grad_fn)]
    refused = 0
    for method, argument in ((y.backward, None), (y.matmul, minigrad.ones(7, 7)), (y.view, 7)):
        try:
            method(argument)
        except RuntimeError:
            refused += 1
    assert refused == 3
    del x, y, method
    assert not alive(references)


def test_the_peak_of_a_deep_network_is_what_torch_saves() -> None:
    """Beside the weights, a step never holds more than 1.2 times the bytes that torch saves: a gradient or two more."""

    def deep(torch: Any) -> tuple[list[Any], Any]:
        return [torch.nn.Linear(256, 256) for _ in range(24)], torch.ones(512, 256)

    def loss_of(layers: list[Any], x: Any) -> Any:
        for layer in layers:
            x = layer(x).relu()
        return (x**2).mean()

    saved = {}

    def count(tensor: torch.Tensor) -> torch.Tensor:
        memory = tensor.untyped_storage()
        saved[memory.data_ptr()] = memory.nbytes()
        return tensor

    layers, x = deep(torch)
    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        loss = loss_of(layers, x)
    for here_before in (x, *(parameter for layer in layers for parameter in layer.parameters())):
        saved.pop(here_before.untyped_storage().data_ptr(), None)
    assert len(saved) == 24
    del loss

    layers, x = deep(minigrad)
    optimizer = minigrad.optim.SGD([parameter for layer in layers for parameter in layer.parameters()], lr=0.01)
    tracemalloc.start()
    loss_of(layers, x).backward()
    optimizer.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 1.0 < peak / sum(saved.values()) < 1.2
