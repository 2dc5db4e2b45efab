"""Every way to make a tensor."""

import sys

import numpy as np
import torch

seed = int(sys.argv[1])
torch.manual_seed(seed)

print(torch.tensor(3), torch.tensor(3.5), torch.tensor([1, 2, 3]), torch.tensor([[1.0, 2], [3, 4]]))
print(torch.tensor([True, False]))
print(torch.tensor([]), torch.tensor([[], []]), torch.tensor([1, 2], dtype=torch.float64))
print(torch.tensor(1.0, requires_grad=True))
print(torch.Tensor([[1, 2], [3, 4]]), torch.Tensor(2, 0), torch.Tensor([5]).shape, torch.Tensor(2, 3).shape)
print(torch.FloatTensor([1, 2]), torch.LongTensor([1, 2]), torch.DoubleTensor([1.5]), torch.BoolTensor([True]))
array = np.arange(4.0)
shared, copied = torch.from_numpy(array), torch.tensor(array)
array[0] = 100
print(shared, copied, torch.as_tensor(array), torch.as_tensor([1, 2]), np.shares_memory(shared.numpy(), array), shared.dtype)

print(torch.zeros(2, 3), torch.zeros((2,)), torch.zeros([1, 2], dtype=torch.int32), torch.ones(2, dtype=torch.bool))
print(torch.full((2, 2), 7), torch.full((2,), 0.5), torch.full([2], True), torch.full((1,), 2, dtype=torch.float64))
print(torch.empty(2, 3).shape, torch.empty(0), torch.empty((2, 0, 3)).size())
print(torch.arange(5), torch.arange(1, 4), torch.arange(0, 1, 0.25), torch.arange(5, 0, -2))
print(torch.arange(3.0), torch.arange(1, 2.5))
print(torch.linspace(0, 1, 5), torch.linspace(-3, 3, steps=4), torch.linspace(0, 10, 1), torch.logspace(0, 3, 4))
print(torch.linspace(torch.tensor(0.0, dtype=torch.float64), torch.tensor(2.0, dtype=torch.float64), 3).dtype)
print(torch.eye(3), torch.eye(2, 3), torch.eye(2, dtype=torch.int64))

base = torch.tensor([[1.5, 2.5]], dtype=torch.float64)
print(torch.zeros_like(base), torch.ones_like(base), torch.full_like(base, 3), torch.empty_like(base).shape)
print(base.new_zeros(2), base.new_ones(1, 2), base.new_full((2,), 4), base.new_tensor([1, 2]), base.new_empty(3).dtype)
print(torch.rand_like(base), torch.randn_like(base), torch.randint_like(base, 10))

print(torch.rand(2, 3), torch.rand(2, dtype=torch.float64), torch.randn(3))
print(torch.randn(4, 5), torch.randn(2, 9, dtype=torch.float64))
print(torch.randint(10, (5,)), torch.randint(3, 7, (2, 3)), torch.randint(0, 2, (3,), dtype=torch.int32), torch.randperm(7))
print(torch.normal(0, 1, (2, 2)), torch.normal(2.0, torch.arange(1.0, 4.0)), torch.normal(torch.arange(3.0), 0.1))
print(torch.normal(torch.arange(3.0), torch.ones(3)), torch.normal(mean=0.0, std=0.5, size=(20,)))
print(torch.bernoulli(torch.full((2, 3), 0.5)), torch.empty(3).bernoulli_(0.3), torch.empty(3).uniform_(-1, 1))
print(torch.empty(3).normal_(1, 2), torch.empty(3).exponential_(), torch.empty(3, dtype=torch.int64).random_(0, 5))
print(torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 5, replacement=True))

generator = torch.Generator().manual_seed(seed)
state = torch.get_rng_state()
again = torch.rand(3)
torch.set_rng_state(state)
print(torch.rand(3, generator=generator), torch.rand(3).equal(again), torch.initial_seed(), generator.initial_seed())
print(torch.rand(2, generator=torch.manual_seed(seed)), torch.rand(2))
print(torch.zeros(2, device="cpu"), torch.ones(2, device=torch.device("cpu")))

torch.set_default_dtype(torch.float64)
print(torch.tensor([1.5]), torch.rand(2), torch.zeros(1).dtype, torch.get_default_dtype(), torch.Tensor([1]).dtype)
torch.set_default_dtype(torch.float32)
print(torch.cat([torch.zeros(1, 2), torch.ones(2, 2)]), torch.stack([torch.zeros(2), torch.ones(2)], dim=1))
print(torch.tensor([[1, 2], [3, 4]]).repeat(1, 2), torch.tensor([1, 2]).expand(2, 2), torch.tensor(range(3)))
