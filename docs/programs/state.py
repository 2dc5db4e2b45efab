# docs/programs/state.py
import minigrad as torch
from minigrad.study import print_graph

w = torch.tensor(0.5, requires_grad=True)
state = w * torch.tensor(1.0)
loss = (state - 1) ** 2
loss.backward()

state = w * state
loss = (state - 1) ** 2
print_graph(loss)
