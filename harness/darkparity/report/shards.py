"""Shards of a run: which problems each asks, and many run files put together as the run of one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any, TypeVar

from darkparity.errors import UsageError
from darkparity.judging.runner import RECORDED

from .runfile import Record, Run, Writer, footer, read
from .summary import summarize

T = TypeVar("T")
#: What the headers of shards of one run have in common; where else they differ is nobody's business.
_SHARED = ("schema", "suite_version", "seed", "absent")


class MergeError(UsageError):
    """Files that are no shards of one run, or not all of them; says which."""


def parse_shard(text: str) -> tuple[int, int]:
    """`i/n`, 1 <= i <= n. Raises MergeError."""
    left, _, right = text.partition("/")
    if not (left.isdecimal() and right.isdecimal() and 1 <= int(left) <= int(right)):
        raise MergeError(f"shard {text!r} must be i/n with 1 <= i <= n, such as 2/5")
    return int(left), int(right)


def pick(problems: Sequence[T], shard: str | None) -> list[T]:
    """The problems of one shard: every nth, from the ith on."""
    if shard is None:
        return list(problems)
    index, count = parse_shard(shard)
    return list(problems[index - 1 :: count])


def merge(paths: Sequence[Path], writer: Writer) -> int:
    """Write the run that `paths` are the shards of; return its exit code. Raises MergeError, RunFileError."""
    runs = _ordered([(path, read(path)) for path in paths])
    head = runs[0].header
    writer.write({**head, "options": {**head["options"], "shard": None}})
    for record in _interleaved(runs):
        writer.write(record)
    for record in _pairs(runs, writer.run):
        writer.write(record)
    outcome = summarize(writer.run)
    seconds = sum(run.footer["seconds"] for run in runs if run.footer)
    writer.write(footer(outcome.counts, outcome.exit_code, seconds))
    return outcome.exit_code


def _ordered(runs: Sequence[tuple[Path, Run]]) -> list[Run]:
    """Every shard of one run, each once, in order."""
    found: dict[int, Run] = {}
    counts = set()
    first = runs[0][1].header
    for path, run in runs:
        if run.interrupted:
            raise MergeError(f"{path}: no footer: that run was interrupted; run its shard again")
        index, count = parse_shard(run.header["options"].get("shard") or "1/1")
        if index in found:
            raise MergeError(f"{path}: shard {index}/{count} a second time")
        _same(path, _identity(run.header), _identity(first))
        found[index] = run
        counts.add(count)
    count = max(counts)
    missing = [str(i) for i in range(1, count + 1) if i not in found]
    if len(counts) > 1 or missing:
        raise MergeError(f"not all shards of one run: {', '.join(missing) or 'some'} of {count} missing")
    return [found[i] for i in range(1, count + 1)]


def _identity(header: Record) -> dict[str, Any]:
    options = {k: v for k, v in header["options"].items() if k not in ("shard", "jobs", "store")}
    names = [
        (i["name"], i["version"], i["labels"]) for i in header["implementations"] if i["name"] != RECORDED
    ]
    digest = (header.get("store") or {}).get("manifest_sha256")
    shared = {key: header.get(key) for key in _SHARED}
    return {**shared, "options": options, "implementations": names, "golden fixtures": digest}


def _same(path: Path, here: dict[str, Any], first: dict[str, Any]) -> None:
    for key, value in first.items():
        if here[key] != value:
            raise MergeError(f"{path}: another {key} than the first file: {here[key]!r}, not {value!r}")


def _interleaved(runs: Sequence[Run]) -> Iterator[Record]:
    """Results in the order of one process: the first problem of each shard, the second, ..."""
    turns = zip_longest(*(_by_case(run) for run in runs), fillvalue=())
    return (record for turn in turns for group in turn for record in group)


def _by_case(run: Run) -> list[list[Record]]:
    return [list(group) for _, group in groupby(run.results, key=lambda r: r["case"])]


def _pairs(runs: Sequence[Run], whole: Run) -> list[Record]:
    """Distances over all shards: counts add up, maxima are maxima."""
    merged: dict[tuple[str, str, str], Record] = {}
    for record in (r for run in runs for r in run.pairs):
        key = record["dialect"], record["left"], record["right"]
        merged[key] = _joined(merged[key], record) if key in merged else record
    rank = _rank(whole)
    return [merged[key] for key in sorted(merged, key=rank)]


def _joined(one: Record, other: Record) -> Record:
    both = {**one, "max_ulp": max(one["max_ulp"], other["max_ulp"])}
    both["ratio"] = max(float(one["ratio"]), float(other["ratio"]))
    both["equal"] = one["equal"] + other["equal"]
    both["elements"] = one["elements"] + other["elements"]
    both["percent_equal"] = 100.0 * both["equal"] / both["elements"] if both["elements"] else 0.0
    return both


def _rank(run: Run) -> Callable[[tuple[str, str, str]], tuple[int, int, int]]:
    """Dialects and implementations as they come in the results."""
    dialects, names = (
        list(dict.fromkeys(r[key] for r in run.results)) for key in ("dialect", "implementation")
    )
    return lambda key: (dialects.index(key[0]), names.index(key[1]), names.index(key[2]))
