"""What differs between a store and the oracle, number by number; whether its files follow the schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from darkparity.formats.strict_json import read_json

from . import separates
from .contents import File, contents
from .fixture import Fixture
from .plan import Progress
from .reading import parse
from .store import MANIFEST, Store, StoreError, bytes_of


@dataclass(frozen=True)
class Difference:
    """One thing in which two versions of a fixture differ."""

    file: str
    array: str
    element: str
    stored: str
    generated: str

    def __str__(self) -> str:
        where = " ".join(part for part in (self.array, self.element) if part)
        return f"{self.file}: {where}: stored {self.stored}, oracle {self.generated}"


def verify_schema(store: Store) -> None:
    """Check every file against the store's schema.json. Raises StoreError naming file and place."""
    import jsonschema  # import time that only this command needs
    from referencing.exceptions import Unresolvable

    where = store.path / "schema.json"
    schema = read_json(where)
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for name in store.files:
            broken = jsonschema.exceptions.best_match(validator.iter_errors(read_json(store.path / name)))
            if broken is not None:
                raise StoreError(f"{store.path / name}: at {broken.json_path}: {broken.message}")
    except (jsonschema.SchemaError, Unresolvable) as error:
        raise StoreError(f"{where}: is no JSON schema: {error}") from None


def differences(store: Store, progress: Progress | None = None) -> Iterator[Difference]:
    """What differs between the files on disk and what the oracle says now, number by number."""
    planned = set()
    for file in contents(progress):
        planned.add(file.name)
        yield from _in_file(store, file)
    for name in sorted(set(store.digests) - planned):
        yield Difference(name, "file", "", "listed", "no such case")


def _in_file(store: Store, file: File) -> Iterator[Difference]:
    name = file.name
    if not (store.path / name).is_file():
        yield Difference(name, "file", "", "missing", "present")
        return
    stored = bytes_of(store.path / name)
    if stored != file.content:
        yield from text_differences(name, stored, file.content)
    elif store.digests.get(name) != file.sha256:
        yield Difference(name, "sha256", f"in {MANIFEST}", "another", "that of the file")


def text_differences(name: str, stored: bytes, generated: bytes) -> Iterable[Difference]:
    """Number by number, what differs between two contents of one file. Raises FormatError."""
    mine, right = (content.decode("utf-8", "replace") for content in (stored, generated))
    if name.endswith(".json"):
        found = [d for pair in _arrays(parse(mine, name), parse(right, name)) for d in _elements(name, *pair)]
    else:
        tables = (separates.parse(content, name) for content in (mine, right))
        found = [Difference(name, *change) for change in separates.changes(*tables)]
    return found or [Difference(name, "text", "", "differs outside the numbers", "see a line diff")]


def _arrays(mine: Fixture, right: Fixture) -> Iterator[tuple[str, np.ndarray | None, np.ndarray]]:
    for array, value in right.arrays.items():
        yield f"inputs {array}", mine.arrays.get(array), value
    for profile, rows in right.expected.items():
        for array, expected in rows.items():
            stored = mine.expected.get(profile, {}).get(array)
            if profile == "any":
                yield f"expected {array}", stored.value if stored else None, expected.value
            yield f"bounds {profile} {array}", stored.bound if stored else None, expected.bound


def _elements(name: str, array: str, mine: np.ndarray | None, right: np.ndarray) -> list[Difference]:
    if mine is None or mine.shape != right.shape:
        return [Difference(name, array, "", "no such array" if mine is None else str(mine.shape), str(right.shape))]
    unequal = ~((mine == right) & (np.signbit(mine) == np.signbit(right)) | (np.isnan(mine) & np.isnan(right)))
    return [
        Difference(name, array, str([int(i) for i in at]), f"{mine[tuple(at)]}", f"{right[tuple(at)]}")
        for at in np.argwhere(unequal)
    ]
