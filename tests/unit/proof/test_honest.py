"""Honest float32 variants of the port. Not one false alarm, on golden and on random cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from darkparity.judging.runner import Participant, ask
from darkparity.oracle.bounds import ANY, FINITE
from darkparity.problems.problem import Problem
from darkparity.proof.honest import HONEST_VARIANTS, gather
from darkparity.proof.selftest.honest import Tally, alarms, fuzzed, label_sets
from darkparity.spec import LAYER_OPERATIONS, MAKE

FUZZED = 100
#: Python loops over every element: larger cases are the full self-test's.
ELEMENTS = 512


@pytest.fixture(scope="module", params=HONEST_VARIANTS)
def variant(request: pytest.FixtureRequest) -> Iterator[Participant]:
    honest = gather([request.param])
    if honest.absent:
        pytest.skip(honest.absent[request.param])
    (participant,) = honest.participants
    yield participant
    getattr(participant.implementation, "close", lambda: None)()


@pytest.fixture(scope="module")
def drawn() -> tuple[Problem, ...]:
    return tuple(fuzzed(FUZZED, seed=0))


def test_there_are_many() -> None:
    assert len(HONEST_VARIANTS) >= 24
    assert all(row.what and row.name == name for name, row in HONEST_VARIANTS.items())


def test_claims_are_given_up_one_by_one() -> None:
    declared = {"affine", "ieee", "two_pass"}
    assert label_sets(declared) == [declared, {"affine", "two_pass"}, {"affine"}]
    assert label_sets(()) == [frozenset()]


@pytest.mark.slow
def test_no_false_alarm_on_golden_cases(variant: Participant, problems: tuple[Problem, ...]) -> None:
    asked = [q for q in problems if q.elements <= ELEMENTS]
    tally = Tally()
    assert not list(alarms([variant], asked, tally, lambda n: None, brief=True))
    assert tally.answers == len(asked)


@pytest.mark.slow
def test_no_false_alarm_on_random_cases(variant: Participant, drawn: tuple[Problem, ...]) -> None:
    assert not list(alarms([variant], drawn, Tally(), lambda n: None, brief=True))


def test_variants_answer_everything(variant: Participant) -> None:
    assert {*LAYER_OPERATIONS, MAKE} <= set(variant.description.operations)
    if not variant.name.startswith("cpp_fused"):  # whole layers only: that is its point
        assert len(variant.description.operations) >= 16


def test_the_random_cases_are_evidence(drawn: tuple[Problem, ...]) -> None:
    """In most arrays some element is finite and has a finite bound."""
    judged = [((e.allowed == FINITE) & ~e.vacuous).any() for q in drawn for e in q.expected(ANY).values()]
    assert sum(judged) > 0.7 * len(judged)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["serial", "reciprocals", "flushed"])
def test_the_bounds_are_not_lax(name: str, drawn: tuple[Problem, ...]) -> None:
    tally = Tally()
    assert not list(alarms(gather([name]).participants, drawn, tally, lambda n: None))
    assert 0.1 < tally.worst <= 1


def test_folding_needs_its_label(problems: tuple[Problem, ...]) -> None:
    (folded,) = gather(["folded"]).participants
    plain = gather(["as_shipped"]).participants[0].description
    caught = [ask(Participant(folded.implementation, plain), q)[0].verdict for q in problems if "inference" in q.id]
    assert any(type(v).__name__ == "Deviates" for v in caught)
