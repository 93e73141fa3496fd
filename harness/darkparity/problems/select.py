"""Which problems a run asks: golden fixtures, then live cases of the table that the store does not hold."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from math import prod
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from darkparity.cases import CASES, NETWORK_LAYERS, Case, Layer, cases_of, identifier
from darkparity.dialects import DEFAULT, DIALECTS, Dialect, named
from darkparity.errors import UsageError
from darkparity.spec import OPERATIONS, Call

from .golden.store import Store
from .problem import GOLDEN, LIVE, REDRAWN, Generated, Problem, live_expectation
from .redraw import SUFFIX, draw

if TYPE_CHECKING:
    from .own_tensors import Reading


class NoCases(UsageError):
    """The filters leave no problem, or name something unknown; says what would."""


@dataclass(frozen=True)
class Filters:
    """What the user asked for; empty means all. Patterns are shell-style, on the id or the bare name.

    networks: every layer of real size, not the few quick ones; a pattern with a network's name asks its own.
    redraw: the seed of a few cases whose inputs are drawn anew; 0: none.
    """

    dialects: tuple[str, ...] = (DEFAULT,)
    operations: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    networks: bool = False
    redraw: int = 0

    def matches(self, operation: str, case: str, identity: str) -> bool:
        """Whether a case is wanted; the dialect is looked at elsewhere."""
        if self.operations and operation not in self.operations:
            return False
        return not self.patterns or any(fnmatchcase(n, p) for p in self.patterns for n in (identity, case))

    def wants(self, entry: CaseRef) -> bool:
        """Whether an entry is asked."""
        named = any(entry.slow in pattern for pattern in self.patterns)
        quick = not entry.slow or named or self.networks
        return quick and self.matches(entry.operation, entry.case, entry.id)


@dataclass(frozen=True)
class CaseRef:
    """A problem that can be asked; `make` reads or builds it. slow: the network whose name asks it."""

    operation: str
    case: str
    dialect: str
    origin: str
    make: Callable[[], Problem]
    slow: str = ""

    @property
    def id(self) -> str:
        return f"{named(self.dialect).slug}-{self.operation}-{self.case}"


_ORDER = {(case.operation, case.name): index for index, case in enumerate(CASES)}


def entries(store: Store, dialect: str) -> list[CaseRef]:
    """Everything that can be asked in one dialect, in the order of the table of cases; real layers last."""
    found = {(e.operation, e.case): e for e in _golden(store, dialect)}
    row = named(dialect)
    for case in cases_of(row):
        found.setdefault((case.operation, case.name), _live_entry(store, case, row))
    ordered = sorted(found.values(), key=lambda e: _ORDER.get((e.operation, e.case), len(_ORDER)))
    return [*ordered, *(e for layer in NETWORK_LAYERS for e in _network_entries(store, layer, row))]


def _network_entries(store: Store, layer: Layer, dialect: Dialect) -> list[CaseRef]:
    slow = "" if layer.quick else layer.network
    return [replace(_live_entry(store, case, dialect), slow=slow) for case in layer.cases if case.defined_in(dialect)]


def _golden(store: Store, dialect: str) -> Iterator[CaseRef]:
    for name in store.files:
        parts = PurePosixPath(name).with_suffix("").parts
        if len(parts) == 3 and parts[0] == named(dialect).slug:
            yield CaseRef(parts[1], parts[2], dialect, GOLDEN, lambda n=name: store.problem(n))  # type: ignore[misc]


def _live_entry(store: Store, case: Case, dialect: Dialect) -> CaseRef:
    def make() -> Problem:
        of_base = store.separates(dialect.name.partition("(")[0], case.row)
        return replace(live(case, dialect), separates=store.separates(dialect.name, case.row), of_base=of_base)

    return CaseRef(case.operation, case.name, dialect.name, LIVE, make)


def _redrawn(filters: Filters) -> Iterator[CaseRef]:
    """A few cases of every operation with inputs drawn anew; patterns see their own names."""
    for dialect in (named(name) for name in filters.dialects if filters.redraw):
        names = ((case, case.name + SUFFIX, identifier(case, dialect) + SUFFIX) for case in cases_of(dialect))
        wanted = [case for case, name, identity in names if filters.matches(case.operation, name, identity)]
        for case in draw(wanted, dialect, filters.redraw):
            make = partial(_redrawn_problem, case, dialect, filters.redraw)
            yield CaseRef(case.operation, case.name, dialect.name, REDRAWN, make)


def _redrawn_problem(case: Case, dialect: Dialect, seed: int) -> Problem:
    found = live(case, dialect)
    return replace(found, origin=REDRAWN, reproduce=f"{found.reproduce} --redraw {seed}")


def live(case: Case, dialect: Dialect) -> Problem:
    """A case of the table as a problem that the oracle answers now."""
    call = Call(
        case.operation, dialect, Generated(partial(case.arrays, dialect), prod(case.shape)), case.full_attributes
    )
    identity = identifier(case, dialect)
    return Problem(identity, call, case.fault, LIVE, live_expectation(call), f"--case {identity}")


def select(store: Store, filters: Filters) -> list[Problem]:
    """The problems a run asks. Raises NoCases, StoreError."""
    return [entry.make() for entry in wanted_of(store, filters)]


def wanted_of(store: Store, filters: Filters) -> list[CaseRef]:
    """What a run asks, none of it read yet. Raises NoCases."""
    check_names("operation", filters.operations, OPERATIONS)
    known = [entry for dialect in filters.dialects for entry in entries(store, dialect)]
    chosen = [*filter(filters.wants, known), *_redrawn(filters)]
    if not chosen:
        raise NoCases(_nothing(store, filters, known))
    return chosen


def from_file(path: Path, filters: Filters, seed: int = 0, train: bool | None = None) -> Reading:
    """The user's own tensors as problems of every dialect, and what is to be said of the file.

    train: as for `read`. Raises InputError, NoCases.
    """
    from .own_tensors import Reading, read

    check_names("operation", filters.operations, OPERATIONS)
    readings = [read(path, named(dialect), seed, train) for dialect in filters.dialects]
    problems = [q for r in readings for q in r.problems if filters.matches(q.operation, q.id, q.id)]
    if not problems:
        raise NoCases(f"{path}: nothing in it to ask{_wanted(filters)}")
    said = {f: list(dict.fromkeys(n for r in readings for n in getattr(r, f))) for f in ("ignored", "drawn", "notes")}
    everywhere = {n: why for n, why in readings[0].unjudged.items() if all(n in r.unjudged for r in readings)}
    return Reading(problems, unjudged=everywhere, **said)


def unjudged_of(problems: Iterable[Problem]) -> dict[str, str]:
    """What of the user's file is not judged although it was asked or recorded -> why. What is one dialect's alone
    counts as judged where that dialect judges it."""
    problems = list(problems)
    judged = {(q.id.removeprefix(q.dialect.slug), name) for q in problems for name in q.recorded}
    recorded = {f"{q.id}: recorded {name}": why for q in problems for name, why in q.unjudged.items()
                if (q.id.removeprefix(q.dialect.slug), name) not in judged}  # fmt: skip
    return {**recorded, **{q.id: q.unjudgeable for q in problems if q.unjudgeable}}


def mode_of(mode: str | None) -> bool | None:
    """Whether `--mode` is training; None if it is not given. Raises NoCases."""
    if mode is not None:
        check_names("mode", [mode], ("training", "inference"))
    return None if mode is None else mode == "training"


def check_names(kind: str, given: Sequence[str], known: Iterable[str]) -> None:
    """Raise NoCases for the first name that is not known, with close ones."""
    names = list(known)
    for name in given:
        if name not in names:
            close = close_names(name, names)
            raise NoCases(f"no {kind} {name!r}{close or '; known: ' + ', '.join(names)}")


def close_names(name: str, known: Iterable[str]) -> str:
    """`; did you mean a, b?` or nothing."""
    close = difflib.get_close_matches(name, list(dict.fromkeys(known)), n=3)
    return f"; did you mean {', '.join(close)}?" if close else ""


def _nothing(store: Store, filters: Filters, known: Sequence[CaseRef]) -> str:
    where = _wanted(filters)
    for name in (n for n in DIALECTS if n not in filters.dialects):
        if any(filters.matches(e.operation, e.case, e.id) for e in entries(store, name)):
            return f"no case matches{where}; dialect {name} has one: add --dialect {name}"
    for pattern in filters.patterns:
        if not any(fnmatchcase(n, pattern) for e in known for n in (e.id, e.case)):
            hint = close_names(pattern, [n for e in known for n in (e.case, e.id)])
            return f"no case matches{where}{hint or '; `darkparity list cases` shows them all'}"
    return f"no case matches{where}; `darkparity list cases` shows them all"


def _wanted(filters: Filters) -> str:
    parts = [
        *(f"--case {p}" for p in filters.patterns),
        *(f"--operation {o}" for o in filters.operations),
        f"in dialect {', '.join(filters.dialects)}",
    ]
    return " " + " ".join(parts)
