"""What the examples in docstrings may use without importing it."""

from typing import Any

import pytest

import minigrad


@pytest.fixture(autouse=True)
def _names_in_examples(doctest_namespace: dict[str, Any]) -> None:
    doctest_namespace["minigrad"] = minigrad
