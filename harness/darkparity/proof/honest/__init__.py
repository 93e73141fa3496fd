"""The valid zoo: honest float32 variants of the port. Not one of them may ever be called wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from darkparity.implementations import NotInstalled
from darkparity.judging.runner import Participant

from .algebra import ALGEBRA
from .builds import BUILDS
from .member import Member
from .orders import ORDERS
from .rounding import ROUNDINGS
from .stepwise import STEPWISE, Stepwise

ZOO: Mapping[str, Member] = {row.name: row for row in (*ORDERS, *ROUNDINGS, *ALGEBRA, *STEPWISE, *BUILDS)}


@dataclass(frozen=True)
class Zoo:
    """The members that can run here, and why the others cannot."""

    participants: tuple[Participant, ...]
    absent: Mapping[str, str]


def gather(names: Iterable[str] = ()) -> Zoo:
    """The members called `names` (none: all)."""
    participants, absent = [], {}
    for member in (ZOO[n] for n in names or ZOO):
        try:
            found = Participant.of(member.make())
        except NotInstalled as error:
            absent[member.name] = str(error)
            continue
        said = replace(found.description, name=member.name, labels=frozenset(member.labels))
        participants.append(Participant(found.implementation, said))
    return Zoo(tuple(participants), absent)


def relabelled(participant: Participant, labels: Iterable[str]) -> Participant:
    """The same implementation, claiming less."""
    return Participant(participant.implementation, replace(participant.description, labels=frozenset(labels)))


__all__ = ["ZOO", "Member", "Stepwise", "Zoo", "gather", "relabelled"]
