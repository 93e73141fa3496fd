"""Nothing an implementation does can hurt the run: one run with everything that can go wrong in it."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from darkparity.implementations import load
from darkparity.implementations.wire.external import External, Limits, isolated
from darkparity.judging.participants import close
from darkparity.judging.result import Result
from darkparity.judging.runner import Participant, ask, run
from darkparity.judging.verdict import Crashed
from darkparity.problems.golden.store import Store
from darkparity.problems.problem import Problem
from darkparity.problems.select import Filters, select
from processes import marked
from support import ROOT

HOSTILE = ROOT / "tests" / "hostile"
pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks processes up in /proc")

#: Fault -> verdict on the case that triggers it, kind of crash, what the message says.
DRILL = {
    "segfault": ("crashed", "signal", "SIGSEGV"),
    "abort": ("crashed", "signal", "SIGABRT"),
    "family": ("crashed", "signal", "SIGABRT"),
    "exit": ("crashed", "exception", "exit status 3"),
    "leaves": ("crashed", "protocol", "closed its standard output without an answer"),
    "silent": ("crashed", "protocol", "closed its standard output without an answer"),
    "killed": ("crashed", "memory", "SIGKILL"),
    "hog": ("crashed", "memory", "MemoryError"),
    "hang": ("timedout", "", ""),
    "garbage": ("crashed", "protocol", "starts with its header length"),
    "half": ("crashed", "protocol", "half a message: the stream ended after"),
    "chatter_before": ("crashed", "protocol", "only messages may go to standard output"),
    "chatter_after": ("crashed", "protocol", "follows the reply"),
    "wrong_name": ("crashed", "protocol", "unknown array.* result"),
    "wrong_shape": ("crashed", "protocol", "expected shape"),
    "wrong_dtype": ("crashed", "protocol", "dtype F64; only F32 travels"),
    "late": ("crashed", "protocol", "its seq is 1 too low"),
    "overlapping": ("crashed", "protocol", "not safetensors"),
    "huge": ("crashed", "protocol", "body of 3200000000 bytes; the limit here"),
    "deaf": ("crashed", "protocol", "closed its standard input"),
    "raises": ("crashed", "exception", "no luck"),
    "declines": ("unsupported", "", ""),
    "loud": ("conforms", "", ""),
    "mute": ("conforms", "", ""),
}
#: Those that never say what they are: every case shows it.
STILLBORN = {
    "dies_in_handshake": ("crashed", "exception", "exit status 1 in the handshake.*no licence found"),
    "no_handshake": ("timedout", "", ""),
    "offers_nonsense": ("crashed", "protocol", "unknown operations fly"),
}
CASES = ("darknet-mean_cpu-ordinary*", "darknet-add_bias-ordinary*", "darknet-scale_bias-ordinary*")
TRIGGERING = "add_bias"


@pytest.fixture
def asked(store: Store) -> list[Problem]:
    found = select(store, Filters(patterns=CASES))
    chosen = {q.operation: q for q in found}
    return [chosen[name] for name in ("mean_cpu", "add_bias", "scale_bias")]


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Marks the processes of a test by their environment; its current and temporary directory are empty."""
    for name in ("here", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("DRILL", tmp_path.name + tmp_path.parent.name)
    return f"DRILL={tmp_path.name}{tmp_path.parent.name}"


def hostile(fault: str) -> Participant:
    seconds, start = 1.0 if fault == "hang" else 20.0, 1.5 if fault == "no_handshake" else 20.0
    limits = Limits(seconds, start, 1024 if fault == "hog" else None)
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"}
    return Participant.of(External([sys.executable, str(HOSTILE / "child.py"), fault], limits, environment))


def summary(result: Result) -> tuple[str, str, str]:
    return result.case, result.verdict.word, str(getattr(result.verdict, "kind", ""))


def test_everything_at_once_gets_its_own_verdict_and_nothing_else_changes(
    asked: list[Problem], mark: str, tmp_path: Path
) -> None:
    alone: list[Result] = []
    run([Participant.of(load("numpy"))], asked, alone.append)
    participants = [*map(hostile, (*DRILL, *STILLBORN)), Participant.of(load("numpy"))]
    results: list[Result] = []
    try:
        run(participants, asked, results.append)
        assert marked(mark), "the control: children are seen"
    finally:
        close(participants)

    assert len(results) == len(asked) * len(participants)
    of = {(r.implementation, r.operation): r.verdict for r in results}
    for fault, (verdict, crash, says) in DRILL.items():
        got = of[fault, TRIGGERING]
        assert (got.word, getattr(got, "kind", "")) == (verdict, crash), (fault, got)
        assert re.search(says, getattr(got, "message", "")), (fault, got)
        assert crash != "signal" or TRIGGERING in got.message, fault
        for operation in ("mean_cpu", "scale_bias"):  # before, and by a fresh child afterwards
            assert of[fault, operation].word == "conforms", (fault, operation, of[fault, operation])
    unnamed = [r for r in results if r.implementation not in DRILL and r.implementation != "numpy"]
    seen = [(r.verdict.word, getattr(r.verdict, "kind", ""), getattr(r.verdict, "message", "")) for r in unnamed]
    for verdict, crash, says in STILLBORN.values():
        assert sum(v == verdict and c == crash and bool(re.search(says, m)) for v, c, m in seen) == len(asked), says
    assert [summary(r) for r in results if r.implementation == "numpy"] == [summary(r) for r in alone]
    assert marked(mark) == []
    assert list((tmp_path / "here").iterdir()) == list((tmp_path / "tmp").iterdir()) == []


def test_a_run_given_up_leaves_no_process(asked: list[Problem], mark: str) -> None:
    participant = hostile("deaf")
    ask(participant, asked[0])
    assert marked(mark)
    del participant
    assert marked(mark) == []


def subnormals_live() -> bool:
    return bool((np.array([1e-40], np.float32) * np.array([0.5], np.float32))[0])


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or platform.machine() != "x86_64":
        pytest.skip("needs a C compiler and SSE")
    target = tmp_path_factory.mktemp("native") / "libfast_math.so"
    subprocess.run(
        [compiler, "-Ofast", "-shared", "-fPIC", "-o", target, HOSTILE / "fast_math.c"],
        check=True,
        timeout=60,
    )
    return target


def test_a_fast_math_library_in_a_child_changes_nothing_here(
    asked: list[Problem], library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAST_MATH_LIBRARY", str(library))
    participant = Participant.of(isolated(str(HOSTILE / "fast_math_port.py")))
    assert subnormals_live()
    result, _ = ask(participant, asked[1])
    close([participant])
    assert subnormals_live()
    assert isinstance(result.verdict, Crashed)
    assert result.verdict.kind == "environment"
    assert "subnormal numbers are flushed to zero" in result.verdict.message


def test_the_same_library_in_process_is_an_environment_crash(library: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "darkparity", "check", str(HOSTILE / "fast_math_port.py"), "--json",
               "--operation", "add_bias", "--store", str(ROOT / "golden")]  # fmt: skip
    environment = {**os.environ, "FAST_MATH_LIBRARY": str(library), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60)
    assert done.returncode == 1, done.stderr
    failures = json.loads(done.stdout)["failures"]
    assert failures
    assert {f["detail"]["kind"] for f in failures} == {"environment"}


def test_a_child_that_prints_is_fine_and_one_that_changes_rounding_is_not(asked: list[Problem]) -> None:
    if platform.machine() != "x86_64":
        pytest.skip("uses x86's rounding constants")
    participant = Participant.of(isolated(str(HOSTILE / "rounding_port.py")))
    printed, changed = (ask(participant, asked[index])[0].verdict for index in (2, 1))
    close([participant])
    assert printed.word == "conforms"
    assert isinstance(changed, Crashed)
    assert (changed.kind, "rounding is not to nearest" in changed.message) == ("environment", True)
