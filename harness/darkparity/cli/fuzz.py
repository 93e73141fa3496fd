"""`darkparity fuzz IMPL`: random cases until one fails, then the smallest one that still does."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from darkparity.request import Request, only_dialect

from .options import Json, with_options

if TYPE_CHECKING:
    from darkparity.fuzz import Finding


@with_options("dialect", "operations", "programs", "isolate", "timeout", "memory")
def fuzz(
    implementation: Annotated[str | None, typer.Argument(metavar="IMPL", help="As for `check`; or --exec CMD.")] = None,
    examples: Annotated[
        int, typer.Option("--max-examples", metavar="N", min=1, help="Number of cases to draw.")
    ] = 2000,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="S", min=0.1, help="Time limit, including shrinking.")
    ] = 60.0,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed draws the same cases.")] = 0,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="DIR", help="Store for a failing case (default: darkparity-fuzz).")
    ] = None,
    json: Json = False,
    *,
    request: Request,
) -> None:
    """Search for a failing case and shrink it.

    Prints programs that reproduce it. Exit code 1 if one was found, 0 if not. Needs the extra `fuzz` (hypothesis).
    """
    from darkparity.dialects import named
    from darkparity.fuzz import Limits, search
    from darkparity.judging.participants import gathered, one_of
    from darkparity.preparing import access_of
    from darkparity.problems.select import check_names
    from darkparity.spec import OPERATIONS

    from .show.screen import print_json, screen

    check_names("operation", request.operations, OPERATIONS)
    only_dialect(request)
    targets = (implementation,) if implementation else ()
    with gathered(targets, request.dialect, access_of(request)) as participants:
        row = named(participants.dialects(request.dialect)[0])
        asked_one, typed = one_of(participants)
        found, asked = search(asked_one, row, Limits(examples, seconds, seed), request.operations)
    if found is None:
        print_json({"found": False, "asked": asked}) if json else print(f"nothing found in {asked} cases (seed {seed})")
        raise typer.Exit(0)
    words = shlex.join(access_of(request).words(typed))
    kept = _kept(found, save or Path("darkparity-fuzz"), words)
    if json:
        print_json(_record(found, asked, kept))
    else:
        screen().print(_text(found, asked, kept), soft_wrap=True)
    raise typer.Exit(1)


def _kept(found: Finding, directory: Path, implementation: str) -> dict[str, str]:
    """Where it lies and how to ask it again; or why it could not be saved, which loses nothing of what was found."""
    from darkparity.formats.directory import DirectoryError
    from darkparity.fuzz.saving import save

    try:
        path, options = save(found, directory)
    except DirectoryError as error:
        return {"not_saved": str(error)}
    dialect = found.problem.dialect.name
    command = f"darkparity check {implementation} {options}"
    again = "" if dialect == "darknet" else f" --dialect {shlex.quote(dialect)}"
    return {"file": str(path), "command": command + again}


def _record(found: Finding, asked: int, kept: dict[str, str]) -> dict[str, Any]:
    from darkparity.fuzz.snippets import c_snippet, numpy_snippet

    return {
        "found": True,
        "asked": asked,
        "operation": found.case.operation,
        "dialect": found.problem.dialect.name,
        "shape": list(found.case.shape),
        "elements": found.elements,
        "attributes": dict(found.problem.attributes),
        "fills": {n: str(found.case.fills[n]) for n in found.problem.arrays},
        "verdict": found.result.word,
        "why": _why(found.result.verdict),
        "numpy": numpy_snippet(found),
        "c": c_snippet(found),
        **kept,
    }


def _text(found: Finding, asked: int, kept: dict[str, str]) -> str:
    from darkparity.fuzz.snippets import c_snippet, numpy_snippet

    q, verdict = found.problem, found.result.verdict
    lines = [f"{found.result.implementation} fails on {q.operation} ({q.dialect.name}), found after {asked} cases",
             f"  shape       {found.case.shape or ''}  ({found.elements} elements)",
             f"  attributes  {dict(q.attributes)}"]  # fmt: skip
    lines += [f"  {name:<18}{found.case.fills[name]}" for name in q.arrays]
    lines += [f"  verdict     {verdict.word}", *(f"    {text}" for text in _why(verdict))]
    lines += ["", "NumPy", "-----", numpy_snippet(found), "C", "-", c_snippet(found)]
    where = "not saved: {not_saved}" if "not_saved" in kept else "saved as {file}; again: {command}"
    return "\n".join([*lines, where.format(**kept)])


def _why(verdict: Any) -> list[str]:
    if not hasattr(verdict, "comparisons"):
        return [str(verdict)]
    return [
        f"{c.array}{list(c.index)}: got {c.got:.9g}, expected {c.expected:.9g}, off by {c.worst_ratio:.3g} bounds"
        for c in verdict.comparisons if not c.conforms
    ]  # fmt: skip
