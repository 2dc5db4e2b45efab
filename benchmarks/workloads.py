"""The workloads: each one program for both engines, and the same by hand in NumPy.

A workload is a function of no arguments, marked ``@workload``, that returns two functions. ``program(torch)`` sets up and
returns a ``step`` to be timed; ``by_hand()`` does the same in NumPy. A call of ``step`` returns the tensors or arrays it
worked out, and the three must agree, call after call, before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import minigrad

Step = Callable[[], tuple[Any, ...]]


class Workload(NamedTuple):
    """A workload, what it is called, and what its numbers mean."""

    name: str
    description: str
    make: Callable[[], tuple[Callable[[Any], Step], Callable[[], Step]]]
    target: float | None  # the ratio to torch's time that is aimed at
    per: int  # how many of the things described one call does


WORKLOADS: dict[str, Workload] = {}


def workload(*, target: float | None = None, per: int = 1) -> Callable[[Any], Any]:
    """Enter a function into the table under its name, with the first line of its docstring."""

    def enter(make: Any) -> Any:
        WORKLOADS[make.__name__] = Workload(make.__name__, make.__doc__.splitlines()[0], make, target, per)
        return make

    return enter


@workload(target=0.5)
def regression():
    """Full step on three points: Linear(1, 1), MSELoss(sum), SGD"""
    points, targets, lr = [[1.0], [2.0], [3.0]], [[2.0], [4.0], [6.0]], 0.01

    def program(torch):
        x, y = torch.tensor(points), torch.tensor(targets)
        model = torch.nn.Linear(1, 1)
        with torch.no_grad():
            model.weight.fill_(0.5)
            model.bias.fill_(0.0)
        criterion = torch.nn.MSELoss(reduction="sum")
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)

        def step():
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss, model.weight, model.bias

        return step

    def by_hand():
        x, y = np.array(points, np.float32), np.array(targets, np.float32)
        w, b = np.full((1, 1), 0.5, np.float32), np.zeros(1, np.float32)

        def step():
            residual = x @ w.T + b - y
            loss = np.sum(residual * residual)
            slope = 2 * residual  # d loss / d prediction
            w_grad, b_grad = slope.T @ x, slope.sum(0)
            np.subtract(w, lr * w_grad, out=w)
            np.subtract(b, lr * b_grad, out=b)
            return loss, w, b

        return step

    return program, by_hand


@workload()
def minibatch():
    """Full step on 10 of 1000 samples: Linear(2, 1), MSELoss, SGD"""
    rng = np.random.default_rng(0)
    features = rng.standard_normal((1000, 2), dtype=np.float32)
    labels = features @ np.array([[2], [-3.4]], np.float32) + np.float32(4.2)
    lr, batch_size = 0.03, 10

    def program(torch):
        x, y = torch.tensor(features), torch.tensor(labels)
        model = torch.nn.Linear(2, 1)
        with torch.no_grad():
            model.weight.zero_()
            model.bias.zero_()
        criterion = torch.nn.MSELoss()
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        start = 0

        def step():
            nonlocal start
            loss = criterion(model(x[start : start + batch_size]), y[start : start + batch_size])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            start = (start + batch_size) % 1000
            return loss, model.weight, model.bias

        return step

    def by_hand():
        w, b = np.zeros((1, 2), np.float32), np.zeros(1, np.float32)
        start = 0

        def step():
            nonlocal start
            x, y = features[start : start + batch_size], labels[start : start + batch_size]
            residual = x @ w.T + b - y
            loss = np.mean(residual * residual)
            slope = residual * (2 / residual.size)
            w_grad, b_grad = slope.T @ x, slope.sum(0)
            np.subtract(w, lr * w_grad, out=w)
            np.subtract(b, lr * b_grad, out=b)
            start = (start + batch_size) % 1000
            return loss, w, b

        return step

    return program, by_hand


@workload(target=1.5)
def add():
    """a + b of two 1-element tensors that require grad, forward only"""

    def program(torch):
        a, b = torch.tensor([1.5], requires_grad=True), torch.tensor([2.25], requires_grad=True)
        return lambda: (a + b,)

    def by_hand():
        a, b = np.array([1.5], np.float32), np.array([2.25], np.float32)
        return lambda: (a + b,)

    return program, by_hand


def chain(links: int) -> Any:
    """The workload y = y * a + b repeated: two nodes a link, forward and backward, with the gradients of a and b."""
    scale, shift = 0.99, 0.02

    def program(torch):
        a, b = torch.tensor([scale], requires_grad=True), torch.tensor([shift], requires_grad=True)
        start = torch.tensor([1.0])

        def step():
            y = start
            for _ in range(links):
                y = y * a + b
            a.grad = b.grad = None
            y.backward()
            return y, a.grad, b.grad

        return step

    def by_hand():
        a, b = np.array([scale], np.float32), np.array([shift], np.float32)
        start = np.array([1.0], np.float32)

        def step():
            y, before = start, []
            for _ in range(links):
                before.append(y)
                y = y * a + b
            grad = np.ones(1, np.float32)
            a_grad, b_grad = np.zeros(1, np.float32), np.zeros(1, np.float32)
            for value in reversed(before):
                a_grad += grad * value
                b_grad += grad
                grad = grad * a
            return y, a_grad, b_grad

        return step

    return program, by_hand


@workload(per=1000)
def chain_1e3():
    """A node of y = y * a + b repeated to 1,000 nodes, both passes"""
    return chain(500)


@workload(per=100_000)
def chain_1e5():
    """A node of y = y * a + b repeated to 100,000 nodes, both passes"""
    return chain(50_000)


@workload(target=0.7)
def sgd_small():
    """SGD.step of 10 parameters of 10 elements each"""
    rng = np.random.default_rng(0)
    values, grads = (rng.standard_normal((10, 10), dtype=np.float32) for _ in range(2))
    lr = 0.01

    def program(torch):
        params = [torch.tensor(value, requires_grad=True) for value in values]
        for param, grad in zip(params, grads, strict=True):
            param.grad = torch.tensor(grad)
        optimizer = torch.optim.SGD(params, lr=lr, foreach=False)

        def step():
            optimizer.step()
            return tuple(params)

        return step

    def by_hand():
        params = [value.copy() for value in values]

        def step():
            for param, grad in zip(params, grads, strict=True):
                np.subtract(param, lr * grad, out=param)
            return tuple(params)

        return step

    return program, by_hand


@workload(target=1.0, per=10_000)
def element_by_element():
    """c[i] = a[i] + b[i] for one of 10,000 elements, without a graph"""
    count = 10_000
    rng = np.random.default_rng(0)
    left, right = (rng.standard_normal(count, dtype=np.float32) for _ in range(2))

    def fill(a, b, c):
        def step():
            for i in range(count):
                c[i] = a[i] + b[i]
            return (c,)

        return step

    def program(torch):
        return fill(torch.tensor(left), torch.tensor(right), torch.zeros(count))

    def by_hand():
        return fill(left, right, np.zeros(count, np.float32))

    return program, by_hand


@workload(target=0.7, per=100)
def data_loader():
    """A shuffled batch of 10 samples out of 1,000, by DataLoader"""
    rows, numbers = np.random.default_rng(0).standard_normal((1000, 2), dtype=np.float32), np.arange(1000)

    def program(torch):
        generator = torch.Generator()
        data = torch.utils.data.TensorDataset(torch.tensor(rows), torch.tensor(numbers))
        loader = torch.utils.data.DataLoader(data, batch_size=10, shuffle=True, generator=generator)

        def step():
            generator.manual_seed(0)
            batches = list(loader)
            return (*batches[0], *batches[-1])

        return step

    def by_hand():
        first, last = np.split(np.stack(program(minigrad)()[1::2]), 2)
        order = np.concatenate([first.ravel(), np.setdiff1d(numbers, [first, last]), last.ravel()])

        def step():
            batches = [(rows[order[i : i + 10]], numbers[order[i : i + 10]]) for i in range(0, 1000, 10)]
            return (*batches[0], *batches[-1])

        return step

    return program, by_hand
