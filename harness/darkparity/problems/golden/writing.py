"""The one writer of stores: from the oracle alone, whole or not at all; what it did not write it leaves alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from darkparity.formats.directory import Change, changing

from .fixture import Fixture, sha256
from .plan import Progress, fixtures
from .store import MANIFEST, Digests, Store, StoreError, manifest_text
from .text import text

#: What changed: relative path -> the file's old bytes, if there was one.
Changed = dict[str, bytes | None]


def regenerate(target: Path, progress: Progress | None = None) -> Changed:
    """Write the store in `target` anew and return what changed; nothing changed: nothing is written.

    Raises StoreError when `target` is an installed package, DirectoryError when it is no store or cannot be written.
    """
    if "site-packages" in target.resolve().parts:
        raise StoreError(f"{target}: an installed package is never written; pass --store DIR")
    with changing(target, MANIFEST) as change:
        listed = _listed(change)
        planned = {f.path: (text(f), _inputs(f)) for f in fixtures(progress)}
        return _replace(change, listed, planned, removed=set(listed) - set(planned))


def add(directory: Path, fixture: Fixture) -> Path:
    """Put one fixture into the store in `directory`, made if need be; where it lies. Raises DirectoryError."""
    with changing(directory, MANIFEST, wait=True) as change:
        _replace(change, _listed(change), {fixture.path: (text(fixture), _inputs(fixture))})
    return directory / fixture.path


def _listed(change: Change) -> dict[str, Digests]:
    """What the store holds by its own account. Raises CodecError, FormatError where that cannot be read."""
    listed = dict(Store(change.directory).files) if (change.directory / MANIFEST).exists() else {}
    change.ours.update(listed, (MANIFEST,))
    return listed


def _replace(
    change: Change, listed: dict[str, Digests], planned: dict[str, tuple[str, str]], removed: Iterable[str] = ()
) -> Changed:
    files, changed = dict(listed), Changed()
    for name, (content, inputs) in planned.items():
        data = content.encode()
        files[name] = Digests(hashlib.sha256(data).hexdigest(), inputs)
        changed |= _put(change, name, data)
    for name in sorted(removed):
        del files[name]
        change.remove(name)
        changed[f"{name} (removed)"] = None
    manifest = _put(change, MANIFEST, manifest_text(files).encode())
    return changed or manifest


def _put(change: Change, name: str, data: bytes) -> Changed:
    """Write a file that is not there as it should be."""
    path = change.directory / name
    before = path.read_bytes() if path.is_file() else None
    if before == data:
        return {}
    change.write(name, data)
    return {name: before}


def _inputs(fixture: Fixture) -> str:
    return sha256(*fixture.arrays.values())
