"""A step of each optimiser: on ten small parameters, where overhead counts, and on one of 4 million, where passes do."""

from __future__ import annotations

import numpy as np

from .table import workload

# The rules by hand, with torch's default settings: each gets the parameter, its gradient, a dict to remember in, the number
# of the step and the learning rate.


def sgd(w, g, kept, t, lr):
    w -= lr * g


def adagrad(w, g, kept, t, lr):
    total = kept.setdefault("total", np.zeros_like(w))
    total += g * g
    w -= lr * g / (np.sqrt(total) + np.float32(1e-10))


def adam(w, g, kept, t, lr):
    m, v = kept.setdefault("m", np.zeros_like(w)), kept.setdefault("v", np.zeros_like(w))
    m += np.float32(0.1) * (g - m)
    v += np.float32(0.001) * (g * g - v)
    w -= np.float32(lr / (1 - 0.9**t)) * m / (np.sqrt(v) / np.float32((1 - 0.999**t) ** 0.5) + np.float32(1e-8))


def adamw(w, g, kept, t, lr):
    w *= 1 - lr * np.float32(0.01)
    adam(w, g, kept, t, lr)


def adamax(w, g, kept, t, lr):
    m, u = kept.setdefault("m", np.zeros_like(w)), kept.setdefault("u", np.zeros_like(w))
    m += np.float32(0.1) * (g - m)
    np.maximum(np.float32(0.999) * u, np.abs(g) + np.float32(1e-8), out=u)
    w -= np.float32(lr / (1 - 0.9**t)) * m / u


def asgd(w, g, kept, t, lr):
    now = lr / (1 + 1e-4 * lr * (t - 1)) ** 0.75
    w *= np.float32(1 - 1e-4 * now)
    w -= np.float32(now) * g
    kept["average"] = w.copy()  # it starts at step 1e6


def rmsprop(w, g, kept, t, lr):
    v = kept.setdefault("v", np.zeros_like(w))
    v += np.float32(0.01) * (g * g - v)
    w -= lr * g / (np.sqrt(v) + np.float32(1e-8))


def rprop(w, g, kept, t, lr):
    before, size = kept.setdefault("before", np.zeros_like(w)), kept.setdefault("size", np.full_like(w, lr))
    turn = g * before
    size *= np.where(turn > 0, np.float32(1.2), np.where(turn < 0, np.float32(0.5), np.float32(1)))
    np.clip(size, np.float32(1e-6), np.float32(50), out=size)
    g = np.where(turn < 0, np.float32(0), g)
    w -= np.sign(g) * size
    before[...] = g


RULES = {
    "SGD": sgd,
    "Adagrad": adagrad,
    "Adam": adam,
    "AdamW": adamw,
    "Adamax": adamax,
    "ASGD": asgd,
    "RMSprop": rmsprop,
    "Rprop": rprop,
}


def steps_of(name, shape, lr=0.01):
    """A step of the optimiser ``name``, on as many parameters as ``shape`` has rows."""
    rng = np.random.default_rng(0)
    values, grads = (rng.standard_normal(shape, dtype=np.float32) for _ in range(2))

    def program(torch):
        params = [torch.tensor(value, requires_grad=True) for value in values]
        for param, grad in zip(params, grads, strict=True):
            param.grad = torch.tensor(grad)
        optimizer = getattr(torch.optim, name)(params, lr=lr, foreach=False)

        def step():
            optimizer.step()
            return (params[0], params[-1])

        return step

    def by_hand():
        params, kept, count, rate = [value.copy() for value in values], [{} for _ in values], 0, np.float32(lr)

        def step():
            nonlocal count
            count += 1
            for param, grad, memory in zip(params, grads, kept, strict=True):
                RULES[name](param, grad, memory, count, rate)
            return (params[0], params[-1])

        return step

    return {"program": program, "by hand": by_hand}


for optimizer in RULES:
    for size, shape, target in (("small", (10, 10), 0.7), ("large", (1, 4_000_000), 1.2)):

        def make(optimizer=optimizer, shape=shape):
            return steps_of(optimizer, shape)

        make.__doc__ = f"{optimizer}.step of " + (
            "10 parameters of 10 elements" if size == "small" else "4 million elements"
        )
        guard = 1.5 if size == "small" and optimizer == "SGD" else None
        workload(name=f"{optimizer.lower()}_{size}", target=target, guard=guard)(make)
