"""Random tensors are torch's, number by number: every function and filler, over seeds, sizes, layouts and types.

The streams themselves, on arrays, are compared in more depth where ``minigrad/random.py`` is tested.
"""

from typing import Any

import numpy as np
import pytest
import torch

import minigrad

from .outcomes import agrees, outcome, plain

ENGINES = (minigrad, torch)
SEEDS = [0, 1, 42, 2**31, 2**32 + 5, 2**63 + 11, 2**64 - 1, -1, -(2**63)]
SIZES = [0, 1, 2, 15, 16, 17, 33, 1000]
DTYPES = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]
NAMES = {
    "t": "torch.tensor([1.,2.])", "ti": "torch.tensor([1,2])", "tg": "torch.tensor([1.,2.], requires_grad=True)",
    "bo": "torch.tensor([True,False])", "g": "torch.Generator().manual_seed(5)",
}  # fmt: skip

GOOD = """
torch.rand_like(t).shape
torch.randint_like(t,5).dtype
torch.randint_like(t,2,5).dtype
torch.randint_like(ti,5,dtype=torch.float64).dtype
torch.rand(2,generator=g).shape
torch.rand((2,),generator=g).shape
torch.rand(2,3,out=torch.empty(2,3)).shape
torch.rand(3,dtype=torch.float16).dtype
torch.rand(())
torch.randint(5,(2,)).dtype
torch.randint(1,5,(2,)).dtype
torch.randint(5,size=(2,)).dtype
torch.randint(low=1,high=5,size=(2,)).dtype
torch.randint(high=5,size=(2,)).dtype
torch.randint(5,(2,),dtype=torch.float32).dtype
torch.randint(0,1,(2,),dtype=torch.float32,requires_grad=True)
torch.randint(0,2,(2,),dtype=torch.bool)
torch.randint(0,256,(2,),dtype=torch.uint8).dtype
torch.randint(0,2**63-1,(2,),generator=g)
torch.randint(-2**63,2**63-1,(2,)).dtype
torch.randint(3,(2,),generator=g,out=torch.empty(2,dtype=torch.int64)).dtype
torch.randint(0,3,[2,3]).shape
torch.randint(torch.tensor(3),(2,)).dtype
torch.randint(0,np.int64(3),(2,)).dtype
torch.randperm(3,generator=g).dtype
torch.randperm(3,dtype=torch.int32).dtype
torch.randperm(3,dtype=torch.float32).dtype
torch.randperm(torch.tensor(3)).shape
torch.normal(0,1,(2,)).shape
torch.normal(0.,1.,size=(2,)).shape
torch.normal(mean=0.,std=1.,size=(2,)).shape
torch.normal(t,1.)
torch.normal(t)
torch.normal(0.,t)
torch.normal(0,t)
torch.normal(t,t)
torch.normal(t,ti)
torch.normal(t.double(),t).dtype
torch.normal(t,t.double()).dtype
torch.normal(t,torch.ones(3,2)).shape
torch.normal(tg,1.)
torch.normal(0.,tg)
torch.normal(0,1,(2,),dtype=torch.float64).dtype
torch.normal(0,1,(2,),requires_grad=True).requires_grad
torch.normal(mean=t,std=0.).dtype
torch.normal(mean=t,std=0.,out=torch.empty(2))
torch.normal(t,t,generator=g).shape
torch.normal(mean=torch.tensor(0.),std=1.)
torch.bernoulli(t/4)
torch.bernoulli(t/4,0.5)
torch.bernoulli(ti,0.5)
torch.bernoulli(t/4,generator=g).dtype
torch.bernoulli(tg/4)
torch.bernoulli((t/4).t()).shape
ti.clone().random_(2,5)
ti.clone().random_(to=5)
t.clone().exponential_(lambd=2.).shape
t.clone().bernoulli_()
t.clone().bernoulli_(p=0.5)
t.clone().bernoulli_(t/4)
ti.clone().bernoulli_(t/4)
t.clone().normal_(mean=1,std=0)
t.clone().uniform_(0,1,generator=None)
t.clone().uniform_(**{"from":0,"to":1})
(tg*1).uniform_()
(tg*1).bernoulli_()
(tg*1).exponential_()
(tg*1).random_()
(tg*1).normal_()
torch.Generator(device="cpu").device
torch.manual_seed(1.7)
torch.manual_seed(torch.tensor(3))
torch.get_rng_state().dtype
torch.get_rng_state().shape
g.get_state().dtype
torch.manual_seed(True)
"""

