"""Where golden fixtures lie: finding a store, its manifest, reading files whose sha256 the manifest vouches for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np

from darkparity import __version__
from darkparity.cases import case_named
from darkparity.errors import UsageError
from darkparity.formats.names import check_version, checked_name
from darkparity.formats.records import from_json, to_json
from darkparity.formats.strict_json import MAX_TEXT, read_json
from darkparity.problems.problem import GOLDEN, Expectation, Problem, live_expectation

from .fixture import Fixture, sha256
from .reading import parse
from .separates import Separates, path_of
from .separates import parse as parse_table
from .text import SCHEMA_VERSION

MANIFEST = "MANIFEST.json"


class StoreError(UsageError):
    """The store is missing, damaged or not what its manifest says; names the file and what to do."""


class StoreChanged(StoreError):
    """The manifest is not what it was when the run began."""


@dataclass(frozen=True)
class Digests:
    """What the manifest says of one file: sha256 of its bytes and of its inputs' bytes."""

    sha256: str
    inputs_sha256: str


@dataclass(frozen=True)
class Manifest:
    """files: a fixture's relative path -> digests. separates: a table's relative path -> sha256 of its bytes."""

    schema_version: int
    suite_version: str
    files: Mapping[str, Digests]
    separates: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Mapping[str, Digests], separates: Mapping[str, str] | None = None) -> Manifest:
        """That of a store as this version writes it."""
        return cls(SCHEMA_VERSION, __version__, dict(sorted(files.items())), dict(sorted((separates or {}).items())))

    @property
    def digests(self) -> dict[str, str]:
        """Relative path -> sha256 of its bytes, of every file."""
        return {**{name: d.sha256 for name, d in self.files.items()}, **self.separates}


@dataclass(frozen=True)
class Store:
    """A directory of fixtures with a manifest."""

    path: Path

    @cached_property
    def manifest(self) -> Manifest:
        """The parsed manifest. Raises CodecError, FormatError."""
        where = self.path / MANIFEST
        data = read_json(where)
        check_version(data, "schema_version", SCHEMA_VERSION, str(where))
        found = from_json(Manifest, data, str(where))
        for name in found.digests:
            checked_name(name, str(where))
        return found

    @property
    def files(self) -> Mapping[str, Digests]:
        """Relative path of a fixture -> digests."""
        return self.manifest.files

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """Relative path -> sha256, of fixtures and tables."""
        return self.manifest.digests

    @property
    def digest(self) -> str:
        """sha256 of the manifest as it is now: names the whole store. Raises StoreError."""
        return hashlib.sha256(bytes_of(self.path / MANIFEST)).hexdigest()

    def read(self, name: str) -> Fixture:
        """Parse one file after checking its sha256. Raises StoreError, FormatError."""
        fixture = parse(self._text(name), str(self.path / name))
        if fixture.path != name:
            raise StoreError(f"{self.path / name}: holds {fixture.id}, which belongs into {fixture.path}")
        return fixture

    def _text(self, name: str) -> str:
        path = self.path / name
        content = bytes_of(path)
        if hashlib.sha256(content).hexdigest() != self.digests[name]:
            raise StoreError(
                f"{path}: sha256 differs from {MANIFEST}; `darkparity golden verify` says what changed, "
                "`darkparity golden regenerate` writes it anew"
            )
        return content.decode("utf-8", "replace")

    def problem(self, name: str) -> Problem:
        """One fixture as a problem. Raises StoreError, FormatError."""
        fixture = self.read(name)
        return replace(problem(fixture, name), separates=self.separates(fixture.dialect, fixture.row))

    def separates(self, dialect: str, row: str) -> Mapping[str, float] | None:
        """Margins of what a case of the dialect tells apart, stored or not; None if nothing is stated of it.

        row: `operation/case`. Raises StoreError, FormatError.
        """
        if dialect not in self._tables:
            self._tables[dialect] = self._table(dialect)
        return self._tables[dialect].of(row)

    @cached_property
    def _tables(self) -> dict[str, Separates]:
        return {}

    def _table(self, dialect: str) -> Separates:
        """The dialect's table; an empty one if the store has none."""
        name = path_of(dialect)
        if name not in self.digests:
            return Separates(dialect, (), {})
        found = parse_table(self._text(name), str(self.path / name))
        if found.dialect != dialect:
            raise StoreError(f"{self.path / name}: is about {found.dialect}, which belongs into {found.path}")
        return found

    def problems(self) -> Iterator[Problem]:
        """Every fixture as a problem, in the manifest's order."""
        for name in self.files:
            yield self.problem(name)


@dataclass(frozen=True)
class Seal:
    """A store's manifest when a run began. An implementation in the same file system may rewrite the store."""

    store: Store
    digest: str

    @classmethod
    def of(cls, store: Store) -> Seal:
        """Raises StoreError."""
        return cls(store, store.digest)

    def check(self) -> None:
        """Raises StoreChanged."""
        if self.store.digest != self.digest:
            raise StoreChanged(
                f"{self.store.path / MANIFEST}: changed during the run, so no verdict of it counts; an implementation "
                "may have done that: restore the store and see `darkparity golden verify`"
            )


def bytes_of(path: Path) -> bytes:
    """A fixture's bytes. Raises StoreError."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_TEXT + 1)  # more is refused as JSON
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; the manifest lists it") from None


def problem(fixture: Fixture, name: str) -> Problem:
    """A fixture as a problem; a recipe's inputs are generated and checked against its digests.

    What it separates is not looked up: `Store.problem` does.
    """
    call = fixture.call
    expectation: Expectation = fixture.expectation
    if fixture.recipe is not None:
        call = replace(call, arrays=_generated(fixture, name))
        expectation = live_expectation(call)
    return Problem(fixture.id, call, fixture.fault, GOLDEN, expectation, f"--case {fixture.id}")


def _generated(fixture: Fixture, name: str) -> Mapping[str, np.ndarray]:
    case = case_named(fixture.operation, fixture.case)
    arrays = case.arrays(fixture.call.dialect) if case else {}
    for array in arrays:
        stated = fixture.recipe.get(array) if fixture.recipe else None
        if stated is None or sha256(arrays[array]) != stated.sha256:
            raise StoreError(f"{name}: generated {array} has another sha256 than the recipe states")
    return arrays


def default_store(directory: str | Path | None = None) -> Store:
    """`directory`, else ./golden if it has a manifest, else the packaged store. Raises StoreError."""
    if directory is not None:
        if not (Path(directory) / MANIFEST).is_file():
            raise StoreError(f"{directory}: no {MANIFEST} there; --store takes a golden directory")
        return Store(Path(directory))
    here = Path("golden")
    if (here / MANIFEST).is_file():
        return Store(here)
    packaged = Path(str(resources.files("darkparity") / "golden"))
    if not (packaged / MANIFEST).is_file():
        raise StoreError(f"{packaged}: no {MANIFEST}: the installation holds no golden fixtures; reinstall it")
    return Store(packaged)


def manifest_text(files: Mapping[str, Digests], separates: Mapping[str, str] | None = None) -> str:
    """The manifest's content."""
    return json.dumps(to_json(Manifest.of(files, separates)), indent=1) + "\n"
