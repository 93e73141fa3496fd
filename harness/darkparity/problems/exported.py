"""Any device, any day: inputs written to a directory, answers read back from it and judged.

`export` writes what a port would be sent over the wire, one directory per case, never an answer. Problems are read
back from the exported files themselves, so that a later suite can still judge them; that it changed is said.
Layout: docs/protocol.md.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from darkparity import __version__
from darkparity.dialects import check_name, named
from darkparity.errors import UsageError
from darkparity.formats import messages
from darkparity.formats.directory import changing
from darkparity.formats.json_arrays import parse_array
from darkparity.formats.json_text import dumps
from darkparity.formats.names import check_version, checked_name
from darkparity.formats.numbers import shown
from darkparity.formats.records import from_json, to_json
from darkparity.formats.strict_json import CodecError, parse_json, read_json
from darkparity.formats.text import reason
from darkparity.spec import MAKE, OPERATIONS, TRAINING_RUN, Arrays, Call, ContractError, check_call

from .problem import Problem, live_expectation

MANIFEST = "MANIFEST.json"
FORMAT = 1
KIND: Literal["darkparity export"] = "darkparity export"
#: Elements of a layer that a request may ask to be made out of four numbers: six times the largest of the cases.
_MOST_ELEMENTS = 1 << 24


class OfflineError(UsageError):
    """A directory that was not exported, or whose files changed since; says which."""


@dataclass(frozen=True)
class Exported:
    """One case in the manifest. request: its file. fault: what the case shows."""

    request: str
    sha256: str
    fault: str = ""

    def __post_init__(self) -> None:
        if Path(self.request).suffix[1:] not in FORMATS:
            raise ValueError(f"request {self.request!r} ends in none of {', '.join(FORMATS)}")


@dataclass(frozen=True)
class Manifest:
    """The manifest of an export. store: path and manifest_sha256 of the golden store it was made from."""

    kind: Literal["darkparity export"]
    format: int
    suite_version: str
    store: Mapping[str, Any] | None
    encoding: str
    cases: Mapping[str, Exported]


@dataclass(frozen=True)
class _Request:
    """What a request must say to become a problem again."""

    kind: Literal["run"]
    case: str
    operation: str
    dialect: str
    attributes: Mapping[str, int | float | str | bool]

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise ValueError(f"{self.operation!r} is not one of {', '.join(OPERATIONS)}")
        check_name(self.dialect)


def _to_json(content: Mapping[str, Any], arrays: Arrays) -> bytes:
    return dumps({"message": {"version": messages.VERSION, **content}, "arrays": arrays}, ("arrays",)).encode()


def _from_json(data: bytes) -> messages.Message:
    """A request, or an answer, which need not say what it is."""
    try:
        parsed = parse_json(data.decode("utf-8"))
        arrays = parsed.get("arrays", {}) if isinstance(parsed, dict) else None
        if not isinstance(arrays, dict):
            raise CodecError("needs an object `arrays`")
        if unknown := [name for name in parsed if name not in ("message", "arrays")]:
            raise CodecError(f"{shown(unknown[0])} is none of its keys, `message` and `arrays`")
        message = messages.checked(parsed["message"]) if "message" in parsed else {"kind": messages.RESULT}
        return messages.Message(message, {name: parse_array(value, name) for name, value in arrays.items()})
    except (UnicodeDecodeError, CodecError) as error:
        raise messages.WireError(f"not an answer as JSON: {error}") from None


def _from_safetensors(data: bytes) -> messages.Message:
    """A message, or a plain file of arrays as any safetensors library writes it."""
    return messages.decode(data, bare={"kind": messages.RESULT})


#: Format -> how messages are written and read; the name is also the files' suffix.
FORMATS: Mapping[str, tuple[Callable[[Mapping[str, Any], Arrays], bytes], Callable[[bytes], messages.Message]]] = {
    "safetensors": (messages.encode, _from_safetensors),
    "json": (_to_json, _from_json),
}


@dataclass(frozen=True)
class Export:
    """An exported directory: its manifest, and its cases as problems."""

    manifest: Manifest
    problems: tuple[Problem, ...]

    @property
    def changed(self) -> str:
        """That another version of the suite exported it; empty if the same."""
        was = self.manifest.suite_version
        return "" if was == __version__ else f"exported by darkparity {was}, judged by {__version__}"


def exportable(problems: Sequence[Problem], operations: Sequence[str] = ()) -> list[Problem]:
    """All but training runs, which the harness composes of single calls; those, too, if named."""
    return [q for q in problems if q.operation != TRAINING_RUN or TRAINING_RUN in operations]


def export(directory: Path, problems: Sequence[Problem], encoding: str, store: Mapping[str, Any] | None) -> int:
    """Write every problem, all of them or none; return their number. Raises OfflineError, DirectoryError.

    The directory must be missing or empty, or hold this very export: of a call that was killed, for example.
    """
    with changing(directory, MANIFEST) as change:
        fresh = not (change.directory / MANIFEST).exists()
        for name, content in _files(problems, encoding, store):
            if fresh:
                change.write(name, content)
            elif not _holds(change.directory / name, content):
                raise OfflineError(f"{directory}: holds a {MANIFEST} already; take an empty directory")
    return len(problems)


def _files(problems: Sequence[Problem], encoding: str, store: Mapping[str, Any] | None) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file, the manifest last."""
    cases = {}
    for seq, problem in enumerate(problems, 1):
        name = checked_name(f"{problem.id}/request.{encoding}", problem.origin)
        content = _request(seq, problem, encoding)
        yield name, content
        cases[problem.id] = Exported(name, _digest(content), problem.fault)
    manifest = Manifest(KIND, FORMAT, __version__, store, encoding, cases)
    yield MANIFEST, (json.dumps(to_json(manifest), indent=1) + "\n").encode()


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _request(seq: int, problem: Problem, encoding: str) -> bytes:
    asked = messages.request(seq, problem.call, problem.call.outputs)
    write, _ = FORMATS[encoding]
    return write({**asked, "case": problem.id}, problem.arrays)


