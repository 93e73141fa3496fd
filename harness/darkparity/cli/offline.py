"""`darkparity export` and `darkparity grade`: a port that runs elsewhere, or on another day."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .options import Cases, Dialects, Json, Operations, StoreDirectory


class Format(StrEnum):
    """How requests are written."""

    safetensors = "safetensors"
    json = "json"


def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Target directory, new or empty.")],
    format: Annotated[
        Format, typer.Option("--format", help="safetensors, or JSON for languages without it.")
    ] = Format.safetensors,
    case: Cases = None,
    operation: Operations = None,
    dialect: Dialects = None,
    store: StoreDirectory = None,
    json: Json = False,
) -> None:
    """Write the inputs of the cases, never an answer, for a port that runs anywhere (docs/protocol.md)."""
    from darkparity.dialects import DEFAULT
    from darkparity.problems.exported import export as write
    from darkparity.problems.exported import exportable
    from darkparity.problems.golden.store import default_store
    from darkparity.problems.select import Filters, select
    from darkparity.report.runfile import manifest_digest

    from .show.screen import print_json, screen

    opened = default_store(store)
    wanted = Filters(tuple(dialect or (DEFAULT,)), tuple(operation or ()), tuple(case or ()))
    chosen = select(opened, wanted)
    problems = exportable(chosen, wanted.operations)
    digest = {"path": str(opened.path), "manifest_sha256": manifest_digest(opened)}
    count = write(directory, problems, format, digest)
    left_out = len(chosen) - count
    if json:
        print_json({"directory": str(directory), "cases": count, "left_out": left_out})
        return
    console = screen()
    console.print(
        f"{count} cases in {directory}; `darkparity grade {directory}` judges answers", soft_wrap=True
    )
    if left_out:
        console.print(f"{left_out} training runs are left out: a port that is asked live composes them")


def grade(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="What `export` wrote.")],
    answers: Annotated[
        Path | None, typer.Argument(metavar="[ANSWERS]", help="Where the port wrote; default: DIR itself.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on unsupported and unobserved, too.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="The run as JSON lines; default: none.")
    ] = None,
    json: Json = False,
) -> None:
    """Judge the answers a port wrote for exported cases; exit codes are those of `check`."""
    from io import StringIO

    from darkparity.judging.grade import grade as judge
    from darkparity.judging.grade import open_answers
    from darkparity.problems.exported import read_export
    from darkparity.report.runfile import Writer, described, footer, header, result_record
    from darkparity.report.summary import summarize

    from .show.screen import print_json, screen
    from .show.views import as_json, show_head, show_result

    started = time.perf_counter()
    exported = read_export(directory)
    grading = open_answers(exported, answers or directory)
    text = StringIO()
    writer = Writer(text)
    options = {"strict": strict, "input": str(directory), "answers": str(grading.answers)}
    who = [described(f"answers in {grading.answers}", grading.description)]
    was = {"suite_version": exported.manifest.suite_version, "store": exported.manifest.store}
    notes = {**was, "changed": exported.changed, "extra": grading.extra}
    writer.write({**header(None, options, who, {}, 0), "export": notes})
    by_id = {q.id: q for q in exported.problems}
    for result in judge(exported, grading):
        writer.write(result_record(result, by_id[result.case]))
    outcome = summarize(writer.run)
    writer.write(footer(outcome.counts, outcome.exit_code, time.perf_counter() - started))
    if output is not None:
        output.write_text(text.getvalue(), "utf-8", newline="\n")
    note = str(output) if output else "not written: no --output"
    if json:
        print_json(as_json(writer.run, note))
        raise typer.Exit(outcome.exit_code)
    console = screen()
    show_head(console, writer.run, len(by_id))
    for line in [exported.changed, *(f"extra, not judged: {name}" for name in grading.extra)]:
        if line:
            console.print(line, soft_wrap=True)
    show_result(console, writer.run, note)
    raise typer.Exit(outcome.exit_code)
