"""Every shipped implementation in every dialect, on a few cases each: stored ones and a layer of real size."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import DEFAULT
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Unsupported
from darkparity.problems.golden.store import default_store
from darkparity.problems.problem import Problem
from darkparity.problems.select import Filters, select
from support import STORE, shipped

CASES = ("first_training_step", "inference_tiny_rolling_variance", "connected", "yolov3_tiny_layer_13*")


@cache
def asked_in(dialect: str) -> list[Problem]:
    found = select(default_store(STORE), Filters((dialect,), (), CASES))
    return [replace(problem, separates={}) for problem in found]  # what it tells apart is not looked at here


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", DEFAULT)
def test_a_few_cases_conform(name: str, dialect: str) -> None:
    participant = Participant.of(shipped(name))
    verdicts = {problem.id: ask(participant, problem)[0].verdict for problem in asked_in(dialect)}
    assert not {case: v for case, v in verdicts.items() if not isinstance(v, Conforms | Unsupported)}
    layers = [v for case, v in verdicts.items() if "yolov3" in case and isinstance(v, Conforms)]
    assert layers, f"{name} supports no layer in {dialect}"
