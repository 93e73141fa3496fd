"""`darkparity selftest`: what the cases catch and what they must let pass."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from darkparity.errors import UsageError

from .options import Json, StoreDirectory

if TYPE_CHECKING:
    from darkparity.problems.golden.store import Store
    from darkparity.proof.selftest import Outcome
    from darkparity.proof.selftest.caught import Progress


def selftest(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer random cases and labels: under two minutes.")] = False,
    dialect: Annotated[
        list[str] | None,
        typer.Option(
            "--dialect",
            metavar="NAME",
            help="Beside darkparity's default dialect, what the cases of this one catch; repeatable. Default: all; "
            "with --quick none.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the random cases and halves.")] = 0,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE.md", help="Write docs/evidence.md from this run.")
    ] = None,
    store: StoreDirectory = None,
    json: Json = False,
) -> None:
    """Check darkparity itself: deviations caught, false alarms.

    Exit code 0 only if every deviation that a contract can see is caught with a margin of 4 and no honest answer
    is called wrong.
    """
    from dataclasses import replace

    from darkparity.dialects import DEFAULT, DIALECTS
    from darkparity.formats.whole_file import write_whole
    from darkparity.problems.golden.store import default_store
    from darkparity.problems.select import check_names
    from darkparity.proof.selftest import QUICK, Scope
    from darkparity.proof.selftest import selftest as run

    from .show.screen import print_json, progress

    if write is not None:
        _check_target(write)
    golden = default_store(store)
    check_names("dialect", dialect or (), DIALECTS)
    others = [name for name in (dialect or (() if quick else DIALECTS)) if name != DEFAULT]
    with progress(json) as move:
        outcome = run(golden, replace(QUICK if quick else Scope(), seed=seed), move, others)
        page = _page(outcome, golden, move) if write is not None else ""
    if json:
        print_json(outcome.as_json())
    else:
        _show(outcome)
    if write is not None:  # after what took minutes is shown: a full disk loses none of it
        write_whole(write, page.encode())
    raise typer.Exit(0 if outcome.good else 1)


def _check_target(path: Path) -> None:
    """Before minutes are spent on what could not be written."""
    if find_spec("darkparity.proof.pages") is None:
        raise UsageError("--write: the evidence page is made in a checkout (pip install -e .); a wheel leaves it out")
    if not path.parent.is_dir():
        raise UsageError(f"--write {path}: there is no directory {path.parent}; run it at the top of a checkout")


def _page(outcome: Outcome, store: Store, move: Progress) -> str:
    from darkparity.proof.pages.evidence import evidence

    return evidence(outcome, [q for q in store.problems() if q.dialect.name == "darknet"], move)


def _show(outcome: Outcome) -> None:
    from .show.screen import screen, show_table, table

    said, console = outcome.as_json(), screen()
    caught = said["deviations"] - len(outcome.missed)
    console.print(f"deviations   {caught} of {said['deviations']} caught with a margin of 4 or more on "
                  f"{outcome.cases} cases; {said['distinct']} of them differ")  # fmt: skip
    for name in (*outcome.missed, *outcome.unconfirmed):
        console.print(f"             MISSED {name}")
    wrong = (*outcome.alarms, *outcome.equivalent_alarms)
    console.print(f"honest       {len(wrong)} false alarms in {outcome.tally.judged:,} judgements of "
                  f"{len(outcome.honest.participants)} variants and {said['equivalent']} equivalents; "
                  f"worst {outcome.tally.worst:.3f} of the bound")  # fmt: skip
    for alarm in wrong[:10]:
        labels = ", ".join(alarm.labels) or "any"
        console.print(f"             {alarm.implementation} ({labels}) {alarm.case}: {alarm.where}")
    for reason in outcome.honest.absent.values():
        console.print(f"             not here: {reason}")
    console.print(f"hold-out     {100 * outcome.holdout.mean:.1f} % of the other half on average, "
                  f"{100 * outcome.holdout.least:.1f} % at least ({outcome.holdout.splits} halves)")  # fmt: skip
    shown = table("weakest", "margin", "cases", right=("margin", "cases"))
    for row in outcome.weakest:
        shown.add_row(row.name, f"{row.margin:.3g}", str(len(row.cases)))
    show_table(console, shown)
    large = table("large sums", "m", "data", "labels", "margin", right=("m", "margin"))
    for sum_ in outcome.large:
        large.add_row(sum_.deviation, str(sum_.m), sum_.data, ", ".join(sum_.labels) or "any",
                      f"{sum_.margin:.3g}{'' if sum_.good else ' TOO SMALL'}")  # fmt: skip
    show_table(console, large)
    _show_others(outcome)
    console.print("good" if outcome.good else "NOT GOOD")


def _show_others(outcome: Outcome) -> None:
    from .show.screen import screen, show_table, table

    if not outcome.others:
        return
    shown = table("dialect", "caught", "of", "cases", "weakest", right=("caught", "of", "cases", "weakest"))
    for s in outcome.others:
        weakest = f"{s.weakest.name} {s.weakest.margin:.3g}" if s.weakest else ""
        shown.add_row(s.dialect, str(len(s.rows) - len(s.missed)), str(len(s.rows)), str(s.cases), weakest)
    show_table(screen(), shown)
    for s in outcome.others:
        for name in s.missed:
            screen().print(f"             MISSED {name} in {s.dialect}")
