"""What autograd knows of a tensor: its array, its version, its gradient, and how it was made.

Mirrors: torch/csrc/autograd/variable.h, torch/csrc/autograd/python_variable.cpp
"""

from __future__ import annotations

import threading
import warnings
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from ..quiet import quietly
from .grad_mode import enable_grad, inference_blocks, mode
from .graph import Node, NoVersions, VersionCounter
from .hooks import Hook, Hooks, RemovableHandle
from .place import describe, users_place


class TensorBase:
    """A NumPy array with the fields that autograd needs; ``Tensor`` adds the operators.

    It owns its array, its gradient and the node that made it. The node that accumulates into a leaf is held weakly, for
    that node owns the leaf.
    """

    __slots__ = (
        *("__dict__", "__weakref__", "_array", "_requires_grad", "_grad_fn"),
        *("output_nr", "_base", "_counter", "_origin"),
    )
    _array: np.ndarray[Any, Any]
    _counter: VersionCounter | None
    _requires_grad: bool
    _grad_fn: Node | None
    output_nr: int
    _base: TensorBase | None
    _origin: str | None

    # What a tensor has until something sets it: most never need a field of their own for these.
    _grad: TensorBase | None = None
    _history_version = 0
    _accumulator: weakref.ref[Any] | None = None
    _hooks: Hooks | None = None
    _post_accumulate_grad_hooks: Hooks | None = None
    retains_grad = False

    if TYPE_CHECKING:  # the operators, which Tensor adds

        def __getattr__(self, name: str) -> Any: ...
        def __add__(self, other: Any) -> Any: ...

    __hash__ = object.__hash__  # a tensor is a key by identity, although == compares elements

    @property
    def grad_fn(self) -> Node | None:
        """The node whose output this tensor is; None for a leaf."""
        if self._base is not None:
            renew_history(self, self._base)
        return self._grad_fn

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this tensor. Gradients accumulate in leaves that require grad."""
        return self.grad_fn is None

    @property
    def version_counter(self) -> VersionCounter:
        """The counter of the in-place changes of this memory; made when it is first asked for, as most tensors never change."""
        if self._counter is None:
            self._counter = VersionCounter()
        return self._counter

    @property
    def _version(self) -> int:
        return self.version_counter.count

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded, so that gradients can reach it."""
        return self._requires_grad or (self._base is not None and self._base._requires_grad)

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise RuntimeError(f"requires_grad is True or False, not {value!r}")
        node = self._grad_fn
        if node is not None and not value:
            raise RuntimeError(
                f"requires_grad of a result cannot be switched off: this tensor was made by {node.name()} at "
                f"{describe(node.place)}. Use y.detach() to get the value without its history."
            )
        if value and self._array.dtype.kind != "f":
            raise RuntimeError(
                f"a tensor of dtype {self._array.dtype.name} cannot require grad: a gradient needs values that can change "
                f"by a little. Make it floating first, as in x.float().requires_grad_()."
            )
        if value and self.is_inference() and not mode.inference:
            raise RuntimeError("a tensor made under inference_mode() cannot require grad outside of it; use a clone() of it")
        self._requires_grad = value

    def is_inference(self) -> bool:
        """Whether the tensor was made under ``inference_mode``."""
        return self._counter.__class__ is NoVersions

    @property
    def grad(self) -> TensorBase | None:
        """The gradient accumulated so far: None until a backward pass has reached this leaf."""
        if self._grad is None and self._grad_fn is not None and not self.retains_grad:
            warnings.warn(
                f"reading .grad of a tensor that is not a leaf (made by {self._grad_fn.name()}): backward() fills the .grad "
                f"of leaves only. Call retain_grad() on it before backward() if you want its gradient kept.",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: TensorBase | None) -> None:
        if value is not None:
            if not isinstance(value, TensorBase):
                raise TypeError(f".grad can hold a Tensor or None, not {type(value).__name__}")
            if value is self:
                raise RuntimeError("a tensor cannot be its own .grad; assign a clone() of it")
            for what, own, given in (
                ("shape", list(self._array.shape), list(value._array.shape)),
                ("dtype", self._array.dtype.name, value._array.dtype.name),
            ):
                if own != given:
                    raise RuntimeError(
                        f".grad must have the {what} of its tensor: the tensor has {own}, the gradient {given}"
                    )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    def requires_grad_(self, requires_grad: bool = True) -> TensorBase:
        """Set ``requires_grad`` in place and return the tensor itself. Raises TypeError for what is no bool."""
        if not isinstance(requires_grad, bool):
            raise TypeError(f"requires_grad_ takes True or False, not {requires_grad!r} ({type(requires_grad).__name__})")
        self.requires_grad = requires_grad
        return self

    def detach(self) -> TensorBase:
        """The same memory without the history: an in-place change of one is seen, and counted, in the other."""
        tensor: TensorBase = wrap(self._array)
        tensor._counter = self.version_counter
        return tensor

    @property
    def data(self) -> TensorBase:
        """The same memory without the history, and with a version counter of its own: changes through it go unnoticed."""
        tensor: TensorBase = wrap(self._array)
        if self.is_inference():
            tensor._counter = self._counter
        return tensor

    @data.setter
    def data(self, value: TensorBase) -> None:
        if self._requires_grad and value._array.dtype.kind != "f":
            raise RuntimeError(f"x.data = y: x requires grad, and y has dtype {value._array.dtype.name}, which cannot")
        self._array = value._array

    def retain_grad(self) -> None:
        """Keep the gradient of this intermediate result in ``.grad``, as if it were a leaf.

        >>> import minigrad
        >>> x = minigrad.tensor(3.0, requires_grad=True)
        >>> y = x * x
        >>> y.retain_grad()
        >>> (2 * y).backward()
        >>> y.grad
        tensor(2.)
        """
        if not self.requires_grad:
            raise RuntimeError(
                "retain_grad() on a tensor that does not require grad: no gradient will ever arrive at it. Set "
                "requires_grad=True on a tensor that it is computed from."
            )
        node = self.grad_fn
        if node is not None and not self.retains_grad:
            node.own_hooks().retained[self.output_nr] = weakref.ref(self)
            self.retains_grad = True

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(grad)`` whenever the gradient of this tensor has been computed; what it returns replaces the gradient.

        Hooks of one tensor run in the order of registration. ``remove()`` of the returned handle ends it. Raises
        RuntimeError for a tensor that does not require grad.

        >>> import minigrad
        >>> x = minigrad.tensor(1.0, requires_grad=True)
        >>> handle = x.register_hook(lambda grad: grad * 10)
        >>> (3 * x).backward()
        >>> x.grad
        tensor(30.)
        """
        if not self.requires_grad:
            raise RuntimeError(
                "register_hook on a tensor that does not require grad: no gradient will ever arrive to be seen"
            )
        node = self.grad_fn
        if node is not None:
            return RemovableHandle(node.own_hooks().on_tensors.setdefault(self.output_nr, {}), hook)
        if self._hooks is None:
            self._hooks = {}
            alive = self._accumulator() if self._accumulator is not None else None
            if alive is not None:
                alive.own_hooks().on_tensors[0] = self._hooks
        return RemovableHandle(self._hooks, hook)

    def register_post_accumulate_grad_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(tensor)`` whenever ``.grad`` of this leaf has been added to. Raises RuntimeError if it is no leaf."""
        if not self.requires_grad or self.grad_fn is not None:
            raise RuntimeError("register_post_accumulate_grad_hook needs a leaf that requires grad: only leaves accumulate")
        if self._post_accumulate_grad_hooks is None:
            self._post_accumulate_grad_hooks = {}
        return RemovableHandle(self._post_accumulate_grad_hooks, hook)

    def detach_(self) -> TensorBase:
        """Forget the history in place: the tensor becomes a leaf that does not require grad. Refused for views."""
        if self._base is not None:
            raise RuntimeError("detach_() of a view would leave its base attached; use detach()")
        self._grad_fn, self._requires_grad, self.output_nr = None, False, 0
        return self

    def _accumulate(self, gradient: TensorBase) -> None:
        """Add to ``.grad``; a graph behind the gradient is kept only while ``create_graph`` records one.

        NOTE [First accumulation]: formulas pass one array to several inputs, and pass views that repeat one number. So
        the first gradient is copied: ``.grad`` is memory of its own, and ``x.grad.zero_()`` can change nothing else.
        """
        with _accumulating:
            if self._grad is None:
                array = gradient._array
                same = self._array.shape == array.shape  # unless .data was assigned between the passes
                kept = wrap(np.empty_like(self._array if same else array))  # strided as the leaf is: both are walked alike
                if mode.enabled and gradient._requires_grad:
                    kept.copy_(gradient)
                else:
                    kept._array[...] = array
                self._grad = kept
            elif mode.enabled:
                self._grad = self._grad + gradient
            else:
                try:
                    quietly(np.add, self._grad._array, gradient._array, self._grad._array)
                except ValueError as error:
                    raise RuntimeError(f"the .grad from before x.data was assigned must be set to None: {error}") from None
                self._grad.version_counter.bump(("backward", users_place()))

    def move_to(self, node: Node, output_nr: int = 0) -> None:
        """Make this an output of another node: ``retain_grad`` goes along, hooks stay with the old one."""
        if self.retains_grad and self._grad_fn is not None:
            node.own_hooks().retained[output_nr] = self._grad_fn.own_hooks().retained.pop(self.output_nr)
        self._grad_fn, self._requires_grad, self.output_nr = node, True, output_nr

    def _retain(self, gradient: TensorBase) -> None:
        """Add to the ``.grad`` that ``retain_grad`` keeps: always out of place, unlike that of a leaf."""
        self._grad = gradient.clone() if self._grad is None else self._grad + gradient


