"""Element by element, and whole arrays, timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from reference import compare

from .report import agreed
from .run import RUN, both


def program(torch: Any, n: int) -> tuple[dict[str, Any], dict[str, float]]:
    """A sum and a gradient, each in two ways. Returns the results, and the seconds that each took."""
    torch.manual_seed(0)
    a, b = torch.rand(n), torch.rand(n)
    results, times = {}, {}

    def timed(name: str, compute: Callable[[], Any]) -> None:
        start = time.perf_counter()
        results[name] = compute()
        times[name] = time.perf_counter() - start

    def add_elements() -> Any:
        c = torch.zeros(n)
        for i in range(n):
            c[i] = a[i] + b[i]
        return c

    def gradient_of_elements() -> Any:
        w = torch.tensor(0.5, requires_grad=True)
        loss = torch.tensor(0.0)
        for i in range(n):
            loss = loss + (w * a[i] - b[i]) ** 2
        loss.backward()
        return w.grad

    def gradient_of_arrays() -> Any:
        w = torch.tensor(0.5, requires_grad=True)
        ((w * a - b) ** 2).sum().backward()
        return w.grad

    timed("c[i] = a[i] + b[i]", add_elements)
    timed("c = a + b", lambda: a + b)
    timed("gradient, a loop", gradient_of_elements)
    timed("gradient, arrays", gradient_of_arrays)
    return results, times


def main() -> bool:
    """Time both ways under both engines. True if the engines agree."""
    n = 300 if RUN.get().quick else 5000
    both(program, 10)  # the first call of everything is slower
    (ours, our_times), (theirs, their_times) = both(program, n)
    print(f"{n} elements, milliseconds:\n")
    print(f"  {'':22}{'minigrad':>12}{'torch':>12}")
    for name in ours:
        print(f"  {name:22}{1000 * our_times[name]:12.3f}{1000 * their_times[name]:12.3f}")
    print()
    print("An operation costs about the same for one number as for a thousand: a call, a")
    print("choice of what to compute, a node to remember it by. A loop pays that for every")
    print("element, and again on the way back; an operation on whole arrays pays it once.")
    print()
    same = "c[i] = a[i] + b[i]", "c = a + b", "gradient, a loop"
    return agreed(
        {
            "the sums, and the gradient of the loop": compare(
                *({name: run[name] for name in same} for run in (ours, theirs))
            ),
            "the gradient of the arrays, to 4 ulp": compare(*(run["gradient, arrays"] for run in (ours, theirs)), ulp=4),
        },
        "a loop adds one term after the other. NumPy and torch add the terms of a whole array in blocks, each in its own "
        "order, and every order rounds in its own way.",
    )
