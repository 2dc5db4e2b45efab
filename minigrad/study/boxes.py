"""What stands in the boxes of a picture: name, formula, value, gradient and saved tensors of a group of nodes.

Mirrors: nothing in PyTorch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .grouping import Group
from .protocol import brief, edges, is_tensor, leaf, output_shapes, saved, short_name

NUMBERS = 4  # a tensor of up to so many elements is written out
LONGEST = 42  # characters of a line


class Box(NamedTuple):
    """The text of one box, and how it looks."""

    kind: str  # "operation", "leaf", "parameter" or "folded"
    lines: tuple[str, ...]  # the first is the title
    gradient: str | None = None  # None if nothing is known of it, "" if it is not computed yet
    saved: tuple[str, ...] = ()
    running: bool = False


def known_values(of: Any, nodes: list[Any], found: Mapping[Any, str]) -> dict[tuple[Any, int], Any]:
    """The results that somebody still has, by node and number of the output.

    A node does not keep its result. What is known are the tensors that the picture is of, those that the user's variables
    hold, and those that a node saved: a saved tensor knows the node that made it.
    """
    tensors = [each for each in (of if isinstance(of, (list, tuple)) else [of]) if is_tensor(each)]
    tensors += [key for key in found if is_tensor(key)]
    for node in nodes:
        for entry in saved(node):
            tensors += [each for each in _listed(entry.value) if is_tensor(each)]
    known = {}
    for tensor in tensors:
        try:
            known[tensor.grad_fn, tensor.output_nr] = tensor
        except RuntimeError:  # a view that has lost its history
            continue
    return known


def write(
    group: Group,
    found: Mapping[Any, str],
    values: Mapping[tuple[Any, int], Any],
    arrived: Mapping[Any, str] | None = None,
    running: Any = None,
) -> Box:
    """The box of a group.

    ``arrived`` holds as text the gradients that have arrived at nodes in a backward pass; without it the gradients of leaves
    are known all the same, from their ``.grad``. ``running`` is the node that has just run.
    """
    now = running in group.nodes
    if len(group.nodes) > 1:
        return Box("folded", _folded(group), _how_many(group, arrived), running=now)
    (node,) = group.nodes
    variable = leaf(node)
    if variable is not None:
        kind = "parameter" if _is_parameter(variable) else "leaf"
        gradient = "" if variable.grad is None else numbers(variable.grad)
        return Box(kind, _short([found.get(variable, f"unnamed {kind}"), numbers(variable)]), _cut(gradient), running=now)
    named = node in found and len(output_shapes(node)) == 1  # of several results, a name is that of one
    title = f"{found[node]} = {short_name(node)}" if named else short_name(node)
    arriving = None if arrived is None else _cut(arrived.get(node, ""))
    lines = [title, *_formula_lines(node), _value(node, values)]
    return Box("operation", _short(lines), arriving, _short(_saved_lines(node, found)), now)


def _formula_lines(node: Any) -> list[str]:
    """The formulas of the inputs that a gradient goes to, one for all tensors of a list, in few lines."""
    written = {edge.input.partition("[")[0]: edge.formula for edge in edges(node)}
    lines: list[str] = []
    for name, formula in written.items():
        if formula:
            line = f"{name}: {formula}"
            line = line if len(line) <= LONGEST else f"{line.partition('(')[0]}(…)"
            if lines and len(lines[-1]) + len(line) + 2 <= LONGEST:
                lines[-1] += f", {line}"
            else:
                lines.append(line)
    return lines


def _value(node: Any, values: Mapping[tuple[Any, int], Any]) -> str:
    shapes = output_shapes(node)
    if len(shapes) != 1:
        return f"{len(shapes)} results"
    if (node, 0) in values:
        return f"value {numbers(values[node, 0])}"
    return f"{list(shapes[0])}, value not kept"


def _saved_lines(node: Any, found: Mapping[Any, str]) -> list[str]:
    entries = saved(node)
    # Once freed, a field that was needed and one that never was look the same. The formulas tell which were needed.
    used = {word for edge in edges(node) for word in re.findall(r"\w+", edge.formula)}
    needed = [entry for entry in entries if entry.state != "freed" or entry.name in used] or entries
    lines = []
    for entry in needed:
        if entry.state:
            lines.append(f"{entry.name}: {entry.state}")
        elif any(is_tensor(each) for each in _listed(entry.value)):
            name = found.get(entry.value) if is_tensor(entry.value) else None
            lines.append(f"{entry.name} = {name or numbers(entry.value)}")
    return lines


def _folded(group: Group) -> tuple[str, ...]:
    pattern = group.nodes[: len(group.nodes) // group.repeats]
    counts: dict[str, int] = {}
    for node in pattern:
        variable = leaf(node)
        what = short_name(node) if variable is None else f"{_kind_of(variable)} {list(variable.shape)}"
        counts[what] = counts.get(what, 0) + 1
    lines = [what if count == 1 else f"{count} {what}" for what, count in counts.items()]
    if len(lines) == 1 and group.repeats > 1:
        return _short((f"{group.repeats} times {lines[0]}",))
    rest = (f"and {len(lines) - 6} kinds more",) if len(lines) > 7 else ()
    several = f"{group.repeats} times these {len(pattern)} nodes"
    title = group.module or (several if group.repeats > 1 else f"{len(pattern)} nodes")
    return _short((title, *(lines[:6] if rest else lines), *rest))


def _how_many(group: Group, arrived: Mapping[Any, str] | None) -> str | None:
    """How many of the gradients in a group there are: of its leaves, or of all of its nodes if there is news of them."""
    leaves = [leaf(node) for node in group.nodes if leaf(node) is not None]
    total = len(leaves) if arrived is None else len(group.nodes)
    there = sum(each.grad is not None for each in leaves) if arrived is None else sum(n in arrived for n in group.nodes)
    return None if not total else f"{there} of {total}" if there else ""


def _kind_of(variable: Any) -> str:
    return "parameter" if _is_parameter(variable) else "leaf"


def _is_parameter(tensor: Any) -> bool:
    return any(kind.__name__ == "Parameter" for kind in type(tensor).__mro__)


def numbers(value: Any) -> str:
    """A value as text that fits in a box."""
    text = brief(value, NUMBERS)
    return text if len(text) <= 30 else brief(value, 1)


def _listed(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]


def _short(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(_cut(line) for line in lines)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
