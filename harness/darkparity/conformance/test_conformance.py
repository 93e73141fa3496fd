"""`pytest --pyargs darkparity.conformance --implementation my.port`: one test per case."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from darkparity.pytest_plugin import OPTIONS, destination

from . import parameters


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One parameter per case and implementation named on the command line."""
    given = {option: metafunc.config.getoption(destination(option), None) for option in OPTIONS}
    if not (given["--implementation"] or given["--exec"]):
        raise pytest.Collector.CollectError("darkparity: say what to judge: --implementation my.port, or --exec CMD")
    known, named = given.pop("--known"), {option: words or () for option, words in given.items()}
    rows = parameters(named["--implementation"], named["--dialect"], named["--case"], known, named["--exec"])
    metafunc.parametrize("judged", rows)


def test_conforms(judged: Callable[[], None]) -> None:
    """The implementation conforms on one case."""
    __tracebackhide__ = True
    judged()
