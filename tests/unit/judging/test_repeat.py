"""The same inputs again: answers that change get their own verdicts, answers that do not change cost nothing."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

import darkparity
from darkparity.judging.repeat import differs, moved
from darkparity.report.run import Run
from support import STORE

RIGHT = "x.mean(axis=(0, 2), dtype='f8').astype('f4')"
#: Source of mean_cpu's body, after `import` lines: what it does -> the verdict's word.
PORTS = {
    "random": (f"return {RIGHT} + np.float32(random.random())", "not deterministic"),
    "counter": (f"calls.append(1)\n    return {RIGHT} + np.float32(len(calls))", "depends on earlier calls"),
    "first_answer_kept": (
        f"kept.setdefault(x.shape, {RIGHT})\n    return kept[x.shape]", "deviates",
    ),
    "reads_past_the_end": (
        "view = np.lib.stride_tricks.as_strided(x.ravel(), (x.size + 1,))\n"
        f"    return {RIGHT} + view[-1] * np.float32(0)", "deviates",
    ),
    "writes_past_the_end": (
        "np.lib.stride_tricks.as_strided(x.reshape(-1), (x.size + 1,))[-1] = 1\n"
        f"    return {RIGHT}", "crashed",
    ),
    "steady": (f"return {RIGHT}", "conforms"),
}  # fmt: skip


def judged(tmp_path: Path, body: str, **options: object) -> Run:
    source = f"import random\nimport numpy as np\ncalls, kept = [], {{}}\ndef mean_cpu(x):\n    {body}\n"
    (tmp_path / "port.py").write_text(source, "utf-8")
    return darkparity.check(str(tmp_path / "port.py"), operations="mean_cpu", store=STORE, **options)


@pytest.mark.parametrize(("body", "word"), PORTS.values(), ids=PORTS)
def test_an_answer_that_changes_has_its_own_verdict(tmp_path: Path, body: str, word: str) -> None:
    run = judged(tmp_path, body)
    assert word in {r.word for r in run.results}
    assert run.conforms == (word == "conforms")


def test_no_diagnosis_rests_on_answers_that_change(tmp_path: Path) -> None:
    run = judged(tmp_path, PORTS["random"][0])
    (found,) = run.diagnoses
    assert found.sentence.startswith("its answers change from call to call: a race between threads")
    assert [cause.name for cause in found.explanations] == ["answers: not deterministic"]


def test_a_change_inside_the_bounds_is_told_and_fails_only_when_strict(tmp_path: Path) -> None:
    nudged = "np.nextafter(got, np.float32(np.inf if len(calls) == 3 else got))"
    body = f"calls.append(1)\n    got = {RIGHT}\n    return {nudged}"
    for strict in (False, True):
        run = judged(tmp_path, body, strict=strict, cases="*ordinary_odd_batch")
        assert {r.word for r in run.results} == {"conforms"}
        assert run.summary.cells[0].varying == 1
        assert run.exit_code == int(strict)


def test_repeat_asks_every_case(tmp_path: Path) -> None:
    """A port that errs at its 9th call: seen by asking often, not by asking once."""
    body = f"calls.append(1)\n    return {RIGHT} + np.float32(len(calls) == 9)"
    assert judged(tmp_path, body, cases="*ordinary_odd_batch").conforms
    assert not judged(tmp_path, body, cases="*ordinary_odd_batch", repeat=6).conforms


def test_a_port_that_fails_the_second_time_is_not_steady(tmp_path: Path) -> None:
    body = f"calls.append(1)\n    assert len(calls) != 3, 'gone'\n    return {RIGHT}"
    run = judged(tmp_path, body, cases="*odd_batch")
    assert run.results[0].word == "not deterministic"
    assert "gone" in run.results[0].verdict.change  # type: ignore[union-attr]


def test_moved_arrays_are_the_same_elsewhere_and_otherwise_aligned() -> None:
    arrays = {name: np.arange(10, dtype=np.float32).reshape(2, 5) for name in "abcd"}
    there = moved(arrays)
    assert differs(arrays, there) is None
    assert all(a.flags["C_CONTIGUOUS"] and a.flags["ALIGNED"] for a in there.values())
    assert len({a.ctypes.data % 64 for a in there.values()}) > 1
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations(there.values(), 2))