def renew_history(view: TensorBase, base: TensorBase) -> None:
    """Give a view the history that its memory has now.

    NOTE [Views and in-place changes]: an in-place change of a base, or of another view of it, changes this view as well,
    so the node that made the view no longer tells how its values came about. Whoever asks for the ``grad_fn`` of a view
    after such a change gets a new one: AsStridedBackward0, which takes the view anew from the base as it is now. And the
    history of the base is always whole: a change of a view becomes a CopySlices of the base, see in_place.py.
    """
    if not base._requires_grad:
        return
    version = view.version_counter.count
    if view._history_version != version:
        refuse_ambiguous_view(view, "was changed, through its base or another view,")
        with enable_grad():
            view.move_to(view.taken_from(base)._grad_fn)
        view._history_version = version


def refuse_ambiguous_view(view: TensorBase, what: str) -> None:
    """Raise RuntimeError for a change of a view that was made where a change could mean two things."""
    if view._origin is not None:
        raise RuntimeError(
            f"a view (shape {list(view._array.shape)}) {what} in place while the graph is recorded, but it was made {view._origin}, "
            f"so it is not clear what the change means for gradients. Change a clone() of it, or make the view where the "
            f"graph is recorded and with an operation that returns a single view."
        )


_accumulating = threading.RLock()  # several threads may run passes that end in the same leaf


# The class that every result is made of. ``tensor.py`` registers it, for it stands on the operators that need it.
_tensor_class: type[TensorBase] = TensorBase


def register_tensor_class(tensor_class: type[TensorBase]) -> None:
    """Name the class of which operators make their results."""
    global _tensor_class
    _tensor_class = tensor_class


_new = object.__new__
_ndarray = np.ndarray


def wrap(array: Any) -> Any:
    """A new tensor, a leaf without gradient, around an array (not a copy); a NumPy scalar becomes a 0-dim tensor."""
    if array.__class__ is not _ndarray:
        array = np.asarray(array)
    tensor = _new(_tensor_class)
    tensor._array = array
    tensor._counter = NoVersions() if inference_blocks and mode.inference else None
    tensor._requires_grad = False
    tensor._grad_fn = tensor._base = tensor._origin = None
    tensor.output_nr = 0
    return tensor
