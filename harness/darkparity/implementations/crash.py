"""What an exception out of an implementation stands for."""

from __future__ import annotations

from darkparity.errors import ImplementationFailure
from darkparity.formats.text import reason, said


def crash_of(error: BaseException) -> tuple[str, str]:
    """Kind (one of errors.CRASH_KINDS) and message of a crash, fit to be shown."""
    if isinstance(error, ImplementationFailure):
        return error.kind, reason(error)
    return "memory" if isinstance(error, MemoryError) else "exception", said(error)
