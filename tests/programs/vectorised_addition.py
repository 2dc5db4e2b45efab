"""Adding two vectors element by element, and as a whole: the same sums, in very different time."""

import sys
import time

import torch

torch.manual_seed(int(sys.argv[1]))


class Timer:
    def __init__(self):
        self.times = []

    def start(self):
        self.began = time.perf_counter()

    def stop(self):
        self.times.append(time.perf_counter() - self.began)
        return self.times[-1]

    def sum(self):
        return sum(self.times)


n = 10000
a, b = torch.ones(n), torch.rand(n)
c = torch.zeros(n)
timer = Timer()
timer.start()
for i in range(n):
    c[i] = a[i] + b[i]
one_by_one = timer.stop()
timer.start()
d = a + b
at_once = timer.stop()
print(c, d, c.shape, c._version, d._version)
print("same sums:", torch.equal(c, d), (c == d).sum(), bool((c != d).sum()))
print("faster as a whole:", at_once < one_by_one, len(timer.times), timer.sum() > at_once)
print(c[:5], c[-1], c[::2500], (d < 1).sum(), d[d > 1.999].shape, d[torch.tensor([0, -1, 5])])
