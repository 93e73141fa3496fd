"""A child process that may do anything: own process group, pipes with deadlines, limits, its last words.

POSIX. No thread, no temporary file and no code between fork and exec: the pipes are polled, limits are set
from outside, stderr is kept as a tail in memory.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from darkparity.errors import ImplementationFailure
from darkparity.formats.text import printable

from .guard import Guard

_PIPE = 1 << 20
_TAIL = 4096
_PIECES = 16
#: How often a silent child is looked after.
_LOOK_SECONDS = 0.1
#: How long a child that closed a pipe may take to die, so that its death can be told from its silence.
_DYING_SECONDS = 0.5
_F_SETPIPE_SZ = 1031
#: Words on stderr of a process that ran out of memory and ended itself.
_OUT_OF_MEMORY = ("bad_alloc", "MemoryError", "Cannot allocate memory", "out of memory", "Out of memory",
                  "memory allocation of")  # fmt: skip


class Died(ImplementationFailure):
    """The child failed. kind: exception, signal, memory, protocol or environment, as in a verdict."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(printable(message))
        self.kind = kind


class Expired(Exception):
    """The child did not answer in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:g} s")
        self.seconds = seconds


class Closed(Exception):
    """A pipe was closed by the other end; `got` bytes of what was being read had come."""

    def __init__(self, what: str, got: int = 0) -> None:
        super().__init__(f"closed its {what}")
        self.got = got


@dataclass(frozen=True)
class Limits:
    """seconds: per request; start_seconds: until `hello` is answered; memory_mb: writable, None: all."""

    seconds: float = 20.0
    start_seconds: float = 60.0
    memory_mb: int | None = None


class Child:
    """One running process. Every wait has a deadline; it never outlives us (guard.py)."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        memory_mb: int | None = None,
    ) -> None:
        self._guard = Guard()
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                start_new_session=True, env=None if environment is None else {**os.environ, **environment},
            )  # fmt: skip
            self._guard.watch(self._process.pid)
        except BaseException:
            self._guard.end()
            raise
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self._in, self._out, self._err = self._process.stdin, self._process.stdout, self._process.stderr
        self._tail = b""
        for pipe in (self._in, self._out, self._err):
            os.set_blocking(pipe.fileno(), False)
        _widen(self._in.fileno())
        _widen(self._out.fileno())
        _limit(self._process.pid, memory_mb)

    def write(self, data: bytes | memoryview, deadline: float) -> None:
        """Send all of `data`. Raises TimeoutError, Closed."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._in.fileno(), view[:_PIPE]) :]
            except BlockingIOError:
                self._wait(self._in.fileno(), select.POLLOUT, deadline, "standard input")
            except BrokenPipeError:
                raise Closed("standard input") from None

    def fill(self, buffer: memoryview, deadline: float) -> None:
        """Read exactly as many bytes as `buffer` takes. Raises TimeoutError, Closed."""
        got = 0
        while got < len(buffer):
            count = self._out.readinto(buffer[got:])  # type: ignore[attr-defined]
            if count is None:
                self._wait(self._out.fileno(), select.POLLIN, deadline, "standard output", got)
            elif count == 0:
                raise Closed("standard output", got)
            else:
                got += count

    def stray(self) -> bytes:
        """What is on its standard output now though nothing was asked."""
        return self._out.read(64) or b""

    def words(self) -> str:
        """The end of what it wrote to stderr, fit to be shown."""
        self._listen()
        return printable(self._tail.decode("utf-8", "replace").strip(), _TAIL)

    def forget(self) -> None:
        """Drop what it wrote to stderr so far: it belongs to an earlier request."""
        self._listen()
        self._tail = b""

    def death(self) -> Died | None:
        """How it ended by itself, if it ends within a moment; None if it lives on or just left (status 0)."""
        end = self._end(_DYING_SECONDS)
        if end is None:
            return None
        exhausted = any(word in self.words() for word in _OUT_OF_MEMORY)
        if end.si_code != os.CLD_EXITED:
            return _signalled(end.si_status, exhausted)
        kind = "memory" if exhausted else "exception"
        return Died(kind, f"ended with exit status {end.si_status}") if end.si_status else None

    def close(self, patience: float = 0.0) -> None:
        """End it and everything in its process group; `patience` seconds for it to leave by itself."""
        if self._process.returncode is not None:  # reaped: its id may be another's by now
            return
        try:
            with contextlib.suppress(OSError):
                self._in.close()
            self._end(patience)
        finally:  # a second Ctrl-C cuts the patience short, not this
            self._guard.end()
            self._process.wait()
            self._out.close()
            self._err.close()

    def _end(self, patience: float) -> os.waitid_result | None:
        """How it ended, within `patience` seconds; it stays to be reaped, so that its id stays its own."""
        deadline = time.monotonic() + patience
        how = os.WEXITED | os.WNOWAIT | os.WNOHANG
        while (end := os.waitid(os.P_PID, self._process.pid, how)) is None and time.monotonic() < deadline:
            time.sleep(0.001)
        return end

    def _wait(self, descriptor: int, event: int, deadline: float, what: str, got: int = 0) -> None:
        """A moment, or until `descriptor` is ready; stderr is drained so that it never blocks the child.

        A dead child's pipes may be held open by what it started: then they count as closed.
        """
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        poll = select.poll()
        poll.register(descriptor, event)
        poll.register(self._err.fileno(), select.POLLIN)
        ready = [d for d, _ in poll.poll(1000 * min(left, _LOOK_SECONDS))]
        if descriptor in ready or self._listen():
            return
        if self._end(0.0) is not None and descriptor not in [d for d, _ in poll.poll(0)]:
            raise Closed(what, got)
        if ready:  # a closed stderr is always ready: do not spin on it
            time.sleep(0.001)

    def _listen(self) -> bool:
        """Take in what stderr holds; whether there was any."""
        heard = False
        for _ in range(_PIECES):  # a child that never stops must not keep us here
            piece = self._err.read(_PIPE)
            if not piece:
                break
            self._tail = (self._tail + piece)[-_TAIL:]
            heard = True
        return heard


def _signalled(number: int, exhausted: bool) -> Died:
    """A death by signal; an unasked SIGKILL is the kernel's, short of memory."""
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    said = f"{name} ({signal.strsignal(number)})"
    if number == signal.SIGKILL:
        return Died("memory", f"{said}: killed by the system, which does so when memory runs out")
    return Died("memory" if exhausted else "signal", said)


def _widen(descriptor: int) -> None:
    """A larger pipe means fewer turns for large arrays; where the system refuses, the small one works too."""
    import fcntl

    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE)


def _limit(pid: int, memory_mb: int | None) -> None:
    """Linux: no core file, first to go when the machine runs out of memory, and `memory_mb` if given."""
    import resource

    if not hasattr(resource, "prlimit"):
        return
    with contextlib.suppress(OSError):
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
    if memory_mb is not None:
        with contextlib.suppress(ProcessLookupError):
            size = memory_mb << 20
            resource.prlimit(pid, resource.RLIMIT_DATA, (size, size))
