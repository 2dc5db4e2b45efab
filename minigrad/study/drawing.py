"""Draws a graph: a box for every node, and under it the nodes that its gradients go to.

Mirrors: nothing in PyTorch.
"""

from __future__ import annotations

import io
import os
from typing import Any, NamedTuple

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .boxes import Box, known_values, write
from .grouping import edges_between, grouped
from .layout import Layout, Size, place
from .paint import CAPTION, caption, legend, paint_arrow, paint_box, paint_legend_entry, room
from .protocol import names, walk

MARGIN = 0.2  # inches
NARROWEST = 4.0  # room for the legend


class Picture(NamedTuple):
    """A graph as it was when it was drawn. A notebook shows it by itself."""

    boxes: list[Box]
    sizes: list[Size]
    layout: Layout
    passed: list[bool] | None = None  # of each arrow, whether a gradient has gone along it
    caption: str = ""
    narrowest: float = NARROWEST

    def figure(self) -> Figure:
        """The picture as a matplotlib figure, as many inches large as its boxes need."""
        with matplotlib.style.context("default"):
            figure = Figure(figsize=self.extent())
            FigureCanvasAgg(figure)
            self.paint(figure.add_axes((0, 0, 1, 1)))
        return figure

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture to a file, in the format that its ending says: png, svg or pdf."""
        with matplotlib.style.context("default"):
            self.figure().savefig(path, dpi=120)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        with matplotlib.style.context("default"):
            self.figure().savefig(buffer, format="png", dpi=96)
        return buffer.getvalue()

    def __repr__(self) -> str:
        return f"<Picture of {len(self.boxes)} boxes: .save('graph.png') writes it, .figure() gives matplotlib's figure>"

    def extent(self) -> tuple[float, float]:
        """Width and height in inches."""
        top = CAPTION if self.caption else 0.0
        return self.width() + 2 * MARGIN, top + self.layout.height + legend(self.kinds(), self.width())[1] + 3 * MARGIN

    def width(self) -> float:
        return max(self.layout.width, self.narrowest)

    def kinds(self) -> list[str]:
        """The kinds of boxes that the legend must explain."""
        there = {box.kind for box in self.boxes} | {"saved" for box in self.boxes if box.saved}
        return [kind for kind in ("operation", "leaf", "parameter", "folded", "saved") if kind in there]

    def paint(self, axes: Axes) -> None:
        """Draws everything on axes that are as large as ``extent()`` says."""
        width, height = self.extent()
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.axis("off")
        left, top = MARGIN + (self.width() - self.layout.width) / 2, MARGIN
        if self.caption:
            caption(axes, MARGIN, MARGIN, self.caption)
            top += CAPTION
        every = self.passed if self.passed is not None else [None] * len(self.layout.routes)
        for route, passed in zip(self.layout.routes, every, strict=True):
            paint_arrow(axes, [(left + x, top + y) for x, y in route], passed)
        for box, size, (x, y) in zip(self.boxes, self.sizes, self.layout.centers, strict=True):
            paint_box(axes, box, (left + x, top + y), size)
        for kind, (x, y) in legend(self.kinds(), self.width())[0]:
            paint_legend_entry(axes, kind, MARGIN + x, top + self.layout.height + MARGIN + y)


def draw(of: Any, model: Any = None) -> Picture:
    """A picture of the graph of a tensor: each node with its formula, its value if that is known, and what it saved.

    Boxes lie under those that their gradients come from: the tensor itself is on top, leaves are below, as the backward
    pass goes. Leaves have the names of your variables, parameters those that ``model`` gives them. The gradient of a leaf is
    its ``.grad``; those of the other nodes exist only while a pass runs, so ``animate`` shows them. A graph of more than 32
    nodes is folded: by the modules of ``model``, by what repeats.

    Works on graphs of PyTorch too. Raises ValueError if the tensor has no graph.

    >>> import minigrad
    >>> w = minigrad.tensor(2.0, requires_grad=True)
    >>> draw(w * w)
    <Picture of 2 boxes: .save('graph.png') writes it, .figure() gives matplotlib's figure>
    """
    nodes = walk(of)
    if not nodes:
        raise ValueError("there is no graph to draw: no tensor with requires_grad=True took part in computing this one")
    found = names(model)
    groups = grouped(nodes, model)
    values = known_values(of, nodes, found)
    boxes = [write(group, found, values) for group in groups]
    sizes = [room(box) for box in boxes]
    return Picture(boxes, sizes, place(sizes, edges_between(groups)))
