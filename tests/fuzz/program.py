"""Random programs, one line of Python for each statement, chosen by a seed while torch runs them.

The writer looks at the tensors that torch has so far: so most lines make sense (shapes fit, logarithms are taken of positive numbers), and the
few that do not are there to be refused. A program is no more than its lines; it is run again from them alone, by either engine.
"""

from __future__ import annotations

import random
from typing import Any

SIZES = [(), (1,), (2,), (3,), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (1, 2, 3), (2, 2, 2)]
LARGEST = 50.0  # the magnitude up to which a tensor takes part in products and powers, so that values stay small

Names = list[str]


def broadcasts(own: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two shapes can be combined element by element."""
    return all(a == b or 1 in (a, b) for a, b in zip(own[::-1], other[::-1], strict=False))


def fills(target: tuple[int, ...], source: tuple[int, ...]) -> bool:
    """Whether a shape can be broadcast to another one, as an in-place operation needs it."""
    return len(source) <= len(target) and all(a in (1, b) for a, b in zip(source[::-1], target[::-1], strict=False))


class Writer:
    """Chooses the next line of a program. It owns its random numbers and the count of names; the tensors are torch's."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.dtype = self.random.choice(["float64", "float64", "float64", "float32"])
        self.names = 0
        self.handles: Names = []
        self.tensors: dict[str, Any] = {}
        self.newest = ""
        self.plain: set[str] = set()  # made without requiring grad
        self.largest: dict[str, float] = {}
        self.smallest: dict[str, float] = {}

    # --- choosing -------------------------------------------------------------------------------------------------------

    def look(self, tensors: dict[str, Any]) -> None:
        """Take note of the tensors as they are now."""
        for name, tensor in tensors.items():
            if self.tensors.get(name) is not tensor:
                self.plain.discard(name)
                if not tensor.requires_grad:
                    self.plain.add(name)
        self.tensors = tensors
        self.shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        self.largest, self.smallest = {}, {}
        for name, tensor in tensors.items():
            values = (tensor.detach() + 0).reshape(-1).tolist()  # + 0: see run._numbers
            self.largest[name] = max(map(abs, values), default=0.0)
            self.smallest[name] = min(values, default=0.0)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def new(self) -> str:
        """A name for a result; now and then an old one, so that the tensor it had dies."""
        if len(self.tensors) > 3 and self.chance(0.1):
            return self.random.choice(list(self.tensors))
        self.names += 1
        return f"x{self.names}"

    def any(self, candidates: Names | None = None) -> str:
        """One of the tensors, the younger the more likely."""
        names = candidates or list(self.tensors)
        return names[int(len(names) * self.random.random() ** 0.6)]

    def which(self, condition: Any) -> str:
        """A tensor of which the condition holds; if there is none, any."""
        return self.any([name for name in self.tensors if condition(name)])

    def moderate(self) -> str:
        return self.which(lambda name: self.largest[name] <= LARGEST)

    def positive(self) -> str:
        return self.which(lambda name: self.smallest[name] > 0.1)

    def graph(self) -> str:
        """A tensor that requires grad, or (seldom) any."""
        return self.any() if self.chance(0.1) else self.which(lambda name: self.tensors[name].requires_grad)

    def partner(self, name: str, fits: Any = broadcasts) -> str:
        """A tensor whose shape fits that of another; seldom, any."""
        if self.chance(0.03):
            return self.any()
        shape = self.shapes[name]
        return self.which(lambda other: fits(shape, self.shapes[other]) and self.largest[other] <= LARGEST)

    def laid_out_alike(self, x: str) -> bool:
        """Whether both engines have this tensor in the same layout.

        Of operands in different layouts, torch takes that of the first for the result, and NumPy rows. No value depends on
        it, but whether view() is possible does.
        """
        tensor = self.tensors[x]
        return bool((tensor if tensor._base is None else tensor._base).is_contiguous())

    def renewed(self, x: str) -> str:
        """What must come before a line that torch takes wrongly if the view `x` is stale.

        That is a view that had no grad_fn, since its base required no grad when it was made, and of which the base was changed
        with the graph recorded. Until somebody reads its grad_fn, torch treats it as a leaf: refuses to change it, and
        ignores retain_grad.
        """
        return f"{x}.is_leaf; " if self.tensors[x]._is_view() and x in self.plain else ""

    # --- lines ----------------------------------------------------------------------------------------------------------

    def leaf(self) -> str:
        """A new leaf."""
        size = self.random.choice(SIZES)
        count = 1
        for length in size:
            count *= length
        low = 1 if self.chance(0.4) else -12
        values: Any = [self.random.choice([n for n in range(low, 13) if n]) / 8 for _ in range(count)]
        for length in size[:0:-1]:
            values = [values[i : i + length] for i in range(0, len(values), length)]
        dtype = self.dtype if self.chance(0.95) else "float32"
        requires = ", requires_grad=True" if self.chance(0.7) else ""
        return f"{self.new()} = torch.tensor({values if size else values[0]}, dtype=torch.{dtype}{requires})"

    def unary(self) -> str:
        """An operator of one tensor, element by element or a reduction."""
        kind = self.random.random()
        if kind < 0.2:
            x = self.positive()
            return f"{self.new()} = " + self.random.choice(
                [f"{x}.log()", f"{x}.sqrt()", f"1 / {x}", f"{x} ** -2", f"{x} ** 0.5"]
            )
        if kind < 0.3:
            x = self.which(lambda name: self.largest[name] <= 3)
            return f"{self.new()} = {x}.exp()"
        x = self.moderate()
        dim = self.random.choice(range(-len(self.shapes[x]), len(self.shapes[x])) or [0])
        form = self.random.choice([
            "-{x}", "{x}.tanh()", "{x}.sigmoid()", "{x}.relu()", "{x}.abs()", "{x} ** 2", "{x} ** 3", "1 - {x}", "{x} * 2", "{x} + 1",
            "{x} / 4", "{x}.sum()", "{x}.sum()", "{x}.mean()", "{x}.sum({dim})", "{x}.mean({dim}, keepdim=True)",
            "{x}.clone()", "{x} * {x}",
        ])  # fmt: skip
        return f"{self.new()} = " + form.format(x=x, dim=dim)

    def binary(self) -> str:
        """An operator of two or three tensors."""
        a = self.moderate()
        kind = self.random.random()
        if kind < 0.15:
            b = self.positive()
            b = b if broadcasts(self.shapes[a], self.shapes[b]) else a
            return f"{self.new()} = {a} / {b}"
        if kind < 0.25:
            matrices = [name for name in self.tensors if len(self.shapes[name]) == 2 and self.largest[name] <= LARGEST]
            if matrices:
                a = self.any(matrices)
                b = self.any([name for name in matrices if self.shapes[name][0] == self.shapes[a][1]])
                return f"{self.new()} = torch.mm({a}, {b})"
        if kind < 0.32:
            b = self.partner(a)
            return f"{self.new()} = torch.where({self.partner(a)} > 0, {a}, {b})"
        if kind < 0.38:
            b = self.which(lambda name: self.shapes[name] == self.shapes[a])
            reduction = self.random.choice(["mean", "sum", "none"])
            return f"{self.new()} = torch.nn.functional.mse_loss({a}, {b}, reduction={reduction!r})"
        return f"{self.new()} = {a} {self.random.choice(['+', '-', '*', '*'])} {self.partner(a)}"

    def view(self) -> str:
        """An operator whose result shares memory, or may do so."""
        x = self.which(self.laid_out_alike)
        shape = self.shapes[x]
        dims = len(shape)
        forms = [
            "{x}.detach()",
            "{x}.reshape(-1)",
            "{x}.view({shape})",
            "{x}.unsqueeze({insert})",
            "{x}.squeeze()",
            "{x}[...]",
        ]
        if dims:
            forms += [
                "{x}.view(-1)", "{x}[{at}]", "{x}[{at}]", "{x}[{start}:]", "{x}[::2]", "{x}[..., {last}]", "{x}.squeeze({dim})",
                "{x}.permute({order})", "{x}.transpose(0, -1)", "{x}.select({dim}, 0)", "{x}[None, {at}]", "{x}[torch.tensor([{at}, {at}])]",
                "{x}[{x} > 0.3]", "{x}.narrow(0, 0, 1)",
            ]  # fmt: skip
        else:
            forms += ["{x}.expand(2)", "{x}.view(1)"]
        if 0 < dims <= 2:
            forms += ["{x}.t()"]
        if 1 in shape:
            forms += ["{x}.expand({stretched})"] * 2
        form = self.random.choice(forms)
        return f"{self.new()} = " + form.format(
            x=x,
            shape=", ".join(map(str, shape[::-1])) or "()",
            insert=self.random.randint(0, dims),
            at=self.random.randrange(shape[0] or 1) if dims else 0,
            start=self.random.choice([0, 1]),
            last=self.random.randrange(shape[-1] or 1) if dims else 0,
            dim=self.random.randrange(-dims, dims) if dims else 0,
            order=", ".join(map(str, self.random.sample(range(dims), dims))),
            stretched=", ".join("2" if length == 1 else "-1" for length in shape),
        ).replace("view(())", "view(())")

    def joining(self) -> str:
        """Several tensors made one, or one made several."""
        x = self.which(lambda name: self.shapes[name] and self.largest[name] <= LARGEST)
        if self.chance(0.5):
            y = self.which(lambda name: self.shapes[name] == self.shapes[x])
            return f"{self.new()} = torch.{self.random.choice(['stack', 'cat'])}([{x}, {y}])"
        call = self.random.choice(["unbind()", "split(1)", "chunk(2)"])
        parts = self.shapes[x][0] if self.shapes[x] else 1
        parts = min(parts, 2) if call == "chunk(2)" else parts
        targets = "".join(f"{self.new()}, " for _ in range(parts)) or f"{self.new()}, "
        return f"{targets}= {x}.{call}"

    def assign(self) -> str:
        """A part of a tensor replaced."""
        x = self.moderate()
        if not self.shapes[x] or not self.shapes[x][0]:
            return f"{self.renewed(x)}{x}[...] = 0.5"
        if any(
            step == 0 for step in self.tensors[x].stride()
        ):  # with a mask torch only warns of this, and is to refuse it one day
            x = f"{x}.clone()"
            return f"{x}[0] = 0.5"
        at = self.random.choice(["0", "-1", "1:", "..., 0", "::2", f"{x} > 0.3", "torch.tensor([0, -1])"])
        if self.chance(0.4):
            return f"{self.renewed(x)}{x}[{at}] = 0.25"
        part = self.shapes[x][1:] if at in ("0", "-1") else self.shapes[x][:-1] if at == "..., 0" else (1,)
        value = self.which(lambda name: fills(part, self.shapes[name]) and self.largest[name] <= LARGEST)
        if self.tensors[value].untyped_storage().data_ptr() == self.tensors[x].untyped_storage().data_ptr():
            value = f"{value}.clone()"
        return f"{self.renewed(x)}{x}[{at}] = {value}"

    def in_place(self) -> str:
        """An operator that overwrites a tensor."""
        if self.chance(0.2):
            x = self.positive()
            return f"{self.renewed(x)}{x}.{self.random.choice(['sqrt_()', 'pow_(2)', 'div_(2)'])}"
        x = self.moderate()
        if self.chance(0.5):
            action = self.random.choice([
                "zero_()", "neg_()", "tanh_()", "sigmoid_()", "relu_()", "fill_(0.5)", "mul_(2)", "add_(1)", "abs_()",
                "exp_()" if self.largest[x] <= 3 else "mul_(0.125)",
            ])  # fmt: skip
            return f"{self.renewed(x)}{x}.{action}"
        other = self.partner(x, fills)
        if other == x or not self.orderly(x, other):
            return f"{self.renewed(x)}{x}.neg_()"
        if self.tensors[x].dtype != self.tensors[other].dtype:
            # A copy_ that broadcasts and converts: torch undoes first the one, then the other, and minigrad the other way round.
            return f"{self.renewed(x)}{x}.mul_({other})"
        if self.chance(0.1):
            return f"{self.renewed(x)}{x} {self.random.choice(['+=', '-=', '*='])} {other}"
        return f"{self.renewed(x)}{x}.{self.random.choice(['add_', 'sub_', 'mul_', 'copy_', 'copy_'])}({other})"

    def orderly(self, x: str, other: str) -> bool:
        """Whether torch does not read elements of the operand that it has overwritten before: unnoticed if there are gaps."""
        a, b = self.tensors[x], self.tensors[other]
        apart = a.untyped_storage().data_ptr() != b.untyped_storage().data_ptr()
        # Strides along a length of 1 mean nothing, but torch compares them too.
        return apart or (a.is_contiguous() and b.is_contiguous() and (1 not in a.shape or a.shape != b.shape))

    def gradient_options(self) -> str:
        return self.random.choice(["", "", "", "retain_graph=True", "retain_graph=True", "create_graph=True"])

    def backward(self) -> str:
        """A backward pass from one tensor, or from two."""
        x = self.graph()
        options = self.gradient_options()
        if self.chance(0.15):
            leaf = self.graph()
            options = f"inputs=[{leaf}]" + (f", {options}" if options else "")
        if self.chance(0.1):
            y = self.graph()
            return f"torch.autograd.backward([{x}.sum(), {y}.sum()]" + (f", {options})" if options else ")")
        if len(self.shapes[x]) and not self.chance(0.03):
            if self.chance(0.5):
                return f"{x}.sum().backward({options})"
            options = f"torch.ones_like({x})" + (f", {options}" if options else "")
        return f"{x}.backward({options})"

    def grad(self) -> str:
        """Gradients that are returned rather than accumulated."""
        y = self.graph()
        inputs = [self.graph() for _ in range(self.random.choice([1, 1, 2]))]
        options = self.gradient_options() if self.chance(0.6) else "create_graph=True"
        options += ", " * bool(options) + "allow_unused=True" if self.chance(0.4) else ""
        targets = ", ".join(self.new() for _ in inputs)
        # Copies, since whether a returned gradient is a view, or was added to on the way, is no matter of what is computed.
        call = f"torch.autograd.grad({y}.sum(), [{', '.join(inputs)}]{', ' * bool(options)}{options})"
        return f"{targets}, = copies({call})"

    def setting(self) -> str:
        """A change of what autograd knows of a tensor, not of its values."""
        x = self.any()
        y = self.graph()
        # In torch a view that is made to require grad of its own stays a leaf for its hooks after its base has got a history.
        require = "detach()" if self.tensors[x]._is_view() else "requires_grad_()"
        keep = f"{y}.is_leaf; {y}.retain_grad()" if self.tensors[y]._is_view() else f"{y}.retain_grad()"  # see renewed
        # torch fails an assertion of its own when a tensor that retains its gradient is detached and then changed, and refuses
        # to use a tensor that was saved and then detached.
        detach = f"{x}.detach_()" if x == self.newest and not self.tensors[x].retains_grad else f"{x}.detach()"
        return self.random.choice([
            f"{x}.{require}",
            # torch makes nodes that lead nowhere for stale views of a base that requires grad no more.
            f"{x}.requires_grad_({any(t._base is self.tensors[x] for t in self.tensors.values())})", keep, keep, detach, detach,
            f"{y}.grad = None", f"{y}.grad.zero_()", f"{self.new()} = {x}.data", f"{x}.grad = {self.any()}.detach()",
        ])  # fmt: skip

    def hook(self) -> str:
        """A hook on a tensor or a node, or its end."""
        if self.handles and self.chance(0.15):
            return f"{self.random.choice(self.handles)}.remove()"
        y = self.graph()
        self.names += 1
        handle = f"h{self.names}"
        self.handles.append(handle)
        call = self.random.choice([
            "register_hook(see({h!r}))", "register_hook(see({h!r}))", "register_hook(double({h!r}))", "register_hook(fail({h!r}))",
            "register_post_accumulate_grad_hook(see({h!r}))", "grad_fn.register_hook(see({h!r}))", "grad_fn.register_hook(see({h!r}))",
            "grad_fn.register_prehook(see({h!r}))", "grad_fn.register_prehook(double({h!r}))", "grad_fn.register_hook(double({h!r}))",
        ])  # fmt: skip
        return f"{y}.is_leaf; {handle} = {y}.{call.format(h=handle)}"  # torch crashes if register_hook finds a view stale

    def line(self) -> str:
        """The next line of the program."""
        if not self.tensors or self.chance(0.04):
            return self.leaf()
        (kind,) = self.random.choices(
            [
                self.unary,
                self.binary,
                self.view,
                self.joining,
                self.in_place,
                self.assign,
                self.backward,
                self.grad,
                self.setting,
                self.hook,
            ],
            [16, 18, 20, 4, 16, 5, 9, 5, 6, 8],
        )
        names = self.names
        text = kind()
        self.newest = f"x{self.names}" if self.names > names else ""
        if self.chance(0.06):
            text = f"with torch.no_grad(): {text}"
        return text