BAD = """
torch.rand_like(ti)
torch.randn_like(ti)
torch.rand(3,dtype=torch.int64)
torch.randn(3,dtype=torch.int64)
torch.rand(-1)
torch.rand(2,generator=1)
torch.rand(2,device="cuda")
torch.rand()
torch.randint(5,2)
torch.randint(0,1,(2,),requires_grad=True)
torch.randint(0,0,(2,))
torch.randint(5,1,(2,))
torch.randint(0,0,(0,))
torch.randint(0,3,(2,),dtype=torch.bool)
torch.randint(0,300,(2,),dtype=torch.uint8)
torch.randint(2.5,(2,))
torch.randint(0,2**64,(2,))
torch.randint(3)
torch.randperm(-1)
torch.randperm(2.5)
torch.randperm(3,dtype=torch.bool)
torch.randperm(1,dtype=torch.bool)
torch.randperm(300,dtype=torch.uint8)
torch.randperm(3,requires_grad=True)
torch.normal(ti,1.)
torch.normal(1.,ti)
torch.normal(t,torch.ones(3))
torch.normal(t,std=-1)
torch.normal(0.,1.)
torch.normal(0.,-1.,(2,))
torch.normal(0,1,2,3)
torch.normal(0,1,2)
torch.bernoulli(t)
torch.bernoulli(ti)
torch.bernoulli(t/4,2.0)
torch.bernoulli(0.5)
t.clone().uniform_(2,1)
ti.clone().uniform_()
ti.clone().normal_()
t.clone().random_(from_=1)
t.clone().exponential_(-1)
ti.clone().exponential_()
t.clone().bernoulli_(2.)
t.clone().bernoulli_(torch.ones(3)/2)
t.clone().normal_(0,-1)
t.clone().uniform_(from_=0)
tg.uniform_()
torch.Generator("cuda")
torch.manual_seed(2**64)
torch.manual_seed("a")
torch.manual_seed(None)
g.manual_seed(1.5)
g.manual_seed(torch.tensor(3))
torch.set_rng_state(torch.zeros(3))
torch.set_rng_state(torch.zeros(3,dtype=torch.uint8))
torch.set_rng_state(None)
g.set_state([1])
torch.Generator("tpu")
torch.manual_seed(-2**63 - 1)
g.manual_seed(2**64)
torch.empty(3).random_(2**70)
torch.rand(2, dtype="float32")
torch.randn(2, "a")
"""


@pytest.mark.parametrize("expression", (GOOD + BAD).split("\n")[1:-1])
def test_expression(expression: str) -> None:
    if expression:
        agrees(expression, **NAMES)


