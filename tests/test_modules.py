"""Module, its containers and its parameters: each line prints under minigrad what it prints under torch, or is refused alike."""

import copy
import pickle
import re
import warnings
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch

import minigrad


def shown(torch: Any, code: str) -> str:
    """What the last expression of a line of statements prints, or the type of the exception that the line raises."""
    nn = torch.nn

    class Net(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(2, 3)
            self.s = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
            self.tied = self.a
            self.p = nn.Parameter(torch.ones(3) * 2)
            self.register_buffer("buf", torch.zeros(2))
            self.register_buffer("tmp", torch.zeros(1, dtype=torch.int64), persistent=False)
            self.plain = torch.ones(1)

    class Early(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            pass

    torch.manual_seed(0)
    names = {
        "torch": torch, "nn": nn, "np": np, "copy": copy, "pickle": pickle, "OrderedDict": OrderedDict, "log": [],
        "m": Net(), "early": Early(), "lazy": nn.LazyLinear(2), "od": nn.Sequential(OrderedDict(a=nn.ReLU(), b=nn.Tanh())),
        "seq": nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1), nn.Tanh()),
        "ml": nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)]),
    }  # fmt: skip
    *statements, last = code.split("; ")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if torch is not minigrad else "error")
        try:
            for statement in statements:
                exec(statement, names)
            return re.sub("0x[0-9a-f]+", "0x", repr(eval(last, names)))
        except Exception as error:
            return f"raises {type(error).__name__}"


def alike(code: str) -> None:
    assert shown(minigrad, code) == shown(torch, code)


WALKING = [
    "m.state_dict()['a.weight'].requires_grad, m.state_dict(keep_vars=True)['a.weight'].requires_grad", "m.get_submodule('s.0')", "m.get_submodule('')._get_name()",
    "m.get_submodule('nope')", "m.get_submodule('s.9')", "m.get_submodule('a.weight')", "m.get_parameter('a.weight').shape", "m.get_parameter('a.nope')",
    "m.get_parameter('p').shape", "m.get_buffer('buf')", "m.get_buffer('a.weight')", "m.get_buffer('nope')", "m.get_parameter('buf')", "m.nope", "m.a.nope",
    "list(m.named_modules())[0][0], [n for n, _ in m.named_modules()]", "[n for n, _ in m.named_modules(prefix='p')]",
    "[n for n, _ in m.named_modules(remove_duplicate=False)]", "[n for n, _ in m.named_children()]", "[n for n, _ in m.named_parameters()]",
    "[n for n, _ in m.named_parameters(prefix='q', recurse=False)]", "[n for n, _ in m.named_parameters(remove_duplicate=False)]", "[n for n, _ in m.named_buffers()]",
    "[n for n, _ in m.named_buffers(recurse=False, prefix='z')]", "list(m.state_dict())", "list(m.state_dict(prefix='m.'))", "type(m.state_dict()).__name__",
]  # fmt: skip


@pytest.mark.parametrize("code", WALKING)
def test_walking_the_tree(code: str) -> None:
    alike(code)


REGISTERING = [
    "m.register_parameter('w', nn.Parameter(torch.ones(2)))", "m.register_parameter('w', torch.ones(2))", "m.register_parameter('w', 3)",
    "m.register_parameter('w', nn.Parameter(torch.ones(2))*2)", "m.register_parameter('p', nn.Parameter(torch.ones(2)))",
    "m.register_parameter('a', nn.Parameter(torch.ones(2)))", "m.register_parameter('a.b', nn.Parameter(torch.ones(2)))",
    "m.register_parameter('', nn.Parameter(torch.ones(2)))", "m.register_parameter(3, nn.Parameter(torch.ones(2)))",
    "m.register_parameter('forward', nn.Parameter(torch.ones(2)))", "m.register_parameter('w', None); [m.w, list(m.state_dict())]",
    "m.register_buffer('w', torch.ones(2))", "m.register_buffer('w', 3)", "m.register_buffer('a', torch.ones(2))", "m.register_buffer('p', torch.ones(2))",
    "m.register_buffer('buf', torch.ones(2)); m.buf", "m.register_buffer('buf', torch.ones(2), persistent=False); list(m.state_dict())",
    "m.register_buffer('tmp', torch.ones(2)); list(m.state_dict())", "m.register_buffer('a.b', torch.ones(2))", "m.register_buffer('', torch.ones(2))",
    "m.register_buffer(3, torch.ones(2))", "m.register_buffer('w', None); [list(m.state_dict()), [n for n, _ in m.named_buffers()]]", "m.add_module('w', nn.ReLU())",
    "m.add_module('w', None); m", "m.add_module('w', 3)", "m.add_module('a', nn.ReLU())", "m.add_module('p', nn.ReLU())", "m.add_module('a.b', nn.ReLU())",
    "m.add_module('', nn.ReLU())", "m.add_module(3, nn.ReLU())", "m.register_module('w', nn.ReLU())",
]  # fmt: skip


