"""Layer functions under pytest-benchmark, one after the other; `darkparity bench` compares, in turns.

`DARKPARITY_BENCH="cpp numpy 8x32x26x26" python -m pytest --pyargs darkparity.bench.pytest_layers
--benchmark-autosave`: implementations and geometries; for a history with pytest-benchmark's own storage.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from darkparity.dialects import DEFAULT
from darkparity.implementations import load
from darkparity.judging.runner import Participant

from .calls import Workspace, bare, through_contract
from .geometries import SHAPES, Shape, parse_shape, written
from .plan import MODES, problem, wanted

_WORDS = os.environ.get("DARKPARITY_BENCH", "numpy").split()
_SHAPES = [parse_shape(word) for word in _WORDS if word[0].isdecimal()] or list(SHAPES)
_NAMES = [word for word in _WORDS if not word[0].isdecimal()]


@pytest.mark.parametrize("shape", _SHAPES, ids=written)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", _NAMES)
def test_layer(benchmark: Any, name: str, mode: str, shape: Shape) -> None:
    """The function alone, on the same state each time; through the contract where it is another program."""
    participant = Participant.of(load(name))
    told = participant.description
    asked = problem(mode, shape, DEFAULT if told.offers(DEFAULT) else told.dialects[0])
    given = (participant, asked, wanted(asked, "output"), Workspace(asked))
    call = bare(*given) or through_contract(*given)
    benchmark.pedantic(call.call, setup=call.restore, rounds=30, warmup_rounds=2)
