"""The run on disk: complete, readable while it grows, and honest about interruption."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from darkparity.cli import main
from darkparity.judging.diagnosis import Cause, Diagnosis
from darkparity.judging.result import Result
from darkparity.judging.verdict import (
    Conforms,
    Crashed,
    Deviates,
    HarnessFault,
    Inconclusive,
    TimedOut,
    Unsupported,
    Verdict,
)
from darkparity.oracle.bounds.compare import Comparison
from darkparity.report.records import Distance, Header
from darkparity.report.run import Run, read
from darkparity.report.runfile import RunFileError, Writer
from darkparity.report.summary import Summary, summarize
from support import STORE, compared, files_of_at_most


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run of two implementations on one operation."""
    monkeypatch.chdir(tmp_path)
    port = "def mean_cpu(x):\n    return x.mean(axis=(0, 2), dtype='f8').astype('f4')\n"
    (tmp_path / "mine.py").write_text(port, "utf-8")
    options = ["--operation", "mean_cpu", "--store", str(STORE), "--output", "run.jsonl"]
    main(["check", "numpy", "mine.py", *options])
    return tmp_path / "run.jsonl"


def test_header_says_what_the_results_depend_on(path: Path) -> None:
    header = read(path).header
    assert {"python", "numpy"} <= set(header.versions)
    assert header.store
    assert header.store.path == str(STORE)
    assert len(header.store.manifest_sha256) == 64
    assert header.options["operations"] == ["mean_cpu"]
    assert [d.asked for d in header.implementations] == ["numpy", "mine.py"]
    assert header.cpu


def test_finished_run_has_a_footer_that_agrees_with_its_records(path: Path) -> None:
    run = read(path)
    assert not run.interrupted
    assert run.footer is not None
    assert sum(run.footer.counts.values()) == len(run.results)
    assert run.footer.exit_code == summarize(run).exit_code == 0
    assert len(run.pairs) == 1


def test_run_without_footer_is_interrupted_even_with_a_torn_line(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:5]) + lines[5][:30], "utf-8")
    run = read(path)
    assert run.interrupted
    assert len(run.results) == 4


@pytest.mark.parametrize("text", [
    "", "no json\n", '{"kind": "result"}\n', '{"kind": "surprise"}\n', "[1]\n", '{"kind": []}\n',
    '{"kind": "result", "verdict": {}}\n', '{"kind": "result", "verdict": "conforms", "detail": [1]}\n',
])  # fmt: skip
def test_what_is_no_run_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(RunFileError, match=r"other\.jsonl"):
        read(path)


def test_damage_in_the_middle_names_the_line(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:3], "garbage\n", *lines[3:]]), "utf-8")
    with pytest.raises(RunFileError, match=r"run\.jsonl:4"):
        read(path)