@pytest.mark.parametrize("code", REGISTERING)
def test_registering(code: str) -> None:
    alike(code)


ASSIGNING = [
    "m.a = 3; m", "m.p = torch.ones(2); m", "m.p = 'x'; m", "m.buf = 3; m", "m.buf = torch.ones(5); m", "m.buf = None; m", "m.p = None; [m.p, list(m.state_dict())]",
    "m.a = None; [m.a, repr(m), list(m.state_dict())]", "m.a = nn.Parameter(torch.ones(1)); [n for n, _ in m.named_parameters()]",
    "m.p = nn.Linear(1, 1); [[n for n, _ in m.named_parameters()], repr(m)]", "m.buf = nn.Parameter(torch.ones(1)); list(m.state_dict())",
    "m.x = 3; m.x = nn.Linear(1, 1); ['x' in m.__dict__, [n for n, _ in m.named_children()]]",
    "m.x = nn.Linear(1, 1); m.x = nn.Parameter(torch.ones(1)); [n for n, _ in m.named_children()]", "del m.p; list(m.state_dict())", "del m.a; list(m.state_dict())",
    "del m.buf; list(m.state_dict())", "del m.nope; m", "del m.training; m",
]  # fmt: skip


@pytest.mark.parametrize("code", ASSIGNING)
def test_assigning(code: str) -> None:
    alike(code)


LOADING = [
    "m.load_state_dict(m.state_dict())", "m.load_state_dict(3)", "m.load_state_dict(None)", "m.load_state_dict([('p', torch.ones(3))])", "m.load_state_dict({})",
    "m.load_state_dict({}, strict=False)", "m.load_state_dict({'x': torch.ones(1), 'a.z': torch.ones(2), 's.9.w': 3}, strict=False)",
    "m.load_state_dict({'x': 1, **m.state_dict()})", "m.load_state_dict({**m.state_dict(), 'p': 3})", "m.load_state_dict({**m.state_dict(), 'p': None})",
    "m.load_state_dict({**m.state_dict(), 'p': [1., 2., 3.]})", "m.load_state_dict({**m.state_dict(), 'p': np.ones(3)})",
    "m.load_state_dict({'p': torch.ones(4)}, strict=False)", "[m.load_state_dict({'p': torch.ones(3, dtype=torch.float64)}, strict=False), m.p]",
    "[m.load_state_dict({'p': torch.ones(3, dtype=torch.int64)}, strict=False), m.p]", "[m.load_state_dict({'p': torch.ones(3)}, False), m.p, m.p._version]",
    "[m.load_state_dict({'p': torch.ones(3, dtype=torch.float64)}, strict=False, assign=True), m.p]",
    "[m.load_state_dict({'p': nn.Parameter(torch.ones(3), requires_grad=False)}, strict=False, assign=True), m.p]",
    "[m.load_state_dict({'p': torch.ones(4)}, strict=False, assign=True), m.p]", "[m.load_state_dict({'buf': torch.zeros(2)}, strict=False, assign=True), m.buf]",
    "m.load_state_dict({'tmp': torch.zeros(2)}, strict=False)", "m.load_state_dict({**m.state_dict(), 'tmp': torch.zeros(2)})",
    "m.buf = None; m.load_state_dict({'buf': torch.zeros(2)}, strict=False)",
]  # fmt: skip


@pytest.mark.parametrize("code", LOADING)
def test_loading_a_state(code: str) -> None:
    alike(code)


