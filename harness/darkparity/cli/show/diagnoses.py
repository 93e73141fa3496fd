"""Why it deviates: diagnoses of a run's failures, worked out and shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console

from darkparity.judging.diagnose import Diagnosis, diagnose
from darkparity.judging.runner import RECORDED, Participant
from darkparity.problems.problem import Problem
from darkparity.report.runfile import Record, Run

from .screen import FAILED


def diagnoses(
    participants: Sequence[Participant], problems: Sequence[Problem], run: Run
) -> Iterator[Diagnosis]:
    """One diagnosis for every implementation and dialect that deviates on a small enough case."""
    by_id = {q.id: q for q in problems}
    by_name: dict[str, Participant | None] = {**{c.name: c for c in participants}, RECORDED: None}
    for key in dict.fromkeys((r["implementation"], r["dialect"]) for r in run.results if r["verdict"] == "deviates"):
        results = [r for r in run.results if (r["implementation"], r["dialect"]) == key]
        failing, conforming = (
            [by_id[r["case"]] for r in results if r["verdict"] == verdict] for verdict in ("deviates", "conforms")
        )
        found = diagnose(by_name[key[0]], failing, conforming)
        if found is not None:
            yield found


def show_diagnoses(console: Console, records: Sequence[Record]) -> None:
    """A sentence for each, the runners-up, and the case that tells them apart."""
    for record in records:
        console.print(f"diagnosis of {record['implementation']} (dialect {record['dialect']})", style=FAILED)
        console.print(f"  {record['sentence']}", soft_wrap=True)
        for row in record["explanations"][:4]:
            console.print(f"    {row['name']}: worst error / the deviation's own bound {float(row['ratio']):.3g}")
        if record["telling"]:
            console.print(f"  the first two are told apart by --case {record['telling']}", soft_wrap=True)
        console.print()
