"""What several test files share: where the checkout is, the shipped implementations, what a command said."""

from __future__ import annotations

import re
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from darkparity.implementations import Implementation, NotInstalled, load
from darkparity.oracle.bounds.compare import Comparison

ROOT = Path(__file__).resolve().parent.parent
STORE = ROOT / "golden"
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Said(NamedTuple):
    """What one command did."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


def fenced(page: Path) -> list[tuple[str, str]]:
    """Every fenced block of a page: its language, "" for none, and its text."""
    return FENCED.findall(page.read_text("utf-8"))


def shipped(name: str) -> Implementation:
    """A shipped implementation; where it cannot run the test is skipped and says why."""
    try:
        return load(name)
    except (NotInstalled, ImportError) as error:
        pytest.skip(f"{name} is not installed: {error}")


def compared(array: str, elements: int, vacuous: int = 0, deviating: int = 0) -> Comparison:
    """A comparison by its counts alone."""
    worst = (float(deviating > 0) * 2, 0, (0,), 0.0, 0.0, 1.0)
    return Comparison(array, elements, vacuous, deviating, *worst, shape=(elements,))


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file grows beyond `size` bytes: what a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
