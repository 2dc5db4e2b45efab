# docs/programs/assign.py
import minigrad as torch

w = torch.tensor(3.0, requires_grad=True)
rows = torch.zeros(3)
rows[1] = w * 2
loss = rows.sum()
loss.backward()
