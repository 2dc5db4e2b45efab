"""A network of two layers reads handwritten digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from reference import compare

from .figures import save_digits
from .report import agreed
from .run import RUN, both, progress

try:
    from sklearn.datasets import load_digits
except ModuleNotFoundError:
    load_digits = None

# The digits of a display of 5 by 7 dots: two figures for each row, from the top.
DOTS = (
    "0e11131519110e 040c040404040e 0e11010204081f 1f02040201110e 02060a121f0202 "
    "1f101e0101110e 0608101e11110e 1f010204080808 0e11110e11110e 0e11110f01020c"
)
TRAINED_ON, BATCH = 1500, 50


def images() -> tuple[Any, Any]:
    """1797 images of 8 by 8 from 0 to 1, and their digits: scikit-learn's, or dots at random places under noise."""
    if load_digits is not None:
        x, y = load_digits(return_X_y=True)
        return np.float32(x / 16), y
    rng = np.random.default_rng(0)
    y = rng.integers(10, size=1797)
    x = rng.normal(0, 0.2, (1797, 8, 8))
    rows = np.array([list(bytes.fromhex(digit)) for digit in DOTS.split()], np.uint8)
    dots = np.unpackbits(rows[:, :, None], axis=2)[:, :, 3:]
    for image, digit, down, right in zip(x, y, rng.integers(2, size=1797), rng.integers(4, size=1797), strict=True):
        image[down : down + 7, right : right + 5] += 0.7 * dots[digit]
    return np.float32(x.clip(0, 1).reshape(-1, 64)), y


def program(torch: Any, images: Any, digits: Any, epochs: int) -> dict[str, Any]:
    """Train on the first 1500, count what it reads right of the rest. Returns both for each epoch, and what it reads."""
    torch.manual_seed(0)
    x, y = torch.tensor(images), torch.tensor(digits)
    data = torch.utils.data.TensorDataset(x[:TRAINED_ON], y[:TRAINED_ON])
    loader = torch.utils.data.DataLoader(data, batch_size=BATCH, shuffle=True)
    model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    criterion = torch.nn.CrossEntropyLoss()
    losses, right = [], []
    for _ in progress(range(epochs), "digits"):
        total = 0.0
        for some_x, some_y in loader:
            optimizer.zero_grad()
            loss = criterion(model(some_x), some_y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(some_x)
        with torch.no_grad():
            reads = model(x[TRAINED_ON:]).argmax(1)
        losses.append(total / TRAINED_ON)
        right.append((reads == y[TRAINED_ON:]).sum().item())
    return {"loss": torch.tensor(losses), "right": right, "reads": reads}


def main() -> bool:
    """Train under both engines, print loss and accuracy of the epochs, draw them. True if they agree."""
    x, y = images()
    epochs = 3 if RUN.get().quick else 20
    ours, theirs = both(program, x, y, epochs)
    tested = len(y) - TRAINED_ON
    print(f"{TRAINED_ON} images to train on, {tested} to test.\n")
    print(f"{'':8}{'minigrad':>26}{'torch':>32}\n{'epoch':>8}{'loss':>18}{'right':>14}{'loss':>18}{'right':>14}")
    for epoch in range(epochs):
        columns = (f"{run['loss'][epoch].item():18.9g}{run['right'][epoch] / tested:14.1%}" for run in (ours, theirs))
        print(f"{epoch + 1:8}{''.join(columns)}")
    print(f"\nfigure: {save_digits(x[TRAINED_ON:], y[TRAINED_ON:], ours, theirs)}\n")
    return agreed(
        {
            "loss, to 2 ulp an epoch": compare(ours["loss"], theirs["loss"], ulp=2 * epochs, where="loss"),
            "what was read, exactly": compare(
                *({key: run[key] for key in ("right", "reads")} for run in (ours, theirs)), where="test"
            ),
        },
        "a batch's gradient is a sum over 50 images, which NumPy and torch add in different orders, and exp and log of the "
        "two may differ in the last place. 30 steps an epoch carry that on, in all directions.",
    )
