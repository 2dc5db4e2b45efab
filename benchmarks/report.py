"""The results for people: a line for each workload as it is done, a table in Markdown, a figure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .workloads import WORKLOADS, Workload

Results = Mapping[str, Mapping[str, Mapping[str, float]]]

ENGINES = ("minigrad", "torch", "torch, all threads", "by hand", "autograd", "mygrad")
_COLORS = dict(zip(ENGINES, ("tab:red", "black", "tab:gray", "tab:green", "tab:blue", "tab:orange"), strict=True))
_MARKS = dict(zip(ENGINES, "o|xs^v", strict=True))


def duration(microseconds: float) -> str:
    """A time in a unit that suits it: ``15.3 us``, ``1.20 ms``, ``2.10 s``."""
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= size:
            return f"{microseconds / size:.2f} {unit}"
    return f"{microseconds:.1f} us"


def aim(work: Workload, found: Mapping[str, Mapping[str, float]]) -> str:
    """The targets of a workload, each with whether it is met."""
    own = found["minigrad"]
    aims = ((work.target, own["ratio"], ""), (work.target_by_hand, own["ratio_to_hand"], " by hand"))
    return ", ".join(
        f"{'met' if ratio <= target else 'missed'}: {ratio:.2f} of {target}{what}" for target, ratio, what in aims if target
    )


def line(work: Workload, found: Mapping[str, Mapping[str, float]]) -> str:
    """One line: minigrad's and torch's time, the ratios of all engines, the target."""
    times = f"{duration(found['minigrad']['microseconds']):>9} /{duration(found['torch']['microseconds']):>9}"
    ratios = "  ".join(
        f"{engine} {found[engine]['ratio']:.2f}" for engine in ENGINES if engine in found and engine != "torch"
    )
    return f"{work.name:20}{times}   {aim(work, found):28}  {ratios}"


def table(facts: Mapping[str, Any], results: Results) -> str:
    """All results as a page of Markdown."""
    rows = ["# Benchmarks", "", *(f"- {name}: {fact}" for name, fact in facts.items()), ""]
    rows += [
        "The time of torch, then the time of each engine as a multiple of it, the median of rounds taken in turn; for minigrad",
        "with the quartiles.",
        "",
        f"| workload | torch | {' | '.join(e for e in ENGINES if e != 'torch')} | target |",
        "|---|---|" + "---|" * len(ENGINES),
    ]
    for name, found in results.items():
        cells = [f"{WORKLOADS[name].description} (`{name}`)", duration(found["torch"]["microseconds"])]
        for engine in ENGINES:
            if engine == "torch":
                continue
            cell = f"{found[engine]['ratio']:.2f}" if engine in found else ""
            if engine == "minigrad":
                cell = f"**{cell}** ({found[engine]['ratio_low']:.2f} to {found[engine]['ratio_high']:.2f})"
            cells.append(cell)
        rows.append(f"| {' | '.join([*cells, aim(WORKLOADS[name], found)])} |")
    for name, found in results.items():
        if peaks := {engine: each.get("peak_memory") for engine, each in found.items() if each.get("peak_memory")}:
            listed = ", ".join(f"{engine} {peak:.0f} MiB" for engine, peak in peaks.items())
            ratio = f" (minigrad: {peaks['minigrad'] / peaks['torch']:.2f} of torch)"
            rows += ["", f"Peak resident memory of a step of `{name}`, above the data: {listed}{ratio}."]
    return "\n".join(rows) + "\n"


def draw(results: Results, file: Path) -> None:
    """Ratios to torch for every workload, and the time of a node against the length of the chain."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import LogLocator

    chains = {int(float(match[1])): found for name, found in results.items() if (match := re.fullmatch("chain_(.+)", name))}
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(13, 2 + 0.24 * len(results)), width_ratios=(3, 2), layout="constrained"
    )
    for engine in ENGINES:
        if engine == "torch":
            continue
        places = [(found[engine]["ratio"], row) for row, found in enumerate(results.values()) if engine in found]
        style = {"linestyle": "", "marker": _MARKS[engine], "color": _COLORS[engine], "label": engine}
        if places:
            left.plot(*zip(*places, strict=True), markersize=8 if engine == "minigrad" else 5, **style)
    for row, name in enumerate(results):
        if target := WORKLOADS[name].target:
            left.plot([target, target], [row - 0.4, row + 0.4], color="tab:red", linewidth=1)
    left.axvline(1, color="black", linewidth=1, marker=_MARKS["torch"], label="torch")
    left.set(xscale="log", yticks=range(len(results)), yticklabels=list(results), ylim=(len(results) - 0.5, -0.5))
    left.set(title="Time as a multiple of torch's (one thread); red lines: targets", xlabel="ratio, below 1 is faster")
    left.grid(axis="x", alpha=0.3)
    for engine in ENGINES:
        points = [(nodes, found[engine]["microseconds"]) for nodes, found in sorted(chains.items()) if engine in found]
        if points and engine != "torch, all threads":
            right.plot(*zip(*points, strict=True), marker=_MARKS[engine], color=_COLORS[engine], label=engine)
    right.set(title="y = y * a + b: microseconds a node, both passes", xlabel="nodes", xscale="log", yscale="log")
    right.grid(alpha=0.3)
    for axis in (left.xaxis, right.yaxis):
        axis.set(major_locator=LogLocator(subs=(1, 2, 5)), major_formatter="{x:g}", minor_formatter="")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=len(ENGINES))
    figure.savefig(file, dpi=110)
    plt.close(figure)
