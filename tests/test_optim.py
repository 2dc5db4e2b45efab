"""Optimisers: trained parameters and state agree with torch's, for every set of options in torch's own list."""

from pprint import pformat

import numpy as np
import pytest
import torch
from torch.testing._internal.common_optimizers import optim_db

import minigrad
from minigrad.optim.optimizer import BLOCK
from reference import to_minigrad, to_torch

SHAPES = [(3, 2), (4,), (), (2, 1, 3)]
# Options that choose an implementation in torch, for devices, compilers or fusion.
OF_IMPLEMENTATION = {"capturable", "differentiable", "fused", "foreach"}


def every_option():
    for info in optim_db:
        name = info.optim_cls.__name__
        if hasattr(minigrad.optim, name):
            for given in info.optim_inputs_func(device="cpu"):
                if not given.kwargs.get("capturable"):  # torch refuses it on a CPU
                    options = {k: v for k, v in given.kwargs.items() if k not in OF_IMPLEMENTATION}
                    yield pytest.param(name, options, id=f"{name}-{given.desc}")


OPTIONS = list(every_option())
RULES = ["SGD", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD", "RMSprop", "Rprop", "LBFGS"]


def arrays(seed, dtype):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in SHAPES]


class Training:
    """A problem with a minimum, four parameters in two groups, one of them frozen for the first steps and one never used."""

    def __init__(self, engine, name, options, dtype):
        self.engine = engine
        self.parameters = [engine.tensor(a, requires_grad=True) for a in arrays(0, dtype)]
        self.targets = [engine.tensor(a) for a in arrays(1, dtype)]
        idle = engine.tensor(arrays(2, dtype)[1], requires_grad=True)
        groups = [{"params": [*self.parameters[:2], idle]}, {"params": self.parameters[2:]}]
        if isinstance(options.get("lr"), torch.Tensor):
            options = options | {"lr": engine.tensor(options["lr"].numpy().astype(dtype))}
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
            if isinstance(value, torch.Tensor) and name != "LBFGS":  # whose last, tiny steps are mostly rounding
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


@pytest.mark.parametrize("name", RULES)
def test_text_and_structure(name):
    def text_and_state(engine):
        w = engine.nn.Parameter(engine.ones(2))
        optimizer = getattr(engine.optim, name)([w])
        w.grad = engine.ones(2)
        optimizer.step(lambda: engine.tensor(1.0))
        state = optimizer.state_dict()
        if name == "LBFGS":
            state["state"] = {}  # its memory is compared above
        return repr(optimizer), pformat(state)

    assert text_and_state(minigrad) == text_and_state(torch)


