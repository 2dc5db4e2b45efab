"""Operators: a NumPy kernel under its derivative formulas becomes a function that computes, and records a node.

Mirrors: tools/autograd/derivatives.yaml, tools/autograd/gen_variable_type.py
"""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import os
import textwrap
import threading
from collections.abc import Callable
from operator import attrgetter
from types import FunctionType
from typing import Any, ClassVar

import numpy as np

from .autograd.grad_mode import mode
from .autograd.graph import Node, gradient_node, next_sequence_nr
from .autograd.in_place import check_in_place, refuse_overlap, set_history, view_of, write
from .autograd.place import PACKAGE, users_place
from .autograd.saved import own_outputs, save, save_list, save_output, saved_output
from .autograd.variable import TensorBase, wrap
from .quiet import QUIET
from .refusals import explain
from .signs import OPERANDS, foreign
from .writer import Formula, Writer

# NOTE [Written by the decorator]: PyTorch writes one C++ function per operator from the table derivatives.yaml. This file
# does the same in Python: from the kernel's signature and the names that its formulas take, it writes the function that a
# person would write by hand, and the `apply` of its node. So a formula saves what it names and nothing else, the real
# signature is checked by Python itself, and no call pays for generality it does not need. It is written when it is first
# called, so that importing costs little. `print(mul.operator)` shows the text; tracebacks and debuggers step through it.
#
# What a formula may name, after `grad` (of the one output) or `grads` (of all of them):
#   an input            its tensor, saved;    `result`, or an output's name    that output, saved
#   `x_sym_sizes`, `x_sym_numel`, `x_sym_strides`, `x_dim`    only the shape, number of elements, strides, dimensions of x
#   any other parameter of the kernel         its plain value
#
# One formula given for several inputs is called once, and gives the gradients of all of them as a tuple. Its parameter
# `needed` says which of them will be used.
#
# A parameter of the kernel that is annotated `list[Any]` takes several tensors, or None for some: the kernel gets a list of
# arrays, and its formula gives a gradient for each. It must be the only input with a gradient. A kernel that returns several
# arrays has an output for each: `outputs` names them, or is empty if their number varies (split). There `grad` is the
# gradient of the first. An integer output takes no part in the graph, nor does one marked ``buffer=non_differentiable``.

# In the place of a formula: a tensor that has no gradient, such as an index or a mask.
non_differentiable: Any = None


def arrays_of(tensors: Any) -> list[Any]:
    """The arrays of several tensors; None stays None."""
    if not isinstance(tensors, (list, tuple)):
        raise TypeError(f"a list or tuple of tensors is needed, not one {type(tensors).__name__}")
    return [None if tensor is None else tensor._array for tensor in tensors]


def forbid_changes_of(views: tuple[Any, ...]) -> None:
    """Note on views that one operation made together that an in-place change of one has no history (as in PyTorch)."""
    for view in views:
        view._origin = "by an operation that returns several views"


