"""Conformance as pytest tests, one per case: from the command line, or in a test module of your own.

pytest --pyargs darkparity.conformance --implementation my.port

# tests/test_batchnorm.py
from darkparity.conformance import conformance_tests
test_conformance = conformance_tests("my.port", dialect="darknet", known="known.toml")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from darkparity.checking import Request
from darkparity.errors import UsageError
from darkparity.judging import known as known_differences
from darkparity.judging.known import Identity, Known
from darkparity.judging.participants import gather
from darkparity.judging.runner import Participant, Result, ask
from darkparity.judging.verdict import Conforms, HarnessFault, Inconclusive, Unsupported
from darkparity.problems.golden.store import default_store
from darkparity.problems.select import Entry, Filters, entries, wanted_of
from darkparity.report.failures import explained
from darkparity.report.runfile import Record, Writer, result_record

__all__ = ["conformance_tests", "parameters"]

Judged = Callable[[], None]


def conformance_tests(
    implementation: str,
    *,
    dialect: str | Sequence[str] = (),
    known: str | Path | None = None,
    case: str | Sequence[str] = (),
) -> Any:
    """A test function to assign to a name that starts with `test_`: one test per case.

    implementation: what `darkparity check` takes. known: a file of known differences, relative to where
    pytest is started. An implementation or a file that cannot be used is an error of collection.
    """
    rows = parameters((implementation,), _several(dialect), _several(case), known)

    @pytest.mark.parametrize("judged", rows)
    def test_conformance(judged: Judged) -> None:
        __tracebackhide__ = True
        judged()

    return test_conformance


def parameters(
    implementations: Sequence[str], dialects: Sequence[str], cases: Sequence[str], known: str | Path | None
) -> list[Any]:
    """`pytest.param`s, each a function that judges one case. Raises CollectError with what is wrong."""
    try:
        return [
            row
            for name in implementations
            for row in _Suite.of(
                name, Request(dialects=tuple(dialects), cases=tuple(cases)), known
            ).parameters()
        ]
    except UsageError as error:
        raise pytest.Collector.CollectError(f"darkparity: {error}") from None


def _several(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@dataclass(frozen=True)
class _Suite:
    """One implementation and all that it is asked. asked: what was typed for it."""

    asked: str
    participant: Participant
    request: Request
    table: tuple[Entry, ...]
    wanted: tuple[Entry, ...]
    known: tuple[Known, ...]

    @classmethod
    def of(cls, asked: str, request: Request, known: str | Path | None) -> _Suite:
        field = gather((asked,), request.dialects)
        filters = Filters(field.dialects(request.dialects), patterns=request.cases)
        store = default_store()
        wanted = tuple(wanted_of(store, filters))
        table = tuple(e for dialect in filters.dialects for e in entries(store, dialect))
        listed = known_differences.read(Path(known)) if known is not None else ()
        return cls(asked, field.participants[0], request, table, wanted, listed)

    @property
    def names(self) -> tuple[str, str]:
        """What a known difference may call the implementation."""
        return self.participant.name, self.asked

    def parameters(self) -> Iterator[Any]:
        """One test per case; one per known difference, which must mean something."""
        label = re.sub(r"[^\w-]+", "_", Path(self.asked.removesuffix(".py")).name)
        for entry in self.wanted:
            yield pytest.param(lambda e=entry: _judge(self, e), id=f"{label}-{entry.id}")
        for number, known in enumerate(self.known, 1):
            yield pytest.param(lambda k=known: _check(self, k), id=f"{label}-known-{number}")


def _check(suite: _Suite, entry: Known) -> None:
    __tracebackhide__ = True
    unmatched = entry.unmatched(suite.names, [Identity(e.id, e.case) for e in suite.table])
    if unmatched:
        patterns = ", ".join(map(repr, unmatched))
        pytest.fail(
            f"{entry.where}: {entry.implementation!r}, case {patterns}: matches nothing", pytrace=False
        )


def _judge(suite: _Suite, entry: Entry) -> None:
    __tracebackhide__ = True
    problem = entry.make()
    result, _ = ask(suite.participant, problem)
    excuse = known_differences.find(suite.known, suite.names, Identity(entry.id, entry.case))
    if isinstance(result.verdict, Conforms | Inconclusive | Unsupported):
        _passed(result, excuse)
    elif excuse and not isinstance(result.verdict, HarnessFault):
        pytest.xfail(f"known difference: {excuse.explanation}")
    else:
        command = suite.request.reproduce(suite.asked, problem)
        record = _as_written({**result_record(result, problem), "reproduce": command})
        pytest.fail(explained(record, sorted(suite.participant.description.labels)), pytrace=False)


def _as_written(record: Record) -> Record:
    """A record as it comes back from a run file, which is what the texts are made from."""
    writer = Writer(None)
    writer.write(record)
    return writer.run.results[-1]


def _passed(result: Result, excuse: Known | None) -> None:
    __tracebackhide__ = True
    word = type(result.verdict).__name__.lower()
    if excuse:
        text = f"{excuse.where}: {result.case} {word}: remove the known difference or narrow its pattern"
        pytest.fail(text, pytrace=False)
    if isinstance(result.verdict, Inconclusive | Unsupported):
        pytest.skip(f"{word}: {result.verdict.reason}")
