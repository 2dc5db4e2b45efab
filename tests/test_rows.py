"""Arrays too large for one block, along every dimension and however they lie in memory: the numbers of torch."""

import numpy as np
import pytest
import torch

import minigrad
from minigrad.ops.rows import BLOCK, blocks

# float32 against torch in float64: 3,000 additions one after another are 1.5e-6 off, in torch as here, sums along rows 1e-7.
# (Along rows torch in float32 is 1e-5 off: it would measure itself.)
NEAR = 2e-6


def laid_out(engine, array, layout):
    """A leaf, and the tensor in the wanted layout that is made of it."""
    leaf = engine.tensor(array, requires_grad=True)
    layouts = {"in rows": leaf, "transposed": leaf.transpose(0, 1), "sliced": leaf[:, 1::2]}
    return leaf, layouts[layout]


@pytest.mark.parametrize("layout", ["in rows", "transposed", "sliced"])
@pytest.mark.parametrize("shape", [(300, 1030), (70, 2, 2051), (2, BLOCK + 5), (3001, 65)])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_many_rows(name, shape, layout):
    rng = np.random.default_rng(0)
    array = rng.standard_normal(shape, dtype=np.float32)
    for dim in range(len(shape)):
        results = []
        for engine, kind in ((torch, np.float64), (minigrad, np.float32)):
            leaf, input = laid_out(engine, array.astype(kind), layout)
            output = getattr(input, name)(dim)
            directions = np.random.default_rng(1).standard_normal(tuple(output.shape), dtype=np.float32)
            output.backward(engine.tensor(directions.astype(kind)))
            results.append((output.detach().numpy(), leaf.grad.numpy()))
        for expected, got in zip(*results, strict=True):
            np.testing.assert_allclose(got, expected, rtol=0, atol=NEAR * np.abs(expected).max())


def test_blocks_cover_every_row_once():
    array = np.zeros((1000, 1001))
    cut = list(blocks(1, array, array))
    assert len(cut) > 1
    for first, second in cut:
        assert first.size <= BLOCK
        first += 1
        second += 1
    assert (array == 2).all()
    ((whole,),) = blocks(0, array)
    assert whole is array


def test_the_buffer_of_the_caller_stays():
    """The kernels choose a buffer for themselves; the size that holds for the user's own NumPy is another matter."""
    before = np.getbufsize()
    minigrad.zeros(2, 1024).softmax(1)
    minigrad.nn.functional.layer_norm(minigrad.zeros(2, 1024), (1024,))
    assert np.getbufsize() == before