def strides(tensor: TensorBase) -> tuple[int, ...]:
    """How many elements of memory lie between neighbours, for each dimension."""
    size = tensor._array.itemsize
    return tuple([stride // size for stride in tensor._array.strides])


class Operator:
    """What one operator consists of: its kernel and formulas, the functions written from them, and the class of its nodes."""

    all: ClassVar[list[Operator]] = []  # in the order of their definition

    def __init__(
        self,
        kernel: Callable[..., Any],
        node_name: str,
        formulas: dict[str, Formula | None],
        outputs: tuple[str, ...],
        view: bool,
    ) -> None:
        self.kernel, self.formulas = kernel, formulas
        self._definition = kernel, node_name, formulas, outputs, view
        self.all.append(self)

    @functools.cached_property
    def writer(self) -> Writer:
        """Who writes its functions."""
        return Writer(*self._definition)

    @functools.cached_property
    def node_class(self) -> type[Node] | None:
        """The class of its nodes; None for an operator without gradients, such as a comparison."""
        writer = self.writer
        if not writer.node_name:
            return None
        takes_list = writer.inputs[0] in writer.lists
        edges = ["next_nodes"] if takes_list else [f"next_{p}" for p in writer.inputs]
        fields: dict[str, Any] = {
            "__slots__": tuple(edges + [f"saved_{word}" for word in (*writer.saved, *writer.values)]),
            "__module__": "minigrad.ops",
            "namespace": writer.namespace,
            "saved_names": writer.saved,
            "operator": self,
            "apply": self.function(f"{writer.node_name}.apply", Writer.apply),
        }
        if not takes_list:
            fields["next_nodes"] = _together(edges)
        if writer.saved:
            fields["release"] = self.function(f"{writer.node_name}.release", Writer.release)
        for word in writer.saved:
            is_output = word in writer.outputs and word not in writer.flat
            fields[f"_saved_{word}"] = _saved_field(word, writer.outputs.index(word) if is_output else None)
        of_lists = {f"{p}_sym_sizes" for p in writer.lists}  # PyTorch shows no field for these
        for word in writer.values:
            if word not in of_lists:
                fields[f"_saved_{word}"] = property(attrgetter(f"saved_{word}"))
        return type(writer.node_name, (Node,), fields)

    def function(self, name: str, lines: Callable[[Writer], list[str]]) -> Any:
        """A function whose first call writes it: from then on it is the function that ``lines`` spells out."""
        namespace: dict[str, Any] = {}
        function: Any = FunctionType(_unwritten.__code__, namespace, name)

        def first_call(*arguments: Any, **options: Any) -> Any:
            with _writing:
                if function.__code__ is _unwritten.__code__:
                    namespace.update(self.namespace)
                    written = _compiled(lines(self.writer), name, namespace)
                    function.__defaults__, function.__kwdefaults__ = written.__defaults__, written.__kwdefaults__
                    function.__code__ = written.__code__
            return function(*arguments, **options)

        namespace["first_call"] = first_call
        return function

    @functools.cached_property
    def namespace(self) -> dict[str, Any]:
        """What the names in its functions stand for."""
        writer = self.writer
        own = {f"gradient_of_{p}": formula for p, formula in writer.formulas.items()} | {"kernel": self.kernel}
        return {**_RUNTIME, **own, writer.node_name: self.node_class}

    def form(self, name: str, lines: Callable[[Writer], list[str]]) -> Any:
        """One of its forms, as users call it."""
        function, kernel = self.function(name, lines), self.kernel
        function.__doc__, function.__module__, function.__wrapped__ = kernel.__doc__, kernel.__module__, kernel
        function.__qualname__ = name
        function.operator = self
        return function

    def as_sign(self, symbol: str) -> Any:
        """The form that stands behind a sign such as ``*``."""
        return self.form(self.kernel.__name__, lambda writer: writer.forward(symbol))

    def __str__(self) -> str:
        writer = self.writer
        return "\n".join([*writer.forward(), *(["", "", *writer.apply()] if writer.inputs else [])])


_writing = threading.RLock()


def _unwritten(*arguments: Any, **options: Any) -> Any:
    return first_call(*arguments, **options)  # type: ignore[name-defined]  # noqa: F821  # of the namespace of each function


def _compiled(lines: list[str], name: str, namespace: dict[str, Any]) -> Any:
    """The function written in ``lines``, with its text where tracebacks look for it."""
    source = "\n".join(lines) + "\n"
    filename = os.path.join(PACKAGE, "ops", f"<{name}>")
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    scope: dict[str, Any] = {}
    exec(compile(source, filename, "exec"), namespace, scope)
    (function,) = scope.values()
    return function


def _saved_field(word: str, output_nr: int | None) -> Any:
    """A saved tensor as an attribute of its node: an output with its number, or an input, or a list of them."""

    def read(node: Node) -> Any:
        entry = getattr(node, f"saved_{word}")
        if output_nr is not None:
            return saved_output(node, word, entry, output_nr)
        saved = node.unpacked(word, entry)
        return tuple(saved) if isinstance(saved, list) else _as_tensor(saved)

    return property(read)


def _together(slots: list[str]) -> Any:
    """What is in these slots of a node, as a tuple."""
    read = attrgetter(*slots)
    return property(read if len(slots) > 1 else lambda node: (read(node),))


def _as_tensor(value: Any) -> Any:
    return value if value is None or isinstance(value, TensorBase) else wrap(np.asarray(value))


# What the written functions call.
_RUNTIME: dict[str, Any] = {
    **{
        function.__name__: function
        for function in (
            *(explain, wrap, view_of, gradient_node, users_place, strides, arrays_of),
            *(save, save_list, save_output, saved_output, own_outputs),
            *(check_in_place, refuse_overlap, write, set_history, forbid_changes_of),
        )
    },
    **{"TensorBase": TensorBase, "QUIET": QUIET, "mode": mode},
    **{"OPERANDS": OPERANDS, "foreign": foreign, "next_sequence_nr": next_sequence_nr},
}


def differentiable(
    node_name: str | None = None,
    *,
    outputs: tuple[str, ...] = ("result",),
    view: bool = False,
    **formulas: Formula | None,
) -> Callable[[Callable[..., Any]], Any]:
    """Make an operator of a kernel: the node's name, and one formula for each input that has a gradient.

    The kernel takes the arrays of the tensors named by the formulas, and plain values for its other parameters. A tensor
    without a gradient is marked ``index=non_differentiable``; ``view=True`` says that the result shares memory.
    """

    def decorate(kernel: Callable[..., Any]) -> Any:
        operator = Operator(kernel, node_name or "", formulas, outputs, view)
        return operator.form(kernel.__name__, Writer.forward)

    return decorate


def in_place(function: Any) -> Any:
    """The form of an operator that overwrites its first argument: ``mul_ = in_place(mul)``."""
    return function.operator.form(f"{function.__name__}_", Writer.in_place)


def formulas_as_text(kernel: Callable[..., Any]) -> dict[str, str]:
    """The formula of each input as it is written above the kernel.

    >>> from minigrad.ops.pointwise import mul
    >>> formulas_as_text(mul.__wrapped__)
    {'self': 'grad * other', 'other': 'grad * self'}
    """
    definition = ast.parse(textwrap.dedent(inspect.getsource(kernel))).body[0]
    assert isinstance(definition, ast.FunctionDef)
    texts = {}
    for decorator in definition.decorator_list:
        assert isinstance(decorator, ast.Call)
        for keyword in decorator.keywords:
            if isinstance(keyword.value, ast.Lambda):
                texts[str(keyword.arg)] = ast.unparse(keyword.value.body)
    return texts
