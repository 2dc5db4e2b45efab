"""The one device there is: the CPU, where NumPy computes.

Mirrors: c10/core/Device.h
"""

from __future__ import annotations

from typing import Any


class device:
    """Where elements lie. Only ``cpu`` can hold any; ``cuda`` can be named, so that a program may compare with it.

    Raises RuntimeError for a name that is no device, TypeError for what is no name.

    >>> device("cpu")
    device(type='cpu')
    """

    __slots__ = ("index", "type")
    type: str
    index: int | None

    def __init__(self, type: str | device, index: int | None = None) -> None:
        if isinstance(type, device):
            index = type.index
            type = type.type
        if isinstance(type, int):
            raise RuntimeError(f"device {type!r} is the number of a GPU, and there is none here; write 'cpu'")
        if not isinstance(type, str):
            raise TypeError(f"a device is named by a string such as 'cpu', not {type!r}")
        kind, colon, number = type.partition(":")
        if kind not in ("cpu", "cuda") or (colon and not number.isdecimal()) or (index is not None and index < 0):
            raise RuntimeError(
                f"device {type!r}{'' if index is None else f' with index {index}'} does not exist; write 'cpu'"
            )
        self.type = kind
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        return f"device(type={self.type!r})" if self.index is None else f"device(type={self.type!r}, index={self.index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> Any:
        return device, (self.type, self.index)


cpu = device("cpu")


def check_device(given: Any) -> None:
    """Refuse a ``device=`` that is not the CPU (or None). Raises AssertionError for a GPU, as PyTorch does without CUDA."""
    if given is not None and device(given).type != "cpu":
        raise AssertionError(
            f"device {str(given)!r}: minigrad computes with NumPy, on the CPU only. To run the same program on a GPU, run "
            f"it with PyTorch; the package `reference` does so and compares the two."
        )
