"""`darkparity export`: inputs for a port that runs elsewhere, or on another day."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from darkparity.request import Request

from .options import Json, with_options


class Format(StrEnum):
    """How requests are written."""

    safetensors = "safetensors"
    json = "json"


@with_options("cases", "operations", "dialect", "networks", "store")
def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Target directory, new or empty.")],
    format: Annotated[
        Format, typer.Option("--format", help="safetensors, or JSON for languages without it.")
    ] = Format.safetensors,
    json: Json = False,
    *,
    request: Request,
) -> None:
    """Write the inputs of the cases for a port that runs elsewhere.

    Never an expected value; `darkparity grade` judges the answers (docs/protocol.md).
    """
    from darkparity.dialects import DEFAULT
    from darkparity.problems.exported import export as write
    from darkparity.problems.exported import exportable
    from darkparity.problems.golden.store import default_store
    from darkparity.problems.select import Filters, select

    from .show.screen import print_json, screen

    opened = default_store(request.store)
    wanted = Filters(request.dialect or (DEFAULT,), request.operations, request.cases, request.networks)
    chosen = select(opened, wanted)
    problems = exportable(chosen, wanted.operations)
    digest = {"path": str(opened.path), "manifest_sha256": opened.digest}
    count = write(directory, problems, format, digest)
    left_out = len(chosen) - count
    if json:
        print_json({"directory": str(directory), "cases": count, "left_out": left_out})
        return
    console = screen()
    console.print(f"{count} cases in {directory}; `darkparity grade {directory}` judges answers", soft_wrap=True)
    if left_out:
        console.print(f"{left_out} training runs are left out: a port that is asked live composes them")
