"""Operators: a NumPy kernel under its derivative formulas becomes a function that computes, and records a node.

Mirrors: tools/autograd/derivatives.yaml, tools/autograd/gen_variable_type.py
"""

from __future__ import annotations

import ast
import inspect
import linecache
import os
import textwrap
from collections.abc import Callable
from typing import Any

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

# NOTE [Written by the decorator]: PyTorch writes one C++ function per operator from the table derivatives.yaml. This file
# does the same in Python: from the kernel's signature and the names that its formulas take, it writes the function that a
# person would write by hand, and the `apply` of its node. So a formula saves what it names and nothing else, the real
# signature is checked by Python itself, and no call pays for generality it does not need. `print(mul.source)` shows
# the text, and tracebacks and debuggers step through it.
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

Formula = Callable[..., Any]

# In the place of a formula: a tensor that has no gradient, such as an index or a mask.
non_differentiable: Any = None

_ASPECTS = {
    "_sym_sizes": "{}._array.shape",
    "_sym_numel": "{}._array.size",
    "_sym_strides": "strides({})",
    "_dim": "{}._array.ndim",
    "_sym_argsize_0": "{}._array.shape[0]",
}


def _aspect(name: str, inputs: tuple[str, ...], lists: tuple[str, ...]) -> str | None:
    """For a name such as ``self_sym_sizes``, the expression that gives it, ``self._array.shape``; else None."""
    for suffix, expression in _ASPECTS.items():
        if name.endswith(suffix) and name.removesuffix(suffix) in inputs:
            owner = name.removesuffix(suffix)
            return f"[{expression.format('t')} for t in {owner}]" if owner in lists else expression.format(owner)
    return None


def _indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


