"""What came back in some cases and not in others: said, and never a quiet pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from darkparity.cli.show.views import show_result
from darkparity.judging.result import Result
from darkparity.judging.verdict import Conforms, Unsupported, Verdict
from darkparity.report.failures import complaint
from darkparity.report.run import Run
from support import compared

TRAINING, INFERENCE = ({"type": "BATCHNORM", "train": train} for train in (True, False))
BOTH = Conforms((compared("output", 4), compared("x_norm", 4)))
ONE = Conforms((compared("output", 4),), ("x_norm",))


def run_of(*rows: tuple[Verdict, Mapping[str, Any]]) -> Run:
    run = Run()
    for number, (verdict, mode) in enumerate(rows):
        run.results.append(Result("i", f"q{number}", "forward_batchnorm_layer", "pytorch", verdict, mode))
    return run


def shown(run: Run) -> str:
    console = Console(record=True, width=200)
    show_result(console, run, "")
    return console.export_text()


def test_an_output_that_comes_back_in_some_cases_only_fails() -> None:
    run = run_of((BOTH, TRAINING), (ONE, TRAINING))
    assert run.summary.cells[0].uneven == ("x_norm",)
    assert run.exit_code == 1
    assert "in some cases only: x_norm" in complaint(run)
    assert "came back in some cases only, of the same mode: x_norm" in shown(run)


def test_another_mode_may_return_others() -> None:
    run = run_of((BOTH, TRAINING), (ONE, INFERENCE))
    assert (run.summary.cells[0].uneven, run.exit_code) == ((), 0)
    assert "some cases only" not in complaint(run) + shown(run)


def test_reasons_of_single_refusals_are_told() -> None:
    run = run_of((ONE, {}), (Unsupported("too wide"), {}), (Unsupported("too wide"), {}))
    assert (run.summary.cells[0].unsupported, run.summary.cells[0].refusals) == (2, ("too wide",))
    assert "1 of 3 (2 unsupported)" in shown(run)
    assert "unsupported in some cases: too wide" in shown(run)
    assert "in some cases" not in shown(run_of((Unsupported("has none"), {})))


def test_what_is_rightly_left_as_it_was_may_stay_away() -> None:
    unmoved = Conforms((compared("output", 4),), ("x_norm",), unmoved=("x_norm",))
    run = run_of((BOTH, TRAINING), (unmoved, TRAINING))
    assert (run.summary.cells[0].uneven, run.exit_code) == ((), 0)
