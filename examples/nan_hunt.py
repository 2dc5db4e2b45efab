"""Planck's law fitted: the first inf, the first nan."""

from __future__ import annotations

import re
import textwrap
import warnings
from typing import Any

from reference import compare

from .report import agreed
from .run import both

# The spectrum of a body at T thousand kelvin, at a wavelength of x micrometres; at 5000 K the highest value is about 1.
C1, C2 = 9.33, 14.388


def program(torch: Any) -> tuple[list[str], str]:
    """Fit T from a guess of 3000 K, look for the nan, fit again. Returns the lines of the report, and the engine's words."""

    def naive(x: Any, T: Any) -> Any:
        return C1 / (x**5 * (torch.exp(C2 / (x * T)) - 1))

    def stable(x: Any, T: Any) -> Any:
        u = C2 / (x * T)
        return C1 / x**5 * torch.exp(-u) / -torch.expm1(-u)  # the same, times exp(-u) above and below

    x = torch.linspace(0.05, 3, 60)
    measured = stable(x, 5.0)

    def fit(spectrum: Any, steps: int) -> list[str]:
        T, rows = torch.tensor(3.0, requires_grad=True), []
        for step in range(steps):
            T.grad = None
            loss = ((spectrum(x, T) - measured) ** 2).mean()
            loss.backward()
            rows.append(
                f"  step {step:2}:  T = {T.item():.3f}   loss = {loss.item():.4f}   T.grad is nan: {T.grad.isnan().item()}"
            )
            with torch.no_grad():
                T -= 5 * T.grad
        return rows

    lines = ["Fitting T by gradient descent to a spectrum measured at T = 5 (thousand kelvin):", ""]
    lines += fit(naive, 3)

    T = torch.tensor(3.0, requires_grad=True)
    u = C2 / (x * T)
    e = torch.exp(u)
    below = x**5 * (e - 1)
    value = C1 / below
    steps = {"u = C2 / (x T)": u, "e = exp(u)": e, "x^5 (e - 1)": below, "C1 / that": value}
    for step in steps.values():
        step.retain_grad()
    ((value - measured) ** 2).mean().backward()
    lines += ["", f"The loss is finite. Each step's value and gradient, at x = {x[0]:.2f} and x = {x[19]:.2f}:", ""]
    lines.append(f"  {'':16}{'value':>14}{'gradient':>14}{'value':>18}{'gradient':>14}")
    for name, step in steps.items():
        here, there = (f"{step[at].item():14.3g}{step.grad[at].item():14.3g}" for at in (0, 19))
        lines.append(f"  {name:16}{here}    {there}")
    lines += ["", f"Down, exp({u[0].item():.1f}) is the first inf, and C1 / inf = 0 is even right. Up, the"]
    lines += ["gradient of exp is its result times what came in: inf * 0, the first nan."]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is slow
        with torch.autograd.detect_anomaly():
            try:
                ((naive(x, T) - measured) ** 2).mean().backward()
            except RuntimeError as error:
                words = str(error)
    node = re.search(r"\w+Backward0", words)
    lines += [
        f"detect_anomaly() stops there: at {node.group() if node else None}.",
        "",
        "With exp(-u), which can only become 0:",
        "",
    ]
    return lines + fit(stable, 31)[::10], words


def main() -> bool:
    """Print the hunt once, with minigrad's words. True if both engines lead the same way."""
    (ours, words), (theirs, _) = both(program)
    print("\n".join(ours) + "\n\nWhat minigrad says there:\n")
    for line in words.splitlines():
        print(textwrap.fill(line, 78, initial_indent="  | ", subsequent_indent="  |     "))
    print()
    return agreed({"the lines written under both": compare(ours, theirs, where="line")})
