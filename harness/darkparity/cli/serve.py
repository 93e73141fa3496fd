"""`darkparity serve`: the answering end of the wire protocol."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    implementation: Annotated[
        str,
        typer.Argument(
            metavar="IMPL", help="What `check` takes: cpp, numpy, package.module, path/to/port.py."
        ),
    ],
    dialect: Annotated[
        str | None,
        typer.Option("--dialect", metavar="NAME", help="What a port without one is taken to compute."),
    ] = None,
) -> None:
    """Answer requests on stdin with replies on stdout (docs/protocol.md), for one implementation of ours."""
    from darkparity.implementations import load
    from darkparity.implementations.wire.serve import serve as answer

    raise typer.Exit(answer(lambda: load(implementation, dialect=dialect)))