CONVERTING = [
    "[p.dtype for p in m.double().parameters()] + [b.dtype for b in m.buffers()]", "[p.dtype for p in m.half().parameters()] + [b.dtype for b in m.buffers()]",
    "[p.dtype for p in m.double().float().parameters()] + [b.dtype for b in m.buffers()]",
    "[p.dtype for p in m.to(torch.float64).parameters()] + [b.dtype for b in m.buffers()]", "[p.dtype for p in m.to('cpu').parameters()]",
    "[p.dtype for p in m.to('cpu', torch.float64).parameters()]", "[p.dtype for p in m.to(dtype=torch.float64).parameters()]",
    "[p.dtype for p in m.to(device='cpu').parameters()]", "[p.dtype for p in m.to(torch.ones(1, dtype=torch.float64)).parameters()]", "m.to(torch.int64)", "m.to('nope')",
    "m.to(3)", "m.to()", "m.to(dtype=3)", "m.to(None)", "m.to(torch.float64, True).p.dtype",
    "[p.dtype for p in m.type(torch.float64).parameters()] + [b.dtype for b in m.buffers()]", "[m.to(torch.float64) is m, id(m.p)==id(m.double().p)]",
    "m.p.sum().backward(); [m.double(), m.p.grad.dtype, m.p.grad]", "m.cpu() is m",
]  # fmt: skip


@pytest.mark.parametrize("code", CONVERTING)
def test_converting(code: str) -> None:
    alike(code)


COPIES = [
    "[copy.deepcopy(m), copy.deepcopy(m).p is m.p, copy.deepcopy(m).tied.weight is copy.deepcopy(m).a.weight]",
    "c = copy.deepcopy(m.eval()); [c.tied is c.a, c.p, c.buf, c.training, list(c.state_dict())]", "m.p.sum().backward(); copy.deepcopy(m).p.grad",
    "c = copy.copy(m); [c.p is m.p, c.a is m.a]",
]  # fmt: skip


@pytest.mark.parametrize("code", COPIES)
def test_copies(code: str) -> None:
    alike(code)


CALLING = [
    "m.train(3)", "m.train('x')", "[m.eval().training, m.a.training, m.s[0].training, m.train().s[0].training]",
    "[p.requires_grad for p in m.requires_grad_(False).parameters()]", "m.p.sum().backward(); [m.zero_grad(), m.p.grad]",
    "m.p.sum().backward(); [m.zero_grad(set_to_none=False), m.p.grad]", "m.p.sum().backward(); [m.zero_grad(False), m.p.grad]", "m.apply(3)",
    "[log.append(type(x).__name__) for x in m.modules()] and [m.apply(lambda x: log.append(x._get_name())) is m, log]",
    "sorted(k for k in dir(m) if k in ('a', 'p', 'buf', 'tmp', 'forward', 's'))", "m(3)", "nn.Module()(3)", "nn.Module().forward(3)", "nn.Module(3)", "nn.Module()",
    "repr(nn.Module())", "[m.extra_repr(), m.a.extra_repr()]", "'a' in m", "len(m)", "m[0]", "m == m", "m.a in {m.a}", "getattr(m, 'nope', 7)",
]  # fmt: skip


@pytest.mark.parametrize("code", CALLING)
def test_calling(code: str) -> None:
    alike(code)


BEFORE_INIT = [
    "early.w = nn.Parameter(torch.ones(1)); early.w", "early.w = nn.Linear(1, 1); early.w", "early.w = torch.ones(1); early.w", "early.w = 3; early.w", "early.register_buffer('w', torch.ones(1))",
    "early.register_parameter('w', nn.Parameter(torch.ones(1)))", "early.register_parameter('w', None)", "early.add_module('w', nn.Linear(1, 1))", "early.w", "early.training",
    "list(early.parameters())", "early.state_dict()", "repr(early)", "early(3)", "early.train()", "del early.w; early.w",
]  # fmt: skip


@pytest.mark.parametrize("code", BEFORE_INIT)
def test_before_init(code: str) -> None:
    alike(code)


PARAMETERS = [
    "nn.Parameter(torch.ones(2))", "nn.Parameter()", "nn.Parameter(None)", "nn.Parameter([1., 2.])", "nn.Parameter(3)", "nn.Parameter(torch.ones(2, dtype=torch.int64))",
    "nn.Parameter(torch.ones(2, dtype=torch.int64), requires_grad=False)", "nn.Parameter(torch.ones(2), requires_grad=False)", "nn.Parameter(torch.ones(2), False)",
    "nn.Parameter(torch.ones(2, requires_grad=True)*2).is_leaf", "nn.Parameter(nn.Parameter(torch.ones(2)))", "type(nn.Parameter(torch.ones(2)) + 1).__name__",
    "type(nn.Parameter(torch.ones(2)).detach()).__name__", "type(nn.Parameter(torch.ones(2)).data).__name__", "type(nn.Parameter(torch.ones(2)).clone()).__name__",
    "type(copy.deepcopy(nn.Parameter(torch.ones(2)))).__name__", "type(copy.copy(nn.Parameter(torch.ones(2)))).__name__",
    "pickle.loads(pickle.dumps(nn.Parameter(torch.ones(2))))", "isinstance(nn.Parameter(torch.ones(2)), torch.Tensor)", "isinstance(torch.ones(2), nn.Parameter)",
    "str(nn.Parameter(torch.ones(())))",
]  # fmt: skip


