"""The graph: nodes, the edges between them, and the tensors that nodes keep for the backward pass.

Mirrors: torch/csrc/autograd/function.h, functions/accumulate_grad.cpp, torch/autograd/graph.py
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from .grad_mode import mode
from .hooks import Hook, NodeHooks, RemovableHandle
from .place import Place, describe

if TYPE_CHECKING:
    from .variable import TensorBase

# An edge says where a gradient goes: to which node, and to which of the outputs of that node it belongs.
Edge = tuple["Node | None", int]

# Shape and type of one output of a node: what a gradient that arrives for this output must fit.
Metadata = tuple[tuple[int, ...], np.dtype[Any]]

# An in-place change: which operator made it, and on which line of the user's program.
Edit = tuple[str, Place]

next_sequence_nr = itertools.count().__next__


class VersionCounter:
    """Counts the in-place changes of one memory. A tensor, its views and its ``detach()`` share one counter."""

    count = 0
    last_edit: Edit | None = None

    def bump(self, edit: Edit) -> None:
        """Note one more in-place change."""
        self.count += 1
        self.last_edit = edit


class NoVersions(VersionCounter):
    """Stands in the place of a counter in tensors made under ``inference_mode``: they can be neither saved nor changed."""

    @property
    def count(self) -> int:  # type: ignore[override]
        """Raises RuntimeError: whoever asks is about to save the tensor for a backward pass."""
        raise RuntimeError(
            "a tensor made under inference_mode() has no version, so it cannot be saved for a backward pass. Use a clone() "
            "of it, or make it under no_grad() instead."
        )

    def bump(self, edit: Edit) -> None:
        """Raises RuntimeError unless inside ``inference_mode``, where changes need not be counted."""
        if not mode.inference:
            raise RuntimeError(
                f"{edit[0]} would change a tensor that was made under inference_mode(), outside of it. Use a clone()"
            )


class Released:
    """What stands in the place of a node's saved tensors once a backward pass has freed them."""

    __slots__ = ("backward",)

    def __init__(self, backward: Place) -> None:
        self.backward = backward


class Packed(NamedTuple):
    """What a pack hook made of a saved tensor, and the unpack hook that turns it back."""

    content: Any
    unpack_hook: Callable[[Any], Any]

    def unpack(self) -> Any:
        """The tensor again. Raises TypeError if the hook returns anything else."""
        tensor = self.unpack_hook(self.content)
        if not hasattr(tensor, "_array"):
            raise TypeError(f"an unpack hook must return the saved Tensor, but it returned {tensor!r}")
        return tensor


class _Active(threading.local):
    """The pairs of pack and unpack functions of the ``with`` blocks that this thread is in."""

    pairs: tuple[tuple[Callable[[Any], Any], Callable[[Any], Any]], ...] = ()


active = _Active()
open_blocks: list[saved_tensors_hooks] = []  # of all threads; while there are none, saving need not look any further


class saved_tensors_hooks:
    """Inside this ``with`` block, nodes keep ``pack(tensor)`` instead of the tensor, and call ``unpack`` to get it back.

    So saved values can live on disk, or be computed again. In-place changes of packed tensors go unnoticed.

    >>> import minigrad
    >>> x = minigrad.tensor([2.0], requires_grad=True)
    >>> with saved_tensors_hooks(lambda t: t.tolist(), lambda numbers: minigrad.tensor(numbers)):
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([4.])
    """

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self.pair = pack_hook, unpack_hook

    def __enter__(self) -> None:
        open_blocks.append(self)
        active.pairs = (*active.pairs, self.pair)

    def __exit__(self, *error: object) -> None:
        open_blocks.remove(self)
        active.pairs = active.pairs[:-1]


