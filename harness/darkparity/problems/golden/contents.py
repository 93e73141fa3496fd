"""Everything a store holds beside its manifest, worked out by the oracle: the fixtures, and what they separate."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from darkparity.dialects import DIALECTS, Dialect
from darkparity.oracle.bounds import ANY, expect_live
from darkparity.oracle.deviations import catalogue
from darkparity.oracle.deviations.power import margins
from darkparity.spec import Call

from . import plan, separates
from .fixture import Fixture, sha256
from .plan import Progress, fixtures
from .text import text


@dataclass(frozen=True)
class File:
    """One file. inputs_sha256: of a fixture's inputs; empty for what is no fixture."""

    name: str
    content: bytes
    inputs_sha256: str = ""

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def fixture_file(fixture: Fixture) -> File:
    """A fixture as it is written."""
    return File(fixture.path, text(fixture).encode(), sha256(*fixture.arrays.values()))


def contents(progress: Progress | None = None) -> Iterator[File]:
    """Every file of the plan: fixtures in its order, then a table of what the cases separate for each dialect."""
    found: dict[str, dict[str, Mapping[str, float]]] = {}
    for fixture in fixtures(progress):
        found.setdefault(fixture.dialect, {})[fixture.row] = margins(fixture.call, fixture.expected["any"])
        yield fixture_file(fixture)
    rows = plan.unstored()
    for done, (case, dialect) in enumerate(rows):
        if progress:
            progress(f"{dialect.name}/{case.row}, live", done, len(rows))
        call = Call(case.operation, dialect, case.arrays(dialect), case.full_attributes)
        found.setdefault(dialect.name, {})[case.row] = margins(call, expect_live(call, ANY))
    for name, by_case in found.items():
        yield _table(DIALECTS[name], by_case)


def _table(dialect: Dialect, by_case: Mapping[str, Mapping[str, float]]) -> File:
    made = separates.table(dialect.name, catalogue(dialect), by_case)
    return File(made.path, made.text.encode())
