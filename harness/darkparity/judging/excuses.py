"""What would excuse a failure without any deviation: a label that is not declared, or the other mode of a recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from darkparity.problems.own_tensors import MODES
from darkparity.problems.problem import Problem, live_expectation
from darkparity.spec import LAYER_OPERATIONS

from .evidence import Evidence


@dataclass(frozen=True)
class Reading:
    """One way to read what was returned.

    name: `label:affine`, `mode:training`, both, or empty. folded: supposing the label `affine`. flipped: supposing the
    other mode. condition: both in words, empty for none.
    """

    name: str = ""
    condition: str = ""
    folded: bool = False
    flipped: bool = False

    def of(self, evidence: Iterable[Evidence]) -> list[Evidence]:
        """The same arrays, read so."""
        if not self.condition:
            return list(evidence)
        return [read for piece in evidence if (read := self._read(piece)).got]

    def _read(self, piece: Evidence) -> Evidence:
        problem = _flipped(piece.problem) if self.flipped else piece.problem
        return piece.judged_as(problem, replace(piece.profile, affine=piece.profile.affine or self.folded))


AS_IT_IS = Reading()
_FOLDED = "inference is folded into a x + b: declare the label `affine`"


def readings(evidence: Sequence[Evidence], recorded: bool) -> Iterator[Reading]:
    """As it is, supposing labels, and of a recording supposing the other mode."""
    fold = not all(piece.profile.affine for piece in evidence)
    mode = _other_mode(evidence) if recorded else ""
    yield AS_IT_IS
    if fold:
        yield Reading("label:affine", _FOLDED, folded=True)
    if mode:
        recorded_in = f"it was recorded in {mode} mode: --mode {mode}"
        yield Reading(f"mode:{mode}", recorded_in, flipped=True)
        if fold:
            yield Reading(f"mode:{mode} label:affine", f"{recorded_in}, and {_FOLDED}", folded=True, flipped=True)


def _other_mode(evidence: Sequence[Evidence]) -> str:
    """The mode that a recording was not taken to be in; empty where it has both, or routines have none."""
    if any(piece.problem.operation not in LAYER_OPERATIONS for piece in evidence):
        return ""
    modes = {bool(piece.problem.attributes["train"]) for piece in evidence}
    other = MODES[not modes.pop()]
    return "" if modes else other


def _flipped(problem: Problem) -> Problem:
    attributes = {**problem.attributes, "train": not problem.attributes["train"]}
    call = replace(problem.call, attributes=attributes)
    return replace(problem, call=call, expectation=live_expectation(call), separates=None, _known={}, _power={})
