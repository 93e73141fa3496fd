"""`darkparity check`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkparity.request import Request

from .options import Json, with_options

DEFAULT_OUTPUT = Path("darkparity-run.jsonl")


@with_options()
def check(
    implementations: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="IMPL",
            help="A shipped name (cpp, numpy, torch, torch@cuda), package.module, "
            "package.module:Object or path/to/port.py (default: cpp numpy torch).",
        ),
    ] = None,
    json: Json = False,
    *,
    request: Request,
) -> None:
    """Check implementations on every case.

    Prints verdicts, distances between implementations, and for each failure what, where and why.
    """
    from darkparity.checking import run

    from .show.views import as_json, show_result
    from .show.watching import OnScreen

    screen = OnScreen(quiet=json)
    found = run(request, screen, DEFAULT_OUTPUT)
    if json:
        screen.print_json(as_json(found, screen.note))
    else:
        show_result(screen.console, found, screen.note)
    raise typer.Exit(found.exit_code)
