"""The two ways a layer function is called, ready to be timed.

run: through the contract, as `check` calls it: arguments checked, private copies made, results read back.
bare: the function alone with its arguments bound before; of a program in another process, the time that it reports
for the function. What it overwrites is put back between rounds; within a
round, calls that are too short for the clock follow each other on what the last one left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from darkparity.judging.runner import Participant
from darkparity.problems.problem import Problem

from .libraries import LIBRARIES
from .plan import BARE, THROUGH_CONTRACT


@dataclass(frozen=True)
class TimedCall:
    """results: what `call` returned as arrays by name. restore: puts back what it overwrote.

    reported: seconds of the last call as the program that answered it says.
    """

    call: Callable[[], Any]
    results: Callable[[Any], dict[str, np.ndarray]]
    restore: Callable[[], None]
    reported: Callable[[], float] | None = None


class Workspace:
    """One copy of a problem's arrays that bare calls may overwrite, shared by all: they take turns."""

    def __init__(self, problem: Problem) -> None:
        self._originals = problem.arrays
        self.arrays = {name: array.copy() for name, array in problem.arrays.items()}

    def restore(self) -> None:
        for name, array in self.arrays.items():
            np.copyto(array, self._originals[name])


def through_contract(
    participant: Participant, problem: Problem, wanted: Sequence[str], workspace: Workspace
) -> TimedCall:
    """`run` leaves its arrays alone: nothing to restore. It runs all the same, so that caches are left alike."""
    implementation = participant.implementation
    return TimedCall(lambda: implementation.run(problem.call, wanted), lambda got: got, workspace.restore)


def bare(participant: Participant, problem: Problem, wanted: Sequence[str], workspace: Workspace) -> TimedCall | None:
    """None where the implementation has no function of this process: a program in another language."""
    if participant.name in LIBRARIES:
        function, results = LIBRARIES[participant.name](workspace.arrays, problem)
        return TimedCall(function, results, workspace.restore)
    if hasattr(participant.implementation, "reported_seconds"):
        return _reported(participant, problem, wanted, workspace)
    bound = getattr(participant.implementation, "bound", None)
    if bound is None:
        return None
    function, results = bound(replace(problem.call, arrays=workspace.arrays), wanted)
    return TimedCall(function, results, workspace.restore)


def _reported(
    participant: Participant, problem: Problem, wanted: Sequence[str], workspace: Workspace
) -> TimedCall | None:
    """A program that says how long its function took; None if it does not."""
    call, program = through_contract(participant, problem, wanted, workspace), participant.implementation
    if program.reported_seconds is None:  # type: ignore[attr-defined]  # it has just been judged
        return None
    return replace(call, reported=lambda: float(program.reported_seconds))  # type: ignore[attr-defined]


PREPARED: dict[str, Callable[[Participant, Problem, Sequence[str], Workspace], TimedCall | None]] = {
    THROUGH_CONTRACT: through_contract,
    BARE: bare,
}
