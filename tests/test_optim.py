"""Optimisers: trained parameters and state agree with torch's, for every set of options in torch's own list."""

import numpy as np
import pytest
import torch
from torch.testing._internal.common_optimizers import optim_db

import minigrad
from reference import to_minigrad, to_torch

SHAPES = [(3, 2), (4,), (), (2, 1, 3)]
# Options that choose an implementation in torch, for devices, compilers or fusion; and rates that are tensors for their sake.
OF_IMPLEMENTATION = {"capturable", "differentiable", "fused", "foreach"}


def every_option():
    for info in optim_db:
        name = info.optim_cls.__name__
        if hasattr(minigrad.optim, name):
            for given in info.optim_inputs_func(device="cpu"):
                if not any(isinstance(value, torch.Tensor) for value in given.kwargs.values()):
                    options = {k: v for k, v in given.kwargs.items() if k not in OF_IMPLEMENTATION}
                    yield pytest.param(name, options, id=f"{name}-{given.desc}")


OPTIONS = list(every_option())


def arrays(seed, dtype):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in SHAPES]


class Training:
    """A problem with a minimum, four parameters in two groups, one of them frozen for the first steps and one never used."""

    def __init__(self, engine, name, options, dtype, lr_of_second_group=None):
        self.engine = engine
        self.parameters = [engine.tensor(a, requires_grad=True) for a in arrays(0, dtype)]
        self.targets = [engine.tensor(a) for a in arrays(1, dtype)]
        idle = engine.tensor(arrays(2, dtype)[1], requires_grad=True)
        groups = [{"params": [*self.parameters[:2], idle]}, {"params": self.parameters[2:]}]
        if name == "LBFGS":
            groups = [*self.parameters, idle]
        self.optimizer = getattr(engine.optim, name)(groups, **options)

    def loss(self):
        self.optimizer.zero_grad()
        parts = [(((w - a) ** 2) * (1 + a * a)).sum() for w, a in zip(self.parameters, self.targets, strict=True)]
        loss = parts[0] + parts[1] + parts[2] + parts[3]
        if self.optimizer.param_groups[0].get("maximize"):
            loss = -loss
        loss.backward()
        return loss

    def train(self, steps):
        for step in range(steps):
            self.parameters[1].requires_grad_(step >= 10)  # frozen: its gradient is None
            if step == 50:
                for group in self.optimizer.param_groups:
                    group["lr"] *= 0.5
            self.optimizer.step(self.loss)
        return self

    def values(self):
        return [w.detach().numpy() for w in self.parameters]

    def state(self):
        return self.optimizer.state_dict()["state"]


