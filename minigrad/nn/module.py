"""Module: a tree of parameters, buffers and submodules with a ``forward`` to call.

Mirrors: torch/nn/modules/module.py
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..autograd.grad_mode import no_grad
from ..autograd.hooks import Hook, Hooks, RemovableHandle
from ..autograd.variable import TensorBase
from ..dtypes import float16, float32, float64
from ..ops.creation import empty
from ..tensor import Tensor
from .backward_hooks import BackwardHooks
from .parameter import Parameter, UninitializedParameter


class IncompatibleKeys(NamedTuple):
    """What ``load_state_dict(strict=False)`` could not use, and could not find."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not any(self):
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Module:
    """The base of all layers and models: register what is assigned, then call ``forward``.

    A Parameter assigned as an attribute is found by ``parameters()``, a Module by ``children()``. Nothing else happens
    here: it is the tensor operations inside ``forward`` that record the graph.

    It owns its parameters, buffers and submodules; a plain tensor attribute is none of these and is not saved.
    """

    training: bool

    def __init__(self) -> None:
        own = self.__dict__
        own["training"] = True
        own["_parameters"], own["_buffers"], own["_modules"] = {}, {}, {}
        own["_non_persistent_buffers_set"] = set()
        own["_forward_pre_hooks"], own["_forward_hooks"] = {}, {}
        own["_backward_pre_hooks"], own["_backward_hooks"] = {}, {}

    def forward(self, *inputs: Any) -> Any:
        """What the module computes; every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} does not define forward()")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        if self._forward_pre_hooks or self._forward_hooks or self._backward_hooks or self._backward_pre_hooks:
            return self._call_with_hooks(inputs, options)
        return self.forward(*inputs, **options)

    # --- registering ----------------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter):
            self._register("_parameters", name, value)
        elif name in own.get("_parameters", ()):
            if value is not None:
                raise TypeError(
                    f"{type(self).__name__}.{name} is a Parameter, so it can be replaced by a Parameter or None, not by "
                    f"{type(value).__name__}. For a new value write {name}.data = ..., or wrap it in nn.Parameter."
                )
            own["_parameters"][name] = None
        elif isinstance(value, Module):
            self._register("_modules", name, value)
        elif name in own.get("_modules", ()):
            if value is not None:
                raise TypeError(
                    f"{type(self).__name__}.{name} is a Module; it can be replaced by a Module or None, not {value!r}"
                )
            own["_modules"][name] = None
        elif name in own.get("_buffers", ()):
            if value is not None and not isinstance(value, TensorBase):
                raise TypeError(
                    f"{type(self).__name__}.{name} is a buffer; it can be replaced by a Tensor or None, not {value!r}"
                )
            own["_buffers"][name] = value
        else:
            super().__setattr__(name, value)

    def _register(self, table: str, name: str, value: Any) -> None:
        """Put a value into one of the tables, and out of all other places that have the name."""
        own = self.__dict__
        if table not in own:
            raise self._too_early(name)
        target = own[table]
        for other in (own, own["_parameters"], own["_buffers"], own["_modules"]):
            if other is not target:
                other.pop(name, None)
        target[name] = value

    def _check_name(self, name: Any, kind: str, table: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a {kind} must be a string, not {name!r}")
        if "." in name or not name:
            raise KeyError(
                f"{name!r} cannot name a {kind}: a name is not empty and has no dot, which parts the names of modules"
            )
        if name not in getattr(self, table) and hasattr(self, name):
            raise KeyError(f"{type(self).__name__} has an attribute {name!r} already")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, or None to keep its place.

        Raises AttributeError before ``super().__init__()``, TypeError for what is no Parameter, ValueError for one that is
        not a leaf, KeyError for a name that is taken or has a dot.
        """
        self._check_name(name, "parameter", "_parameters")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"parameter {name!r} must be an nn.Parameter or None, not {type(param).__name__}")
        if param is not None and param._grad_fn is not None:
            raise ValueError(
                f"parameter {name!r} is not a leaf: it was made by {param._grad_fn.name()}. Keep the leaf as the parameter, and "
                f"compute from it in forward()."
            )
        self._register("_parameters", name, param)

    def register_buffer(self, name: str, tensor: TensorBase | None, persistent: bool = True) -> None:
        """Add a tensor that is part of the state but not learnt; it is in ``state_dict`` if ``persistent``."""
        self._check_name(name, "buffer", "_buffers")
        if tensor is not None and not isinstance(tensor, TensorBase):
            raise TypeError(f"buffer {name!r} must be a Tensor or None, not {type(tensor).__name__}")
        self._register("_buffers", name, tensor)
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a module under a name that need not be a valid attribute, as containers use."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{name!r} must be a Module or None, not {type(module).__name__}")
        self._check_name(name, "module", "_modules")
        self._register("_modules", name, module)

    register_module = add_module

    def _too_early(self, name: str) -> AttributeError:
        return AttributeError(
            f"{type(self).__name__} has no place for {name!r} before super().__init__() has been called; call it first in __init__"
        )

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        for table_name in ("_parameters", "_modules", "_buffers"):
            table = own.get(table_name)
            if table is None:
                raise self._too_early(name)
            if name in table:
                return table[name]
        raise AttributeError(f"{type(self).__name__} has no parameter, module or other attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._modules, self._buffers):
            if name in table:
                del table[name]
                self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        names = {*super().__dir__(), *self._parameters, *self._buffers, *self._modules}
        return sorted(name for name in names if not name[0].isdigit())

    # --- walking the tree -----------------------------------------------------------------------------------------------

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all below it, each once, with dotted names."""
        seen = set() if memo is None else memo
        stack = [(prefix, self)]
        while stack:
            name, module = stack.pop()
            if module in seen:
                continue
            if remove_duplicate:
                seen.add(module)
            yield name, module
            below = [
                (f"{name}.{key}" if name else key, child) for key, child in module._modules.items() if child is not None
            ]
            stack += reversed(below)

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly inside this one, each once, with their names."""
        seen: set[Module] = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """The modules directly inside this one."""
        return (child for _, child in self.named_children())

    def _named_members(self, table: str, prefix: str, recurse: bool, once: bool) -> Iterator[tuple[str, Any]]:
        seen = set()
        for path, module in self.named_modules(prefix=prefix, remove_duplicate=once) if recurse else [(prefix, self)]:
            for name, member in getattr(module, table).items():
                if member is not None and member not in seen:
                    if once:
                        seen.add(member)
                    yield f"{path}.{name}" if path else name, member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters of this module and of all below it, with dotted names; each once unless told otherwise."""
        return self._named_members("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters of this module and of all below it: what an optimiser is given."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers of this module and of all below it, with dotted names; each once unless told otherwise."""
        return self._named_members("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers of this module and of all below it."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module with this dotted name. Raises AttributeError if there is none."""
        module = self
        for name in target.split(".") if target else ():
            inner = module._modules.get(name)
            if inner is None:
                raise AttributeError(f"{type(module).__name__} has no module {name!r} (looking for {target!r})")
            module = inner
        return module

    def _get_member(self, target: str, table: str, kind: str) -> Any:
        path, _, name = target.rpartition(".")
        member = getattr(self.get_submodule(path), table).get(name)
        if member is None:
            raise AttributeError(f"{type(self).__name__} has no {kind} {target!r}")
        return member

    def get_parameter(self, target: str) -> Parameter:
        """The parameter with this dotted name. Raises AttributeError if there is none."""
        return self._get_member(target, "_parameters", "parameter")  # type: ignore[no-any-return]

    def get_buffer(self, target: str) -> Tensor:
        """The buffer with this dotted name. Raises AttributeError if there is none."""
        return self._get_member(target, "_buffers", "buffer")  # type: ignore[no-any-return]

    def apply(self, fn: Callable[[Module], Any]) -> Module:
        """Call ``fn`` on every module below and then on this one; returns the module."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # --- changing all at once -------------------------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Module:
        """Put this module and all below it into training mode; returns the module. Raises ValueError for no bool."""
        if not isinstance(mode, bool):
            raise ValueError(f"train({mode!r}): the mode is True or False")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Put this module and all below it into evaluation mode; returns the module."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Set whether all parameters require grad; returns the module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or with ``set_to_none=False`` fill them with zeros."""
        for parameter in self.parameters():
            clear_grad(parameter, set_to_none)

    def _convert(self, convert: Callable[[Any], Any]) -> Module:
        """Convert all parameters (which stay the same objects), their gradients, and all buffers."""
        with no_grad():
            for module in self.modules():
                for parameter in module._parameters.values():
                    if parameter is not None:
                        parameter.data = convert(parameter.data)
                        if parameter._grad is not None:
                            parameter._grad = convert(parameter._grad.detach())
                for name, buffer in module._buffers.items():
                    if buffer is not None:
                        module._buffers[name] = convert(buffer)
        return self

    def to(self, *target: Any, **options: Any) -> Module:
        """Convert floating parameters and buffers to a dtype (a device can only be the CPU); returns the module.

        Raises TypeError for a dtype that is not floating: gradients need values that can change by a little.
        """
        dtype = empty(0).to(*target, **options).dtype
        if not dtype.is_floating_point:
            raise TypeError(f"a module can be of a floating dtype, not {dtype}")
        return self._convert(lambda tensor: tensor.to(*target, **options) if tensor.is_floating_point() else tensor)

    def type(self, dst_type: Any) -> Module:
        """Convert all parameters and buffers, integers too, to a dtype; returns the module."""
        return self._convert(lambda tensor: tensor.type(dst_type))

    def float(self) -> Module:
        """Convert floating parameters and buffers to float32; returns the module."""
        return self.to(float32)

    def double(self) -> Module:
        """Convert floating parameters and buffers to float64; returns the module."""
        return self.to(float64)

    def half(self) -> Module:
        """Convert floating parameters and buffers to float16; returns the module."""
        return self.to(float16)

    def cpu(self) -> Module:
        """The module: it is on the CPU."""
        return self

    # --- state ----------------------------------------------------------------------------------------------------------

    def _named_state(self) -> Iterator[tuple[str, Any]]:
        """All parameters and persistent buffers by name, in the order of ``state_dict``; shared ones under every name."""
        for path, module in self.named_modules(remove_duplicate=False):
            buffers = {n: b for n, b in module._buffers.items() if n not in module._non_persistent_buffers_set}
            for name, tensor in {**module._parameters, **buffers}.items():
                if tensor is not None:
                    yield f"{path}.{name}" if path else name, tensor

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> OrderedDict[str, Any]:
        """All parameters and persistent buffers by name. They share memory with the module: clone them to keep a moment.

        >>> from minigrad import nn
        >>> list(nn.Sequential(nn.Linear(2, 1)).state_dict())
        ['0.weight', '0.bias']
        """
        return OrderedDict((prefix + name, tensor if keep_vars else tensor.detach()) for name, tensor in self._named_state())

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> IncompatibleKeys:
        """Copy values into the parameters and buffers of the same names.

        Everything is looked at first: if something does not fit, one RuntimeError names every key that is missing,
        unexpected (both only if ``strict``) or of another shape, and nothing is changed. ``assign=True`` takes the tensors
        themselves instead of copying. Raises TypeError for what is no mapping.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict takes a dict of tensors, not {type(state_dict).__name__}")
        own = dict(self._named_state())
        result = IncompatibleKeys([k for k in own if k not in state_dict], [k for k in state_dict if k not in own])
        problems = []
        if strict and result.missing_keys:
            problems.append(f"missing: {', '.join(result.missing_keys)}")
        if strict and result.unexpected_keys:
            problems.append(f"unexpected: {', '.join(map(str, result.unexpected_keys))}")
        for name, tensor in own.items():
            given = state_dict.get(name, tensor)
            if not isinstance(given, TensorBase):
                problems.append(f"{name}: not a Tensor but {type(given).__name__}")
            elif isinstance(tensor, UninitializedParameter):
                continue  # it takes any shape
            elif isinstance(given, UninitializedParameter):
                problems.append(f"{name}: not initialised yet, so it has no values to load")
            elif given._array.shape != tensor._array.shape:
                problems.append(f"{name}: shape {list(given._array.shape)} for {list(tensor._array.shape)}")
        if problems:
            lines = "\n  ".join(problems)
            raise RuntimeError(f"this state dict does not fit {type(self).__name__}, so nothing was loaded:\n  {lines}")
        with no_grad():
            for name, tensor in own.items():
                if name in state_dict:
                    self._load(name, tensor, state_dict[name], assign)
        return result

    def _load(self, name: str, tensor: Any, given: Any, assign: bool) -> None:
        if not assign:
            if isinstance(tensor, UninitializedParameter):
                if isinstance(given, UninitializedParameter):
                    return
                tensor.materialize(given.shape)
            tensor.copy_(given)
            return
        path, _, last = name.rpartition(".")
        module = self.get_submodule(path)
        if isinstance(tensor, Parameter):
            parameter = given if isinstance(given, Parameter) else Parameter(given)
            module._parameters[last] = parameter.requires_grad_(tensor.requires_grad)
        else:
            module._buffers[last] = given

    # --- hooks ----------------------------------------------------------------------------------------------------------

    def register_forward_pre_hook(self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False) -> RemovableHandle:
        """Call ``hook(module, args)`` before ``forward``; what it returns replaces the arguments.

        With ``with_kwargs`` it is called as ``hook(module, args, kwargs)`` and returns both or None.
        """
        return _registered(self._forward_pre_hooks, (hook, with_kwargs), prepend)

    def register_forward_hook(self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after ``forward``; what it returns replaces the output.

        With ``with_kwargs`` it is called as ``hook(module, args, kwargs, output)``.
        """
        return _registered(self._forward_hooks, (hook, with_kwargs), prepend)

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` when the gradients of the outputs are there; what it returns replaces them."""
        return _registered(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when the gradients of the inputs are there.

        What it returns replaces ``grad_input``.
        """
        return _registered(self._backward_hooks, hook, prepend)

    def _call_with_hooks(self, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        for hook, with_kwargs in list(self._forward_pre_hooks.values()):
            if with_kwargs:
                returned = hook(self, inputs, options)
                if returned is not None:
                    if not isinstance(returned, tuple) or len(returned) != 2:
                        raise RuntimeError(
                            f"a forward pre-hook with kwargs returns None or (args, kwargs), not {returned!r}"
                        )
                    inputs, options = returned
            else:
                returned = hook(self, inputs)
                if returned is not None:
                    inputs = returned if isinstance(returned, tuple) else (returned,)
        backward = None
        if self._backward_hooks or self._backward_pre_hooks:
            backward = BackwardHooks(self, list(self._backward_hooks.values()), list(self._backward_pre_hooks.values()))
            inputs = backward.watch_inputs(inputs)
        output = self.forward(*inputs, **options)
        for hook, with_kwargs in list(self._forward_hooks.values()):
            returned = hook(self, inputs, options, output) if with_kwargs else hook(self, inputs, output)
            if returned is not None:
                output = returned
        return output if backward is None else backward.watch_outputs(output)

    # --- text -----------------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the brackets of the repr; a subclass shows its settings here."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        settings = self.extra_repr()
        children = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self._modules.items()]
        lines = [*(settings.split("\n") if settings else []), *children]
        if not children and len(lines) < 2:
            return f"{self._get_name()}({settings})"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


def _registered(hooks: Hooks | dict[int, Any], hook: Any, prepend: bool) -> RemovableHandle:
    handle = RemovableHandle(hooks, hook)
    if prepend:
        later = {key: value for key, value in hooks.items() if key != handle.id}
        hooks.clear()
        hooks.update({handle.id: hook, **later})
    return handle


def clear_grad(parameter: Any, set_to_none: bool) -> None:
    """Forget the gradient of a tensor, or fill it with zeros, without the graph that ``create_graph`` may have given it."""
    if set_to_none:
        parameter._grad = None
    elif parameter._grad is not None:
        parameter._grad = parameter._grad.detach()
        parameter._grad.zero_()