class _Writer:
    """Writes the two functions of one operator, see NOTE [Written by the decorator]."""

    def __init__(
        self,
        name: str,
        kernel: Callable[..., Any],
        node_name: str,
        formulas: dict[str, Formula | None],
        outputs: tuple[str, ...],
        view: bool,
    ) -> None:
        self.name, self.kernel, self.view = name, kernel, view
        before, separator, self.node_name = node_name.rpartition("::")
        self.namespace = before + separator
        self.parameters = tuple(inspect.signature(kernel).parameters)
        self.outputs = tuple(word for word in outputs if word not in self.parameters)  # an input may be called `result`
        self.tensors = tuple(p for p in self.parameters if p in formulas)
        self.formulas = {p: formulas[p] for p in self.tensors if formulas[p] is not None}
        self.inputs = tuple(self.formulas)
        annotations = {p: parameter.annotation for p, parameter in inspect.signature(kernel).parameters.items()}
        self.lists = tuple(p for p in self.tensors if annotations[p] == "list[Any]")
        self.several = len(outputs) != 1
        self.flat = tuple(word for word in outputs if word in formulas)  # floating, but without a gradient
        self.wants = {p: tuple(inspect.signature(f).parameters) for p, f in self.formulas.items() if f is not None}
        named = dict.fromkeys(word for words in self.wants.values() for word in words[1:] if word != "needed")
        self.saved = tuple(w for w in named if w in self.tensors or w in outputs)
        self.values = tuple(w for w in named if w not in self.saved)

    def needed_by(self, word: str) -> str:
        """The condition under which a name must be kept: that a gradient goes to an input whose formula takes it.

        Without an edge there may be a graph all the same, of a view made under no_grad; there PyTorch keeps what one formula
        takes only if it is evaluated, and what several take, or the formulas of a backward, in any case.
        """
        takers = [p for p in self.inputs if word in self.wants[p]]
        exact = len(takers) == 1 and word in self.tensors and "backward" not in self.name
        return " or ".join(f"{p}_node is not None" if exact else f"{p}_requires" for p in takers)

    def signature(self) -> str:
        signature = inspect.signature(self.kernel)
        bare = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
        return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))

    def arrays(self, symbol: str | None) -> list[str]:
        """Lines that take the arrays out of the tensors, and note which inputs require grad."""
        lines = []
        for position, p in enumerate(self.tensors):
            if p in self.lists:
                requires = f"; {p}_requires = any([t.requires_grad for t in {p}])" if p in self.inputs else ""
                lines.append(f"{p}_array = arrays_of({p}){requires}")
                continue
            take = [f"{p}_array = {p}._array"]
            leave = [f"{p}_array = {p}"]
            if symbol is not None and position == 1:
                leave.insert(0, f"if not isinstance({p}, OPERANDS): return foreign(self, {p}, {symbol!r})")
            if p in self.inputs:
                take.append(f"{p}_requires = {p}._requires_grad or {p}._base is not None and {p}._base._requires_grad")
                leave.append(f"{p}_requires = False")
            if position == 0:
                lines += take
            else:
                lines += [f"if isinstance({p}, TensorBase):", *_indented(take), "else:", *_indented(leave)]
        return lines

    def run_kernel(self, symbol: str | None = None) -> list[str]:
        """Lines that call the kernel, and put what NumPy refuses into words."""
        arguments = []
        for parameter in inspect.signature(self.kernel).parameters.values():
            value = f"{parameter.name}_array" if parameter.name in self.tensors else parameter.name
            arguments.append(f"{parameter.name}={value}" if parameter.kind is parameter.KEYWORD_ONLY else value)
        # A view computes nothing, so NumPy has nothing to warn of.
        call = f"kernel({', '.join(arguments)})" if self.view else f"QUIET.copy().run(kernel, {', '.join(arguments)})"
        return [
            "try:",
            *_indented(self.arrays(symbol)),
            f"    array = {call}",
            "except Exception as error:",
            f"    raise explain(error, {self.name!r}, {', '.join(self.parameters)}) from None",
        ]

    def make_node(self) -> list[str]:
        """Lines that make the node, but for what it keeps of the output."""
        nodes = [f"{p}_node = gradient_node({p}) if {p}_requires else None" for p in self.inputs]
        next_nodes = "".join(f"{p}_node, " for p in self.inputs)
        input_nrs = "".join(f"{p}.output_nr if {p}_requires else 0, " for p in self.inputs)
        if len(self.inputs) == 1:
            (p,) = self.inputs
            nodes, input_nrs = [f"{p}_node = gradient_node({p})"], f"{p}.output_nr, "
        if self.inputs[0] in self.lists:
            nodes, tensors = [], self.inputs[0]
            next_nodes = f"*[gradient_node(t) if t.requires_grad else None for t in {tensors}],"
            input_nrs = f"*[t.output_nr if t.requires_grad else 0 for t in {tensors}],"
        lines = [
            f"node = new({self.node_name})",
            "node.sequence_nr = next_sequence_nr()",
            *nodes,
            f"node.next_nodes = ({next_nodes.removesuffix(' ')})",
            f"node.input_nrs = ({input_nrs.removesuffix(' ')})",
            "node.place = users_place()",
            "node.hooks = None",
        ]
        values = [_aspect(word, self.inputs, self.lists) or word for word in self.values]
        lines.append(f"node.values = ({''.join(value + ', ' for value in values)})")
        return lines

    def entry(self, word: str) -> str:
        """What is saved under a name; None if the inputs that need it require no gradient."""
        if word in self.flat:
            entry = f"save({word})"
        elif word in self.outputs:
            output = word if self.several else "returned"
            entry = f"save_output({output})"
        else:
            entry = f"save_list({word})" if word in self.lists else f"save({word})"
        return f"{entry} if {self.needed_by(word)} else None" if len(self.inputs) > 1 else entry

    def keep(self, entries: list[str]) -> str:
        """The line that saves what the formulas name."""
        return f"node.saved = ({''.join(entry + ', ' for entry in entries)})"

    def attach(self, in_place: bool = False) -> list[str]:
        """Lines that make the node the history of the output."""
        if self.several:
            return ["own_outputs(node, returned)", *(f"{word}.detach_()" for word in self.flat)]
        metadata = "node.metadata = ((returned._array.shape, returned._array.dtype),)"
        if in_place:
            return [metadata, "set_history(returned, node)"]
        return [metadata, "returned._grad_fn = node", "returned._requires_grad = True"]

    def recording(self) -> str:
        return f"({' or '.join(f'{p}_requires' for p in self.inputs)}) and mode.enabled"

    def forward(self, symbol: str | None = None) -> list[str]:
        """The operator; as the method behind a sign such as ``*``, it leaves operands it does not know to the other side."""
        lines = [f"def {self.name}{self.signature()}:"]
        body = self.run_kernel(symbol)
        made = "view_of(self, array)" if self.view else "wrap(array)"
        if self.several:
            body.append(f"returned = tuple([{made.replace('array', 'each')} for each in array])")
            if self.view:
                body.append("forbid_changes_of(returned)")
        else:
            body.append(f"returned = {made}")
        if self.inputs:
            body.append(f"if {self.recording()}:")
            if self.several and self.outputs:
                body.append(f"    {', '.join(self.outputs)} = returned")
            body += _indented([*self.make_node(), self.keep([self.entry(word) for word in self.saved]), *self.attach()])
        body.append("return returned")
        return lines + _indented(body)

    def in_place(self) -> list[str]:
        """The form that overwrites ``self``: its old value is saved as a clone, its history goes on from the new node."""
        record = [f"check_in_place(self, '{self.name}_')", *self.make_node()]
        for word in self.saved:
            if word not in self.outputs:  # inputs count as they were before the change
                record.append(f"kept_{word} = {self.entry(word).replace('save(self)', 'save(self.clone())')}")
        entries = [self.entry(word) if word in self.outputs else f"kept_{word}" for word in self.saved]
        finish = ["returned = self", self.keep(entries), *self.attach(in_place=True)]
        body = [
            *self.run_kernel(),
            *[
                f"if isinstance({p}, TensorBase) and {p} is not self: refuse_overlap(self, {p}, '{self.name}_')"
                for p in self.tensors[1:]
            ],
            f"recording = {self.recording()}",
            "if recording:",
            *_indented(record),
            f"write(self, array, '{self.name}_')",
            "if recording:",
            *_indented(finish),
            "return self",
        ]
        return [f"def {self.name}_{self.signature()}:", *_indented(body)]

    def apply(self) -> list[str]:
        """The backward function of the node: unpack what was saved, evaluate the formula of each input that needs it."""
        body = ["grad, = gradients", "if grad is None: return (None,) * len(next_nodes)"]
        if self.several:
            body = [
                "grad, grads = gradients[0], gradients",
                "if all([g is None for g in grads]): return (None,) * len(next_nodes)",
            ]
        for position, word in enumerate(self.saved):
            if word in self.outputs and word not in self.flat:
                body.append(f"{word} = saved_output(node, {position}, {self.outputs.index(word)})")
            else:
                body.append(f"{word} = node.saved_input({position})")
        if self.values:
            body.append(f"{', '.join(self.values)}, = node.values")
        if self.inputs[0] in self.lists:
            body.append("if not any(next_nodes): return (None,) * len(next_nodes)")
            body.append(f"return gradient_of_{self.inputs[0]}({', '.join(self.wants[self.inputs[0]])})")
            return ["def apply(node, gradients, next_nodes):", *_indented(body)]
        for p in sorted(self.inputs):  # PyTorch's order: with create_graph it decides in which order the nodes made here run
            call = f"gradient_of_{p}({', '.join(self.wants[p])})"
            sharing = [other for other in self.inputs if self.formulas[other] is self.formulas[p]]
            if len(sharing) > 1:
                if p == sharing[0]:
                    needed = "".join(f"next_nodes[{self.inputs.index(other)}] is not None, " for other in sharing)
                    body += [f"needed = ({needed})", f"{', '.join(f'of_{other}' for other in sharing)} = {call}"]
                continue
            body.append(f"of_{p} = {call} if next_nodes[{self.inputs.index(p)}] is not None else None")
        body.append(f"return ({''.join(f'of_{p}, ' for p in self.inputs)})")
        return ["def apply(node, gradients, next_nodes):", *_indented(body)]


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
    array = tensor._array
    return tuple(stride // array.itemsize for stride in array.strides)


def _compile(lines: list[str], name: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """The function written in ``lines``, with its text where tracebacks look for it."""
    source = "\n".join(lines) + "\n"
    filename = os.path.join(PACKAGE, "ops", f"<{name}>")
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    scope: dict[str, Any] = {}
    exec(compile(source, filename, "exec"), namespace, scope)
    (function,) = scope.values()
    function.source = source
    return function  # type: ignore[no-any-return]


def _node_class(writer: _Writer, namespace: dict[str, Any]) -> type[Node]:
    fields: dict[str, Any] = {
        "__slots__": (),
        "__module__": "minigrad.ops",
        "namespace": writer.namespace,
        "saved_names": writer.saved,
        "value_names": writer.values,
        "input_names": writer.inputs,
        "kernel": staticmethod(writer.kernel),
        "apply": _compile(writer.apply(), f"{writer.node_name}.apply", namespace),
    }
    for position, word in enumerate(writer.saved):
        is_output = word in writer.outputs and word not in writer.flat
        fields[f"_saved_{word}"] = _saved_field(
            position, writer.outputs.index(word) if is_output else None, word in writer.lists
        )
    of_lists = {f"{p}_sym_sizes" for p in writer.lists}  # PyTorch shows no field for these
    for position, word in enumerate(writer.values):
        if word not in of_lists:
            fields[f"_saved_{word}"] = _value_field(position)
    return type(writer.node_name, (Node,), fields)


def _saved_field(position: int, output_nr: int | None, is_list: bool) -> Any:
    """A saved tensor as an attribute of its node: an output with its number, a list, or an input."""

    def read(node: Node) -> Any:
        if output_nr is not None:
            return saved_output(node, position, output_nr)
        saved = node.saved_input(position)
        return tuple(saved) if is_list else _as_tensor(saved)

    return property(read)


def _value_field(position: int) -> Any:
    def read(node: Node) -> Any:
        return node.values[position]

    return property(read)


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
    **{"OPERANDS": OPERANDS, "foreign": foreign, "new": object.__new__, "next_sequence_nr": next_sequence_nr},
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
        writer = _Writer(kernel.__name__, kernel, node_name or "", formulas, outputs, view)
        namespace = {**_RUNTIME, "kernel": kernel}
        namespace |= {f"gradient_of_{p}": formula for p, formula in writer.formulas.items()}
        if node_name:
            namespace[writer.node_name] = _node_class(writer, namespace)
        function = _finish(_compile(writer.forward(), writer.name, namespace), kernel)
        function.in_place_form = lambda: _finish(_compile(writer.in_place(), f"{writer.name}_", namespace), kernel)
        if len(writer.tensors) == 2:
            function.sign_form = lambda symbol: _finish(_compile(writer.forward(symbol), writer.name, namespace), kernel)
        return function

    return decorate


def _finish(function: Any, kernel: Callable[..., Any]) -> Any:
    function.__doc__, function.__module__, function.__wrapped__ = kernel.__doc__, kernel.__module__, kernel
    function.__qualname__ = function.__name__
    return function


def in_place(function: Any) -> Any:
    """The form of an operator that overwrites its first argument: ``mul_ = in_place(mul)``."""
    return function.in_place_form()


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
