"""What a program does around the graph: to start, to read samples, to touch single elements."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

import minigrad

from .table import workload


@workload(target=1.0, per=10_000)
def element_by_element():
    """c[i] = a[i] + b[i] for one of 10,000 elements, without a graph"""
    count = 10_000
    rng = np.random.default_rng(0)
    left, right = (rng.standard_normal(count, dtype=np.float32) for _ in range(2))

    def fill(a, b, c):
        def step():
            for i in range(count):
                c[i] = a[i] + b[i]
            return (c,)

        return step

    return {
        "program": lambda torch: fill(torch.tensor(left), torch.tensor(right), torch.zeros(count)),
        "by hand": lambda: fill(left, right, np.zeros(count, np.float32)),
    }


@workload(target=0.7, per=100, guard=1.4)
def data_loader():
    """A shuffled batch of 10 samples out of 1,000, by DataLoader"""
    rows, numbers = np.random.default_rng(0).standard_normal((1000, 2), dtype=np.float32), np.arange(1000)

    def program(torch):
        generator = torch.Generator()
        data = torch.utils.data.TensorDataset(torch.tensor(rows), torch.tensor(numbers))
        loader = torch.utils.data.DataLoader(data, batch_size=10, shuffle=True, generator=generator)

        def step():
            generator.manual_seed(0)
            batches = list(loader)
            return (*batches[0], *batches[-1])

        return step

    def by_hand():
        first, last = np.split(np.stack(program(minigrad)()[1::2]), 2)
        order = np.concatenate([first.ravel(), np.setdiff1d(numbers, [first, last]), last.ravel()])

        def step():
            batches = [(rows[order[i : i + 10]], numbers[order[i : i + 10]]) for i in range(0, 1000, 10)]
            return (*batches[0], *batches[-1])

        return step

    return {"program": program, "by hand": by_hand}


@workload(target_by_hand=1.3)
def starting():
    """A new interpreter imports the engine and ends; by hand: imports NumPy"""

    def importing(name):
        search = os.pathsep.join(filter(None, sys.path))
        environment = {**os.environ, "PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": ""}  # compiled once, as installed

        def step():
            subprocess.run([sys.executable, "-c", f"import {name}"], check=True, env=environment)
            return (np.zeros(1),)

        return step

    return {
        "program": lambda engine: importing(engine.__name__),
        "by hand": lambda: importing("numpy"),
        "autograd": lambda autograd: importing("autograd.numpy"),
        "mygrad": lambda mygrad: importing("mygrad"),
    }
