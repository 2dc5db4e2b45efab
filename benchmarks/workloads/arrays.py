"""Large arrays: where passes over memory weigh most."""

from __future__ import annotations

import numpy as np

from .table import workload


@workload(target=0.8, memory=True)
def elementwise():
    """((x*y + x).tanh()**2).mean() on 4 million float32, forward and backward"""
    rng = np.random.default_rng(0)
    x_array, y_array = (rng.standard_normal(4_000_000, dtype=np.float32) for _ in range(2))

    def program(torch):
        x, y = torch.tensor(x_array, requires_grad=True), torch.tensor(y_array, requires_grad=True)

        def step():
            loss = ((x * y + x).tanh() ** 2).mean()
            loss.backward()
            results = loss, x.grad, y.grad
            x.grad = y.grad = None
            return results

        return step

    def by_hand():
        def step():
            t = x_array * y_array
            t += x_array
            np.tanh(t, t)
            loss = np.vdot(t, t) / t.size
            y_grad = t * t
            np.subtract(1, y_grad, y_grad)
            t *= np.float32(2 / t.size)
            t *= y_grad  # d loss / d (x*y + x)
            np.multiply(t, x_array, y_grad)
            t *= y_array + 1
            return loss, t, y_grad

        return step

    def hips(autograd):
        anp = autograd.numpy
        both = autograd.value_and_grad(lambda x, y: anp.mean(anp.tanh(x * y + x) ** 2), (0, 1))

        def step():
            loss, grads = both(x_array, y_array)
            return loss, *grads

        return step

    def peer(mygrad):
        x, y = mygrad.tensor(x_array, copy=False), mygrad.tensor(y_array, copy=False)

        def step():
            loss = (mygrad.tanh(x * y + x) ** 2).mean()
            loss.backward()
            results = loss.data, x.grad, y.grad
            x.null_grad()
            y.null_grad()
            return results

        return step

    return {"program": program, "by hand": by_hand, "autograd": hips, "mygrad": peer}


@workload(target=1.5)
def cross_entropy():
    """cross_entropy of (512, 1024), forward and backward"""
    rng = np.random.default_rng(0)
    scores, labels = rng.standard_normal((512, 1024), dtype=np.float32), rng.integers(0, 1024, 512)
    of_rows = np.arange(512)

    def program(torch):
        x, classes = torch.tensor(scores, requires_grad=True), torch.tensor(labels)

        def step():
            x.grad = None
            loss = torch.nn.functional.cross_entropy(x, classes)
            loss.backward()
            return loss, x.grad

        return step

    def by_hand():
        def step():
            lowered = scores - scores.max(1, keepdims=True)
            chosen = lowered[of_rows, labels]
            grad = np.exp(lowered, lowered)
            totals = grad.sum(1, keepdims=True)
            grad /= totals * 512
            grad[of_rows, labels] -= np.float32(1 / 512)
            return np.log(totals).mean() - chosen.mean(), grad

        return step

    def hips(autograd):
        anp = autograd.numpy

        def loss_of(x):
            lowered = x - x.max(1, keepdims=True)
            return -anp.mean(lowered[of_rows, labels] - anp.log(anp.sum(anp.exp(lowered), 1)))

        both = autograd.value_and_grad(loss_of)
        return lambda: both(scores)

    def peer(mygrad):
        losses, x = mygrad.nnet.losses, mygrad.tensor(scores)

        def step():
            loss = losses.softmax_crossentropy(x, labels)
            loss.backward()
            return loss.data, x.grad

        return step

    return {"program": program, "by hand": by_hand, "autograd": hips, "mygrad": peer}


@workload(target=1.5)
def layer_norm():
    """layer_norm of (512, 1024) with weight and bias, forward and backward"""
    rng = np.random.default_rng(0)
    x_array, direction = (rng.standard_normal((512, 1024), dtype=np.float32) for _ in range(2))
    w_array, b_array = (rng.standard_normal(1024, dtype=np.float32) for _ in range(2))

    def program(torch):
        leaves = [torch.tensor(array, requires_grad=True) for array in (x_array, w_array, b_array)]
        x, w, b = leaves
        arriving = torch.tensor(direction)

        def step():
            x.grad = w.grad = b.grad = None
            output = torch.nn.functional.layer_norm(x, (1024,), w, b)
            output.backward(arriving)
            return output, x.grad, w.grad, b.grad

        return step

    def by_hand():
        ones = np.ones(1024, np.float32)

        def step():
            normal = x_array - (x_array @ ones / 1024)[:, None]
            rstd = 1 / np.sqrt(np.vecdot(normal, normal) / 1024 + np.float32(1e-5))
            normal *= rstd[:, None]
            output = normal * w_array
            output += b_array
            of_normal = direction * w_array
            shift, stretch = of_normal @ ones / 1024, np.vecdot(of_normal, normal) / 1024
            w_grad, b_grad = np.einsum("ij,ij->j", direction, normal), ones[:512] @ direction
            normal *= stretch[:, None]
            of_normal -= normal
            of_normal -= shift[:, None]
            of_normal *= rstd[:, None]
            return output, of_normal, w_grad, b_grad

        return step

    def hips(autograd):
        anp = autograd.numpy

        def output_of(leaves):
            x, w, b = leaves
            centred = x - anp.mean(x, 1, keepdims=True)
            return centred / anp.sqrt(anp.mean(centred**2, 1, keepdims=True) + np.float32(1e-5)) * w + b

        def step():
            backward, output = autograd.make_vjp(output_of)((x_array, w_array, b_array))
            return output, *backward(direction)

        return step

    return {"program": program, "by hand": by_hand, "autograd": hips}
