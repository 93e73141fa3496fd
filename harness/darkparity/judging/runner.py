"""Where they meet: put questions to implementations and judge what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from darkparity.implementations.composed import training_run
from darkparity.implementations.port import EnvironmentChanged, ProtocolError
from darkparity.implementations.protocol import Description, Implementation
from darkparity.implementations.protocol import Unsupported as NotOffered
from darkparity.implementations.wire.child import Died, Expired
from darkparity.oracle.bounds import Profile
from darkparity.oracle.bounds.compare import compare
from darkparity.oracle.deviations.power import power_of
from darkparity.problems.problem import Question
from darkparity.spec import LAYER_OPERATIONS, RUN, ContractError, outputs_of

from .distance import Matrix
from .locate import first_stage
from .verdict import (
    Conforms,
    Crashed,
    Deviates,
    HarnessFault,
    Inconclusive,
    TimedOut,
    Unsupported,
    Verdict,
)

Arrays = Mapping[str, np.ndarray]
RECORDED = "recorded"


@dataclass(frozen=True)
class Result:
    """One implementation's verdict on one question.

    seconds: the implementation's own time. separates: catalogued deviations that would have been seen here; None:
    not worked out (what deviates, and live cases of real layer size).
    """

    implementation: str
    question: str
    operation: str
    dialect: str
    verdict: Verdict
    seconds: float = 0.0
    reproduce: str = ""
    separates: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Contestant:
    """An implementation as the runner sees it: its declaration asked for once."""

    implementation: Implementation
    description: Description

    @classmethod
    def of(cls, implementation: Implementation) -> Contestant:
        return cls(implementation, implementation.describe())

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def profile(self) -> Profile:
        return Profile.of(self.description.labels)


def run(
    contestants: Sequence[Contestant], questions: Iterable[Question], on_result: Callable[[Result], None]
) -> Matrix:
    """Ask every contestant every question, in order; return how far they lie from each other."""
    matrix = Matrix()
    for question in questions:
        answers: dict[str, tuple[Arrays, Profile]] = {}
        if question.recorded:
            answers[RECORDED] = (question.recorded, Profile())
            on_result(_result(RECORDED, question, _guarded(question, question.recorded, None), 0.0))
        for contestant in contestants:
            result, arrays = ask(contestant, question)
            on_result(result)
            if arrays is not None:
                answers[contestant.name] = (arrays, contestant.profile)
        if len(answers) > 1:
            matrix.add(question, answers)
        question.release()
    return matrix


def ask(contestant: Contestant, question: Question) -> tuple[Result, Arrays | None]:
    """Put one question to one implementation: its verdict, and the arrays it returned if it did."""
    description, started = contestant.description, time.perf_counter()
    arrays: Arrays | None = None
    verdict = _unsupported(description, question)
    if verdict is None:
        try:
            arrays = _call(contestant, question)
        except NotOffered as error:
            verdict = Unsupported(str(error))
        except Exception as error:  # whatever a port does must become a verdict
            verdict = _crash(error)
    seconds = time.perf_counter() - started
    if verdict is None and arrays is not None:
        verdict = _guarded(question, arrays, contestant)
    assert verdict is not None
    return _result(contestant.name, question, verdict, seconds), arrays


def _call(contestant: Contestant, question: Question) -> Arrays:
    """Run the operation; a training run is composed of the implementation's layer functions."""
    call = (question.dialect, question.arrays, question.attributes)
    if question.operation == RUN and RUN not in contestant.description.operations:
        return training_run(contestant.implementation, *call)
    wanted = outputs_of(question.operation, question.attributes, question.dialect)
    return contestant.implementation.run(question.operation, *call, wanted)


def _unsupported(description: Description, question: Question) -> Verdict | None:
    needed = LAYER_OPERATIONS if question.operation == RUN else (question.operation,)
    missing = [name for name in needed if name not in description.operations]
    if missing and question.operation not in description.operations:
        return Unsupported(f"{description.name} has no {', '.join(missing)}")
    if question.dialect.name not in description.dialects:
        return Unsupported(f"{description.name} runs {', '.join(description.dialects)} only")
    return None


