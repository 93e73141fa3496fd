"""The original itself, live: it conforms on every golden fixture of its dialect and on drawn cases."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from darkparity.cases import CASES, Case
from darkparity.dialects import DEFAULT, DIALECTS
from darkparity.implementations import available, load
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Inconclusive
from darkparity.problems.golden.store import default_store, problem
from darkparity.problems.select import live
from darkparity.spec import LAYER_OPERATIONS, MAKE, TRAINING_RUN
from support import ROOT, shipped

STORE = default_store(ROOT / "golden")
OWN = [file for file in STORE.files if file.startswith(f"{DEFAULT}/")]
DRAWN = 300


@cache
def participant() -> Participant:
    """Debian's DarkNet, or a visible skip with the command that installs it."""
    return Participant.of(shipped("darknet"))


@pytest.mark.parametrize("file", OWN)
def test_the_original_conforms(file: str) -> None:
    result, _ = ask(participant(), problem(STORE.read(file), file))
    assert isinstance(result.verdict, Conforms), result.verdict
    assert not result.verdict.unobserved


def test_it_offers_every_operation_in_its_dialect_alone() -> None:
    described = participant().description
    assert described.dialects == (DEFAULT,)
    assert described.labels == frozenset()
    assert {c.operation for c in CASES} - {TRAINING_RUN} == set(described.operations)


def drawn() -> Iterator[Case]:
    """Cases of the table with another geometry and other numbers."""
    rng = np.random.default_rng(20180914)
    fitting = [c for c in CASES if c.operation not in (MAKE, TRAINING_RUN) and c.defined_in(DIALECTS[DEFAULT])]
    while True:
        case = fitting[rng.integers(len(fitting))]
        name = f"drawn_{rng.integers(1 << 30)}"
        if not case.shape:
            yield dataclasses.replace(case, name=name, attributes=case.attributes | {"N": int(rng.integers(1, 70))})
            continue
        batch, channels, height, width = (int(n) for n in rng.integers(1, (6, 9, 8, 8)))
        if case.attributes.get("type") == "CONNECTED":
            height = width = 1
        yield dataclasses.replace(case, name=name, shape=(batch, channels, height, width))


def test_the_original_conforms_on_drawn_cases() -> None:
    counts: Counter[str] = Counter()
    layers = 0
    for case in drawn():
        try:
            case.arrays()
        except (IndexError, ValueError):  # a value placed, or a photograph cut, beyond the new geometry
            continue
        asked = live(case, DIALECTS[DEFAULT])
        result, _ = ask(participant(), asked)
        counts[type(result.verdict).__name__] += 1
        layers += case.operation in LAYER_OPERATIONS
        assert isinstance(result.verdict, Conforms | Inconclusive), f"{asked.id} {case.shape}: {result.verdict}"
        if counts.total() == DRAWN:
            break
    assert counts["Conforms"] > 0.9 * DRAWN
    assert layers > DRAWN / 4


def test_subnormal_results_are_flushed_which_the_label_ieee_would_forbid() -> None:
    """Where flush-to-zero shows it is the label's doing: the same answer under `ieee` deviates."""
    (file,) = (f for f in OWN if f.endswith("scal_cpu/result_subnormal.json"))
    asked = problem(STORE.read(file), file)
    result, arrays = ask(participant(), asked)
    assert isinstance(result.verdict, Conforms)
    assert arrays is not None
    assert (arrays["X"] == 0).any()
    claimed = dataclasses.replace(participant().description, labels=frozenset({"ieee"}))
    result, _ = ask(Participant(participant().implementation, claimed), asked)
    assert not isinstance(result.verdict, Conforms)


def test_where_it_is_missing_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import darkparity

    monkeypatch.setattr(darkparity, "__path__", [])
    (state,) = (a for a in available() if a.name == "darknet")
    assert not state.installed
    assert "apt-get install -y --no-install-recommends darknet" in state.reason
    with pytest.raises(Exception, match="apt-get install"):
        load("darknet")
