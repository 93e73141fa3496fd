"""In which order explanations are looked for, and what makes one give way: another case of the run that refutes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from darkparity.dialects import Dialect
from darkparity.oracle.deviations import catalogue

from .evidence import Evidence
from .excuses import AS_IT_IS, Reading, readings
from .explain import Explanation, combined, explain, fit, is_choice
from .limited import PLACES, SIZES, in_part, in_place
from .modes import mixed_up
from .nearness import Exhibit, Nearness
from .predict import predicting
from .solving.as_deviation import solved
from .together import by_operation, joined, pairs, partly_near

#: How often a finding that another case refutes is looked for again with that case as evidence.
_ROUNDS = 4


@dataclass(frozen=True)
class Finding:
    """Equally good explanations, best first, in one reading of the evidence; none where that alone excuses all, or
    where nothing explains it. parts: what explains operations by themselves, in the latter case."""

    explanations: tuple[Explanation, ...] = ()
    reading: Reading = AS_IT_IS
    parts: Mapping[str, Sequence[Explanation]] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Nothing explains it."""
        return not self.explanations and not self.reading.condition

    def without_refuted(self, piece: Evidence) -> Finding:
        """What of it another piece of evidence leaves."""
        read = self.reading.of([piece])
        if not self.explanations:
            return Finding() if any(p.deviates for p in read) else self
        exhibits = [Exhibit(p) for p in read]
        kept = tuple(e for e in self.explanations if not any(_refutes(x, e) for x in exhibits))
        return replace(self, explanations=kept) if kept else Finding()


def _refutes(exhibit: Exhibit, explanation: Explanation) -> bool:
    row = combined(*explanation.deviations)
    surely = all(look.nearness == Nearness.WITHIN for look in exhibit.looks(row).values())
    return not surely and fit(row, [exhibit.piece]).ratio > 1


@dataclass
class Inquiry:
    """What one implementation answered, and what has been made of it.

    rest: answers to other cases of the run, to refute with. recorded: somebody's recording, whose mode may be another.
    """

    evidence: list[Evidence]
    rest: Sequence[Evidence]
    recorded: bool = False
    _exhibits: dict[tuple[Reading, int], list[Exhibit]] = field(default_factory=dict)

    def finding(self) -> Finding:
        """The first finding that the rest does not refute: what refutes one is evidence for the next."""
        for _ in range(_ROUNDS):
            found = next(self._findings())
            refuting = None
            for piece in () if found.nothing else self.rest:
                left = found.without_refuted(piece)
                if left.nothing:
                    refuting = piece
                    break
                found = left
            if refuting is None:
                return found
            self.evidence.append(refuting)
        return Finding()

    def _findings(self) -> Iterator[Finding]:
        """From what accuses least: an excuse, another row, one deviation, several at once, nothing."""
        read = {r: self._shown(r) for r in readings(self.evidence, self.recorded)}
        yield from (Finding(reading=r) for r, shown in read.items() if not any(x.piece.deviates for x in shown))
        catalogued = (row for row in catalogue(self._dialect).values() if not row.equivalent)
        rows = [*catalogued, *mixed_up(self._dialect)]
        choices = [row for row in rows if is_choice(row)]
        for reading, shown in read.items():
            yield from _named(explain(choices, shown), reading)
            if constants := solved([x.piece for x in shown], self._dialect):
                rows = [*rows, constants] if reading is AS_IT_IS else rows
                yield from _named(explain([constants], shown), reading)
        for reading, shown in read.items():
            if not reading.flipped:
                yield from _named(explain(rows, shown), reading)
        plain = read[AS_IT_IS]
        yield from _named(predicting(rows, [*plain, *map(Exhibit, self.rest)]), AS_IT_IS)
        for size in SIZES:
            yield from _named(explain([part for row in rows for part in in_part(row, size)], plain), AS_IT_IS)
        near = partly_near(rows, plain)
        limited = [row for place in PLACES for one in near for row in in_place(one, place)]
        yield from _named(explain(limited, plain), AS_IT_IS)
        parts = by_operation(choices, rows, plain)
        yield from _named(joined(parts, plain), AS_IT_IS)
        yield from _named(pairs(rows, plain), AS_IT_IS)
        yield Finding(parts=parts)

    def _shown(self, reading: Reading) -> list[Exhibit]:
        """Failing pieces first, small ones first: most rows are ruled out by the first."""
        ordered = sorted(self.evidence, key=lambda piece: (not piece.deviates, piece.problem.elements))
        for piece in ordered:
            key = reading, id(piece)
            if key not in self._exhibits:
                self._exhibits[key] = [Exhibit(read) for read in reading.of([piece])]
        return [x for piece in ordered for x in self._exhibits[reading, id(piece)]]

    @property
    def _dialect(self) -> Dialect:
        return self.evidence[0].problem.dialect


def _named(found: Sequence[Explanation], reading: Reading) -> Iterator[Finding]:
    if found:
        yield Finding(tuple(found), reading)
