"""Which changes in place are refused, and why."""

from __future__ import annotations

import textwrap
from typing import Any

from reference import compare

from .report import agreed
from .run import both


def change_a_leaf(torch: Any) -> Any:
    """The gradient of w would belong to a value that is gone."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    w += 1
    return w


def change_what_was_saved(torch: Any) -> Any:
    """The derivative of exp is its result, which was saved; with the result changed, it would be wrong."""
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    y += 1
    y.sum().backward()
    return x.grad


def change_one_of_several_views(torch: Any) -> Any:
    """unbind gives several views at once, and the others would have to learn of the change."""
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    first, _ = x.clone().unbind()
    first *= 10
    return first


def change_what_is_stored_once(torch: Any) -> Any:
    """expand repeats one number without copying it: there are not three to change."""
    three = torch.tensor([1.0]).expand(3)
    three += torch.tensor([1.0, 2.0, 3.0])
    return three


def change_what_nobody_saved(torch: Any) -> Any:
    """An addition needs none of its values again, so that y may change. The gradient of x is right:"""
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x + 1
    y *= 3
    y.sum().backward()
    return x.grad.tolist()


def change_a_view(torch: Any) -> Any:
    """row shares memory with y, so y changes too, and its history with it. Only one row counts tenfold:"""
    x = torch.ones(2, 2, requires_grad=True)
    y = x.clone()
    row = y[0]
    row *= 10
    y.sum().backward()
    return x.grad.tolist()


def update_a_leaf(torch: Any) -> Any:
    """Under no_grad nothing is recorded: this is how an optimiser changes a parameter."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.no_grad():
        w += 1
    return w.tolist()


CHANGES = (
    change_a_leaf,
    change_what_was_saved,
    change_one_of_several_views,
    change_what_is_stored_once,
    change_what_nobody_saved,
    change_a_view,
    update_a_leaf,
)


def program(torch: Any) -> dict[str, tuple[str, Any, str]]:
    """What each change led to: an exception's type, or 'allowed' and a value; and the words of the exception."""
    found = {}
    for change in CHANGES:
        try:
            found[change.__name__] = ("allowed", change(torch), "")
        except RuntimeError as error:
            found[change.__name__] = (type(error).__name__, None, str(error))
    return found


def main() -> bool:
    """Print minigrad's words beside torch's exception type. True if both refuse the same and compute the same."""
    ours, theirs = both(program)
    for change in CHANGES:
        (kind, value, words), (torchs, *_) = ours[change.__name__], theirs[change.__name__]
        print(f"{change.__name__}: {kind}, torch: {torchs}")
        for line in (change.__doc__ or "").splitlines():
            print(textwrap.fill(line, 78, initial_indent="  why: ", subsequent_indent="       "))
        for line in words.splitlines() or [f"{value}"]:
            print(textwrap.fill(line, 78, initial_indent="  | ", subsequent_indent="  |     "))
        print()
    facts = [{name: found[:2] for name, found in run.items()} for run in (ours, theirs)]
    return agreed({"what is refused, with which exception, and what is computed": compare(*facts)})