def assert_agree(ours, theirs, tolerance, floor):
    """Each element within ``tolerance`` of the largest; ``floor`` bounds what counts as large at the minimum, where all is 0."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    scale = max(float(np.abs(theirs).max(initial=0)), floor)
    assert float(np.abs(ours - theirs).max(initial=0)) <= tolerance * scale


# Rounded differently: torch fuses the multiplication of add_(alpha=) and addcmul_ with the addition, and divides in addcdiv_ in
# another order. That is half an ulp a step, and a training that converges forgets it; over 200 steps up to 64 ulp were left.
TOLERANCE = {"float32": 64 * 2.0**-24, "float64": 64 * 2.0**-53}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_trained_parameters_and_state(name, options, dtype):
    steps = 8 if name == "LBFGS" else 200
    theirs = Training(torch, name, options if name == "LBFGS" else options | {"foreach": False}, dtype).train(steps)
    ours = Training(minigrad, name, options, dtype).train(steps)
    for one, other in zip(ours.values(), theirs.values(), strict=True):
        assert_agree(one, other, TOLERANCE[dtype], floor=1e-3)
    assert list(ours.state()) == list(theirs.state())
    for number, remembered in theirs.state().items():
        known = {
            key: value for key, value in remembered.items() if value is not None and key != "al"
        }  # al: scratch of LBFGS
        assert set(ours.state()[number]) == set(known)
        for key, value in known.items():
            if isinstance(value, torch.Tensor) and name != "LBFGS":
                assert_agree(ours.state()[number][key].numpy(), value.numpy(), TOLERANCE[dtype] * 100, floor=0.1)


def resumed(engine, name, options, begun, convert):
    """Two more steps under ``engine``, from the parameters and the state of a training that was begun under another."""
    rest = Training(engine, name, options, "float64")
    for parameter, value in zip(rest.parameters, begun.parameters, strict=True):
        parameter.data = convert(value.detach())
    rest.optimizer.load_state_dict(convert(begun.optimizer.state_dict()))
    for _ in range(2):
        rest.optimizer.step(rest.loss)
    return rest.values()


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_state_moves_between_engines_and_the_trajectory_goes_on(name, options):
    for first, second, convert in ((torch, minigrad, to_minigrad), (minigrad, torch, to_torch)):
        begun = Training(first, name, options, "float64").train(12)
        there = resumed(second, name, options, begun, convert)
        here = resumed(first, name, options, begun, lambda value: value)
        for one, other in zip(there, here, strict=True):
            assert_agree(one, other, TOLERANCE["float64"], floor=1e-3)


@pytest.mark.parametrize("name", ["SGD", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD", "RMSprop", "Rprop", "LBFGS"])
def test_text_and_structure(name):
    def text_and_state(engine):
        w = engine.nn.Parameter(engine.ones(2))
        optimizer = getattr(engine.optim, name)([w])
        w.grad = engine.ones(2)
        optimizer.step(lambda: engine.tensor(1.0))
        state = optimizer.state_dict()
        if name == "LBFGS":
            state["state"] = {}  # its memory is compared above
        return repr(optimizer), repr(state)

    assert text_and_state(minigrad) == text_and_state(torch)


BAD = {
    "SGD": [
        {"lr": -1},
        {"momentum": -1},
        {"weight_decay": -1},
        {"nesterov": True},
        {"nesterov": True, "momentum": 1, "dampening": 1},
    ],
    "Adagrad": [{"lr": -1}, {"lr_decay": -1}, {"weight_decay": -1}, {"initial_accumulator_value": -1}, {"eps": -1}],
    "Adam": [{"lr": -1}, {"eps": -1}, {"betas": (1.0, 0.9)}, {"betas": (0.9, -0.1)}, {"weight_decay": -1}],
    "AdamW": [{"lr": -1}, {"betas": (0.9, 1.0)}],
    "Adamax": [{"lr": -1}, {"eps": -1}, {"betas": (1.0, 0.9)}, {"betas": (0.9, 1.0)}, {"weight_decay": -1}],
    "ASGD": [{"lr": -1}, {"weight_decay": -1}],
    "RMSprop": [{"lr": -1}, {"eps": -1}, {"momentum": -1}, {"weight_decay": -1}, {"alpha": -1}],
    "Rprop": [{"lr": -1}, {"etas": (1.5, 2.0)}, {"etas": (0.5, 0.9)}],
    "LBFGS": [{"lr": -1}],
}


@pytest.mark.parametrize(("name", "options"), [(name, options) for name, sets in BAD.items() for options in sets])
def test_settings_out_of_range(name, options):
    for engine in (torch, minigrad):
        with pytest.raises(ValueError, match=next(iter(options)) if engine is minigrad else None):
            getattr(engine.optim, name)([engine.ones(1, requires_grad=True)], **options)


def test_a_large_parameter_is_updated_block_by_block_with_the_same_result():
    rng = np.random.default_rng(0)
    start, gradient = rng.normal(size=(2, 50_000)).astype("float32")
    for name in ("SGD", "Adam", "RMSprop", "ASGD"):
        whole = minigrad.tensor(start, requires_grad=True)
        parts = [minigrad.tensor(part, requires_grad=True) for part in np.split(start, 5)]
        for parameters, gradients in (([whole], [gradient]), (parts, np.split(gradient, 5))):
            optimizer = getattr(minigrad.optim, name)(parameters)
            for _ in range(3):
                for parameter, part in zip(parameters, gradients, strict=True):
                    parameter.grad = minigrad.tensor(part)
                optimizer.step()
        assert np.array_equal(whole.detach().numpy(), np.concatenate([part.detach().numpy() for part in parts]))


@pytest.mark.parametrize("name", ["SGD", "Adam", "LBFGS"])
def test_a_state_that_does_not_match_changes_nothing(name):
    for engine in (torch, minigrad):
        one = getattr(engine.optim, name)([engine.ones(1, requires_grad=True)], lr=0.5)
        two = getattr(engine.optim, name)([engine.ones(1, requires_grad=True), engine.ones(1, requires_grad=True)], lr=0.25)
        with pytest.raises(ValueError, match="group"):
            one.load_state_dict(two.state_dict())
        assert one.param_groups[0]["lr"] == 0.5