def _crash(error: Exception) -> Verdict:
    if isinstance(error, ContractError):
        return HarnessFault(f"the harness asked a malformed question: {error}")
    if isinstance(error, Expired):
        return TimedOut(error.seconds)
    if isinstance(error, Died):
        return Crashed(error.kind, str(error))
    kinds = ((EnvironmentChanged, "environment"), (ProtocolError, "protocol"), (MemoryError, "memory"))
    kind = next((word for cls, word in kinds if isinstance(error, cls)), "exception")
    return Crashed(kind, f"{type(error).__name__}: {error}")


def _guarded(question: Question, arrays: Arrays, contestant: Contestant | None) -> Verdict:
    """Judge; a failure in here is the harness's own."""
    try:
        return judge(question, arrays, contestant)
    except Exception as error:
        return HarnessFault(f"{question.id}: {type(error).__name__}: {error}")


def judge(question: Question, arrays: Arrays, contestant: Contestant | None) -> Verdict:
    """Judge returned arrays against what is right. Outputs not returned are not observed."""
    profile = contestant.profile if contestant else Profile()
    expected = question.expected(profile)
    observed = [name for name in expected if name in arrays]
    unobserved = tuple(name for name in expected if name not in arrays)
    for name in observed:
        problem = _malformed(name, arrays[name], expected[name].value)
        if problem:
            return Crashed("protocol", problem)
    comparisons = tuple(compare(name, arrays[name], expected[name]) for name in observed)
    if any(not c.conforms for c in comparisons):
        implementation = contestant.implementation if contestant else None
        stage = first_stage(question, comparisons, implementation, profile)
        return Deviates(comparisons, unobserved, stage, _broken_claim(question, arrays, observed, contestant))
    blind = [c.array for c in comparisons if not c.evidence]
    if not observed:
        return Inconclusive("no output came back", comparisons, unobserved)
    if len(blind) == len(comparisons):
        return Inconclusive(f"every element of {', '.join(blind)} is vacuous", comparisons, unobserved)
    return Conforms(comparisons, unobserved)


def _broken_claim(
    question: Question, arrays: Arrays, observed: Sequence[str], contestant: Contestant | None
) -> str:
    """The smallest set of declared labels without which the answer conforms; empty if none helps."""
    labels = sorted(contestant.description.labels if contestant else ())
    for size in range(1, len(labels) + 1):
        for dropped in combinations(labels, size):
            expected = question.expected(Profile.of(set(labels) - set(dropped)))
            if all(compare(name, arrays[name], expected[name]).conforms for name in observed):
                return ", ".join(dropped)
    return ""


def _malformed(name: str, got: np.ndarray, right: np.ndarray) -> str:
    if not isinstance(got, np.ndarray) or got.dtype != np.float32:
        return f"{name} came back as {getattr(got, 'dtype', type(got).__name__)}, needs float32"
    if got.shape != right.shape:
        return f"{name} came back with shape {got.shape}, needs {right.shape}"
    return ""


def _result(name: str, question: Question, verdict: Verdict, seconds: float) -> Result:
    asked = (question.id, question.operation, question.dialect.name)
    return Result(name, *asked, verdict, seconds, question.reproduce, _separates(question, verdict))


#: Elements up to which a live case's power is worked out; a user's own tensors always, by their first channels.
_POWER_ELEMENTS = 2048


def _separates(question: Question, verdict: Verdict) -> tuple[str, ...] | None:
    if not isinstance(verdict, Conforms):
        return None
    if question.separates is None and question.origin == "live" and question.elements > _POWER_ELEMENTS:
        return None
    return tuple(power_of(question, [c.array for c in verdict.comparisons]))



def collect(contestants: Sequence[Contestant], questions: Iterable[Question]) -> Iterator[Result]:
    """`run` without the matrix, as an iterator: for suites."""
    for question in questions:
        for contestant in contestants:
            yield ask(contestant, question)[0]
