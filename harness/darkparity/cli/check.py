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
        typer.Option("--input", metavar="FILE", help="Ask your own tensors, not the cases; with --cfg: activations."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="For parameters that --input lacks.")] = 0,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on unsupported operations and unobserved outputs too.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="The run as JSON lines; default darkparity-run.jsonl."),
    ] = None,
    exec: Annotated[
        list[str] | None,
        typer.Option("--exec", metavar="CMD", help="A program that speaks docs/protocol.md; repeatable."),
    ] = None,
    isolate: Annotated[
        bool, typer.Option("--isolate", help="Run every implementation in a process of its own.")
    ] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="S", min=0.001, help="Seconds a child may take per case.")
    ] = 20.0,
    memory: Annotated[
        int | None, typer.Option("--memory", metavar="MB", min=1, help="Memory a child may use (Linux).")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", metavar="N", min=1, help="Processes to judge with.")] = 1,
    shard: Annotated[
        str | None,
        typer.Option("--shard", metavar="I/N", help="Only every Nth case; `merge` joins the runs."),
    ] = None,
    networks: Annotated[
        bool, typer.Option("--networks", help="Every layer of yolov3-tiny and darknet53, not just three.")
    ] = False,
    known: Annotated[
        Path | None,
        typer.Option("--known", metavar="FILE", help="Known differences (TOML); strict both ways."),
    ] = None,
    cfg: Annotated[
        Path | None,
        typer.Option("--cfg", metavar="NET.cfg", help="Ask the batch-normalized layers of your own network."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option("--weights", metavar="NET.weights", help="Its parameters; goes with --cfg.")
    ] = None,
    json: Json = False,
) -> None:
    """Judge implementations on every case; print verdicts, distances, and what fails, where and why."""
    from darkparity.checking import Request, judge
    from darkparity.implementations.wire.child import Limits
    from darkparity.judging.participants import Access

    raise typer.Exit(
        judge(
            Request(
                implementations=tuple(implementations or ()),
                cases=tuple(case or ()),
                operations=tuple(operation or ()),
                dialects=tuple(dialect or ()),
                store=store,
                input=input,
                cfg=cfg,
                weights=weights,
                seed=seed,
                strict=strict,
                output=output,
                json=json,
                ways=Access(
                    tuple(exec or ()), isolate, Limits(timeout, max(timeout, Limits().start_seconds), memory)
                ),
                jobs=jobs,
                shard=shard,
                networks=networks,
                known=known,
            )
        )
    )
