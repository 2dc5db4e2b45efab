"""How the boxes and arrows of a picture look, and how much room they need.

Mirrors: nothing in PyTorch.
"""

from __future__ import annotations

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch, PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextToPath

from .boxes import Box
from .layout import Point, Size

# NOTE [Told apart without colour]: a picture must read on black and white paper, and for readers who see no colours. So each
# kind of box has an outline of its own, and colour only repeats what the outline says. A gradient that is not computed yet
# is hatched, one that is 0 reads 0.
COLOURS = {"operation": "#ffffff", "leaf": "#d9f0d3", "parameter": "#d3e5f7", "folded": "#ececec", "saved": "#fff2c4"}
MEANINGS = {
    "operation": "operation: a node of the graph",
    "leaf": "leaf, and its AccumulateGrad",
    "parameter": "parameter, a leaf of a module",
    "folded": "many nodes in one box",
    "saved": "tensor saved for the backward pass",
}
NOT_YET = "not computed yet"

TITLE = FontProperties(family="DejaVu Sans", size=9, weight="bold")  # the font that comes with matplotlib
PLAIN = FontProperties(family="DejaVu Sans", size=8)
ASIDE = FontProperties(family="DejaVu Sans", size=8, style="italic")

LINE, PAD, CORNER = 0.16, 0.1, 0.11  # inches, as all lengths here; y grows downwards
CAPTION = 0.3
NOTE, BESIDE = 0.25, 0.09  # the height of a saved tensor, and its distance from its box


def width(text: str, font: FontProperties) -> float:
    """The width of a text in inches, with 5% more for the rounding to pixels."""
    return float(TextToPath().get_text_width_height_descent(text, font, ismath=False)[0]) / 72 * 1.05


def room(box: Box) -> Size:
    """The room that a box needs, saved tensors included."""
    widest = max(width(line, PLAIN if number else TITLE) for number, line in enumerate(box.lines))
    if box.gradient is not None:
        widest = max(widest, width(*_gradient_text(box.gradient)))
    height = 2 * PAD + LINE * len(box.lines) + (LINE + 0.06 if box.gradient is not None else 0)
    notes = max((width(line, PLAIN) + 2 * PAD + BESIDE for line in box.saved), default=0.0)
    return Size(widest / 2 + PAD + CORNER, notes, max(height, NOTE * len(box.saved) + 0.05 * (len(box.saved) - 1)))


def _gradient_text(gradient: str) -> tuple[str, FontProperties]:
    return (f"grad = {gradient}", PLAIN) if gradient else (f"grad {NOT_YET}", ASIDE)


def outline(kind: str, left: float, top: float, right: float, bottom: float) -> Path:
    """The outline of a kind of box. The middle of its upper and of its lower border is straight, for the arrows."""
    corner = min(CORNER, (bottom - top) / 3) if kind in ("leaf", "parameter", "saved") else 0.0
    l, t, r, b = left + corner, top + corner, right - corner, bottom - corner  # noqa: E741
    if kind == "saved":  # a sheet of paper with a dog's ear
        corners = [(left, top), (r, top), (right, t), (right, bottom), (left, bottom)]
        return Path([*corners, corners[0]], closed=True)
    if kind == "leaf":
        curves = [
            (left, b), (left, t), (left, top), (l, top), (r, top), (right, top), (right, t),
            (right, b), (right, bottom), (r, bottom), (l, bottom), (left, bottom), (left, b),
        ]  # fmt: skip
        return Path(curves, [Path.MOVETO, *[Path.LINETO, Path.CURVE3, Path.CURVE3] * 4])
    corners = [(l, top), (r, top), (right, t), (right, b), (r, bottom), (l, bottom), (left, b), (left, t)]
    return Path([*corners, corners[0]], closed=True)


