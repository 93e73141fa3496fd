"""`darkparity fuzz IMPL`: random cases until one fails, then the smallest one that still does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Json, Operations

if TYPE_CHECKING:
    from darkparity.fuzz import Finding


def fuzz(
    implementation: Annotated[str, typer.Argument(metavar="IMPL", help="As for check.")],
    examples: Annotated[int, typer.Option("--max-examples", metavar="N", min=1, help="Cases to draw.")] = 2000,
    seconds: Annotated[float, typer.Option("--seconds", metavar="S", min=0.1, help="Time, shrinking included.")] = 60.0,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed draws the same cases.")] = 0,
    operation: Operations = None,
    dialect: Annotated[str | None, typer.Option("--dialect", metavar="NAME", help="Dialect to judge against.")] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="DIR", help="Where to keep a finding; default darkparity-fuzz.")
    ] = None,
    isolate: Annotated[bool, typer.Option("--isolate", help="Run the implementation in a process of its own.")] = False,
    json: Json = False,
) -> None:
    """Look for a case on which an implementation fails; make it small; print programs that reproduce it.

    Exit code 1 if one was found, 0 if none. Needs the extra `fuzz` (hypothesis).
    """
    from darkparity.dialects import DIALECTS
    from darkparity.fuzz import Limits, search
    from darkparity.judging.parallel import close
    from darkparity.judging.participants import Access, gather
    from darkparity.problems.select import check_names
    from darkparity.spec import OPERATIONS

    from .show.screen import print_json, screen

    check_names("operation", operation or (), OPERATIONS)
    check_names("dialect", (dialect,) if dialect else (), DIALECTS)
    field = gather((implementation,), (dialect,) if dialect else (), Access(isolate=isolate))
    row = DIALECTS[dialect] if dialect else DIALECTS[field.dialects(())[0]]
    try:
        found, asked = search(field.participants[0], row, Limits(examples, seconds, seed), operation or ())
    finally:
        close(field.participants)
    if found is None:
        print_json({"found": False, "asked": asked}) if json else print(f"nothing found in {asked} cases (seed {seed})")
        raise typer.Exit(0)
    kept = _kept(found, save or Path("darkparity-fuzz"), implementation)
    if json:
        print_json(_record(found, asked, kept))
    else:
        screen().print(_text(found, asked, kept), soft_wrap=True)
    raise typer.Exit(1)


def _kept(found: Finding, directory: Path, implementation: str) -> dict[str, str]:
    from darkparity.fuzz.saving import save

    path, options = save(found, directory)
    dialect = found.problem.dialect.name
    command = f"darkparity check {implementation} {options}"
    return {"file": str(path), "command": command + ("" if dialect == "darknet" else f" --dialect {dialect}")}


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
        "verdict": type(found.result.verdict).__name__.lower(),
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
    lines += [f"  verdict     {type(verdict).__name__}", *(f"    {text}" for text in _why(verdict))]
    lines += ["", "NumPy", "-----", numpy_snippet(found), "C", "-", c_snippet(found)]
    return "\n".join([*lines, f"saved as {kept['file']}; again: {kept['command']}"])


def _why(verdict: Any) -> list[str]:
    if not hasattr(verdict, "comparisons"):
        return [str(verdict)]
    return [
        f"{c.array}{list(c.index)}: got {c.got:.9g}, expected {c.expected:.9g}, off by {c.worst_ratio:.3g} bounds"
        for c in verdict.comparisons if not c.conforms
    ]  # fmt: skip
