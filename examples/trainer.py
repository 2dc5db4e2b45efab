"""Module, DataModule and Trainer; a network learns a sine."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from reference import compare

from .figures import save_training
from .report import agreed, print_row
from .run import RUN, both, progress

CLIP = 1.0


def three_classes(torch: Any) -> SimpleNamespace:
    """The classes, made of whatever engine is called ``torch`` here. Nothing in them knows the model, or the data."""

    class Module(torch.nn.Module):
        """A model, together with its loss, its optimiser and its curves. Subclasses say forward, loss, configure_optimizers."""

        trainer: Trainer

        def __init__(self) -> None:
            super().__init__()
            self.curves: dict[str, list[list[float]]] = {}

        def loss(self, prediction: Any, y: Any) -> Any:
            raise NotImplementedError

        def configure_optimizers(self) -> Any:
            raise NotImplementedError

        def training_step(self, batch: Sequence[Any]) -> Any:
            """The loss of a batch of inputs and, last, targets."""
            *inputs, y = batch
            loss = self.loss(self(*inputs), y)
            self.plot("training loss", loss)
            return loss

        def validation_step(self, batch: Sequence[Any]) -> None:
            *inputs, y = batch
            self.plot("validation loss", self.loss(self(*inputs), y))

        def plot(self, name: str, value: Any) -> None:
            """Add a value to a curve; what is added in the same epoch becomes one point, its mean."""
            points = self.curves.setdefault(name, [])
            if len(points) <= self.trainer.epoch:
                points.append([])
            points[-1].append(value.item())

    class DataModule:
        """Where batches come from: shuffled ones to train on, others in order to validate on."""

        def __init__(self, training: Sequence[Any], validation: Sequence[Any], batch_size: int) -> None:
            self.training, self.validation, self.batch_size = training, validation, batch_size

        def train_dataloader(self) -> Any:
            return self.dataloader(self.training, shuffle=True)

        def val_dataloader(self) -> Any:
            return self.dataloader(self.validation, shuffle=False)

        def dataloader(self, tensors: Sequence[Any], shuffle: bool) -> Any:
            data = torch.utils.data.TensorDataset(*tensors)
            return torch.utils.data.DataLoader(data, self.batch_size, shuffle=shuffle)

    class Trainer:
        """The loop over epochs and batches: nothing else knows that there is one."""

        def __init__(self, max_epochs: int, gradient_clip_val: float = 0.0) -> None:
            self.max_epochs, self.gradient_clip_val, self.epoch = max_epochs, gradient_clip_val, 0

        def fit(self, model: Module, data: DataModule) -> None:
            """Train the model in place; its curves are left in it."""
            self.model, self.optimizer = model, model.configure_optimizers()
            model.trainer = self
            for epoch in progress(range(self.max_epochs), "trainer"):
                self.epoch = epoch
                self.fit_epoch(data)

        def fit_epoch(self, data: DataModule) -> None:
            self.model.train()
            for batch in data.train_dataloader():
                self.optimizer.zero_grad()
                self.model.training_step(self.prepare_batch(batch)).backward()
                if self.gradient_clip_val > 0:
                    self.clip_gradients()
                self.optimizer.step()
            self.model.eval()
            with torch.no_grad():
                for batch in data.val_dataloader():
                    self.model.validation_step(self.prepare_batch(batch))

        def prepare_batch(self, batch: Sequence[Any]) -> list[Any]:
            """The batch on the device of the model."""
            device = next(self.model.parameters()).device
            return [tensor.to(device) for tensor in batch]

        def clip_gradients(self) -> None:
            """Shorten all gradients together, as one long vector, to the length that is allowed."""
            norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.gradient_clip_val)
            self.model.plot("gradient norm", norm)

    return SimpleNamespace(Module=Module, DataModule=DataModule, Trainer=Trainer)


def program(torch: Any, epochs: int) -> dict[str, Any]:
    """What a user of the three classes writes: a network with one hidden layer learns a sine from 40 noisy points."""
    own = three_classes(torch)

    class Network(own.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.out = torch.nn.Linear(1, 30), torch.nn.Linear(30, 1)

        def forward(self, x: Any) -> Any:
            return self.out(torch.tanh(self.hidden(x)))

        def loss(self, prediction: Any, y: Any) -> Any:
            return torch.nn.functional.mse_loss(prediction, y)

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), lr=0.01)

    torch.manual_seed(0)
    x = 6 * torch.rand(80, 1) - 3
    y = torch.sin(2 * x) + 0.3 * torch.randn(80, 1)
    data = own.DataModule((x[:40], y[:40]), (x[40:], y[40:]), batch_size=10)
    model = Network()
    own.Trainer(max_epochs=epochs, gradient_clip_val=CLIP).fit(model, data)
    found = {name: torch.tensor([sum(point) / len(point) for point in points]) for name, points in model.curves.items()}
    line = torch.linspace(-3, 3, 121).reshape(-1, 1)
    return {"x": x, "y": y, "line": line, "fit": model(line).detach(), **found}


def main() -> bool:
    """Train under both engines, print and draw the curves. True if they agree."""
    epochs = 20 if RUN.get().quick else 80
    ours, theirs = both(program, epochs)
    curves = ("training loss", "validation loss", "gradient norm")
    for name in curves:
        print(f"{name}:")
        print_row("epoch", "minigrad", "torch", "difference")
        for epoch in (1, 2, epochs // 4, epochs // 2, epochs):
            print_row(epoch, ours[name][epoch - 1].item(), theirs[name][epoch - 1].item())
    print(f"\nfigure: {save_training(ours, theirs, CLIP)}\n")
    drawn = [{name: run.pop(name) for name in ("x", "y", "line", "fit")} for run in (ours, theirs)]
    return agreed(
        {
            "curves, to an ulp an epoch": compare(ours, theirs, ulp=epochs),
            "data and fit, to an ulp of 1 an epoch": compare(*drawn, atol=epochs * 2.0**-23),
        },
        "sin and tanh of the two may differ in the last place, the sums in products and means are added in different "
        "orders, and training goes on from there. The fit is a sum of 30 terms near 1, which may cancel.",
    )
