"""Frameworks as peers: each conforms in its dialect on what it offers, or the difference is known."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import NotInstalled, load
from darkparity.implementations.adapters import ADAPTERS
from darkparity.judging import known
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Deviates, Inconclusive, Unsupported
from darkparity.problems.golden.store import Store
from darkparity.problems.problem import Problem
from darkparity.problems.select import Filters, select
from darkparity.spec import BACKWARD, FORWARD, TRAINING_RUN
from support import ROOT, shipped

PLACE = ROOT / "harness" / "darkparity" / "implementations" / "adapters"
ROWS = {"torch-native": "pytorch", "onnxruntime": "onnx", "flax": "flax", "keras": "keras", "opencv": "opencv"}
#: Asked of each; Flax traces every shape anew, so it gets a part.
PATTERNS = {"flax": ("*tiny*", "*around_4096", "connected*", "*ordinary*", "modes_switching", "one_value_poisons")}


@cache
def participant(name: str) -> Participant:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what importing a framework says
        return Participant.of(shipped(name))


def problems(store: Store, name: str) -> list[Problem]:
    wanted = Filters((ROWS[name],), (FORWARD, BACKWARD, TRAINING_RUN), PATTERNS.get(name, ()))
    return [q for q in select(store, wanted) if q.elements < 100_000]


def known_of(name: str) -> tuple[known.Known, ...]:
    path = PLACE / f"known-{name}.toml"
    return known.read(path) if path.is_file() else ()


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.filterwarnings("ignore")
def test_it_conforms_in_its_dialect(name: str, store: Store) -> None:
    who, entries, conforming = participant(name), known_of(name), 0
    assert who.description.dialects == (ROWS[name],)
    for asked in problems(store, name):
        verdict = ask(who, asked)[0].verdict
        identity = known.Identity.of(asked.id, asked.dialect.name, asked.operation)
        if known.find(entries, (name,), identity):
            assert isinstance(verdict, Deviates), f"{asked.id} is listed as known and does not deviate"
            continue
        assert isinstance(verdict, Conforms | Unsupported | Inconclusive), f"{asked.id}: {verdict}"
        conforming += isinstance(verdict, Conforms)
    assert conforming > 5


def test_torch_native_is_not_darknet(store: Store) -> None:
    """Claimed to be DarkNet's, PyTorch's batch norm deviates: eps, divisor, decay."""
    shipped("torch-native")
    claimed = Participant.of(load("torch-native", dialect="darknet"))
    asked = select(store, Filters(("darknet",), (FORWARD,), ("first_training_step", "tiny_variance")))
    assert len(asked) == 2
    assert all(isinstance(ask(claimed, q)[0].verdict, Deviates) for q in asked)


@pytest.mark.filterwarnings("ignore")
def test_flaxs_slow_variance_knows_no_difference(store: Store) -> None:
    shipped("flax")
    twin = Participant.of(load("darkparity.implementations.adapters.flax:TwoPass"))
    asked = select(store, Filters(("flax",), (FORWARD,), ("integers_around_4096", "large_mean_small_spread")))
    assert all(isinstance(ask(twin, q)[0].verdict, Conforms) for q in asked)


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_missing_package_names_the_command(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    package = {"onnxruntime": ("onnx", "onnxruntime")}.get(name, (ADAPTERS[name].needs,))
    for blocked in package:
        monkeypatch.setitem(sys.modules, blocked, None)
    with pytest.raises(NotInstalled, match="pip install 'darkparity"):
        load(name)


def test_adapters_are_short() -> None:
    lines = {p.name: len(p.read_text("utf-8").splitlines()) for p in sorted(Path(PLACE).glob("*.py"))}
    assert {name: n for name, n in lines.items() if n >= 120} == {}


def test_rows_are_dialects() -> None:
    assert set(ROWS) == set(ADAPTERS)
    assert set(ROWS.values()) <= set(DIALECTS)
    assert np.float32(DIALECTS["onnx"].rolling.gain) == np.float32(1) - np.float32(0.9)
