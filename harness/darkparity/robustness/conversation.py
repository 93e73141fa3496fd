"""Messages on the wire, as either end reads them."""

from __future__ import annotations

import io
import json
import struct
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from darkparity.dialects import DIALECTS
from darkparity.errors import ImplementationFailure, ProtocolError
from darkparity.formats import messages
from darkparity.implementations import load
from darkparity.implementations.protocol import NotInstalled, NotOffered
from darkparity.implementations.wire.child import Closed
from darkparity.implementations.wire.external import External
from darkparity.implementations.wire.serve import _Server
from darkparity.spec import Call

from .mutate import BYTES, TEXT
from .trial import Format

_ARRAYS = {"x": np.linspace(-1, 1, 12, dtype=np.float32).reshape(1, 3, 4)}
_CALL = Call("mean_cpu", DIALECTS["darknet"], _ARRAYS)


def message_formats() -> list[Format]:
    """Requests as `serve` reads them, replies as `check` reads them; whole, or with the header made whole."""
    asked = messages.request(1, _CALL, ("mean",))
    hello = {"kind": messages.HELLO, "seq": 0}
    described = {**hello, "name": "mine", "implementation_version": "1", "dialects": ["darknet"],
                 "operations": ["mean_cpu"], "labels": ["two_pass"], "details": "x"}  # fmt: skip
    result, mean = {"kind": messages.RESULT, "seq": 1, "seconds": 1e-6}, {"mean": np.zeros(3, np.float32)}
    error = {"kind": messages.ERROR, "seq": 1, "error": "failed", "reason": "no"}
    request, reply = messages.encode(asked, _ARRAYS), messages.encode(result, mean)
    greeting = messages.encode(described)
    return [
        Format("message", [request, reply, greeting], messages.decode, BYTES),
        Format("message, header", [_header(request)], messages.decode, TEXT, _framed),
        Format("message, content", [_text(asked), _text(described)], messages.decode, TEXT, _enclosed),
        Format("hello of a child", [greeting], _Asked(greeting).hello, BYTES),
        Format("hello of a child, content", [_text(described)], _Asked(greeting).hello, TEXT, _enclosed),
        Format("reply of a child", [reply], _Asked(greeting).run, BYTES),
        Format("reply of a child, content", [_text(result)], _Asked(greeting).run, TEXT, _with(mean)),
        Format("refusal of a child", [_text(error)], _Asked(greeting).refusal, TEXT, _enclosed),
        Format("request to serve", [request], _served, BYTES),
        Format("request to serve, content", [_text(asked)], _served, TEXT, _with(_ARRAYS)),
    ]  # fmt: skip


def _text(content: dict[str, Any]) -> bytes:
    return json.dumps({"version": messages.VERSION, **content}).encode()


def _header(message: bytes) -> bytes:
    return message[messages.PREFIX : messages.PREFIX + int.from_bytes(message[: messages.PREFIX], "little")]


def _framed(header: bytes) -> bytes:
    """With the header's length before it and the body of `x` after it."""
    return struct.pack("<Q", len(header)) + header + _ARRAYS["x"].tobytes()


def _enclosed(content: bytes) -> bytes:
    return _with({})(content)


def _with(arrays: dict[str, np.ndarray]) -> Callable[[bytes], bytes]:
    """A message of `arrays` whose content is any text."""

    def finish(content: bytes) -> bytes:
        rows, end = {}, 0
        for name, array in arrays.items():
            rows[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [end, end + array.nbytes]}
            end += array.nbytes
        text = json.dumps({"__metadata__": {"message": content.decode("utf-8", "replace")}, **rows}).encode()
        return struct.pack("<Q", len(text)) + text + b"".join(a.tobytes() for a in arrays.values())

    return finish


class _Scripted:
    """Answers with given bytes as a child process would."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def write(self, data: bytes, deadline: float) -> None:
        """Nothing listens."""

    def fill(self, buffer: memoryview, deadline: float) -> None:
        got = self._data.readinto(buffer)
        if got < len(buffer):
            raise Closed("standard output", got)

    def stray(self) -> bytes:
        return b""

    def words(self) -> str:
        return ""

    def forget(self) -> None:
        """There is nothing."""

    def death(self) -> None:
        """It lives."""

    def close(self, patience: float = 0.0) -> None:
        """It is none."""


class _Asked:
    """The asking end, with a child that says what it is told to."""

    def __init__(self, greeting: bytes) -> None:
        self._greeting = greeting

    def hello(self, data: bytes) -> object:
        return _answered(lambda: self._external(data)._greet())

    def run(self, data: bytes) -> object:
        external = self._external(self._greeting)
        external._greet()
        external._child = _Scripted(data)  # type: ignore[assignment]
        return _answered(lambda: external.run(_CALL))

    def refusal(self, data: bytes) -> object:
        """That an error reply becomes the failure that it states is what is accepted."""
        try:
            return self.run(data)
        except ImplementationFailure as failure:
            if failure.kind == "protocol":
                raise
            return failure

    def _external(self, data: bytes) -> External:
        external = External([sys.executable])
        external._child = _Scripted(data)  # type: ignore[assignment]
        return external


def _answered(ask: Callable[[], object]) -> object:
    """NotOffered and NotInstalled are verdicts that a child may give."""
    try:
        return ask()
    except (NotOffered, NotInstalled) as error:
        return str(error)


def _served(data: bytes) -> object:
    """A greeting, then `data`, to numpy. What `serve` refuses it says in a reply."""
    replies = io.BytesIO()
    hello = messages.encode({"kind": messages.HELLO, "seq": 0})
    _Server(lambda: load("numpy"), io.BytesIO(hello + data), replies).run()
    said = io.BytesIO(replies.getvalue())
    messages.read(_filler(said))
    try:
        reply = messages.read(_filler(said))
    except messages.EndOfStream:
        return None
    if reply.kind == messages.ERROR:
        raise ProtocolError(str(reply.content["reason"]))
    return reply


def _filler(stream: io.BytesIO) -> messages.Fill:
    def fill(buffer: memoryview) -> None:
        got = stream.readinto(buffer)
        if got < len(buffer):
            raise messages.EndOfStream(got)

    return fill
