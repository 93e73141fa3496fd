"""The closed set of verdicts, each with what a reader needs, and their exit codes."""

from __future__ import annotations

from dataclasses import dataclass

from darkparity.errors import CONFORMS, DEVIATES, FAULT
from darkparity.oracle.bounds.compare import Comparison


@dataclass(frozen=True)
class Conforms:
    """Every observed element lies inside its bound, and some element could have lain outside."""

    comparisons: tuple[Comparison, ...]
    unobserved: tuple[str, ...] = ()
    exit_code = CONFORMS


@dataclass(frozen=True)
class Deviates:
    """At least one element lies outside its bound; `stage` is where it starts.

    broken_claim: the declared labels without which the same answer conforms: then the claim is what is wrong.
    """

    comparisons: tuple[Comparison, ...]
    unobserved: tuple[str, ...] = ()
    stage: str = ""
    broken_claim: str = ""
    exit_code = DEVIATES

    @property
    def worst(self) -> Comparison:
        """The first deviating array in specification order."""
        return next(c for c in self.comparisons if not c.conforms)


@dataclass(frozen=True)
class Inconclusive:
    """Nothing deviates, but nothing could have: not a pass."""

    reason: str
    comparisons: tuple[Comparison, ...] = ()
    unobserved: tuple[str, ...] = ()
    exit_code = DEVIATES


@dataclass(frozen=True)
class Unsupported:
    """The implementation says it does not offer this."""

    reason: str
    exit_code = CONFORMS


@dataclass(frozen=True)
class Crashed:
    """The implementation failed. kind: exception, signal, memory, protocol or environment."""

    kind: str
    message: str
    exit_code = DEVIATES


@dataclass(frozen=True)
class TimedOut:
    """No answer within the limit."""

    seconds: float
    exit_code = DEVIATES


@dataclass(frozen=True)
class HarnessFault:
    """The harness failed; says nothing about the implementation."""

    message: str
    exit_code = FAULT


Verdict = Conforms | Deviates | Inconclusive | Unsupported | Crashed | TimedOut | HarnessFault


def kind(verdict: Verdict) -> str:
    """`conforms`, `deviates`, ...: the word used in tables and result files."""
    return type(verdict).__name__.lower()


def comparisons_of(verdict: Verdict) -> tuple[Comparison, ...]:
    """What was compared, () where nothing was."""
    return getattr(verdict, "comparisons", ())
