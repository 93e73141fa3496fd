"""A file that changes as a whole or not at all, whoever else writes it and wherever its writer is killed.

Its next content is written beside it, to `.NAME.TOKEN.partial`, and renamed once it is whole. A writer holds a lock on
its own; those that nobody holds any more were left by killed ones, and the next to finish clears them.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_SUFFIX = ".partial"


class WholeFile:
    """The next content of `path`, written to `place` until `put`. Every OSError names `path`.

    A link is followed and stays. A pipe or a device is written directly: there is nothing to replace.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._target = path, path.resolve()
        self._written = hashlib.sha256()
        with _naming(path):
            self._direct = path.exists() and not path.is_file()
            self.place, self._stream = (path, path.open("wb")) if self._direct else _beside(self._target)

    def write(self, data: bytes) -> None:
        """Add to it; can be read at once."""
        with _naming(self._path):
            self._stream.write(data)
            self._stream.flush()
            self._written.update(data)

    @property
    def intact(self) -> bool:
        """Whether it holds what was written to it and nothing else."""
        return self._direct or hashlib.sha256(self.place.read_bytes()).digest() == self._written.digest()

    def put(self) -> None:
        """Replace the earlier file."""
        with _naming(self._path):
            if not self._direct:
                os.replace(self.place, self._target)
            self._stream.close()
        if not self._direct:
            _clear(self._target)

    def leave(self) -> None:
        """Keep what there is, in `place`."""
        with suppress(OSError):  # a full disk: what is buffered is lost
            self._stream.close()

    def drop(self) -> None:
        """Forget it; the earlier file stays."""
        self.leave()
        if not self._direct:
            self.place.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file. Raises OSError; an earlier one is then still there."""
    file = WholeFile(path)
    try:
        file.write(content)
        file.put()
    except BaseException:
        file.drop()
        raise


def _beside(path: Path) -> tuple[Path, IO[bytes]]:
    """A new file next to `path` and its stream, locked; another one if it was cleared before it was locked."""
    while True:
        place = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_SUFFIX}")
        stream = place.open("xb")
        _lock(stream.fileno(), wait=True)
        if place.exists():
            return place, stream
        stream.close()


def _clear(path: Path) -> None:
    """Remove what killed writers of `path` left, as far as we may."""
    with suppress(OSError):
        for place in path.parent.iterdir():
            if place.name.startswith(f".{path.name}.") and place.suffix == _SUFFIX:
                _clear_one(place)


def _clear_one(place: Path) -> None:
    with suppress(OSError):  # another one cleared it, or it is another user's
        handle = os.open(place, os.O_RDONLY)
        try:
            if _lock(handle):
                place.unlink()
        finally:
            os.close(handle)


def _lock(handle: int, wait: bool = False) -> bool:
    """Whether nobody else holds it; it ends with the process. Where a file system has no locks nobody clears."""
    import fcntl  # POSIX only, as are children and signals

    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
