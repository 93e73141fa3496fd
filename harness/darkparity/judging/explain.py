"""Which catalogued deviation explains wrong outputs: those whose own answers, in their own bounds, match them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from darkparity.oracle import UNCHANGED, Variant
from darkparity.oracle.bounds import Expected, expected_of, intervals
from darkparity.oracle.bounds.compare import ratios
from darkparity.oracle.deviations.answers import affects
from darkparity.oracle.deviations.deviation import Deviation

from .evidence import Evidence

#: Singles that come nearest and are tried in pairs with every other one.
_PAIRED = 12
#: Failing problems on which they are scored.
_SCORED = 6
#: A variant says something of an array if its own bound is finite on this share of the deviating elements;
#: where it says nothing it explains nothing either, and is not refuted.
_COVERAGE = 0.5
_SILENT = -1.0


@dataclass(frozen=True)
class Explanation:
    """One deviation, or a pair, that matches all evidence. ratio: worst |got - variant| / variant's bound."""

    deviations: tuple[Deviation, ...]
    ratio: float

    @property
    def name(self) -> str:
        return " + ".join(d.name for d in self.deviations)

    @property
    def sentence(self) -> str:
        return "; and ".join(d.sentence for d in self.deviations)


@dataclass
class Fit:
    """How well one deviation matches each piece of evidence: worst ratio, per problem and array."""

    deviation: Deviation
    worst: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return max((r for arrays in self.worst.values() for r in arrays.values()), default=np.inf)

    @property
    def matched(self) -> int:
        """Arrays explained."""
        return sum(0 <= r <= 1 for arrays in self.worst.values() for r in arrays.values())

    def explains(self, evidence: Sequence[Evidence]) -> bool:
        """Nothing refutes it, and in some failing problem every array speaks for it."""
        failing = [self.worst.get(piece.problem.id, {}) for piece in evidence if piece.deviates]
        return self.ratio <= 1 and any(arrays and min(arrays.values()) >= 0 for arrays in failing)


def combined(first: Deviation, second: Deviation) -> Deviation:
    """Both deviations at once."""
    a, b = first.variant, second.variant
    variant = Variant(
        dialect=lambda row: b.dialect(a.dialect(row)),
        formulas={**a.formulas, **b.formulas},
        rewrite=lambda calls, at: b.rewrite(a.rewrite(calls, at), at),
        buffers={**a.buffers, **b.buffers},
    )
    return Deviation(f"{first.name} + {second.name}", f"{first.sentence}; and {second.sentence}",
                     f"{first.touched}, {second.touched}", variant)  # fmt: skip


def fit(deviation: Deviation, evidence: Sequence[Evidence], stop_at_mismatch: bool = False) -> Fit:
    """Match one deviation against the evidence."""
    result = Fit(deviation)
    for piece in evidence:
        result.worst[piece.problem.id] = found = _matches(deviation, piece)
        if stop_at_mismatch and max(found.values(), default=0.0) > 1:
            break
    return result


def _matches(deviation: Deviation, piece: Evidence) -> dict[str, float]:
    call = piece.problem.call
    expected = piece.problem.expected(piece.profile)
    if affects(deviation, call):
        try:
            own = intervals(call, piece.profile, deviation.variant)
        except (KeyError, AttributeError, ValueError, TypeError):  # a pair whose edits do not fit together
            return {"": np.inf}
        variant: Mapping[str, Expected] = {n: expected_of(i, piece.profile) for n, i in own.items()}
    else:
        variant = expected
    return {n: _ratio(got, variant[n], expected[n]) for n, got in piece.got.items() if n in variant and n in expected}


def _ratio(got: np.ndarray, variant: Expected, expected: Expected) -> float:
    if got.shape != variant.value.shape:
        return np.inf
    wrong = ratios(got, expected) > 1
    if wrong.any() and (variant.vacuous & wrong).sum() > _COVERAGE * wrong.sum():
        return _SILENT
    return float(ratios(got, variant).max(initial=0.0))


def explain(catalogue: Iterable[Deviation], evidence: Sequence[Evidence]) -> list[Explanation]:
    """Deviations, else pairs, that match all of the evidence, best first; empty if nothing does."""
    ordered = sorted(evidence, key=lambda piece: (not piece.deviates, piece.problem.elements))
    rows = [row for row in catalogue if not row.equivalent]
    matched = (fit(row, ordered, stop_at_mismatch=True) for row in rows)
    singles = [Explanation((f.deviation,), f.ratio) for f in matched if f.explains(ordered)]
    return sorted(singles, key=lambda e: e.ratio) or _pairs(rows, ordered)


def _pairs(rows: Sequence[Deviation], evidence: Sequence[Evidence]) -> list[Explanation]:
    """Every row beside the few that come nearest on their own; each pair is dropped at its first mismatch."""
    partial = [piece for piece in evidence if piece.deviates][:_SCORED]
    nearest = sorted((fit(row, partial) for row in rows), key=lambda f: (-f.matched, f.ratio))
    tried: set[frozenset[str]] = set()
    for first in (f.deviation for f in nearest[:_PAIRED]):
        found = []
        for second in rows:
            names = frozenset((first.name, second.name))
            if len(names) == 2 and names not in tried:
                matched = (fit(pair, evidence, stop_at_mismatch=True) for pair in _orders(first, second))
                found += [Explanation((first, second), f.ratio) for f in matched if f.explains(evidence)][:1]
            tried.add(names)
        if found:
            return sorted(found, key=lambda e: e.ratio)
    return []


def _orders(first: Deviation, second: Deviation) -> list[Deviation]:
    """Both orders where both edit stages, else one."""
    pairs = [combined(first, second)]
    edits = all(d.variant.rewrite is not UNCHANGED.rewrite for d in (first, second))
    return [*pairs, combined(second, first)] if edits else pairs
