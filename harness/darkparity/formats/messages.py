"""The wire format: safetensors messages back to back, each with one JSON object in its metadata.

A safetensors header states its own length and, by its largest `data_offsets`, the length of the body: a
stream of messages needs no other framing. docs/protocol.md is the same for who writes the other end.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from darkparity.dialects import Dialect
from darkparity.errors import ProtocolError
from darkparity.spec import OPERATIONS

from .json_arrays import CodecError, parse_json

VERSION = 1
MAX_HEADER = 1 << 20
MAX_BODY = 4 << 30
HELLO, REQUEST, RESULT, ERROR, BYE = "hello", "run", "result", "error", "bye"
KINDS = (HELLO, REQUEST, RESULT, ERROR, BYE)
PREFIX = 8

#: Fills the whole buffer from a stream. Raises EndOfStream, or whatever else ends the reading.
Fill = Callable[[memoryview], None]


class WireError(ProtocolError):
    """Bytes that are no message of this protocol, or a message that does not answer the request."""


class HalfMessage(WireError):
    """The stream ended inside a message."""


class EndOfStream(EOFError):
    """The other end closed the stream; `got` bytes of the piece being read had come."""

    def __init__(self, got: int = 0) -> None:
        super().__init__(f"the stream ended after {got} bytes")
        self.got = got


@dataclass(frozen=True)
class Message:
    """`content` is the JSON object, `arrays` are float32."""

    content: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.content["kind"])


def encode(content: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None) -> bytes:
    """One message as bytes. `version` is added. Raises WireError if it would break a limit."""
    text = json.dumps({"version": VERSION, **content}, allow_nan=False)
    contiguous = {name: np.ascontiguousarray(array) for name, array in (arrays or {}).items()}
    for name, array in contiguous.items():
        if array.dtype != np.float32:
            raise WireError(f"{name} has dtype {array.dtype}; only float32 travels")
    data = save(contiguous, {"message": text})
    _check_length(int.from_bytes(data[:PREFIX], "little"), data[:PREFIX])
    if sum(a.nbytes for a in contiguous.values()) > MAX_BODY:
        raise WireError(f"arrays of more than {MAX_BODY} bytes do not travel in one message")
    return data


def read(fill: Fill, max_body: int = MAX_BODY, bare: Mapping[str, Any] | None = None) -> Message:
    """The next message. Raises WireError, and EndOfStream if the stream ends where one would start.

    bare: the content to assume for arrays without `message`.
    """
    prefix = bytearray(PREFIX)
    try:
        fill(memoryview(prefix))
    except EndOfStream as error:
        if not error.got:
            raise
        raise HalfMessage(f"half a message: the stream ended after {error.got} of {PREFIX} bytes "
                          "of the header length") from None  # fmt: skip
    (length,) = struct.unpack("<Q", prefix)
    _check_length(length, bytes(prefix))
    header = bytearray(length)
    _rest(fill, memoryview(header), "header")
    parsed = _header(bytes(header))
    body = bytearray(_body_length(parsed, max_body))
    _rest(fill, memoryview(body), "body")
    return _message(b"".join((prefix, header, body)), parsed, bare)


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


def _rest(fill: Fill, buffer: memoryview, part: str) -> None:
    try:
        fill(buffer)
    except EndOfStream as error:
        raise HalfMessage(f"half a message: the stream ended after {error.got} of {len(buffer)} bytes "
                          f"of the {part}") from None  # fmt: skip


def _check_length(length: int, prefix: bytes) -> None:
    if 2 <= length <= MAX_HEADER:
        return
    text = all(32 <= byte < 127 or byte in b"\t\r\n" for byte in prefix)
    hint = ": this is text; only messages may go to standard output" if text else ""
    raise WireError(
        f"a message starts with its header length, 2 to {MAX_HEADER}, got {length} ({prefix!r}){hint}"
    )


def _body_length(header: Mapping[str, Any], limit: int) -> int:
    """Length of the body; dtypes and limits are checked, so that nothing is allocated for nonsense."""
    ends = [_end(name, row) for name, row in header.items() if name != "__metadata__"]
    if max(ends, default=0) > limit:
        raise WireError(f"the header announces a body of {max(ends)} bytes; the limit here is {limit}")
    return max(ends, default=0)


def _header(header: bytes) -> dict[str, Any]:
    try:
        parsed = parse_json(header.decode("utf-8"))
    except (UnicodeDecodeError, CodecError, RecursionError) as error:
        raise WireError(f"the header is no strict JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise WireError("the header is no JSON object")
    return parsed


def _end(name: str, row: Any) -> int:
    """Where the bytes of one array end, after a look at its dtype, shape and offsets."""
    try:
        dtype, shape, (begin, end) = row["dtype"], row["shape"], row["data_offsets"]
    except (TypeError, KeyError, ValueError):
        raise WireError(f"{name}: needs dtype, shape and data_offsets [begin, end]") from None
    if dtype != "F32":
        raise WireError(f"{name} has dtype {dtype}; only F32 travels")
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in (*shape, begin, end)):
        raise WireError(f"{name}: shape {shape} and data_offsets [{begin}, {end}] must be counts")
    if end - begin != 4 * math.prod(shape):
        raise WireError(
            f"{name}: shape {shape} needs {4 * math.prod(shape)} bytes, data_offsets say {end - begin}"
        )
    return int(end)


def _message(data: bytes, header: Mapping[str, Any], bare: Mapping[str, Any] | None) -> Message:
    try:
        arrays = load(data)
    except (SafetensorError, ValueError) as error:
        raise WireError(f"not safetensors: {error} (gaps and overlaps between data_offsets count)") from None
    metadata = header.get("__metadata__")
    text = metadata.get("message") if isinstance(metadata, dict) else None
    if text is None and bare is not None:
        return Message(bare, arrays)
    if not isinstance(text, str):
        raise WireError("the header's __metadata__ has no text `message`")
    return Message(_content(text), arrays)


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


def request(
    seq: int, operation: str, dialect: Dialect, attributes: Mapping[str, Any], outputs: tuple[str, ...]
) -> dict[str, Any]:
    """The content of a `run` request."""
    kinds = OPERATIONS[operation].attributes
    return {
        "kind": REQUEST,
        "seq": seq,
        "operation": operation,
        "dialect": dialect.name,
        "constants": constants(dialect, str(attributes.get("type", "BATCHNORM"))),
        "attributes": {n: _hex(float(v)) if kinds.get(n) is float else v for n, v in attributes.items()},
        "outputs": list(outputs),
    }


def attributes_of(operation: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a request with floats read back. Raises WireError."""
    kinds = OPERATIONS[operation].attributes
    try:
        return {n: float.fromhex(v) if kinds.get(n) is float else v for n, v in sent.items()}
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"{operation}: a float attribute must be a hex string: {error}") from None


