"""Edits of a layer function's stages: the vocabulary in which structural deviations are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from darkparity.spec import Stage

from .deviation import Calls, Rewrite

#: A routine, or several of which any is meant.
Routine = str | Sequence[str]


def stage(routine: str, writes: str, **reads: str) -> Stage:
    """A stage; a copy is `stage("copy_cpu", "x", X="output", Y="x")`."""
    return Stage(routine, reads, writes, replayable=False)


def copy(source: str, target: str) -> Stage:
    """A copy of a whole array."""
    return stage("copy_cpu", target, X=source, Y=target)


def _matches(call: Stage, routine: Routine, writes: str | None) -> bool:
    named = call.routine == routine if isinstance(routine, str) else call.routine in routine
    return named and writes in (None, call.writes)


def drop(routine: Routine, writes: str | None = None) -> Rewrite:
    """Leave the call out."""
    return lambda calls, at: tuple(c for c in calls if not _matches(c, routine, writes))


def reading(routine: Routine, writes: str | None = None, **changed: str) -> Rewrite:
    """The call reads other arrays."""

    def one(call: Stage) -> Stage:
        reads = {parameter: changed.get(parameter, array) for parameter, array in call.reads.items()}
        if not _matches(call, routine, writes) or reads == call.reads:
            return call
        return Stage(call.routine, reads, call.writes, call.attributes, False)

    return lambda calls, at: tuple(one(call) for call in calls)


def writing(routine: Routine, writes: str, target: str) -> Rewrite:
    """The call writes another array."""

    def one(call: Stage) -> Stage:
        matched = _matches(call, routine, writes)
        return Stage(call.routine, call.reads, target, call.attributes, False) if matched else call

    return lambda calls, at: tuple(one(call) for call in calls)


def before(routine: Routine, writes: str | None, *extra: Stage) -> Rewrite:
    """Extra calls in front of the call."""
    return lambda calls, at: tuple(
        c for call in calls for c in ((*extra, call) if _matches(call, routine, writes) else (call,))
    )


def after(routine: Routine, writes: str | None, *extra: Stage) -> Rewrite:
    """Extra calls behind the call."""
    return lambda calls, at: tuple(
        c for call in calls for c in ((call, *extra) if _matches(call, routine, writes) else (call,))
    )


def moved_to_end(routine: Routine, writes: str) -> Rewrite:
    """The call comes last."""

    def rewrite(calls: Calls, at: Mapping[str, Any]) -> Calls:
        rest = tuple(c for c in calls if not _matches(c, routine, writes))
        return (*rest, *(c for c in calls if _matches(c, routine, writes)))

    return rewrite


def moved_before(routine: Routine, writes: str, anchor: Routine, anchor_writes: str | None = None) -> Rewrite:
    """The call comes in front of `anchor`."""
    return _moved(before, routine, writes, anchor, anchor_writes)


def moved_after(routine: Routine, writes: str, anchor: Routine, anchor_writes: str | None = None) -> Rewrite:
    """The call comes behind `anchor`."""
    return _moved(after, routine, writes, anchor, anchor_writes)


def _moved(
    place: Callable[..., Rewrite], routine: Routine, writes: str, anchor: Routine, anchor_writes: str | None
) -> Rewrite:

    def rewrite(calls: Calls, at: Mapping[str, Any]) -> Calls:
        moved = [c for c in calls if _matches(c, routine, writes)]
        rest = tuple(c for c in calls if not _matches(c, routine, writes))
        there = any(_matches(c, anchor, anchor_writes) for c in rest)
        return place(anchor, anchor_writes, *moved)(rest, at) if there else calls

    return rewrite


def then(*edits: Rewrite) -> Rewrite:
    """Several edits, in order."""

    def rewrite(calls: Calls, at: Mapping[str, Any]) -> Calls:
        for edit in edits:
            calls = edit(calls, at)
        return calls

    return rewrite


def in_mode(train: bool, edit: Rewrite) -> Rewrite:
    """The edit in training or in inference only."""
    return lambda calls, at: edit(calls, at) if at["train"] is train else calls


def forward(edit: Rewrite) -> Rewrite:
    """The edit in the forward function only."""
    return lambda calls, at: edit(calls, at) if any(c.routine == "normalize_cpu" for c in calls) else calls


def backward(edit: Rewrite) -> Rewrite:
    """The edit in the backward function only."""
    return lambda calls, at: edit(calls, at) if any(c.routine == "backward_scale_cpu" for c in calls) else calls


def at_end(*extra: Stage) -> Rewrite:
    """Extra calls after everything."""
    return lambda calls, at: (*calls, *extra)


def at_start(*extra: Stage) -> Rewrite:
    """Extra calls before everything."""
    return lambda calls, at: (*extra, *calls)


def if_there(routine: Routine, writes: str | None, edit: Rewrite) -> Rewrite:
    """The edit in functions that make such a call."""
    return lambda calls, at: edit(calls, at) if any(_matches(c, routine, writes) for c in calls) else calls
