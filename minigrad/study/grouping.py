"""Makes a graph small enough for a picture: one group for each module, or for a pattern of nodes that comes again and again.

Mirrors: nothing in PyTorch.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from .folding import fold
from .protocol import leaf, output_shapes, short_name


class Group(NamedTuple):
    """Nodes that share one box: usually a single one."""

    nodes: list[Any]
    module: str = ""  # the name of the module they belong to
    repeats: int = 1  # how often the pattern stands in `nodes`, one after the other


def grouped(nodes: list[Any], model: Any = None, most: int = 32) -> list[Group]:
    """The nodes of a graph in about ``most`` groups, those nearest to the root first.

    A graph that is small enough is left as it is. Otherwise each module of ``model`` that owns parameters becomes a group,
    then each repeated pattern; if even these are too many, the last group holds what is farthest from the root.
    """
    groups = in_order([Group([node]) for node in nodes])
    if len(groups) > most and model is not None:
        groups = by_module(groups, {parameter: name for name, parameter in model.named_parameters()})
    if len(groups) > most:
        groups = by_pattern(groups)
    if len(groups) > most:
        rest = [node for group in groups[most - 1 :] for node in group.nodes]
        groups = [*groups[: most - 1], Group(rest)]
    return groups


def edges_between(groups: list[Group]) -> list[tuple[int, int]]:
    """The edges that lead from one group to another, as positions: each edge of a single node, one in all of a larger group."""
    position = {node: at for at, group in enumerate(groups) for node in group.nodes}
    edges = []
    for at, group in enumerate(groups):
        targets = [position[before] for node in group.nodes for before, _ in node.next_functions if before in position]
        single = [target for target in targets if len(group.nodes) == len(groups[target].nodes) == 1]
        several = dict.fromkeys(target for target in targets if target not in single and target != at)
        edges += [(at, target) for target in [*single, *several]]
    return edges


def in_order(groups: list[Group]) -> list[Group]:
    """The groups so that each comes after all that lead to it; those on a cycle, and what they lead to, are left out."""
    waiting = [0] * len(groups)
    below_of: list[list[int]] = [[] for _ in groups]
    for above, below in edges_between(groups):
        waiting[below] += 1
        below_of[above].append(below)
    ready = [at for at in range(len(groups)) if not waiting[at]]
    for at in ready:
        for below in below_of[at]:
            waiting[below] -= 1
            if not waiting[below]:
                ready.append(below)
    return [groups[at] for at in ready]


def by_module(groups: list[Group], parameters: dict[Any, str]) -> list[Group]:
    """One group for each call of a module: its parameters, nodes made of them alone, and the node that takes these and data.

    A parameter that several calls share keeps a group of its own.
    """
    nodes = [node for group in groups for node in group.nodes]
    owner: dict[Any, str] = {}
    pure = set()  # what is made of parameters of one module alone, such as a transposed weight
    for node in reversed(nodes):
        variable = leaf(node)
        if variable is not None and variable in parameters:
            owner[node] = parameters[variable].rpartition(".")[0]
            pure.add(node)
        before = [each for each, _ in node.next_functions]  # None where data come in
        owners = {owner[each] for each in before if each in pure}
        if len(owners) == 1:
            owner[node] = owners.pop()
            if pure.issuperset(before):
                pure.add(node)

    users: dict[Any, list[Any]] = {}
    members: dict[Any, list[Any]] = {}
    call: dict[Any, Any] = {}  # of each node, the first node of its call
    for node in nodes:
        calls = {call[user]: None for user in users.get(node, []) if owner.get(user, "") == owner.get(node)}
        call[node] = next(iter(calls)) if len(calls) == 1 or (calls and leaf(node) is None) else node
        members.setdefault(call[node], []).append(node)
        for before, _ in node.next_functions:
            users.setdefault(before, []).append(node)
    folded = [Group(nodes, owner.get(first, "")) for first, nodes in members.items()]
    ordered = in_order(folded)
    placed = {id(group) for group in ordered}  # a group that a path leaves and enters again would have no place
    return in_order(ordered + [Group([node]) for group in folded if id(group) not in placed for node in group.nodes])


def by_pattern(groups: list[Group]) -> list[Group]:
    """One group for each stretch in which the same pattern of groups, joined in the same way, stands three times or more.

    The groups must be in order: then a stretch of them has no path that leaves it and comes back. Leaves alone are no pattern.
    """
    edges = edges_between(groups)
    users = Counter(below for _, below in edges)
    targets: list[list[Any]] = [[] for _ in groups]
    for above, below in edges:
        # A group that many use, such as a shared weight, is the same for each repeat. Others stand at the same distance.
        targets[above].append(("shared", below) if users[below] > 4 else below - above)
    # The root is what the picture is about, so it is like no other.
    kinds = [(at == 0, *map(_kind, group.nodes), *targets[at]) for at, group in enumerate(groups)]
    number = {kind: at for at, kind in enumerate(kinds)}
    folded = []
    for start, length, times in fold([number[kind] for kind in kinds]):
        stretch = groups[start : start + length * times]
        nodes = [node for group in stretch for node in group.nodes]
        alike = times >= 3 and any(leaf(node) is None for node in nodes)
        folded += [Group(nodes, repeats=times)] if alike else stretch
    return folded


def _kind(node: Any) -> tuple[str, str]:
    return short_name(node), str(output_shapes(node))
