"""The layer in the other mode than it is told: as deviations of a dialect."""

from __future__ import annotations

from collections.abc import Iterator

from darkparity.dialects import Dialect
from darkparity.oracle import Variant
from darkparity.oracle.deviations.deviation import Calls, Deviation, Rewrite
from darkparity.oracle.deviations.edits import backward, forward
from darkparity.spec import BACKWARD, FORWARD, Attributes, stages

_MODES = {True: "training", False: "inference"}


def mixed_up(dialect: Dialect) -> Iterator[Deviation]:
    """Forward, backward or both run in one mode whatever they are told."""
    if dialect.inference_only:
        return
    for train, mode in _MODES.items():
        there, back = forward(_always(FORWARD, dialect, train)), backward(_always(BACKWARD, dialect, train))
        for place, edits in {"forward": (there,), "backward": (back,), "the layer": (there, back)}.items():
            sentence = f"{place} ignores the mode and computes as in {mode} always, also in {_MODES[not train]} mode"
            yield Deviation(f"{place.split()[-1]}_always_{mode}", sentence, "mode", Variant(rewrite=_all(edits)))


def _always(operation: str, dialect: Dialect, train: bool) -> Rewrite:
    return lambda calls, at: stages(operation, dialect, {**at, "train": train})


def _all(edits: tuple[Rewrite, ...]) -> Rewrite:
    def rewrite(calls: Calls, at: Attributes) -> Calls:
        for edit in edits:
            calls = edit(calls, at)
        return calls

    return rewrite
