"""`darkparity diagnose`: why an implementation deviates, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Cases, Dialects, Json, Operations, StoreDirectory


def diagnose(
    implementation: Annotated[str, typer.Argument(metavar="IMPL", help="As for `check`.")],
    case: Cases = None,
    operation: Operations = None,
    dialect: Dialects = None,
    store: StoreDirectory = None,
    input: Annotated[
        Path | None, typer.Option("--input", metavar="FILE", help="Ask your own tensors instead of the cases.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="For parameters that --input lacks.")] = 0,
    json: Json = False,
) -> None:
    """Name the catalogued deviation that explains the outputs of one implementation.

    Exit codes as `check`: 0 nothing deviates, 1 something does (explained or not).
    """
    from darkparity.checking import Request, diagnose_only

    request = Request(
        implementations=(implementation,), cases=tuple(case or ()), operations=tuple(operation or ()),
        dialects=tuple(dialect or ()), store=store, input=input, seed=seed, json=json,
    )  # fmt: skip
    raise typer.Exit(diagnose_only(request))
