"""The answering end of the wire protocol, around any implementation of ours: `darkparity serve IMPL`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import BinaryIO

from darkparity.dialects import is_named, named
from darkparity.formats import messages
from darkparity.implementations.crash import crash_of
from darkparity.implementations.port import EnvironmentChanged, PortError, changed_modes
from darkparity.implementations.protocol import Description, Implementation, NotInstalled, NotOffered
from darkparity.spec import OPERATIONS, Call

from .apart import apart

Load = Callable[[], Implementation]
Pieces = Sequence[memoryview]


def serve(load: Load) -> int:
    """Answer requests on stdin until it ends. Nothing but messages reaches stdout: prints go to stderr."""
    requests, replies = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    with requests, replies, apart():
        return _Server(load, requests, replies).run()


class _Server:
    def __init__(self, load: Load, requests: BinaryIO, replies: BinaryIO) -> None:
        self._load, self._requests, self._replies = load, requests, replies
        self._implementation: Implementation | None = None

    def run(self) -> int:
        while True:
            try:
                asked = messages.read(self._fill)
                if asked.kind == messages.BYE:
                    return 0
                _write(self._replies, self._answer(asked))
            except (messages.EndOfStream, BrokenPipeError):  # nobody asks or listens any more
                return 0
            except messages.WireError as error:  # where the next message starts is anybody's guess
                _write(self._replies, _error(None, error))
                return 2

    def _answer(self, asked: messages.Message) -> Pieces:
        seq = asked.content.get("seq")
        answers = {messages.HELLO: self._hello, messages.REQUEST: self._run}
        try:
            if asked.kind not in answers:
                raise messages.WireError(f"a request is {', '.join(answers)} or {messages.BYE}, not {asked.kind}")
            return answers[asked.kind](asked, seq)
        except Exception as error:  # whatever an implementation does becomes a reply
            return _error(seq, error)

    def _hello(self, asked: messages.Message, seq: object) -> Pieces:
        try:
            self._implementation = self._implementation or self._load()
        except NotInstalled as error:
            raise NotOffered(str(error)) from error
        return messages.pieces({"kind": messages.HELLO, "seq": seq, **_description(self._implementation.describe())})

    def _run(self, asked: messages.Message, seq: object) -> Pieces:
        if self._implementation is None:
            raise messages.WireError("hello comes first")
        content = asked.content
        operation, dialect = str(content.get("operation")), str(content.get("dialect"))
        if operation not in OPERATIONS or not is_named(dialect):
            raise NotOffered(f"no operation {operation!r} in dialect {dialect!r} here")
        attributes = messages.attributes_of(operation, content["attributes"])
        call = Call(operation, named(dialect), asked.arrays, attributes)
        results = self._implementation.run(call, tuple(content["outputs"]))
        if wrong := changed_modes():
            raise EnvironmentChanged(f"{operation} changed the floating-point modes: {wrong}")
        return messages.pieces({"kind": messages.RESULT, "seq": seq}, results)

    def _fill(self, buffer: memoryview) -> None:
        got = 0
        while got < len(buffer):
            count = self._requests.readinto(buffer[got:])  # type: ignore[attr-defined]
            if not count:
                raise messages.EndOfStream(got)
            got += count


def _write(stream: BinaryIO, pieces: Pieces) -> None:
    for piece in pieces:
        while piece:
            piece = piece[stream.write(piece) :]


def _error(seq: object, error: Exception) -> Pieces:
    kind, reason = crash_of(error)
    if isinstance(error, NotOffered | PortError):
        kind, reason = messages.UNSUPPORTED if isinstance(error, NotOffered) else kind, str(error)
    word = messages.FAILED if kind == "exception" else kind
    return messages.pieces({"kind": messages.ERROR, "seq": seq, "error": word, "reason": reason})


def _description(said: Description) -> dict[str, object]:
    return {
        "name": said.name,
        "implementation_version": said.version,
        "dialects": list(said.dialects),
        "operations": list(said.operations),
        "labels": sorted(said.labels),
        "details": said.details,
    }
