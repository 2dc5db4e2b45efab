"""The backward pass step by step: what arrives at each node, what it computes with, what it sends on, and what it frees.

Mirrors: nothing; PyTorch has no such tool.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import SimpleQueue
from types import CodeType, FrameType
from typing import Any, NamedTuple

from .protocol import (
    Edge,
    Saved,
    brief,
    edges,
    forward_line,
    leaf,
    names,
    output_shapes,
    roots,
    saved,
    short_name,
    users_frame,
    walk,
)
from .tree import explained_where
from .words import clipped, listed, memory, wrapped

INDENT, DEEPER = " " * 5, " " * 9
MOST_SOURCES = 6  # that are listed
MOST_STEPS = 100  # that are printed in full


class Sent(NamedTuple):
    """The gradient that leaves a node along an edge."""

    edge: Edge
    gradient: Any
    to: str  # the node that gets it, and the user's name for it


@dataclass
class Step:
    """One node of a backward pass, as it ran. It shows itself as text."""

    number: int
    node: Any
    name: str  # of the node
    title: str  # the name of the node with the user's name of what it made
    variable: str | None  # the user's name of the node's output, or of the leaf
    gradients: tuple[Any, ...]  # that arrived, one for each output; None where none did
    senders: list[list[int]]  # for each of them, the numbers of the steps that sent it, or sent a part of the sum
    saved: list[Saved]  # what the formula can use
    sent: list[Sent] = field(default_factory=list)
    before: Any = None  # of a leaf: its .grad
    after: Any = None
    freed: list[str] = field(default_factory=list)  # names of the saved values that were freed as soon as the node had run

    def __str__(self) -> str:
        shapes = ", ".join(str(list(shape)) for shape in output_shapes(self.node))
        line = forward_line(self.node)
        lines = [clipped(f"{self.number:>3}  {self.title}  {shapes}{f'  {line}' if line else ''}")]
        for position, (gradient, senders) in enumerate(zip(self.gradients, self.senders, strict=True)):
            name = f"grads[{position}]" if len(self.gradients) > 1 else "grad"
            lines += wrapped(f"{name} = {brief(gradient)}{_origin(senders)}", INDENT, DEEPER)
        if self.is_leaf and self.after is not None:
            if self.before is None:
                change = f" = {brief(self.after)}  (it was None)"
            else:
                change = f": {brief(self.before)} += {brief(self.gradients[0])}, now {brief(self.after)}"
            lines += wrapped(f"{self.variable or 'leaf'}.grad{change}", INDENT, DEEPER)
        plain = [f"{entry.name} = {brief(entry.value)}" for entry in self.saved if not entry.state and not entry.nbytes]
        if plain:
            lines += listed(plain, INDENT, DEEPER)
        for entry in self.saved:
            if entry.state:
                lines += wrapped(f"{entry.name} ({entry.state})", INDENT, DEEPER)
            elif entry.nbytes:
                fate = ", freed after this step" if entry.name in self.freed else ""
                text = f"{entry.name} = {brief(entry.value)}  (saved, {memory(entry.nbytes)}{fate})"
                lines += wrapped(text, INDENT, DEEPER)
        for edge, gradient, to in self.sent:
            lines += wrapped(f"{edge.input} gets {edge.formula or 'a gradient'}", INDENT, DEEPER)
            lines += wrapped(f"= {brief(gradient)}{self._broadcast(edge.formula, gradient)}  → {to}", DEEPER, DEEPER)
        return "\n".join(lines)

    __repr__ = __str__

    def _broadcast(self, formula: str, gradient: Any) -> str:
        """A remark on a gradient that was summed because its input was broadcast, by an operator that works on elements."""
        outputs = output_shapes(self.node)
        if gradient is None or len(outputs) != 1 or re.search(r"_sym_|\b(mm|bmm|mv|outer)\(", formula):
            return ""
        shape, output = tuple(gradient.shape), outputs[0]
        fits = len(shape) <= len(output) and all(n in (1, m) for n, m in zip(shape[::-1], output[::-1], strict=False))
        if not fits or shape == output:
            return ""
        return f", summed: {list(shape)} was broadcast to {list(output)}"

    @property
    def is_leaf(self) -> bool:
        """Whether this step adds to the ``.grad`` of a leaf."""
        return leaf(self.node) is not None


def _origin(senders: list[int]) -> str:
    """Where a gradient came from: a step, or the several whose gradients were added."""
    sources = list(dict.fromkeys(senders))
    if not sources:
        return ""
    steps = f"step {sources[0]}" if len(sources) == 1 else f"steps {', '.join(map(str, sources[:-1]))} and {sources[-1]}"
    if len(sources) > MOST_SOURCES:
        steps = f"steps {sources[0]} to {sources[-1]}"
    return f"  (from {steps})" if len(senders) == 1 else f"  (the sum of {len(senders):,} gradients, from {steps})"


def trace(loss: Any, gradient: Any = None, *, retain_graph: bool | None = None, model: Any = None) -> None:
    """Run ``loss.backward()``, and print what happens at every node.

    Small tensors are shown in numbers, large ones by shape and norm. After the first 100 steps, only the leaves are shown.

    >>> import minigrad
    >>> w = minigrad.tensor(3.0, requires_grad=True)
    >>> loss = w * 2.0
    >>> loss.backward()
    >>> loss = w * 5.0
    >>> trace(loss)  # doctest: +ELLIPSIS
      1  loss = MulBackward0  []  ...
         grad = 1
         other = 5  (saved, 8 bytes, freed after this step)
         self gets grad * other
             = 5  → AccumulateGrad of w
      2  AccumulateGrad of w  []
         grad = 5  (from step 1)
         w.grad: 2 += 5, now 7
    """
    left_out = 0

    def show(step: Step) -> None:
        nonlocal left_out
        if step.number > MOST_STEPS and not step.is_leaf:
            left_out += 1
            return
        if left_out:
            print(f"     ... {left_out:,} step{'s' * (left_out > 1)} more ...")
        left_out = 0
        print(step)

    recorder = _Recorder(loss, model, show)
    recorder.watch(lambda: loss.backward(gradient, retain_graph=retain_graph))
    for line in explained_where(recorder.nodes):
        print(line)


def steps(
    loss: Any, gradient: Any = None, *, retain_graph: bool | None = None, create_graph: bool = False, model: Any = None
) -> Iterator[Step]:
    """The backward pass as an iterator: each ``next()`` lets one more node run, and gives what it did.

    Between two steps the pass really stands still: ``w.grad`` is what it is after the steps so far. The arguments are
    those of ``backward``; an error in a node is raised from ``next()``. Closing the iterator stops the pass where it is.

    >>> import minigrad
    >>> w = minigrad.tensor(3.0, requires_grad=True)
    >>> single = steps(w * w)
    >>> next(single).sent[0].gradient, w.grad
    (tensor(3.), None)
    >>> next(single).name, w.grad
    ('AccumulateGrad', tensor(6.))
    """
    recorder = _Recorder(loss, model, lambda step: None)
    return _one_by_one(recorder, lambda: loss.backward(gradient, retain_graph=retain_graph, create_graph=create_graph))


class _Stopped(BaseException):
    """Raised inside the pass when nobody wants to see the rest of it."""


def _standing_for(frame: FrameType) -> CodeType:
    """A call of ``call`` that seems to stand on the running line of a frame.

    Messages of the engine name the line that began a pass, and look for it among the callers; in a new thread there are none.
    """
    return compile("\n" * (frame.f_lineno - 1) + "call()", frame.f_code.co_filename, "exec")


def _one_by_one(recorder: _Recorder, backward: Callable[[], None]) -> Iterator[Step]:
    """Run the pass in a thread of its own, which waits after every step until the next one is asked for."""
    done: SimpleQueue[Step | BaseException | None] = SimpleQueue()
    may_go_on = threading.Semaphore(0)
    stopped = False

    def hand_out(step: Step) -> None:
        done.put(step)
        may_go_on.acquire()
        if stopped:
            raise _Stopped

    users_line = _standing_for(users_frame())

    def work() -> None:
        try:
            exec(users_line, {"call": lambda: recorder.watch(backward)})
            done.put(None)
        except BaseException as error:
            done.put(error)

    recorder.hand_out = hand_out
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while isinstance(result := done.get(), Step):
            yield result
            may_go_on.release()
        if result is not None:
            raise result
    finally:
        stopped = True
        may_go_on.release()
        thread.join()


class _Recorder:
    """Hooks on every node, which note what happens there, and hand out each step once it is over."""

    def __init__(self, loss: Any, model: Any, hand_out: Callable[[Step], None]) -> None:
        if not roots(loss):
            raise RuntimeError(
                "there is no graph to go back through: the tensor was not computed from one that requires grad"
            )
        self.nodes, self.of_users, self.hand_out = walk(loss), names(model), hand_out
        self.number = 0
        self.step: Step | None = None
        self.senders: dict[Any, list[int]] = {}

    def watch(self, backward: Callable[[], None]) -> None:
        """Run the pass with the hooks on."""
        handles = []
        try:
            for node in self.nodes:
                handles.append(node.register_prehook(lambda gradients, node=node: self.before(node, gradients)))
                handles.append(node.register_hook(lambda outputs, gradients, node=node: self.after(node, outputs)))
            backward()
            self.finish()
        finally:
            for handle in handles:
                handle.remove()

    def before(self, node: Any, gradients: tuple[Any, ...]) -> None:
        """A node is about to run, so the one before it has done all that it does."""
        self.finish()
        self.number += 1
        variable = leaf(node)
        arrived = tuple(gradients)[: len(output_shapes(node))]  # integer outputs, which come last, have none
        self.step = Step(
            number=self.number,
            node=node,
            name=short_name(node),
            title=self.title(node),
            variable=self.of_users.get(node if variable is None else variable),
            gradients=arrived,
            senders=[self.senders.pop((node, number), []) for number in range(len(arrived))],
            saved=saved(node),
            before=None if variable is None or variable.grad is None else variable.grad.detach().clone(),
        )

    def after(self, node: Any, outputs: tuple[Any, ...]) -> None:
        """A node has run."""
        assert self.step is not None
        positions = [position for position, (before, _) in enumerate(node.next_functions) if before is not None]
        for edge, position in zip(edges(node), positions, strict=True):
            self.step.sent.append(Sent(edge, outputs[position], self.title(edge.node)))
            if outputs[position] is not None:
                self.senders.setdefault((edge.node, edge.output_nr), []).append(self.number)
        variable = leaf(node)
        if variable is not None and variable.grad is not None:
            self.step.after = variable.grad.detach().clone()

    def title(self, node: Any) -> str:
        """The user's name of what a node made, or of the leaf that it adds to, and the node's own."""
        variable = leaf(node)
        name = self.of_users.get(node if variable is None else variable)
        if variable is not None:
            return f"{short_name(node)} of {name or 'a leaf'}"
        return f"{name} = {short_name(node)}" if name else short_name(node)

    def finish(self) -> None:
        """Hand out the last step, now that it is known what it freed."""
        step, self.step = self.step, None
        if step is None:
            return
        if any(entry.nbytes for entry in step.saved):
            gone = {entry.name for entry in saved(step.node) if entry.state == "freed"}
            step.freed = [entry.name for entry in step.saved if not entry.state and entry.nbytes and entry.name in gone]
        self.hand_out(step)