@pytest.mark.parametrize("code", PARAMETERS)
def test_parameters(code: str) -> None:
    alike(code)


SEQUENTIALS = [
    "nn.Sequential(3)", "nn.Sequential(nn.ReLU)", "nn.Sequential(nn.ReLU(), None)", "nn.Sequential()",
    "nn.Sequential(nn.ReLU(), nn.Sequential(nn.Linear(2, 2), nn.Tanh()), nn.ModuleList([nn.ReLU()]))", "nn.Sequential(OrderedDict(a=nn.ReLU(), b=nn.Tanh()))",
    "nn.Sequential(OrderedDict(a=nn.ReLU(), b=nn.Tanh())).a", "nn.Sequential({'a': nn.ReLU()})", "nn.Sequential(OrderedDict(a=nn.ReLU(), b=nn.Tanh(), c=nn.ELU()))[1:]",
    "seq[0]", "seq[-1]", "seq[4]", "seq[-5]", "seq[1:3]", "seq[::2]", "seq[5:]", "seq['0']", "seq[1.5]", "seq[True]", "seq[None]", "seq[torch.tensor(1)]", "len(seq)",
    "[type(m).__name__ for m in seq]", "seq.append(nn.ELU())", "seq.append(3)", "seq.extend([nn.ELU(), nn.Tanh()])", "seq.extend(nn.Sequential(nn.ELU()))",
    "seq.extend(3)", "seq.extend([3])", "seq.insert(1, nn.ELU())", "seq.insert(-1, nn.ELU())", "seq.insert(9, nn.ELU())", "seq.insert(-9, nn.ELU())",
    "seq.insert(4, nn.ELU())", "seq.pop(0)", "seq.pop(-1)", "seq.pop(9)", "seq.pop()", "seq.pop('0')", "seq.pop(slice(0, 2))", "seq + nn.Sequential(nn.ELU())",
    "seq + [nn.ELU()]", "od + od", "[k for k, _ in od.named_children()]", "nn.ReLU() in seq", "reversed(seq)", "list(reversed(seq))", "seq.forward(torch.ones(2)).shape",
    "seq(torch.ones(2), torch.ones(2))", "nn.Sequential()(torch.ones(2))", "nn.Sequential()()", "nn.Sequential(nn.ModuleList([nn.ReLU()]))(torch.ones(1))",
    "del seq[0]; seq", "del seq[-1]; seq", "del seq[1:3]; seq", "del seq[9]; seq", "seq[0] = nn.ELU(); seq", "seq[-1] = nn.ELU(); seq", "seq[9] = nn.ELU(); seq",
    "seq[0] = 3; seq", "seq[0] = None; seq", 'seq["0"] = nn.ELU(); seq', "seq += nn.Sequential(nn.ELU()); seq", "seq += [nn.ELU()]; seq", "seq.x = 3; seq",
    "seq.x = nn.Linear(1, 1); seq", "seq.append(nn.ELU()); del seq[1]; seq.append(nn.SELU()); seq", "od.append(nn.ELU()); od", "del od[0]; od", "od[0] = nn.ELU(); od",
    "od.pop(0); od", "od.extend([nn.ELU()]); od",
]  # fmt: skip


@pytest.mark.parametrize("code", SEQUENTIALS)
def test_sequential(code: str) -> None:
    alike(code)


