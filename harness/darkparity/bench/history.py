"""Reports as JSON, and one run against an older one: only where both measured the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from darkparity.errors import UsageError
from darkparity.formats.records import from_json, to_json
from darkparity.formats.strict_json import read_json
from darkparity.report.header import environment

from .errors import BenchError
from .geometries import Shape, written
from .plan import Plan
from .report import Report, Spread, Timing

SCHEMA = 1
#: What two runs must have asked alike.
_ALIKE = ("shapes", "modes", "outputs", "threads", "dialect")


def as_json(report: Report, absent: Mapping[str, str], older: Older | None = None) -> dict[str, Any]:
    """Everything measured, with the machine it was measured on, and what changed since `older`."""
    return {
        "kind": "bench",
        "schema": SCHEMA,
        **environment(),
        "plan": to_json(report.plan),
        "threads": report.plan.threads,
        "baseline": report.baseline,
        "floor_method": report.floor_method,
        "absent": dict(absent),
        "timings": to_json(report.timings),
        "geometric_means": [
            {"mode": mode, "way": way, "implementation": name, "ratio": to_json(mean)}
            for (mode, way, name), mean in report.means().items()
        ],
        **({"compared": _compared(report, older)} if older else {}),
        "exit_code": report.exit_code,
    }


def text(record: Mapping[str, Any]) -> str:
    """As written to a file."""
    return json.dumps(record, indent=1, allow_nan=False) + "\n"


@dataclass(frozen=True)
class Saved:
    """What is read back of a report."""

    kind: ClassVar[str] = "bench"
    plan: Plan
    baseline: str
    timings: tuple[Timing, ...]
    cpu: str = ""
    platform: str = ""
    build: Mapping[str, Any] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Older:
    """A report read back, and its timings by key."""

    path: Path
    saved: Saved

    @cached_property
    def timings(self) -> Mapping[tuple[str, str, str, Shape], Timing]:
        return {t.key: t for t in self.saved.timings}


@dataclass(frozen=True)
class Change:
    """seconds: old / new median: 2 is twice as fast now. relative: the same of the ratios to the baseline.

    None where one of the runs did not measure it; relative also where the baselines differ.
    """

    seconds: float | None
    relative: float | None


def read(path: Path, plan: Plan) -> Older:
    """An older report of the same plan. Raises BenchError that says where they differ."""
    try:
        saved = from_json(Saved, read_json(path), str(path), ignore_unknown=True)
    except UsageError as error:
        raise BenchError(f"no report of `darkparity bench`: {error}") from None
    found = [_other_shapes(set(saved.plan.shapes), set(plan.shapes)),
             *(_difference(name, saved.plan, plan) for name in _ALIKE[1:])]  # fmt: skip
    if any(found):
        raise BenchError(f"{path} cannot be compared: {'; '.join(filter(None, found))}")
    return Older(path, saved)


def _difference(name: str, old: Plan, new: Plan) -> str:
    theirs, ours = getattr(old, name), getattr(new, name)
    same = set(ours) == set(theirs) if isinstance(ours, tuple) else ours == theirs
    return "" if same else f"{name}: {_listed(theirs)} there, {_listed(ours)} now"


def _other_shapes(old: set[Any], new: set[Any]) -> str:
    sides = (("there only", old - new), ("now only", new - old))
    parts = [f"{side} {', '.join(sorted(map(written, shapes)))}" for side, shapes in sides if shapes]
    return f"geometries differ: {'; '.join(parts)}" if parts else ""


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value) or "none"


def changes(report: Report, older: Older) -> dict[tuple[str, str, str, Shape], Change]:
    """Every timing of both runs."""
    found = {}
    for t in report.timings:
        old = older.timings.get(t.key)
        if old is None or t.seconds is None:
            continue
        comparable = older.saved.baseline == report.baseline and t.implementation != report.baseline
        before = _median(old.ratio) if comparable else None
        ratio = t.ratio.median / before if t.ratio and before else None
        then = _median(old.seconds)
        found[t.key] = Change(then / t.seconds.median if then else None, ratio)
    return found


def _compared(report: Report, older: Older) -> dict[str, Any]:
    rows = [{**dict(zip(("implementation", "way", "mode", "shape"), key, strict=True)), **to_json(change)}
            for key, change in changes(report, older).items()]  # fmt: skip
    return {"file": str(older.path), "machine": other_machine(environment(), older), "changes": rows}


def _median(spread: Spread | None) -> float | None:
    return spread.median if spread else None


def other_machine(facts: Mapping[str, Any], older: Older) -> list[str]:
    """What differs between the machines: which fact, there, now; versions of what both had loaded."""
    found = [(name, getattr(older.saved, name), facts.get(name)) for name in ("cpu", "platform", "build")]
    there, now = older.saved.versions, facts.get("versions", {})
    found += [(name, there[name], now[name]) for name in there if name in now]
    return [f"{name}: {_words(old)} there, {_words(new)} now" for name, old, new in found if old != new]


def _words(value: object) -> str:
    return ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value)
