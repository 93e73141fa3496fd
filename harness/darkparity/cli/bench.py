"""`darkparity bench`: how fast, of those that conform."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Json


def bench(
    implementations: Annotated[
        list[str] | None, typer.Argument(metavar="[IMPL]...", help="Default: cpp numpy torch.")
    ] = None,
    baseline: Annotated[str, typer.Option("--baseline", metavar="IMPL", help="Whose time is 1.")] = "numpy",
    shape: Annotated[
        list[str] | None,
        typer.Option("--shape", metavar="BxCxHxW", help="Geometry; repeatable; default three of YOLO's."),
    ] = None,
    json: Json = False,
) -> None:
    """Time forward and backward on one thread; each is first judged on exactly that geometry."""
    from darkparity.bench import measure, parse_shape

    from .benchview import as_json, show
    from .contestants import gather
    from .screen import print_json, progress, screen

    shapes = [parse_shape(text) for text in shape or ()]
    field = gather(implementations or ())
    with progress(json) as move:
        report = measure(field.contestants, field.asked, baseline, shapes, move)
    if json:
        print_json({**as_json(report), "absent": field.absent})
    else:
        show(screen(), report, field.absent)
    raise typer.Exit(report.exit_code)