LISTS = [
    "ml", "ml[0]", "ml[-1]", "ml[7]", "ml[-8]", "ml[1:3]", "ml['0']", "ml[1.5]", "ml[True]", "ml.append(nn.ELU())", "ml.append(3)", "ml.extend([nn.ELU(), nn.Tanh()])",
    "ml.extend((nn.ELU(),))", "ml.extend(nn.ModuleList([nn.ELU()]))", "ml.extend(x for x in [nn.ELU()])", "ml.extend(3)", "ml.extend([3])", "ml.insert(1, nn.ELU())",
    "ml.pop(0)", "ml.pop()", "ml.pop(9)", "ml.pop(slice(0, 2))", "ml + [nn.ELU()]", "ml + nn.ModuleList([nn.ELU()])", "ml + 3", "ml(torch.ones(1))",
    "ml.forward(torch.ones(1))", "len(ml)", "[type(m).__name__ for m in ml]", "nn.ModuleList()", "nn.ModuleList(None)", "nn.ModuleList(3)", "nn.ModuleList([3])",
    "nn.ModuleList([None])", "nn.ModuleList(nn.Linear(1, 1))", "nn.ModuleList({'a': nn.ReLU()})",
    "nn.ModuleList([nn.Sequential(nn.ReLU()), nn.Sequential(nn.ReLU()), nn.ELU()])",
    "nn.ModuleList([nn.ModuleList([nn.ReLU(), nn.ReLU()]), nn.ModuleList([nn.ReLU(), nn.ReLU()])])", "list(ml.state_dict())", "list(reversed(ml))", "del ml[0]; ml",
    "del ml[-1]; ml", "del ml[1:3]; ml", "del ml[9]; ml", "ml[0] = nn.ELU(); ml", "ml[-1] = nn.ELU(); ml", "ml[9] = nn.ELU(); ml", "ml[0] = 3; ml", "ml[0] = None; ml",
    "ml += [nn.ELU()]; ml", "ml += nn.ModuleList([nn.ELU()]); ml", "ml += 3; ml",
]  # fmt: skip


@pytest.mark.parametrize("code", LISTS)
def test_module_list(code: str) -> None:
    alike(code)


LAZY = [
    "lazy", "lazy.weight", "lazy.weight.data", "lazy.weight.data.normal_(); torch.rand(2)", "lazy.weight.dtype", "lazy.weight.requires_grad", "lazy.weight.grad", "lazy.weight.is_leaf", "lazy.weight.shape",
    "lazy.weight.dim()", "lazy.weight.numel()", "lazy.weight.tolist()", "lazy.weight.item()", "len(lazy.weight)", "bool(lazy.weight)", "float(lazy.weight)", "lazy.weight[0]", "lazy.weight + 1", "lazy.weight == lazy.weight",
    "lazy.weight.abs()", "lazy.weight.clone()", "lazy.weight.normal_()", "lazy.weight.zero_()", "lazy.weight.is_contiguous()", "lazy.weight.sum().backward()", "nn.init.normal_(lazy.weight)", "nn.init.zeros_(lazy.bias)", "nn.init.xavier_uniform_(lazy.weight)",
    "lazy.state_dict()", "lazy.state_dict(keep_vars=True)", "list(lazy.parameters())", "lazy.double().weight.dtype", "lazy.double(); lazy(torch.ones(2, 3, dtype=torch.float64)); lazy.weight.dtype", "lazy.reset_parameters(); torch.rand(2)",
    "copy.deepcopy(lazy)", "c = copy.deepcopy(lazy); c(torch.ones(2, 3)); [c, lazy]", "c = copy.deepcopy(lazy); [c.weight, c.weight is lazy.weight]", "lazy.zero_grad()", "nn.utils.parameters_to_vector(lazy.parameters())", "nn.utils.clip_grad_norm_(lazy.parameters(), 1.0)", "isinstance(lazy, nn.Linear)",
    "lazy(torch.ones(2, 3)); lazy", "w = lazy.weight; lazy(torch.ones(2, 3)); [lazy.weight is w, type(w).__name__, type(lazy).__name__]", "lazy(torch.ones(2, 3)); lazy(torch.ones(2, 4))", "lazy(torch.ones(2, 3)); lazy.weight.data.normal_(); lazy(torch.ones(3))", "lazy(torch.ones(())); lazy", "lazy.forward(torch.ones(2))",
    "lazy.load_state_dict(nn.Linear(3, 2).state_dict())", "lazy.load_state_dict(nn.Linear(3, 2).state_dict()); lazy", "lazy.load_state_dict(nn.Linear(3, 2).state_dict()); lazy.weight", "lazy.load_state_dict(nn.Linear(3, 2).state_dict()); lazy(torch.ones(2, 3))",
    "lazy.load_state_dict(nn.Linear(3, 2).state_dict()); lazy(torch.ones(2, 3)); lazy", "lazy.load_state_dict(nn.LazyLinear(2).state_dict())", "nn.Linear(3, 2).load_state_dict(lazy.state_dict())", "lazy.load_state_dict({})",
    "lazy.load_state_dict({}, strict=False); lazy.weight", "o = torch.optim.SGD(lazy.parameters(), lr=0.5); lazy(torch.ones(2, 3)).sum().backward(); o.step(); lazy.weight",
]  # fmt: skip


