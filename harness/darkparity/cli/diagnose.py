"""`darkparity diagnose`: why an implementation deviates, and nothing else."""

from __future__ import annotations

from typing import Annotated

import typer

from darkparity.request import Request

from .options import Json, with_options


@with_options(
    *("cases", "operations", "dialect", "store", "input", "mode", "seed", "cfg", "weights", "module", "pair"),
    *("programs", "isolate", "timeout", "memory"),
)
def diagnose(
    implementation: Annotated[str | None, typer.Argument(metavar="IMPL", help="As for `check`; or --exec CMD.")] = None,
    json: Json = False,
    *,
    request: Request,
) -> None:
    """Name the deviation that explains an implementation's outputs.

    Exit codes as `check`: 0 nothing deviates, 1 something does (explained or not).
    """
    from darkparity.checking import run
    from darkparity.formats.records import to_json

    from .show.diagnoses import show_diagnoses
    from .show.screen import print_json, screen
    from .show.watching import OnScreen

    found = run(request, OnScreen(quiet=json, head=False))
    counts = dict(found.summary.counts)
    if json:
        print_json({"diagnoses": to_json(found.diagnoses), "counts": counts, "exit_code": found.exit_code})
    elif found.diagnoses:
        show_diagnoses(screen(), found.diagnoses)
    else:
        print(f"nothing to explain: {', '.join(f'{n} {word}' for word, n in counts.items())}")
    raise typer.Exit(found.exit_code)
