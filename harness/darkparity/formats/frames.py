"""Framing of the wire: safetensors files back to back, each with one text in its metadata.

A safetensors header states its own length and, by its largest `data_offsets`, the length of the body: a
stream of them needs no other framing. Arrays are neither copied on their way out nor on their way in.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from darkparity.errors import ProtocolError
from darkparity.spec import Arrays

from .strict_json import CodecError, parse_json
from .text import printable

MAX_HEADER = 1 << 20
MAX_BODY = 4 << 30
#: NumPy's least limit on axes; an array with more, or a longer empty one, could not be made.
_MAX_RANK = 32
#: Bytes of the header's length; the header is padded to a multiple, so that the arrays are aligned in a file.
PREFIX = 8
#: What travels, whatever the byte order of the host.
_LITTLE = np.dtype("<f4")

#: Fills the whole buffer from a stream. Raises EndOfStream, or whatever else ends the reading.
Fill = Callable[[memoryview], None]


class WireError(ProtocolError):
    """Bytes that are no message of this protocol, or a message that does not answer the request.

    Its text quotes what the other end wrote, and is fit to be shown.
    """

    def __init__(self, text: str) -> None:
        super().__init__(printable(text))


class HalfMessage(WireError):
    """The stream ended inside a message."""


class EndOfStream(EOFError):
    """The other end closed the stream; `got` bytes of the piece being read had come."""

    def __init__(self, got: int = 0) -> None:
        super().__init__(f"the stream ended after {got} bytes")
        self.got = got


def frame(message: str, arrays: Arrays) -> list[memoryview]:
    """Length and header, then the memory of each array: to be written one after the other.

    Raises WireError if it would break a limit.
    """
    ready = {name: _contiguous(name, array) for name, array in sorted(arrays.items())}
    head = _head(message, ready)
    if sum(array.nbytes for array in ready.values()) > MAX_BODY:
        raise WireError(f"arrays of more than {MAX_BODY} bytes do not travel in one message")
    return [memoryview(head), *(array.reshape(-1).view(np.uint8).data for array in ready.values())]


def _contiguous(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype != np.float32:
        raise WireError(f"{name} has dtype {array.dtype}; only float32 travels")
    return np.ascontiguousarray(array, _LITTLE)


def _head(message: str, arrays: Arrays) -> bytes:
    """Header length and header, as safetensors writes them: compact, padded so that the arrays are aligned."""
    header: dict[str, Any] = {"__metadata__": {"message": message}}
    begin = 0
    for name, array in arrays.items():
        offsets = [begin, begin := begin + array.nbytes]
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": offsets}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % PREFIX)
    prefix = struct.pack("<Q", len(text))
    _check_length(len(text), prefix)
    return prefix + text


def read_frame(fill: Fill, max_body: int = MAX_BODY) -> tuple[str | None, dict[str, np.ndarray]]:
    """The next message's text (None: it has none) and its arrays, which are writable and share one buffer.

    Raises WireError, and EndOfStream if the stream ends where a message would start.
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
    spans = {name: _Span.of(name, row) for name, row in parsed.items() if name != "__metadata__"}
    body = np.empty(_body_length(spans.values(), max_body) // _LITTLE.itemsize, _LITTLE)
    _rest(fill, body.view(np.uint8).data, "body")
    return _message(parsed), {name: span.of_body(body) for name, span in spans.items()}


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
    raise WireError(f"a message starts with its header length, 2 to {MAX_HEADER}, got {length} ({prefix!r}){hint}")


def _header(header: bytes) -> dict[str, Any]:
    try:
        parsed = parse_json(header.decode("utf-8"))
    except (UnicodeDecodeError, CodecError, RecursionError) as error:
        raise WireError(f"the header is no strict JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise WireError("the header is no JSON object")
    return parsed


@dataclass(frozen=True)
class _Span:
    """Where the bytes of one array lie in the body, and its shape."""

    begin: int
    end: int
    shape: tuple[int, ...]

    @classmethod
    def of(cls, name: str, row: Any) -> _Span:
        """From the header, after a look at dtype, shape and offsets. Raises WireError."""
        try:
            dtype, shape, (begin, end) = row["dtype"], row["shape"], row["data_offsets"]
        except (TypeError, KeyError, ValueError):
            raise WireError(f"{name}: needs dtype, shape and data_offsets [begin, end]") from None
        if dtype != "F32":
            raise WireError(f"{name} has dtype {dtype}; only F32 travels")
        counts = isinstance(shape, list) and all(type(n) is int and n >= 0 for n in (*shape, begin, end))
        if not counts or len(shape) > _MAX_RANK or max(shape, default=0) > MAX_BODY:
            raise WireError(f"{name}: shape {shape} and data_offsets [{begin}, {end}] must be counts")
        needed = _LITTLE.itemsize * math.prod(shape)
        if end - begin != needed:
            raise WireError(f"{name}: shape {shape} needs {needed} bytes, data_offsets say {end - begin}")
        return cls(begin, end, tuple(shape))

    def of_body(self, body: np.ndarray) -> np.ndarray:
        """The array, in the body's own memory and writable; a copy only where the host is big-endian."""
        flat = body[self.begin // _LITTLE.itemsize : self.end // _LITTLE.itemsize]
        return flat.reshape(self.shape).astype(np.float32, copy=False)


def _body_length(spans: Iterable[_Span], limit: int) -> int:
    """Length of the body, known before memory is taken. Raises WireError for gaps, overlaps and what is too large."""
    length = 0
    for span in sorted(spans, key=lambda span: (span.begin, span.end)):
        if span.begin != length:
            raise WireError(f"not safetensors: an array begins at byte {span.begin} of the body where the ones before "
                            f"end at {length}; gaps and overlaps are not allowed")  # fmt: skip
        length = span.end
    if length > limit:
        raise WireError(f"the header announces a body of {length} bytes; the limit here is {limit}")
    return length


def _message(header: Mapping[str, Any]) -> str | None:
    metadata = header.get("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise WireError("not safetensors: the header's __metadata__ must hold texts")
    return metadata.get("message")
