"""`darkparity golden`: write, check and look at the stored answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from darkparity.request import Request

from .options import Json, StoreDirectory, with_options

if TYPE_CHECKING:
    from rich.console import Console

    from darkparity.problems.golden.differences import Difference
    from darkparity.problems.golden.store import Store

golden = typer.Typer(
    name="golden",
    help="Write, verify and show the golden fixtures.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
#: Numeric differences printed per run; all of them are in --json.
SHOWN = 40


@golden.command()
def regenerate(store: StoreDirectory = None, json: Json = False) -> None:
    """Write every fixture from the oracle.

    Exit code 1 if anything changed.
    """
    from darkparity.problems.golden.writing import regenerate as write

    from .show.screen import print_json, progress, screen

    target = _target(store)
    with progress(json) as move:
        changed = write(target, move)
    found = [d for name, before in changed.items() if before for d in _changes(target, name, before)]
    if json:
        print_json({"store": str(target), "changed": list(changed), "differences": [vars(d) for d in found]})
    else:
        console = screen()
        console.print(f"golden store  {target}", soft_wrap=True)
        for name in changed:
            console.print(f"changed  {name}", soft_wrap=True)
        _show(console, found)
        console.print(f"{len(changed)} files changed" if changed else "nothing changed")
    raise typer.Exit(bool(changed))


@golden.command()
def verify(store: StoreDirectory = None, json: Json = False) -> None:
    """Check every file against the schema and the oracle.

    Exit code 1 if anything differs.
    """
    from darkparity.problems.golden.differences import verify_schema
    from darkparity.problems.golden.store import default_store

    opened = default_store(store)
    verify_schema(opened)
    _compare(opened, json)


@golden.command()
def diff(store: StoreDirectory = None, json: Json = False) -> None:
    """Show what differs between the files and the oracle.

    Number by number; writes nothing.
    """
    from darkparity.problems.golden.store import default_store

    _compare(default_store(store), json)


@golden.command()
@with_options("dialect", "store")
def show(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Identifier, or a name that is unique.")],
    json: Json = False,
    *,
    request: Request,
) -> None:
    """Show one case: inputs, expected values and bounds."""
    from .show.case import as_json, find, show_question
    from .show.screen import print_json, screen

    problem = find(case, request.dialect, request.store)
    if json:
        print_json(as_json(problem))
    else:
        show_question(screen(), problem)


def _target(store: Path | None) -> Path:
    """Where to write: --store (may not exist yet) or ./golden; never a store found through the installation.

    An editable install's packaged store is somebody's checkout: not to be rewritten from another directory.
    """
    from darkparity.problems.golden.store import MANIFEST, StoreError

    here = Path("golden")
    if store is None and not (here / MANIFEST).is_file():
        raise StoreError(f"no ./golden/{MANIFEST} in {Path.cwd()}; say where to write: --store DIR")
    return store or here


def _changes(target: Path, name: str, before: bytes) -> Iterable[Difference]:
    """Number by number where the file could be read before."""
    from darkparity.errors import UsageError
    from darkparity.problems.golden.differences import text_differences

    try:
        return list(text_differences(name, before, (target / name).read_bytes()))
    except UsageError:
        return []  # the old file was damaged, or is the manifest: there are no numbers to compare


def _compare(store: Store, json: bool) -> None:
    from darkparity.problems.golden.differences import differences

    from .show.screen import print_json, progress, screen

    with progress(json) as move:
        found = list(differences(store, move))
    if json:
        rows = [vars(d) for d in found]
        print_json({"store": str(store.path), "files": len(store.files), "differences": rows})
    else:
        console = screen()
        console.print(f"golden store  {store.path}  ({len(store.files)} files)", soft_wrap=True)
        _show(console, found)
        console.print(f"{len(found)} differences" if found else "every number is what the oracle says")
    raise typer.Exit(bool(found))


def _show(console: Console, found: list[Difference]) -> None:
    for difference in found[:SHOWN]:
        console.print(str(difference), soft_wrap=True)
    if len(found) > SHOWN:
        files = len({d.file for d in found})
        console.print(f"and {len(found) - SHOWN} more in {files} files; --json prints them all")
