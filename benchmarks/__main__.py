"""``python -m benchmarks`` checks that all agree, times them in turn, and prints ratios to torch's time."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from pathlib import Path

import numpy as np
import torch

import minigrad

from .timing import check_agreement, summary, time_in_turn
from .workloads import WORKLOADS


def arguments() -> argparse.Namespace:
    """The command line."""
    listing = "\n".join(f"  {work.name:<14}{work.description}" for work in WORKLOADS.values())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=f"workloads:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", action="append", choices=WORKLOADS, metavar="NAME", help="time this workload; may be repeated"
    )
    parser.add_argument("--quick", action="store_true", help="few short rounds: shows that everything runs, not how fast")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results to this file")
    options = parser.parse_args()
    if options.json and not options.json.parent.is_dir():
        parser.error(f"--json {options.json}: there is no folder {options.json.parent}")
    return options


def main() -> int:
    """Run the workloads. Returns the exit status: 1 if two engines disagree; a missed target is only marked."""
    options = arguments()
    torch.set_num_threads(1)
    rounds, seconds = (3, 0.002) if options.quick else (25, 0.02)
    print(f"torch {torch.__version__} and NumPy {np.__version__}, one thread each; medians of {rounds} rounds in turn")
    print(f"\n{'':12}{'minigrad':>12}{'torch':>12}{'by hand':>12}   {'minigrad/torch':15}hand/torch")

    results, disagree = {}, []
    for name in options.only or WORKLOADS:
        work = WORKLOADS[name]
        program, by_hand = work.make()
        steps = {"minigrad": program(minigrad), "torch": program(torch), "by hand": by_hand()}
        try:
            check_agreement(name, steps, calls=3)
        except ValueError as error:
            print(f"{name:12}DISAGREE: {error}")
            disagree.append(name)
            continue
        found = results[name] = summary(time_in_turn(steps, rounds, seconds), work.per)
        times = "".join(f"{found[engine]['microseconds']:9.2f} us" for engine in steps)
        ratio = found["minigrad"]["ratio"]
        aim = "" if work.target is None else f"{'<=' if ratio <= work.target else '> '} {work.target}"
        print(f"{name:12}{times}   {ratio:5.2f} {aim:9}{found['by hand']['ratio']:10.2f}", flush=True)

    print()
    for name in results:
        print(f"{name:12}{WORKLOADS[name].description}")
    if options.json:
        facts = {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__, "rounds": rounds}
        options.json.write_text(json.dumps({**facts, "results": results}, indent=2) + "\n")
    return 1 if disagree else 0


if __name__ == "__main__":
    sys.exit(main())
