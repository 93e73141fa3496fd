"""Ports that would pass without computing: what a run in one process and an isolated one make of each.

The table in docs/verdicts.md is the expectation: one row per file in tests/hostile/cheats.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import darkparity
from darkparity.cli import main
from darkparity.report.run import read
from support import ROOT, STORE

CHEATS = ROOT / "tests" / "hostile" / "cheats"
PAGE = ROOT / "docs" / "verdicts.md"
_ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
MEAN = ("--operation", "mean_cpu")
INFERENCE = ("--operation", "forward_batchnorm_layer", "--case", "*inference*variance*", "--dialect", "darknet")
#: The command line without diagnoses: half of the time, and no part of a verdict.
ALONE = """
import sys, darkparity.cli, darkparity.judging.diagnose
darkparity.judging.diagnose.diagnose = lambda *_: None
sys.exit(darkparity.cli.main())
"""
#: Ordinary and hard cases, two of which have the same shape.
FEW = ("--case", "*in*")
#: Cheat -> what is asked of it; of the others a few cases of the mean.
ASKED: Mapping[str, tuple[str, ...]] = {
    "sleeps": (*MEAN, *FEW, "--timeout", "1"),
    "claims_affine": INFERENCE,
    "claims_dialect": INFERENCE,
    **dict.fromkeys(("ends_the_process", "raises_system_exit"), (*MEAN, "--case", "*one_element*")),
}


def rows() -> dict[str, tuple[str, str]]:
    """Cheat -> in one process, isolated."""
    return {name: (alone.strip(), isolated.strip()) for name, alone, isolated in _ROW.findall(PAGE.read_text("utf-8"))}


def test_the_page_tells_of_every_cheat() -> None:
    assert list(rows()) == [name for name in rows() if (CHEATS / f"{name}.py").exists()]
    assert set(rows()) == {p.stem for p in CHEATS.glob("[!_]*.py")}
    assert len(rows()) >= 20


class Recorder:
    """An honest port that keeps what it was asked and what it answered, for the cheats to copy."""

    def __init__(self) -> None:
        self.calls: list[dict[str, object]] = []

    def mean_cpu(self, x: np.ndarray) -> np.ndarray:
        from _stored import right, sha256

        mean: np.ndarray = right(x)
        self.calls.append({"shape": x.shape, "sha256": sha256(x), "mean": [float(number) for number in mean]})
        return mean


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a cheat finds: a package with its store, a golden directory, a recorded run."""
    place = tmp_path_factory.mktemp("cheats")
    package = place / "site" / "darkparity"
    package.mkdir(parents=True)
    for path in (ROOT / "harness" / "darkparity").iterdir():
        (package / path.name).symlink_to(path)
    (package / "golden").symlink_to(STORE)
    golden = place / "golden"
    for operation in ("mean_cpu", "forward_batchnorm_layer"):
        shutil.copytree(STORE / "darknet" / operation, golden / "darknet" / operation)
    shutil.copy(STORE / "MANIFEST.json", golden)
    shutil.copytree(STORE / "separates", golden / "separates")
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(CHEATS)
        assert darkparity.check(recorder, operations="mean_cpu", cases=FEW[1], store=golden).conforms
    (place / "recorded.json").write_text(json.dumps(recorder.calls), "utf-8")
    return place


@pytest.fixture
def place(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it for one cheat, which may change it; the package comes first."""
    shutil.copytree(prepared / "golden", tmp_path / "golden")
    shutil.copy(prepared / "recorded.json", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(prepared / "site")
    monkeypatch.setattr("darkparity.judging.diagnose.diagnose", lambda *_: None)
    return tmp_path


def asked(cheat: str) -> list[str]:
    return ["check", str(CHEATS / f"{cheat}.py"), *ASKED.get(cheat, (*MEAN, *FEW))]


def outcome(place: Path, code: int) -> str:
    """`deviates (1)`: the verdict in the run file and the exit code."""
    path = place / "darkparity-run.jsonl"
    verdict = read(path).summary.cells[0].verdict if path.exists() else "no verdict"
    return f"{verdict} ({code})"


@pytest.mark.parametrize("cheat", rows())
def test_in_one_process(cheat: str, place: Path) -> None:
    """A process of its own for judge and cheat: what a cheat changes in it must not reach these tests."""
    environment = {**os.environ, "PYTHONPATH": sys.path[0]}
    command = [sys.executable, "-c", ALONE, *asked(cheat)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert outcome(place, done.returncode) == rows()[cheat][0], done.stdout + done.stderr


@pytest.mark.parametrize("cheat", rows())
def test_isolated(cheat: str, place: Path) -> None:
    assert outcome(place, main([*asked(cheat), "--isolate"])) == rows()[cheat][1]


@pytest.mark.parametrize("cheat", ["golden_here", "table_by_hash", "table_by_order", "hard_cases_by_hash"])
def test_without_redrawn_inputs_a_table_passes(cheat: str, place: Path) -> None:
    """The control: nothing else would have caught these."""
    assert outcome(place, main([*asked(cheat), "--isolate", "--redraw", "0"])) == "conforms (0)"


def test_what_is_refused_is_told_and_fails_a_strict_run(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(place, main([*asked("refuses"), "--isolate", "--strict"])) == "conforms (1)"
    assert "unsupported in some cases: these inputs are not supported" in capsys.readouterr().out
