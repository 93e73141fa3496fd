"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
StoreDirectory = Annotated[
    Path | None,
    typer.Option("--store", metavar="DIR", help="Golden directory; default ./golden, else the packaged one."),
]
Dialects = Annotated[
    list[str] | None,
    typer.Option("--dialect", metavar="NAME", help="Dialect to judge against; repeatable; default darknet."),
]
Operations = Annotated[
    list[str] | None,
    typer.Option("--operation", metavar="NAME", help="Only this operation; repeatable."),
]
Cases = Annotated[
    list[str] | None,
    typer.Option("--case", metavar="PATTERN", help="Only cases whose id or bare name matches; repeatable."),
]
