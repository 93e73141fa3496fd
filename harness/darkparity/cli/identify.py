"""`darkparity identify`: what batch norm an implementation or a recording is."""

from __future__ import annotations

from typing import Annotated

import typer

from darkparity.request import Request

from .options import Json, with_options


@with_options("dialect", "input", "mode", "seed", "programs", "isolate", "timeout", "memory")
def identify(
    implementation: Annotated[
        str | None, typer.Argument(metavar="IMPL", help="As for `check`; or --exec CMD, or --input FILE.")
    ] = None,
    json: Json = False,
    *,
    request: Request,
) -> None:
    """Say what batch norm this is, field by field.

    Every field of its dialect, the nearest known dialect, and how to declare it.
    Exit codes: 0 identified, 1 no dialect answers so, 2 usage. --dialect: whose arrays an implementation is asked for.
    """
    from darkparity.identification import identified

    from .show.identities import as_json, show_identity
    from .show.screen import print_json, screen

    found = identified(request)
    if json:
        print_json(as_json(found))
    else:
        show_identity(screen(), found)
    raise typer.Exit(0 if found.identified else 1)
