"""`darkparity merge`: the shards of a run put together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Json


def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN.jsonl", help="Run files of all shards.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Run file to write.")],
    json: Json = False,
) -> None:
    """Join the run files of `check --shard` into one run.

    Prints its summary and returns its exit code, as one process would have.
    """
    from darkparity.report.shards import merge as put_together

    from .show.screen import print_json, screen
    from .show.views import as_json, show_result

    whole = put_together(runs)
    note = str(output)
    try:
        whole.write(output)
    except OSError as error:  # the verdicts are shown all the same
        note = f"not written: {error}"
    if json:
        print_json(as_json(whole, note))
    else:
        show_result(screen(), whole, note)
    raise typer.Exit(whole.exit_code)
