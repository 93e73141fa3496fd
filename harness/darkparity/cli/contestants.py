"""Names on the command line -> implementations, under names that are unique in a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from darkparity.dialects import DEFAULT as DEFAULT_DIALECT
from darkparity.dialects import DIALECTS
from darkparity.implementations import DEFAULT, NotInstalled, load
from darkparity.runner import RECORDED, Contestant


class NotUsable(ValueError):
    """A named implementation that cannot be used here; says why."""


@dataclass(frozen=True)
class Field:
    """Who takes part: contestants, what was typed for each, and who is missing from the default set."""

    contestants: tuple[Contestant, ...]
    asked: tuple[str, ...]
    absent: dict[str, str]

    def dialects(self, given: Sequence[str]) -> tuple[str, ...]:
        """Those given; else the default one, and for who does not compute that one, the first it does."""
        if given:
            return tuple(dict.fromkeys(given))
        offered = [c.description.dialects for c in self.contestants]
        wanted = {DEFAULT_DIALECT if DEFAULT_DIALECT in names or not names else names[0] for names in offered}
        return tuple(name for name in DIALECTS if name in (wanted or {DEFAULT_DIALECT}))


def gather(names: Sequence[str], dialects: Sequence[str] = ()) -> Field:
    """Load what was named, or the default set. Raises NotUsable, UnknownImplementation, PortError."""
    claimed = dialects[0] if len(dialects) == 1 else None
    asked: list[str] = []
    absent: dict[str, str] = {}
    contestants: list[Contestant] = []
    for name in dict.fromkeys(names or DEFAULT):
        try:
            contestants.append(Contestant.of(load(name, dialect=claimed)))
            asked.append(name)
        except NotInstalled as error:
            if names:
                raise NotUsable(f"{name} is not installed: {error}") from None
            absent[name] = str(error)
    return Field(tuple(_unique(contestants, asked)), tuple(asked), absent)


def _unique(contestants: Sequence[Contestant], asked: Sequence[str]) -> list[Contestant]:
    """Contestants that go by the same name go by what was typed for them."""
    names = [RECORDED, *(c.name for c in contestants)]
    return [
        Contestant(c.implementation, dataclasses.replace(c.description, name=text))
        if names.count(c.name) > 1
        else c
        for c, text in zip(contestants, asked, strict=True)
    ]
