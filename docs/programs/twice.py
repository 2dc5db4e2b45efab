# docs/programs/twice.py
import minigrad as torch

w = torch.tensor(0.5, requires_grad=True)
state = torch.tensor(1.0)
for _ in range(2):
    state = w * state
    loss = (state - 1) ** 2
    loss.backward()
