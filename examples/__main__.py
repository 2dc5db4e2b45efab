"""``python -m examples`` lists the examples and runs them all; ``python -m examples NAME ...`` runs those named."""

from __future__ import annotations

import argparse
import sys

try:
    from . import anatomy, from_scratch, linear_regression
except ModuleNotFoundError as error:
    raise SystemExit(f"{error}: the examples compare with torch and draw figures; pip install -e '.[reference]'") from None

EXAMPLES = {module.__name__.rpartition(".")[2]: module for module in (linear_regression, from_scratch, anatomy)}


def main() -> int:
    """Run what the command line asks for. Returns the exit status: 1 if an example disagrees with torch."""
    listing = "\n".join(f"  {name:<20}{module.__doc__}" for name, module in EXAMPLES.items())
    parser = argparse.ArgumentParser(
        prog="python -m examples",
        description="Each example is one program, run under minigrad and under torch, and compared.",
        epilog=f"examples:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="an example to run; all if none is named")
    names = parser.parse_args().names
    unknown = [name for name in names if name not in EXAMPLES]
    if unknown:
        parser.error(f"there is no example {unknown[0]!r}; choose from {', '.join(EXAMPLES)}")
    if not names:
        print(f"Each example is one program, run under minigrad and under torch:\n{listing}")

    failed = []
    for name in names or EXAMPLES:
        print(f"\n--- {name} {'-' * (75 - len(name))}\n")
        if not EXAMPLES[name].main():
            failed.append(name)
    if failed:
        print(f"\nDisagreement in: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
