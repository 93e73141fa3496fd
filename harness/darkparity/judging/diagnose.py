"""Why an implementation deviates: asks it again on few cases and looks for what explains the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from darkparity.oracle.bounds import ANY, Expected, Profile
from darkparity.oracle.deviations import Deviation
from darkparity.oracle.deviations.answers import values
from darkparity.oracle.deviations.power import SEPARATES, margin
from darkparity.problems.problem import Problem
from darkparity.spec import ROUTINES

from .diagnosis import Cause, Diagnosis
from .evidence import SMALL, Answers, gathered, others, telling
from .explain import Explanation, combined
from .nearness import MISFIT
from .result import RECORDED
from .runner import Participant, answers_of
from .sampling import sampled
from .search import Finding, Inquiry
from .traits import Traits


@dataclass(frozen=True)
class Witness:
    """Who answered: an implementation that can be asked again, or a recording."""

    name: str
    answers: Answers
    profile: Profile = ANY

    @classmethod
    def of(cls, participant: Participant | None) -> Witness:
        """participant None: the problems' own recordings."""
        if participant is None:
            return cls(RECORDED, lambda problem: problem.recorded or None)
        return cls(participant.name, answers_of(participant), Profile(affine=participant.profile.affine))


_NOTHING = "no catalogued deviation, alone or with others, explains these outputs"


def diagnose(witness: Witness, failing: Sequence[Problem], conforming: Sequence[Problem]) -> Diagnosis | None:
    """Explain the failures; None where nothing of them can be looked at."""
    with np.errstate(all="ignore"):  # deviations overflow as DarkNet's arithmetic does
        return _diagnosed(witness, failing, conforming)


def _diagnosed(witness: Witness, failing: Sequence[Problem], conforming: Sequence[Problem]) -> Diagnosis | None:
    asked, traits = telling(failing, conforming), Traits()
    evidence = [sampled(piece) for piece in traits.seen(gathered(witness.answers, asked, witness.profile))]
    if not any(piece.deviates for piece in evidence):
        return None
    examined = tuple(piece.problem.id for piece in evidence if piece.deviates)
    rest = list(gathered(witness.answers, others(failing, conforming, asked), witness.profile))
    found = Inquiry(evidence, rest, witness.name == RECORDED).finding()
    apart = _telling(found.explanations, (*failing, *conforming))
    where = (*traits.where(failing, conforming), *(traits.values() if found.nothing else ()))
    sentence = _sentence(found, where)
    return Diagnosis(witness.name, asked[0].dialect.name, sentence, _causes(found), apart, examined, where)


def _causes(found: Finding) -> tuple[Cause, ...]:
    reading = found.reading
    if found.explanations or found.nothing:
        return tuple(Cause(e.name, e.sentence, e.ratio) for e in found.explanations)
    return (Cause(reading.name, f"conforms if {reading.condition}", None),)


def _sentence(found: Finding, where: Sequence[str]) -> str:
    """For a porter to act on."""
    condition = found.reading.condition
    if found.nothing:
        parts = (f"{n} by itself: {each[0].sentence}" for n, each in found.parts.items() if each and n in ROUTINES)
        return "; ".join((_NOTHING, *parts, *where))
    if not found.explanations:
        return f"conforms if {condition}"
    first, *others = found.explanations
    same = ", ".join(e.name for e in others[:3])
    told = first.sentence + (f" (on these inputs the same as: {same})" if same else "")
    return f"{told}, if {condition}" if condition else told


def _telling(found: Sequence[Explanation], problems: Sequence[Problem]) -> str:
    """The problem on which the first two explanations lie furthest apart, where they do by 4 bounds."""
    if len(found) < 2:
        return ""
    first, second = (combined(*e.deviations) for e in found[:2])
    small = (q for q in problems if q.within(SMALL))
    best = max(((_apart(first, second, q), q.id) for q in small), default=(0.0, ""))
    return best[1] if best[0] >= SEPARATES else ""


def _apart(first: Deviation, second: Deviation, q: Problem) -> float:
    try:
        one, other = values(first, q.call), values(second, q.call)
    except MISFIT:
        return 0.0
    around = {n: Expected(one[n], e.bound, e.allowed) for n, e in q.expected(ANY).items() if n in one}
    return margin(around, other)