@pytest.mark.parametrize("code", LAZY)
def test_lazy_linear(code: str) -> None:
    alike(code)


# --- what torch does otherwise ------------------------------------------------------------------------------------------


def fitted(**changes: Any) -> tuple[Any, dict[str, Any]]:
    """A module and its own state, with changes."""
    model = minigrad.nn.Sequential(minigrad.nn.Linear(2, 1), minigrad.nn.LayerNorm(1))
    state = {name: tensor.clone() + 1 for name, tensor in model.state_dict().items()}
    for name, value in changes.items():
        if value is None:
            del state[name]
        else:
            state[name] = value
    return model, state


REFUSED = [
    ({"0.weight": None}, "missing: 0.weight"), ({"0.weight": None, "1.bias": None}, "missing: 0.weight, 1.bias"), ({"x": minigrad.ones(1), "y.z": 3}, "unexpected: x, y.z"),
    ({"1.bias": minigrad.ones(2)}, r"1.bias: shape [2] for [1]"), ({"0.weight": minigrad.ones(2, 1), "1.bias": minigrad.ones(())}, r"0.weight: shape [2, 1] for [1, 2]"),
    ({"0.weight": minigrad.ones(2, 1), "1.bias": minigrad.ones(())}, r"1.bias: shape [] for [1]"), ({"0.bias": 3}, "0.bias: not a Tensor but int"), ({"0.bias": [1.0]}, "0.bias: not a Tensor but list"),
    ({"0.bias": minigrad.nn.LazyLinear(1).bias}, "0.bias: not initialised"), ({"0.bias": None, "x": minigrad.ones(1), "1.bias": minigrad.ones(2)}, "missing: 0.bias\n  unexpected: x\n  1.bias: shape"),
]  # fmt: skip


@pytest.mark.parametrize("assign", [False, True])
@pytest.mark.parametrize(("changes", "report"), REFUSED)
def test_a_refused_load_reports_everything_and_changes_nothing(changes: dict[str, Any], report: str, assign: bool) -> None:
    model, state = fitted(**changes)
    before = {name: (tensor, tensor.tolist(), tensor._version) for name, tensor in model.named_parameters()}
    with pytest.raises(RuntimeError, match=re.escape(report)):
        model.load_state_dict(state, assign=assign)
    assert before == {name: (tensor, tensor.tolist(), tensor._version) for name, tensor in model.named_parameters()}


def test_a_state_that_fits_is_loaded() -> None:
    for assign in (False, True):
        model, state = fitted()
        assert str(model.load_state_dict(state, assign=assign)) == "<All keys matched successfully>"
        assert {name: tensor.tolist() for name, tensor in model.state_dict().items()} == {
            k: v.tolist() for k, v in state.items()
        }


@pytest.mark.parametrize("index", [1, 9, -9])
def test_a_refused_insert_leaves_the_container_as_it_was(index: int) -> None:
    for make in (lambda *modules: minigrad.nn.Sequential(*modules), lambda *modules: minigrad.nn.ModuleList(modules)):
        container = make(minigrad.nn.ReLU(), minigrad.nn.Tanh())
        with pytest.raises((IndexError, TypeError)):
            container.insert(index, 3 if index == 1 else minigrad.nn.ELU())  # torch loses modules, or leaves numbers out
        assert repr(container) == repr(make(minigrad.nn.ReLU(), minigrad.nn.Tanh()))


@pytest.mark.parametrize(
    "code", [code for code in BEFORE_INIT if "early.w = 3" not in code and "torch.ones(1);" not in code]
)
def test_what_comes_before_init_is_told_so(code: str) -> None:
    early = type("Early", (minigrad.nn.Module,), {"__init__": lambda self: None})()
    with pytest.raises(AttributeError, match=r"Early.*super\(\)\.__init__"):
        exec(code, {"early": early, "nn": minigrad.nn, "torch": minigrad})