class Node:
    """One differentiable operation that was carried out: how to turn the gradient of its outputs into those of its inputs.

    Each operator has a subclass of its own, named as in PyTorch (``MulBackward0``), written by ``operator.differentiable``.

    A node owns the nodes before it, each in a slot ``next_<input>``: a tuple would be one more object in every node for the
    garbage collector, which goes through a large graph again and again while it grows. With ``input_nrs`` they make the
    edges, ``next_functions``. It also owns what its formulas need, each in a slot ``saved_<name>``: tensors, freed by the
    backward pass, and plain values. It must not own a tensor whose ``grad_fn`` it is: then neither could be freed by
    counting references. So an output is saved without its ``grad_fn`` (see ``saved_output``).
    """

    __slots__ = ("__weakref__", "hooks", "input_nrs", "metadata", "place", "sequence_nr")

    namespace: ClassVar[str] = ""  # PyTorch writes it before the names of the nodes that its table of formulas does not make
    saved_names: ClassVar[tuple[str, ...]] = ()  # of the tensors among them

    next_nodes: tuple[Node | None, ...]
    input_nrs: tuple[int, ...]
    sequence_nr: float
    metadata: tuple[Metadata, ...]
    place: Place
    hooks: NodeHooks | None

    def name(self) -> str:
        """The name that PyTorch gives this kind of node."""
        return self.namespace + type(self).__name__

    def _sequence_nr(self) -> float:
        return self.sequence_nr

    @property
    def next_functions(self) -> tuple[Edge, ...]:
        """The edges: for each input, the node that its gradient goes to, and which output of that node the input was."""
        return tuple(zip(self.next_nodes, self.input_nrs, strict=True))

    def apply(self, gradients: list[Any], next_nodes: tuple[Node | None, ...]) -> tuple[Any, ...]:
        """The gradients of the inputs, from those of the outputs; None for an input whose gradient goes to no node."""
        raise NotImplementedError

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(grad_inputs, grad_outputs)`` after this node; a tuple that it returns replaces ``grad_inputs``."""
        return RemovableHandle(self.own_hooks().post, hook)

    def register_prehook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(grad_outputs)`` before this node; a tuple that it returns replaces ``grad_outputs``."""
        return RemovableHandle(self.own_hooks().pre, hook)

    def own_hooks(self) -> NodeHooks:
        """The hooks of this node, made if there are none yet."""
        if self.hooks is None:
            self.hooks = NodeHooks()
        return self.hooks

    def release(self, by: Released) -> None:
        """Free the saved tensors, and remember which backward pass did. A node that kept none can run again."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"

    # NOTE [Saved tensors]: what a node keeps of a tensor is one of
    #   tensor, (tensor, version)    an input, with the version that it had if that was not 0
    #   (array, counter, version)    an output: without its grad_fn, which is this very node; of a view that was changed in
    #                                place, a weak reference to the node that made the view anew comes fourth
    #   Packed                       either of them, as a pack hook left it
    #   a number                     an operand that never was a tensor
    #   [tensor, None]               several inputs in a list, some left out
    #   None                         not needed, since the input whose formula names it requires no gradient
    #   Released                     any of the others, after a backward pass that did not retain the graph

    def saved_values(self) -> dict[str, Any]:
        """What the node saved, by name, for messages."""
        return {name: getattr(self, f"_saved_{name}") for name in self.saved_names}

    def unpacked(self, name: str, entry: Any) -> Any:
        """An input, as it was saved under this name. Raises RuntimeError if it was freed, or changed in place since."""
        kind = entry.__class__
        if kind is tuple:
            tensor, version = entry
        elif kind is Packed:
            return entry.unpack()
        elif kind is list:
            return [self.unpacked(name, each) for each in entry]
        elif kind is Released:
            raise self._freed(entry)
        else:
            tensor, version = entry, 0
        counter = getattr(tensor, "_counter", None)  # a number has none, nor has a tensor of which no version was ever asked
        if counter is not None and counter.count != version:
            raise self.changed(name, tensor._array, counter, version)
        return tensor

    def _freed(self, by: Released) -> RuntimeError:
        """The error for a node that should run again after a backward pass has freed what it had saved."""
        names = ", ".join(self.saved_names) or "the operation"
        return RuntimeError(
            f"{self.name()} has nothing left to compute with: it had saved {names} for one backward pass, and that pass "
            f"freed them.\n"
            f"  forward:  {describe(self.place)}\n"
            f"  freed by: {describe(by.backward)}\n"
            f"To go through this graph more than once, pass retain_graph=True to every backward but the last; to get a "
            f"new graph, run the forward computation again."
        )

    def changed(self, name: str, array: Any, counter: VersionCounter, version: int) -> RuntimeError:
        """The error for a saved tensor that an in-place operation has changed since."""
        assert counter.last_edit is not None
        operator, place = counter.last_edit
        return RuntimeError(
            f"{self.name()} cannot use its saved {name} (shape {list(array.shape)}): its formula "
            f"needs the value of version {version}, but in-place changes have brought it to version {counter.count}.\n"
            f"  saved at:        {describe(self.place)}\n"
            f"  last changed by: {operator} at {describe(place)}\n"
            f"Write the change out of place (y = y + 1 instead of y += 1), or make it on a clone()."
        )


class AccumulateGrad(Node):
    """The end of a path: adds the gradient that arrives into ``variable.grad``.

    It owns the leaf tensor. The leaf holds it weakly, so it lives as long as some graph leads to it.
    """

    __slots__ = ("variable",)
    namespace = "torch::autograd::"

    variable: TensorBase
    next_nodes = input_nrs = ()
    sequence_nr = float("inf")
    place: Any = None

    def apply(self, gradients: list[Any], next_nodes: tuple[Node | None, ...]) -> tuple[Any, ...]:
        (gradient,), leaf = gradients, self.variable
        if gradient is not None and leaf._requires_grad:  # it may have been switched off since
            if leaf._grad_fn is not None:
                raise RuntimeError(
                    f"a tensor (shape {list(leaf._array.shape)}) that was a leaf when the graph was built has since been "
                    f"changed in place by {leaf._grad_fn.name()}, so it can no longer collect a gradient. Change a clone() of "
                    f"it instead."
                )
            leaf._accumulate(gradient)
        if leaf._post_accumulate_grad_hooks:
            for hook in list(leaf._post_accumulate_grad_hooks.values()):
                if (answer := hook(leaf)) is not None:
                    raise RuntimeError(
                        f"a hook after accumulation returns None, not {answer!r}; it may change .grad in place"
                    )
        return ()


def accumulator(leaf: TensorBase) -> AccumulateGrad:
    """The one AccumulateGrad of a leaf, made when a first graph needs it."""
    node = leaf._accumulator() if leaf._accumulator is not None else None
    if node is None:
        node = AccumulateGrad()
        node.variable = leaf
        node.metadata = ((leaf._array.shape, leaf._array.dtype),)
        node.hooks = None if leaf._hooks is None else NodeHooks(on_leaf=leaf._hooks)
        leaf._accumulator = weakref.ref(node)
    return node


def gradient_node(tensor: TensorBase) -> Node | None:
    """Where the gradient of a tensor must go: to its ``grad_fn``, or for a leaf to its accumulator."""
    node = tensor._grad_fn if tensor._base is None else tensor.grad_fn
    return node if node is not None else accumulator(tensor) if tensor._requires_grad else None


def gradient_edge(tensor: TensorBase) -> Edge:
    """The edge that leads to a tensor: that node, and which of its outputs the tensor is."""
    return gradient_node(tensor), tensor.output_nr
