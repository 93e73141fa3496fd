"""Where a dialect's reference refuses, refusing is right; anything else is judged."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from darkparity.cases import case_named
from darkparity.dialects import Dialect, dialect
from darkparity.implementations import NotOffered, Port, load
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Crashed, Deviates, Unsupported, Verdict
from darkparity.problems.select import live
from darkparity.spec import FORWARD


def verdict(answer: Callable[..., Any], row: Dialect, case: str) -> Verdict:
    who = SimpleNamespace(forward_batchnorm_layer=answer, DARKPARITY={"dialect": row})
    found = case_named(FORWARD, case)
    assert found is not None
    return ask(Participant.of(Port(who, name="mine")), live(found, row))[0].verdict


def raises(error: Exception) -> Callable[..., Any]:
    def forward(input: np.ndarray, output: np.ndarray) -> np.ndarray:
        raise error

    return forward


REFUSALS = (ValueError("Expected more than 1 value per channel"), NotOffered("not with one value"))


@pytest.mark.parametrize("error", REFUSALS)
@pytest.mark.parametrize("name", ["pytorch", "yolov5", "keras(refuses_m_1=true)"])
def test_refusing_one_value_is_right_where_the_reference_refuses(error: Exception, name: str) -> None:
    found = verdict(raises(error), dialect(name), "one_element_per_channel")
    assert isinstance(found, Conforms)
    assert str(error) in found.refused


@pytest.mark.parametrize(("row", "case"), [("keras", "one_element_per_channel"), ("pytorch", "tiny_variance")])
def test_and_nowhere_else(row: str, case: str) -> None:
    assert isinstance(verdict(raises(REFUSALS[0]), dialect(row), case), Crashed)
    assert isinstance(verdict(raises(REFUSALS[1]), dialect(row), case), Unsupported)


def test_a_wrong_answer_is_no_refusal() -> None:
    def forward(input: np.ndarray, output: np.ndarray) -> np.ndarray:
        return np.full_like(output, 7)

    assert isinstance(verdict(forward, dialect("pytorch"), "one_element_per_channel"), Deviates)


def test_a_right_answer_conforms_without_refusing() -> None:
    case = case_named(FORWARD, "one_element_per_channel")
    assert case is not None
    found = ask(Participant.of(load("numpy")), live(case, dialect("pytorch")))[0].verdict
    assert isinstance(found, Conforms)
    assert not found.refused