def test_numbers_that_are_not_finite_are_strings_and_every_line_is_json(tmp_path: Path) -> None:
    distances = [Distance("darknet", "a", "b", 1, 2, 3, ratio, 0.0) for ratio in (math.inf, -math.inf, math.nan, 1.5)]
    run = Run(header=Header(schema=1), pairs=distances)
    run.write(tmp_path / "run.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text("utf-8").splitlines()]
    assert [line["ratio"] for line in lines[1:]] == ["Infinity", "-Infinity", "NaN", 1.5]
    assert [d.ratio for d in read(tmp_path / "run.jsonl").pairs][:2] == [math.inf, -math.inf]


def test_every_record_comes_back_as_it_was(path: Path, tmp_path: Path) -> None:
    run = read(path)
    run.results += [Result("i", "c", "mean_cpu", "darknet", verdict) for verdict in (
        Crashed("signal", "SIGSEGV"), TimedOut(2.0), Unsupported("no"), HarnessFault("us"), Inconclusive("why"),
        Deviates((compared("mean", 4, deviating=1),), ("x",), "mean_cpu", "two_pass"))]  # fmt: skip
    run.diagnoses.append(Diagnosis("i", "darknet", "because", (Cause("a", "b", 0.5),), "c", ("d",)))
    run.write(tmp_path / "again.jsonl")
    again = read(tmp_path / "again.jsonl")
    assert vars(again) == vars(run)


def test_a_file_of_older_runs_calls_a_case_a_question(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"case":', '"question":'), "utf-8")
    assert read(path).results[0].case.startswith("darknet-mean_cpu-")


@pytest.mark.parametrize("word", ["mean_cpu", "darknet"])
def test_operations_and_dialects_of_a_newer_version_can_be_looked_at(path: Path, word: str) -> None:
    path.write_text(re.sub(rf'"(operation|dialect)": "{word}"', r'"\1": "invented"', path.read_text("utf-8")), "utf-8")
    assert read(path).summary.cells[0].cases > 0


def test_another_format_is_refused_with_a_sentence(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"schema": 1', '"schema": 99'), "utf-8")
    with pytest.raises(RunFileError, match="run file of format 99; this version reads 1"):
        read(path)


def test_a_run_that_lost_answers_does_not_conform(path: Path) -> None:
    run = read(path)
    assert run.conforms
    del run.results[-1]
    assert (run.conforms, dict(run.summary.missing)) == (False, {"mine": 1})


def test_an_earlier_file_survives_until_the_new_one_is_whole(path: Path) -> None:
    before = path.read_text("utf-8")
    writer = Writer(Run(), path)
    writer.write(Header(schema=1))
    assert path.read_text("utf-8") == before
    writer.abandon()
    assert path.read_text("utf-8") == before
    assert "interrupted" in writer.note


def test_a_full_disk_loses_no_verdict_and_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text("earlier", "utf-8")
    with files_of_at_most(100):
        writer = Writer(Run(), tmp_path / "run.jsonl")
        writer.write(Header(schema=1))
        writer.write(Result("i", "c", "mean_cpu", "darknet", Unsupported("no")))
        writer.finish()
    assert len(writer.run.results) == 1
    assert re.search(r"not written: .*File too large: .*run\.jsonl", writer.note)
    assert [(p.name, p.read_text("utf-8")) for p in tmp_path.iterdir()] == [("run.jsonl", "earlier")]


# summary


def _summary(*results: tuple[str, dict[str, tuple[int, int]]], strict: bool = False,
             unobserved: tuple[str, ...] = ()) -> Summary:  # fmt: skip
    """Results of one implementation on one operation: verdict, {array: (elements, vacuous)}."""
    run = Run(header=Header(schema=1, options={"strict": strict}))
    for number, (word, arrays) in enumerate(results):
        comparisons = tuple(compared(a, n, v, word == "deviates") for a, (n, v) in arrays.items())
        run.results.append(Result("i", f"q{number}", "mean_cpu", "darknet", _verdict(word, comparisons, unobserved)))
    return summarize(run)


def _verdict(word: str, comparisons: tuple[Comparison, ...], unobserved: tuple[str, ...]) -> Verdict:
    return {
        "conforms": Conforms(comparisons, unobserved),
        "deviates": Deviates(comparisons, unobserved),
        "inconclusive": Inconclusive("", comparisons, unobserved),
        "unsupported": Unsupported(""),
        "crashed": Crashed("exception", ""),
        "timedout": TimedOut(1.0),
        "harnessfault": HarnessFault(""),
    }[word]


def test_no_results_do_not_conform() -> None:
    assert _summary().exit_code == 1


def test_vacuous_case_does_not_fail_a_cell_with_evidence_elsewhere() -> None:
    summary = _summary(("inconclusive", {"mean": (4, 4)}), ("conforms", {"mean": (4, 1)}))
    assert (summary.cells[0].verdict, summary.exit_code, len(summary.no_evidence)) == ("conforms", 0, 1)


def test_output_that_is_vacuous_everywhere_makes_the_cell_inconclusive() -> None:
    summary = _summary(("conforms", {"mean": (4, 0), "variance": (4, 4)}))
    assert (summary.cells[0].verdict, summary.cells[0].blind, summary.exit_code) == (
        "inconclusive", ("variance",), 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("deviates", 1), ("crashed", 1), ("timedout", 1), ("harnessfault", 3), ("unsupported", 0)],
)
def test_worst_verdict_wins(verdict: str, code: int) -> None:
    arrays = {"mean": (4, 0)} if verdict == "deviates" else {}
    assert _summary(("conforms", {"mean": (4, 0)}), (verdict, arrays)).exit_code == code


def test_strict_counts_unsupported_and_unobserved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darkparity.report.summary.unseen", lambda run: [])  # what it cannot see: test_diagnose
    good = ("conforms", {"mean": (4, 0)})
    assert _summary(good, ("unsupported", {}), strict=True).exit_code == 1
    assert _summary(good, strict=True, unobserved=("x",)).exit_code == 1
    assert _summary(good, strict=True).exit_code == 0
    assert _summary(good, unobserved=("x",)).exit_code == 0
