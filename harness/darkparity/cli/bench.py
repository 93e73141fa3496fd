"""`darkparity bench`: how fast, of those that conform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkparity.request import Request, only_dialect

from .options import Json, with_options

_SEVERAL = "repeatable"


@with_options("dialect", "programs", "isolate", "timeout", "memory")
def bench(
    implementations: Annotated[
        list[str] | None, typer.Argument(metavar="IMPL", help="As for `check` (default: cpp numpy torch).")
    ] = None,
    baseline: Annotated[
        str,
        typer.Option(
            "--baseline",
            metavar="IMPL",
            help="Implementation that ratios are relative to (default: numpy if present, else the first).",
        ),
    ] = "",
    shape: Annotated[
        list[str] | None,
        typer.Option(
            "--shape", metavar="BxCxHxW", help=f"Geometry; {_SEVERAL} (default: three layers of YOLO's size)."
        ),
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option("--preset", metavar="NAME", help=f"yolov3-tiny, darknet53, resnet50 or targets; {_SEVERAL}."),
    ] = None,
    cfg: Annotated[
        list[Path] | None,
        typer.Option("--cfg", metavar="NET.cfg", help=f"Every batch-normalized geometry of a network; {_SEVERAL}."),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option("--batch", min=1, help="Batch of --preset and --cfg (default: the preset's own; 1 for --cfg)."),
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option("--mode", metavar="MODE", help=f"training, inference or backward; {_SEVERAL}; default all."),
    ] = None,
    outputs: Annotated[
        str, typer.Option("--outputs", metavar="output|all", help="all: ask for x and x_norm of a forward too.")
    ] = "output",
    bare: Annotated[
        bool, typer.Option("--bare", help="Time only the functions themselves, without checks and copies.")
    ] = False,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads that each implementation may use.")] = 1,
    rounds: Annotated[
        int | None,
        typer.Option("--rounds", min=2, help="Number of rounds (default: as many as fit into --seconds, 7 to 101)."),
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", help="Time for each call on each geometry.")] = 0.5,
    json: Json = False,
    save: Annotated[
        Path | None, typer.Option("--save", "-o", metavar="FILE.json", help="Write what --json prints to a file.")
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="OLD.json", help="Compare with an earlier report of the same plan."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Write a plot, .png or .svg (extra `report`).")
    ] = None,
    *,
    request: Request,
) -> None:
    """Time implementations side by side, forward and backward.

    Each is first judged on exactly that geometry; docs/bench.md explains the columns.
    """
    from darkparity.bench import BARE, WAYS, Plan, chosen, history, measure, picture, thread_environment
    from darkparity.formats.whole_file import write_whole
    from darkparity.judging.participants import gathered
    from darkparity.preparing import access_of

    from .show.bench import show
    from .show.screen import print_json, progress, screen

    shapes = chosen(shape or (), preset or (), cfg or (), batch)
    modes = {"modes": tuple(dict.fromkeys(mode))} if mode else {}
    plan = Plan(shapes, **modes, ways=(BARE,) if bare else WAYS, outputs=outputs, baseline=baseline,
                dialect=only_dialect(request), threads=threads, rounds=rounds, seconds=seconds)  # fmt: skip
    older = history.read(compare, plan) if compare else None
    if plot:
        picture.check_path(plot)
    access = access_of(request)
    with (
        thread_environment(threads),
        progress(json) as move,
        gathered(request.implementations, request.dialect, access) as participants,
    ):
        report = measure(participants.all, plan, move)
    record = history.as_json(report, participants.absent, older)
    if json:
        print_json(record)
    else:
        show(screen(), report, record, older)
    if save:  # after what was measured is shown: a full disk loses none of it
        write_whole(save, history.text(record).encode())
    if plot:
        picture.plot(report, plot)
    raise typer.Exit(report.exit_code)
