"""Everything a store holds beside its manifest, worked out by the oracle: the fixtures, and what they separate."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from darkparity.dialects import DIALECTS
from darkparity.oracle.deviations.power import catalogue, margins

from . import separates
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
    """Every file of the plan: fixtures in its order, then one table of what they separate for each dialect."""
    found: dict[str, dict[str, Mapping[str, float]]] = {}
    for fixture in fixtures(progress):
        found.setdefault(fixture.dialect, {})[fixture.row] = margins(fixture.call, fixture.expected["any"])
        yield fixture_file(fixture)
    for dialect, by_case in found.items():
        made = separates.table(dialect, catalogue(DIALECTS[dialect]), by_case)
        yield File(made.path, made.text.encode())
