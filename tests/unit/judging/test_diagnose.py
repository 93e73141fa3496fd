"""The catalogue as stated power and as diagnosis: the right name, pairs, dialects, and what a run cannot see."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from darkparity.cases import cases_of
from darkparity.cli import main
from darkparity.dialects import DIALECTS
from darkparity.implementations.shipped import numpy_port
from darkparity.judging.diagnose import Witness, diagnose
from darkparity.judging.explain import combined
from darkparity.judging.power import power_of
from darkparity.oracle.bounds import ANY
from darkparity.oracle.deviations import DEVIATIONS, DIALECT_DEVIATIONS, Deviation
from darkparity.oracle.deviations.power import SEPARATES, margins, separated
from darkparity.problems.golden.store import Store
from darkparity.problems.problem import Problem
from darkparity.problems.select import live
from darkparity.proof.diagnosis_trial import fresh_questions, pairs, trials
from darkparity.spec import BACKWARD
from support import STORE

#: Rows of every kind: a field, a formula, stages, state, an index, a number format, a special value.
SAMPLE = (
    "epsilon_1e5_inside", "biased_rolling", "mean_delta_positive", "x_norm_after_scale", "rolling_aliased",
    "sums_without_tail_of_4", "half_statistics", "one_value_clamped", "axpy_ignores_incy",
)  # fmt: skip


@cache
def problems() -> list[Problem]:
    return fresh_questions(7)


def ranks(rows: list[Deviation]) -> dict[str, int | None]:
    return {t.name: t.rank for t in trials(rows, problems())}


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_the_right_deviation_is_named_on_fresh_inputs(name: str) -> None:
    assert ranks([DEVIATIONS[name]]) == {name: 0}


@pytest.mark.slow
def test_another_dialect_is_recognized() -> None:
    assert ranks([DIALECT_DEVIATIONS["dialect:alexeyab"]]) == {"dialect:alexeyab": 0}


@pytest.mark.slow
def test_a_pair_is_taken_apart() -> None:
    row = combined(DEVIATIONS["epsilon_1e5_inside"], DEVIATIONS["mean_delta_positive"])
    assert ranks([row]) == {row.name: 0}


@pytest.mark.slow
def test_random_pairs_touch_different_things() -> None:
    assert len({row.name for row in pairs(10, seed=1)}) == 10
    assert [row.name for row in pairs(3, seed=1)] == [row.name for row in pairs(3, seed=1)]


def test_nothing_failing_is_nothing_to_explain() -> None:
    assert diagnose(Witness.of(None), [], []) is None


@cache
def stored() -> list[Problem]:
    return [q for q in Store(STORE).problems() if q.dialect.name == "darknet"]


def test_every_deviation_is_separated_by_some_fixture() -> None:
    seen = {name for q in stored() for name in q.separates or ()}
    assert [row.name for row in DEVIATIONS.values() if not row.equivalent and row.name not in seen] == []


def test_no_equivalent_is_ever_separated() -> None:
    seen = {name for q in stored() for name in q.separates or ()}
    assert seen.isdisjoint(row.name for row in DEVIATIONS.values() if row.equivalent)


def test_stated_margins_count() -> None:
    assert all(margin >= SEPARATES for q in stored() for margin in (q.separates or {}).values())


def test_an_output_that_is_not_observed_sees_nothing() -> None:
    q = next(q for q in stored() if q.id == "darknet-forward_batchnorm_layer-rolling_far_from_batch")
    everything, output = power_of(q), power_of(q, ["output"])
    assert set(output) < set(everything)
    assert "decay_09" in everything
    assert "decay_09" not in output


def test_a_large_live_question_tells_apart_no_more_than_its_whole_block() -> None:
    """Power is worked out on its first channels; what mixes channels still shows in them."""
    case = next(c for c in cases_of(DIALECTS["darknet"]) if c.name == "above_4096_elements" and c.operation == BACKWARD)
    wide = replace(case, shape=(2, 64, 24, 24))
    q = live(wide, DIALECTS["darknet"])
    block = separated(margins(q.call, q.expected(ANY)))
    part = power_of(q)
    assert set(part) <= set(block)
    assert {"scales_of_neighbour", "scales_layout", "maps_without_last_channel", "mean_delta_zero"} <= set(part)


def bad_port(directory: Path) -> Path:
    source = Path(numpy_port.__file__).read_text("utf-8")
    wrong = source.replace("return -_sum(delta) / _root", "return _sum(delta) / _root")
    assert wrong != source
    path = directory / "port.py"
    path.write_text(wrong, "utf-8")
    return path


@pytest.mark.slow
def test_diagnose_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["diagnose", str(bad_port(tmp_path)), "--store", str(STORE), "--json"])
    record = json.loads(capsys.readouterr().out)
    assert code == 1
    assert record["diagnoses"][0]["explanations"][0]["name"] == "mean_delta_positive"


def test_a_restricted_run_lists_what_it_could_not_have_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["check", "numpy", "--operation", "mean_cpu", "--store", str(STORE), "--json"]
    assert main(words) == 0
    unseen = json.loads(capsys.readouterr().out)["unseen"][0]
    assert "mean_delta_positive" in unseen["names"]
    assert "mean_over_m_minus_1" not in unseen["names"]
    assert main([*words, "--strict"]) == 1
