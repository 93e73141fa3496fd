"""`darkparity identify`: what batch norm an implementation or a recording is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from darkparity.request import Request, only_dialect

from .options import Json, with_options

if TYPE_CHECKING:
    from darkparity.judging.identifying import Identity


@with_options("dialect", "input", "mode", "seed", "programs", "isolate", "timeout", "memory")
def identify(
    implementation: Annotated[
        str | None, typer.Argument(metavar="IMPL", help="As for `check`; or --exec CMD, or --input FILE.")
    ] = None,
    json: Json = False,
    *,
    request: Request,
) -> None:
    """Say what batch norm this is: every field of its dialect, the nearest known dialect, and how to declare it.

    Exit codes: 0 identified, 1 no dialect answers so, 2 usage. --dialect: whose arrays an implementation is asked for.
    """
    from .show.identities import as_json, show_identity
    from .show.screen import print_json, screen

    only_dialect(request)
    found = _found(implementation, request)
    if json:
        print_json(as_json(found))
    else:
        show_identity(screen(), found)
    raise typer.Exit(0 if found.identified else 1)


def _found(implementation: str | None, request: Request) -> Identity:
    from darkparity.errors import UsageError
    from darkparity.judging.identifying import identify as ask
    from darkparity.judging.identifying import identify_recording
    from darkparity.judging.participants import gathered, one_of
    from darkparity.preparing import access_of
    from darkparity.problems.select import mode_of

    targets = (implementation,) if implementation else ()
    if request.input is not None:
        if targets or request.programs:
            raise UsageError("--input is a recording of somebody's answers: give it or an implementation, not both")
        return identify_recording(request.input, request.seed, mode_of(request.mode))
    if not targets and not request.programs:
        raise UsageError("nothing to identify: name an implementation, or give --exec CMD or --input FILE")
    with gathered(targets, request.dialect, access_of(request)) as participants:
        return ask(one_of(participants)[0])
