"""Names on the command line -> implementations, under names that are unique in a run."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from darkparity.dialects import DEFAULT as DEFAULT_DIALECT
from darkparity.dialects import DIALECTS
from darkparity.errors import UsageError
from darkparity.implementations import DEFAULT, Implementation, NotInstalled, load
from darkparity.implementations.wire.child import Limits

from .runner import RECORDED, Participant


class NotUsable(UsageError):
    """A named implementation that cannot be used here; says why."""


@dataclass(frozen=True)
class Field:
    """Who takes part: participants, what was typed for each, and who is missing from the default set."""

    participants: tuple[Participant, ...]
    asked: tuple[str, ...]
    absent: dict[str, str]

    def dialects(self, given: Sequence[str]) -> tuple[str, ...]:
        """Those given; else the default one, and for who does not compute that one, the first it does."""
        if given:
            return tuple(dict.fromkeys(given))
        offered = [c.description.dialects for c in self.participants]
        wanted = {DEFAULT_DIALECT if DEFAULT_DIALECT in names or not names else names[0] for names in offered}
        return tuple(name for name in DIALECTS if name in (wanted or {DEFAULT_DIALECT}))


@dataclass(frozen=True)
class Access:
    """How implementations are reached: programs that speak the wire protocol; whether all run as children."""

    programs: tuple[str, ...] = ()
    isolate: bool = False
    limits: Limits = field(default_factory=Limits)

    def options(self) -> dict[str, Any]:
        """What the header records."""
        return {
            "exec": self.programs,
            "isolate": self.isolate,
            "timeout": self.limits.seconds,
            "memory": self.limits.memory_mb,
        }

    def words(self, asked: str) -> list[str]:
        """Command-line arguments that reach what was typed as `asked` again."""
        limits = {"--timeout": f"{self.limits.seconds:g}", "--memory": self.limits.memory_mb}
        usual = {"--timeout": f"{Limits().seconds:g}", "--memory": None}
        given = [word for key, v in limits.items() if v != usual[key] for word in (key, str(v))]
        isolate = ["--isolate"] if self.isolate and asked not in self.programs else []
        return [*(["--exec", asked] if asked in self.programs else [asked]), *isolate, *given]

    def reach(self, text: str, dialect: str | None) -> Implementation:
        """The implementation that `text` stands for."""
        if text not in self.programs and not self.isolate:
            return load(text, dialect=dialect)
        from darkparity.implementations.wire.external import External, isolated

        if text in self.programs:
            return External(shlex.split(text), self.limits, dialect=dialect)
        return isolated(text, self.limits, dialect)


def gather(names: Sequence[str], dialects: Sequence[str] = (), ways: Access | None = None) -> Field:
    """Load what was named, or the default set. Raises NotUsable, UnknownImplementation, PortError."""
    claimed = dialects[0] if len(dialects) == 1 else None
    asked: list[str] = []
    absent: dict[str, str] = {}
    participants: list[Participant] = []
    ways = ways or Access()
    named = (*names, *ways.programs)
    for name in dict.fromkeys(named or DEFAULT):
        try:
            participants.append(Participant.of(ways.reach(name, claimed)))
            asked.append(name)
        except NotInstalled as error:
            if named:
                raise NotUsable(f"{name} is not installed: {error}") from None
            absent[name] = str(error)
    return Field(tuple(_unique(participants, asked)), tuple(asked), absent)


def _unique(participants: Sequence[Participant], asked: Sequence[str]) -> list[Participant]:
    """Participants that go by the same name go by what was typed for them."""
    names = [RECORDED, *(c.name for c in participants)]
    return [
        Participant(c.implementation, dataclasses.replace(c.description, name=text))
        if names.count(c.name) > 1
        else c
        for c, text in zip(participants, asked, strict=True)
    ]
