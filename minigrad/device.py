"""The one device there is: the CPU, where NumPy computes.

Mirrors: c10/core/Device.h
"""

from __future__ import annotations


class device:
    """Where the elements lie: always the CPU. Raises RuntimeError for any other kind.

    >>> device("cpu")
    device(type='cpu')
    """

    __slots__ = ("type", "index")

    def __init__(self, type: str | device, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        kind, _, number = type.partition(":")
        if kind != "cpu":
            raise RuntimeError(
                f"device {type!r}: minigrad computes with NumPy, on the CPU only. To run the same program on a GPU, use "
                f"PyTorch; the `reference` package does so for comparison."
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


cpu = device("cpu")
