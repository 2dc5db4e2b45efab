"""What tutorials claim, and what is true: docs/claims.md under both engines, and each claim put to the test."""

import doctest
from pathlib import Path

import pytest
import torch

import minigrad
from reference import both, compare

from .on_both import on_both, raised

PAGE = Path(__file__).parents[1] / "docs" / "claims.md"


@pytest.mark.parametrize("engine", ["minigrad", "torch"])
def test_the_page_holds_under(engine):
    """Each block of the page prints what the page says, whichever engine is imported."""
    source = PAGE.read_text(encoding="utf-8")
    if engine == "torch":
        source = source.replace("import minigrad as torch", "import torch").replace(">>> from minigrad", ">>> from torch")
    page = doctest.DocTestParser().get_doctest(source, {}, engine, str(PAGE), 0)
    assert len(page.examples) > 30
    assert any("minigrad" in example.source for example in page.examples) == (engine == "minigrad")
    printed = []
    failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(page, out=printed.append).failed
    assert failed == 0, "".join(printed)


@on_both
def test_module_builds_no_backward(torch):
    """Claim: inheriting from Module builds the backward. Truth: Module registers parameters; tensor operations record."""

    class Plain:
        def __init__(self):
            self.weight = torch.full((1, 2), 0.5, requires_grad=True)

        def __call__(self, x):
            return torch.nn.functional.linear(x, self.weight).sum()

    class Inherits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.full((1, 2), 0.5))

        forward = Plain.__call__

    x, models = torch.tensor([[1.0, 2.0]]), (Plain(), Inherits())
    losses = [model(x) for model in models]
    for loss in losses:
        loss.backward()
    assert torch.equal(*(model.weight.grad for model in models))
    assert len({tuple(names(loss.grad_fn)) for loss in losses}) == 1
    return losses, [model.weight.grad for model in models]


def names(node):
    """The names of the nodes, depth first."""
    yield node.name()
    for before, _ in node.next_functions:
        if before is not None:
            yield from names(before)


@on_both
def test_a_plain_tensor_is_no_parameter(torch):
    """Claim: nn.Parameter(t) is the same as requires_grad=True. Truth: a plain tensor attribute is in neither list."""
    model = torch.nn.Module()
    model.plain = torch.ones(2, requires_grad=True)
    model.learned = torch.nn.Parameter(torch.ones(2))
    (model.plain * model.learned).sum().backward()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    optimizer.step()
    assert list(model.state_dict()) == [name for name, _ in model.named_parameters()] == ["learned"]
    assert model.plain.tolist() == [1.0, 1.0]
    assert model.learned.tolist() == [0.5, 0.5]
    return model.plain, model.learned, list(model.state_dict())


@pytest.mark.parametrize("n", [1, 3, 10, 11])
def test_any_number_of_samples_will_do(n):
    """Claim: a sample count not divisible by the batch size raises. Truth: the last batch is smaller; divide by its length."""

    def program(torch):
        x = torch.arange(1.0, n + 1).reshape(n, 1)
        loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x), batch_size=4)
        gradients = []
        for (batch,) in loader:
            summed, mean = (torch.zeros(1, 1, requires_grad=True) for _ in range(2))
            ((batch @ summed - 1) ** 2).sum().backward()
            ((batch @ mean - 1) ** 2).mean().backward()
            gradients.append((len(batch), summed.grad, mean.grad))
        return gradients

    ours, theirs = both(program)
    assert compare(ours, theirs)
    assert sum(length for length, *_ in ours) == n
    assert 0 < ours[-1][0] <= 4
    for length, summed, mean in ours:
        assert minigrad.allclose(summed / length, mean)
        assert length == 4 or not minigrad.allclose(summed / 4, mean)


