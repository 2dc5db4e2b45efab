"""Why a tensor has no gradient, does not require one, or is not a leaf.

Mirrors: nothing; PyTorch has no such tool.
"""

from __future__ import annotations

import enum
from types import FrameType
from typing import Any, NamedTuple

from .protocol import brief, forward_line, is_tensor, leaf, names, roots, saved, short_name, users_frame, walk
from .source import Place, Statement, assignment, cut, find, last, names_read, silenced_by, switched_off
from .words import wrapped


class Why(enum.Enum):
    """All reasons there are."""

    HAS_GRAD = "a backward pass has reached it"
    INTEGER = "its dtype is not floating"
    NEVER_REQUIRED = "it never required grad, nor did what it was computed from"
    SWITCHED_OFF = "its requires_grad was switched off"
    NO_GRAD = "it was made under no_grad"
    DETACHED = "its history was cut off"
    NOT_LEAF = "it is not a leaf, and only leaves keep their gradient"
    NOT_REACHED = "no way leads back to it"
    NOT_YET = "no backward pass has run yet"
    CLEARED = "its gradient was cleared"


class Reason(NamedTuple):
    """The answer to ``why``."""

    why: Why
    sentence: str
    fix: str

    def __str__(self) -> str:
        return "\n".join(wrapped(f"{self.sentence}. {self.fix}"))


def why(tensor: Any, loss: Any = None) -> None:
    """Print why ``tensor.grad`` is None, why it does not require grad, or why it is not a leaf, and what to do about it.

    ``loss`` is where the backward pass began, or would begin; without it, the caller's variables are looked through. Lines
    come from the graph and from the source of the calling function; where these do not tell, they are left out.

    >>> import minigrad
    >>> w = minigrad.tensor(2.0, requires_grad=True)
    >>> why(w)
    w.grad is None because no backward pass has run yet. Call backward() on a result
    that was computed from w.
    >>> why(minigrad.tensor(3))
    this tensor does not require grad because its dtype is int64, and a gradient
    needs values that can change by a little. Make it floating first:
    x.float().requires_grad_().
    """
    print(reason(tensor, loss))


def reason(tensor: Any, loss: Any = None) -> Reason:
    """The answer of ``why`` as data. Raises TypeError for what is no tensor."""
    if not is_tensor(tensor):
        raise TypeError(f"only a tensor has a gradient, not {type(tensor).__name__}")
    frame = users_frame()
    place = find(tensor, frame)
    of_users = names(frame=frame)
    name = place.name if place else of_users.get(tensor, "this tensor")
    if not tensor.requires_grad:
        return _not_required(tensor, name, place)
    if (tensor.is_leaf or tensor.retains_grad) and tensor.grad is not None:
        return Reason(
            Why.HAS_GRAD, f"{name}.grad is {brief(tensor.grad)}: a backward pass has reached it", "Nothing is missing."
        )
    if not tensor.is_leaf and not tensor.retains_grad:
        return _not_leaf(tensor, name, place, of_users)
    return _not_filled(tensor, name, loss, place or Place("", frame), frame, of_users)


def _not_required(tensor: Any, name: str, place: Place | None) -> Reason:
    start = f"{name} does not require grad because"
    if not tensor.is_floating_point():
        dtype = str(tensor.dtype).removeprefix("torch.").removeprefix("minigrad.")
        return Reason(
            Why.INTEGER,
            f"{start} its dtype is {dtype}, and a gradient needs values that can change by a little",
            f"Make it floating first: {name if place else 'x'}.float().requires_grad_().",
        )
    made = assignment(place) if place else None
    off = switched_off(place) if place else None
    if off is not None or type(tensor).__name__ == "Parameter":
        where = f" ({place.describe(off)})" if place and off is not None else ""
        return Reason(
            Why.SWITCHED_OFF, f"{start} that was switched off{where}", "Call requires_grad_() on it to switch it on."
        )
    if place is None or made is None:
        if tensor.is_inference():
            return Reason(Why.NO_GRAD, f"{start} it was made under inference_mode()", "Make it outside of it.")
        return Reason(
            Why.NEVER_REQUIRED,
            f"{start} nobody asked for it: neither it nor anything that it was computed from was made with requires_grad=True",
            "Call requires_grad_() on it before you compute with it.",
        )
    return _computed_without(tensor, name, place, made)


