# docs/programs/accumulate.py
import minigrad as torch
from minigrad.study import trace

w = torch.tensor(1.0, requires_grad=True)
loss = w * 3
loss.backward()
loss = w * 4
trace(loss)
