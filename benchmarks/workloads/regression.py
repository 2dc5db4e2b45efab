"""Linear regression: small steps, where an engine's overhead is all there is."""

from __future__ import annotations

import numpy as np

import minigrad

from .table import workload

POINTS = np.array([[1.0], [2.0], [3.0]], np.float32), np.array([[2.0], [4.0], [6.0]], np.float32)
_rng = np.random.default_rng(0)
_features = _rng.standard_normal((1000, 2), dtype=np.float32)
_noise = 0.1 * _rng.standard_normal((1000, 1), dtype=np.float32)  # so that the loss ends above 0, and can be compared
SAMPLES = _features, _features @ np.array([[2], [-3.4]], np.float32) + np.float32(4.2) + _noise


def slices(x, y):
    """The samples ten at a time, in order."""
    return [(x[start : start + 10], y[start : start + 10]) for start in range(0, len(x), 10)]


def trained(data, lr, reduction, batches_of, batches_of_arrays):
    """A step is SGD over all batches, of a line with mean or summed squared errors; ``batches_of(torch)`` returns a function."""
    inputs = data[0].shape[1]

    def program(torch):
        batches = batches_of(torch)
        model = torch.nn.Linear(inputs, 1)
        with torch.no_grad():
            model.weight.fill_(0.5)
            model.bias.zero_()
        criterion = torch.nn.MSELoss(reduction=reduction)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)

        def step():
            for x, y in batches():
                loss = criterion(model(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            return loss, model.weight, model.bias

        return step

    def start():
        return np.full((1, inputs), 0.5, np.float32), np.zeros(1, np.float32)

    def by_hand():
        batches, (w, b) = batches_of_arrays(), start()

        def step():
            for x, y in batches():
                residual = x @ w.T + b - y
                share = 1 if reduction == "sum" else 1 / residual.size
                loss = np.sum(residual * residual) * share
                slope = (2 * share) * residual  # d loss / d prediction
                np.subtract(w, lr * (slope.T @ x), out=w)
                np.subtract(b, lr * slope.sum(0), out=b)
            return loss, w, b

        return step

    def hips(autograd):
        batches, (w, b) = batches_of_arrays(), start()
        reduced = getattr(autograd.numpy, reduction)
        loss_and_grads = autograd.value_and_grad(
            lambda w, b, x, y: reduced((autograd.numpy.dot(x, w.T) + b - y) ** 2), (0, 1)
        )

        def step():
            for x, y in batches():
                loss, (w_grad, b_grad) = loss_and_grads(w, b, x, y)
                np.subtract(w, lr * w_grad, out=w)
                np.subtract(b, lr * b_grad, out=b)
            return loss, w, b

        return step

    def peer(mygrad):
        batches, (w, b) = batches_of_arrays(), map(mygrad.tensor, start())
        reduced = getattr(mygrad, reduction)

        def step():
            for x, y in batches():
                loss = reduced((mygrad.matmul(x, w.T) + b - y) ** 2)
                loss.backward()
                w.data -= lr * w.grad
                b.data -= lr * b.grad
            return loss.data, w.data, b.data

        return step

    return {"program": program, "by hand": by_hand, "autograd": hips, "mygrad": peer}


@workload(target=0.4, guard=0.9)
def regression():
    """Full step on three points: Linear(1, 1), MSELoss(sum), SGD"""

    def batches_of(torch):
        whole = [tuple(map(torch.tensor, POINTS))]
        return lambda: whole

    return trained(POINTS, 0.01, "sum", batches_of, lambda: lambda: [POINTS])


@workload(target=0.45)
def epoch():
    """An epoch over 1,000 samples of 2 numbers, 10 at a time: Linear(2, 1), MSELoss, SGD"""

    def batches_of(torch):
        x, y = map(torch.tensor, SAMPLES)
        return lambda: slices(x, y)

    return trained(SAMPLES, 0.03, "mean", batches_of, lambda: lambda: slices(*SAMPLES))


@workload(target=0.5)
def epoch_loader():
    """The same epoch through DataLoader(shuffle=True)"""

    def shuffled(torch, *data):
        generator = torch.Generator()
        data = torch.utils.data.TensorDataset(*map(torch.tensor, data))
        loader = torch.utils.data.DataLoader(data, batch_size=10, shuffle=True, generator=generator)

        def batches():
            generator.manual_seed(0)
            return loader

        return batches

    def in_the_same_order():
        order = np.concatenate([rows.numpy() for (rows,) in shuffled(minigrad, np.arange(1000))()])
        return lambda: [[array[order[start : start + 10]] for array in SAMPLES] for start in range(0, 1000, 10)]

    made = trained(SAMPLES, 0.03, "mean", lambda torch: shuffled(torch, *SAMPLES), in_the_same_order)
    return {"program": made["program"], "by hand": made["by hand"]}
