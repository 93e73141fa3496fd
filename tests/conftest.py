"""What the suite ran with, and the few things that several test files share."""

from __future__ import annotations

import platform
import signal

import numpy as np
import pytest

from darkparity import __version__
from darkparity.implementations import Implementation, available
from darkparity.problems.golden.store import Store, default_store
from darkparity.problems.problem import Problem
from support import ROOT, STORE, shipped

TESTS = ROOT / "tests"
FOLDERS = {"slow": ("slow",), "peers": ("peers", "slow")}


def pytest_configure() -> None:
    """Ctrl-C and a lost terminal end what tests start, however pytest itself was started: a shell's background job
    ignores SIGINT and SIGQUIT, `nohup` SIGHUP, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def pytest_report_header() -> list[str]:
    """Versions, and which implementations will be judged."""
    found = ", ".join(a.name if a.installed else f"{a.name} (not installed: {a.reason})" for a in available())
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return [f"darkparity {__version__}, numpy {np.__version__}, {python}, {platform.machine()}",
            f"implementations: {found}"]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test in one of FOLDERS carries its marks; single slow tests elsewhere carry theirs themselves."""
    for item in items:
        for mark in FOLDERS.get(item.path.relative_to(TESTS).parts[0], ()):
            item.add_marker(mark)


@pytest.fixture(scope="session")
def store() -> Store:
    """The golden store of this checkout."""
    return default_store(STORE)


@pytest.fixture(scope="session")
def problems(store: Store) -> tuple[Problem, ...]:
    """Every golden fixture of the default dialect."""
    return tuple(q for q in store.problems() if q.dialect.name == "darknet")


@pytest.fixture(scope="session", params=("cpp", "numpy", "torch"))
def implementation(request: pytest.FixtureRequest) -> Implementation:
    return shipped(request.param)
