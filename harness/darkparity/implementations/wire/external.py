"""An implementation in a child process: any language, or any of ours kept away from this process.

One request at a time; after anything but an answer the child is replaced by a fresh one. docs/protocol.md.
"""

from __future__ import annotations

import contextlib
import math
import os
import shlex
import shutil
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from darkparity.dialects import DEFAULT, check_name
from darkparity.errors import CRASH_KINDS, ProtocolError, UsageError
from darkparity.formats import messages
from darkparity.formats.text import printable
from darkparity.implementations.binding import PortError
from darkparity.implementations.protocol import EVERY, LABELS, Description, NotInstalled, NotOffered
from darkparity.implementations.returned import outputs_in
from darkparity.spec import OPERATIONS, TRAINING_RUN, Call, check_call

from .child import Child, Closed, Died, Expired, Limits

__all__ = ["Died", "Expired", "External", "Limits", "isolated"]

#: After so many starts in a row that came to nothing, nobody waits for another.
_STARTS = 3
_GOODBYE_SECONDS = 1.0
_SMALL = 1 << 20


class External:
    """The program `command` as an Implementation. Raises PortError where there is no such program."""

    def __init__(
        self,
        command: Sequence[str],
        limits: Limits | None = None,
        environment: Mapping[str, str] | None = None,
        dialect: str | None = None,
    ) -> None:
        self._command = [_program(command), *command[1:]]
        self._limits = limits or Limits()
        self._environment = environment
        self._claimed = dialect
        self._child: Child | None = None
        self._seq = 0
        self._failure: Died | Expired | None = None
        self._failures = 0
        self._description: Description | None = None
        self._finalizer: weakref.finalize[[], External] | None = None
        #: How long the function of the last answered call took by the program's own clock; None if it does not say.
        self.reported_seconds: float | None = None

    def describe(self) -> Description:
        """What it says of itself. One that fails to say is taken to offer all: every case shows why."""
        if self._description is None:
            try:
                self._start()
            except (Died, Expired) as error:
                self._failure, self._failures = error, _STARTS
                self._description = Description(
                    Path(self._command[0]).name, "unknown", (EVERY,),
                    tuple(n for n in OPERATIONS if n != TRAINING_RUN), details=f"no handshake: {error}",
                )  # fmt: skip
        assert self._description is not None
        return self._description

    def run(self, call: Call, outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Ask it. Raises ContractError, NotOffered, Died, Expired."""
        check_call(call)
        if call.operation not in self.describe().operations:
            raise NotOffered(f"{self.describe().name} has no {call.operation}")
        self._start()
        self._seq += 1
        asked = messages.pieces(messages.request(self._seq, call, tuple(outputs or call.outputs)), call.arrays)
        room = 2 * sum(4 * math.prod(call.shape_of(name)) for name in call.outputs) + _SMALL
        reply = self._exchange(asked, call.operation, self._limits.seconds, room)
        if reply.kind == messages.ERROR:
            raise refusal(reply.content, self._words())
        told = reply.content.get("seconds")
        self.reported_seconds = float(told) if isinstance(told, int | float) and told > 0 else None
        return self._results(call, reply)

    def close(self) -> None:
        """Say goodbye and leave no process behind."""
        if self._child is not None:
            with contextlib.suppress(Closed, TimeoutError):
                goodbye = messages.encode({"kind": messages.BYE, "seq": self._seq + 1})
                self._child.write(goodbye, time.monotonic() + _GOODBYE_SECONDS)
            self._drop(_GOODBYE_SECONDS)

    def __repr__(self) -> str:
        return f"<external {shlex.join(self._command)}>"

    def _start(self) -> None:
        """A child that has answered `hello`."""
        if self._child is not None:
            return
        if self._failure is not None and self._failures >= _STARTS:
            raise self._failure
        try:
            self._child = Child(self._command, self._environment, self._limits.memory_mb)
            self._finalizer = weakref.finalize(self, self._child.close)  # at exit, too
            self._seq = 0
            self._greet()
            self._failures = 0
        except (Died, Expired) as error:
            self._failure, self._failures = error, self._failures + 1
            raise
        except OSError as error:
            raise PortError(f"{self._command[0]}: cannot be started: {error.strerror}") from None

    def _greet(self) -> None:
        hello = messages.pieces({"kind": messages.HELLO, "seq": 0})
        reply = self._exchange(hello, "the handshake", self._limits.start_seconds, _SMALL)
        if reply.kind == messages.ERROR:
            self._drop()
            missing = reply.content.get("error") == messages.UNSUPPORTED
            raise (NotInstalled if missing else PortError)(printable(str(reply.content.get("reason"))))
        try:
            told = described_by(reply.content, Path(self._command[0]).name, self._claimed)
        except messages.WireError as error:
            raise self._broken(error, "the handshake") from None
        self._description = self._description or told

    def _exchange(self, asked: Sequence[memoryview], where: str, seconds: float, room: int) -> messages.Message:
        """One request and its reply; whatever else happens ends the child."""
        child = self._child
        assert child is not None
        deadline = time.monotonic() + seconds
        try:
            if stray := child.stray():
                raise messages.WireError(f"{stray!r} on its standard output before the request was sent")
            child.forget()
            for piece in asked:
                child.write(piece, deadline)
            reply = messages.read(_filler(child, deadline), room)
            self._check(reply)
            return reply
        except TimeoutError:
            self._drop()
            raise Expired(seconds) from None
        except (Closed, messages.WireError) as error:
            raise self._broken(error, where) from None

    def _check(self, reply: messages.Message) -> None:
        """That a reply answers the last request, and nothing follows it."""
        expected = (messages.HELLO if self._seq == 0 else messages.RESULT, messages.ERROR)
        if reply.kind not in expected:
            raise messages.WireError(f"the reply is {reply.kind!r}, expected {' or '.join(expected)}")
        if reply.content.get("seq") != self._seq:
            raise messages.WireError(_other_seq(reply.content.get("seq"), self._seq))
        assert self._child is not None
        if stray := self._child.stray():
            raise messages.WireError(f"{stray!r} follows the reply on its standard output")

    def _results(self, call: Call, reply: messages.Message) -> dict[str, np.ndarray]:
        try:
            return outputs_in(call, reply.arrays)
        except ProtocolError as error:
            raise self._broken(error, call.operation) from None

    def _broken(self, error: Exception, where: str) -> Died:
        """What ended the conversation: the child's death if it died, else what it wrote."""
        assert self._child is not None
        silent = isinstance(error, Closed | messages.EndOfStream | messages.HalfMessage)
        wrong = Died("protocol", f"it {error} without an answer" if isinstance(error, Closed) else str(error))
        death = (self._child.death() if silent else None) or wrong
        words = self._words()
        self._drop()
        return Died(death.kind, f"{death} in {where}{words}")

    def _words(self) -> str:
        words = self._child.words() if self._child else ""
        return f"; stderr: {words[-800:]}" if words else ""

    def _drop(self, patience: float = 0.0) -> None:
        if self._child is not None:
            self._child.close(patience)
            self._child = None
        if self._finalizer is not None:
            self._finalizer.detach()


def isolated(text: str, limits: Limits | None = None, dialect: str | None = None) -> External:
    """Any implementation, by the name `load` takes, in a child of its own."""
    command = [
        sys.executable,
        "-m",
        "darkparity",
        "serve",
        text,
        *(["--dialect", dialect] if dialect else []),
    ]
    # Our child imports what we import, and finds modules of the current directory as we do.
    path = os.pathsep.join(p for p in sys.path if p)
    return External(command, limits, {"PYTHONPATH": path})


def _program(command: Sequence[str]) -> str:
    found = shutil.which(command[0]) if command else None
    if found is None:
        raise PortError(f"{shlex.join(command) or 'empty command'}: no such program, or it may not be executed")
    return found


def _filler(child: Child, deadline: float) -> messages.Fill:
    def fill(buffer: memoryview) -> None:
        try:
            child.fill(buffer, deadline)
        except Closed as error:
            if not error.got and len(buffer) == messages.PREFIX:
                raise
            raise messages.EndOfStream(error.got) from None

    return fill


def _other_seq(got: object, asked: int) -> str:
    """Relative: the number of a request depends on what else a run asks."""
    if not isinstance(got, int):
        return f"the reply carries seq {got!r}, not the request's number"
    side = "low" if got < asked else "high"
    return f"the reply answers another request: its seq is {abs(got - asked)} too {side}"


def refusal(content: Mapping[str, Any], words: str = "") -> Exception:
    """An `error` reply as the exception that stands for its verdict."""
    word, reason = content.get("error"), str(content.get("reason", "no reason given"))
    if word == messages.UNSUPPORTED:
        return NotOffered(printable(reason))
    return Died(str(word) if word in CRASH_KINDS else "exception", reason + words)


def described_by(content: Mapping[str, Any], program: str, claimed: str | None = None) -> Description:
    """The declaration in a `hello` reply. Raises WireError."""
    dialects = _listed(content, "dialects", (claimed or DEFAULT,))
    for name in dialects:
        _check_dialect(name)
    operations = _names(content, "operations", OPERATIONS, ())
    if not operations:
        raise messages.WireError("hello: `operations` is missing or empty")
    return Description(
        name=str(content.get("name", program)),
        version=str(content.get("implementation_version", "unversioned")),
        dialects=dialects,
        operations=tuple(n for n in operations if n != TRAINING_RUN),
        labels=frozenset(_names(content, "labels", LABELS, ())),
        details=str(content.get("details", "")),
    )


def _check_dialect(name: str) -> None:
    try:
        if name != EVERY:
            check_name(name)
    except UsageError as error:
        raise messages.WireError(f"hello: `dialects`: {error}") from None


def _names(
    content: Mapping[str, Any], key: str, known: Mapping[str, Any] | Sequence[str], default: tuple[str, ...]
) -> tuple[str, ...]:
    given = _listed(content, key, default)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise messages.WireError(f"hello: unknown {key} {', '.join(unknown)}; known: {', '.join(known)}")
    return given


def _listed(content: Mapping[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    given = content.get(key, list(default))
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise messages.WireError(f"hello: `{key}` must be a list of names, got {given!r}")
    return tuple(given)
