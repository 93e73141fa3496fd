"""A deviation: a named wrong variant of the specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
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

    name: snake_case id. sentence: what is wrong and what DarkNet does, for a porter to act on.
    touched: the dialect field, routine or part of the layer function that is wrong. report: a public bug report it stands for.
    equivalent: a one-line proof when no float32 contract can see it; such a row must never alarm.
    """

    name: str
    sentence: str
    touched: str
    variant: Variant = field(default_factory=Variant)
    report: str = ""
    equivalent: str = ""


def fields(name: str, sentence: str, report: str = "", equivalent: str = "", **changes: Any) -> Deviation:
    """A dialect field changed."""

    def change(row: Dialect) -> Dialect:
        return replace(row, **changes)

    return Deviation(name, sentence, ", ".join(changes), Variant(dialect=change), report, equivalent)


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


def as_dialect(row: Dialect) -> Deviation:
    """The answer of another dialect."""
    sentence = f"computes the dialect {row.name} ({row.summary})"
    return Deviation(f"dialect:{row.name}", sentence, "dialect", Variant(dialect=lambda _: row))
