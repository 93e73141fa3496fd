"""`darkparity bench`: who conforms is timed, who does not is shown and not ranked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from darkparity import bench
from darkparity.cli import main
from darkparity.implementations import numpy_port

SMALL = ("--shape", "2x3x4x4")


@pytest.fixture(autouse=True)
def _brief(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench, "_SECONDS", "0.01")
    monkeypatch.setattr(bench, "_ROUNDS", "2")


def test_conforming_are_timed_and_deviating_are_not_ranked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pytest_benchmark")
    source = Path(numpy_port.__file__).read_text("utf-8")
    wrong = source.replace("return bias_updates + _sum(delta)", "return _sum(delta)")
    (tmp_path / "bad.py").write_text(wrong, "utf-8")
    code = main(["bench", "numpy", "bad.py", *SMALL, "--json"])
    report = json.loads(capsys.readouterr().out)
    rows = {(t["implementation"], t["operation"][:8]): t for t in report["timings"]}
    assert code == report["exit_code"] == 1
    assert report["threads"] == 1
    assert rows["numpy", "forward_"]["ratio"] == 1.0
    assert rows["bad.py", "forward_"]["median"] > 0
    assert (rows["bad.py", "backward"]["verdict"], rows["bad.py", "backward"]["median"]) == ("deviates", None)


def test_baseline_must_take_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "numpy", "--baseline", "cpp", *SMALL]) == 2
    assert "--baseline takes one of numpy" in capsys.readouterr().err


def test_missing_pytest_benchmark_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["bench", "numpy", *SMALL]) == 2
    assert "pip install 'darkparity[bench]'" in capsys.readouterr().err
