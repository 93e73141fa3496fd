"""Every shipped implementation conforms on every golden fixture; Inconclusive is a failure too."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from darkparity.implementations import DEFAULT, Port
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Deviates, Unsupported
from darkparity.problems.golden.store import Store, default_store, problem
from support import ROOT, shipped

STORE = default_store(ROOT / "golden")


def _name_of(file: str) -> str:
    """darknet/normalize_cpu/tiny_variance.json -> darknet-normalize_cpu-tiny_variance."""
    return file.removesuffix(".json").replace("/", "-")


@cache
def participant(name: str) -> Participant:
    return Participant.of(shipped(name))


@pytest.mark.parametrize("file", STORE.files, ids=_name_of)
@pytest.mark.parametrize("name", DEFAULT)
def test_it_conforms(name: str, file: str) -> None:
    asked = problem(STORE.read(file), file)
    result, _ = ask(participant(name), asked)
    if isinstance(result.verdict, Unsupported):
        pytest.skip(result.verdict.reason)
    assert isinstance(result.verdict, Conforms), f"{asked.fault}\n{result.verdict}"
    assert not result.verdict.unobserved, "a shipped implementation returns every output"


def test_every_file_of_the_store_is_listed_and_asked(store: Store) -> None:
    on_disk = {p.relative_to(store.path).as_posix() for p in store.path.glob("*/*/*.json")}
    assert on_disk == set(store.files)
    assert {_name_of(file) for file in on_disk} == {q.id for q in store.problems()}


def test_a_wrong_answer_would_not_pass() -> None:
    """The same path as above, with an implementation that returns its inputs."""

    class Lazy:
        @staticmethod
        def add_bias(output: np.ndarray, biases: np.ndarray) -> np.ndarray:
            return output

    file = "darknet/add_bias/ordinary_odd_batch.json"
    asked = problem(STORE.read(file), file)
    result, _ = ask(Participant.of(Port(Lazy)), asked)
    assert isinstance(result.verdict, Deviates)
    assert result.verdict.stage == "add_bias"
