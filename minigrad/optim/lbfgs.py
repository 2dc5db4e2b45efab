"""L-BFGS, Newton's method with the curvature taken from the last steps: Nocedal and Wright, Numerical Optimization, chapter 7.

Mirrors: torch/optim/lbfgs.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd.grad_mode import enable_grad, no_grad
from ..autograd.place import users_place
from ..autograd.variable import wrap
from ..quiet import quietly
from .line_search import Point, strong_wolfe
from .optimizer import Array, Optimizer, Settings, not_negative, settings


class LBFGS(Optimizer):
    """Several steps at a call, each along ``-H g``, with ``H`` the inverse curvature that the last steps tell.

    ``step`` needs a closure that clears the gradients, computes the loss, calls ``backward`` and returns the loss.

    Args:
        params: tensors, in one group.
        lr: the length of a step, or where the line search begins.
        max_iter: steps at a call.
        max_eval: calls of the closure at a call; by default 1.25 times ``max_iter``.
        tolerance_grad: end when no gradient is larger.
        tolerance_change: end when neither the parameters nor the loss change by more.
        history_size: how many steps tell the curvature.
        line_search_fn: None, or ``"strong_wolfe"``.

    Raises:
        ValueError: several groups, or a setting out of range. RuntimeError: an unknown line search.

    >>> import minigrad
    >>> w = minigrad.tensor([3.0, -2.0], requires_grad=True)
    >>> optimizer = LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((w - 1) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure).item()
    13.0
    >>> w
    tensor([1.0000, 1.0000], requires_grad=True)
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        not_negative(lr=lr)
        max_eval = max_iter * 5 // 4 if max_eval is None else max_eval
        super().__init__(params, settings(locals()))
        self._params = self.param_groups[0]["params"]

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        if self.param_groups:
            raise ValueError("LBFGS takes one group of parameters: one step moves them all, with the same settings")
        super().add_param_group(param_group)

    @no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to ``max_iter`` steps and return the loss before the first of them."""
        if closure is None:
            raise TypeError("LBFGS.step needs a closure: it must compute the loss and its gradients several times")
        search = self.param_groups[0]["line_search_fn"]
        if search not in (None, "strong_wolfe"):
            raise RuntimeError(f"line_search_fn={search!r}: it must be None or 'strong_wolfe'")
        return quietly(self._descend, enable_grad()(closure))

    def _descend(self, closure: Callable[[], Any]) -> Any:
        """Steps along ``-H g`` until the loss has settled or ``max_iter`` or ``max_eval`` is used up (algorithm 7.5)."""
        group, memory = self.param_groups[0], self.state[self._params[0]]
        memory.setdefault("func_evals", 0)
        memory.setdefault("n_iter", 0)
        last_evaluation = memory["func_evals"] + group["max_eval"]

        def evaluate() -> Any:
            memory["func_evals"] += 1
            return closure()

        first_loss = evaluate()
        loss, g = float(first_loss), flat_gradient(self._params)
        if np.abs(g).max() <= group["tolerance_grad"]:
            return first_loss

        for steps_left in reversed(range(group["max_iter"])):
            d, t = next_direction(memory, loss, g, group["history_size"]), first_length(memory, g, float(group["lr"]))
            memory["t"] = t
            here, line = Point(0, loss, g, g.dot(d)), Line(self._params, d, evaluate)
            if here.slope > -group["tolerance_change"]:
                break
            if group["line_search_fn"] is None:
                there = line(t) if steps_left else here._replace(t=t)  # the last point is not evaluated
            else:
                trials = last_evaluation - memory["func_evals"]
                there = strong_wolfe(line, here, t, trials, longest=np.abs(d).max())
            line.move(there.t)
            memory["t"], loss, g, _ = there
            if memory["func_evals"] >= last_evaluation or has_settled(here, there, d, group):
                break
        return first_loss


def has_settled(before: Point, now: Point, d: Array, group: Settings) -> bool:
    """Whether the gradient is nearly 0, or the last step hardly changed the parameters or the loss."""
    return bool(
        np.abs(now.g).max() <= group["tolerance_grad"]
        or np.abs(now.t * d).max() <= group["tolerance_change"]
        or abs(now.loss - before.loss) < group["tolerance_change"]
    )


def next_direction(memory: dict[str, Any], loss: float, g: Array, history_size: int) -> Array:
    """``-H g``, after what the last step told about ``H`` is remembered; and the point that the next step starts from."""
    memory["n_iter"] += 1
    if memory["n_iter"] == 1:
        memory.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
    else:
        s, y = (memory["t"] * memory["d"])._array, g - memory["prev_flat_grad"]._array
        remember_pair(memory, s, y, history_size)
    history = [
        (s._array, y._array, float(rho))
        for s, y, rho in zip(memory["old_stps"], memory["old_dirs"], memory["ro"], strict=True)
    ]
    d = -two_loops(g, history, float(memory["H_diag"]))
    memory.update(d=wrap(d), prev_flat_grad=wrap(g), prev_loss=loss)
    return d


def first_length(memory: dict[str, Any], g: Array, lr: float) -> float:
    """The step length to begin with: ``lr``, less for the very first step if the gradient is large."""
    return lr if memory["n_iter"] > 1 else min(1.0, float(1.0 / np.abs(g).sum())) * lr


def remember_pair(memory: dict[str, Any], s: Array, y: Array, history_size: int) -> None:
    """Remember that a step ``s`` changed the gradient by ``y``, unless the loss does not curve upwards along it."""
    curvature = y.dot(s)
    if not curvature > 1e-10:
        return
    pairs = memory["old_stps"], memory["old_dirs"], memory["ro"]
    for kept, new in zip(pairs, (s, y, 1.0 / curvature), strict=True):
        if len(kept) == history_size:
            del kept[0]
        kept.append(wrap(np.asarray(new)))
    memory["H_diag"] = wrap(np.asarray(curvature / y.dot(y)))  # equation 7.20


def two_loops(g: Array, history: list[tuple[Array, Array, float]], gamma: float) -> Array:
    """``H g`` (algorithm 7.4): ``H`` is ``gamma`` times the identity, updated by each pair ``s``, ``y``; ``rho = 1 / y @ s``."""
    q, alphas = g.copy(), []
    for s, y, rho in reversed(history):
        alphas.append(rho * s.dot(q))
        q -= alphas[-1] * y
    r = gamma * q
    for s, y, rho in history:
        beta = rho * y.dot(r)
        r += (alphas.pop() - beta) * s
    return r


class Line:
    """The loss at ``t`` along ``d`` from where the parameters are now: calling it moves them there."""

    def __init__(self, params: list[Any], d: Array, evaluate: Callable[[], Any]) -> None:
        self.params, self.d, self.evaluate = params, d, evaluate
        self.start = [param._array.copy() for param in params]

    def __call__(self, t: float) -> Point:
        self.move(t)
        loss, g = float(self.evaluate()), flat_gradient(self.params)
        return Point(t, loss, g, g.dot(self.d))

    def move(self, t: float) -> None:
        """Set the parameters to ``start + t * d``."""
        edit = "LBFGS.step", users_place()
        parts = np.split(self.d, np.cumsum([array.size for array in self.start])[:-1])
        for param, start, part in zip(self.params, self.start, parts, strict=True):
            np.add(start, (t * part).reshape(start.shape), out=param._array)
            param.version_counter.bump(edit)


def flat_gradient(params: list[Any]) -> Array:
    """The gradients of all parameters, end to end; zeros for one that has none."""
    return np.concatenate([np.zeros_like(p._array) if p._grad is None else p._grad._array for p in params], axis=None)
