"""A run on disk: one JSON object per line, header first, footer last. Every view is made from these.

A file without a footer is an interrupted run. Numbers that are not finite are the strings "NaN", "Infinity"
and "-Infinity". A new file is written beside the old one, which it replaces once it is whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from darkparity.errors import UsageError
from darkparity.formats.numbers import shown
from darkparity.formats.records import FormatError, from_json, to_json
from darkparity.formats.whole_file import WholeFile, write_whole
from darkparity.judging.diagnosis import Diagnosis
from darkparity.judging.result import Result
from darkparity.judging.verdict import VERDICTS

from .records import Distance, Footer, Header, Record, Records

SCHEMA = 1
R = TypeVar("R", bound=Records)
#: Kind of a line -> its type. A result's verdict is spread over the line, see `_spread`.
_KINDS: dict[str, type[Any]] = {
    "header": Header, "result": Result, "pair": Distance, "diagnosis": Diagnosis, "footer": Footer,
}  # fmt: skip
_NAMES = {cls: kind for kind, cls in _KINDS.items()}


class RunFileError(UsageError):
    """Not a run file, or a damaged one; names the line."""


class Writer(Generic[R]):
    """Collects the records of a run and writes each as a line, flushed: readable while it grows.

    path: where the finished run goes; None: nowhere. Until `finish` the lines stand in a file beside it.
    optional: that no file can be written is noted, not raised. A disk that fills up ends the file, not the run.
    """

    def __init__(self, run: R, path: Path | None = None, optional: bool = False) -> None:
        self.run = run
        self.note = str(path) if path else "not written"
        self._file: WholeFile | None = None
        try:
            self._file = WholeFile(path) if path else None
        except OSError as error:
            if not optional:
                raise
            self.note = f"not written: {error}"

    def write(self, record: Record) -> None:
        """Take in one record."""
        self.run.add(record)
        with self._giving_up() as file:
            if file:
                file.write(_line(record))

    def finish(self) -> None:
        """Put the finished file in its place. Raises RunFileError if it holds anything but what was written."""
        with self._giving_up() as file:
            if file and not file.intact:
                raise RunFileError(f"{file.place}: changed during the run; an implementation may have done that")
            if file:
                file.put()

    def abandon(self) -> None:
        """Leave the file without a footer, beside the one it would have replaced: the run was interrupted."""
        if self._file:
            self._file.leave()
            self.note = f"interrupted; what was judged so far is in {self._file.place}"

    @contextmanager
    def _giving_up(self) -> Iterator[WholeFile | None]:
        """The file, as long as it can be written: what cannot is given back to the full disk."""
        try:
            yield self._file
        except OSError as error:
            self.note = f"not written: {error}"
            if self._file:
                self._file.drop()
                self._file = None


def write(run: Records, path: Path) -> None:
    """Write a whole run. Raises OSError; an earlier file is then still there."""
    write_whole(path, b"".join(map(_line, records_of(run))))


def records_of(run: Records) -> Iterator[Record]:
    """The records of a run in the order of a file."""
    yield run.header
    yield from run.results
    yield from run.pairs
    yield from run.diagnoses
    if run.footer is not None:
        yield run.footer


def read_into(run: Records, path: Path) -> None:
    """Add the records of a file to `run`; a torn last line counts as not written. Raises RunFileError, OSError."""
    lines = path.read_text("utf-8", errors="replace").split("\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            record = _record(json.loads(line))
        except (ValueError, RecursionError) as error:
            if number == len(lines) and run.header.schema:  # no line end: killed while writing it
                break
            raise RunFileError(f"{path}:{number}: not a record of a run: {error}") from None
        run.add(record)
    if not run.header.schema:
        raise RunFileError(f"{path}: no header: not a run file of darkparity")
    if run.header.schema != SCHEMA:
        raise RunFileError(f"{path}: run file of format {run.header.schema}; this version reads {SCHEMA}")


def as_json(record: Record) -> dict[str, Any]:
    """One record as its line holds it."""
    plain = to_json(record)
    if isinstance(record, Result):
        plain = _spread(record, plain)
    return {"kind": _NAMES[type(record)], **plain}


def _line(record: Record) -> bytes:
    return json.dumps(as_json(record), allow_nan=False).encode() + b"\n"


def _spread(result: Result, plain: dict[str, Any]) -> dict[str, Any]:
    """The verdict's word, its comparisons and outputs not observed stand in the line, the rest in `detail`."""
    detail = dict(plain["verdict"])
    compared = {name: detail.pop(name, []) for name in ("comparisons", "unobserved")}
    return {**plain, "verdict": result.verdict.word, **compared, "detail": detail}


def _record(line: Any) -> Record:
    """The record of one line. Raises FormatError."""
    if not isinstance(line, Mapping):
        raise FormatError("a line must be a JSON object")
    content = {name: value for name, value in line.items() if name != "kind"}
    kind = line.get("kind")
    if kind not in tuple(_KINDS):  # it may be a list, too
        raise FormatError(f"unknown kind of record {shown(kind)}")
    if kind == "result":
        return _result(content)
    record: Record = from_json(_KINDS[kind], content, ignore_unknown=True)
    return record


@dataclass(frozen=True)
class _Line(Result):
    """A result but for its verdict, which is read apart."""

    verdict: Any


def _result(line: Mapping[str, Any]) -> Result:
    """The inverse of `_spread`; `question` is the older name of `case`."""
    word = line.get("verdict")
    if word not in tuple(VERDICTS):
        raise FormatError(f"verdict: unknown word {shown(word)}")
    detail = from_json(Mapping[str, Any], line.get("detail") or {}, "detail")
    parts = {**detail, **{n: line[n] for n in ("comparisons", "unobserved") if n in line}}
    wanted = VERDICTS[word].__dataclass_fields__
    verdict = from_json(VERDICTS[word], {n: v for n, v in parts.items() if n in wanted}, "verdict")
    row = {"case": line.get("question"), **line}
    return Result(**{**vars(from_json(_Line, row, ignore_unknown=True)), "verdict": verdict})
