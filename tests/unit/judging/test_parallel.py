"""`--jobs`: as one process, only in several; and nothing is left of a worker that ends badly."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from darkparity.errors import DarkparityError, UsageError
from darkparity.implementations import adapt, load
from darkparity.implementations.wire.child import Died
from darkparity.judging.parallel import WorkerDied, run_parallel
from darkparity.judging.result import Result
from darkparity.judging.runner import Participant, run
from darkparity.problems.golden.store import Store
from darkparity.problems.problem import Problem
from darkparity.problems.select import Filters, select
from support import STORE

Plan = tuple[Sequence[Participant], Sequence[Problem]]


def plan(before: Callable[[], object] | None = None) -> Plan:
    if before is not None:
        before()
    return [Participant.of(load("numpy"))], select(Store(STORE), Filters(operations=("mean_cpu",)))


def refuse() -> None:
    raise UsageError("no such thing")


def refuse_strangely() -> None:
    raise Died("signal", "takes two arguments, so that pickle cannot make it again")


def told(result: Result) -> tuple[str, str, str]:
    return result.implementation, result.case, result.verdict.word


def test_results_are_those_of_one_process_in_its_order() -> None:
    participants, problems = plan()
    one: list[Result] = []
    several: list[Result] = []
    alone = run(participants, problems, one.append)
    together = run_parallel(plan, 2, len(problems), several.append)
    assert len(one) == len(problems) > 2
    assert [told(r) for r in several] == [told(r) for r in one]
    assert together.pairs == alone.pairs
    assert multiprocessing.active_children() == []


def test_a_worker_that_ends_is_named_with_what_to_do() -> None:
    with pytest.raises(WorkerDied, match=r"exit status 0.*--isolate"):
        run_parallel(partial(plan, partial(os._exit, 0)), 2, 9, lambda result: None)
    assert multiprocessing.active_children() == []


def test_an_error_in_a_worker_is_the_error() -> None:
    with pytest.raises(UsageError, match=r"^no such thing$"):
        run_parallel(partial(plan, refuse), 2, 9, lambda result: None)


def test_an_error_that_does_not_travel_says_what_it_said() -> None:
    with pytest.raises(DarkparityError, match="Died: takes two arguments"):
        run_parallel(partial(plan, refuse_strangely), 1, 9, lambda result: None)


class Tiring:
    """Fails once, then never returns."""

    asked = False

    def mean_cpu(self, x: object, batch: int, filters: int, spatial: int, mean: object) -> None:
        if self.asked:
            time.sleep(3600)
        self.asked = True
        raise ValueError("once")


def tiring() -> Plan:
    _, problems = plan()
    return [Participant.of(adapt(Tiring()))], problems


def test_a_reader_that_fails_ends_workers_that_never_return() -> None:
    def fail(result: Result) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_parallel(tiring, 2, 9, fail)
    assert multiprocessing.active_children() == []
