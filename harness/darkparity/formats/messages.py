"""The wire protocol's messages: one JSON object each, and arrays. docs/protocol.md is for who writes the other end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.spec import OPERATIONS, Arrays, Call

from .frames import MAX_BODY, PREFIX, EndOfStream, Fill, HalfMessage, WireError, frame, read_frame
from .strict_json import CodecError, parse_json

__all__ = ["PREFIX", "EndOfStream", "Fill", "HalfMessage", "WireError"]

VERSION = 1
HELLO, REQUEST, RESULT, ERROR, BYE = "hello", "run", "result", "error", "bye"
KINDS = (HELLO, REQUEST, RESULT, ERROR, BYE)
#: Words of an `error` message beside the kinds of a crash.
UNSUPPORTED, FAILED = "unsupported", "failed"


@dataclass(frozen=True)
class Message:
    """`content` is the JSON object, `arrays` are float32, writable views of one buffer."""

    content: Mapping[str, Any]
    arrays: Arrays = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.content["kind"])


def encode(content: Mapping[str, Any], arrays: Arrays | None = None) -> bytes:
    """One message as bytes: `pieces` joined."""
    return b"".join(pieces(content, arrays))


def pieces(content: Mapping[str, Any], arrays: Arrays | None = None) -> list[memoryview]:
    """One message as buffers to be written one after the other, the arrays' own memory among them.

    `version` is added. Raises WireError if it would break a limit.
    """
    return frame(json.dumps({"version": VERSION, **content}, allow_nan=False), arrays or {})


def read(fill: Fill, max_body: int = MAX_BODY, bare: Mapping[str, Any] | None = None) -> Message:
    """The next message. Raises WireError, and EndOfStream if the stream ends where one would start.

    bare: the content to assume for arrays without `message`.
    """
    text, arrays = read_frame(fill, max_body)
    if text is not None:
        return Message(_content(text), arrays)
    if bare is None:
        raise WireError("the header's __metadata__ has no text `message`")
    return Message(bare, arrays)


def decode(data: bytes, bare: Mapping[str, Any] | None = None) -> Message:
    """A message that fills `data` exactly. Raises WireError."""
    view, position = memoryview(data), 0

    def fill(buffer: memoryview) -> None:
        nonlocal position
        piece = view[position : position + len(buffer)]
        position += len(piece)
        if len(piece) < len(buffer):
            raise EndOfStream(len(piece))
        buffer[:] = piece

    try:
        message = read(fill, bare=bare)
    except EndOfStream as error:
        raise WireError(f"{len(data)} bytes are not even a header length: {error}") from None
    if position != len(data):
        raise WireError(f"{len(data) - position} bytes follow the message")
    return message


def _content(text: str) -> dict[str, Any]:
    try:
        content = parse_json(text)
    except (CodecError, RecursionError) as error:
        raise WireError(f"`message` is no strict JSON: {error}") from None
    return checked(content)


def checked(content: Any) -> dict[str, Any]:
    """The content of a message, if it is of this version and a known kind. Raises WireError."""
    if not isinstance(content, dict):
        raise WireError("`message` is no JSON object")
    if content.get("version") != VERSION:
        raise WireError(f"version {content.get('version')!r} of the protocol; this is {VERSION}")
    if content.get("kind") not in KINDS:
        raise WireError(f"unknown kind of message {content.get('kind')!r}; known: {', '.join(KINDS)}")
    return content


def request(seq: int, call: Call, outputs: Sequence[str]) -> dict[str, Any]:
    """The content of a `run` request."""
    kinds = OPERATIONS[call.operation].attributes
    return {
        "kind": REQUEST,
        "seq": seq,
        "operation": call.operation,
        "dialect": call.dialect.name,
        "constants": constants(call.dialect, str(call.attributes.get("type", "BATCHNORM"))),
        "attributes": {n: _hex(float(v)) if kinds.get(n) is float else v for n, v in call.attributes.items()},
        "outputs": list(outputs),
    }


def attributes_of(operation: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a request with floats read back. Raises WireError."""
    kinds = OPERATIONS[operation].attributes
    try:
        return {n: float.fromhex(v) if kinds.get(n) is float else v for n, v in sent.items()}
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"{operation}: a float attribute must be a hex string: {error}") from None


def constants(dialect: Dialect, layer_type: str) -> dict[str, Any]:
    """A dialect's row for one layer type, flat: a port that reads these needs no table of its own."""
    return {c.name: _hex(c.value) for c in dialect.constants(layer_type)}


def _hex(value: Any) -> Any:
    """Floats as C99 hex text, which loses no bit; everything else as it is."""
    return float(value).hex() if isinstance(value, float | np.floating) else value
