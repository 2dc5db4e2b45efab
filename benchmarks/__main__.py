"""``python -m benchmarks`` checks that all engines agree, times them in turn, and prints ratios to torch's time."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from .memory import ENVIRONMENT
from .report import draw, line, table
from .workloads import WORKLOADS, Workload, engines

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
TRIES = 10  # of a ratio that is above its guard
LONG = 1_000_000  # nodes in the graph of one step: too long to be quick


def arguments() -> argparse.Namespace:
    """The command line."""
    listing = "\n".join(f"  {work.name:<20}{work.description}" for work in WORKLOADS.values())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=f"workloads:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", action="append", choices=WORKLOADS, metavar="NAME", help="time this workload; may be repeated"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="few short rounds, without the longest work: shows that everything runs, not how fast",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results to this file")
    parser.add_argument("--table", type=Path, metavar="FILE", help="also write them as a table in Markdown")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="also draw them; needs matplotlib")
    options = parser.parse_args()
    for name in ("json", "table", "figure"):
        file = getattr(options, name)
        if file and not file.parent.is_dir():
            parser.error(f"--{name} {file}: there is no folder {file.parent}")
    return options


def environment() -> dict[str, Any]:
    """What the numbers depend on."""
    packages = ("torch", "numpy", "autograd", "mygrad")
    installed = {dist.metadata["Name"]: dist.version for dist in importlib.metadata.distributions()}
    model = [text for text in _read("/proc/cpuinfo") if text.startswith("model name")]
    return {
        "python": platform.python_version(),
        **{name: installed[name] for name in packages if name in installed},
        "system": platform.platform(),
        "processor": model[0].partition(": ")[2] if model else platform.processor(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "threads": "NumPy's BLAS and torch have one thread each, where nothing else is said",
    }


def _read(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def in_a_process(*words: str, **variables: str) -> Any:
    """What ``python -m benchmarks.measure`` writes, run with these words and environment variables."""
    command = [sys.executable, "-m", "benchmarks.measure", *words]
    search = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": search, **variables}, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def measured(work: Workload, quick: bool) -> dict[str, Any]:
    """The results of one workload: for each engine its time, its ratios and, where asked for, its peak memory in MiB."""
    variables = dict.fromkeys(THREADS, str(work.threads)) if work.threads else {}
    amount = ("3", "0.002", "1") if quick else ("25", "0.02", "60")
    found = in_a_process(work.name, *amount, **variables)
    if work.memory and "disagree" not in found:
        for engine in engines(work):
            found[engine]["peak_memory"] = in_a_process(work.name, engine, **variables, **ENVIRONMENT)
    return found


def doubled(work: Workload, found: dict[str, Any]) -> bool:
    """Whether the ratio to torch's time is above its guard, about twice what it should be, in each of several tries.

    Noise makes single tries slow, but none fast.
    """
    if work.guard is None:
        return False
    for _ in range(TRIES):
        if found["minigrad"]["ratio"] <= work.guard:
            return False
        found = measured(work, quick=True)
    return bool(found["minigrad"]["ratio"] > work.guard)


def main() -> int:
    """Run the workloads. Returns the exit status: 1 if two engines disagree, or with --quick if a ratio has doubled.

    A missed target is only marked.
    """
    options = arguments()
    facts = environment()
    print(*[f"{name}: {fact}" for name, fact in facts.items()], sep="\n")
    print("\nmedian time, and ratio to torch, of rounds in turn")
    results = {}
    status = 0
    names = options.only or [name for name, work in WORKLOADS.items() if not (options.quick and work.per >= LONG)]
    for name in names:
        found = measured(WORKLOADS[name], options.quick)
        if "disagree" in found:
            print(f"{name:20} DISAGREE: {found['disagree']}")
            status = 1
            continue
        if options.quick and doubled(WORKLOADS[name], found):
            print(f"{name:20} SLOW: more than {WORKLOADS[name].guard} of torch's time in all of {TRIES} tries")
            status = 1
        results[name] = found
        print(line(WORKLOADS[name], found), flush=True)
    if options.json:
        options.json.write_text(json.dumps({"environment": facts, "results": results}, indent=2) + "\n")
    if options.table:
        options.table.write_text(table(facts, results))
    if options.figure:
        draw(results, options.figure)
    return status


if __name__ == "__main__":
    sys.exit(main())
