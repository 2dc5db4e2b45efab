"""The text of a tensor, to the character what PyTorch prints, and the options that shape it.

Mirrors: torch/_tensor_str.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}

# How tensors are written now, in all threads, as in torch.
PRINT_OPTS = SimpleNamespace(**PROFILES["default"], sci_mode=None)


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change how tensors are printed, from now on and everywhere.

    `precision` counts the digits after the point. A tensor of more than `threshold` elements is summarised:
    it shows `edgeitems` items at both ends of each dimension. `linewidth` counts characters. `profile`
    ("default", "short" or "full") sets these four first. `sci_mode` forces scientific notation on or off.

    What is not given keeps its value, except `sci_mode`: a call that does not give it returns it to None, the
    automatic choice. An unknown profile raises nothing and counts as none. Both are as in torch.

    >>> set_printoptions(precision=2)
    >>> tensor_text(np.array([0.125, 3.0], dtype=np.float32))
    'tensor([0.12, 3.00])'
    >>> set_printoptions(profile="default")
    """
    chosen = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    given = {option: value for option, value in chosen.items() if value is not None}
    for option, value in {**PROFILES.get(profile or "", {}), **given, "sci_mode": sci_mode}.items():
        setattr(PRINT_OPTS, option, value)


def get_printoptions() -> dict[str, Any]:
    """The current options, as a dictionary that `set_printoptions(**options)` takes back.

    >>> get_printoptions()
    {'precision': 4, 'threshold': 1000, 'edgeitems': 3, 'linewidth': 80, 'sci_mode': None}
    """
    return dict(vars(PRINT_OPTS))


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Change the options within a `with` block; takes what `set_printoptions` takes.

    >>> with printoptions(sci_mode=True):
    ...     tensor_text(np.array([1.5], dtype=np.float32))
    'tensor([1.5000e+00])'
    """
    before = get_printoptions()
    set_printoptions(**options)
    try:
        yield
    finally:
        set_printoptions(**before)


def tensor_text(
    array: Array,
    *,
    name: str = "tensor",
    default_dtype: Any = np.float32,
    requires_grad: bool = False,
    grad_fn: str | None = None,
) -> str:
    """The repr of a tensor that holds `array` (real numbers or bool, any shape), as torch writes it.

    `name` stands before the bracket (a subclass prints its own). The dtype is written only where the elements
    do not tell it already, and `default_dtype` is the float dtype that they tell. `grad_fn` is the name of
    the node that made the tensor; with one, `requires_grad` goes without saying.

    >>> print(tensor_text(np.array([[1.0, -20.5], [np.nan, 4.0]], dtype=np.float32), grad_fn="MulBackward0"))
    tensor([[  1.0000, -20.5000],
            [     nan,   4.0000]], grad_fn=<MulBackward0>)
    """
    indent = len(name) + 1
    suffixes = []
    if array.size == 0:
        # No elements tell the dtype, and "[]" tells the shape only if it is (0,).
        show_size = array.ndim != 1
        show_dtype = array.dtype != default_dtype
    else:
        show_size = PRINT_OPTS.edgeitems == 0
        show_dtype = array.dtype not in (default_dtype, np.int64, np.bool_)
    if show_size:
        suffixes.append(f"size={array.shape}")
    if show_dtype:
        suffixes.append(f"dtype=torch.{array.dtype.name}")
    if grad_fn is not None:
        suffixes.append(f"grad_fn=<{grad_fn}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    return _with_suffixes(f"{name}({_contents(array, indent)}", suffixes, indent)


def _contents(array: Array, indent: int) -> str:
    """The elements in their brackets, which open at column `indent`."""
    if array.size == 0:
        return "[]"
    edge = PRINT_OPTS.edgeitems
    cut = [array.size > PRINT_OPTS.threshold and length > 2 * edge for length in array.shape]
    if any(cut):
        # Cutting first makes the cost that of the text, whatever the size of the array; and an element that
        # is not shown must have no say in the notation.
        ends = [*range(edge), *range(-edge, 0)]
        shown = [ends if c else range(length) for c, length in zip(cut, array.shape, strict=True)]
        array = array[np.ix_(*shown)]
    write, width = _element_writer(array.ravel().tolist(), floating=array.dtype.kind == "f")
    return _nested(array.tolist(), cut, indent, write, width)


def _element_writer(numbers: list[Any], *, floating: bool) -> tuple[Callable[[Any], str], int]:
    """Choose one notation for all `numbers`: the function that writes an element, and the width to pad it to.

    The numbers are Python's own, so that float16 and float32 are judged and written in double, as torch does.
    """
    write: Callable[[Any], str]
    if not floating:
        write, measured = str, numbers
    else:
        # Zeros, inf and nan have no say in notation or width, even where their text is the longest: "nan" may
        # stick out of its column, and all zeros count as one character wide, so that more of them fit a line.
        measured = [number for number in numbers if number != 0 and math.isfinite(number)]
        if _is_scientific(measured):
            write = f"{{:.{PRINT_OPTS.precision}e}}".format
        elif all(number.is_integer() for number in measured):
            write = _write_whole
        else:
            write = f"{{:.{PRINT_OPTS.precision}f}}".format
    return write, max((len(write(number)) for number in measured), default=1)


def _is_scientific(measured: list[float]) -> bool:
    """Whether the numbers (nonzero, finite) span too much, or lie too high or low, for a fixed point."""
    if not measured:
        return False
    if PRINT_OPTS.sci_mode is not None:
        return bool(PRINT_OPTS.sci_mode)
    sizes = [abs(number) for number in measured]
    largest, smallest = max(sizes), min(sizes)
    return largest / smallest > 1000.0 or largest > 1.0e8 or smallest < 1.0e-4


def _write_whole(number: float) -> str:
    """A float without fraction: the bare point in `3.` is what tells it from an integer."""
    return f"{number:.0f}." if math.isfinite(number) else str(number)


def _nested(values: Any, cut: list[bool], indent: int, write: Callable[[Any], str], width: int) -> str:
    """Write nested lists; `cut` says for each dimension whether an ellipsis goes into its middle."""
    if not cut:
        return write(values).rjust(width)
    edge = PRINT_OPTS.edgeitems
    items = [_nested(value, cut[1:], indent + 1, write, width) for value in values]
    line_start = " " * (indent + 1)
    if len(cut) > 1:
        if cut[0]:
            items.insert(edge, "...")
        # Matrices are parted by a blank line, stacks of matrices by two, and so on.
        return "[" + (",\n" + "\n" * (len(cut) - 2) + line_start).join(items) + "]"
    if cut[0]:
        items.insert(edge, " ..." if edge else "...")
    per_line = max(1, (PRINT_OPTS.linewidth - indent) // (width + len(", ")))
    lines = [", ".join(items[start : start + per_line]) for start in range(0, len(items), per_line)]
    return "[" + (",\n" + line_start).join(lines) + "]"


def _with_suffixes(text: str, suffixes: list[str], indent: int) -> str:
    """Append the suffixes and the closing bracket; a suffix that would overrun the line starts a new one."""
    column = len(text) - text.rfind("\n") + 1  # torch counts the line so far as two longer than it is
    for suffix in suffixes:
        if column + len(", " + suffix) > PRINT_OPTS.linewidth:
            text += ",\n" + " " * indent + suffix
            column = indent + len(suffix)
        else:
            text += ", " + suffix
            column += len(", " + suffix)
    return text + ")"