def paint_box(axes: Axes, box: Box, center: Point, size: Size) -> None:
    """Draws a box with what is written in it, and the saved tensors on its right."""
    x, y = center
    left, top, right, bottom = x - size.half, y - size.height / 2, x + size.half, y + size.height / 2
    shape = PathPatch(
        outline(box.kind, left, top, right, bottom),
        facecolor=COLOURS[box.kind],
        edgecolor="black",
        linewidth=3.0 if box.running else 1.8 if box.kind == "parameter" else 1.0,
        zorder=2,
        gid=box.kind,
    )
    axes.add_patch(shape)
    if box.kind == "folded":
        for side in (left + 0.06, right - 0.06):
            axes.plot([side, side], [top, bottom], color="black", linewidth=1.0, zorder=2)
    lowest = bottom
    if box.gradient is not None:
        lowest = bottom - LINE - 0.06
        if not box.gradient:
            hatched = PathPatch(
                Path([(left + 0.02, lowest), (right - 0.02, lowest), (right - 0.02, bottom), (left + 0.02, bottom)]),
                zorder=2,
            )
            hatched.set(facecolor="none", edgecolor="#c4c4c4", linewidth=0, hatch="////", clip_path=shape)
            axes.add_patch(hatched)
        axes.plot([left, right], [lowest, lowest], color="black", linewidth=0.6, zorder=2)
        text, font = _gradient_text(box.gradient)
        _write(axes, x, (lowest + bottom) / 2, text, font)
    first = (top + lowest - LINE * (len(box.lines) - 1)) / 2
    for number, line in enumerate(box.lines):
        _write(axes, x, first + LINE * number, line, PLAIN if number else TITLE)
    for number, line in enumerate(box.saved):
        _paint_note(axes, line, right + BESIDE, y + (number - len(box.saved) / 2) * (NOTE + 0.05) + 0.025)


def _paint_note(axes: Axes, line: str, left: float, top: float) -> None:
    right = left + width(line, PLAIN) + 2 * PAD
    shape = PathPatch(outline("saved", left, top, right, top + NOTE), zorder=2, gid="saved")
    shape.set(facecolor=COLOURS["saved"], edgecolor="black", linewidth=0.8, linestyle=(0, (3, 1.5)))
    axes.add_patch(shape)
    axes.plot([left - BESIDE, left], [top + NOTE / 2] * 2, color="black", linewidth=0.8, linestyle=":", zorder=1)
    _write(axes, (left + right) / 2, top + NOTE / 2, line, PLAIN)


def paint_arrow(axes: Axes, route: list[Point], passed: bool | None = None) -> None:
    """Draws an arrow along a route; in a backward pass a dashed one where no gradient has ``passed`` yet."""
    corners, codes = [route[0]], [Path.MOVETO]
    for start, end in pairwise(route):
        if abs(start[1] - end[1]) > 1e-6:  # a segment without length would leave the arrow without a head
            half = (start[1] + end[1]) / 2
            corners += [(start[0], half), (end[0], half), end]  # leaves and arrives upright
            codes += [Path.CURVE4] * 3
    arrow = FancyArrowPatch(path=Path(corners, codes), arrowstyle="-|>", mutation_scale=10, shrinkA=0, shrinkB=0, zorder=1)
    arrow.set(color="#999999" if passed is False else "black", linewidth=1.8 if passed else 0.9)
    arrow.set_linestyle("--" if passed is False else "-")
    axes.add_patch(arrow)


def legend(kinds: list[str], available: float) -> tuple[list[tuple[str, Point]], float]:
    """Where the entries of the legend go, from left to right in as many rows as it takes; and the height of it all."""
    places, x, y = [], 0.0, 0.0
    for kind in kinds:
        needed = _SAMPLE + width(MEANINGS[kind], PLAIN) + 0.3
        if x and x + needed > available:
            x, y = 0.0, y + 0.3
        places.append((kind, (x, y)))
        x += needed
    return places, y + 0.3


_SAMPLE = 0.45


def paint_legend_entry(axes: Axes, kind: str, left: float, top: float) -> None:
    """Draws a small box, and says what its shape means."""
    if kind == "saved":
        shape = PathPatch(outline("saved", left, top, left + 0.35, top + 0.2), linestyle=(0, (3, 1.5)))
        shape.set(facecolor=COLOURS["saved"], edgecolor="black", linewidth=0.8)
        axes.add_patch(shape)
    else:
        paint_box(axes, Box(kind, ("",)), (left + 0.175, top + 0.1), Size(0.175, 0, 0.2))
    _write(axes, left + _SAMPLE, top + 0.1, MEANINGS[kind], PLAIN, "left")


def caption(axes: Axes, left: float, top: float, text: str) -> None:
    """Writes what a picture shows, above it."""
    _write(axes, left, top, text, TITLE, "left")


def _write(axes: Axes, x: float, y: float, text: str, font: FontProperties, align: str = "center") -> None:
    axes.text(x, y, text, fontproperties=font, ha=align, va="center_baseline", zorder=3, parse_math=False)
