"""`darkparity bench --compare`: two runs of the same plan, and what is no report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from darkparity.bench import BenchError, Plan, history, measure
from darkparity.bench.report import Report
from darkparity.cli import main
from darkparity.implementations import load
from darkparity.judging.runner import Participant

SMALL = ("--shape", "2x3x4x4", "--rounds", "2")
SHAPE = (2, 3, 4, 4)


def measured() -> Report:
    plan = Plan((SHAPE,), modes=("training",), rounds=2)
    return measure([Participant.of(load("numpy"))], plan, lambda what, done, total: None)


def test_compare_relates_to_an_older_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call = ["bench", "cpp", "numpy", *SMALL, "--mode", "training"]
    assert main([*call, "--save", "old.json"]) == 0
    old = json.loads((tmp_path / "old.json").read_text("utf-8"))
    old["cpu"] = "another"
    for timing in old["timings"]:
        timing["seconds"]["median"] *= 1000
    (tmp_path / "old.json").write_text(json.dumps(old), "utf-8")
    capsys.readouterr()
    assert main([*call, "--compare", "old.json", "--json"]) == 0
    compared = json.loads(capsys.readouterr().out)["compared"]
    assert compared["machine"] == [f"cpu: another there, {history.environment()['cpu']} now"]
    changes = {(c["implementation"], c["way"]): c for c in compared["changes"]}
    assert changes["cpp", "bare"]["seconds"] > 1
    assert changes["cpp", "bare"]["relative"] is not None
    assert changes["numpy", "run"]["relative"] is None  # the baseline
    assert main([*call, "--compare", "old.json"]) == 0
    assert "other machine: cpu: another there" in capsys.readouterr().out


def test_compare_refuses_other_geometries(tmp_path: Path) -> None:
    report = measured()
    path = tmp_path / "old.json"
    path.write_text(history.text(history.as_json(report, {})), "utf-8")
    with pytest.raises(BenchError, match="geometries differ: there only 2x3x4x4; now only 1x2x3x3"):
        history.read(path, Plan(((1, 2, 3, 3),), modes=("training",)))
    with pytest.raises(BenchError, match="modes: training there, backward now; threads: 1 there, 2 now"):
        history.read(path, Plan((SHAPE,), modes=("backward",), threads=2))


BROKEN: list[tuple[str, Any, str]] = [
    ("['kind']", "run", "kind: needs 'bench', got 'run'"),
    ("['timings'][0]['shape']", [1, 2], r"timings\[0\].shape: needs a list of 4, got a list"),
    ("['timings'][0]['seconds']['median']", "fast", r"timings\[0\].seconds.median: needs a number, got 'fast'"),
    ("['timings'][0]['implementation']", [], r"timings\[0\].implementation: needs text"),
    ("['plan']['threads']", True, "plan.threads: needs a whole number, got true"),
    ("['plan']['modes']", ["sideways"], "plan: --mode 'sideways': known are"),
    ("['versions']", None, "versions: needs an object, got null"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("place", "value", "said"), BROKEN, ids=[row[2] for row in BROKEN])
def test_compare_names_the_place_that_is_no_report(tmp_path: Path, place: str, value: Any, said: str) -> None:
    record = json.loads(history.text(history.as_json(measured(), {})))
    exec(f"record{place} = value", {"record": record, "value": value})
    path = tmp_path / "old.json"
    path.write_text(json.dumps(record), "utf-8")
    with pytest.raises(BenchError, match=rf"no report of `darkparity bench`: .*old.json: {said}"):
        history.read(path, Plan((SHAPE,), modes=("training",)))
