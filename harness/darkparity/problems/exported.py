"""Any device, any day: inputs written to a directory, answers read back from it and judged.

`export` writes what a port would be sent over the wire, one directory per case, never an answer. Problems are read
back from the exported files themselves, so that a later suite can still judge them; that it changed is said.
Layout: docs/protocol.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkparity import __version__
from darkparity.dialects import DIALECTS
from darkparity.errors import UsageError
from darkparity.formats import messages
from darkparity.formats.json_arrays import CodecError, array_text, parse_array, parse_json
from darkparity.implementations.protocol import Arrays
from darkparity.spec import RUN, ContractError, check_arrays, outputs_of

from .problem import Problem, live_expectation

MANIFEST = "MANIFEST.json"
FORMAT = 1


class OfflineError(UsageError):
    """A directory that was not exported, or whose files changed since; says which."""


def _to_json(content: Mapping[str, Any], arrays: Arrays) -> bytes:
    rows = ",\n".join(f"    {json.dumps(name)}: {array_text(array)}" for name, array in arrays.items())
    head = json.dumps({"version": messages.VERSION, **content}, allow_nan=False)
    return f'{{\n  "message": {head},\n  "arrays": {{\n{rows}\n  }}\n}}\n'.encode()


def _from_json(data: bytes) -> messages.Message:
    try:
        parsed = parse_json(data.decode("utf-8"))
        arrays = {str(n): parse_array(a, str(n)) for n, a in parsed.get("arrays", {}).items()}
        message = parsed.get("message", {"kind": messages.RESULT})
        return messages.Message(dict(message), arrays)
    except (UnicodeDecodeError, CodecError, AttributeError, TypeError, ValueError) as error:
        raise messages.WireError(f"not an answer as JSON: {error}") from None


def _from_safetensors(data: bytes) -> messages.Message:
    """A message, or a plain file of arrays as any safetensors library writes it."""
    return messages.decode(data, bare={"kind": messages.RESULT})


#: Format -> how messages are written and read; the name is also the files' suffix.
FORMATS: Mapping[
    str, tuple[Callable[[Mapping[str, Any], Arrays], bytes], Callable[[bytes], messages.Message]]
] = {
    "safetensors": (messages.encode, _from_safetensors),
    "json": (_to_json, _from_json),
}


@dataclass(frozen=True)
class Export:
    """An exported directory: its manifest, and its cases as problems."""

    manifest: Mapping[str, Any]
    problems: tuple[Problem, ...]

    @property
    def changed(self) -> str:
        """That another version of the suite exported it; empty if the same."""
        was = self.manifest["suite_version"]
        return "" if was == __version__ else f"exported by darkparity {was}, judged by {__version__}"


def exportable(problems: Sequence[Problem], operations: Sequence[str] = ()) -> list[Problem]:
    """All but training runs, which the harness composes of single calls; those, too, if named."""
    return [q for q in problems if q.operation != RUN or RUN in operations]


def export(
    directory: Path, problems: Sequence[Problem], encoding: str, store: Mapping[str, Any] | None
) -> int:
    """Write every problem; return their number. Raises OfflineError if the directory holds an export."""
    if (directory / MANIFEST).exists():
        raise OfflineError(f"{directory}: holds an export already; take an empty directory")
    write, _ = FORMATS[encoding]
    cases = {}
    for seq, problem in enumerate(problems, 1):
        outputs = outputs_of(problem.operation, problem.attributes, problem.dialect)
        asked = messages.request(seq, problem.operation, problem.dialect, problem.attributes, outputs)
        data = write({**asked, "case": problem.id}, problem.arrays)
        name = f"{problem.id}/request.{encoding}"
        (directory / problem.id).mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(data)
        cases[problem.id] = {"request": name, "sha256": _digest(data), "fault": problem.fault}
    head = {"kind": "darkparity export", "format": FORMAT, "suite_version": __version__, "store": store}
    text = json.dumps({**head, "encoding": encoding, "cases": cases}, indent=1) + "\n"
    (directory / MANIFEST).write_text(text, "utf-8", newline="\n")
    return len(cases)


def read_export(directory: Path) -> Export:
    """The problems of an exported directory. Raises OfflineError."""
    path = directory / MANIFEST
    try:
        manifest = parse_json(path.read_text("utf-8"))
        if manifest["kind"] != "darkparity export" or manifest["format"] != FORMAT:
            raise OfflineError(f"{path}: not an export of format {FORMAT}")
        cases = manifest["cases"].items()
        problems = tuple(_problem(directory, identity, row) for identity, row in cases)
    except (OSError, CodecError, KeyError, TypeError, AttributeError) as error:
        raise OfflineError(
            f"{path}: not the manifest of an export: {type(error).__name__}: {error}"
        ) from None
    return Export(manifest, problems)


def _problem(directory: Path, identity: str, row: Mapping[str, Any]) -> Problem:
    path = directory / row["request"]
    data = path.read_bytes()
    if _digest(data) != row["sha256"]:
        raise OfflineError(f"{path}: changed since it was exported (sha256 differs from {MANIFEST})")
    try:
        message = FORMATS[path.suffix[1:]][1](data)
        operation, dialect = message.content["operation"], DIALECTS[message.content["dialect"]]
        attributes = messages.attributes_of(operation, message.content["attributes"])
        check_arrays(operation, message.arrays, attributes, dialect)
    except (messages.WireError, ContractError, KeyError) as error:
        raise OfflineError(f"{path}: not a request of this suite: {error}") from None
    right = live_expectation(operation, dialect, message.arrays, attributes)
    return Problem(
        identity, operation, dialect, attributes, message.arrays, str(row.get("fault", "")), str(path), right
    )  # fmt: skip


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
