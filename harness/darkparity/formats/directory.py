"""A directory that changes as a whole or not at all, by one writer at a time, and keeps what is not the writer's.

Files are written into a hidden directory inside it. Once complete, that one is renamed, which decides the change;
its files are then moved into place, the manifest last. The next writer finishes what a killed one had decided and
clears what it had not. The directory itself is never renamed: it may be the current one, a link or a mount.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from darkparity.errors import UsageError

from .names import checked_name

_NEW, _DECIDED = ".darkparity-new", ".darkparity-decided"
#: In the decided directory: names to take away, one a line.
_REMOVED = ".removed"


class DirectoryError(UsageError):
    """A directory that is not ours to write, or that cannot be written; says what is in the way."""


class Change:
    """What shall change in `directory`. ours: names that may be replaced or removed."""

    def __init__(self, directory: Path, manifest: str) -> None:
        self.directory, self.manifest = directory, manifest
        self.ours: set[str] = set()
        self._removed: list[str] = []

    def write(self, name: str, content: bytes) -> None:
        """Put a file there. Raises DirectoryError if something else has its name, or the disk is full."""
        self._claim(name)
        self._put(name, content)

    def remove(self, name: str) -> None:
        """Take a file away."""
        self._claim(name)
        self._removed.append(name)

    def _claim(self, name: str) -> None:
        path = self.directory / name
        inside = [p for p in path.parents if p.is_relative_to(self.directory)]
        blocked = next((p for p in inside if os.path.lexists(p) and not p.is_dir()), path)
        if os.path.lexists(blocked) and (blocked != path or name not in self.ours or path.is_dir()):
            raise DirectoryError(f"{blocked}: is in the way and not listed in {self.manifest}; move it elsewhere")

    def _put(self, name: str, content: bytes) -> None:
        path = self.directory / _NEW / name
        with _told(self.directory / name, f"{self.directory} is unchanged"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def decide(self) -> None:
        """From here on it happens, by the next writer if this one is killed."""
        new = self.directory / _NEW
        if new.is_dir() or self._removed:
            self._put(_REMOVED, "\n".join(self._removed).encode())
            os.rename(new, self.directory / _DECIDED)
            finish(self.directory, self.manifest)


@contextmanager
def changing(directory: Path, manifest: str, wait: bool = False) -> Iterator[Change]:
    """What is written and removed in the block happens at its end, or, if it ends with an exception, not at all.

    The directory is made if missing; one that holds anything must hold `manifest`. wait: for another writer
    instead of refusing. Raises DirectoryError.
    """
    directory = directory.resolve()
    with _told(directory):
        missing = not directory.exists()
        directory.mkdir(parents=True, exist_ok=True)
    with _alone(directory, wait):
        try:
            finish(directory, manifest)
            _check_ours(directory, manifest)
            change = Change(directory, manifest)
            yield change
            with _told(directory):
                change.decide()
        finally:
            shutil.rmtree(directory / _NEW, ignore_errors=True)
            if missing:
                with suppress(OSError):  # not empty: something was written
                    directory.rmdir()


@contextmanager
def _alone(directory: Path, wait: bool) -> Iterator[None]:
    """A lock on the directory itself: it leaves no file behind and ends with the process."""
    with _told(directory):
        handle = os.open(directory, os.O_RDONLY)
    try:
        _lock(handle, directory, wait)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, directory: Path, wait: bool) -> None:
    import fcntl  # POSIX only, as are children and signals

    with _told(directory):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryError(f"{directory}: another process is writing there; run again when it ends") from None


def _check_ours(directory: Path, manifest: str) -> None:
    held = sorted(os.listdir(directory))
    if held and manifest not in held:
        raise DirectoryError(f"{directory}: holds {held[0]} and no {manifest}; take an empty or a new directory")


def finish(directory: Path, manifest: str) -> None:
    """Carry out what was decided, and clear what was not."""
    decided = directory / _DECIDED
    with _told(decided, "run again to finish"):
        if decided.is_dir():
            _take_away(directory, decided / _REMOVED)
            names = [p.relative_to(decided).as_posix() for p in decided.rglob("*") if p.is_file()]
            for name in sorted(names, key=lambda n: n == manifest):
                (directory / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(decided / name, directory / name)
            shutil.rmtree(decided)
        shutil.rmtree(directory / _NEW, ignore_errors=True)


def _take_away(directory: Path, removed: Path) -> None:
    if not removed.is_file():
        return
    for name in removed.read_text("utf-8").splitlines():
        path = directory / checked_name(name, str(removed))
        path.unlink(missing_ok=True)
        for parent in path.parents[: len(Path(name).parts) - 1]:
            with suppress(OSError):  # not empty
                parent.rmdir()
    removed.unlink()


@contextmanager
def _told(path: Path, then: str = "") -> Iterator[None]:
    """Errors of the system with the file they are about, which a full disk does not name."""
    try:
        yield
    except OSError as error:
        after = f"; {then}" if then else ""
        raise DirectoryError(f"{path}: cannot be written: {error.strerror or error}{after}") from None
