"""What a run could not have seen: catalogued deviations that no conforming case of it separates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from darkparity.dialects import is_named, named
from darkparity.judging.result import Result
from darkparity.judging.verdict import Conforms
from darkparity.oracle.deviations import catalogue

from .records import Records


@dataclass(frozen=True)
class Unseen:
    """For one implementation in one dialect: deviations it might have without this run noticing.

    known: whether it was worked out at all; for cases of real layer size alone it is not.
    """

    implementation: str
    dialect: str
    catalogued: int
    names: tuple[str, ...]
    known: bool = True


def separated_by(results: Iterable[Result]) -> set[str]:
    """Deviations that at least one conforming result would have shown."""
    return {name for r in results for name in r.separates or ()}


def unseen(run: Records) -> list[Unseen]:
    """One entry for every implementation and dialect in which something conforms; not for one of a newer version."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in run.results:
        if isinstance(result.verdict, Conforms) and is_named(result.dialect):
            groups.setdefault((result.implementation, result.dialect), []).append(result)
    return [
        Unseen(*key, *_missing(key[1], results), known=any(r.separates is not None for r in results))
        for key, results in groups.items()
    ]


def _missing(dialect: str, results: Iterable[Result]) -> tuple[int, tuple[str, ...]]:
    rows = [row.name for row in catalogue(named(dialect)).values() if not row.equivalent]
    seen = separated_by(results)
    return len(rows), tuple(name for name in rows if name not in seen)
