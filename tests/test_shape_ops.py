"""Joining, splitting and turning: what is refused, and nodes with several outputs.

Values, gradients, second derivatives, graphs and saved fields of these operators are proven with the table in cases.py.
"""

from typing import Any

import pytest
import torch

import minigrad
from reference import both, compare

from .refusing import lines, refused_alike

REFUSED = """
torch.cat([]); torch.cat([x, 1]); torch.cat([x, s]); torch.cat([s, s]); torch.cat([x, v]); torch.cat([x, x[:, :2]])
torch.cat([v, None]); torch.cat([x, x], 3); torch.cat([x, x], -4); torch.cat([x, x], 1.0); torch.cat(v)
torch.stack([]); torch.stack([x, v]); torch.stack([v, 1]); torch.stack([x, x], 4); torch.stack([x, x], -5)
torch.stack(v); x.split(0); x.split(-1); x.split(2, 5); x.split([1, 3], 1); s.split(1); x.split([-1, 4], 1)
x.split(1.5); x.chunk(0); x.chunk(-1); x.chunk(2, 7); s.chunk(1); x.unbind(3); s.unbind(); iter(s)
x.split_with_sizes([1]); x.flip(3); x.flip(0, 0); x.flip(0, -3); x.flip(); s.flip(1); x.roll(1, 3); x.roll((1, 2), 0)
x.roll((1, 2)); x.roll(1, (0, 1)); s.roll(1, 0); x.roll(1.5); x.roll(()); x.repeat(2); x.repeat(2, -1, 1); x.repeat()
x.repeat(2, 1.5, 1); x.tile(); x.flatten(1, 0); x.flatten(0, 5); s.flatten(1); x.unflatten(1, (2, 2))
x.unflatten(1, (-1, -1)); x.unflatten(3, (1,)); x.unflatten(1, ()); x.unflatten(1, 3); e.unflatten(0, (0, -1))
x.movedim(0, 3); x.movedim((0, 1), (0, 0)); x.movedim((0, 0), (0, 1)); x.movedim((0,), (0, 1)); x.movedim((0,), 1)
x.swapaxes(0, 3); x.transpose(0, 3); s.transpose(0, 1); x.broadcast_to((2, 2)); x.expand_as(v); x.expand_as(3)
x.view_as(v); x.view_as(3); x.reshape_as(v); x.expand(-1, 2, 3, 4); x.expand(3, 4); x.permute(0, 0, 1); x.permute(0)
x.permute(0, 1, 3); x.unsqueeze(4); x.unsqueeze(-5); x.squeeze(3); s.squeeze(1); x.view(7); x.view(-1, 5)
x.view(-1, -1); x.view(); s.expand(); x.transpose(0, 1).view(24); x.reshape(2.5); x.view(-2, 3); e.view(-1, 0); x.t()
x.reshape(5, 5)
"""


@pytest.mark.parametrize("code", lines(REFUSED))
def test_refused(code: str) -> None:
    refused_alike(code)


def test_outputs_of_one_node() -> None:
    """The parts have one node and a number each; a part that is not used gets no gradient, and its place is 0."""

    def program(torch: Any) -> Any:
        x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
        results = []
        for parts in (x.unbind(), x.unbind(1), x.split(2), x.split([1, 2]), x.chunk(2, 1)):
            assert all(part.grad_fn is parts[0].grad_fn for part in parts)
            results += [len(parts), [part.output_nr for part in parts], *parts]
            results += torch.autograd.grad((parts[1] * 3).sum(), x)
            results += torch.autograd.grad((parts[0] * 2).sum() + (parts[-1] * parts[-1]).sum(), x)
            seen: list[Any] = []
            handle = parts[0].grad_fn.register_prehook(lambda grads, seen=seen: seen.append([g is None for g in grads]))
            (parts[1] * 1).sum().backward()
            handle.remove()
            results.append(seen)
        return results

    report = compare(*both(program))
    assert report, str(report)


def test_a_part_of_several_cannot_be_changed_while_the_graph_is_recorded() -> None:
    for engine in (minigrad, torch):
        x = engine.ones(3, 2, requires_grad=True) * 2
        for part in x.unbind():
            with pytest.raises(RuntimeError):
                part.mul_(2)
        with engine.no_grad():
            plain = engine.ones(3, 2)
            for part in plain:
                part.mul_(2)
        assert plain.tolist() == [[2, 2]] * 3


def test_second_derivative_through_parts() -> None:
    def program(torch: Any) -> Any:
        x = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
        a, b = x.split(2)
        y = torch.cat([a * b, torch.stack([a, b]).flatten() ** 3])
        (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        (second,) = torch.autograd.grad(first.sum(), x)
        return first, second

    report = compare(*both(program))
    assert report, str(report)
