"""Keeps the judge out of a process that answers: what is right cannot be imported where answers are made.

In the way, not locked: code may take this out of its own process again, or start another.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

#: What an implementation, and what serves it, may need of this package. Rooms are refused unless they stand here.
OPEN = frozenset({
    "errors", "ending", "request", "dialects", "spec", "formats", "implementations", "cli", "__main__", "_core",
})  # fmt: skip


class JudgeRefused(ImportError):
    """An implementation in a process of its own asked for a part of the judge."""


class _Barrier(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Never finds anything. Raises JudgeRefused."""
        package, _, inner = name.partition(".")
        if package == "darkparity" and inner and inner.partition(".")[0] not in OPEN:
            raise JudgeRefused(f"{name} belongs to the judge, which an isolated implementation cannot ask", name=name)
        return None


@contextmanager
def apart() -> Iterator[None]:
    """Refuse the import of everything that judges, for as long as this lasts."""
    barrier = _Barrier()
    sys.meta_path.insert(0, barrier)
    try:
        yield
    finally:
        with suppress(ValueError):  # it may be gone already
            sys.meta_path.remove(barrier)
