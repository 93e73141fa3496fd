"""Where they meet: put problems to implementations and judge what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np

from darkparity.ending import contained
from darkparity.formats.text import printable, reason
from darkparity.implementations.composed import training_run
from darkparity.implementations.crash import crash_of
from darkparity.implementations.protocol import Description, Implementation, NotOffered
from darkparity.implementations.wire.child import Expired
from darkparity.oracle.bounds import Expected, Profile
from darkparity.oracle.bounds.compare import compare
from darkparity.problems.problem import LIVE, REDRAWN, Problem
from darkparity.spec import LAYER_OPERATIONS, TRAINING_RUN, Arrays, Call, ContractError, check_call

from .distance import Matrix
from .locate import first_stage
from .power import power_of
from .repeat import Repeats
from .result import RECORDED, Result
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


@dataclass(frozen=True)
class Participant:
    """An implementation as the runner sees it: its declaration asked for once."""

    implementation: Implementation
    description: Description
    renew: Callable[[], Implementation] | None = None

    @classmethod
    def of(cls, implementation: Implementation, renew: Callable[[], Implementation] | None = None) -> Participant:
        """Raises what `describe` does; what it says of itself is made fit to be shown.

        renew: makes another instance that knows nothing of the calls so far; None where that cannot be had.
        """
        with contained():
            told = implementation.describe()
        name, version, details = (printable(str(text)) for text in (told.name, told.version, told.details))
        return cls(implementation, replace(told, name=name, version=version, details=details), renew)

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def profile(self) -> Profile:
        return Profile.of(self.description.labels)


def repeats_of(participants: Sequence[Participant], every: int = 1) -> dict[str, Repeats]:
    """For each implementation, what decides when it is asked again; every: ask each case so many times."""
    return {p.name: Repeats(_Instance(p), partial(_guarded, participant=p), _renewed(p), every) for p in participants}


def run(
    participants: Sequence[Participant],
    problems: Iterable[Problem],
    on_result: Callable[[Result], None],
    repeats: Mapping[str, Repeats] | None = None,
) -> Matrix:
    """Ask every participant every problem, in order; return how far they lie from each other.

    repeats: from `repeats_of`, where several runs are one; None: made here.
    """
    matrix = Matrix()
    repeats = repeats_of(participants) if repeats is None else repeats
    for problem in problems:
        answers: dict[str, tuple[Arrays, Profile]] = {}
        if problem.is_recorded:
            on_result(_result(RECORDED, problem, _judge_recording(problem), 0.0))
        if problem.recorded:
            answers[RECORDED] = (problem.recorded, Profile())
        for participant in participants:
            result, arrays = ask(participant, problem)
            verdict = repeats[participant.name].look(problem, arrays, result.verdict)
            on_result(replace(result, verdict=verdict))
            if arrays is not None:
                answers[participant.name] = (arrays, participant.profile)
        if len(answers) > 1:
            matrix.add(problem, answers)
        problem.release()
    return matrix


def ask(participant: Participant, problem: Problem) -> tuple[Result, Arrays | None]:
    """Put one problem to one implementation: its verdict, and the arrays it returned if it did."""
    description, started = participant.description, time.perf_counter()
    arrays: Arrays | None = None
    verdict = _without_asking(description, problem)
    if verdict is None:
        try:
            with contained(), np.errstate():
                arrays = _answered(participant, problem.call)
        except NotOffered as error:
            verdict = _refused(Unsupported(reason(error)), problem)
        except Exception as error:  # whatever a port does must become a verdict
            verdict = _refused(_crash(error, problem), problem)
    seconds = time.perf_counter() - started
    if verdict is None and arrays is not None:
        verdict = _guarded(problem, arrays, participant)
    assert verdict is not None
    return _result(participant.name, problem, verdict, seconds), arrays


def answers_of(participant: Participant) -> Callable[[Problem], Arrays | None]:
    """What the implementation answers, unjudged; None where it does not."""

    def answers(problem: Problem) -> Arrays | None:
        if _without_asking(participant.description, problem) is not None:
            return None
        try:
            with contained(), np.errstate():
                return _answered(participant, problem.call)
        except Exception:  # that it fails is told by its own verdict
            return None

    return answers


@dataclass(frozen=True)
class _Instance:
    """One instance to be asked again, guarded as in `ask`."""

    participant: Participant

    def __call__(self, problem: Problem) -> Arrays:
        with contained(), np.errstate():
            return _answered(self.participant, problem.call)

    def close(self) -> None:
        """End its child process, if it has one."""
        end = getattr(self.participant.implementation, "close", None)
        if callable(end):
            end()


def _renewed(participant: Participant) -> Callable[[], _Instance] | None:
    renew = participant.renew
    if renew is None:
        return None
    return lambda: _Instance(replace(participant, implementation=renew()))


def _answered(participant: Participant, call: Call) -> Arrays:
    """Run the operation; a training run is composed of the implementation's layer functions."""
    if call.operation == TRAINING_RUN and TRAINING_RUN not in participant.description.operations:
        return training_run(participant.implementation, call)
    return participant.implementation.run(call, call.outputs)


def _without_asking(description: Description, problem: Problem) -> Verdict | None:
    if problem.unjudgeable:
        return Inconclusive(problem.unjudgeable)
    needed = LAYER_OPERATIONS if problem.operation == TRAINING_RUN else (problem.operation,)
    missing = [name for name in needed if name not in description.operations]
    if missing and problem.operation not in description.operations:
        return Unsupported(f"{description.name} has no {', '.join(missing)}")
    if not description.offers(problem.dialect.name):
        return Unsupported(f"{description.name} runs {', '.join(description.dialects)} only")
    return None


