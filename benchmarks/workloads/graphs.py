"""Graphs of one-element tensors: what an operator call, a node and an edge cost, and whether that grows."""

from __future__ import annotations

import numpy as np

from .table import workload


def of_scalars(*values, forward, gradients_by_hand):
    """A step is ``forward(*leaves)``, then the gradients of all leaves; ``gradients_by_hand(*arrays)`` gives both."""

    def program(torch):
        leaves = [torch.tensor([value], requires_grad=True) for value in values]

        def step():
            for leaf in leaves:
                leaf.grad = None
            y = forward(*leaves)
            y.backward()
            return y, *[leaf.grad for leaf in leaves]

        return step

    def arrays():
        return [np.array([value], np.float32) for value in values]

    def by_hand():
        leaves = arrays()
        return lambda: gradients_by_hand(*leaves)

    def hips(autograd):
        leaves = arrays()
        both = autograd.value_and_grad(lambda *leaves: forward(*leaves)[0], tuple(range(len(leaves))))

        def step():
            value, grads = both(*leaves)
            return np.array([value]), *grads

        return step

    def peer(mygrad):
        leaves = [mygrad.tensor(array) for array in arrays()]

        def step():
            y = forward(*leaves)
            y.backward()
            return y.data, *[leaf.grad for leaf in leaves]

        return step

    return {"program": program, "by hand": by_hand, "autograd": hips, "mygrad": peer}


def chain(links):
    """The workload y = y * a + b repeated: two nodes a link."""

    def forward(a, b):
        y = a * 1
        for _ in range(links):
            y = y * a + b
        return y

    def gradients_by_hand(a, b):
        y, before = a * 1, []
        for _ in range(links):
            before.append(y)
            y = y * a + b
        grad = np.ones(1, np.float32)
        a_grad, b_grad = np.zeros(1, np.float32), np.zeros(1, np.float32)
        for value in reversed(before):
            a_grad += grad * value
            b_grad += grad
            grad = grad * a
        return y, a_grad + grad, b_grad

    return of_scalars(0.99, 0.02, forward=forward, gradients_by_hand=gradients_by_hand)


def enter_chain(nodes, guard=None):
    def make():
        return chain(nodes // 2)

    make.__doc__ = f"A node of y = y * a + b repeated to {nodes:,} nodes, both passes"
    workload(name=f"chain_1e{len(str(nodes)) - 1}", target=1.2, per=nodes, guard=guard)(make)


enter_chain(1_000, guard=2.2)
enter_chain(10_000)
enter_chain(100_000)
enter_chain(1_000_000)


@workload(target=1.0)
def ladder():
    """x = x + x sixty times: 2**60 paths, 60 nodes"""

    def forward(x):
        for _ in range(60):
            x = x + x
        return x

    def gradients_by_hand(x):
        grad = np.ones(1, np.float32)
        for _ in range(60):
            x = x + x
        for _ in range(60):
            grad = grad + grad
        return x, grad

    return of_scalars(1.5, forward=forward, gradients_by_hand=gradients_by_hand)


@workload(target=1.0)
def reuse():
    """One variable used fifty times: y = y * x"""

    def forward(x):
        y = x * x
        for _ in range(48):
            y = y * x
        return y

    def gradients_by_hand(x):
        y, before = x, []
        for _ in range(49):
            before.append(y)
            y = y * x
        grad, x_grad = np.ones(1, np.float32), np.zeros(1, np.float32)
        for value in reversed(before):
            x_grad += grad * value
            grad = grad * x
        return y, x_grad + grad

    return of_scalars(1.01, forward=forward, gradients_by_hand=gradients_by_hand)


@workload(target=1.5)
def add():
    """a + b of two 1-element tensors that require grad, forward only"""
    a_array, b_array = np.array([1.5], np.float32), np.array([2.25], np.float32)

    def program(torch):
        a, b = torch.tensor([1.5], requires_grad=True), torch.tensor([2.25], requires_grad=True)
        return lambda: (a + b,)

    def peer(mygrad):
        a, b = mygrad.tensor(a_array), mygrad.tensor(b_array)
        return lambda: ((a + b).data,)

    return {"program": program, "by hand": lambda: lambda: (a_array + b_array,), "mygrad": peer}
