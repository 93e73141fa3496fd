"""Options that several verbs share, made from the table of `darkparity.request`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import Field
from pathlib import Path
from typing import Annotated, Any

import typer

from darkparity.dialects import CHANGES, Change
from darkparity.request import OPTIONS, Request

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
StoreDirectory = Annotated[
    Path | None,
    typer.Option("--store", metavar="DIR", help=OPTIONS["store"].metadata["help"]),
]
#: A field's annotation -> the type of the command-line option.
_TYPES: dict[str, Any] = {
    "Names": list[str] | None,
    "Path | None": Path | None,
    "str | None": str | None,
    "int | None": int | None,
    "int": int,
    "float": float,
    "bool": bool,
}


def with_options(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a verb these options of a check, all of them if none is named; it receives them as one `request`.

    With `dialect` come the options that change one.
    The verb's parameter `implementations` or `implementation`, if it has one, goes into the request too.
    """
    chosen = [OPTIONS[name] for name in names or OPTIONS]
    changes = list(CHANGES.values()) if "dialect" in (names or OPTIONS) else []

    def decorate(verb: Callable[..., None]) -> Callable[..., None]:
        taken = [*(option.name for option in chosen), *(change.name for change in changes)]
        own = inspect.signature(verb, eval_str=True).parameters

        @functools.wraps(verb)
        def command(**given: Any) -> None:
            options = {name: given.pop(name) for name in taken}
            implementations = given.get("implementations") or given.get("implementation") or ()
            mine = {name: value for name, value in given.items() if name in own}
            verb(**mine, request=Request.of(implementations, **options))

        kept = [p.replace(kind=p.KEYWORD_ONLY) for p in own.values() if p.name != "request"]
        parameters = [*kept, *map(_parameter, chosen), *map(_change, changes)]
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        return command

    return decorate


def _change(change: Change) -> inspect.Parameter:
    repeatable = change.metavar == "NAME=VALUE"
    kind = list[str] | None if repeatable else str | None
    info = typer.Option(change.flag, metavar=change.metavar, help=f"Of --dialect: {change.help}.")
    return inspect.Parameter(
        change.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, info]
    )


def _parameter(option: Field[Any]) -> inspect.Parameter:
    about = option.metadata
    kind = _TYPES[str(option.type)]
    info = typer.Option(about["flag"], metavar=about["metavar"] or None, help=about["help"], min=about["least"])
    default = option.default if kind is not _TYPES["Names"] else None
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=default,
                             annotation=Annotated[kind, info])  # fmt: skip
