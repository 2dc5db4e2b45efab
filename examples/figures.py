"""The figures of the examples, drawn without a screen and saved under ./figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .run import RUN

# One colour per engine everywhere, told apart without colour too: minigrad wide and pale, torch thin and dashed on top.
MINIGRAD: dict[str, Any] = {"color": "#f2a65a", "linewidth": 6, "solid_capstyle": "round", "label": "minigrad"}
TORCH: dict[str, Any] = {"color": "#1d3557", "linewidth": 1.6, "dashes": (4, 3), "label": "torch"}
INK, QUIET = "#222222", "#8a8a8a"


def _panel(axes: Axes, title: str, xlabel: str, ylabel: str) -> None:
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK, pad=10)
    axes.set_xlabel(xlabel, color=INK)
    axes.set_ylabel(ylabel, color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(QUIET)
    axes.tick_params(colors=QUIET, labelcolor=INK)
    axes.grid(color="#e8e8e8", linewidth=0.8)
    axes.set_axisbelow(True)


def _save(figure: Figure, name: str) -> Path:
    path = Path("figures") / name
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=160)
    RUN.get().figures.append(path)
    return path


def save_regression(x: Any, y: Any, ours: dict[str, Any], theirs: dict[str, Any], rounding: float) -> Path:
    """Data and fits, both loss curves, and their difference beside what rounding explains. Returns the path of the PNG."""
    figure = Figure(figsize=(13.5, 4.4), layout="constrained")
    figure.get_layout_engine().set(wspace=0.06, w_pad=0.1, h_pad=0.1)
    data, curves, gap = figure.subplots(1, 3)
    epochs = np.arange(1, len(ours["loss"]) + 1)
    losses = [np.asarray(run["loss"].tolist()) for run in (ours, theirs)]

    line = np.array([0.0, 4.6])
    for run, style in ((ours, MINIGRAD), (theirs, TORCH)):
        data.plot(line, run["w"].item() * line + run["b"].item(), **style)
        data.plot(
            4, run["f(4)"].item(), "o", color=style["color"], markersize=style["linewidth"] + 5, fillstyle="none", mew=1.8
        )
    data.plot(x, y, "o", color=INK, markersize=7, label="data, y = 2x", zorder=5)
    data.annotate(
        f"f(4) = {ours['f(4)'].item():.4f}",
        (4, ours["f(4)"].item()),
        (-14, -4),
        textcoords="offset points",
        ha="right",
        color=INK,
    )
    data.set(xlim=(0, 4.6), ylim=(0, 9.6))
    data.legend(frameon=False, loc="upper left", labelcolor=INK)
    _panel(data, f"The fit: f(x) = {ours['w'].item():.4f} x + {ours['b'].item():.4f}", "x", "y")

    for loss, style in zip(losses, (MINIGRAD, TORCH), strict=True):
        curves.semilogy(epochs, loss, **style)
    curves.legend(frameon=False, loc="upper right", labelcolor=INK)
    _panel(curves, "The loss, from the same start", "epoch", "summed squared error")

    # |d(r * r)| = 2 r |dr|: how far the loss may move when the length r of the residuals moves by the rounding.
    allowed = 2 * np.sqrt(losses[1]) * rounding
    gap.fill_between(epochs, -allowed, allowed, color="#dfe7ee", label="what rounding may do", linewidth=0)
    gap.axhline(0, color=QUIET, linewidth=0.8)
    gap.plot(epochs, losses[0] - losses[1], "o", color="#c1121f", markersize=3, label="each epoch")
    gap.set_yscale("symlog", linthresh=1e-8, linscale=0.6)
    gap.legend(frameon=False, loc="upper right", labelcolor=INK)
    _panel(gap, "The difference of the losses", "epoch", "minigrad - torch")
    return _save(figure, "linear_regression.png")


def save_learning_rates(x: list[float], y: list[float], ours: dict[str, Any], theirs: dict[str, Any]) -> Path:
    """The steps down the parabola of the loss, a panel for each rate, and all loss curves. Returns the path of the PNG."""
    figure = Figure(figsize=(15, 4.2), layout="constrained")
    figure.get_layout_engine().set(wspace=0.05, w_pad=0.1, h_pad=0.1)
    *panels, curves = figure.subplots(1, 4)
    for axes, name, colour in zip(panels, ours, ("#457b9d", "#2a9d8f", "#c1121f"), strict=True):
        run = {key: np.asarray(values.tolist()) for key, values in ours[name].items()}
        reach = max(3.0, 1.1 * np.abs(run["w"][:4] - 2).max())
        w = np.linspace(2 - reach, 2 + reach, 200)
        inside = np.abs(run["w"] - 2) < reach
        axes.plot(w, ((w[:, None] * np.array(x) - np.array(y)) ** 2).mean(axis=1), color=QUIET, linewidth=1.2)
        axes.plot(run["w"][inside], run["loss"][inside], "o-", color=colour, markersize=5, linewidth=1)
        axes.annotate("start", (run["w"][0], run["loss"][0]), (-6, -14), textcoords="offset points", ha="right", color=INK)
        _panel(axes, f"{name}: the first {inside.sum() - 1} steps", "w", "loss")
        steps = np.arange(len(run["loss"]))
        curves.semilogy(steps, run["loss"], color=colour, linewidth=5, alpha=0.45, label=f"{name}, minigrad")
        curves.semilogy(steps, np.asarray(theirs[name]["loss"].tolist()), color=INK, linewidth=1, dashes=(4, 3))
    curves.plot([], [], color=INK, linewidth=1, dashes=(4, 3), label="torch")
    curves.legend(frameon=False, labelcolor=INK, loc="lower left")
    _panel(curves, "The loss over the steps", "step", "loss")
    return _save(figure, "learning_rates.png")


def save_two_moons(points: Any, labels: Any, ours: dict[str, Any], theirs: dict[str, Any]) -> Path:
    """What the network says in every place, where it changes its mind, and the loss. Returns the path of the PNG."""
    figure = Figure(figsize=(11.5, 4.6), layout="constrained")
    figure.get_layout_engine().set(wspace=0.06, w_pad=0.1, h_pad=0.1)
    plane, curves = figure.subplots(1, 2, width_ratios=(1.5, 1))
    across, up = (ours[key].tolist() for key in ("across", "up"))
    says, torch_says = (np.array(run["plane"].tolist()) for run in (ours, theirs))
    levels = plane.contourf(across, up, says, levels=np.linspace(0, 1, 11), cmap="RdBu", alpha=0.55)
    bar = figure.colorbar(levels, ax=plane, ticks=[0, 0.5, 1], pad=0.02)
    bar.set_label("probability of the upper moon", color=INK)
    bar.outline.set_visible(False)
    for engine, values, line in ((MINIGRAD, says, "solid"), (TORCH, torch_says, "dashed")):
        drawn = {"linewidths": engine["linewidth"], "linestyles": line}
        plane.contour(across, up, values, levels=[0.5], colors=engine["color"], **drawn)
        plane.plot([], [], **{**engine, "label": f"boundary, {engine['label']}"})
    xy, upper = np.array(points.tolist()), np.array(labels.tolist()).ravel() == 1
    for chosen, marker, colour, name in ((upper, "o", "#1d4e89", "upper moon"), (~upper, "s", "#9b2226", "lower moon")):
        plane.plot(*xy[chosen].T, marker, color=colour, markersize=4, markeredgecolor="white", mew=0.5, label=name)
    plane.legend(frameon=True, framealpha=0.9, edgecolor="none", labelcolor=INK, loc="upper right", fontsize=8)
    _panel(plane, "What the network has learned", "first feature", "second feature")
    for run, style in ((ours, MINIGRAD), (theirs, TORCH)):
        curves.semilogy(run["loss"].tolist(), **style)
    curves.legend(frameon=False, labelcolor=INK)
    _panel(curves, "The loss, from the same start", "step", "binary cross entropy")
    return _save(figure, "two_moons.png")


def save_optimizers(ours: dict[str, Any], theirs: dict[str, Any]) -> Path:
    """A panel for each of the eight: its losses under both engines, and in grey those of the others. Returns the path."""
    figure = Figure(figsize=(15, 6.8), layout="constrained")
    grid = figure.subplots(2, 4, sharex=True, sharey=True).flat
    for axes, name in zip(grid, ours, strict=True):
        for other in theirs.values():
            axes.semilogy(other["loss"].tolist(), color="#dcdcdc", linewidth=1)
        for run, style in ((ours, MINIGRAD), (theirs, TORCH)):
            axes.semilogy(run[name]["loss"].tolist(), **style)
        _panel(axes, name, "step", "mean squared error")
        axes.label_outer()
    grid[0].legend(frameon=False, loc="upper right", labelcolor=INK)
    return _save(figure, "optimizers.png")


def save_huber(ours: dict[str, Any], theirs: dict[str, Any]) -> Path:
    """The points and the line that each loss chose, and what a point at a distance costs it. Returns the path of the PNG."""
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    figure.get_layout_engine().set(wspace=0.06, w_pad=0.1, h_pad=0.1)
    data, cost = figure.subplots(1, 2)
    data.plot(ours["x"].tolist(), ours["y"].tolist(), "o", color=QUIET, markersize=5)
    x, far = np.array([-1.0, 1.0]), np.linspace(-3, 3, 301)
    near = np.abs(far) <= 0.5
    costs = {"MSELoss": far**2, "L1Loss": np.abs(far), "HuberLoss": np.where(near, far**2 / 2, np.abs(far) / 2 - 0.125)}
    for (loss, values), colour in zip(costs.items(), ("#c1121f", "#457b9d", "#2a9d8f"), strict=True):
        for run, style in (
            (ours, {**MINIGRAD, "color": colour, "alpha": 0.45, "label": loss}),
            (theirs, {**TORCH, "label": ""}),
        ):
            data.plot(x, run[loss]["w"].item() * x + run[loss]["b"].item(), **style)
        cost.plot(far, values, color=colour, linewidth=2, label=loss)
    data.plot([], [], **TORCH)
    for axes in (data, cost):
        axes.legend(frameon=False, labelcolor=INK, loc="upper center")
    cost.set_ylim(0, 4)
    _panel(data, "50 points, six of them far above the line", "x", "y")
    _panel(cost, "What one point costs", "prediction - y", "loss")
    return _save(figure, "huber.png")


def save_digits(images: Any, digits: Any, ours: dict[str, Any], theirs: dict[str, Any]) -> Path:
    """Loss and accuracy of the epochs, and some test images under what was read in them. Returns the path of the PNG."""
    figure = Figure(figsize=(14, 4.4), layout="constrained")
    loss, accuracy, shown = figure.subfigures(1, 3, width_ratios=(1, 1, 1.2))
    loss, accuracy = (part.subplots() for part in (loss, accuracy))
    for run, style in ((ours, MINIGRAD), (theirs, TORCH)):
        epochs = np.arange(1, len(run["right"]) + 1)
        loss.semilogy(epochs, run["loss"].tolist(), **style)
        accuracy.plot(epochs, np.array(run["right"]) / len(digits), **style)
    loss.legend(frameon=False, labelcolor=INK)
    _panel(loss, "The loss, from the same start", "epoch", "cross entropy")
    _panel(accuracy, "Images read right", "epoch", f"of {len(digits)} test images")
    reads = np.array(ours["reads"].tolist())
    wrong, right = (np.flatnonzero(found) for found in (reads != digits, reads == digits))
    shown.suptitle("What was read; in red, mistakes", fontsize=11, fontweight="bold", color=INK)
    for axes, at in zip(shown.subplots(3, 6).flat, [*wrong[:6], *right], strict=False):
        axes.imshow(images[at].reshape(8, 8), cmap="Greys")
        axes.set_axis_off()
        missed = f", is {digits[at]}" if at in wrong else ""
        axes.set_title(f"{reads[at]}{missed}", fontsize=10, color="#c1121f" if missed else INK)
    return _save(figure, "digits.png")


def save_training(ours: dict[str, Any], theirs: dict[str, Any], clip: float) -> Path:
    """The losses of the epochs, the length of the gradients, and the fit. Returns the path of the PNG."""
    figure = Figure(figsize=(13.5, 4.4), layout="constrained")
    figure.get_layout_engine().set(wspace=0.06, w_pad=0.1, h_pad=0.1)
    losses, norms, data = figure.subplots(1, 3)
    drawn = (
        (losses, "training loss", "#f2a65a"),
        (losses, "validation loss", "#8ecae6"),
        (norms, "gradient norm", "#f2a65a"),
    )
    for axes, name, colour in drawn:
        epochs = np.arange(1, len(ours[name]) + 1)
        axes.plot(epochs, ours[name].tolist(), **{**MINIGRAD, "color": colour, "linewidth": 4, "label": f"{name}, minigrad"})
        axes.plot(epochs, theirs[name].tolist(), **TORCH)
    norms.axhline(clip, color="#c1121f", linewidth=1, label="clipped to this before each step")
    data.plot(ours["x"].tolist(), ours["y"].tolist(), "o", color=QUIET, markersize=5)
    for run, style in ((ours, MINIGRAD), (theirs, TORCH)):
        data.plot(run["line"].tolist(), run["fit"].tolist(), **style)
    for axes in (losses, norms, data):
        handles = dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))  # torch's curves have one label
        axes.legend(handles.values(), handles.keys(), frameon=False, labelcolor=INK)
    _panel(losses, "The losses, means over an epoch", "epoch", "mean squared error")
    _panel(norms, "The length of all gradients together", "epoch", "mean over an epoch")
    _panel(data, "The fit to sin(2x) under noise", "x", "y")
    return _save(figure, "trainer.png")
