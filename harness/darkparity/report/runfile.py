"""A run on disk, one JSON object per line: header, results, distances, footer. Every view is made from these.

A file without a footer is an interrupted run. Numbers that are not finite are the strings "NaN", "Infinity"
and "-Infinity", which `float()` takes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from darkparity import __version__
from darkparity.errors import UsageError
from darkparity.implementations.protocol import Description
from darkparity.judging.distance import Matrix
from darkparity.judging.runner import Result
from darkparity.judging.verdict import comparisons_of, kind
from darkparity.oracle.bounds.compare import Comparison
from darkparity.problems.golden.store import MANIFEST, Store
from darkparity.problems.problem import Problem

SCHEMA = 1
Record = dict[str, Any]
#: Packages whose version goes into the header, if the run imported them.
_PACKAGES = ("numpy", "torch", "flint", "onnxruntime", "jax", "flax")


class RunFileError(UsageError):
    """Not a run file, or a damaged one; names the line."""


@dataclass
class Run:
    """The records of one run, as read back from their text."""

    header: Record = field(default_factory=dict)
    results: list[Record] = field(default_factory=list)
    pairs: list[Record] = field(default_factory=list)
    diagnoses: list[Record] = field(default_factory=list)
    footer: Record | None = None

    @property
    def interrupted(self) -> bool:
        """The run did not get as far as its footer."""
        return self.footer is None

    def add(self, record: Record) -> None:
        """Take in one record. Raises RunFileError for an unknown kind."""
        kinds = {"result": self.results.append, "pair": self.pairs.append, "diagnosis": self.diagnoses.append}
        word = record.get("kind")
        if word in ("header", "footer"):
            setattr(self, word, record)
        elif word in kinds:
            kinds[word](record)
        else:
            raise RunFileError(f"unknown kind of record {word!r}")


class Writer:
    """Writes a run line by line, each flushed: readable while it grows. `run` holds what was written."""

    def __init__(self, stream: IO[str] | None) -> None:
        self.run = Run()
        self._stream = stream

    def write(self, record: Mapping[str, Any]) -> None:
        """Append one record."""
        line = json.dumps(_plain(record), allow_nan=False)
        self.run.add(json.loads(line))
        if self._stream is not None:
            self._stream.write(line + "\n")
            self._stream.flush()


def read(path: Path) -> Run:
    """Read a run back; a torn last line counts as not written. Raises RunFileError, OSError."""
    run = Run()
    lines = path.read_text("utf-8", errors="replace").split("\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            run.add(json.loads(line))
        except (json.JSONDecodeError, AttributeError, RunFileError) as error:
            if number == len(lines) and run.header:  # no line end: killed while writing it
                break
            raise RunFileError(f"{path}:{number}: not a record of a run: {error}") from None
    if not run.header:
        raise RunFileError(f"{path}: no header: not a run file of darkparity")
    return run


def _plain(value: Any) -> Any:
    """`value` as JSON can hold it."""
    if isinstance(value, Mapping):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def header(
    store: Store | None,
    options: Mapping[str, Any],
    implementations: Sequence[Mapping[str, Any]],
    absent: Mapping[str, str],
    seed: int,
) -> Record:
    """The first record: everything needed to tell this run from another."""
    return {
        "kind": "header",
        "schema": SCHEMA,
        "suite_version": __version__,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        **environment(),
        "store": store and {"path": str(store.path), "manifest_sha256": manifest_digest(store)},
        "seed": seed,
        "options": dict(options),
        "implementations": list(implementations),
        "absent": dict(absent),
    }


def environment() -> Record:
    """Versions, machine and build: what results may depend on."""
    loaded = {name: sys.modules[name] for name in _PACKAGES if name in sys.modules}
    versions = {name: str(getattr(module, "__version__", "?")) for name, module in loaded.items()}
    return {
        "versions": {"python": platform.python_version(), **versions},
        "platform": platform.platform(),
        "cpu": cpu_model(),
        "build": build_info(),
    }


def cpu_model() -> str:
    """The processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def build_info() -> Record | None:
    """Compiler and flags of the compiled module, None where it is missing."""
    try:
        from darkparity import _core
    except ImportError:
        return None
    return dict(_core.build_info())


def manifest_digest(store: Store) -> str:
    """sha256 of the manifest: names the whole store."""
    return hashlib.sha256((store.path / MANIFEST).read_bytes()).hexdigest()


def described(asked: str, description: Description) -> Record:
    """An implementation in the header; `asked` is what the user typed to get it."""
    fields = dataclasses.asdict(description)
    return {"asked": asked, **fields, "labels": sorted(description.labels)}


def result_record(result: Result, problem: Problem) -> Record:
    """One verdict with all that its views need."""
    detail = {name: value for name, value in vars(result.verdict).items() if name != "comparisons"}
    return {
        "kind": "result",
        "implementation": result.implementation,
        "case": result.case,
        "operation": result.operation,
        "dialect": result.dialect,
        "attributes": dict(problem.attributes),
        "origin": problem.origin,
        "fault": problem.fault,
        "verdict": kind(result.verdict),
        "unobserved": detail.pop("unobserved", ()),
        "detail": detail,
        "separates": result.separates,
        "seconds": round(result.seconds, 6),
        "reproduce": result.reproduce,
        "comparisons": [_comparison(c) for c in comparisons_of(result.verdict)],
    }


def _comparison(comparison: Comparison) -> Record:
    return dict(vars(comparison))  # flat: asdict would copy every tuple


def pair_records(matrix: Matrix) -> Iterable[Record]:
    """How far each two implementations lie from each other."""
    for (dialect, left, right), pair in matrix.pairs.items():
        yield {
            "kind": "pair",
            "dialect": dialect,
            "left": left,
            "right": right,
            **dataclasses.asdict(pair),
            "percent_equal": pair.percent_equal,
        }


def footer(counts: Mapping[str, int], exit_code: int, seconds: float) -> Record:
    """The last record: the run is complete."""
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "kind": "footer",
        "finished": finished,
        "seconds": round(seconds, 3),
        "counts": dict(counts),
        "exit_code": exit_code,
    }