def read_export(directory: Path) -> Export:
    """The problems of an exported directory. Raises OfflineError, CodecError, FormatError."""
    path = directory / MANIFEST
    data = read_json(path)
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise OfflineError(f"{path}: not the manifest of an export; `darkparity export DIR` makes one")
    check_version(data, "format", FORMAT, str(path))
    manifest = from_json(Manifest, data, str(path))
    for identity, case in manifest.cases.items():
        for name in (identity, case.request):
            checked_name(name, str(path))
    return Export(manifest, tuple(_problem(directory, identity, row) for identity, row in manifest.cases.items()))


def _problem(directory: Path, identity: str, row: Exported) -> Problem:
    path = directory / row.request
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OfflineError(f"{path}: cannot be read: {error.strerror}; {MANIFEST} lists it") from None
    if _digest(data) != row.sha256:
        raise OfflineError(f"{path}: changed since it was exported (sha256 differs from {MANIFEST})")
    try:
        message = FORMATS[path.suffix[1:]][1](data)
        asked = from_json(_Request, message.content, str(path), ignore_unknown=True)
        attributes = messages.attributes_of(asked.operation, asked.attributes)
        call = Call(asked.operation, named(asked.dialect), message.arrays, attributes)
        check_call(call)
    except (messages.WireError, ContractError) as error:
        raise OfflineError(f"{path}: not a request of this suite: {reason(error)}") from None
    _check_request(path, asked, call, identity)
    return Problem(identity, call, row.fault, str(path), live_expectation(call))


def _check_request(path: Path, asked: _Request, call: Call, identity: str) -> None:
    if asked.case != identity:
        raise OfflineError(f"{path}: is the request of {shown(asked.case)}, {MANIFEST} says {identity}")
    if call.operation == MAKE:
        elements = math.prod(call.geometry.shape_of("output"))
        if elements > _MOST_ELEMENTS:
            raise OfflineError(f"{path}: a layer of {elements} elements; at most {_MOST_ELEMENTS} are made")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
