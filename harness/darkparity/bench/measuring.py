"""Judge every implementation on a geometry, then time those that conform, in turns, with the streaming floor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from darkparity.dialects import named
from darkparity.ending import contained
from darkparity.implementations.crash import crash_of
from darkparity.judging.runner import Participant, ask, judge
from darkparity.judging.verdict import Conforms, Crashed, Unsupported, Verdict
from darkparity.problems.problem import Problem
from darkparity.spec import AXES

from .calls import PREPARED, TimedCall, Workspace
from .clock import Entrant, take_turns
from .errors import BenchError
from .floor import Floor
from .geometries import Shape, written
from .plan import Plan, problem, wanted
from .report import Report, Spread, Timing
from .threads import thread_limit
from .traffic import Traffic, traffic

Move = Callable[[str, int, int], None]


@dataclass
class _Started:
    """A call that conforms and what is known of it so far."""

    timing: Timing
    entrant: Entrant


def measure(participants: Sequence[Participant], plan: Plan, move: Move) -> Report:
    """Judge and time everything that `plan` names. Raises BenchError where the baseline takes no part."""
    baseline = _baseline([c.name for c in participants], plan.baseline)
    timings: list[Timing] = []
    with thread_limit(plan.threads), np.errstate(all="ignore"):
        for number, (mode, shape) in enumerate(plan.jobs):
            move(f"{mode} {written(shape)}", number, len(plan.jobs))
            timings += _Job(participants, plan, mode, shape).timings(baseline)
    return Report(tuple(timings), plan, baseline)


def _baseline(names: Sequence[str], given: str) -> str:
    if given and given not in names:
        raise BenchError(f"baseline {given!r} takes no part; --baseline takes one of {', '.join(names)}")
    return given or ("numpy" if "numpy" in names else names[0])


class _Job:
    """One mode on one geometry: its arrays are held as long as it lasts."""

    def __init__(self, participants: Sequence[Participant], plan: Plan, mode: str, shape: Shape) -> None:
        self._participants, self._plan, self._mode, self._shape = participants, plan, mode, shape
        self._problems: dict[str, Problem] = {}
        self._workspaces: dict[str, Workspace] = {}
        self._refused: list[Timing] = []
        self._started: list[_Started] = []
        self._streams: list[Floor] = []

    def timings(self, baseline: str) -> list[Timing]:
        """Who conforms first, each way on its own, then who does not."""
        for participant in self._participants:
            self._enter(participant)
        for asked in self._problems.values():
            asked._known.clear()  # what is right is no longer needed, and is large
        floors = self._floors()
        entrants = [*(s.entrant for s in self._started), *floors.values()]
        try:
            if self._started:
                with contained():
                    take_turns(entrants, self._plan.seconds, self._plan.rounds)
        finally:
            for floor in self._streams:
                floor.close()
        return [*(self._finished(s, floors, baseline) for s in self._started), *self._refused]

    def _enter(self, participant: Participant) -> None:
        dialect = self._plan.dialect_of(participant.description)
        if named(dialect).inference_only and self._mode != "inference":
            why = Unsupported(f"the dialect {dialect} has no {self._mode}")
            self._refused += [self._timing(participant, dialect, way, why) for way in self._plan.ways]
            return
        asked = self._problems.setdefault(dialect, problem(self._mode, self._shape, dialect))
        verdict = ask(participant, asked)[0].verdict
        for way in self._plan.ways:
            self._enter_way(participant, asked, way, verdict)

    def _timing(self, participant: Participant, dialect: str, way: str, verdict: Verdict) -> Timing:
        """Not measured yet."""
        return Timing(participant.name, dialect, self._mode, self._shape, way, verdict.word, _why(verdict))

    def _enter_way(self, participant: Participant, asked: Problem, way: str, verdict: Verdict) -> None:
        timing = self._timing(participant, asked.dialect.name, way, verdict)
        if not isinstance(verdict, Conforms):
            self._refused.append(timing)
            return
        space = self._workspaces.setdefault(asked.dialect.name, Workspace(asked))
        asked_for = wanted(asked, self._plan.outputs)
        call = PREPARED[way](participant, asked, asked_for, space)
        if call is None:
            return
        found, delivered = _tried(call, asked, participant)
        if not isinstance(found, Conforms):
            self._refused.append(replace(timing, verdict=found.word, note=_why(found)))
            return
        missing = [name for name in asked_for if name not in delivered and AXES[name] == "A"]
        need = traffic(asked, set(asked_for) & set(delivered))
        entrant = Entrant(call.call, call.restore, call.reported)
        note = f"without {', '.join(missing)}" if missing else ""
        self._started.append(_Started(replace(timing, note=note, traffic=need), entrant))

    def _floors(self) -> dict[Traffic, Entrant]:
        """One per traffic, timed in the same turns."""
        elements = int(np.prod(self._shape))
        needed = dict.fromkeys(s.timing.traffic for s in self._started if s.timing.traffic)
        self._streams = [Floor(need, elements) for need in needed]
        return {need: Entrant(floor) for need, floor in zip(needed, self._streams, strict=True)}

    def _finished(self, started: _Started, floors: dict[Traffic, Entrant], baseline: str) -> Timing:
        timing, mine = started.timing, started.entrant
        assert timing.traffic is not None
        seconds = Spread.of(mine.seconds)
        other = next((s.entrant for s in self._started
                      if s.timing.implementation == baseline and s.timing.way == timing.way), None)  # fmt: skip
        return replace(
            timing,
            seconds=seconds,
            ratio=_paired(other, mine) if other else None,
            rounds=len(mine.seconds),
            iterations=mine.iterations,
            gigabytes=timing.traffic.bytes(int(np.prod(self._shape))) / seconds.median / 1e9,
            floor=_paired(floors[timing.traffic], mine).median,
            busy=mine.busy,
        )


def _paired(above: Entrant, below: Entrant) -> Spread:
    """Round by round, so that what slows both down cancels."""
    return Spread.of([a / b for a, b in zip(above.seconds, below.seconds, strict=True)])


def _tried(call: TimedCall, asked: Problem, participant: Participant) -> tuple[Verdict, set[str]]:
    """The verdict on exactly this call, and which outputs it delivers."""
    call.restore()
    try:
        with contained():
            arrays = call.results(call.call())
    except Exception as error:  # whatever a port does must become a verdict
        return Crashed(*crash_of(error)), set()
    return judge(asked, arrays, participant), set(arrays)


def _why(verdict: Verdict) -> str:
    if isinstance(verdict, Unsupported):
        return verdict.reason
    stage, message = getattr(verdict, "stage", ""), getattr(verdict, "message", "")
    return str(stage or message or getattr(verdict, "reason", ""))
