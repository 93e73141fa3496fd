"""`darkparity check`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Cases, Dialects, Json, Operations, StoreDirectory


def check(
    implementations: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[IMPL]...",
            help="cpp, numpy, torch, torch@cuda, package.module, "
            "package.module:Object or path/to/port.py; default: cpp numpy torch.",
        ),
    ] = None,
    case: Cases = None,
    operation: Operations = None,
    dialect: Dialects = None,
    store: StoreDirectory = None,
    input: Annotated[
        Path | None,
        typer.Option("--input", metavar="FILE", help="Ask your own tensors instead of the cases."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="For parameters that --input lacks.")] = 0,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on unsupported operations and unobserved outputs too.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="The run as JSON lines; default darkparity-run.jsonl."),
    ] = None,
    json: Json = False,
) -> None:
    """Judge implementations on every case; print verdicts, distances, and what fails, where and why."""
    from .judging import Request, judge

    raise typer.Exit(
        judge(
            Request(
                implementations=tuple(implementations or ()),
                cases=tuple(case or ()),
                operations=tuple(operation or ()),
                dialects=tuple(dialect or ()),
                store=store,
                input=input,
                seed=seed,
                strict=strict,
                output=output,
                json=json,
            )
        )
    )
