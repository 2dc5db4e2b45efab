"""Networks: where the products of matrices weigh most, and one gradient of a gradient."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .table import workload


def classifier(sizes, batch, lr=0.1):
    """A step of SGD on one batch: linear layers with ReLU between them, cross-entropy.

    It returns the last layer. In the first one, a sum rounded to the other side of the kink changes an element by a sample's
    share; the losses of the next calls show whether all layers were changed alike.
    """
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, sizes[0]), dtype=np.float32)
    labels = rng.integers(0, sizes[-1], batch)
    of_rows = np.arange(batch)
    layers = [
        (rng.standard_normal((outputs, inputs), dtype=np.float32) / np.float32(inputs**0.5), np.zeros(outputs, np.float32))
        for inputs, outputs in pairwise(sizes)
    ]

    def program(torch):
        linears = [torch.nn.Linear(inputs, outputs) for inputs, outputs in pairwise(sizes)]
        with torch.no_grad():
            for linear, (w, b) in zip(linears, layers, strict=True):
                linear.weight.copy_(torch.tensor(w))
                linear.bias.copy_(torch.tensor(b))
        parameters = [parameter for linear in linears for parameter in linear.parameters()]
        optimizer = torch.optim.SGD(parameters, lr=lr)
        relu, cross_entropy = torch.nn.functional.relu, torch.nn.functional.cross_entropy
        features, classes = torch.tensor(x), torch.tensor(labels)

        def step():
            h = features
            for linear in linears[:-1]:
                h = relu(linear(h))
            loss = cross_entropy(linears[-1](h), classes)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss, linears[-1].weight, linears[-1].bias

        return step

    def by_hand():
        own = [(w.copy(), b.copy()) for w, b in layers]

        def step():
            inputs = [x]
            for w, b in own[:-1]:
                h = inputs[-1] @ w.T
                h += b
                inputs.append(np.maximum(h, 0, out=h))
            w, b = own[-1]
            scores = inputs[-1] @ w.T
            scores += b
            scores -= scores.max(1, keepdims=True)
            powers = np.exp(scores)
            totals = powers.sum(1, keepdims=True)
            loss = -(scores[of_rows, labels] - np.log(totals[:, 0])).mean()
            powers /= totals
            powers[of_rows, labels] -= 1
            slope = powers / np.float32(batch)  # d loss / d scores
            for (w, b), h in zip(reversed(own), reversed(inputs), strict=True):
                before = None if h is x else slope @ w
                w -= np.float32(lr) * (slope.T @ h)
                b -= np.float32(lr) * slope.sum(0)
                if before is not None:
                    before *= h > 0
                    slope = before
            return loss, *own[-1]

        return step

    def hips(autograd):
        anp = autograd.numpy
        own = [(w.copy(), b.copy()) for w, b in layers]

        def loss_of(own):
            h = x
            for w, b in own[:-1]:
                h = anp.maximum(anp.dot(h, w.T) + b, 0)
            w, b = own[-1]
            scores = anp.dot(h, w.T) + b
            scores = scores - scores.max(1, keepdims=True)
            return -anp.mean(scores[of_rows, labels] - anp.log(anp.sum(anp.exp(scores), 1)))

        loss_and_grads = autograd.value_and_grad(loss_of)

        def step():
            loss, grads = loss_and_grads(own)
            for values, slopes in zip(own, grads, strict=True):
                for value, slope in zip(values, slopes, strict=True):
                    value -= np.float32(lr) * slope
            return loss, *own[-1]

        return step

    def peer(mygrad):
        nnet = mygrad.nnet
        own = [(mygrad.tensor(w), mygrad.tensor(b)) for w, b in layers]

        def step():
            h = x
            for w, b in own[:-1]:
                h = nnet.activations.relu(mygrad.matmul(h, w.T) + b)
            w, b = own[-1]
            loss = nnet.losses.softmax_crossentropy(mygrad.matmul(h, w.T) + b, labels)
            loss.backward()
            for pair in own:
                for value in pair:
                    value.data -= np.float32(lr) * value.grad
            return loss.data, *[value.data for value in own[-1]]

        return step

    return {"program": program, "by hand": by_hand, "autograd": hips, "mygrad": peer}


@workload(target=0.9, target_by_hand=1.15)
def mlp():
    """SGD step of an MLP 784-256-10, batch 128, cross-entropy"""
    return classifier((784, 256, 10), 128)


@workload(target=0.95, threads=None)
def mlp_large():
    """SGD step of an MLP 1024-1024-1024-10, batch 512, cross-entropy; as many threads as each engine chooses"""
    return classifier((1024, 1024, 1024, 10), 512)


@workload(target=1.0, guard=2.0)
def penalty():
    """Gradient penalty, so double backward, on a tanh MLP 8-16-1, batch 32"""
    rng = np.random.default_rng(0)
    start = [rng.standard_normal(shape, dtype=np.float32) for shape in ((32, 8), (8, 16), (16,), (16, 1))]

    def program(torch):
        x, w, b, v = (torch.tensor(array, requires_grad=True) for array in start)
        leaves = w, b, v

        def step():
            for leaf in leaves:
                leaf.grad = None
            output = (x @ w + b).tanh() @ v
            (slope,) = torch.autograd.grad(output.sum(), x, create_graph=True)
            loss = (slope * slope).sum()
            torch.autograd.backward(loss, inputs=leaves)
            return loss, w.grad, b.grad, v.grad

        return step

    def by_hand():
        x, w, b, v = start

        def step():
            h = np.tanh(x @ w + b)
            bend = 1 - h * h
            through = bend * v[:, 0]  # d output / d (x @ w + b)
            slope = through @ w.T
            loss = np.sum(slope * slope)
            of_slope = 2 * slope
            of_through = of_slope @ w
            of_bend = of_through * v[:, 0]
            of_sum = of_bend * (-2 * h) * bend
            return loss, of_slope.T @ through + x.T @ of_sum, of_sum.sum(0), (of_through * bend).sum(0)[:, None]

        return step

    def hips(autograd):
        anp = autograd.numpy
        slope_of = autograd.grad(lambda x, w, b, v: anp.sum(anp.dot(anp.tanh(anp.dot(x, w) + b), v)))
        both = autograd.value_and_grad(lambda x, w, b, v: anp.sum(slope_of(x, w, b, v) ** 2), (1, 2, 3))

        def step():
            loss, grads = both(*start)
            return loss, *grads

        return step

    return {"program": program, "by hand": by_hand, "autograd": hips}
