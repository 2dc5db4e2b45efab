"""What README.md shows is what the code does, and README.zh.md says the same. (Its doctests are run by pytest itself.)"""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.workloads import WORKLOADS
from docs.pages import BLOCK, content, run
from docs.readme import PAGES, ROOT, filled, machine, speeds
from examples.__main__ import EXAMPLES

README, CHINESE = PAGES
TEXT = README.read_text(encoding="utf-8")
BLOCKS = [match.groups() for match in BLOCK.finditer(TEXT)]
COMMANDS = [
    part for kind, block in BLOCKS if kind == "console" for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE)[1:]
]
OPERATOR, MESSAGE = (block for _, block in BLOCKS if block.startswith(("# test_", "minigrad and torch differ")))


def test_nothing_goes_unproven() -> None:
    """.ci/run pastes the shell's lines, pytest runs doctests, programs are files, and the rest is tested below."""
    assert len(re.findall(r"^\s*```", TEXT, re.MULTILINE)) == 2 * len(BLOCKS)
    for kind, block in BLOCKS:
        if kind == "python" and block != OPERATOR:
            assert content(kind, block) == block
        assert kind in ("sh", "python", "console") or block == MESSAGE


def assert_shown(expected: str, printed: str) -> None:
    """The page shows what was printed; ``...`` stands for what it leaves out."""
    assert doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS), printed


@pytest.mark.parametrize("shown", COMMANDS, ids=lambda shown: shown.splitlines()[0])
def test_a_command_prints_what_is_shown(shown: str) -> None:
    command, _, expected = shown.partition("\n")
    assert_shown(expected, run(command))


RUN_BOTH = """
import runpy
from reference.parity import parity
try:
    runpy.run_path("wrong.py")["test_logaddexp"](parity)
except AssertionError as error:
    print(error)
runpy.run_path("test_logaddexp.py")["test_logaddexp"](parity)
"""


def test_the_new_operator_is_proven_and_its_wrong_formula_found(tmp_path: Path) -> None:
    """In a process of its own: an operator, once made, is one of all operators, and other tests go through them."""
    (tmp_path / "test_logaddexp.py").write_text(OPERATOR, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(OPERATOR.replace("self - other", "other - self"), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", RUN_BOTH]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert_shown(MESSAGE, done.stdout.replace("wrong.py", "test_logaddexp.py") + done.stderr)


def rows(page: Path, text: str) -> tuple[list[str], list[str]]:
    """The names in the first cells of the two tables, of those rows whose other cells have the form of measurements."""
    agrees = "|".join(PAGES[page].get(words, words) for words in ("to the bit", "as printed"))
    examples = re.findall(rf"^\| \[(\w+)\]\(examples/\1\.py\) \| (?:{agrees}|[\d,]+ ulp) \| [^|]+ \|$", text, re.MULTILINE)
    ratios = r" \*\*\d+\.\d\d\*\* \|(?: (?:\d+\.\d\d)? \|){3}"
    works = re.findall(rf"^\| [^|]+\(`(\w+)`\) \| \d+\.\d+ (?:us|ms|s) \|{ratios}$", text, re.MULTILINE)
    return examples, works


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tables_are_as_the_runs_make_them(page: Path) -> None:
    """The numbers are those of one machine; the names, their order and the form of every cell are those of any run."""
    text = page.read_text(encoding="utf-8")
    examples, works = rows(page, text)
    assert examples == list(EXAMPLES)
    assert len(works) == len(re.findall(r"^\| .*`\w+`\) \|", text, re.MULTILINE)) > 5
    assert set(works) <= set(WORKLOADS)

    each = {"microseconds": 1234.5, "ratio": 1.5}
    results = {name: dict.fromkeys(("torch", "minigrad", "by hand", "mygrad"), each) for name in works}
    facts = machine({"torch": "2.0.0", "numpy": "2.0.0", "python": "3.0.0", "processor": "of another make", "load": None})
    agreement = {name: [("to the bit", "as printed", "7 ulp")[number % 3]] for number, name in enumerate(examples)}
    anew = filled(text, agreement, ("examples", facts), PAGES[page])
    anew = filled(anew, speeds(results), ("benchmarks", facts), PAGES[page])
    assert rows(page, anew) == (examples, works)
    assert anew.count("| 1.23 ms | **1.50** | 1.50 |  | 1.50 |\n") == len(works)
    assert anew.count(" | 7 ulp | ") == len(examples) // 3
    assert anew.count(facts) == 2


def test_an_example_is_described_as_it_describes_itself() -> None:
    described = dict(re.findall(r"^\| \[(\w+)\]\(.*?\) \| .*? \| (.*) \|$", TEXT, re.MULTILINE))
    assert described == {name: example.__doc__ for name, example in EXAMPLES.items()}


def test_the_chinese_page_keeps_step() -> None:
    """As many headings of the same levels, the same blocks of code, links and measurements."""
    english, chinese = (page.read_text(encoding="utf-8") for page in PAGES)
    for words, translated in PAGES[CHINESE].items():
        english = english.replace(f"| {words} |", f"| {translated} |")
    cells = "|".join((r"[\d,]+ ulp", r"\d+\.\d+ (?:us|ms|s) \|.*", *PAGES[CHINESE].values()))
    for found in (
        lambda text: [match.groups() for match in BLOCK.finditer(text)],
        lambda text: [mark for mark, _ in headings(text)],
        lambda text: sorted(set(links(text)) - {README.name, CHINESE.name}),
        lambda text: re.findall(rf"\| (?:{cells}) |<!-- \w+ -->.*<!-- -->", text),
    ):
        assert found(english) == found(chinese)


def headings(text: str) -> list[tuple[str, str]]:
    """The headings of a page: their signs and their texts."""
    return re.findall(r"^(#+) (.*)$", BLOCK.sub("", text), re.MULTILINE)


def links(text: str) -> list[str]:
    """Where the links and images of a page lead."""
    prose = re.sub(r"`[^`\n]*`", "", BLOCK.sub("", text))
    return re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r"<(?:img|a)\b[^>]*?(?:src|href)=\"([^\"]+)\"", prose)


MARKDOWN = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in links(page.read_text(encoding="utf-8")):
        assert re.match(r"https?:", link) or (page.parent / link).exists(), f"{page.name} links to {link}"