def _computed_without(tensor: Any, name: str, place: Place, made: Statement) -> Reason:
    """Why a tensor that a known statement made does not require grad: under no_grad, cut off, or from nothing that does."""
    start = f"{name} does not require grad because"
    line = place.describe(made.node)
    silent = silenced_by(made)
    variables = {**place.frame.f_globals, **place.frame.f_locals}
    tracked = [word for word in dict.fromkeys(names_read(made)) if word != name and _requires_grad(variables.get(word))]
    if silent is not None and (tracked or tensor.is_inference()):
        return Reason(
            Why.NO_GRAD,
            f"{start} it was computed ({line}) inside the no_grad of {place.describe(silent)}",
            "Compute it outside of that block.",
        )
    if tracked:
        how = cut(made)
        by = f"{how} cut it off from its history" if how else f"the history of {tracked[0]} was cut off on the way"
        return Reason(Why.DETACHED, f"{start} {by} ({line})", "Leave that out if gradients are to flow through it.")
    used = [word for word in dict.fromkeys(names_read(made)) if word != name and is_tensor(variables.get(word))]
    if used:
        return Reason(
            Why.NEVER_REQUIRED,
            f"{start} nothing that it was computed from does ({line})",
            f"If gradients with respect to {used[0]} are wanted, call {used[0]}.requires_grad_() before that line.",
        )
    return Reason(
        Why.NEVER_REQUIRED,
        f"{start} nobody asked for it where it was made ({line})",
        f"Give requires_grad=True there, or call {name}.requires_grad_(), before you compute with it.",
    )


def _requires_grad(value: Any) -> bool:
    if is_tensor(value):
        return bool(value.requires_grad)
    if type(value) in (list, tuple):
        return any(_requires_grad(each) for each in value)
    return hasattr(type(value), "named_parameters") and any(p.requires_grad for p in value.parameters())


def _not_leaf(tensor: Any, name: str, place: Place | None, of_users: dict[Any, str]) -> Reason:
    node = tensor.grad_fn
    line = forward_line(node)
    leaves = [of_users.get(leaf(each), "an unnamed leaf") for each in walk(node) if leaf(each) is not None]
    fix = f"Call {name if place else 'y'}.retain_grad() before backward(), or look at the .grad of the leaf."
    made = assignment(place) if place else None
    if made is not None and name in names_read(made):
        fix = f"If this line was meant to update the leaf {name}, change it in place under no_grad()."
    *others, last = [*leaves[:3], f"{len(leaves) - 3} more"] if len(leaves) > 3 else leaves or [""]
    named = f"{', '.join(others)} and {last}" if others else last
    return Reason(
        Why.NOT_LEAF,
        f"{name}.grad is None because {name} is not a leaf: {short_name(node)} made it{f' ({line})' if line else ''}"
        f"{f' from {named}' if named else ''}, and backward() fills the .grad of leaves only",
        fix,
    )


def _not_filled(tensor: Any, name: str, loss: Any, place: Place, frame: FrameType, of_users: dict[Any, str]) -> Reason:
    """The reason for a tensor that would keep its gradient: a leaf, or one with retain_grad()."""
    start = f"{name}.grad is None because"
    target = tensor.grad_fn
    results = [loss] if loss is not None else [node for node in of_users if not is_tensor(node)]
    reaching = []
    for result in results:
        if any(node is target if target is not None else leaf(node) is tensor for node in walk(result)):
            reaching.append(result)
    here = Place("", frame)
    backward, cleared = last(here, "backward"), last(here, "zero_grad")
    if backward is not None and cleared is not None and cleared.lineno > backward.lineno:
        return Reason(
            Why.CLEARED,
            f"{start} it was cleared ({here.describe(cleared)}) after the backward pass ({here.describe(backward)})",
            "Read it before it is cleared.",
        )
    if loss is not None and not roots(loss):
        return Reason(
            Why.NOT_REACHED,
            f"{start} the loss has no history, so no backward pass can begin there",
            "Ask why(loss).",
        )
    if not reaching and (loss is not None or backward is not None):
        of = f"from {of_users.get(loss, 'the loss')}"
        if loss is None and backward is not None:
            of = f"from the backward pass ({here.describe(backward)})"
        return Reason(
            Why.NOT_REACHED,
            f"{start} no way leads back to it {of}: what was computed there does not depend on {name}, or its history was cut",
            f"Use {name} itself in the computation, and set requires_grad before it.",
        )
    if any(entry.state == "freed" for result in reaching for node in walk(result) for entry in saved(node)):
        return Reason(
            Why.CLEARED,
            f"{start} it was cleared after the backward pass, or that pass gave its gradients elsewhere, as autograd.grad does",
            "Read it before zero_grad(), or use backward().",
        )
    by = of_users.get(reaching[0]) if reaching else None
    action = f"Call {by}.backward()." if by else f"Call backward() on a result that was computed from {name}."
    return Reason(Why.NOT_YET, f"{start} no backward pass has run yet", action)
