"""``python -m examples`` lists the examples and runs them all; ``python -m examples NAME ...`` runs those named."""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import traceback
from typing import Any

try:
    import torch

    from reference import both, choose_device

    from . import (
        accumulation,
        anatomy,
        custom_function,
        digits,
        double_backward,
        from_scratch,
        graph_of_a_step,
        hooks,
        huber,
        inplace_and_views,
        learning_rates,
        linear_regression,
        loss_broadcasting,
        nan_hunt,
        optimizers,
        retain_grad,
        topological_order,
        trainer,
        two_moons,
        vectorisation,
    )
    from .page import save_page
    from .run import RUN, Run
except ModuleNotFoundError as error:
    raise SystemExit(f"{error}: the examples compare with torch and draw figures; pip install -e '.[reference]'") from None

IN_ORDER = (  # in which to read them
    linear_regression,
    from_scratch,
    anatomy,
    topological_order,
    graph_of_a_step,
    retain_grad,
    accumulation,
    learning_rates,
    optimizers,
    loss_broadcasting,
    huber,
    nan_hunt,
    inplace_and_views,
    hooks,
    double_backward,
    custom_function,
    vectorisation,
    two_moons,
    digits,
    trainer,
)
EXAMPLES = {module.__name__.rpartition(".")[2]: module for module in IN_ORDER}


def first_step(torch: Any) -> None:
    """Before the clock runs: torch imports much of itself, for most of a second, with the first step of an optimiser."""
    torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=0.1).step()


def run(example: Any, device: torch.device, quick: bool) -> Run:
    """Run one example, and print and keep what it prints. One that raises has failed; those after it still run."""
    made, threads = Run(device, quick), torch.get_num_threads()
    torch.set_num_threads(1)  # what these programs compute is small: more threads would spend their time in waiting
    with contextlib.redirect_stdout(io.StringIO()) as out:
        before = RUN.set(made)
        try:
            made.verdict = "agree" if example.main() else "DISAGREE"
        except Exception as error:
            traceback.print_exc(file=out)
            made.verdict = type(error).__name__
        finally:
            RUN.reset(before)
            torch.set_num_threads(threads)
    made.output = out.getvalue()
    print(made.output, end="")
    return made


def main() -> int:
    """Run what the command line asks for. Returns the exit status: 1 if an example disagrees with torch, or fails."""
    listing = "\n".join(f"  {name:<20}{module.__doc__}" for name, module in EXAMPLES.items())
    parser = argparse.ArgumentParser(
        prog="python -m examples",
        description="Each example is one program, run under minigrad and under torch, and compared.",
        epilog=f"examples:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="an example to run; all if none is named")
    parser.add_argument("--quick", action="store_true", help="fewer epochs where an example trains for long")
    parser.add_argument(
        "--device", choices=["cpu", "cuda", "auto"], default="cpu", help="where torch computes (auto: CUDA if there)"
    )
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in EXAMPLES]
    if unknown:
        parser.error(f"there is no example {unknown[0]!r}; choose from {', '.join(EXAMPLES)}")
    try:
        device = choose_device(arguments.device)
    except RuntimeError as error:
        parser.error(str(error))
    if not arguments.names:
        print(f"Each example is one program, run under minigrad and under torch:\n{listing}")

    both(first_step, device=device)
    runs = {}
    for name in arguments.names or EXAMPLES:
        print(f"\n--- {name} {'-' * (75 - len(name))}\n")
        runs[name] = run(EXAMPLES[name], device, arguments.quick)

    print(f"\n--- summary {'-' * 68}\n\n{'example':<22}{'agreement':<18}{'minigrad':>11}{'torch':>11}   verdict")
    for name, made in runs.items():
        ours, theirs = made.seconds.values()
        print(f"{name:<22}{made.agreement:<18}{1e3 * ours:8,.1f} ms{1e3 * theirs:8,.1f} ms   {made.verdict}")
    where = "one thread of the CPU" if device.type == "cpu" else torch.cuda.get_device_name(device)
    engines = f"minigrad on the CPU, torch {torch.__version__} on {where}."
    print(f"\nagreement: of all the numbers compared, the one furthest from torch's.\n{engines}")
    print(f"output and figures together: {save_page(runs, EXAMPLES, engines)}")
    failed = [name for name, made in runs.items() if made.verdict != "agree"]
    if failed:
        print(f"\nDisagreement in: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
