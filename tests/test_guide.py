"""The guide, docs/*.md: what its pages show is what the code does now, and what the code has they tell of."""

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest
import torch
import torchgen

from docs.pages import BLOCK, PAGES, ROOT, filled, run
from docs.pictures import HERE, PICTURES, drawn, save
from docs.table import files, mirrored, table

by_name = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
MAP = (HERE / "9_map.md").read_text(encoding="utf-8")


@by_name
def test_a_page_is_up_to_date(page):
    """Programs, what they print, source and table are as the code has them. If not: ``python -m docs``, and look at the change."""
    text = page.read_text(encoding="utf-8")
    assert filled(text) == text


@by_name
def test_no_block_is_left_out(page):
    """Every fence belongs to a block that was compared, or that pytest runs as a doctest."""
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r"^\s*```", text, re.MULTILINE)) == 2 * len(BLOCK.findall(text))


@by_name
def test_examples_hold_under_torch(page):
    """What stands behind ``>>>`` prints the same with PyTorch imported. (pytest runs it with minigrad.)"""
    source = page.read_text(encoding="utf-8").replace("import minigrad as torch", "import torch")
    source = re.sub(r">>> from minigrad(?!\.study)", ">>> from torch", source)
    examples = doctest.DocTestParser().get_doctest(source, {}, page.name, str(page), 0)
    assert examples.examples or page.name == "9_map.md"
    printed = []
    failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=printed.append).failed
    assert failed == 0, "".join(printed)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_up_to_date(name, tmp_path):
    """If not: ``python -m docs``, and look at it."""
    assert same_picture(HERE / name, save(name, tmp_path))


def same_picture(first, second):
    """The same texts, colours and lines; these within two points, since versions of matplotlib measure text differently."""
    (words, points), (other_words, other_points) = drawn(first), drawn(second)
    return words == other_words and points == pytest.approx(other_points, abs=2)


def test_a_page_or_picture_that_is_stale_is_found(tmp_path):
    page = (HERE / "4_gradients.md").read_text(encoding="utf-8")
    for right, wrong in (
        ("w.grad: 3 += 4, now 7", "w.grad: 3 += 4, now 8"),
        ("w = w - 0.1 * w.grad\n", "w -= 0.1 * w.grad\n"),
    ):
        assert filled(page.replace(right, wrong)) == page
        assert page.replace(right, wrong) != page
    picture = (HERE / "graph.svg").read_text(encoding="utf-8")
    stale = tmp_path / "graph.svg"
    for right, wrong in (("value 6.5", "value 6.6"), ("#d9f0d3", "#d9f0d4"), ("M 1", "M 9")):
        stale.write_text(picture.replace(right, wrong), encoding="utf-8")
        assert not same_picture(stale, HERE / "graph.svg"), wrong
    stale.write_text(picture, encoding="utf-8")
    assert same_picture(stale, HERE / "graph.svg")


def test_a_block_that_nothing_proves_is_refused():
    for block in ("```sh\nls\n```", "```python\nx = 1\n```", "```\n7\n```"):
        with pytest.raises(ValueError, match="a block that nothing proves"):
            filled(block)


def test_a_command_that_fails_shows_how_it_ends():
    assert run("$ python docs/programs/twice.py").startswith(
        "Traceback (most recent call last):\n  ...\nRuntimeError: MulBackward0"
    )


def test_links_and_pictures_lead_somewhere():
    shown, linked = set(), set()
    for page in PAGES:
        for sign, target in re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
                (shown if sign else linked).add(target)
    assert shown == set(PICTURES)
    assert {page.name for page in PAGES} <= linked | {"1_graph.md"}
    assert len(PAGES) <= 10


def test_every_program_is_shown():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    programs = [path.name for path in (HERE / "programs").glob("*.py") if path.name != "conftest.py"]
    assert sorted(programs) == sorted(re.findall(r"^```python\n# docs/programs/(\w+\.py)$", text, re.MULTILINE))


# The map


def test_every_file_and_class_is_in_the_map():
    rows = dict(re.findall(r"^\| \[.*?\]\(\.\./(minigrad/.*?\.py)\) \|(.*)", MAP, re.MULTILINE))
    for path in (ROOT / "minigrad").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body:
            row = rows.pop(path.relative_to(ROOT).as_posix())
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    assert f"`{node.name}`" in row, f"{node.name} of {path}"
    assert not rows


def in_torch(name: str) -> Path | None:
    """Where the installed torch has a file of PyTorch's repository; None for what is compiled, and so not there."""
    package, generator = Path(torch.__file__).parent, Path(torchgen.__file__).parent
    if name.endswith((".cpp", ".mm")):
        return None
    if name.startswith("tools/autograd/"):
        return generator / "packaged" / name.removeprefix("tools/")
    return package / "include" / name.removeprefix("aten/src/") if name.endswith(".h") else package.parent / name


def test_the_files_that_are_mirrored_exist():
    checked = 0
    for path in files():
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        for name, _ in mirrored(docstring):
            place = in_torch(name)
            checked += place is not None
            assert place is None or place.exists(), f"{path.name} mirrors {name}, which PyTorch has not"
    assert checked > 40


def test_a_module_without_a_counterpart_is_refused():
    with pytest.raises(ValueError, match="must say which file"):
        list(mirrored("What is in it.\n"))


@pytest.mark.parametrize(
    ("ours", "place", "theirs", "file"), re.findall(r"^\| `(\w+)`, in (\S+) \| (.*), in (\S+) \|$", MAP, re.MULTILINE)
)
def test_a_name_of_the_map_is_where_it_says(ours, place, theirs, file):
    assert hasattr(importlib.import_module(f"minigrad.{place.removesuffix('.py').replace('/', '.')}"), ours)
    text = in_torch(file).read_text(encoding="utf-8")
    for name in re.findall(r"`([\w.]+)`", theirs):
        assert re.search(rf"\b{re.escape(name)}\b", text), f"{name} in {file}"


def test_the_names_of_the_map_were_read():
    assert len(re.findall(r"^\| `\w+`, in ", MAP, re.MULTILINE)) == 14
    assert table() in MAP
