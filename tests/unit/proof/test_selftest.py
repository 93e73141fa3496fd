"""The self-test in reduced form: the catalogue is caught, honest answers pass, and both would be noticed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli import main
from darkparity.judging.runner import Participant
from darkparity.oracle.deviations import DEVIATIONS
from darkparity.problems.golden.store import MANIFEST, Store, manifest_text
from darkparity.problems.problem import Problem
from darkparity.proof.deviating import DeviatingImplementation
from darkparity.proof.fuzz_drill import Drill
from darkparity.proof.honest import HonestVariants, gather
from darkparity.proof.pages.evidence import measure, page
from darkparity.proof.pages.evidence.rules import DERIVED
from darkparity.proof.pages.evidence.tolerances import TOLERANCES, Tolerance
from darkparity.proof.selftest import Outcome, Scope
from darkparity.proof.selftest.caught import EQUIVALENT, VISIBLE, Caught, different, survey, unconfirmed
from darkparity.proof.selftest.holdout import COVER, cover, holdout
from darkparity.proof.selftest.honest import Tally, alarms, equivalents, fuzzed
from darkparity.proof.selftest.large import BIASED, DROPPED, Large, measured

Rows = dict[str, Caught]


def quiet(what: str, done: int, total: int) -> None:
    return None


@pytest.fixture(scope="module")
def rows(problems: tuple[Problem, ...]) -> Rows:
    """From the margins that the fixtures state; `golden diff` and the full self-test work them out."""
    found: dict[str, dict[str, float]] = {name: {} for name in VISIBLE}
    for problem in problems:
        for name, margin in (problem.separates or {}).items():
            if name in found:
                found[name][problem.id] = margin
    return {
        name: Caught(name, DEVIATIONS[name].touched, max(by_case.values(), default=0.0),
                     tuple(sorted(by_case, key=lambda q: -by_case[q])))
        for name, by_case in found.items()
    }  # fmt: skip


def test_every_visible_deviation_is_caught(rows: Rows) -> None:
    assert [row.name for row in rows.values() if not row.caught] == []


def test_the_catalogue_is_large(rows: Rows) -> None:
    assert len(different(rows.values())) >= 120
    assert len(EQUIVALENT) <= 10


def test_margins_are_those_of_the_fixtures(problems: tuple[Problem, ...]) -> None:
    few = [q for q in problems if q.id.endswith(("forward_batchnorm_layer-tiny_variance", "mean_cpu-one_element"))]
    found = survey(few, quiet)
    stated = {n for q in few for n in q.separates or () if n in VISIBLE}
    assert {name for name, row in found.items() if row.caught} == stated


@pytest.mark.slow
def test_the_runner_confirms(rows: Rows, problems: tuple[Problem, ...]) -> None:
    assert unconfirmed(list(rows.values())[::4], problems) == []


@pytest.mark.slow
def test_equivalents_never_alarm(problems: tuple[Problem, ...]) -> None:
    small = [q for q in problems if q.elements <= 512]
    assert not list(alarms(equivalents(), [*small, *fuzzed(50, seed=1)], Tally(), lambda n: None, brief=True))


def test_a_dishonest_variant_is_noticed(problems: tuple[Problem, ...]) -> None:
    wrong = Participant.of(DeviatingImplementation(DEVIATIONS["biased_variance"]))
    found = list(alarms([wrong], [q for q in problems if q.operation == "variance_cpu"], Tally(), lambda n: None))
    assert found
    assert "expected" in found[0].where


def test_cover_takes_the_fewest_it_can() -> None:
    catches = np.array([[1, 1, 1], [1, 1, 0], [1, 1, 0], [0, 0, 0]], bool)
    chosen = cover(catches)
    assert sorted(chosen) == [0, 1, 2]
    assert (catches[chosen].sum(axis=0) >= np.minimum(catches.sum(axis=0), COVER)).all()


def test_holdout_is_seeded_and_high(rows: Rows) -> None:
    first = holdout(list(rows.values()), 20, 3)
    assert first == holdout(list(rows.values()), 20, 3)
    assert first.least <= first.mean
    assert first.mean > 0.94


@pytest.mark.slow
def test_large_sums_keep_their_teeth() -> None:
    found = list(measured())
    assert all(row.good for row in found)
    required = {(row.deviation, row.labels) for row in found if row.required}
    assert {(DROPPED, ()), (BIASED, ("two_pass",))} <= required


@pytest.fixture
def outcome(rows: Rows, problems: tuple[Problem, ...]) -> Outcome:
    half = holdout(list(rows.values()), 2, 0)
    large = (Large(2**16, "dyadic", BIASED, "variance_cpu", ("two_pass",), 40.0, True),)
    caught, nobody = tuple(rows.values()), HonestVariants((), {})
    return Outcome(Scope(), len(problems), caught, (), nobody, (), (), Tally(), half, half, large)


def test_exit_code_follows_what_was_found(outcome: Outcome, rows: Rows) -> None:
    assert outcome.good
    missed = replace(rows["biased_variance"], margin=3.9)
    assert not replace(outcome, rows=(missed,)).good
    assert not replace(outcome, unconfirmed=("x",)).good
    assert not replace(outcome, large=(replace(outcome.large[0], margin=3.9),)).good
    assert json.loads(json.dumps(outcome.as_json(), allow_nan=False))["good"] is True


@pytest.mark.slow
def test_tolerances_beside_the_derived_bounds(outcome: Outcome, problems: tuple[Problem, ...]) -> None:
    few = [q for q in problems if q.operation in ("mean_cpu", "scale_bias", "normalize_cpu")]
    honest = gather(["serial", "reciprocals"])
    rules = measure(few, honest.participants, quiet)
    assert set(rules) == {DERIVED, *(t.name for t in TOLERANCES)}
    assert rules[DERIVED].alarms == 0
    assert rules["bitwise"].alarms > 0
    assert rules["bitwise"].caught >= rules[DERIVED].caught > 0.1
    written = page(replace(outcome, honest=honest), rules, [Drill("a", True, 3, 0.1, "mean_cpu", 1)], "2026-01-01")
    assert "| reciprocals |" in written
    assert "2026-01-01" in written


@pytest.mark.parametrize(("rule", "right"), [(t, i) for t in TOLERANCES for i in (0.0, 1.0, -2.5, np.inf, np.nan)])
def test_every_rule_accepts_the_answer_itself(rule: Tolerance, right: float) -> None:
    value = np.array([right], np.float32)
    assert rule.ratio(value, value).max() == 0
    assert rule.ratio(np.array([7.0], np.float32), value).max() > 1


@pytest.mark.slow
def test_the_command_says_what_was_missed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On three cases alone nearly everything is missed."""
    few = [n for n in store.files if n.startswith("darknet/mean_cpu/")][:3]
    for name in few:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(store.path / name, tmp_path / name)
    (tmp_path / MANIFEST).write_text(manifest_text({n: store.files[n] for n in few}), "utf-8")
    monkeypatch.setattr("darkparity.proof.selftest.QUICK", Scope(fuzzed=2, elements=64, brief=True, splits=5))
    assert main(["selftest", "--quick", "--store", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert "MISSED biased_variance" in shown
    assert "0 false alarms" in shown
    assert shown.rstrip().endswith("NOT GOOD")


def test_what_cannot_be_written_is_refused_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("darkparity.proof.selftest.selftest", lambda *_: pytest.fail("measured"))
    missing = tmp_path / "docs" / "evidence.md"
    assert main(["selftest", "--write", str(missing)]) == 2
    assert f"there is no directory {missing.parent}" in capsys.readouterr().err
    monkeypatch.setattr("darkparity.cli.selftest.find_spec", lambda name: None)  # as in a wheel
    assert main(["selftest", "--write", str(tmp_path / "evidence.md")]) == 2
    assert "is made in a checkout" in capsys.readouterr().err


def test_deviations_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "deviations", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["deviations"]
    assert [row["deviation"] for row in listed] == list(DEVIATIONS)
    assert sum(bool(row["equivalent"]) for row in listed) == len(EQUIVALENT)
