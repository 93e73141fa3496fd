"""Where golden fixtures lie: finding a store, its manifest, reading files whose sha256 the manifest vouches for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from darkparity.cases import CASES
from darkparity.dialects import DIALECTS
from darkparity.errors import UsageError
from darkparity.formats.json_arrays import CodecError, parse_json
from darkparity.problems.problem import Expectation, Problem, live_expectation

from .fixture import Fixture, parse, sha256

MANIFEST = "MANIFEST.json"


class StoreError(UsageError):
    """The store is missing, damaged or not what its manifest says; names the file and what to do."""


@dataclass(frozen=True)
class Store:
    """A directory of fixtures with a manifest."""

    path: Path

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """The parsed manifest. Raises StoreError."""
        try:
            return dict(parse_json((self.path / MANIFEST).read_text("utf-8")))
        except (OSError, CodecError) as error:
            raise StoreError(f"{self.path / MANIFEST}: {error}; run `darkparity golden regenerate`") from None

    @property
    def files(self) -> Mapping[str, Mapping[str, str]]:
        """Relative path -> {sha256, inputs_sha256}."""
        return dict(self.manifest["files"])

    def read(self, name: str) -> Fixture:
        """Parse one file after checking its sha256. Raises StoreError."""
        path = self.path / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}; the manifest lists it") from None
        if hashlib.sha256(content).hexdigest() != self.files[name]["sha256"]:
            raise StoreError(
                f"{path}: sha256 differs from {MANIFEST}; `darkparity golden verify` says what changed, "
                "`darkparity golden regenerate` writes it anew"
            )
        return read_text(content.decode("utf-8", "replace"), str(path))

    def problems(self) -> Iterator[Problem]:
        """Every fixture as a problem, in the manifest's order."""
        for name in self.files:
            yield problem(self.read(name), name)


def read_text(content: str, where: str) -> Fixture:
    """Parse one fixture. Raises StoreError."""
    try:
        return parse(content, where)
    except CodecError as error:
        raise StoreError(str(error)) from None


def problem(fixture: Fixture, name: str) -> Problem:
    """A fixture as a problem; a recipe's inputs are generated and checked against its digests."""
    dialect = DIALECTS[fixture.dialect]
    arrays: Mapping[str, np.ndarray] = fixture.arrays
    expectation: Expectation = fixture.expectation
    if fixture.recipe is not None:
        case = next(c for c in CASES if (c.operation, c.name) == (fixture.operation, fixture.case))
        arrays = case.arrays(dialect)
        for array, recipe in fixture.recipe.items():
            if sha256(arrays[array]) != recipe["sha256"]:
                raise StoreError(f"{name}: generated {array} has another sha256 than the recipe states")
        expectation = live_expectation(fixture.operation, dialect, arrays, fixture.attributes)
    return Problem(
        fixture.id, fixture.operation, dialect, fixture.attributes, arrays, fixture.fault, "golden",
        expectation, f"--case {fixture.id}", separates=fixture.separates,
    )  # fmt: skip


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


def manifest_text(files: Mapping[str, Mapping[str, str]], suite_version: str) -> str:
    """The manifest's content."""
    head = {"schema_version": 1, "suite_version": suite_version}
    return json.dumps({**head, "files": dict(sorted(files.items()))}, indent=1) + "\n"
