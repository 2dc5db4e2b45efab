"""The text of an operator: the Python functions that stand behind a kernel and its formulas, as a person would write them.

Mirrors: tools/autograd/gen_variable_type.py, tools/autograd/gen_autograd_functions.py
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

Formula = Callable[..., Any]

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


def _tuple(items: list[str]) -> str:
    return f"({', '.join(items)})" if len(items) > 1 else f"({items[0]},)"


def _indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


class Writer:
    """Writes the functions of one operator, see NOTE [Written by the decorator]."""

    def __init__(
        self,
        kernel: Callable[..., Any],
        node_name: str,
        formulas: dict[str, Formula | None],
        outputs: tuple[str, ...],
        view: bool,
    ) -> None:
        self.name, self.kernel, self.view = kernel.__name__, kernel, view
        before, separator, self.node_name = node_name.rpartition("::")
        self.namespace = before + separator
        self.parameters = tuple(inspect.signature(kernel).parameters)
        self.outputs = tuple(word for word in outputs if word not in self.parameters)  # an input may be called `result`
        self.tensors = tuple(p for p in self.parameters if p in formulas)  # the others are plain values
        self.formulas = {p: formulas[p] for p in self.tensors if formulas[p] is not None}
        self.inputs = tuple(self.formulas)  # the tensors that can have a gradient
        annotations = {p: parameter.annotation for p, parameter in inspect.signature(kernel).parameters.items()}
        self.lists = tuple(p for p in self.tensors if annotations[p] == "list[Any]")  # these take several tensors each
        self.several = len(outputs) != 1  # whether the kernel returns several arrays
        self.flat = tuple(word for word in outputs if word in formulas)  # floating, but without a gradient
        self.wants = {p: tuple(inspect.signature(f).parameters) for p, f in self.formulas.items() if f is not None}
        # What the formulas name beside the gradient, which comes first: tensors are saved, the rest is kept as it is.
        named = dict.fromkeys(word for words in self.wants.values() for word in words[1:] if word != "needed")
        self.saved = tuple(w for w in named if w in self.tensors or w in outputs)
        self.values = tuple(w for w in named if w not in self.saved)

    def only_taker(self, word: str) -> str | None:
        """The input whose formula alone takes this input: then it is kept only if a gradient goes there.

        As in PyTorch, what several formulas take, an output, and what the formula of a backward takes is kept in any case.
        """
        takers = [p for p in self.inputs if word in self.wants[p]]
        return takers[0] if len(takers) == 1 and word in self.tensors and "backward" not in self.name else None

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
        nodes = [f"node.next_{p} = gradient_node({p}) if {p}_requires else None" for p in self.inputs]
        input_nrs = _tuple([f"{p}.output_nr if {p}_requires else 0" for p in self.inputs])
        if len(self.inputs) == 1:
            (p,) = self.inputs
            nodes, input_nrs = [f"node.next_{p} = gradient_node({p})"], f"({p}.output_nr,)"
        if self.inputs[0] in self.lists:
            tensors = self.inputs[0]
            nodes = [f"node.next_nodes = tuple([gradient_node(t) if t.requires_grad else None for t in {tensors}])"]
            input_nrs = f"tuple([t.output_nr if t.requires_grad else 0 for t in {tensors}])"
        lines = [
            f"node = {self.node_name}()",
            "node.sequence_nr = next_sequence_nr()",
            *nodes,
            f"node.input_nrs = {input_nrs}",
            "node.place = users_place()",
            "node.hooks = None",
        ]
        values = [_aspect(word, self.inputs, self.lists) or word for word in self.values]
        if len(self.inputs) > 1:  # as in PyTorch, only strides are left out where no gradient is wanted
            of = [word.removesuffix("_sym_strides") for word in self.values]
            values = [f"{v} if {p}_requires else ()" if p in self.inputs else v for v, p in zip(values, of, strict=True)]
        return lines + [f"node.saved_{word} = {value}" for word, value in zip(self.values, values, strict=True)]

    def entry(self, word: str) -> str:
        """What is saved under a name; None if the inputs that need it require no gradient."""
        if word in self.flat:
            entry = f"save({word})"
        elif word in self.outputs:
            output = word if self.several else "returned"
            entry = f"save_output({output})"
        else:
            entry = f"save_list({word})" if word in self.lists else f"save({word})"
        taker = self.only_taker(word) if len(self.inputs) > 1 else None
        return f"{entry} if node.next_{taker} is not None else None" if taker else entry

    def keep(self, words: Iterable[str]) -> list[str]:
        """Lines that save what the formulas name."""
        return [f"node.saved_{word} = {self.entry(word)}" for word in words]

    def attach(self, in_place: bool = False) -> list[str]:
        """Lines that make the node the history of the output."""
        if self.several:
            own = [word for word in self.outputs if word not in self.flat]
            return [f"own_outputs(node, {_tuple(own)})" if own else "own_outputs(node, returned)"]
        if in_place:
            return ["node.metadata = ((self._array.shape, self._array.dtype),)", "set_history(self, node)"]
        return [
            "node.metadata = ((array.shape, array.dtype),)",
            "returned._grad_fn = node",
            "returned._requires_grad = True",
        ]

    def recording(self) -> str:
        requires = " or ".join(f"{p}_requires" for p in self.inputs)
        return f"({requires}) and mode.enabled" if len(self.inputs) > 1 else f"{requires} and mode.enabled"

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
            body += _indented([*self.make_node(), *self.keep(self.saved), *self.attach()])
        body.append("return returned")
        return lines + _indented(body)

    def in_place(self) -> list[str]:
        """The form that overwrites ``self``: its old value is saved as a clone, its history goes on from the new node."""
        own = [word for word in self.saved if word in self.outputs]
        kept = self.keep(word for word in self.saved if word not in own)
        kept = [line.replace("save(self)", "save(self.clone())") for line in kept]  # inputs count as before the change
        record = [f"check_in_place(self, '{self.name}_')", *self.make_node(), *kept]
        finish = ["returned = self", *self.keep(own), *self.attach(in_place=True)]
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

    def release(self) -> list[str]:
        """Free the saved tensors; those that were not needed stay None."""
        body = [f"    if node.saved_{word} is not None: node.saved_{word} = by" for word in self.saved]
        return ["def release(node, by):", *body]

    def apply(self) -> list[str]:
        """The backward function of the node: unpack what was saved, evaluate the formula of each input that needs it."""
        body = ["(grad,) = gradients", "if grad is None: return (None,) * len(next_nodes)"]
        if self.several:
            body = [
                "grad, grads = gradients[0], gradients",
                "if all([g is None for g in grads]): return (None,) * len(next_nodes)",
            ]
        for word in self.saved:
            if word in self.outputs and word not in self.flat:
                body.append(f"{word} = saved_output(node, '{word}', node.saved_{word}, {self.outputs.index(word)})")
            else:
                body.append(f"{word} = node.unpacked('{word}', node.saved_{word})")
        body += [f"{word} = node.saved_{word}" for word in self.values]
        if self.inputs[0] in self.lists:
            body.append("if not any(next_nodes): return (None,) * len(next_nodes)")
            body.append(f"return gradient_of_{self.inputs[0]}({', '.join(self.wants[self.inputs[0]])})")
            return ["def apply(node, gradients, next_nodes):", *_indented(body)]
        for p in sorted(self.inputs):  # PyTorch's order: with create_graph it decides in which order the nodes made here run
            call = f"gradient_of_{p}({', '.join(self.wants[p])})"
            sharing = [other for other in self.inputs if self.formulas[other] is self.formulas[p]]
            if len(sharing) > 1:
                if p == sharing[0]:
                    needed = _tuple([f"next_nodes[{self.inputs.index(other)}] is not None" for other in sharing])
                    body += [f"needed = {needed}", f"{', '.join(f'of_{other}' for other in sharing)} = {call}"]
                continue
            body.append(f"of_{p} = {call} if next_nodes[{self.inputs.index(p)}] is not None else None")
        body.append(f"return {_tuple([f'of_{p}' for p in self.inputs])}")
        return ["def apply(node, gradients, next_nodes):", *_indented(body)]
