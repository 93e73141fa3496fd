"""Every dialect has its own catalogue: true sentences, nothing that changes nothing, and cases that tell it apart."""

from __future__ import annotations

import pytest

from darkparity.cases import cases_of
from darkparity.dialects import DIALECTS
from darkparity.oracle.deviations import Deviation, catalogue, deviations
from darkparity.oracle.deviations.answers import affects, values
from darkparity.oracle.deviations.replay import Replay
from darkparity.problems.golden.separates import Separates, parse, path_of
from darkparity.spec import LAYER_OPERATIONS, Call
from support import STORE

#: One of every kind of backward, saved statistic, rolling statistic and mode.
DIFFERENT = ("darknet", "alexeyab", "darknet-cudnn", "pytorch", "caffe", "mxnet", "opencv")
#: E[x^2] - E[x]^2 in float32 lies within the bounds of label `any`; what shows it elsewhere is a variance that is
#: stored beside the normalizing one, a routine of its own, or a clip at 0 (flax). MXNet's forward updates no
#: rolling statistics: its backward does, from what is saved.
UNSEEN = {"keras": ["one_pass_variance"], "mxnet": ["rolling_of_normalized"]}


def table(dialect: str) -> Separates:
    return parse((STORE / path_of(dialect)).read_text("utf-8"), dialect)


def calls(dialect: str) -> list[Call]:
    row = DIALECTS[dialect]
    cases = [c for c in cases_of(row) if c.name.endswith("ordinary_odd_batch") or c.name == "inference_keeps_x_norm"]
    return [Call(c.operation, row, c.arrays(row), c.full_attributes) for c in cases]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_catalogue_is_large_everywhere(dialect: str) -> None:
    assert len(deviations(DIALECTS[dialect])) > (100 if DIALECTS[dialect].inference_only else 300)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_row_is_separated_by_a_case(dialect: str) -> None:
    stated, rows = table(dialect), catalogue(DIALECTS[dialect])
    assert list(stated.rows) == list(rows)
    missed = [name for name, row in rows.items() if not row.equivalent and set(stated.rows[name]) == {"."}]
    assert missed == list(UNSEEN.get(dialect, ()))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_equivalent_is_separated(dialect: str) -> None:
    rows = table(dialect).rows
    assert all(set(rows[r.name]) == {"."} for r in catalogue(DIALECTS[dialect]).values() if r.equivalent)


def test_what_changes_nothing_is_not_there() -> None:
    assert {"decay_09", "epsilon_1e5_inside", "copy_nothing", "mean_delta_zero"}.isdisjoint(
        deviations(DIALECTS["pytorch"])
    )
    assert "decay_09" not in deviations(DIALECTS["onnx"])  # its gain is 1 - .9f, .1 to every bound
    assert "dialect:onnx" not in catalogue(DIALECTS["paddle"])
    assert "dialect:pytorch" in catalogue(DIALECTS["flax"])
    assert "projection_missing" not in deviations(DIALECTS["darknet"])


def test_sentences_say_what_is_right_in_the_dialect() -> None:
    said = {name: deviations(DIALECTS[name])["epsilon_1e3_inside"].sentence for name in ("darknet", "pytorch")}
    assert said["darknet"].endswith("darknet by sqrt(variance) + 1e-06")
    assert said["pytorch"].endswith("pytorch by sqrt(variance + 1e-05)")


@pytest.mark.parametrize("dialect", DIFFERENT)
def test_every_row_can_be_worked_out_and_a_replay_is_no_other_answer(dialect: str) -> None:
    rows = catalogue(DIALECTS[dialect]).values()
    checked = 0
    for call in calls(dialect):
        replay = Replay(call)
        for row in (r for r in rows if affects(r, call)):
            checked += _same(row, call, replay)
    assert checked > 50


def _same(row: Deviation, call: Call, replay: Replay) -> int:
    """Outputs that a replay leaves out are those of the call without the deviation."""
    found, right = replay.values(row), values(row, call)
    untouched = values(Deviation("none", "", ""), call)
    for name, array in right.items():
        replayed = found[name] if name in found else untouched[name]
        assert replayed.tobytes() == array.tobytes(), (row.name, call.operation, name)
    return call.operation in LAYER_OPERATIONS
