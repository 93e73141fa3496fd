"""Regenerate, verify and diff the golden store: written from the oracle alone, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from darkparity import __version__
from darkparity.cases import CASES, Case
from darkparity.dialects import DEFAULT, DIALECTS, Dialect
from darkparity.dialects.frameworks import FRAMEWORK_ROWS
from darkparity.formats.json_arrays import CodecError, parse_json
from darkparity.spec import BACKWARD, FORWARD, MAKE, RUN

from .fixture import Fixture, build, sha256, text
from .store import MANIFEST, Store, StoreError, manifest_text, read_text

#: Files of the store that people write; regeneration carries them over.
_CARRIED = ("README.md", "schema.json")
Progress = Callable[[str, int, int], None]


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


def plan() -> list[tuple[str, Case, Dialect]]:
    """Every fixture to write: relative path, case, dialect. The full set for the default dialect."""
    return [
        (f"{dialect.name}/{case.operation}/{case.name}.json", case, dialect)
        for dialect in DIALECTS.values()
        for case in CASES
        if case.defined_in(dialect) and wanted(case, dialect)
    ]


#: Outside the default dialect: cases of the layer functions that tell every pair of dialects apart (margins:
#: tests/unit/dialects/test_dialects.py), beside all short training runs and the cases made for one dialect.
SEPARATING = frozenset((
    (FORWARD, "tiny_variance"), (FORWARD, "first_training_step"), (FORWARD, "one_element_per_channel"),
    (FORWARD, "connected_rolling"), (FORWARD, "inference_batchnorm_layer"), (FORWARD, "inference_before_training"),
    (FORWARD, "inference_tiny_rolling_variance"), (FORWARD, "channels_of_different_size"),
    (BACKWARD, "tiny_variance"), (BACKWARD, "accumulators_not_zero"), (BACKWARD, "connected"),
    (BACKWARD, "inference_before_training"), (BACKWARD, "inference_stale_x_norm"),
    (BACKWARD, "inference_tiny_rolling_variance"), (BACKWARD, "channels_of_different_size"),
))  # fmt: skip


#: All that frameworks beside PyTorch get: what shows epsilon, variance, decay and backward. The rest is asked live.
FEW = frozenset((
    (FORWARD, "tiny_variance"), (FORWARD, "first_training_step"), (FORWARD, "inference_tiny_rolling_variance"),
    (BACKWARD, "tiny_variance"),
))  # fmt: skip
_BRIEF = frozenset(row.name for row in FRAMEWORK_ROWS if row.name != "pytorch")


def wanted(case: Case, dialect: Dialect) -> bool:
    """The full set for the default dialect, elsewhere the cases that separate dialects."""
    if dialect.name in _BRIEF:
        return (case.operation, case.name) in FEW
    run = case.operation == RUN and case.name != "hundred_steps"
    separates = (case.operation, case.name) in SEPARATING
    return dialect.name == DEFAULT or bool(case.dialects) or run or separates or case.operation == MAKE


def contents(progress: Progress | None = None) -> Iterator[tuple[str, str, str]]:
    """(relative path, text, digest of the inputs) of every fixture, worked out by the oracle."""
    rows = plan()
    for done, (name, case, dialect) in enumerate(rows):
        if progress:
            progress(name, done, len(rows))
        fixture = build(case, dialect)
        yield name, text(fixture, case), sha256(*case.arrays(dialect).values())


def regenerate(target: Path, progress: Progress | None = None) -> list[str]:
    """Write the store anew and return what changed (relative paths); nothing changed: nothing written.

    Atomic: a new directory is built beside `target` and takes its place by renaming; killed half-way,
    the old store stays whole. Raises StoreError when `target` is an installed package.
    """
    if "site-packages" in target.resolve().parts:
        raise StoreError(f"{target}: an installed package is never written; pass --store DIR")
    recover(target)
    new = target.with_name(f".{target.name}-new-{os.getpid()}")
    try:
        changed = _write(new, target, progress)
        if changed:
            _swap(new, target)
        return changed
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _write(new: Path, old: Path, progress: Progress | None) -> list[str]:
    files, changed = {}, []
    for name, content, inputs in contents(progress):
        _put(new / name, content)
        files[name] = {"sha256": hashlib.sha256(content.encode()).hexdigest(), "inputs_sha256": inputs}
        changed += [name] if _differs(old / name, content) else []
    manifest = manifest_text(files, __version__)
    _put(new / MANIFEST, manifest)
    for name in _CARRIED:
        if (old / name).is_file():
            shutil.copyfile(old / name, new / name)
    listed = {p.relative_to(old).as_posix() for p in old.glob("*/*/*.json")} if old.is_dir() else set()
    changed += sorted(f"{name} (removed)" for name in listed - set(files))
    return changed or ([MANIFEST] if _differs(old / MANIFEST, manifest) else [])


def _put(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8", newline="\n")


def _differs(path: Path, content: str) -> bool:
    return not path.is_file() or path.read_bytes() != content.encode()


def _swap(new: Path, target: Path) -> None:
    old = _retired(target)
    if target.exists():
        os.rename(target, old)
    os.rename(new, target)
    shutil.rmtree(old, ignore_errors=True)


def _retired(target: Path) -> Path:
    return target.with_name(f".{target.name}-old")


def recover(target: Path) -> None:
    """Put back the old store if a regeneration was killed between its two renames; clear what it left."""
    old = _retired(target)
    if old.is_dir() and not target.exists():
        os.rename(old, target)
    for stale in target.absolute().parent.glob(f".{target.name}-new-*"):
        if not _alive(int(stale.name.rpartition("-")[2])):
            shutil.rmtree(stale, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def verify_schema(store: Store) -> None:
    """Check every file against golden/schema.json. Raises StoreError naming file and place."""
    import jsonschema  # a second of import time that only this command needs

    schema = json.loads((store.path / "schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for name in store.files:
        path = store.path / name
        try:
            data = parse_json(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, CodecError) as error:
            raise StoreError(f"{path}: {error}") from None
        broken = jsonschema.exceptions.best_match(validator.iter_errors(data))
        if broken is not None:
            raise StoreError(f"{path}: at {broken.json_path}: {broken.message}")


def differences(store: Store, progress: Progress | None = None) -> Iterator[Difference]:
    """What differs between the files on disk and what the oracle says now, number by number."""
    expected_files = set()
    for name, content, _ in contents(progress):
        expected_files.add(name)
        path = store.path / name
        if not path.is_file():
            yield Difference(name, "file", "", "missing", "present")
        elif path.read_bytes() != content.encode():
            yield from text_differences(name, path.read_text("utf-8"), content)
        elif store.files.get(name, {}).get("sha256") != hashlib.sha256(content.encode()).hexdigest():
            yield Difference(name, "sha256", f"in {MANIFEST}", "another", "that of the file")
    for name in sorted(set(store.files) - expected_files):
        yield Difference(name, "file", "", "listed", "no such case")


def text_differences(name: str, stored: str, generated: str) -> Iterable[Difference]:
    """Number by number, what differs between two texts of one fixture."""
    mine, right = read_text(stored, name), read_text(generated, name)
    found = [d for pair in _arrays(mine, right) for d in _elements(name, *pair)]
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