BAD = {
    "SGD": [
        {"lr": -1},
        {"lr": [0.1, 0.2]},
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
        given = {key: engine.tensor(value) if isinstance(value, list) else value for key, value in options.items()}
        with pytest.raises(ValueError, match=next(iter(options)) if engine is minigrad else None):
            getattr(engine.optim, name)([engine.ones(1, requires_grad=True)], **given)


@pytest.mark.parametrize("name", [name for name in RULES if name != "LBFGS"])
def test_a_large_parameter_is_updated_block_by_block_with_the_same_result(name):
    rng = np.random.default_rng(0)
    start, gradient = rng.normal(size=(2, 5, BLOCK // 4)).astype("float32")

    def trained(arrays, gradients):
        parameters = [minigrad.tensor(array, requires_grad=True) for array in arrays]
        optimizer = (
            getattr(minigrad.optim, name)(parameters, weight_decay=0.1)
            if name != "Rprop"
            else minigrad.optim.Rprop(parameters)
        )
        for _ in range(3):
            for parameter, part in zip(parameters, gradients, strict=True):
                parameter.grad = minigrad.tensor(part)
            optimizer.step()
        return [parameter.detach().numpy() for parameter in parameters]

    rows = np.stack(trained(start, gradient))
    assert np.array_equal(trained([start], [gradient])[0], rows)
    assert np.array_equal(trained([start.T], [gradient.T])[0].T, rows)  # not contiguous: in one piece


@pytest.mark.parametrize("name", ["SGD", "Adam", "LBFGS"])
def test_a_state_that_does_not_match_changes_nothing(name):
    for engine in (torch, minigrad):
        one = getattr(engine.optim, name)([engine.ones(1, requires_grad=True)], lr=0.5)
        two = getattr(engine.optim, name)([engine.ones(1, requires_grad=True), engine.ones(1, requires_grad=True)], lr=0.25)
        with pytest.raises(ValueError, match="group"):
            one.load_state_dict(two.state_dict())
        assert one.param_groups[0]["lr"] == 0.5


def rosenbrock(x, y):
    return ((1 - x) ** 2).sum() + 100 * ((y - x * x) ** 2).sum()


def waves(x, y):
    return ((3 * x).sin() * y.cos()).sum() + 0.1 * (x * x).sum() + 0.1 * (y * y).sum()


def walls(x, y):
    return ((x - 1) ** 4).sum() + ((x * y) ** 2).sum() + y.exp().sum()


def steep(x, y):
    return 1e4 * (x * x).sum() + 3e4 * (y * y).sum()


LBFGS_OPTIONS = [
    {"line_search_fn": search, "lr": lr, "max_eval": most, "history_size": history}
    for search, lr in (("strong_wolfe", 0.02), ("strong_wolfe", 1), ("strong_wolfe", 3), (None, 0.02), (None, 1))
    for most in (1, 4, None)
    for history in (2, 100)
] + [
    {"line_search_fn": search, "lr": lr, tolerance: value}
    for search, lr in (("strong_wolfe", 1), (None, 0.02))
    for tolerance, values in (("tolerance_grad", (0.3, 3)), ("tolerance_change", (0.01, 0.1, 1)))
    for value in values
]


@pytest.mark.parametrize(
    ("surface", "options"),
    [(surface, options) for surface in (rosenbrock, waves, walls) for options in LBFGS_OPTIONS]
    + [(steep, options) for options in LBFGS_OPTIONS if "tolerance_change" in options],
)
def test_lbfgs_tries_the_same_points(surface, options):
    """On surfaces where the search must lengthen and shorten steps: the loss at each call of the closure, and the memory.

    What is rounded differently grows from step to step, where a surface is narrow to 1e-9 in 18 steps.
    """

    def search(engine):
        rng = np.random.default_rng(3)
        x, y = (engine.tensor(2 * rng.normal(size=5), requires_grad=True) for _ in range(2))
        optimizer = engine.optim.LBFGS([x, y], max_iter=6, **options)
        losses = []

        def closure():
            optimizer.zero_grad()
            loss = surface(x, y)
            loss.backward()
            losses.append(loss.item())
            return loss

        first = [optimizer.step(closure).item() for _ in range(3)]
        memory = optimizer.state_dict()["state"][0]
        return losses, first, memory

    losses, first, memory = search(minigrad)
    their_losses, their_first, their_memory = search(torch)
    assert len(losses) == len(their_losses)
    np.testing.assert_allclose(losses + first, their_losses + their_first, rtol=1e-7)
    for name in ("func_evals", "n_iter"):
        assert memory[name] == their_memory[name]
    for name in ("t", "H_diag", "prev_loss"):
        assert float(memory[name]) == pytest.approx(float(their_memory[name]), rel=1e-7)
    for name in ("d", "prev_flat_grad"):
        assert_agree(memory[name], their_memory[name], 1e-7, floor=0)
    for name in ("old_dirs", "old_stps", "ro"):
        for own, their in zip(memory[name], their_memory[name], strict=True):
            assert_agree(own, their, 1e-7, floor=0)


def leaf(engine):
    return engine.ones(2, requires_grad=True)


REFUSED_GROUPS = {
    "a list for a group": lambda engine, w, optimizer: optimizer.add_param_group([leaf(engine)]),
    "no tensor": lambda engine, w, optimizer: optimizer.add_param_group({"params": [1.0]}),
    "a set": lambda engine, w, optimizer: optimizer.add_param_group({"params": {leaf(engine)}}),
    "no params": lambda engine, w, optimizer: optimizer.add_param_group({"lr": 0.1}),
    "not a leaf": lambda engine, w, optimizer: optimizer.add_param_group({"params": [leaf(engine) * 2]}),
    "known already": lambda engine, w, optimizer: optimizer.add_param_group({"params": w}),
    "known with a new one": lambda engine, w, optimizer: optimizer.add_param_group({"params": [leaf(engine), w]}),
}


@pytest.mark.parametrize("name", ["SGD", "Adagrad"])
@pytest.mark.parametrize("mistake", REFUSED_GROUPS.values(), ids=REFUSED_GROUPS)
def test_refused_groups_raise_what_torch_raises_and_are_not_added(name, mistake):
    def refused(engine):
        w = leaf(engine)
        optimizer = getattr(engine.optim, name)([w])
        before = repr(optimizer), len(optimizer.state)
        with pytest.raises((TypeError, ValueError, KeyError)) as caught:
            mistake(engine, w, optimizer)
        assert (repr(optimizer), len(optimizer.state)) == before
        return caught.type

    assert refused(minigrad) is refused(torch)


def test_a_tensor_given_twice_is_moved_twice_after_a_warning():
    def moved(engine):
        w = leaf(engine)
        with pytest.warns(UserWarning, match="duplicate|more than once"):
            optimizer = engine.optim.SGD([w, w], lr=0.25)
        w.grad = engine.ones(2)
        optimizer.step()
        return w.tolist()

    assert moved(minigrad) == moved(torch) == [0.5, 0.5]


@pytest.mark.parametrize("name", [name for name in RULES if name != "LBFGS"])
def test_a_group_added_during_training_has_settings_of_its_own(name):
    def trained(engine):
        late = engine.tensor([2.0, -1.0], requires_grad=True)
        early = engine.tensor([1.0, 3.0], requires_grad=True)
        optimizer = getattr(engine.optim, name)([early], lr=0.02)
        for step in range(20):
            if step == 5:
                optimizer.add_param_group({"params": late, "lr": 0.1})
            optimizer.zero_grad()
            ((early - late) ** 2 + early**4).sum().backward()
            optimizer.step()
        return early.detach().numpy(), late.detach().numpy()

    for own, their in zip(trained(minigrad), trained(torch), strict=True):
        assert_agree(own, their, TOLERANCE["float32"], floor=0)


def test_lbfgs_takes_one_group_also_later():
    optimizer = minigrad.optim.LBFGS([leaf(minigrad)])
    with pytest.raises(ValueError, match="one group"):
        optimizer.add_param_group({"params": leaf(minigrad)})
    for engine in (torch, minigrad):
        with pytest.raises(ValueError, match="group"):
            engine.optim.LBFGS([{"params": leaf(engine)}, {"params": leaf(engine)}])


def test_lbfgs_refuses_a_step_that_it_cannot_make():
    for engine in (torch, minigrad):
        w = leaf(engine)
        with pytest.raises(TypeError, match="closure"):
            engine.optim.LBFGS([w]).step()
        w.grad = engine.ones(2)
        with pytest.raises(RuntimeError, match="strong_wolfe"):
            engine.optim.LBFGS([w], line_search_fn="armijo").step(w.sum)


def test_lbfgs_with_a_rate_of_0_stays_where_it_is():
    w = leaf(minigrad)
    optimizer = minigrad.optim.LBFGS([w], lr=0, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 2
    assert w.tolist() == [1, 1]


@pytest.mark.parametrize("name", [name for name in RULES if name != "LBFGS"])
def test_a_step_that_should_be_differentiated_through_is_refused(name):
    with pytest.raises(NotImplementedError, match="differentiable"):
        getattr(minigrad.optim, name)([leaf(minigrad)], differentiable=True)


@pytest.mark.parametrize("name", RULES)
def test_a_step_is_an_edit_that_backward_notices(name):
    for engine in (torch, minigrad):
        w = leaf(engine)
        loss = (w * w).sum()
        optimizer = getattr(engine.optim, name)([w], lr=0.1)

        def closure(engine=engine, w=w):
            w.grad = engine.ones(2)
            return w.sum()

        optimizer.step(closure)
        with pytest.raises(RuntimeError, match=r"in-?place|changed|modified"):
            loss.backward()


@pytest.mark.parametrize("name", RULES)
def test_a_loaded_state_is_a_copy(name):
    def trained(steps):
        run = Training(minigrad, name, {}, "float64")
        for _ in range(steps):
            run.optimizer.step(run.loss)
        return run

    donor, heir = trained(3), trained(0)
    before = pformat(donor.optimizer.state_dict())
    heir.optimizer.load_state_dict(donor.optimizer.state_dict())
    if name != "ASGD":  # whose scalars take the type of the parameter, in PyTorch too; the number of steps never does
        assert pformat(heir.optimizer.state_dict()) == before
    for _ in range(2):
        heir.optimizer.step(heir.loss)
    assert pformat(donor.optimizer.state_dict()) == before


@pytest.mark.parametrize("name", [name for name in RULES if name != "LBFGS"])
def test_special_gradients_and_shapes(name):
    """NaN, infinities, zeros and numbers that overflow when squared; an empty parameter, and one that is not contiguous."""

    def trained(engine):
        shapes = [(8,), (0, 3), ()]
        parameters = [engine.ones(shape, requires_grad=True) for shape in shapes]
        parameters.append(engine.tensor([[1.0, 2.0], [3.0, 4.0]]).t().requires_grad_())
        optimizer = getattr(engine.optim, name)(parameters, lr=0.5)
        special = engine.tensor([float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1e30, -1e-42, 3.0])
        for scale in (1.0, 0.0, -2.0):
            parameters[0].grad = special * scale
            for parameter in parameters[1:]:
                parameter.grad = engine.ones(parameter.shape) * scale
            optimizer.step()
        return [parameter.detach().numpy() for parameter in parameters]

    for own, their in zip(trained(minigrad), trained(torch), strict=True):
        np.testing.assert_allclose(own, their, rtol=TOLERANCE["float32"])


def test_a_state_of_lbfgs_moves_after_its_very_first_step():
    """Then PyTorch keeps the step length as a tensor."""
    begun = Training(torch, "LBFGS", {"max_iter": 1}, "float64").train(1)
    assert isinstance(begun.state()[0]["t"], torch.Tensor)
    there = resumed(minigrad, "LBFGS", {"max_iter": 1}, begun, to_minigrad)
    here = resumed(torch, "LBFGS", {"max_iter": 1}, begun, lambda value: value)
    for one, other in zip(there, here, strict=True):
        assert_agree(one, other, TOLERANCE["float64"], floor=1e-3)


ENDS = {
    "the loss is the same on the other side": (1, {"lr": 2}),
    "but nothing is less than no change": (1, {"lr": 2, "tolerance_change": 0}),
    "no larger gradient at first": (1, {"tolerance_grad": 2}),
    "no larger gradient after a step": (1, {"lr": 0.5, "tolerance_grad": 1}),
    "no longer step": (1, {"lr": 0.5, "tolerance_change": 0.5}),
    "a slope just steep enough": (1, {"lr": 0.5, "tolerance_change": 4}),
    "hardly any curvature": (1e-4, {"lr": 4.3, "tolerance_change": 0}),
    "too little curvature": (1e-4, {"lr": 3.4, "tolerance_change": 0}),
}


@pytest.mark.parametrize(("scale", "options"), ENDS.values(), ids=ENDS)
def test_lbfgs_ends_where_a_tolerance_is_met(scale, options):
    """From 1 down the parabola ``scale * x * x``, where most tolerances are met to the last digit."""

    def tried(engine):
        x, points = engine.ones(1, dtype=engine.float64, requires_grad=True), []
        optimizer = engine.optim.LBFGS([x], **{"max_iter": 6} | options)

        def closure():
            points.append(x.item())
            optimizer.zero_grad()
            loss = (scale * x * x).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        return [*points, x.item()]

    np.testing.assert_allclose(tried(minigrad), tried(torch), rtol=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_a_loaded_state_brings_its_settings(name):
    def loaded(engine):
        donor, heir = (getattr(engine.optim, name)([engine.ones(2, requires_grad=True)], lr=lr) for lr in (0.5, 0.25))
        own = heir.param_groups[0]["params"]
        heir.load_state_dict(donor.state_dict())
        assert heir.param_groups[0]["params"][0] is own[0]
        return repr(heir)

    assert "lr: 0.5" in loaded(minigrad)
    assert loaded(minigrad) == loaded(torch)
