"""``out=``: the result in a tensor that is there already, under torch's rules."""

import contextlib
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from minigrad.ops.out import TAKE_OUT
from reference import compare

from . import opinfo
from .on_both import on_both, raised


def empties(torch: Any, results: Any) -> Any:
    """Tensors without elements, of the types of the results."""
    many = results if isinstance(results, tuple) else (results,)
    made = tuple(torch.empty(0, dtype=getattr(torch, str(result.dtype).removeprefix("torch."))) for result in many)
    return made if isinstance(results, tuple) else made[0]


def sample_of(name: str) -> tuple[list[Any], dict[str, Any], Any]:
    """The first of PyTorch's own sample calls of an operator that torch takes with ``out=``, and what torch then returns."""
    info = next(info for info in opinfo.published.op_db if info.name == name)
    operator = getattr(torch, name)
    for sample in info.sample_inputs("cpu", torch.float32 if torch.float32 in info.dtypes else torch.int64):
        with contextlib.suppress(RuntimeError, TypeError):
            arguments = [sample.input, *sample.args]
            if name == "where":  # listed with the condition second
                arguments[:2] = arguments[1::-1]
            out = empties(torch, operator(*arguments, **sample.kwargs))
            return arguments, sample.kwargs, operator(*arguments, **sample.kwargs, out=out)
    raise AssertionError(f"no sample call of {name}")


@pytest.mark.parametrize("name", TAKE_OUT.split())
def test_every_operator_that_takes_out(name: str) -> None:
    arguments, options, theirs = sample_of(name)
    ours, convert = getattr(minigrad, name), opinfo.Converter()
    arguments, options = [convert(value) for value in arguments], convert(options)
    expected = ours(*arguments, **options)
    given = empties(minigrad, expected)
    made = ours(*arguments, **options, out=given)
    assert type(made) is type(expected)
    assert (made is given) == (not isinstance(theirs, tuple))
    for mine, target, value, yours in zip(
        *[t if isinstance(t, tuple) else (t,) for t in (made, given, expected, theirs)], strict=True
    ):
        assert mine is target
        np.testing.assert_array_equal(mine.numpy(), value.detach().numpy())
        assert (str(mine.dtype), tuple(mine.shape), mine._version > 0) == (
            str(yours.dtype),
            tuple(yours.shape),
            yours._version > 0,
        )


# One line each: what it is, and a program that says what happened: the exception, the warning, what the tensors hold afterwards.
RULES = {
    "a wider type of float": "z = torch.zeros(3, dtype=torch.float64); torch.sqrt(x, out=z)",
    "a narrower type of float": "z = torch.zeros(3, dtype=torch.float16); torch.sqrt(x, out=z)",
    "floats into integers": "z = torch.zeros(3, dtype=torch.int64); torch.square(x, out=z)",
    "truth into floats": "z = torch.zeros(3); torch.gt(x, 1, out=z)",
    "integers into truth": "z = torch.zeros(3, dtype=torch.bool); torch.add(n, n, out=z)",
    "another shape": "z = torch.zeros(5); torch.square(x, out=z)",
    "another shape, refused": "z = torch.zeros(5, dtype=torch.int64); torch.square(x, out=z)",
    "no elements": "z = torch.zeros(0, 7); torch.square(x, out=z)",
    "an operand": "z = x; torch.add(x, x, out=z)",
    "a view": "z = torch.zeros(2, 3); torch.mul(x, 2, out=z[1])",
    "a column": "z = torch.zeros(3, 2); torch.mul(x, 2, out=z[:, 0])",
    "an expanded tensor": "z = torch.zeros(1).expand(3); torch.square(x, out=z)",
    "an operand that requires grad": "z = torch.zeros(3); torch.square(leaf, out=z)",
    "a list with one that requires grad": "z = torch.zeros(6); torch.cat([x, leaf], out=z)",
    "a leaf that requires grad": "z = torch.zeros(3, requires_grad=True); torch.square(x, out=z)",
    "a leaf under no_grad": "z = torch.zeros(3, requires_grad=True)\nwith torch.no_grad(): torch.square(leaf, out=z)",
    "two results": "z = torch.zeros(2); i = torch.zeros(2, dtype=torch.int64); torch.max(x.expand(2, 3), 1, out=(z, i)); print(i)",
    "two results into one": "z = torch.zeros(2); torch.max(x.expand(2, 3), 1, out=z)",
    "not a tensor": "z = 3; torch.square(x, out=z)",
}


def run(torch: Any, program: str) -> dict[str, Any]:
    names = {"torch": torch, "x": torch.tensor([0.0, 1.0, 2.0]), "n": torch.tensor([1, 2, 3])}
    names["leaf"] = torch.tensor([3.0, 4.0, 5.0], requires_grad=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        error = raised(lambda: exec(program, names))
    z = names["z"]
    after = {"warned": [w.category.__name__ for w in caught], "error": error, "x": names["x"].tolist()}
    return after if isinstance(z, int) else {**after, "z": z, "version": z._version, "requires_grad": z.requires_grad}


@pytest.mark.parametrize("program", RULES.values(), ids=RULES)
def test_rules(program: str) -> None:
    report = compare(run(minigrad, program), run(torch, program))
    assert report, str(report)


@on_both
def test_a_saved_value_that_out_overwrites_is_missed(torch: Any) -> Any:
    """The version counter sees it, and the pass is refused."""
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    z = torch.zeros(2)
    y = (x * z).sum()
    torch.add(z, 1, out=z)
    return raised(y.backward)
