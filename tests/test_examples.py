"""The examples agree with torch, fit a terminal of 80 columns, and fail when the engines differ."""

import html.parser
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import minigrad
import reference
from examples import __main__ as runner
from examples import digits, trainer
from examples.__main__ import EXAMPLES, main
from examples.run import Run, progress


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Figures are saved below the working directory: here a temporary one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Page(html.parser.HTMLParser):
    """What the page shows, and whether what it opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[str | None] = []
        self.images: list[str] = []
        self.open_tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self.sections.append(dict(attrs)["id"])
        if tag == "img":
            self.images.append(str(dict(attrs)["src"]))
        elif tag != "meta":
            self.open_tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["examples", *arguments])
    return main()


def test_all_agree_in_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], elsewhere: Path
) -> None:
    assert run(monkeypatch, "--quick") == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in EXAMPLES)
    assert [line for line in printed.splitlines() if len(line) > 80] == []
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (elsewhere / "figures").glob("*.png"))
    summary = printed[printed.index("--- summary") :].splitlines()
    assert [line.split()[0] for line in summary if line.endswith(" agree")] == list(EXAMPLES)

    page = Page()
    page.feed((elsewhere / "figures" / "index.html").read_text(encoding="utf-8"))
    assert page.sections == list(EXAMPLES)
    assert page.images == sorted(page.images, key=lambda image: (elsewhere / "figures" / image).stat().st_mtime_ns)
    assert set(page.images) == {path.name for path in (elsewhere / "figures").glob("*.png")}
    assert {"linear_regression.png", "learning_rates.png", "two_moons.png"} <= set(page.images)
    assert "w and b are leaves that require grad" in page.text
    assert "loss = ((x @ w + b) ** 2).mean()" in page.text
    assert page.open_tags == []


@pytest.mark.parametrize(
    ("name", "owner", "attribute", "wrong"),
    [
        ("linear_regression", minigrad.optim.SGD, "update", lambda self, *arguments: None),
        ("from_scratch", minigrad.Tensor, "__truediv__", lambda self, other: self * (1.0001 / other)),
        ("anatomy", minigrad.Tensor, "retain_grad", lambda self: None),
        ("graph_of_a_step", minigrad.optim.SGD, "update", lambda self, *arguments: None),
        ("accumulation", minigrad.optim.SGD, "zero_grad", lambda self: None),
        ("double_backward", minigrad.autograd.functional, "hessian", lambda func, p: minigrad.eye(2)),
        ("optimizers", minigrad.optim.Adamax, "update", lambda self, *arguments: None),
        ("huber", minigrad.nn.HuberLoss, "forward", minigrad.nn.MSELoss().forward),
        ("trainer", minigrad.nn.utils, "clip_grad_norm_", lambda parameters, limit: minigrad.ones(())),
        ("digits", minigrad.nn.ReLU, "forward", lambda self, x: x),
    ],
)
def test_a_disagreement_is_told_and_fails(
    name: str,
    owner: object,
    attribute: str,
    wrong: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(owner, attribute, wrong)
    assert run(monkeypatch, name, "--quick") == 1
    printed = capsys.readouterr().out
    assert "DISAGREE" in printed
    assert f"Disagreement in: {name}" in printed


def spoiled(result: Any) -> Any:
    """What a program returned, with one thing in it changed."""
    if isinstance(result, dict):
        first = next(iter(result))
        return {**result, first: spoiled(result[first])}
    if isinstance(result, (list, tuple)):
        return type(result)([spoiled(result[0]), *result[1:]])
    return f"{result}!" if isinstance(result, str) else result + 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_compares_what_its_program_returns(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = EXAMPLES[name].program

    def under(torch: Any, *arguments: Any) -> Any:
        result = program(torch, *arguments)
        return spoiled(result) if torch is minigrad else result

    monkeypatch.setattr(EXAMPLES[name], "program", under)
    assert run(monkeypatch, "--quick", name) == 1
    assert "DISAGREE" in capsys.readouterr().out


def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        run(monkeypatch, "quadratic_regression")
    assert refused.value.code == 2
    assert "there is no example 'quadratic_regression'" in capsys.readouterr().err


def test_an_example_that_raises_fails_and_the_next_still_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> bool:
        raise KeyError("loss & co")

    monkeypatch.setattr(EXAMPLES["from_scratch"], "main", broken)
    assert run(monkeypatch, "from_scratch", "anatomy") == 1
    printed = capsys.readouterr().out
    assert "KeyError: 'loss & co'" in printed
    assert "The lines written under minigrad and under torch are the same." in printed
    assert "Disagreement in: from_scratch" in printed
    assert "KeyError: &#x27;loss &amp; co&#x27;" in Path("figures/index.html").read_text(encoding="utf-8")


def test_the_time_of_each_engine_and_the_furthest_number_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    made = runner.run(EXAMPLES["linear_regression"], torch.device("cpu"), quick=True)
    assert made.seconds["minigrad"] > 0
    assert made.seconds["torch"] > 0
    assert made.agreement.endswith(" ulp")
    made = runner.run(EXAMPLES["anatomy"], torch.device("cpu"), quick=True)
    assert made.agreement == "as printed"
    assert Run().agreement == "not compared"
    for number, agreement in ((1.0, "to the bit"), (1 + 2**-22, "2 ulp"), (float("nan"), "not at all")):
        report = reference.compare(minigrad.tensor([1.0]), torch.tensor([number]))
        assert Run(reports=[report]).agreement == agreement


def test_cuda_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit) as refused:
        run(monkeypatch, "--device", "cuda")
    assert refused.value.code == 2
    assert "sees no GPU" in capsys.readouterr().err


@pytest.mark.parametrize(("terminal", "seconds", "bar"), [(True, 1.0, True), (True, 0.01, False), (False, 1.0, False)])
def test_a_bar_on_a_terminal_for_what_takes_long(
    terminal: bool, seconds: float, bar: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, clock = io.StringIO(), iter(seconds * tick for tick in range(100))
    monkeypatch.setattr(screen, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    assert list(progress(range(10), "training")) == list(range(10))
    assert ("training ###" in screen.getvalue()) is bar
    assert max(map(len, screen.getvalue().split("\r"))) <= 79


def test_the_digits_that_are_built_in_are_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "load_digits", None)
    images, wanted = digits.images()
    assert (images.shape, images.dtype.name, images.min(), images.max()) == ((1797, 64), "float32", 0, 1)
    assert set(wanted) == set(range(10))
    right = digits.program(minigrad, images, wanted, epochs=8)["right"]
    assert right[-1] > 0.85 * (len(wanted) - digits.TRAINED_ON) > right[0]


def test_scikit_learns_digits_are_scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "load_digits", lambda return_X_y: (np.full((3, 64), 16.0), np.arange(3)))
    images, _ = digits.images()
    assert (images.dtype.name, images.min(), images.max()) == ("float32", 1, 1)


@pytest.mark.parametrize("engine", [minigrad, torch], ids=lambda engine: engine.__name__)
def test_the_trainer_does_what_it_says(engine: Any) -> None:
    own = trainer.three_classes(engine)
    seen: list[tuple[bool, bool, list[float]]] = []

    class Scale(own.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.w = engine.nn.Parameter(engine.tensor(0.0))

        def forward(self, x: Any) -> Any:
            seen.append((self.training, (self.w * x).requires_grad, x.tolist()))
            return self.w * x

        def loss(self, prediction: Any, y: Any) -> Any:
            return ((prediction - y) ** 2).mean()

        def configure_optimizers(self) -> Any:
            return engine.optim.SGD(self.parameters(), lr=0.5)

    def fit(**settings: float) -> Any:
        seen.clear()
        model = Scale()
        data = own.DataModule((engine.ones(3), 2 * engine.ones(3)), (engine.arange(3.0), engine.arange(3.0)), batch_size=2)
        own.Trainer(max_epochs=2, **settings).fit(model, data)
        return model

    model = fit()
    assert model.w.item() == 2.0  # the first step goes there at once, and stays
    assert model.curves["training loss"] == [[4.0, 0.0], [0.0, 0.0]]
    assert model.curves["validation loss"] == [[0.5, 4.0]] * 2
    assert "gradient norm" not in model.curves
    training, validation = (True, True), (False, False)
    assert [mode for *mode, _ in seen] == [list(mode) for mode in (training, training, validation, validation) * 2]
    assert [x for *_, x in seen[2:4]] == [[0.0, 1.0], [2.0]]

    model = fit(gradient_clip_val=1.0)
    assert model.w.item() == pytest.approx(2.0)  # in four steps of 0.5
    assert model.curves["gradient norm"] == [pytest.approx([4.0, 3.0]), pytest.approx([2.0, 1.0])]


@pytest.mark.parametrize("engine", [minigrad, torch], ids=lambda engine: engine.__name__)
def test_a_model_must_say_its_loss_and_its_optimiser(engine: Any) -> None:
    own = trainer.three_classes(engine)
    with pytest.raises(NotImplementedError):
        own.Trainer(max_epochs=1).fit(own.Module(), None)
    with pytest.raises(NotImplementedError):
        own.Module().loss(0, 0)