CALLS = [
    "torch.rand({n})", "torch.randn({n})", "torch.rand({n}, 3)", "torch.randn(2, {n})", "torch.randint(10, ({n},))",
    "torch.randint(-5, 2**40, ({n},))", "torch.randint(0, 2, ({n},), dtype=torch.bool)", "torch.randperm({n})",
    "torch.randint(0, 9, ({n},), dtype=torch.float32)", "torch.rand({n}, dtype=torch.float64)",
    "torch.randn({n}, dtype=torch.float64)", "torch.randn({n}, dtype=torch.float16)", "torch.normal(2, 3, ({n},))",
    "torch.normal(torch.arange({n}).float(), 0.5)", "torch.normal(1.0, torch.rand({n}))",
    "torch.normal(torch.rand({n}), torch.rand({n}))", "torch.bernoulli(torch.rand({n}))",
    "torch.bernoulli(torch.ones({n}), 0.3)",
    "torch.rand_like(torch.ones({n}, 2).t())", "torch.randn_like(torch.ones({n}, dtype=torch.float64))",
    "torch.randint_like(torch.ones({n}), 3, 9)", "torch.empty({n}).uniform_(-2, 5)", "torch.empty({n}).normal_(1, 0.1)",
    "torch.empty({n}).exponential_(2)", "torch.empty({n}).bernoulli_(0.25)", "torch.empty({n}).random_()",
    "torch.empty({n}, dtype=torch.int64).random_(7)", "torch.empty({n}, dtype=torch.uint8).random_()",
    "torch.empty({n}).bernoulli_(torch.rand({n}))", "torch.multinomial(torch.rand({n} + 1), 1)",
    "torch.multinomial(torch.rand(3, {n} + 1), 4, replacement=True)", "torch.nn.Linear(2, {n}).weight",
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_every_seed_and_size(call: str) -> None:
    for seed in SEEDS:
        for n in SIZES:
            agrees(f"[torch.manual_seed({seed}), {call.format(n=n)}, torch.rand(2), torch.get_rng_state()]")


def views(x: Any) -> list[Any]:
    """Parts of a tensor of shape (8, 6, 4), in and out of the order of memory."""
    return [
        x,
        x[3],
        x[2:5, 1:3],
        x[:, 0, 0],
        x[0, :, 0],
        x[::2, :, 1::2],
        x.permute(2, 0, 1),
        x.permute(2, 1, 0),
        x.transpose(0, 2)[1:],
    ]


FILLS = {

    "uniform_": lambda x: x.uniform_(-1, 2), "normal_": lambda x: x.normal_(1, 2),
    "exponential_": lambda x: x.exponential_(1.5),
    "bernoulli_": lambda x: x.bernoulli_(0.3), "random_": lambda x: x.random_(100), "random_ all": lambda x: x.random_(),
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", list(FILLS))
def test_fillers_of_views(name: str, dtype: str) -> None:
    """A filler of a part draws in the order of memory, changes no other element, and counts the change in the whole."""
    for position in range(9):
        results = []
        for engine in ENGINES:
            engine.manual_seed(11)
            whole = engine.zeros(8, 6, 4, dtype=getattr(engine, dtype))
            part = views(whole)[position]
            try:
                assert FILLS[name](part) is part
                results.append((plain(whole), plain(part), whole._version))
            except Exception as error:
                results.append((type(error).__name__, plain(whole), whole._version))
        assert results[0] == results[1], position


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_mixed_draws_on_one_generator(seed: int) -> None:
    ours, theirs = [engine.Generator().manual_seed(seed) for engine in ENGINES]
    calls = [
        "torch.randn(3, generator=g)", "torch.randn(20, generator=g)", "torch.rand(5, generator=g)",
        "torch.randperm(7, generator=g)",
        "torch.randint(0, 9, (4,), generator=g)", "torch.empty(3).normal_(generator=g)",
        "torch.empty(5).exponential_(generator=g)",
        "torch.randn(1, dtype=torch.float64, generator=g)", "torch.bernoulli(torch.full((3,), 0.5), generator=g)",
        "torch.normal(0.0, 2.0, (3,), generator=g)", "torch.multinomial(torch.ones(5), 2, generator=g)", "g.get_state()",
        "torch.empty(9).uniform_(generator=g)", "torch.randn_like(torch.ones(2, 2), generator=g)",
        "torch.nn.init.trunc_normal_(torch.empty(4), generator=g)", "torch.empty(4, dtype=torch.int8).random_(generator=g)",
    ]  # fmt: skip
    for choice in np.random.default_rng(seed).integers(len(calls), size=200):
        a, b = outcome(calls[choice], minigrad, g=ours), outcome(calls[choice], torch, g=theirs)
        assert a == b, calls[choice]
        assert a[0] == "tensor"


def test_state_goes_back_and_forth() -> None:
    for engine in ENGINES:
        engine.manual_seed(4)
        engine.randn(3)  # leaves the second of a pair
        state = engine.get_rng_state()
        first = engine.randn(5)
        engine.set_rng_state(state)
        assert engine.equal(engine.randn(5), first)
        g = engine.Generator()
        assert g.set_state(state) is g
        assert engine.equal(engine.randn(5, generator=g), first)
        assert engine.equal(g.clone_state().get_state(), g.get_state())
    minigrad.manual_seed(9)
    torch.set_rng_state(torch.from_numpy(minigrad.get_rng_state().numpy()))
    assert plain(minigrad.randn(30)) == plain(torch.randn(30))


def test_a_draw_gives_memory_of_its_own_and_no_graph() -> None:
    for engine in ENGINES:
        x = engine.rand(3, requires_grad=True)
        assert x.is_leaf
        assert engine.randn_like(x).requires_grad is False
        y = (x * 2).normal_()
        y.sum().backward()
        assert x.grad.tolist() == [0, 0, 0]


DRAWS = [
    "torch.normal(a, 1.0)", "torch.normal(0.0, a)", "torch.normal(a, b)", "torch.bernoulli(a)", "(b * a).uniform_()", "(b * a).normal_()",
    "(b * a).exponential_()", "(b * a).bernoulli_(0.5)", "(b * a).bernoulli_(a)", "(b * a).random_()", "(b * a).random_(5)",
]  # fmt: skip


@pytest.mark.parametrize("draw", DRAWS)
def test_the_gradient_of_a_draw_is_zero(draw: str) -> None:
    leaves = {"a": "torch.tensor([0.5, 0.25], requires_grad=True)", "b": "torch.ones(3, 2, requires_grad=True)"}
    weights = "torch.tensor([[1.,2.],[3.,4.],[5.,6.]])"
    agrees(f"torch.autograd.grad(({draw} * {weights}).sum(), (a, b), allow_unused=True)", **leaves)
    agrees(f"{draw}.grad_fn.name()", **leaves)
    if draw.startswith("torch"):  # torch does not show what bernoulli_ keeps
        agrees(f"[f for f in dir({draw}.grad_fn) if f.startswith('_saved')]", **leaves)


@pytest.mark.parametrize("call", CALLS)
def test_versions(call: str) -> None:
    """A drawn tensor is new: nothing has changed it yet. A filler has."""
    agrees(f"({call.format(n=3)})._version")


REFUSED = [("uniform_", (2, 1)), ("normal_", (0, -1)), ("bernoulli_", (2.0,)), ("exponential_", (-1,)), ("random_", (3, 3))]


@pytest.mark.parametrize(("name", "arguments"), REFUSED)
def test_refused_fillers_change_nothing(name: str, arguments: tuple[float, ...]) -> None:
    for engine in ENGINES:
        x = engine.ones(3)
        with pytest.raises(RuntimeError):
            getattr(x, name)(*arguments)
        leaf = engine.ones(3, requires_grad=True)
        with pytest.raises(RuntimeError):
            getattr(leaf, name)()
        assert (x.tolist(), leaf.tolist(), leaf._version) == ([1, 1, 1], [1, 1, 1], 0)
        with pytest.raises(RuntimeError):
            getattr(engine.ones(1).expand(3), name)()
