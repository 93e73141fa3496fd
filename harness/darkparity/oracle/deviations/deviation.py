"""A deviation: a named wrong variant of the specification, and the ways in which rows of the catalogue make one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from darkparity.dialects import Dialect
from darkparity.oracle import Variant
from darkparity.oracle.formulas import Formula
from darkparity.spec import Stage

Calls = tuple[Stage, ...]
Rewrite = Callable[[Calls, Mapping[str, Any]], Calls]


@dataclass(frozen=True)
class Deviation:
    """One wrong variant.

    name: snake_case id. sentence: what is wrong, and what is right in the dialect, for a porter to act on.
    touched: the dialect field, routine or part of the layer function that is wrong. report: a public bug report it stands for.
    equivalent: a one-line proof when no float32 contract can see it; such a row must never alarm.
    """

    name: str
    sentence: str
    touched: str
    variant: Variant = field(default_factory=Variant)
    report: str = ""
    equivalent: str = ""


#: A row of the catalogue: the same deviation in every dialect, or what it is in the dialect given (None: nothing).
Row = Deviation | Callable[[Dialect], Deviation | None]
#: Said of the changed dialect and of the right one.
Sentence = str | Callable[[Dialect, Dialect], str]


def fields(name: str, sentence: Sentence, report: str = "", **changes: Any) -> Row:
    """Dialect fields changed: to a value, or to what a function makes of the row."""

    def row(dialect: Dialect) -> Deviation:
        @cache  # asked once for every function of the dialect
        def change(d: Dialect) -> Dialect:
            return replace(d, **{n: value(d) if callable(value) else value for n, value in changes.items()})

        said = sentence if isinstance(sentence, str) else sentence(change(dialect), dialect)
        return Deviation(name, said, ", ".join(changes), Variant(dialect=change), report)

    return row


def formula(
    name: str, sentence: str, routine: str, wrong: Formula, report: str = "", equivalent: str = ""
) -> Deviation:
    """A routine computed otherwise, wherever it is called."""
    return Deviation(name, sentence, routine, Variant(formulas={routine: wrong}), report, equivalent)


def structure(
    name: str, sentence: str, touched: str, rewrite: Rewrite, report: str = "", equivalent: str = ""
) -> Deviation:
    """The stages of a layer function put together otherwise."""
    return Deviation(name, sentence, touched, Variant(rewrite=rewrite), report, equivalent)


def in_dialect(row: Row, dialect: Dialect) -> Deviation | None:
    """What the row is there."""
    return row if isinstance(row, Deviation) else row(dialect)


def where(condition: Callable[[Dialect], bool], *rows: Row) -> tuple[Row, ...]:
    """Rows that only some dialects have."""

    def only(row: Row) -> Row:
        return lambda dialect: in_dialect(row, dialect) if condition(dialect) else None

    return tuple(only(row) for row in rows)


def as_dialect(row: Dialect) -> Deviation:
    """The answer of another dialect."""
    sentence = f"computes the dialect {row.name} ({row.summary})"
    return Deviation(f"dialect:{row.name}", sentence, "dialect", Variant(dialect=lambda _: row))
