"""`darkparity merge`: the shards of a run put together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Json


def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN.jsonl...", help="The run files of all shards.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The whole run as JSON lines.")
    ],
    json: Json = False,
) -> None:
    """Put the run files of `check --shard i/n` together: the run of one process, with its exit code."""
    from io import StringIO

    from darkparity.report.runfile import Writer
    from darkparity.report.shards import merge as put_together

    from .show.screen import print_json, screen
    from .show.views import as_json, show_result

    text = StringIO()
    writer = Writer(text)
    code = put_together(runs, writer)
    output.write_text(text.getvalue(), "utf-8", newline="\n")
    if json:
        print_json(as_json(writer.run, str(output)))
    else:
        show_result(screen(), writer.run, str(output))
    raise typer.Exit(code)
