"""What was named on the command line or given as an object -> implementations, under names unique in a run."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from darkparity.dialects import DEFAULT as DEFAULT_DIALECT
from darkparity.dialects import KNOWN
from darkparity.errors import UsageError
from darkparity.implementations import DEFAULT, Implementation, NotInstalled, adapt, load
from darkparity.implementations.wire.child import Limits
from darkparity.request import name_of

from .result import RECORDED
from .runner import Participant


class NotUsable(UsageError):
    """A named implementation that cannot be used here; says why."""


@dataclass(frozen=True)
class Participants:
    """Who takes part: implementations, what was typed for each, and who is missing from the default set."""

    all: tuple[Participant, ...]
    asked: tuple[str, ...]
    absent: dict[str, str]

    def dialects(self, given: Sequence[str]) -> tuple[str, ...]:
        """Those given; else the default one, and for implementations without it the first that they compute."""
        if given:
            return tuple(dict.fromkeys(given))
        told = [p.description for p in self.all]
        free = [d.offers(DEFAULT_DIALECT) or not d.dialects for d in told]
        wanted = [DEFAULT_DIALECT if any_ else d.dialects[0] for d, any_ in zip(told, free, strict=True)]
        order = [*KNOWN, *wanted]
        return tuple(sorted(set(wanted or [DEFAULT_DIALECT]), key=order.index))

    @property
    def by_name(self) -> dict[str, str]:
        """Name in the run -> what was typed to get it."""
        return {p.name: text for text, p in zip(self.asked, self.all, strict=True)}

    def close(self) -> None:
        """Close every implementation that runs in a child process."""
        close(self.all)


@dataclass(frozen=True)
class Access:
    """How implementations are reached: programs that speak the wire protocol; whether all run as children."""

    programs: tuple[str, ...] = ()
    isolate: bool = False
    limits: Limits = field(default_factory=Limits)

    def words(self, asked: str) -> list[str]:
        """Command-line arguments that reach what was typed as `asked` again."""
        limits = {"--timeout": f"{self.limits.seconds:g}", "--memory": self.limits.memory_mb}
        usual = {"--timeout": f"{Limits().seconds:g}", "--memory": None}
        given = [word for key, v in limits.items() if v != usual[key] for word in (key, str(v))]
        isolate = ["--isolate"] if self.isolate and asked not in self.programs else []
        return [*(["--exec", asked] if asked in self.programs else [asked]), *isolate, *given]

    def unbounded(self, asked: Sequence[str]) -> str:
        """What to say where limits were given that do not hold for all of `asked`; else empty."""
        free = [name for name in asked if name not in self.programs and not self.isolate]
        if not free or self.limits == Limits():
            return ""
        return (
            f"--timeout and --memory do not hold for {', '.join(free)}: only a process can be ended from outside; "
            "--isolate gives each implementation one"
        )

    def reach(self, target: Any, dialect: str | None) -> Implementation:
        """The implementation that a name or an object stands for. Raises NotUsable, PortError."""
        if not isinstance(target, str):
            if self.isolate:
                raise NotUsable(f"{name_of(target)}: an object cannot run in a child process; give its name instead")
            return adapt(target, dialect=dialect)
        if target not in self.programs and not self.isolate:
            return load(target, dialect=dialect)
        from darkparity.implementations.wire.external import External, isolated

        if target in self.programs:
            return External(shlex.split(target), self.limits, dialect=dialect)
        return isolated(target, self.limits, dialect)


def close(participants: Sequence[Participant]) -> None:
    """Close every implementation that runs in a child process."""
    with ExitStack() as ends:  # each, whatever comes of the others
        for participant in participants:
            end = getattr(participant.implementation, "close", None)
            if callable(end):
                ends.callback(end)


@contextmanager
def gathered(
    targets: Sequence[Any], dialects: Sequence[str] = (), access: Access | None = None
) -> Iterator[Participants]:
    """`gather`, with every child process ended at the end."""
    participants = gather(targets, dialects, access)
    try:
        yield participants
    finally:
        participants.close()


def one_of(participants: Participants) -> tuple[Participant, str]:
    """The only implementation, and what was typed for it. Raises NotUsable if there are several or none."""
    if len(participants.asked) != 1:
        raise NotUsable(f"{len(participants.asked)} implementations given; name exactly one, or give --exec CMD")
    return participants.all[0], participants.asked[0]


def gather(targets: Sequence[Any], dialects: Sequence[str] = (), access: Access | None = None) -> Participants:
    """Load what was named or given, or the default set. Raises NotUsable, UnknownImplementation, PortError.

    targets: names as `load` takes them, or objects (a module, class or instance with functions named like the
    operations, or an Implementation). access.programs are added to them.
    """
    access = access or Access()
    claimed = dialects[0] if len(dialects) == 1 else None
    given = (*targets, *access.programs)
    found: dict[str, Participant] = {}
    absent: dict[str, str] = {}
    for target in given or DEFAULT:
        asked = name_of(target)
        try:
            if asked not in found:
                renew = partial(access.reach, target, claimed) if isinstance(target, str) else None
                found[asked] = Participant.of(access.reach(target, claimed), renew)
        except NotInstalled as error:
            if given:
                raise NotUsable(f"{asked} is not installed: {error}") from None
            absent[asked] = str(error)
    return Participants(tuple(_unique(found)), tuple(found), absent)


def _unique(found: dict[str, Participant]) -> list[Participant]:
    """Implementations that go by the same name go by what was typed for them."""
    names = [RECORDED, *(p.name for p in found.values())]
    return [
        dataclasses.replace(p, description=dataclasses.replace(p.description, name=asked))
        if names.count(p.name) > 1
        else p
        for asked, p in found.items()
    ]
