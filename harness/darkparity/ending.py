"""What ends a run: the user's signals, always; what the code of others raises, never."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from darkparity.errors import ImplementationFailure

#: What a terminal, a shell that goes away and a CI's time limit send. SIGQUIT keeps its own meaning, an end at
#: once: the way out where code that never returns to Python keeps the others from being noticed.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: A signal within this time of the last is the same wish: `timeout`, `make` and others pass on what the terminal
#: has sent already, and the second must not break off the orderly end. Afterwards it ends whatever still runs.
_SAME_SECONDS = 1.0


class Interrupted(BaseException):
    """A signal asked for the end; `exit_code` is the shell's for it.

    Raised by `orderly` alone, so that a port's KeyboardInterrupt is told apart; no KeyboardInterrupt itself, of which
    typer would make a silent exit.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class WouldEnd(ImplementationFailure):
    """The code of others raised what ends a process, SystemExit for example: it failed, nothing else."""


class _Handler:
    """Raises Interrupted when a signal comes; remembers that it did."""

    def __init__(self) -> None:
        self.asked: int | None = None
        self._last = float("-inf")

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - self._last >= _SAME_SECONDS:
            self._last, self.asked = now, number
            raise Interrupted(number)


@contextmanager
def orderly() -> Iterator[None]:
    """Raise Interrupted where a signal would have ended the process, so that everything is put away.

    Signals that are ignored (`nohup`) stay so. Outside the main thread, where Python allows no handlers, this does
    nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = _Handler()
    before = {s: signal.getsignal(s) for s in SIGNALS if signal.getsignal(s) is not signal.SIG_IGN}
    try:
        for number in before:
            signal.signal(number, handler)
        yield
    finally:
        for number, found in before.items():
            signal.signal(number, found)


@contextmanager
def contained() -> Iterator[None]:
    """Run the code of others. Raises WouldEnd for what is no Exception; Interrupted if the user asked for the end.

    Without `orderly` a KeyboardInterrupt may be the user's, and is taken to be.
    """
    handler = _in_force()
    try:
        yield
    except Exception:
        _heed(handler)  # it may have swallowed Interrupted
        raise
    except BaseException as error:
        _heed(handler)
        if isinstance(error, KeyboardInterrupt) and handler is None:
            raise
        raise WouldEnd(f"it raised {type(error).__name__}, which ends a process") from error
    _heed(handler)


def _in_force() -> _Handler | None:
    return next((h for s in SIGNALS if isinstance(h := signal.getsignal(s), _Handler)), None)


def _heed(handler: _Handler | None) -> None:
    if handler is not None and handler.asked is not None:
        raise Interrupted(handler.asked) from None
