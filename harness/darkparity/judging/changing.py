"""What is said of an implementation whose answers to the same inputs change: no diagnosis can rest on them."""

from __future__ import annotations

from .diagnosis import Cause, Diagnosis
from .result import Result
from .verdict import DependsOnEarlierCalls, NotDeterministic

_STATE = "it keeps something between calls (a counter, a cache, buffers or statistics of its own)"
_RANDOM = "a race between threads, memory read before it is written or outside its array, or random numbers"
_ROLLING = (
    "DarkNet moves the rolling statistics at every call, so once for each subdivision of a batch, and keeps nothing "
    "outside the layer's arrays"
)


def of_changing_answers(result: Result) -> Diagnosis:
    """Of a result whose verdict is `not deterministic` or `depends on earlier calls`."""
    verdict = result.verdict
    assert isinstance(verdict, NotDeterministic)
    state = isinstance(verdict, DependsOnEarlierCalls)
    why = _STATE if state else _RANDOM
    more = f"; {_ROLLING}" if state and verdict.change.startswith("rolling_") else ""
    sentence = f"its answers change from call to call: {why}; in {result.case}, {verdict.change}{more}"
    cause = Cause(f"answers: {verdict.word}", sentence, None)
    return Diagnosis(result.implementation, result.dialect, sentence, (cause,), "", (result.case,))
