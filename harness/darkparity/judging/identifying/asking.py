"""Puts the probes to an implementation, or takes a recording, as witnesses of its row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from darkparity.dialects import DEFAULT, DIALECTS, Dialect, named
from darkparity.judging.evidence import Evidence
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import HarnessFault
from darkparity.oracle import Variant, evaluate, stacked
from darkparity.oracle.bounds import Profile
from darkparity.oracle.bounds.parts import full_array
from darkparity.oracle.deviations.plain import Plain
from darkparity.problems.own_tensors import read
from darkparity.problems.problem import REDRAWN, Problem, live_expectation
from darkparity.spec import AXES, MAKE, Arrays, Call

from . import probes
from .identity import Identity, Witness, identity, searched

#: Elements of a recording that are looked at: whole channels, as many as fit, two at least.
_ELEMENTS = 4096
#: Frameworks fold inference into a x + b: the probes are such that this bound is hardly wider.
_FOLDED = Profile(affine=True)


def identify(participant: Participant) -> Identity:
    """Ask an implementation what no known case asks: which row it computes."""
    contract, silent = named(_contract(participant)), dict[str, str]()
    first = [*probes.new_layer(contract), *probes.inference(contract), *probes.training(contract)]
    forward = list(_answers(participant, first, silent))
    known = searched(forward) if forward else None
    row = known.rows[0].row if known else contract
    states = {kind: _state(forward, row, call) for kind, call in _training_calls(first).items()}
    return identity([*forward, *_answers(participant, probes.backward(contract, states), silent)], silent, known)


def _contract(participant: Participant) -> str:
    """The dialect whose arrays are asked for: the default one, where it is computed."""
    names = participant.description.dialects
    return DEFAULT if not names or participant.description.offers(DEFAULT) else names[0]


def _answers(participant: Participant, asked: Iterable[probes.Probe], silent: dict[str, str]) -> Iterator[Witness]:
    """What comes back; `silent` takes in what does not, and why."""
    for probe in asked:
        problem = Problem(probe.name, probe.call, "", REDRAWN, live_expectation(probe.call))
        result, got = ask(participant, problem)
        if isinstance(result.verdict, HarnessFault):
            raise AssertionError(result.verdict.message)
        seen = {n: a for n, a in (got or {}).items() if a.shape == probe.call.shape_of(n)}
        if seen:
            yield Witness(probe.name, Evidence(problem, _told(probe.call, seen), True, _FOLDED))
        else:
            silent[probe.name] = getattr(result.verdict, "message", "") or getattr(result.verdict, "reason", "")


def _told(call: Call, got: Arrays) -> Arrays:
    """Of a new layer only what is not the same in every row."""
    return {n: a for n, a in got.items() if call.operation != MAKE or n == "rolling_variance"}


def _training_calls(asked: Iterable[probes.Probe]) -> dict[str, Call]:
    """Layer type -> the first training forward of it."""
    found: dict[str, Call] = {}
    for probe in asked:
        if probe.call.attributes.get("train"):
            found.setdefault(str(probe.call.attributes["type"]), probe.call)
    return found


def _state(forward: Iterable[Witness], row: Dialect, call: Call) -> Mapping[str, np.ndarray]:
    """What a training forward left behind: as it was returned, the rest as its row has it; but an x_norm that nobody
    has seen is drawn, which tells who reads it from who computes it again."""
    with np.errstate(all="ignore"):
        steps = list(evaluate(call, Plain.lift, Variant(dialect=lambda _: row)))
    names = [n for n in call.outputs if n in steps[0] and n not in ("output", "x_norm")]
    exact = {n: stacked(call.operation, n, [steps[0][n].v]).astype(np.float32) for n in names}
    returned = next((w.piece.got for w in forward if w.piece.problem.call is call), {})
    return {**exact, **{n: a for n, a in returned.items() if n != "output"}}


def identify_recording(path: Path, seed: int = 0, train: bool | None = None) -> Identity:
    """Identify from a file: in the mode it was recorded in; where none is said, in the one that explains most.

    Raises InputError.
    """
    modes = (train,) if train is not None else (None, True, False)
    found = [identity(list(_recorded(path, seed, mode)), {}) for mode in modes]
    return min(found, key=lambda i: (not i.answered, len(i.left)))


def _recorded(path: Path, seed: int, train: bool | None) -> Iterator[Witness]:
    for problem in read(path, DIALECTS[DEFAULT], seed, train).problems:
        if problem.recorded:
            call, got = _some_channels(problem.call, problem.recorded)
            part = replace(problem, call=call, expectation=live_expectation(call))
            mode = "training" if call.attributes["train"] else "inference"
            yield Witness(f"{problem.id.removeprefix(DEFAULT + '-')} ({mode})", Evidence(part, got, True, _FOLDED))


def _some_channels(call: Call, got: Arrays) -> tuple[Call, Arrays]:
    """As many channels as are worth looking at, evenly spread."""
    full = full_array(call.arrays)
    if full is None or full.size <= _ELEMENTS:
        return call, got
    count = max(2, _ELEMENTS * full.shape[-2] // full.size)
    chosen = np.unique(np.linspace(0, full.shape[-2] - 1, count).astype(int))
    return replace(call, arrays=_at(call.arrays, chosen)), _at(got, chosen)


def _at(arrays: Arrays, channels: np.ndarray) -> dict[str, np.ndarray]:
    return {n: np.ascontiguousarray(a.take(channels, axis=-2 if AXES[n] == "A" else -1)) for n, a in arrays.items()}
