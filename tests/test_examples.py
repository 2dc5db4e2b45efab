"""The examples agree with torch, fit a terminal of 80 columns, and fail when the engines differ."""

import sys
from pathlib import Path

import pytest

import minigrad
from examples.__main__ import EXAMPLES, main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Figures are saved below the working directory: here a temporary one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["examples", *arguments])
    return main()


def test_all_agree_in_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], elsewhere: Path
) -> None:
    assert run(monkeypatch) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in EXAMPLES)
    assert [line for line in printed.splitlines() if len(line) > 80] == []
    assert (elsewhere / "figures" / "linear_regression.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "owner", "attribute", "wrong"),
    [
        ("linear_regression", minigrad.optim.SGD, "update", lambda self, *arguments: None),
        ("from_scratch", minigrad.Tensor, "__truediv__", lambda self, other: self * (1.0001 / other)),
        ("anatomy", minigrad.Tensor, "retain_grad", lambda self: None),
    ],
)
def test_a_disagreement_is_told_and_fails(
    name: str,
    owner: type,
    attribute: str,
    wrong: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(owner, attribute, wrong)
    assert run(monkeypatch, name) == 1
    printed = capsys.readouterr().out
    assert "DISAGREE" in printed
    assert f"Disagreement in: {name}" in printed


def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        run(monkeypatch, "quadratic_regression")
    assert refused.value.code == 2
    assert "there is no example 'quadratic_regression'" in capsys.readouterr().err
