"""Any device, any day: inputs written to a directory, answers read back from it and judged.

`export` writes what a port would be sent over the wire, one directory per case, never an answer. `grade`
reads what the port wrote next to them. The questions come from the exported files themselves, so that a suite
that has changed since can still judge them; that it changed is said. Layout: docs/protocol.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from darkparity import __version__
from darkparity.dialects import DIALECTS, Dialect
from darkparity.formats import messages
from darkparity.formats.json_arrays import CodecError, array_text, parse_array, parse_json
from darkparity.implementations.binding import Call, ProtocolError
from darkparity.implementations.protocol import Arrays, Description
from darkparity.implementations.wire.external import described_by, refusal
from darkparity.judging.runner import Contestant, Result, ask
from darkparity.judging.verdict import Inconclusive
from darkparity.spec import OPERATIONS, RUN, ContractError, check_arrays, outputs_of

from .problem import Question, live_expectation

MANIFEST = "MANIFEST.json"
#: What a port may say of itself, next to its answers: the content of a `hello` reply.
ABOUT = "IMPLEMENTATION.json"
FORMAT = 1


class OfflineError(ValueError):
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
    """An exported directory: its manifest, and its cases as questions."""

    manifest: Mapping[str, Any]
    questions: tuple[Question, ...]

    @property
    def changed(self) -> str:
        """That another version of the suite exported it; empty if the same."""
        was = self.manifest["suite_version"]
        return "" if was == __version__ else f"exported by darkparity {was}, judged by {__version__}"


def exportable(questions: Sequence[Question], operations: Sequence[str] = ()) -> list[Question]:
    """All but training runs, which the harness composes of single calls; those, too, if named."""
    return [q for q in questions if q.operation != RUN or RUN in operations]


def export(
    directory: Path, questions: Sequence[Question], encoding: str, store: Mapping[str, Any] | None
) -> int:
    """Write every question; return their number. Raises OfflineError if the directory holds an export."""
    if (directory / MANIFEST).exists():
        raise OfflineError(f"{directory}: holds an export already; take an empty directory")
    write, _ = FORMATS[encoding]
    cases = {}
    for seq, question in enumerate(questions, 1):
        outputs = outputs_of(question.operation, question.attributes, question.dialect)
        asked = messages.request(seq, question.operation, question.dialect, question.attributes, outputs)
        data = write({**asked, "case": question.id}, question.arrays)
        name = f"{question.id}/request.{encoding}"
        (directory / question.id).mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(data)
        cases[question.id] = {"request": name, "sha256": _digest(data), "fault": question.fault}
    head = {"kind": "darkparity export", "format": FORMAT, "suite_version": __version__, "store": store}
    text = json.dumps({**head, "encoding": encoding, "cases": cases}, indent=1) + "\n"
    (directory / MANIFEST).write_text(text, "utf-8", newline="\n")
    return len(cases)


def read_export(directory: Path) -> Export:
    """The questions of an exported directory. Raises OfflineError."""
    path = directory / MANIFEST
    try:
        manifest = parse_json(path.read_text("utf-8"))
        if manifest["kind"] != "darkparity export" or manifest["format"] != FORMAT:
            raise OfflineError(f"{path}: not an export of format {FORMAT}")
        cases = manifest["cases"].items()
        questions = tuple(_question(directory, identity, row) for identity, row in cases)
    except (OSError, CodecError, KeyError, TypeError, AttributeError) as error:
        raise OfflineError(
            f"{path}: not the manifest of an export: {type(error).__name__}: {error}"
        ) from None
    return Export(manifest, questions)


def _question(directory: Path, identity: str, row: Mapping[str, Any]) -> Question:
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
    return Question(
        identity, operation, dialect, attributes, message.arrays, str(row.get("fault", "")), str(path), right
    )  # fmt: skip


@dataclass
class Grading:
    """Answers found in a directory, who gave them, and what nobody asked for."""

    answers: Path
    description: Description
    extra: list[str] = field(default_factory=list)


def open_answers(exported: Export, answers: Path) -> Grading:
    """Look at what a port wrote. Raises OfflineError if it describes itself wrongly."""
    known = {q.id for q in exported.questions}
    extra = [p.relative_to(answers).as_posix() for p in sorted(answers.glob("*/answer.*"))
             if p.parent.name not in known or p.suffix[1:] not in FORMATS]  # fmt: skip
    about = answers / ABOUT
    try:
        content = parse_json(about.read_text("utf-8")) if about.exists() else {}
        claim = {"operations": list(OPERATIONS), "dialects": list(DIALECTS), **content}
        description = described_by(claim, answers.resolve().name)
    except (OSError, CodecError, ProtocolError, TypeError) as error:
        raise OfflineError(f"{about}: {error}") from None
    return Grading(answers, description, extra)


def grade(exported: Export, grading: Grading) -> Iterator[Result]:
    """Judge every case's answer."""
    for question in exported.questions:
        found = [
            p for suffix in FORMATS if (p := grading.answers / question.id / f"answer.{suffix}").is_file()
        ]
        if not found:
            why = Inconclusive(f"no answer: neither of {question.id}/answer.{{{','.join(FORMATS)}}} is there")
            name = grading.description.name
            yield Result(name, question.id, question.operation, question.dialect.name, why)
        else:
            yield ask(Contestant(_Answers(found), grading.description), question)[0]


@dataclass(frozen=True)
class _Answers:
    """The answer files of one case as an implementation that can be asked just that."""

    paths: Sequence[Path]

    def describe(self) -> Description:
        """Offers nothing: a failing layer cannot be replayed routine by routine."""
        return Description("answers", "", (), ())

    def run(self, operation: str, dialect: Dialect, arrays: Arrays, attributes: Mapping[str, object],
            outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:  # fmt: skip
        if len(self.paths) > 1:
            raise ProtocolError(f"two answers: {', '.join(p.name for p in self.paths)}; leave one")
        (path,) = self.paths
        message = FORMATS[path.suffix[1:]][1](path.read_bytes())
        if message.content.get("kind") == messages.ERROR:
            raise refusal(message.content)
        if operation == RUN:  # stacked over its steps; the runner compares shapes
            return dict(message.arrays)
        return Call(operation, dialect, arrays, attributes).results(dict(message.arrays))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
