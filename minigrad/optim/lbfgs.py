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
from .line_search import strong_wolfe
from .optimizer import Array, Optimizer, require


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
        require(lr >= 0, "lr", lr, "at least 0")
        super().__init__(
            params,
            {
                "lr": lr,
                "max_iter": max_iter,
                "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
                "tolerance_grad": tolerance_grad,
                "tolerance_change": tolerance_change,
                "history_size": history_size,
                "line_search_fn": line_search_fn,
            },
        )
        if len(self.param_groups) != 1:
            raise ValueError(f"LBFGS takes one group of parameters, not {len(self.param_groups)}: one step moves them all")
        self._params = self.param_groups[0]["params"]

    @no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to ``max_iter`` steps and return the loss before the first of them."""
        if closure is None:
            raise TypeError("LBFGS.step needs a closure: it must compute the loss and its gradients several times")
        return quietly(self._step, enable_grad()(closure))

    def _step(self, closure: Callable[[], Any]) -> Any:
        group = self.param_groups[0]
        memory = self.state[self._params[0]]
        memory.setdefault("func_evals", 0)
        memory.setdefault("n_iter", 0)

        first_loss = closure()
        loss, evaluations = float(first_loss), 1
        memory["func_evals"] += 1
        g = self._gradient()
        if np.abs(g).max() <= group["tolerance_grad"]:
            return first_loss

        for iteration in range(1, group["max_iter"] + 1):
            memory["n_iter"] += 1
            d = self._direction(g, memory, group["history_size"])
            loss_before = loss
            memory["prev_flat_grad"], memory["prev_loss"] = wrap(g.copy()), loss
            is_very_first = memory["n_iter"] == 1
            t = min(1.0, float(1.0 / np.abs(g).sum())) * group["lr"] if is_very_first else group["lr"]
            memory["d"], memory["t"] = wrap(d), t

            slope = g.dot(d)
            if slope > -group["tolerance_change"]:
                break
            used = 0
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError(f"line_search_fn={group['line_search_fn']!r}: it must be None or 'strong_wolfe'")
                start = [param._array.copy() for param in self._params]

                def at(t: float, d: Array = d, start: list[Array] = start) -> tuple[float, Array]:
                    self._move(t, d)
                    found = float(closure()), self._gradient()
                    for param, before in zip(self._params, start, strict=True):
                        param._array[...] = before
                    return found

                loss, g, t, used = strong_wolfe(at, t, d, loss, g, slope, max_evaluations=group["max_eval"] - evaluations)
                memory["t"] = t
                self._move(t, d)
            else:
                self._move(t, d)
                if iteration < group["max_iter"]:
                    loss, g, used = float(closure()), self._gradient(), 1
            evaluations += used
            memory["func_evals"] += used

            if (
                evaluations >= group["max_eval"]
                or np.abs(g).max() <= group["tolerance_grad"]
                or np.abs(d * t).max() <= group["tolerance_change"]
                or abs(loss - loss_before) < group["tolerance_change"]
            ):
                break
        return first_loss

    def _direction(self, g: Array, memory: dict[str, Any], history_size: int) -> Array:
        """``-H g``, by the two loops of algorithm 7.4 over the last changes ``s`` of the parameters and ``y`` of the gradient."""
        if memory["n_iter"] == 1:
            memory.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return -g
        ys, ss, rhos = memory["old_dirs"], memory["old_stps"], memory["ro"]
        y, s = g - memory["prev_flat_grad"]._array, memory["d"]._array * memory["t"]
        if y.dot(s) > 1e-10:
            if len(ys) == history_size:
                del ys[0], ss[0], rhos[0]
            ys.append(wrap(y))
            ss.append(wrap(s))
            rhos.append(wrap(np.asarray(1.0 / y.dot(s))))
            memory["H_diag"] = wrap(np.asarray(y.dot(s) / y.dot(y)))
        changes = [(y._array, s._array, rho._array) for y, s, rho in zip(ys, ss, rhos, strict=True)]

        d, alphas = -g, []
        for y, s, rho in reversed(changes):
            alphas.append(s.dot(d) * rho)
            d -= alphas[-1] * y
        d *= memory["H_diag"]._array if changes else memory["H_diag"]
        for y, s, rho in changes:
            d += (alphas.pop() - y.dot(d) * rho) * s
        return d

    def _gradient(self) -> Array:
        """The gradients of all parameters, end to end; zeros for one that has none."""
        parts = [
            np.zeros(p._array.size, p._array.dtype) if p._grad is None else p._grad._array.ravel() for p in self._params
        ]
        return np.concatenate(parts)

    def _move(self, t: float, d: Array) -> None:
        """Go ``t`` along ``d``."""
        edit = "LBFGS.step", users_place()
        start = 0
        for param in self._params:
            stop = start + param._array.size
            param._array += (t * d[start:stop]).reshape(param._array.shape)
            param.version_counter.bump(edit)
            start = stop
