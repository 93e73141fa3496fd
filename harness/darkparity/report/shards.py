"""Shards of a run: which problems each asks, and many run files put together as the run of one process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any, TypeVar

from darkparity.errors import UsageError
from darkparity.judging.result import Result

from .records import Distance, Footer, Header
from .run import Run, read

T = TypeVar("T")
#: Header fields that all shards of one run must share.
_SHARED = ("schema", "suite_version", "seed", "absent")
#: Options in which they may differ.
_FREE = ("shard", "jobs", "store", "output")


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


def merge(paths: Sequence[Path]) -> Run:
    """The run that `paths` are the shards of. Raises MergeError, RunFileError."""
    runs = _ordered([(path, read(path)) for path in paths])
    whole = Run(header=_header(runs))
    whole.results = list(_interleaved(runs))
    whole.pairs = _pairs(runs, whole)
    whole.diagnoses = [d for run in runs for d in run.diagnoses]
    summary = whole.summary
    seconds = sum(run.footer.seconds for run in runs if run.footer)
    finished = max(run.footer.finished for run in runs if run.footer)
    whole.footer = Footer(finished, round(seconds, 3), summary.counts, summary.exit_code)
    return whole


def _header(runs: Sequence[Run]) -> Header:
    first = runs[0].header
    counts = [run.header.cases for run in runs]
    cases = None if None in counts else sum(c for c in counts if c is not None)
    return replace(first, options={**first.options, "shard": None}, cases=cases)


def _ordered(runs: Sequence[tuple[Path, Run]]) -> list[Run]:
    """Every shard of one run, each once, in order."""
    found: dict[int, Run] = {}
    counts = set()
    first = runs[0][1].header
    for path, run in runs:
        if run.interrupted:
            raise MergeError(f"{path}: no footer: that run was interrupted; run its shard again")
        index, count = parse_shard(str(run.header.options.get("shard") or "1/1"))
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


def _identity(header: Header) -> dict[str, Any]:
    options = {k: v for k, v in header.options.items() if k not in _FREE}
    names = [(d.name, d.version, d.labels) for d in header.implementations if d.asked]
    digest = header.store and header.store.manifest_sha256
    shared = {key: getattr(header, key) for key in _SHARED}
    return {**shared, "options": options, "implementations": names, "golden fixtures": digest}


def _same(path: Path, here: dict[str, Any], first: dict[str, Any]) -> None:
    for key, value in first.items():
        if here[key] != value:
            raise MergeError(f"{path}: another {key} than the first file: {here[key]!r}, not {value!r}")


def _interleaved(runs: Sequence[Run]) -> Iterator[Result]:
    """Results in the order of one process: the first case of each shard, the second, ..."""
    turns = zip_longest(*(_by_case(run) for run in runs), fillvalue=())
    return (result for turn in turns for group in turn for result in group)


def _by_case(run: Run) -> list[list[Result]]:
    return [list(group) for _, group in groupby(run.results, key=lambda r: r.case)]


def _pairs(runs: Sequence[Run], whole: Run) -> list[Distance]:
    """Distances over all shards: counts add up, maxima are maxima."""
    merged: dict[tuple[str, str, str], Distance] = {}
    for distance in (d for run in runs for d in run.pairs):
        key = distance.dialect, distance.left, distance.right
        merged[key] = _joined(merged[key], distance) if key in merged else distance
    rank = _rank(whole)
    return [merged[key] for key in sorted(merged, key=rank)]


def _joined(one: Distance, other: Distance) -> Distance:
    equal, elements = one.equal + other.equal, one.elements + other.elements
    return replace(
        one,
        max_ulp=max(one.max_ulp, other.max_ulp),
        ratio=max(one.ratio, other.ratio),
        equal=equal,
        elements=elements,
        percent_equal=100.0 * equal / elements if elements else 0.0,
    )


def _rank(run: Run) -> Callable[[tuple[str, str, str]], tuple[int, int, int]]:
    """Dialects and implementations as they come in the results; last those of which no result is there."""
    dialects = _places(r.dialect for r in run.results)
    names = _places(r.implementation for r in run.results)
    return lambda key: (
        dialects.get(key[0], len(dialects)), names.get(key[1], len(names)), names.get(key[2], len(names))
    )  # fmt: skip


def _places(words: Iterable[str]) -> dict[str, int]:
    return {word: place for place, word in enumerate(dict.fromkeys(words))}
