"""The one writer of stores: from the oracle alone, whole or not at all; what it did not write it leaves alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from darkparity.formats.directory import Change, changing

from .contents import File, contents, fixture_file
from .fixture import Fixture
from .plan import Progress
from .store import MANIFEST, Digests, Manifest, Store, StoreError, manifest_text

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
        planned = list(contents(progress))
        for name in (removed := sorted(set(listed.digests) - {file.name for file in planned})):
            change.remove(name)
        return _write(change, Manifest.of({}), planned, {f"{name} (removed)": None for name in removed})


def add(directory: Path, fixture: Fixture) -> Path:
    """Put one fixture into the store in `directory`, made if need be; where it lies. Raises DirectoryError."""
    with changing(directory, MANIFEST, wait=True) as change:
        _write(change, _listed(change), [fixture_file(fixture)])
    return directory / fixture.path


def _listed(change: Change) -> Manifest:
    """What the store holds by its own account. Raises CodecError, FormatError where that cannot be read."""
    found = Store(change.directory).manifest if (change.directory / MANIFEST).exists() else Manifest.of({})
    change.ours.update(found.digests, (MANIFEST,))
    return found


def _write(change: Change, kept: Manifest, planned: Iterable[File], removed: Changed | None = None) -> Changed:
    """What is planned, and a manifest of it and of what is kept; what changed, the removed last."""
    files, separates, changed = dict(kept.files), dict(kept.separates), Changed()
    for file in planned:
        if file.inputs_sha256:
            files[file.name] = Digests(file.sha256, file.inputs_sha256)
        else:
            separates[file.name] = file.sha256
        changed |= _put(change, file.name, file.content)
    manifest = _put(change, MANIFEST, manifest_text(files, separates).encode())
    return {**changed, **(removed or {})} or manifest


def _put(change: Change, name: str, data: bytes) -> Changed:
    """Write a file that is not there as it should be."""
    path = change.directory / name
    before = path.read_bytes() if path.is_file() else None
    if before == data:
        return {}
    change.write(name, data)
    return {name: before}
