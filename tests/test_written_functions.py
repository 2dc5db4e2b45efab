"""Operators are functions like any other, although their text is written at the first call: from any thread, after any error."""

import copy
import inspect
import pickle
import pydoc
import threading

import pytest
import torch

import minigrad
from minigrad.operator import differentiable

from .on_both import raised


def fresh():
    """An operator that nobody has called yet."""

    @differentiable("CubeBackward0", self=lambda grad, self: grad * self * self * 3)
    def cube(self):
        """``self ** 3``"""
        return self * self * self

    return cube


def test_first_calls_from_eight_threads() -> None:
    cube, results = fresh(), []
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        results.append(minigrad.autograd.grad(cube(x).sum(), x)[0].tolist())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[3.0, 12.0]] * 8


@pytest.mark.parametrize("bad", [(), (3,), (minigrad.ones(1), 2)], ids=["nothing", "no tensor", "too much"])
def test_a_first_call_that_fails(bad: tuple[object, ...]) -> None:
    cube = fresh()
    with pytest.raises(TypeError, match="cube"):
        cube(*bad)
    assert cube(minigrad.tensor([2.0])).tolist() == [8.0]


def test_a_formula_that_fails_at_its_first_call() -> None:
    @differentiable("TwiceBackward0", self=lambda grad, self: grad * missing)  # noqa: F821
    def twice(self):
        return self * 2

    y = twice(minigrad.ones(1, requires_grad=True)).sum()
    assert [raised(lambda: y.backward(retain_graph=True)) for _ in range(2)] == ["NameError", "NameError"]


@pytest.mark.parametrize("name", ["exp", "add", "relu", "cat", "max"])
def test_copies_and_pickles_are_the_operator_itself(name: str) -> None:
    for engine in (minigrad, torch):
        operator = getattr(engine, name)
        assert copy.deepcopy(operator) is copy.copy(operator) is pickle.loads(pickle.dumps(operator)) is operator


def test_signature_help_and_source_are_those_of_the_kernel() -> None:
    add = minigrad.add
    assert str(inspect.signature(add)) == "(self, other, *, alpha=1)"
    assert "self + alpha * other" in pydoc.render_doc(add, renderer=pydoc.plaintext)
    assert "def add(self, other, *, alpha=1)" in inspect.getsource(add)
    assert minigrad.Tensor.add_.__name__ == "add_"


@pytest.mark.parametrize("code", ["x * 10**30", "x.double() * 10**400", "x.add_(10**30)", "x < 10**30"])
def test_numbers_beyond_the_dtype(code: str) -> None:
    types = [
        raised(lambda engine=engine: eval(code, {"x": engine.ones(2, dtype=engine.int64)})) for engine in (minigrad, torch)
    ]
    assert types == ["OverflowError"] * 2
