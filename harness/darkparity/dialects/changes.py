"""What may be changed of a dialect on the command line or beside `dialect=` in Python: a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from darkparity.errors import UsageError

from .dialect import Dialect
from .known import Given, dialect
from .shorthand import CONVENTION, MOMENTUM, MOMENTUM_MEANING, WORDS
from .values import values


@dataclass(frozen=True)
class Change:
    """metavar, help: of the option, and of documentation."""

    name: str
    metavar: str
    help: str

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"


#: Values that are asked for often enough to have an option of their own.
_COMMON = ("variance_ddof", "rolling_ddof")
#: Name of the option for all others.
FIELD = "field"

CHANGES: Mapping[str, Change] = {
    change.name: change
    for change in (
        *(Change(word.name, word.metavar, word.meaning) for word in WORDS),
        *(Change(name, "N", values()[name].meaning) for name in _COMMON),
        Change(MOMENTUM, "M", MOMENTUM_MEANING),
        Change(CONVENTION, "pytorch|darknet", "whether `momentum` weighs the new value or the old one"),
        Change(FIELD, "NAME=VALUE", "any value of a dialect by its name (docs/dialects.md); repeatable"),
    )
}


def names_of(given: Iterable[Given], changes: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the dialects that are meant, each with `changes` made. Raises UsageError."""
    words = {name: value for name, value in changes.items() if name != FIELD and value is not None}
    words |= dict(_pair(text) for text in _listed(changes.get(FIELD)))
    found = tuple(dict.fromkeys(_changed(each, words).name for each in given))
    if words and not found:
        said = ", ".join(CHANGES[name].flag if name in CHANGES else name for name in words)
        raise UsageError(f"{said} changes a dialect; say which one, for example --dialect pytorch")
    return found


def _changed(given: Given, words: Mapping[str, Any]) -> Dialect:
    return Dialect.based_on(dialect(given), **words) if words else dialect(given)


def _listed(fields: Any) -> tuple[str, ...]:
    return (fields,) if isinstance(fields, str) else tuple(fields or ())


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = str(text).partition("=")
    if not equals:
        raise UsageError(f"--field {text}: needs NAME=VALUE, such as saves_x=training")
    return name.strip(), value.strip()
