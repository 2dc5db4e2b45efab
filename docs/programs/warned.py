# docs/programs/warned.py
import minigrad as torch

prediction = torch.tensor([[3.0], [5.0], [7.0]])
y = torch.tensor([3.0, 5.0, 7.0])
loss = torch.nn.functional.mse_loss(prediction, y)
