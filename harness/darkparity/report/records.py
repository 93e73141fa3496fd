"""What a run is made of: header, results, distances, diagnoses, footer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from darkparity.judging.diagnosis import Diagnosis
from darkparity.judging.known import Known
from darkparity.judging.result import Result


@dataclass(frozen=True)
class StoreUsed:
    """The golden store that was asked: its manifest's digest names the whole store."""

    path: str
    manifest_sha256: str


@dataclass(frozen=True)
class Described:
    """An implementation as it declared itself; asked: what the user typed to get it, empty for a recording."""

    asked: str
    name: str
    version: str = ""
    dialects: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    details: str = ""


@dataclass(frozen=True)
class KnownListed(Known):
    """A known difference of this run; unmatched: its patterns that match no case asked."""

    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True)
class InputRead:
    """A file of the user's: names in it that mean nothing here, arrays that had to be generated."""

    path: str
    ignored: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exported:
    """The export whose answers are graded.

    changed: that another version exported it. extra: files not judged. missing: cases without an answer.
    """

    suite_version: str
    store: StoreUsed | None = None
    changed: str = ""
    extra: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Header:
    """Everything needed to tell this run from another.

    cases: how many were to be asked of each implementation. absent: implementations of the default set that are
    not installed, with what installs them. notes: what a reader should know before the verdicts. unjudged: what was
    recorded or asked and is not judged -> why; with any, the run does not pass.
    """

    schema: int
    suite_version: str = ""
    started: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    cpu: str = ""
    build: Mapping[str, Any] | None = None
    store: StoreUsed | None = None
    seed: int = 0
    cases: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    implementations: tuple[Described, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    input: InputRead | None = None
    network: Mapping[str, Any] | None = None
    export: Exported | None = None
    known: tuple[KnownListed, ...] = ()
    notes: tuple[str, ...] = ()
    unjudged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Distance:
    """How far two implementations lie from each other in one dialect; ratio: max |a - b| / (bound a + bound b)."""

    dialect: str
    left: str
    right: str
    max_ulp: int
    equal: int
    elements: int
    ratio: float
    percent_equal: float


@dataclass(frozen=True)
class Footer:
    """The run is complete."""

    finished: str
    seconds: float
    counts: Mapping[str, int]
    exit_code: int


Record = Header | Result | Distance | Diagnosis | Footer


@dataclass
class Records:
    """The records of one run so far; a run without footer was interrupted."""

    header: Header = field(default_factory=lambda: Header(schema=0))
    results: list[Result] = field(default_factory=list)
    pairs: list[Distance] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    footer: Footer | None = None

    def add(self, record: Record) -> None:
        """Take in one record."""
        match record:
            case Header():
                self.header = record
            case Result():
                self.results.append(record)
            case Distance():
                self.pairs.append(record)
            case Diagnosis():
                self.diagnoses.append(record)
            case Footer():
                self.footer = record

    @property
    def interrupted(self) -> bool:
        """The run did not get as far as its footer."""
        return self.footer is None

    @property
    def failures(self) -> tuple[Result, ...]:
        """Results that fail and that no known difference excuses, in the order they came."""
        return tuple(r for r in self.results if r.fails)

    def labels_of(self, implementation: str) -> tuple[str, ...]:
        """Labels an implementation declared; a recording declares none."""
        return next((d.labels for d in self.header.implementations if d.name == implementation), ())
