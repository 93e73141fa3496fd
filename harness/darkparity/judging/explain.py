"""Which changed specification explains wrong outputs: one whose own answers, in their own bounds, match them all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from darkparity.dialects import Dialect
from darkparity.oracle import UNCHANGED, Variant
from darkparity.oracle.bounds import Expected, expected_of, intervals
from darkparity.oracle.bounds.compare import ratios
from darkparity.oracle.deviations.answers import affects
from darkparity.oracle.deviations.deviation import Deviation

from .evidence import Evidence
from .nearness import MISFIT, Exhibit, survivors

#: A row speaks of a deviating element if its own bound is at most half of what the element is off: one that would let
#: the right answer pass as well explains nothing, and is not refuted. It speaks of an array if it does of half of them.
_TELLING, _COVERAGE = 0.5, 0.5
#: An answer is met where it lies this many times closer than it is off.
_MET = 4.0
#: Arrays that deviate of which it has to speak.
_SPEAKS = 0.25
#: Explanations this many bits looser than the tightest are left out: they would accept most other answers too.
_LOOSER = 3.0
#: Fields of a row that are no choice of its own.
TEXT = ("name", "summary", "sources")
#: Bits of float32: an element that was met exactly.
_BITS = 24.0


@dataclass(frozen=True)
class Explanation:
    """Deviations that together match all evidence. ratio: worst |got - variant| / variant's bound. bits: how many
    binary digits of what was off their bounds leave no freedom to, in the mean. changes: fields of the row that are
    others."""

    deviations: tuple[Deviation, ...]
    ratio: float
    bits: float
    changes: int

    @property
    def name(self) -> str:
        return " + ".join(d.name for d in self.deviations)

    @property
    def sentence(self) -> str:
        return "; and ".join(d.sentence for d in self.deviations)


@dataclass
class Fit:
    """How one deviation, in its own bounds, matches the evidence."""

    deviation: Deviation
    ratio: float = 0.0
    #: Of each deviating array; None where the row says nothing of it.
    bits: list[float | None] = field(default_factory=list)

    @property
    def explains(self) -> bool:
        """Nothing refutes it, and it speaks of what deviates."""
        said = [b for b in self.bits if b is not None]
        return self.ratio <= 1 and len(said) > 0 and len(said) >= _SPEAKS * len(self.bits)

    @property
    def tightness(self) -> float:
        return float(np.mean([b or 0.0 for b in self.bits])) if self.bits else 0.0


def combined(*deviations: Deviation) -> Deviation:
    """All of them at once, edits in the order given."""
    first, *others = deviations
    for other in others:
        first = _both(first, other)
    return first


def _both(first: Deviation, second: Deviation) -> Deviation:
    a, b = first.variant, second.variant
    variant = Variant(
        dialect=lambda row: b.dialect(a.dialect(row)),
        formulas={**a.formulas, **b.formulas},
        rewrite=lambda calls, at: b.rewrite(a.rewrite(calls, at), at),
        buffers={**a.buffers, **b.buffers},
    )
    return Deviation(f"{first.name} + {second.name}", f"{first.sentence}; and {second.sentence}",
                     f"{first.touched}, {second.touched}", variant)  # fmt: skip


def fit(deviation: Deviation, evidence: Iterable[Evidence]) -> Fit:
    """Match one deviation against the evidence, up to the first array that refutes it."""
    result = Fit(deviation)
    for piece in evidence:
        for ratio, bits in _matches(deviation, piece):
            result.ratio = max(result.ratio, ratio)
            result.bits += bits
            if ratio > 1:
                return result
    return result


def _matches(deviation: Deviation, piece: Evidence) -> list[tuple[float, list[float | None]]]:
    expected = piece.problem.expected(piece.profile)
    variant = own_answers(deviation, piece)
    if variant is None:
        return [(math.inf, [])]
    return [_match(got, variant[n], expected[n]) for n, got in piece.got.items() if n in variant]


def own_answers(deviation: Deviation, piece: Evidence) -> Mapping[str, Expected] | None:
    """The deviation's own answers in their own bounds; None where its edits do not fit together."""
    call = piece.problem.call
    try:
        if not affects(deviation, call):
            return piece.problem.expected(piece.profile)
        own = intervals(call, piece.profile, deviation.variant)
    except MISFIT:
        return None
    return {n: expected_of(i, piece.profile) for n, i in own.items()}


