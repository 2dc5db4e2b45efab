"""The peak memory of one step, for every engine alike: what Linux counts as resident, above what there was after setting up."""

from __future__ import annotations

import gc
from pathlib import Path

from .workloads.table import Step

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")

# To be set for the process that measures: what is freed then goes back to the system at once, and is not counted again.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}


def _resident(field: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def peak_memory(step: Step) -> float | None:
    """MiB at the peak of the second call (the first loads code), above those before it; None where Linux does not say."""
    if not _CLEAR.exists():
        return None
    step()
    gc.collect()
    before = _resident("VmRSS")
    _CLEAR.write_text("5")  # the peak begins anew
    step()
    return _resident("VmHWM") - before
