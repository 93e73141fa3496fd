"""Where golden fixtures lie: finding a store, its manifest, reading files whose sha256 the manifest vouches for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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
    """files: relative path -> digests."""

    schema_version: int
    suite_version: str
    files: Mapping[str, Digests]


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
        for name in found.files:
            checked_name(name, str(where))
        return found

    @property
    def files(self) -> Mapping[str, Digests]:
        """Relative path -> digests."""
        return self.manifest.files

    @property
    def digest(self) -> str:
        """sha256 of the manifest as it is now: names the whole store. Raises StoreError."""
        return hashlib.sha256(bytes_of(self.path / MANIFEST)).hexdigest()

    def read(self, name: str) -> Fixture:
        """Parse one file after checking its sha256. Raises StoreError, FormatError."""
        path = self.path / name
        content = bytes_of(path)
        if hashlib.sha256(content).hexdigest() != self.files[name].sha256:
            raise StoreError(
                f"{path}: sha256 differs from {MANIFEST}; `darkparity golden verify` says what changed, "
                "`darkparity golden regenerate` writes it anew"
            )
        fixture = parse(content.decode("utf-8", "replace"), str(path))
        if fixture.path != name:
            raise StoreError(f"{path}: holds {fixture.id}, which belongs into {fixture.path}")
        return fixture

    def problems(self) -> Iterator[Problem]:
        """Every fixture as a problem, in the manifest's order."""
        for name in self.files:
            yield problem(self.read(name), name)


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
    """A fixture as a problem; a recipe's inputs are generated and checked against its digests."""
    call = fixture.call
    expectation: Expectation = fixture.expectation
    if fixture.recipe is not None:
        call = replace(call, arrays=_generated(fixture, name))
        expectation = live_expectation(call)
    return Problem(fixture.id, call, fixture.fault, GOLDEN, expectation, f"--case {fixture.id}",
                   separates=fixture.separates)  # fmt: skip


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


def manifest_text(files: Mapping[str, Digests]) -> str:
    """The manifest's content."""
    manifest = Manifest(SCHEMA_VERSION, __version__, dict(sorted(files.items())))
    return json.dumps(to_json(manifest), indent=1) + "\n"
