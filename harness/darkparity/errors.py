"""Every error of darkparity's own, each with the exit code that it ends a command with."""

from __future__ import annotations

#: Exit codes; the highest wins. INTERRUPTED is the shell's for Ctrl-C (128 + SIGINT).
CONFORMS, DEVIATES, USAGE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130


class DarkparityError(Exception):
    """The base of all; on its own a fault of the harness."""

    exit_code = FAULT


class UsageError(DarkparityError, ValueError):
    """What the user gave cannot be used; the message says what is wrong, where, and what to do."""

    exit_code = USAGE


#: Kinds of the verdict Crashed.
CRASH_KINDS = ("exception", "signal", "memory", "protocol", "environment")


class ImplementationFailure(DarkparityError):
    """An implementation failed, which becomes the verdict Crashed. kind: one of CRASH_KINDS."""

    exit_code = DEVIATES
    kind = "exception"


class ProtocolError(ImplementationFailure):
    """What came back is not the output arrays; says which, what was expected and what came."""

    kind = "protocol"
