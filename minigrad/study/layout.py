"""Places the boxes of a graph in layers, so that few arrows cross and none runs through a box.

Mirrors: nothing in PyTorch. The method is that of Sugiyama, Tagawa and Toda (1981): every box gets a layer, every arrow that
skips layers gets a place in each of them, sweeps order the layers, and a last pass moves boxes over their neighbours.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

Point = tuple[float, float]

ACROSS, DOWN = 0.3, 0.4  # room between two neighbours of a layer, and between two layers, in inches


class Size(NamedTuple):
    """What a box needs: ``half`` its width on either side of its arrows, and ``more`` on the right, for what hangs on it."""

    half: float
    more: float
    height: float


class Layout(NamedTuple):
    """Where everything goes, in inches from the upper left corner."""

    centers: list[Point]
    routes: list[list[Point]]  # of each edge: corners from the lower border of one box to the upper border of the next
    width: float
    height: float
    crossings: int


def place(sizes: list[Size], edges: list[tuple[int, int]]) -> Layout:
    """Places boxes ``0 .. len(sizes) - 1`` with an arrow for every edge; the same edge may come several times.

    >>> place([Size(1, 0, 1), Size(1, 0, 1)], [(0, 1)]).centers
    [(1.0, 0.5), (1.0, 1.9)]
    """
    layer = longest_paths(len(sizes), edges)
    boxes = len(sizes)
    sizes = list(sizes)
    chains = []  # of each edge: the two boxes, and a place in each layer between them
    for above, below in edges:
        between = list(range(layer[above] + 1, layer[below]))
        chains.append([above, *range(len(sizes), len(sizes) + len(between)), below])
        layer += between
        sizes += [Size(0.0, 0.0, 0.0)] * len(between)
    links = [link for chain in chains for link in pairwise(chain)]
    above_of, below_of = _neighbours(len(sizes), links)
    layers = few_crossings(first_order(layer, below_of), above_of, below_of)
    x = abreast(layers, sizes, above_of, below_of)

    middles, y = [], 0.0
    for members in layers:
        depth = max(sizes[member].height for member in members)
        middles.append((y, y + depth / 2, y + depth))
        y += depth + DOWN
    leaves, arrives = _ports(chains, x, sizes)
    routes = []
    for chain, start, end in zip(chains, leaves, arrives, strict=True):
        first, last = chain[0], chain[-1]
        route = [(start, middles[layer[first]][1] + sizes[first].height / 2), (start, middles[layer[first]][2])]
        for member in chain[1:-1]:
            route += [(x[member], middles[layer[member]][0]), (x[member], middles[layer[member]][2])]
        route += [(end, middles[layer[last]][0]), (end, middles[layer[last]][1] - sizes[last].height / 2)]
        routes.append(route)
    centers = [(x[box], middles[layer[box]][1]) for box in range(boxes)]
    width = max((x[box] + sizes[box].half + sizes[box].more for box in range(len(sizes))), default=0.0)
    return Layout(centers, routes, width, max(0.0, y - DOWN), count_crossings(layers, below_of))


def longest_paths(boxes: int, edges: list[tuple[int, int]]) -> list[int]:
    """The layer of each box: one below the lowest of the boxes that point to it."""
    waiting = [0] * boxes
    below_of: list[list[int]] = [[] for _ in range(boxes)]
    for above, below in edges:
        waiting[below] += 1
        below_of[above].append(below)
    layer = [0] * boxes
    ready = [box for box in range(boxes) if not waiting[box]]
    for box in ready:  # a layer after the other, so the lowest comes last
        for below in below_of[box]:
            layer[below] = layer[box] + 1
            waiting[below] -= 1
            if not waiting[below]:
                ready.append(below)
    return layer


def _neighbours(count: int, links: list[tuple[int, int]]) -> tuple[list[list[int]], list[list[int]]]:
    above_of: list[list[int]] = [[] for _ in range(count)]
    below_of: list[list[int]] = [[] for _ in range(count)]
    for above, below in links:
        above_of[below].append(above)
        below_of[above].append(below)
    return above_of, below_of


def first_order(layer: list[int], below_of: list[list[int]]) -> list[list[int]]:
    """Each layer in the order in which a walk down the graph, first edge first, comes upon its members."""
    layers: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    seen = set()
    stack = [member for member in range(len(layer)) if layer[member] == 0][::-1]
    while stack:
        member = stack.pop()
        if member not in seen:
            seen.add(member)
            layers[layer[member]].append(member)
            stack += below_of[member][::-1]
    return layers


def count_crossings(layers: list[list[int]], below_of: list[list[int]]) -> int:
    """How many pairs of arrows cross between neighbouring layers."""
    total = 0
    for upper, lower in pairwise(layers):
        rank = {member: position for position, member in enumerate(lower)}
        ends: list[int] = []  # of the arrows that begin further left, sorted
        for member in upper:
            targets = [rank[below] for below in below_of[member]]
            total += sum(len(ends) - bisect_right(ends, target) for target in targets)
            for target in targets:
                insort(ends, target)
    return total


def few_crossings(layers: list[list[int]], above_of: list[list[int]], below_of: list[list[int]]) -> list[list[int]]:
    """The best of a few sweeps, down and up, that sort each layer by the barycentres of the neighbours in the layer before."""
    best, fewest = layers, count_crossings(layers, below_of)
    for sweep in range(12):
        if not fewest:
            break
        down = sweep % 2 == 0
        neighbours = above_of if down else below_of
        ordered = [list(members) for members in layers]
        rank = {member: position for members in ordered for position, member in enumerate(members)}
        for members in ordered if down else reversed(ordered):
            center = {m: _mean([rank[other] for other in neighbours[m]], rank[m]) for m in members}
            members.sort(key=center.__getitem__)
            rank |= {member: position for position, member in enumerate(members)}
        layers = ordered
        crossings = count_crossings(layers, below_of)
        if crossings < fewest:
            best, fewest = layers, crossings
    return best


def _mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def abreast(layers: list[list[int]], sizes: list[Size], above_of: list[list[int]], below_of: list[list[int]]) -> list[float]:
    """The x of every member: near the middle of its neighbours above and below, without touching those beside it."""
    x = [0.0] * len(sizes)
    for sweep in range(21):
        down = sweep % 2 == 0  # so is the last: then what has one arrow from above hangs straight under it
        for members in layers if down else reversed(layers):
            wishes = []
            for member in members:
                pulling = (above_of if down else below_of)[member] or below_of[member] or above_of[member]
                wishes.append(_mean([x[other] for other in pulling], x[member]))
            gaps = [sizes[a].half + sizes[a].more + ACROSS + sizes[b].half for a, b in pairwise(members)]
            for member, at in zip(members, _apart(wishes, gaps), strict=True):
                x[member] = at
    leftmost = min((at - size.half for at, size in zip(x, sizes, strict=True)), default=0.0)
    return [at - leftmost for at in x]


def _apart(wishes: list[float], gaps: list[float]) -> list[float]:
    """The places nearest to the wishes, by squares, that lie at least ``gaps`` apart: pool adjacent violators."""
    offsets = [0.0, *accumulate(gaps)]
    blocks: list[tuple[float, int]] = []  # the mean wish of those that stand shoulder to shoulder, and how many they are
    for wish, offset in zip(wishes, offsets, strict=True):
        mean, count = wish - offset, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _ports(chains: list[list[int]], x: list[float], sizes: list[Size]) -> tuple[list[float], list[float]]:
    """The x at which each edge leaves its box and arrives at the next: side by side, in the order of where they go."""
    leaving: dict[int, list[tuple[float, int]]] = {}
    arriving: dict[int, list[tuple[float, int]]] = {}
    for edge, chain in enumerate(chains):
        leaving.setdefault(chain[0], []).append((x[chain[1]], edge))
        arriving.setdefault(chain[-1], []).append((x[chain[-2]], edge))
    ports = []
    for side in (leaving, arriving):
        at = {}
        for box, ends in side.items():
            for position, (_, edge) in enumerate(sorted(ends)):
                share = (position + 1) / (len(ends) + 1) - 0.5
                at[edge] = x[box] + share * 1.6 * sizes[box].half
        ports.append([at[edge] for edge in range(len(chains))])
    return ports[0], ports[1]