_EPSILONS = ("normalize", "mean_delta", "variance_delta", "normalize_delta")
_CHOICES = (
    "variance_ddof",
    "rolling_ddof",
    "initial_rolling_variance",
    "backward",
    "saved_statistic",
    "saves_x",
    "saves_x_norm",
    "inference_backward",
    "least_divisor",
    "rolling_updated_in",
    "rolling_weight",
)


def constants(dialect: Dialect, layer_type: str) -> dict[str, Any]:
    """A dialect's row for one layer type, flat: a port that reads these needs no table of its own."""
    row: dict[str, Any] = {}
    for name in _EPSILONS:
        epsilon = getattr(dialect, name)
        row |= {f"{name}_epsilon": epsilon.value, f"{name}_place": epsilon.place}
    rolling = dialect.rolling_of(layer_type)
    row |= {"rolling_decay": rolling.decay, "rolling_gain": rolling.gain}
    row |= {name: getattr(dialect, name) for name in _CHOICES}
    row["bias_gradient"] = layer_type in dialect.bias_gradient
    return {name: _hex(value) for name, value in row.items()}


def _hex(value: Any) -> Any:
    """Floats as C99 hex text, which loses no bit; everything else as it is."""
    return float(value).hex() if isinstance(value, float | np.floating) else value