def ratio_of(got: np.ndarray, expected: Expected) -> float:
    """The worst error in bounds."""
    return float(ratios(got, expected).max(initial=0.0)) if got.shape == expected.value.shape else math.inf


def _match(got: np.ndarray, variant: Expected, expected: Expected) -> tuple[float, list[float | None]]:
    """The worst ratio in the variant's bound, and its bits if the array deviates."""
    if got.shape != variant.value.shape:
        return math.inf, []
    ratio, wrong = ratios(got, variant), ratios(got, expected) > 1
    return float(ratio.max(initial=0.0)), [_bits(got, variant, expected, wrong)] if wrong.any() else []


def _bits(got: np.ndarray, variant: Expected, expected: Expected, wrong: np.ndarray) -> float | None:
    """None where the variant's own bounds would let the right answer pass as well, and the answer is not met either:
    what rounds to few digits has bounds as wide as its deviation, but lands on the same numbers."""
    with np.errstate(all="ignore"):
        answer = got[wrong].astype(np.float64)
        off = np.abs(answer - expected.value[wrong])
        bound = np.where(variant.vacuous[wrong], np.inf, variant.bound[wrong])
        away = np.fmax(np.abs(answer - variant.value[wrong]), expected.bound[wrong])
        met = np.where(variant.vacuous[wrong], np.inf, _MET * away)
        left = np.where(bound == 0, 0.0, np.fmin(bound, met) / np.where(np.isfinite(off), off, np.inf))
    left = np.where(np.isnan(left), 1.0, left)
    if (left <= _TELLING).mean() < _COVERAGE:
        return None
    return float(np.mean(-np.log2(np.clip(left, 2.0**-_BITS, 1.0))))


def explain(rows: Sequence[Deviation], observed: Sequence[Exhibit]) -> list[Explanation]:
    """Single deviations that match all of the evidence, best first; empty if none does."""
    for candidates in survivors([row for row in rows if not row.equivalent], observed):
        if found := fitting([(row,) for row in candidates], [one.piece for one in observed]):
            return found
    return []


def fitting(candidates: Iterable[tuple[Deviation, ...]], evidence: Sequence[Evidence]) -> list[Explanation]:
    """Those of fewest deviations that match all of the evidence, best first; loose ones are left out."""
    found = list[Explanation]()
    for parts in candidates:
        row = combined(*parts)
        if (f := fit(row, evidence)).explains:
            found.append(Explanation(parts, f.ratio, f.tightness, _changes(row, evidence[0].problem.dialect)))
    tightest = max((e.bits for e in found), default=0.0)
    fewest = min((len(e.deviations) for e in found), default=0)
    kept = [e for e in found if e.bits >= tightest - _LOOSER and len(e.deviations) == fewest]
    return sorted(_innocent(kept) or kept, key=lambda e: (e.changes, e.ratio))


def _innocent(found: Sequence[Explanation]) -> list[Explanation]:
    """Of several at once those that only compute another row: what explains no more and accuses is not told beside."""
    return [e for e in found if len(e.deviations) > 1 and all(map(is_choice, e.deviations))]


def is_choice(row: Deviation) -> bool:
    """It only computes another row: a choice or constant, no mistake in a routine."""
    variant = row.variant
    return not variant.formulas and not variant.buffers and variant.rewrite is UNCHANGED.rewrite


def _changes(deviation: Deviation, own: Dialect) -> int:
    row = deviation.variant.dialect(own)
    return sum(getattr(row, f.name) != getattr(own, f.name) for f in fields(Dialect) if f.name not in TEXT)
