# docs/programs/line.py
import minigrad as torch

x = torch.tensor([1.0, 2.0])
y = torch.tensor([3.0, 5.0])
w = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)

prediction = w * x + b
error = prediction - y
loss = (error**2).mean()
loss.backward()
