"""`darkparity grade`: the answers that a port wrote for exported cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkparity.request import Request

from .options import Json, with_options


@with_options("strict", "output")
def grade(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Directory that `export` wrote.")],
    answers: Annotated[
        Path | None, typer.Argument(metavar="ANSWERS", help="Directory with the answers (default: DIR).")
    ] = None,
    json: Json = False,
    *,
    request: Request,
) -> None:
    """Judge the answers that a port wrote for exported cases.

    Exit codes as `check`; a missing answer is a failure.
    """
    from darkparity.checking import graded

    from .show.views import as_json, show_result
    from .show.watching import OnScreen

    screen = OnScreen(quiet=json)
    found = graded(directory, answers or directory, request, screen)
    if json:
        screen.print_json(as_json(found, screen.note))
        raise typer.Exit(found.exit_code)
    export = found.header.export
    for line in [export.changed, *(f"extra, not judged: {name}" for name in export.extra)] if export else []:
        if line:
            screen.console.print(line, soft_wrap=True)
    show_result(screen.console, found, screen.note)
    raise typer.Exit(found.exit_code)
