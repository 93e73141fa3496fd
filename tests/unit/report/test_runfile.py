"""The run on disk: complete, readable while it grows, and honest about interruption."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from darkparity.cli import main
from darkparity.report.runfile import RunFileError, Writer, read
from darkparity.report.summary import Summary, summarize
from support import STORE


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
    assert {"python", "numpy"} <= set(header["versions"])
    assert header["store"]["path"] == str(STORE)
    assert len(header["store"]["manifest_sha256"]) == 64
    assert header["options"]["operation"] == ["mean_cpu"]
    assert [i["asked"] for i in header["implementations"]] == ["numpy", "mine.py"]
    assert header["cpu"]


def test_finished_run_has_a_footer_that_agrees_with_its_records(path: Path) -> None:
    run = read(path)
    assert not run.interrupted
    assert run.footer is not None
    assert sum(run.footer["counts"].values()) == len(run.results)
    assert run.footer["exit_code"] == summarize(run).exit_code == 0
    assert len(run.pairs) == 1


def test_run_without_footer_is_interrupted_even_with_a_torn_line(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:5]) + lines[5][:30], "utf-8")
    run = read(path)
    assert run.interrupted
    assert len(run.results) == 4


@pytest.mark.parametrize("text", ["", "no json\n", '{"kind": "result"}\n', '{"kind": "surprise"}\n', "[1]\n"])
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


def test_numbers_that_are_not_finite_are_strings_and_every_line_is_json() -> None:
    stream = io.StringIO()
    writer = Writer(stream)
    writer.write({"kind": "header", "numbers": (float("inf"), float("-inf"), float("nan"), 1.5)})
    assert json.loads(stream.getvalue()) == writer.run.header
    assert writer.run.header["numbers"] == ["Infinity", "-Infinity", "NaN", 1.5]


# summary


def _summary(*results: tuple[str, dict[str, tuple[int, int]]], strict: bool = False,
             unobserved: tuple[str, ...] = ()) -> Summary:  # fmt: skip
    """Results of one implementation on one operation: verdict, {array: (elements, vacuous)}."""
    writer = Writer(None)
    writer.write({"kind": "header", "options": {"strict": strict}})
    for number, (verdict, arrays) in enumerate(results):
        comparisons = [
            {"array": a, "elements": n, "vacuous": v, "worst_ulp": 0, "worst_ratio": 0.0}
            for a, (n, v) in arrays.items()
        ]
        writer.write({"kind": "result", "implementation": "i", "dialect": "darknet", "operation": "mean_cpu",
                      "case": f"q{number}", "verdict": verdict, "comparisons": comparisons,
                      "unobserved": unobserved, "detail": {"reason": ""}})  # fmt: skip
    return summarize(writer.run)


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
