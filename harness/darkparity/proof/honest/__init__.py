"""Honest float32 variants of the port: none of them may ever be called wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from darkparity.implementations import NotInstalled
from darkparity.judging.runner import Participant

from .algebra import ALGEBRA
from .builds import BUILDS
from .orders import ORDERS
from .rounding import ROUNDINGS
from .stepwise import STEPWISE, Stepwise
from .variant import HonestVariant

_ROWS = (*ORDERS, *ROUNDINGS, *ALGEBRA, *STEPWISE, *BUILDS)
HONEST_VARIANTS: Mapping[str, HonestVariant] = {row.name: row for row in _ROWS}


@dataclass(frozen=True)
class HonestVariants:
    """Those that can run here, and why the others cannot."""

    participants: tuple[Participant, ...]
    absent: Mapping[str, str]


def gather(names: Iterable[str] = ()) -> HonestVariants:
    """The variants called `names`; all of them if none is named."""
    participants, absent = [], {}
    for variant in (HONEST_VARIANTS[n] for n in names or HONEST_VARIANTS):
        try:
            found = Participant.of(variant.make())
        except NotInstalled as error:
            absent[variant.name] = str(error)
            continue
        description = replace(found.description, name=variant.name, labels=frozenset(variant.labels))
        participants.append(Participant(found.implementation, description))
    return HonestVariants(tuple(participants), absent)


def relabelled(participant: Participant, labels: Iterable[str]) -> Participant:
    """The same implementation, claiming less."""
    return Participant(participant.implementation, replace(participant.description, labels=frozenset(labels)))


__all__ = ["HONEST_VARIANTS", "HonestVariant", "HonestVariants", "Stepwise", "gather", "relabelled"]
