"""`darkparity serve`: the answering end of the wire protocol."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    implementation: Annotated[
        str,
        typer.Argument(metavar="IMPL", help="As for `check`: cpp, numpy, package.module, path/to/port.py."),
    ],
    dialect: Annotated[
        str | None,
        typer.Option("--dialect", metavar="NAME", help="Dialect of a port that does not declare one."),
    ] = None,
) -> None:
    """Answer requests of the wire protocol for one implementation.

    Reads requests from stdin and writes replies to stdout (docs/protocol.md).
    """
    from darkparity.dialects import dialect as meant
    from darkparity.implementations import load
    from darkparity.implementations.wire.serve import serve as answer

    claimed = meant(dialect).name if dialect else None
    raise typer.Exit(answer(lambda: load(implementation, dialect=claimed)))
