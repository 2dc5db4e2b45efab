"""One program file under both engines, by swapping its imports: what it prints, its gradients and its figures, beside each other.

Mirrors: nothing; PyTorch has no such tools.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import itertools
import random
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from .compare import TOLERANCES, same, texts_of
from .imports import swap_imports
from .protocol import is_tensor, leaf, names, walk

WIDTH = 80
COLUMN = (WIDTH - len(" | ")) // 2
UNSEEDED = 67280421310721  # the seed with which every process of PyTorch begins


# One run


class Backward(NamedTuple):
    """A backward pass of a program: where it was called, and the leaves that it reached with their gradients after it."""

    line: int
    gradients: list[Any]
    names: list[str]


class Run(NamedTuple):
    """What one engine made of a program."""

    output: list[str]
    ending: str  # how it ended, as far as both engines must agree: the type of an exception and its line, or an exit code
    message: str
    passes: list[Backward]
    figures: list[dict[str, Any]]


def run(engine: str, path: Path, arguments: tuple[str, ...] = ()) -> Run:
    """Run a program as ``python path arguments`` would, with its imports swapped to ``engine``, and note what it does."""
    module = importlib.import_module(engine)
    tree = swap_imports(engine, path.read_text(encoding="utf-8"), str(path))
    code = compile(tree, str(path), "exec", dont_inherit=True)
    passes: list[Backward] = []
    ending, message = "", ""
    output = io.StringIO()
    with _program(path, arguments) as namespace, _fresh(module), _seeing(module, str(path), passes), _figures() as figures:
        try:
            with contextlib.redirect_stdout(output):
                exec(code, namespace)
        except SystemExit as end:
            ending = f"exit {end.code}" if end.code else ""
        except Exception as error:
            lines = [at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == str(path)]
            ending, message = f"{type(error).__name__} in line {lines[-1]}", str(error)
        return Run(output.getvalue().splitlines(), ending, message, passes, [_data(figure) for figure in figures])


@contextlib.contextmanager
def _program(path: Path, arguments: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """What a program finds when it starts: ``__main__``, its arguments, its folder, and random numbers that begin again."""
    main = ModuleType("__main__")
    main.__file__ = str(path)
    before = sys.modules["__main__"], sys.argv, sys.path, random.getstate(), np.random.get_state()
    sys.modules["__main__"], sys.argv, sys.path = main, [str(path), *arguments], [str(path.parent), *sys.path]
    try:
        yield main.__dict__
    finally:
        sys.modules["__main__"], sys.argv, sys.path = before[:3]
        random.setstate(before[3])
        np.random.set_state(before[4])


@contextlib.contextmanager
def _fresh(engine: Any) -> Iterator[None]:
    """An engine as a new process finds it: neither program may see what the one before it has set."""
    state, dtype = engine.get_rng_state(), engine.get_default_dtype()
    engine.manual_seed(UNSEEDED)
    try:
        yield
    finally:
        engine.set_rng_state(state)
        engine.set_default_dtype(dtype)
        engine.set_grad_enabled(True)
        engine.set_printoptions(profile="default")


@contextlib.contextmanager
def _seeing(engine: Any, filename: str, passes: list[Backward]) -> Iterator[None]:
    """Note every backward pass. ``Tensor.backward`` of both engines calls ``autograd.backward``, where it is seen."""
    original: Callable[..., None] = engine.autograd.backward
    called: dict[tuple[int, int], list[str]] = {}

    def backward(tensors: Any, *arguments: Any, **keywords: Any) -> None:
        leaves = [variable for variable in map(leaf, walk(tensors)) if variable is not None]
        original(tensors, *arguments, **keywords)
        frame = sys._getframe(1)
        while frame.f_code.co_filename != filename and frame.f_back is not None:
            frame = frame.f_back
        kind = frame.f_lineno, len(leaves)
        if kind not in called:  # looking for names takes its time, and a loop has the same ones each time
            known = names(frame=frame)
            called[kind] = [known.get(each, f"leaf {number}") for number, each in enumerate(leaves)]
        gradients = [None if each.grad is None else each.grad.detach().clone() for each in leaves]
        passes.append(Backward(frame.f_lineno, gradients, called[kind]))

    engine.autograd.backward = backward
    try:
        yield
    finally:
        engine.autograd.backward = original


# Figures


@contextlib.contextmanager
def _figures() -> Iterator[list[Any]]:
    """Every figure that is made, shown on no screen; they stay readable after ``plt.close()``."""
    made: list[Any] = []
    if importlib.util.find_spec("matplotlib") is None:
        yield made
        return
    import matplotlib.figure
    import matplotlib.pyplot

    figure_class: Any = matplotlib.figure.Figure
    original = figure_class.__init__

    def noted(figure: Any, *arguments: Any, **keywords: Any) -> None:
        original(figure, *arguments, **keywords)
        made.append(figure)

    backend = matplotlib.get_backend()
    matplotlib.use("Agg")
    figure_class.__init__ = noted
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")  # of plt.show()
            yield made
    finally:
        figure_class.__init__ = original
        matplotlib.pyplot.close("all")
        matplotlib.use(backend)


def _data(figure: Any) -> dict[str, Any]:
    """The data of a figure, each by its place: of lines, points, images, bars and areas, and all texts."""
    found: dict[str, Any] = {}
    for number, axes in enumerate(figure.axes):
        for position, artist in enumerate(axes.get_children()):
            place = f"axes {number}, {type(artist).__name__} {position}"
            for method in ("get_xydata", "get_offsets", "get_array", "get_text"):
                if hasattr(artist, method):
                    found[f"{place} {method.removeprefix('get_')}"] = getattr(artist, method)()
            if hasattr(artist, "get_patch_transform"):
                found[f"{place} outline"] = artist.get_patch_transform().transform_path(artist.get_path()).vertices
            elif hasattr(artist, "get_paths"):
                found.update({f"{place} path {i}": path.vertices for i, path in enumerate(artist.get_paths())})
    return found


# The comparison


class SideBySide(NamedTuple):
    """What a program did under both engines. True if it did the same."""

    program: Path
    ours: Run
    theirs: Run

    def __bool__(self) -> bool:
        return not self.differences()

    def differences(self) -> list[str]:
        """The first difference of each kind: output, ending, gradients, figures. Empty if there is none."""
        return [text for text in (self._output(), self._ending(), self._gradients(), self._figures()) if text]

    def _different_line(self) -> int | None:
        rows = enumerate(itertools.zip_longest(self.ours.output, self.theirs.output), 1)
        return next((number for number, (x, y) in rows if x != y), None)

    def _output(self) -> str:
        number = self._different_line()
        if not number:
            return ""
        furthest = _furthest("\n".join(self.ours.output), "\n".join(self.theirs.output))
        by = "" if furthest is None else f"; the numbers differ by up to {furthest:.1e}"
        return f"output: first difference in line {number}{by}"

    def _ending(self) -> str:
        sides = [run.ending + (f": {run.message}" if run.message else "") or "the end" for run in (self.ours, self.theirs)]
        return f"ending: {sides[0]}, but under torch {sides[1]}" if self.ours.ending != self.theirs.ending else ""

    def _gradients(self) -> str:
        # Training makes a gradient small by letting its terms cancel. Each term stays as large as at first, and so does its
        # rounding: gradients are compared at the scale of the largest that their leaf has had.
        largest: dict[tuple[int, int], float] = {}
        for number, (x, y) in enumerate(zip(self.ours.passes, self.theirs.passes, strict=False), 1):
            where = f"gradients: after backward pass {number}, in line {x.line}"
            if len(x.gradients) != len(y.gradients) or x.line != y.line:
                return f"{where}: {len(x.gradients)} leaves, but under torch {len(y.gradients)}, in line {y.line}"
            for position, (first, second) in enumerate(zip(x.gradients, y.gradients, strict=True)):
                scale = largest[x.line, position] = max(largest.get((x.line, position), 0.0), _size(second))
                rtol, atol = TOLERANCES.get(str(second.dtype) if is_tensor(second) else "", (0.0, 0.0))
                tolerance = rtol, atol + rtol * scale
                if not same(first, second, tolerance):
                    texts = texts_of(first, second, tolerance)
                    return f"{where}: {x.names[position]}.grad is {texts[0]}, but under torch {texts[1]}"
        counts = len(self.ours.passes), len(self.theirs.passes)
        return f"gradients: {counts[0]} backward passes, but under torch {counts[1]}" if counts[0] != counts[1] else ""

    def _figures(self) -> str:
        pairs = itertools.zip_longest(self.ours.figures, self.theirs.figures)
        for number, (ours, theirs) in enumerate(pairs, 1):
            x, y = ours or {}, theirs or {}
            for place in {**x, **y}:
                if not _equal(x.get(place), y.get(place)):
                    return f"figures: figure {number}, {place}"
        return ""

    def __str__(self) -> str:
        lines = [f"{'minigrad':{COLUMN}} | torch", f"{'-' * COLUMN} | {'-' * COLUMN}"]
        first = self._different_line()
        for number, pair in enumerate(itertools.zip_longest(self.ours.output, self.theirs.output), 1):
            if number == first:
                lines.append(" first difference ".center(WIDTH - 1, "-"))
            cells = [_wrapped(text) for text in pair]
            mark = "|" if pair[0] == pair[1] else "!"
            lines += [f"{x:{COLUMN}} {mark} {y}".rstrip() for x, y in itertools.zip_longest(*cells, fillvalue="")]
        differences = self.differences()
        if not differences:
            differences = [self._agreement()]
        elif differences == [self._output()]:
            differences.append(f"all else is the same. {self._counts()}")
        return "\n".join([*lines, "", *differences])

    def _agreement(self) -> str:
        run = self.ours
        counts = f"the same. lines: {len(run.output)}; {self._counts()}"
        return counts + (f"; both end with {run.ending}" if run.ending else "")

    def _counts(self) -> str:
        run = self.ours
        gradients = sum(len(backward.gradients) for backward in run.passes)
        return f"backward passes: {len(run.passes)}, with {gradients} gradients; figures: {len(run.figures)}"


def _size(gradient: Any) -> float:
    """The largest finite number in a gradient."""
    values = np.abs(gradient.double().numpy()) if gradient is not None else np.zeros(0)
    return float(values[np.isfinite(values)].max(initial=0.0))


_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:e[-+]?\d+)?")


def _furthest(first: str, second: str) -> float | None:
    """How far apart the numbers in two texts are at most; None if the texts differ in anything else."""
    if _NUMBER.sub("0", first) != _NUMBER.sub("0", second):
        return None
    pairs = zip(_NUMBER.findall(first), _NUMBER.findall(second), strict=True)
    return max((abs(float(x) - float(y)) for x, y in pairs), default=0.0)


def _wrapped(text: str | None) -> list[str]:
    text = (text or "").expandtabs()
    return [text[at : at + COLUMN] for at in range(0, len(text), COLUMN)] or [""]


def _equal(first: Any, second: Any) -> bool:
    """Whether two pieces of a figure's data are equal, numbers to single precision."""
    x, y = np.asarray(first), np.asarray(second)
    if x.dtype.kind in "fiub" and y.dtype.kind in "fiub":
        return x.shape == y.shape and bool(np.isclose(x, y, *TOLERANCES["torch.float32"], equal_nan=True).all())
    return bool(np.array_equal(x, y))


def side_by_side(program: str | Path, *arguments: str) -> SideBySide:
    """Run a program file under torch, then under minigrad, and compare what it prints, its gradients and its figures.

    The file may import either engine, under any name; nothing but the names of its imports is changed. What it prints must
    be equal to the character; each leaf's gradient after each ``backward()``, and the data of figures, up to
    rounding. Both runs begin with the same random state. Other effects, such as written files, happen twice.

    Raises OSError if the file cannot be read, SyntaxError if it is no program, ValueError if it imports neither engine,
    ModuleNotFoundError without torch.
    """
    path = Path(program)
    theirs = run("torch", path, arguments)
    return SideBySide(path, run("minigrad", path, arguments), theirs)


def main(arguments: list[str]) -> int:
    """``side-by-side FILE [ARGUMENT ...]``: exit code 0 if both engines did the same, 1 if not, 2 if there is nothing to compare."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(side_by_side.__doc__ if arguments else "which program file? side-by-side FILE [ARGUMENT ...]")
        return 0 if arguments else 2
    try:
        compared = side_by_side(*arguments)
    except (OSError, SyntaxError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"{error}; side-by-side needs torch: pip install 'minigrad[reference]'", file=sys.stderr)
        return 2
    print(compared)
    return 0 if compared else 1
