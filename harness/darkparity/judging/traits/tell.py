"""All that is known of a failure beside its cause, gathered while the answers are at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from darkparity.judging.evidence import SMALL, Evidence
from darkparity.problems.problem import Problem

from .cases import kinds
from .elements import patterns
from .impossible import impossible
from .marks import Marks, marks_of
from .values import traits

#: Elements of an answer up to which its values are looked at.
_VALUES = 1 << 16


@dataclass
class Traits:
    """What cases, elements and values have in common."""

    _marks: list[Marks] = field(default_factory=list)
    _values: list[str] = field(default_factory=list)
    _pieces: list[Evidence] = field(default_factory=list)

    def seen(self, evidence: Iterable[Evidence]) -> Iterator[Evidence]:
        """The same evidence, looked at in passing."""
        for piece in evidence:
            self._marks += marks_of(piece)
            self._pieces += [piece] if piece.problem.elements <= _VALUES else []
            yield piece

    def where(self, failing: Sequence[Problem], conforming: Sequence[Problem]) -> tuple[str, ...]:
        """Which cases and which elements."""
        small = ([q for q in problems if q.within(SMALL)] for problems in (failing, conforming))
        return (*kinds(*small), *patterns(self._marks))

    def values(self) -> tuple[str, ...]:
        """What the wrong values are."""
        return (*impossible(self._pieces), *traits(self._pieces))
