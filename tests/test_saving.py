"""Saving: what is written comes back, a damaged or hostile file is refused, and a crash leaves the old file."""

import json
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

import minigrad


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.npz"


def test_what_is_saved_comes_back(path):
    torch_names = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")
    tensors = [minigrad.tensor(np.arange(6).reshape(2, 3).astype(name)) for name in torch_names]
    tensors += [minigrad.ones(()), minigrad.ones(0, 3), minigrad.ones(3, 2).t(), minigrad.tensor([float("nan"), -0.0])]
    saved = {"tensors": tensors, 1: (None, True, -5, 2**70, 0.1, float("inf"), "é"), (1, "a"): {}}
    minigrad.save(saved, path)
    loaded = minigrad.load(path)
    assert list(loaded) == list(saved)
    assert loaded[1] == saved[1]
    for one, other in zip(saved["tensors"], loaded["tensors"], strict=True):
        assert one.dtype is other.dtype
        assert one.numpy().tobytes() == other.numpy().tobytes()
        assert one.shape == other.shape


def test_training_goes_on_from_a_saved_state(path):
    def model_and_optimizer():
        minigrad.manual_seed(0)
        model = minigrad.nn.Linear(3, 1)
        return model, minigrad.optim.Adam(model.parameters(), lr=0.1)

    def train(model, optimizer, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            (model(minigrad.ones(2, 3)) ** 2).sum().backward()
            optimizer.step()

    model, optimizer = model_and_optimizer()
    train(model, optimizer, 5)
    minigrad.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
    train(model, optimizer, 5)
    again, optimizer = model_and_optimizer()
    state = minigrad.load(path)
    again.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    train(again, optimizer, 5)
    assert again.weight.tolist() == model.weight.tolist()


def test_a_parameter_stays_one(path):
    minigrad.save([minigrad.nn.Parameter(minigrad.ones(2)), minigrad.ones(2, requires_grad=True)], path)
    parameter, leaf = minigrad.load(path)
    assert isinstance(parameter, minigrad.nn.Parameter)
    assert leaf.requires_grad


def test_what_cannot_be_saved_leaves_the_old_file(path):
    minigrad.save([1], path)
    with pytest.raises(TypeError, match="Linear"):
        minigrad.save([minigrad.ones(3), minigrad.nn.Linear(1, 1)], path)
    assert minigrad.load(path) == [1]
    assert os.listdir(path.parent) == [path.name]


def test_a_crash_while_writing_leaves_the_old_file(path, monkeypatch):
    minigrad.save([1], path)

    def crash(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="no space"):
        minigrad.save([2], path)
    assert minigrad.load(path) == [1]
    assert os.listdir(path.parent) == [path.name]


def archive(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)


class Evil:
    def __reduce__(self):
        return os.mkdir, ("evil",)


def header(shape, descr="<f4"):
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def tree(text):
    return header((len(text),), "|u1") + text.encode()


TENSOR = tree(json.dumps(["tensor", 0, False]))
HOSTILE = {
    "nothing": lambda path: path.write_bytes(b""),
    "noise": lambda path: path.write_bytes(os.urandom(1000)),
    "a pickle": lambda path: path.write_bytes(pickle.dumps(Evil())),
    "of torch.save": lambda path: torch.save({"w": torch.ones(2)}, path),
    "a zip bomb": lambda path: archive(path, {"tree.npy": TENSOR, "arr_0.npy": b"0" * 10**7}, zipfile.ZIP_DEFLATED),
    "no tree": lambda path: archive(path, {"arr_0.npy": header((1,)) + b"0000"}),
    "a tree of lies": lambda path: archive(path, {"tree.npy": tree('["os.system", "ls"]')}),
    "a deep tree": lambda path: archive(path, {"tree.npy": tree("[" * 100_000 + "]" * 100_000)}),
    "an array that is not in an archive": lambda path: path.write_bytes(header((10**12,)) + b"0000"),
    "an unknown member": lambda path: archive(path, {"tree.npy": tree('["tensor", "../../etc/passwd", false]')}),
    "a missing member": lambda path: archive(path, {"tree.npy": TENSOR}),
    "a huge shape": lambda path: archive(path, {"tree.npy": TENSOR, "arr_0.npy": header((10**12,)) + b"0000"}),
    "a negative shape": lambda path: archive(path, {"tree.npy": TENSOR, "arr_0.npy": header((-1, -1)) + b"0000"}),
    "a wrong shape": lambda path: archive(path, {"tree.npy": TENSOR, "arr_0.npy": header((3,)) + b"0000"}),
    "a member that is read a thousand times": lambda path: archive(
        path, {"tree.npy": tree(json.dumps(["list", [["tensor", 0, False]] * 1000])), "arr_0.npy": header((2,)) + b"0" * 8}
    ),
    "a number that is none": lambda path: archive(
        path, {"tree.npy": tree('["tensor", 0.5, false]'), "arr_0.npy": header((1,)) + b"0000"}
    ),
    "objects": lambda path: archive(path, {"tree.npy": TENSOR, "arr_0.npy": header((1,), "|O") + pickle.dumps(Evil())}),
    "complex": lambda path: archive(path, {"tree.npy": TENSOR, "arr_0.npy": header((1,), "<c8") + b"00000000"}),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_file_is_refused(path, hostile, monkeypatch):
    monkeypatch.chdir(path.parent)
    HOSTILE[hostile](path)
    with pytest.raises(RuntimeError, match=r"not a file that minigrad\.save wrote"):
        minigrad.load(path)
    assert not os.path.exists("evil")


def test_an_archive_made_by_the_same_hands_is_read_if_it_is_honest(path):
    archive(path, {"tree.npy": TENSOR, "arr_0.npy": header((1,)) + np.float32(1.5).tobytes()})
    assert minigrad.load(path).tolist() == [1.5]


def test_every_truncation_and_every_flipped_byte_is_noticed(path):
    minigrad.save({"w": minigrad.tensor([1.0, 2.0])}, path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(RuntimeError):
            minigrad.load(path)
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        path.write_bytes(damaged)
        try:
            loaded = minigrad.load(path)
        except RuntimeError:
            continue
        assert loaded["w"].tolist() == [1.0, 2.0]  # the byte was one that says nothing of the values, such as a date


def test_a_missing_file_is_not_called_damaged(path):
    with pytest.raises(FileNotFoundError):
        minigrad.load(path)


def test_a_saved_file_may_be_read_by_whom_the_umask_allows(tmp_path: Path) -> None:
    ours, plain = tmp_path / "ours", tmp_path / "plain"
    plain.write_text("made by open()")
    minigrad.save(minigrad.ones(1), ours)
    assert ours.stat().st_mode == plain.stat().st_mode
