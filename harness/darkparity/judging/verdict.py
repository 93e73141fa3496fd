"""The closed set of verdicts, each with what a reader needs, and their exit codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from darkparity.errors import CONFORMS, DEVIATES, FAULT
from darkparity.oracle.bounds.compare import Comparison


@dataclass(frozen=True)
class Conforms:
    """Every observed element lies inside its bound, and some element could have lain outside.

    varies: how the answer changed when the same was asked again, inside the bounds; empty if it did not.
    refused: what was said instead of an answer where the dialect's reference gives none either; empty otherwise.
    unmoved: those of `unobserved` that are rightly left as they were given.
    """

    comparisons: tuple[Comparison, ...]
    unobserved: tuple[str, ...] = ()
    unmoved: tuple[str, ...] = ()
    varies: str = ""
    refused: str = ""
    word: ClassVar[str] = "conforms"
    exit_code: ClassVar[int] = CONFORMS


@dataclass(frozen=True)
class Deviates:
    """At least one element lies outside its bound; `stage` is where it starts.

    broken_claim: the declared labels without which the same answer conforms: then the claim is what is wrong.
    """

    comparisons: tuple[Comparison, ...]
    unobserved: tuple[str, ...] = ()
    stage: str = ""
    broken_claim: str = ""
    word: ClassVar[str] = "deviates"
    exit_code: ClassVar[int] = DEVIATES

    @property
    def worst(self) -> Comparison:
        """The first deviating array in specification order."""
        return next(c for c in self.comparisons if not c.conforms)


@dataclass(frozen=True)
class NotDeterministic:
    """The same inputs got different answers, and not all of them lie inside the bounds.

    change: the first element that changed. comparisons: of the first answer.
    """

    change: str
    comparisons: tuple[Comparison, ...] = ()
    word: ClassVar[str] = "not deterministic"
    exit_code: ClassVar[int] = DEVIATES


@dataclass(frozen=True)
class DependsOnEarlierCalls(NotDeterministic):
    """As NotDeterministic, but a fresh instance repeats the same answers in the same order: state is kept."""

    word: ClassVar[str] = "depends on earlier calls"
    exit_code: ClassVar[int] = DEVIATES


@dataclass(frozen=True)
class Inconclusive:
    """Nothing deviates, but nothing could have: not a pass."""

    reason: str
    comparisons: tuple[Comparison, ...] = ()
    unobserved: tuple[str, ...] = ()
    word: ClassVar[str] = "inconclusive"
    exit_code: ClassVar[int] = DEVIATES


@dataclass(frozen=True)
class Unsupported:
    """The implementation says it does not offer this."""

    reason: str
    word: ClassVar[str] = "unsupported"
    exit_code: ClassVar[int] = CONFORMS


@dataclass(frozen=True)
class Crashed:
    """The implementation failed. kind: exception, signal, memory, protocol or environment."""

    kind: str
    message: str
    word: ClassVar[str] = "crashed"
    exit_code: ClassVar[int] = DEVIATES


@dataclass(frozen=True)
class TimedOut:
    """No answer within the limit."""

    seconds: float
    word: ClassVar[str] = "timedout"
    exit_code: ClassVar[int] = DEVIATES


@dataclass(frozen=True)
class HarnessFault:
    """The harness failed; says nothing about the implementation."""

    message: str
    word: ClassVar[str] = "harnessfault"
    exit_code: ClassVar[int] = FAULT


Verdict = (
    Conforms
    | Deviates
    | NotDeterministic
    | DependsOnEarlierCalls
    | Inconclusive
    | Unsupported
    | Crashed
    | TimedOut
    | HarnessFault
)


#: Word -> class, the worst last.
VERDICTS: dict[str, type[Verdict]] = {
    cls.word: cls
    for cls in (
        Conforms,
        Unsupported,
        Inconclusive,
        Deviates,
        NotDeterministic,
        DependsOnEarlierCalls,
        TimedOut,
        Crashed,
        HarnessFault,
    )
}


def comparisons_of(verdict: Verdict) -> tuple[Comparison, ...]:
    """What was compared, () where nothing was."""
    return getattr(verdict, "comparisons", ())


def unobserved_of(verdict: Verdict) -> tuple[str, ...]:
    """Outputs that did not come back, () where nothing was compared."""
    return getattr(verdict, "unobserved", ())