def _crash(error: Exception, problem: Problem) -> Verdict:
    if isinstance(error, ContractError) and (wrong := _malformed_problem(problem)):
        return HarnessFault(f"the harness asked a malformed problem: {wrong}")
    if isinstance(error, Expired):
        return TimedOut(error.seconds)
    return Crashed(*crash_of(error))


def _refused(verdict: Verdict, problem: Problem) -> Verdict:
    """Right where the dialect's reference refuses as well: to train with a single value per channel."""
    said = {Unsupported: "reason", Crashed: "message"}.get(type(verdict))
    if said is None or getattr(verdict, "kind", "exception") != "exception" or not problem.call.refusable:
        return verdict
    return Conforms((), refused=getattr(verdict, said))


def _malformed_problem(problem: Problem) -> str:
    """What is wrong with the problem itself; empty if nothing: then a port raised the harness's own error."""
    try:
        check_call(problem.call)
    except ContractError as error:
        return str(error)
    return ""


def _judge_recording(problem: Problem) -> Verdict:
    if problem.unjudgeable:
        return Inconclusive(problem.unjudgeable)
    if problem.recorded:
        return _guarded(problem, problem.recorded, None)
    return Inconclusive("; ".join(dict.fromkeys(problem.unjudged.values())))


def _guarded(problem: Problem, arrays: Arrays, participant: Participant | None) -> Verdict:
    """Judge; a failure in here is the harness's own."""
    try:
        return judge(problem, arrays, participant)
    except Exception as error:
        return HarnessFault(f"{problem.id}: {type(error).__name__}: {error}")


def judge(problem: Problem, arrays: Arrays, participant: Participant | None) -> Verdict:
    """Judge returned arrays against what is right. Outputs not returned are not observed."""
    profile = participant.profile if participant else Profile()
    expected = problem.expected(profile)
    observed = [name for name in expected if name in arrays]
    unobserved = tuple(name for name in expected if name not in arrays)
    for name in observed:
        wrong = _malformed(name, arrays[name], expected[name].value)
        if wrong:
            return Crashed("protocol", wrong)
    comparisons = tuple(compare(name, arrays[name], expected[name]) for name in observed)
    if any(not c.conforms for c in comparisons):
        implementation = participant.implementation if participant else None
        stage = first_stage(problem, comparisons, implementation, profile)
        return Deviates(comparisons, unobserved, stage, _broken_claim(problem, arrays, observed, participant))
    blind = [c.array for c in comparisons if not c.evidence]
    if not observed:
        return Inconclusive("no output came back", comparisons, unobserved)
    if len(blind) == len(comparisons):
        return Inconclusive(f"every element of {', '.join(blind)} is vacuous", comparisons, unobserved)
    return Conforms(comparisons, unobserved, tuple(n for n in unobserved if _unmoved(n, problem, expected[n])))


def _unmoved(name: str, problem: Problem, expected: Expected) -> bool:
    """Whether leaving an array as it was given is right: a port that writes in place may then say nothing of it."""
    given = problem.arrays.get(name)
    return given is not None and given.shape == expected.value.shape and compare(name, given, expected).conforms


def _broken_claim(problem: Problem, arrays: Arrays, observed: Sequence[str], participant: Participant | None) -> str:
    """The smallest set of declared labels without which the answer conforms; empty if none helps."""
    labels = sorted(participant.description.labels if participant else ())
    for size in range(1, len(labels) + 1):
        for dropped in combinations(labels, size):
            expected = problem.expected(Profile.of(set(labels) - set(dropped)))
            if all(compare(name, arrays[name], expected[name]).conforms for name in observed):
                return ", ".join(dropped)
    return ""


def _malformed(name: str, got: np.ndarray, expected: np.ndarray) -> str:
    if not isinstance(got, np.ndarray) or got.dtype != np.float32:
        return f"{name} came back as {getattr(got, 'dtype', type(got).__name__)}, needs float32"
    if got.shape != expected.shape:
        return f"{name} came back with shape {got.shape}, needs {expected.shape}"
    return ""


def _result(name: str, problem: Problem, verdict: Verdict, seconds: float) -> Result:
    return Result(
        implementation=name, case=problem.id, operation=problem.operation, dialect=problem.dialect.name,
        verdict=verdict, attributes=dict(problem.attributes), origin=problem.origin, fault=problem.fault,
        seconds=seconds, reproduce=problem.reproduce, separates=_separates(problem, verdict),
    )  # fmt: skip


#: Elements up to which the power of a live case that no table has is worked out; a training run's takes as long as
#: that of ten cases, a redrawn one's was told by the case it is drawn from. A user's own tensors always, by their
#: first channels.
_POWER_ELEMENTS = 2048


def _separates(problem: Problem, verdict: Verdict) -> tuple[str, ...] | None:
    if not isinstance(verdict, Conforms):
        return None
    large = problem.elements > _POWER_ELEMENTS or problem.operation == TRAINING_RUN
    unknown = problem.separates is None and problem.of_base is None
    if problem.origin == REDRAWN or (unknown and problem.origin == LIVE and large):
        return None
    return tuple(power_of(problem, [c.array for c in verdict.comparisons]))
