"""What a diagnosis says: a record of a run, apart from what makes it, which few runs need."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """What explains the outputs: a deviation, several, `dialect:`, `constants:`, `label:` or `mode:`.

    ratio: worst error in its own bounds; None for what has none.
    """

    name: str
    sentence: str
    ratio: float | None


@dataclass(frozen=True)
class Diagnosis:
    """What explains the failures of one implementation in one dialect.

    sentence: for a porter to act on. explanations: equally good ones (each other's answers cannot be told apart on
    the evidence), best first. telling: a case of the run that tells the first two apart, if there is one.
    examined: ids of the failing cases that were looked at. where: what cases, elements and, where nothing explains
    them, values have in common.
    """

    implementation: str
    dialect: str
    sentence: str
    explanations: tuple[Cause, ...] = ()
    telling: str = ""
    examined: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
