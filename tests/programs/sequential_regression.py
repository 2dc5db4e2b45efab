"""Linear regression out of ready-made parts."""

import sys

import torch
from torch import nn
from torch.utils import data

torch.manual_seed(int(sys.argv[1]))
torch.set_printoptions(sci_mode=False)


def synthetic_data(w, b, num_examples):
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = torch.matmul(X, w) + b
    y += torch.normal(0, 0.01, y.shape)
    return X, y.reshape((-1, 1))


def load_array(arrays, batch_size, is_train=True):
    return data.DataLoader(data.TensorDataset(*arrays), batch_size, shuffle=is_train)


true_w, true_b = torch.tensor([2, -3.4]), 4.2
features, labels = synthetic_data(true_w, true_b, 1000)
print("features:", features[0], "\nlabel:", labels[0])
data_iter = load_array((features, labels), 10)
print(next(iter(data_iter)))

net = nn.Sequential(nn.Linear(2, 1))
print(net, net[0].weight, net[0].bias)
net[0].weight.data.normal_(0, 0.01)
net[0].bias.data.fill_(0)
print(net[0].weight, net[0].bias)
loss = nn.MSELoss()
trainer = torch.optim.SGD(net.parameters(), lr=0.03)
print(loss, trainer)
for epoch in range(3):
    for X, y in data_iter:
        l = loss(net(X), y)
        trainer.zero_grad()
        l.backward()
        trainer.step()
    l = loss(net(features), labels)
    print(f"epoch {epoch + 1}, loss {l:f}", l)
w, b = net[0].weight.data, net[0].bias.data
print("error of w:", true_w - w.reshape(true_w.shape))
print("error of b:", true_b - b)
print(net[0].weight.grad, net[0].bias.grad)
