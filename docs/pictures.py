"""The pictures of the pages, each drawn from a program that its page shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import minigrad as torch
from minigrad.study import animate, draw
from minigrad.study.program import at_first_backward

HERE = Path(__file__).parent


def at_backward(program: str, show: Callable[[Any], Any]) -> Any:
    """What ``show(loss)`` makes of a program's loss when the program calls ``backward()`` for the first time."""
    shown: list[Any] = []  # the names of the program's tensors are looked up in all frames, so none here may hide them
    at_first_backward([str(HERE / "programs" / program)], lambda _loss, _: shown.append(show(_loss)))
    return shown[0]


def graph() -> Figure:
    return at_backward("line.py", draw).figure()


def backward() -> Figure:
    return at_backward("line.py", animate).pictures[5].figure()


def order() -> Figure:
    return at_backward("doubled.py", draw).figure()


def accumulation() -> Figure:
    """Descent on (w - 3)**2, with and without clearing the gradient before each step."""
    figure, axes = chart("step", "w")
    for label, clear, style in (("zero_grad() before each backward()", True, "o-"), ("without", False, "s--")):
        w = torch.tensor(0.0, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=0.1)
        path = [w.item()]
        for _ in range(30):
            if clear:
                optimizer.zero_grad()
            ((w - 3) ** 2).backward()
            optimizer.step()
            path.append(w.item())
        axes.plot(path, style, markersize=4, label=label)
    axes.axhline(3, color="gray", linewidth=1)
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def broadcast() -> Figure:
    """The line that descent finds for labels of shape (3,), and for labels of shape (3, 1)."""
    figure, axes = chart("x", "y")
    x, y = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([3.0, 5.0, 7.0])
    axes.plot(x.reshape(-1).numpy(), y.numpy(), "ko", label="data")
    for label, labels, style in (("y of shape (3,)", y, "--"), ("y of shape (3, 1)", y.reshape(-1, 1), "-")):
        w, b = torch.zeros(1, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([w, b], lr=0.1)
        for _ in range(500):
            optimizer.zero_grad()
            ((x @ w + b - labels) ** 2).mean().backward()
            optimizer.step()
        axes.plot(x.reshape(-1).numpy(), (x @ w + b).detach().reshape(-1).numpy(), style, label=label)
    axes.set_xticks([1, 2, 3])
    figure.legend(loc="outside upper center", ncols=3)
    return figure


def chart(xlabel: str, ylabel: str) -> tuple[Figure, Any]:
    """An empty figure with axes."""
    figure = Figure(figsize=(6, 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(xlabel=xlabel, ylabel=ylabel)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


PICTURES = {f"{function.__name__}.svg": function for function in (graph, order, backward, accumulation, broadcast)}


def save(name: str, folder: Path = HERE) -> Path:
    """Write a picture as SVG, with its text as outlines: it looks the same wherever it is opened."""
    with matplotlib.style.context("default"), matplotlib.rc_context({"svg.hashsalt": "minigrad", "svg.fonttype": "path"}):
        PICTURES[name]().savefig(folder / name, metadata={"Date": None, "Creator": None})
    return folder / name


def drawn(path: Path) -> tuple[list[str], list[float]]:
    """What is in an SVG file: its texts and colours, and the points that its lines go through. Not how letters are formed."""
    text = path.read_text(encoding="utf-8")
    lines = re.sub(r"<defs>.*?</defs>|<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    points = [float(number) for point in re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", lines) for number in point]
    return re.findall(r"<!-- (.*?) -->", text) + re.findall(r"#[0-9a-f]{6}\b", lines), points
