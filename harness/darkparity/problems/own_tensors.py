"""A user's own tensors as problems; results recorded beside them are judged as one more implementation.

What is missing and needed is drawn from `seed` for implementations and said so; a recorded result is judged only
against what was recorded with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from darkparity.dialects import DIALECTS, Dialect
from darkparity.formats.tensor_files import InputError, load

from .array_names import ARRAYS
from .own_layer import OwnLayer
from .problem import Problem
from .recording import Layer, layers_in
from .suspicious import suspicious

MODES = {True: "training", False: "inference"}


@dataclass(frozen=True)
class Reading:
    """What a file gave.

    ignored: names that mean nothing. drawn: arrays that were not there. unjudged: recorded arrays that belong to no
    problem, with the reason. notes: what a reader should know.
    """

    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    unjudged: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read(path: Path, dialect: Dialect, seed: int = 0, train: bool | None = None) -> Reading:
    """Turn a file into problems for `dialect`. Raises InputError.

    train: the mode that was recorded, or is to be asked; None: what the file says, or both.
    """
    found = layers_in(path, load(path))
    if not found.layers:
        hint = "".join(f"; {note}" for note in found.notes)
        raise InputError(f"{path}: no array is called like one of {', '.join(sorted(ARRAYS))}; found "
                         f"{', '.join(found.ignored) or 'none'}{hint}")  # fmt: skip
    reading = Reading(ignored=found.ignored, notes=found.notes)
    for layer in found.layers:
        for mode in _modes(layer, dialect, train):
            _take_in(OwnLayer(path, layer, dialect, seed, mode), train is None, reading)
    return reading


def _modes(layer: Layer, dialect: Dialect, train: bool | None) -> tuple[bool, ...]:
    if train is not None:
        return (train,)
    if layer.records:
        return (layer.looks_trained,)
    return (False,) if dialect.inference_only else (True, False)


def _take_in(layer: OwnLayer, guessed: bool, into: Reading) -> None:
    """Add one layer in one mode. guessed: the mode is what the file suggests."""
    where, problems = f"{layer.name}: ", list(layer.problems())
    into.problems.extend(problems)
    into.drawn.extend(where + name for name in sorted(layer.drawn))
    into.unjudged.update({where + n: f"dialect {layer.dialect.name} has no backward" for n in layer.left_over()})
    odd = suspicious(where, {**layer.given, **layer.results}, layer.layer.records)
    into.notes.extend(note for note in odd if note not in into.notes)
    if guessed and conforming(problems) is False:
        into.notes.extend(where + note for note in _other_mode(layer))


def conforming(problems: Iterable[Problem]) -> bool | None:
    """Whether everything recorded conforms; None where nothing recorded could have deviated."""
    verdicts = [v for v in (problem.recording_conforms() for problem in problems) if v is not None]
    return all(verdicts) if verdicts else None


def _other_mode(layer: OwnLayer) -> Iterator[str]:
    """That what deviates would conform in the other mode, in this dialect or else in another."""
    mode = not layer.train
    for dialect in (layer.dialect, *(d for d in DIALECTS.values() if d is not layer.dialect)):
        if dialect.inference_only and mode:
            continue
        if conforming(OwnLayer(layer.path, layer.layer, dialect, layer.seed, mode).problems()):
            other = dialect is not layer.dialect
            yield mode_note(mode, dialect if other else None)
            return


def mode_note(train: bool, dialect: Dialect | None = None) -> str:
    """dialect: where it is another than the one asked."""
    place, option = (f" of dialect {dialect.name}", f" --dialect {dialect.name}") if dialect else ("", "")
    return (f"the recorded output conforms in {MODES[train]} mode{place}, not in {MODES[not train]} mode: "
            f"--mode {MODES[train]}{option}")  # fmt: skip
