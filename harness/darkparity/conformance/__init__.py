"""Conformance as pytest tests, one per case: from the command line, or in a test module of your own.

pytest --pyargs darkparity.conformance --implementation my.port

# tests/test_batchnorm.py
from darkparity.conformance import conformance_tests
test_conformance = conformance_tests("my.port", dialect="darknet", known="known.toml")
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from darkparity.dialects import Given
from darkparity.errors import UsageError
from darkparity.judging import known as known_differences
from darkparity.judging.known import Identity, Known
from darkparity.judging.participants import gather
from darkparity.judging.result import Result
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Inconclusive, Unsupported
from darkparity.preparing import access_of, reproduce
from darkparity.problems.golden.store import default_store
from darkparity.problems.select import CaseRef, Filters, entries, wanted_of
from darkparity.report.failures import explained
from darkparity.request import Request
from darkparity.spec import LAYER_OPERATIONS, TRAINING_RUN

__all__ = ["conformance_tests", "parameters"]

Judged = Callable[[], None]


def conformance_tests(
    implementation: str = "",
    *,
    program: str = "",
    dialect: Given | Sequence[Given] = (),
    known: str | Path | None = None,
    case: str | Sequence[str] = (),
) -> Any:
    """A test function to assign to a name that starts with `test_`: one test per case.

    implementation: what `darkparity check` takes, or program: what its --exec takes. known: a file of known
    differences. Files are relative to the test module. One that cannot be used is an error of collection.
    """
    folder = Path(sys._getframe(1).f_globals.get("__file__", ".")).parent
    listed = None if known is None else folder / known
    named = (_beside(folder, implementation),) if implementation else ()
    rows = parameters(named, dialect, case, listed, (program,) if program else ())

    @pytest.mark.parametrize("judged", rows)
    def test_conformance(judged: Judged) -> None:
        __tracebackhide__ = True
        judged()

    return test_conformance


def parameters(
    implementations: Sequence[str],
    dialects: Given | Sequence[Given],
    cases: str | Sequence[str],
    known: str | Path | None,
    programs: Sequence[str] = (),
) -> list[Any]:
    """`pytest.param`s, each a function that judges one case. Raises CollectError with what is wrong."""
    asked = [*((name, ()) for name in implementations), *(((), (program,)) for program in programs)]
    try:
        if not asked:
            raise UsageError("say what to judge: an implementation or a program")
        requests = [Request.of(n, programs=p, dialect=dialects, cases=cases, known=known) for n, p in asked]
        return [row for request in requests for row in _Suite.of(request).parameters()]
    except UsageError as error:
        raise pytest.Collector.CollectError(f"darkparity: {error}") from None


def _beside(folder: Path, implementation: str) -> str:
    """What names a file, `port.py` or `port.py:Object`, as one in `folder`; anything else as it is."""
    path, suffix, rest = implementation.partition(".py")
    return f"{folder / path}{suffix}{rest}" if suffix and (folder / f"{path}.py").is_file() else implementation


@dataclass(frozen=True)
class _Suite:
    """One implementation and all that it is asked. asked: what was typed for it."""

    asked: str
    participant: Participant
    request: Request
    table: tuple[CaseRef, ...]
    wanted: tuple[CaseRef, ...]
    known: tuple[Known, ...]

    @classmethod
    def of(cls, request: Request) -> _Suite:
        participants = gather(request.implementations, request.dialect, access_of(request))
        filters = Filters(participants.dialects(request.dialect), patterns=request.cases)
        store = default_store(request.store)
        wanted = tuple(wanted_of(store, filters))
        table = tuple(e for dialect in filters.dialects for e in entries(store, dialect))
        listed = known_differences.read(request.known) if request.known is not None else ()
        _judgeable(participants.all[0], wanted)
        return cls(participants.asked[0], participants.all[0], request, table, wanted, listed)

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


def _judgeable(participant: Participant, wanted: Sequence[CaseRef]) -> None:
    """Raise UsageError where every case would be unsupported: a run of skips alone is no pass."""
    offered = participant.description
    operations = {*offered.operations, *((TRAINING_RUN,) if {*LAYER_OPERATIONS} <= {*offered.operations} else ())}
    if not any(e.operation in operations and offered.offers(e.dialect) for e in wanted):
        asked = ", ".join(dict.fromkeys(f"{e.operation} ({e.dialect})" for e in wanted))
        raise UsageError(
            f"nothing would be judged: {participant.name} offers {', '.join(offered.operations)} "
            f"in {', '.join(offered.dialects)}, asked is {asked}"
        )


def _check(suite: _Suite, entry: Known) -> None:
    __tracebackhide__ = True
    unmatched = entry.without_match(suite.names, [Identity(e.id, e.case) for e in suite.table])
    if unmatched:
        patterns = ", ".join(map(repr, unmatched))
        pytest.fail(f"{entry.where}: {entry.implementation!r}, case {patterns}: matches nothing", pytrace=False)


def _judge(suite: _Suite, entry: CaseRef) -> None:
    __tracebackhide__ = True
    problem = entry.make()
    result, _ = ask(suite.participant, problem)
    excuse = known_differences.find(suite.known, suite.names, Identity(entry.id, entry.case))
    if not (result.failed or result.fails):
        _passed(result, excuse)
    elif excuse and result.failed:
        pytest.xfail(f"known difference: {excuse.explanation}")
    else:
        whole = replace(result, reproduce=reproduce(suite.request, suite.asked, problem))
        pytest.fail(explained(whole, sorted(suite.participant.description.labels)), pytrace=False)


def _passed(result: Result, excuse: Known | None) -> None:
    __tracebackhide__ = True
    if excuse:
        what = f"{result.case} {result.word}: remove the known difference or narrow its pattern"
        pytest.fail(f"{excuse.where}: {what}", pytrace=False)
    if isinstance(result.verdict, Inconclusive | Unsupported):
        pytest.skip(f"{result.word}: {result.verdict.reason}")
