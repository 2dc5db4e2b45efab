"""Shows a backward pass as a film: a picture of the graph for each node that runs.

Mirrors: nothing in PyTorch.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import matplotlib.style
from matplotlib.animation import FuncAnimation
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .boxes import Box, known_values, numbers, write
from .drawing import NARROWEST, Picture
from .grouping import edges_between, grouped
from .layout import Size, place
from .paint import TITLE, room, width
from .protocol import names, walk
from .tracing import steps

# matplotlib takes the signs on its buttons from a server. A page that stands alone has its own.
SIGNS = {
    "minus": "-", "fast-backward": "|◄", "step-backward": "<", "play": "►", "play.fa-flip-horizontal": "◄", "pause": "‖",
    "step-forward": ">", "fast-forward": "►|", "plus": "+",
}  # fmt: skip


class Film:
    """The pictures of a backward pass, one after the other. A notebook shows them by itself."""

    def __init__(self, pictures: list[Picture]) -> None:
        self.pictures = pictures

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a page of HTML that needs nothing else, with buttons to step forward and back."""
        page = f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>A backward pass</title>\n{self._repr_html_()}</html>\n'
        Path(path).write_text(page, encoding="utf-8")

    def _repr_html_(self) -> str:
        with matplotlib.style.context("default"):
            figure = Figure(figsize=self.pictures[0].extent(), dpi=90)
            FigureCanvasAgg(figure)
            axes = figure.add_axes((0, 0, 1, 1))

            def show(number: int) -> list[Any]:
                axes.clear()
                self.pictures[number].paint(axes)
                return []

            film = FuncAnimation(figure, show, len(self.pictures), init_func=lambda: [], interval=1500)
            html = film.to_jshtml(default_mode="once")
        styles = "".join(f'.fa-{name}::before {{ content: "{sign}"; font-style: normal }}\n' for name, sign in SIGNS.items())
        return re.sub(r"<link\b[^>]*>", f"<style>\n{styles}</style>", html)

    def __repr__(self) -> str:
        return f"<Film of {len(self.pictures)} pictures: .save('backward.html') writes it, .pictures[-1] is the last>"


def animate(loss: Any, model: Any = None) -> Film:
    """Runs ``loss.backward()``, and gives a picture of the graph before it, one after each node that ran, and one at the end.

    In each of them stands what there was at that moment: the gradients that have arrived, the ``.grad`` of leaves, the saved
    tensors that are not yet freed. Nodes that are folded into one box share a picture. Otherwise as ``draw``; errors are
    those of ``backward``.

    >>> import minigrad
    >>> w = minigrad.tensor(2.0, requires_grad=True)
    >>> animate(w * w)
    <Film of 4 pictures: .save('backward.html') writes it, .pictures[-1] is the last>
    """
    nodes = walk(loss)
    found = names(model)
    groups = grouped(nodes, model)
    values = known_values(loss, nodes, found)
    edges = edges_between(groups)
    position = {node: at for at, group in enumerate(groups) for node in group.nodes}
    waiting = [len(group.nodes) for group in groups]
    arrived: dict[Any, str] = {}
    frames: list[tuple[str, list[Box], list[bool]]] = []

    def photograph(caption: str, running: Any = None) -> None:
        boxes = [write(group, found, values, arrived, running) for group in groups]
        frames.append((caption, boxes, [not waiting[above] for above, _ in edges]))

    photograph("Before the backward pass")
    for step in steps(loss, model=model):
        gradient = numbers(step.gradients if len(step.gradients) > 1 else step.gradients[0])
        arrived[step.node] = gradient
        waiting[position[step.node]] -= 1
        if not waiting[position[step.node]]:
            what = f"{step.variable or 'leaf'}.grad +=" if step.is_leaf else f"{step.title} gets grad ="
            photograph(f"Step {step.number} of {len(nodes)}: {what} {gradient}", step.node)
    photograph("After the backward pass")

    # A box has as much room in all pictures as it needs in the one where it is largest.
    rooms = zip(*([room(box) for box in boxes] for _, boxes, _ in frames), strict=True)
    sizes = [Size(*map(max, zip(*of_box, strict=True))) for of_box in rooms]
    layout = place(sizes, edges)
    narrowest = max(NARROWEST, *(width(caption, TITLE) for caption, _, _ in frames))
    return Film([Picture(boxes, sizes, layout, passed, caption, narrowest) for caption, boxes, passed in frames])