@pytest.mark.parametrize(("n", "exact"), [(8, True), (10, False)])
def test_the_mean_wants_a_larger_rate(n, exact):
    """Claim: for the mean of the loss, divide the rate of its sum by the batch size. Truth: multiply.

    With a power of two both divisions are exact, and the steps equal to the bit; with ten they are so to rounding.
    """

    def program(torch, reduction, lr):
        torch.manual_seed(0)
        x = torch.rand(n, 2)
        y = x @ torch.tensor([[2.0], [-3.4]]) + 4.2
        model = torch.nn.Linear(2, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(20):
            optimizer.zero_grad()
            torch.nn.MSELoss(reduction=reduction)(model(x), y).backward()
            optimizer.step()
        return model.weight.detach()

    rate = 2.0**-8 if exact else 0.003
    for engine in (minigrad, torch):
        summed, mean, divided = (
            program(engine, reduction, lr) for reduction, lr in (("sum", rate), ("mean", rate * n), ("mean", rate / n))
        )
        assert engine.equal(summed, mean) if exact else engine.allclose(summed, mean, rtol=1e-5)
        assert not engine.allclose(summed, divided, rtol=0.1)


@on_both
def test_create_graph_retains(torch):
    """Claim: second derivatives need create_graph and retain_graph. Truth: create_graph=True implies retaining."""
    x = torch.tensor([2.0, 3.0], requires_grad=True)
    y = (x**3).sum()
    (slope,) = torch.autograd.grad(y, x, create_graph=True)
    again = [torch.autograd.grad(slope.sum(), x)[0], *torch.autograd.grad(y, x)]
    assert again[0].tolist() == [12.0, 18.0]
    assert raised(lambda: torch.autograd.grad(y, x)) == "RuntimeError"
    (refused,) = torch.autograd.grad((x**3).sum(), x, create_graph=True, retain_graph=False)
    return again, raised(lambda: torch.autograd.grad(refused.sum(), x))


@on_both
def test_huber_switches_for_each_element(torch):
    """Claim: a Huber loss switches on the mean error. Truth: it switches for each element by itself."""
    error = torch.tensor([0.1, -0.2, 0.3, 4.0, -7.0], requires_grad=True)
    loss = torch.nn.functional.huber_loss(error, torch.zeros(5), reduction="none", delta=1.0)
    loss.sum().backward()
    assert error.grad.tolist() == error.detach().clamp(-1, 1).tolist()
    mean = error.detach().abs().mean()
    of_the_mean = error.detach() ** 2 / 2 if mean <= 1 else error.detach().abs() - 0.5
    assert not torch.allclose(loss.detach().mean(), of_the_mean.mean())
    return loss, error.grad


@on_both
def test_plancks_law_overflows_in_the_first_batch(torch):
    """Claim: Planck's law can be fitted by naive SGD from x near 0. Truth: loss inf, gradient nan, nan ever after."""
    x = torch.linspace(1e-9, 3e-6, 100)
    T = torch.tensor(1e5, requires_grad=True)

    def spectrum(x, T):
        return 3.7418e-16 / (x**5 * (torch.exp(1.4388e-2 / (x * T)) - 1))

    measured = spectrum(x, 5000.0)
    assert measured.isfinite().all()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, measured), batch_size=10)
    optimizer = torch.optim.SGD([T], lr=1e-12)
    history = []
    for some_x, some_y in loader:
        optimizer.zero_grad()
        loss = ((spectrum(some_x, T) - some_y) ** 2).mean()
        loss.backward()
        optimizer.step()
        history.append(f"{loss.item()} {T.grad.item()} {T.item()}")
    assert history == ["inf nan nan"] + ["nan nan nan"] * 9
    return history


@on_both
def test_data_is_not_watched(torch):
    """Claim: editing through .data is safe. Truth: the version counter does not see it; the gradient is silently wrong."""

    def slope(edit):
        x = torch.tensor(3.0, requires_grad=True)
        y = x * x
        version = x._version
        edit(x)
        counted = x._version > version
        return counted, raised(y.backward), None if x.grad is None else x.grad.item()

    def under_no_grad(x):
        with torch.no_grad():
            x.fill_(10.0)

    found = {
        "left alone": slope(lambda x: None),
        "data": slope(lambda x: x.data.fill_(10.0)),
        "detach": slope(lambda x: x.detach().fill_(10.0)),
        "no_grad": slope(under_no_grad),
    }
    assert found == {
        "left alone": (False, "nothing", 6.0),
        "data": (False, "nothing", 20.0),
        "detach": (True, "RuntimeError", None),
        "no_grad": (True, "RuntimeError", None),
    }
    return found
