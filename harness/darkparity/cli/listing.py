"""`darkparity list`: what there is to name on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from darkparity.dialects import KNOWN
from darkparity.request import Request
from darkparity.spec import OPERATIONS

from .options import Json, with_options

listing = typer.Typer(
    name="list",
    help="List implementations, operations, dialects, deviations, cases.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def _print(rows: Sequence[Mapping[str, Any]], json: bool, what: str, columns: Sequence[str], fold: str) -> None:
    """All fields as JSON, `columns` as a table."""
    from .show.screen import print_json, screen, show_table, table

    if json:
        print_json({what: list(rows)})
        return
    shown = table(*columns, fold=fold)
    for row in rows:
        shown.add_row(*(str(row[c]) for c in columns))
    show_table(screen(), shown)


@listing.command()
def implementations(json: Json = False) -> None:
    """Shipped implementations and whether they can run."""
    from darkparity.implementations import available

    rows = [
        {
            "name": a.name,
            "installed": a.installed,
            "state": "installed" if a.installed else f"not installed: {a.reason}",
        }
        for a in available()
    ]
    _print(rows, json, "implementations", ("name", "state"), "state")
    if not json:
        print("\nor your own: package.module, package.module:Object, path/to/port.py")


@listing.command()
def operations(json: Json = False) -> None:
    """Operations: their arrays and what they compute."""
    rows = [
        {
            "operation": o.name,
            "computes": f"{', '.join((*o.inputs, *o.attributes))} -> {', '.join(o.outputs)}\n{o.formula}",
            "inputs": o.inputs,
            "outputs": o.outputs,
            "attributes": {name: kind.__name__ for name, kind in o.attributes.items()},
            "formula": o.formula,
            "source": o.full_source,
        }
        for o in OPERATIONS.values()
    ]
    _print(rows, json, "operations", ("operation", "computes"), "computes")


@listing.command()
def dialects(json: Json = False) -> None:
    """Dialects: the batch norms to compare with."""
    rows = [{"dialect": d.name, "summary": d.summary, "sources": dict(d.sources)} for d in KNOWN.values()]
    _print(rows, json, "dialects", ("dialect", "summary"), "summary")


@listing.command()
def deviations(json: Json = False) -> None:
    """Deviations: the catalogued wrong variants.

    `check` states which it could have detected; `diagnose` names those that explain a failure.
    """
    from darkparity.oracle.deviations import DEVIATIONS

    rows = [
        {
            "deviation": d.name,
            "what is wrong": d.sentence + (f"\nequivalent: {d.equivalent}" if d.equivalent else ""),
            "touches": d.touched,
            "report": d.report,
            "equivalent": d.equivalent,
        }
        for d in DEVIATIONS.values()
    ]
    _print(rows, json, "deviations", ("deviation", "what is wrong"), "what is wrong")


@listing.command()
@with_options("cases", "operations", "dialect", "store")
def cases(json: Json = False, *, request: Request) -> None:
    """Cases: identifier and what each looks for."""
    from darkparity.problems.golden.store import default_store
    from darkparity.problems.select import Filters, select

    filters = Filters(request.dialect or ("darknet",), request.operations, request.cases, networks=True)
    rows = [
        {
            "case": q.id,
            "looks for": q.fault,
            "operation": q.operation,
            "dialect": q.dialect.name,
            "origin": q.origin,
        }
        for q in select(default_store(request.store), filters)
    ]
    _print(rows, json, "cases", ("case", "looks for"), "looks for")
