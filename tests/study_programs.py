"""Programs whose graphs the study tools must show alike for both engines: plain ones and nasty ones.

Each takes the engine, and returns the tensor (or several) whose graph is looked at. Their variables are named, so that names
are found in their frames: the tool is called inside, as ``tool(loss)``.
"""

from collections.abc import Callable
from typing import Any

Tool = Callable[[Any], Any]


def regression(e: Any, tool: Tool) -> Any:
    x, y = e.tensor([1.0, 2.0, 3.0]), e.tensor([3.0, 5.0, 8.0])
    w, b = e.tensor(1.5, requires_grad=True), e.tensor(0.5, requires_grad=True)
    prediction = w * x + b
    loss = ((prediction - y) ** 2).mean()
    return tool(loss)


def layers(e: Any, tool: Tool) -> Any:
    weights = [e.arange(6.0).reshape(2, 3).div(5).requires_grad_(), e.ones(3, 4, requires_grad=True)]
    bias = {"first": e.zeros(3, requires_grad=True)}
    x = e.linspace(-1, 1, 10).reshape(5, 2).requires_grad_()
    hidden = e.nn.functional.relu(e.addmm(bias["first"], x, weights[0]))
    out = (hidden @ weights[1]).tanh()
    return tool(out.pow(2).sum())


def used_five_times(e: Any, tool: Tool) -> Any:
    x = e.tensor([1.0, -2.0], requires_grad=True)
    h = x.exp()
    total = h * h + h.sin() * (h + h)
    return tool(total.sum())


def double_backward(e: Any, tool: Tool) -> Any:
    x = e.tensor([1.0, 2.0], requires_grad=True)
    y = (x**3).sum()
    (first,) = e.autograd.grad(y, x, create_graph=True)
    return tool((first * first).sum())


def in_place(e: Any, tool: Tool) -> Any:
    x = e.tensor([1.0, 2.0, 3.0], requires_grad=True)
    w = e.tensor(2.0, requires_grad=True)
    y = x * 1.5
    y[:2] *= w
    y.exp_()
    return tool(y.sum())


def several_outputs(e: Any, tool: Tool) -> Any:
    x = e.tensor([[1.0, 5.0, 2.0], [4.0, 0.0, 3.0]], requires_grad=True)
    values, _ = x.max(1)
    first, second = x.unbind(0)
    return tool((values * 2).sum() + (second * second).sum() + first.mean())


def joined(e: Any, tool: Tool) -> Any:
    x, y = e.ones(2, requires_grad=True), e.tensor([5.0])
    z = e.cat([x, y, x.cos()])
    return tool(z.prod())


def own_function(e: Any, tool: Tool) -> Any:
    class Scale(e.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any, factor: Any) -> Any:
            ctx.save_for_backward(factor)
            return x * factor

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (factor,) = ctx.saved_tensors
            return grad * factor, None

    x, k = e.tensor([1.0, 2.0], requires_grad=True), e.tensor(4.0)
    return tool(Scale.apply(x, k).sum())


def empty_and_long(e: Any, tool: Tool) -> Any:
    nothing = e.zeros(0, 3, requires_grad=True)
    many = e.full((40, 50), 0.5, dtype=e.float64, requires_grad=True)
    return tool(nothing.sum() + many.sqrt().sum())


def not_a_number(e: Any, tool: Tool) -> Any:
    x = e.tensor([0.0, float("nan"), float("inf")], requires_grad=True)
    return tool((x.log() * x).sum())


PROGRAMS = [
    *(regression, layers, used_five_times, double_backward, in_place, several_outputs, joined, own_function),
    *(empty_and_long, not_a_number),
]
