"""The fields of a row as questions: what each could be, and what has to be seen for it to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from darkparity.dialects import (
    Backward,
    Dialect,
    InferenceBackward,
    LayerType,
    Place,
    RollingUpdatedIn,
    SavedStatistic,
    SavesX,
)
from darkparity.judging.solving.change import CHANGES, MOMENTUM, Change, words
from darkparity.judging.solving.constant import BACKWARD, CONNECTED, MEAN_DELTA, NORMALIZE_DELTA, VARIANCE_DELTA


def _bias_gradient(kind: LayerType) -> Change:
    def rows(row: Dialect) -> Iterator[Dialect]:
        yield replace(row, bias_gradient=row.bias_gradient ^ {kind})

    return Change(f"bias_gradient of {kind}", (f"bias_gradient of {kind}",), rows)


def _own_rolling(row: Dialect) -> Iterator[Dialect]:
    yield replace(row, rolling_connected=row.rolling_connected or row.rolling)


def _three_term(row: Dialect) -> bool:
    return row.backward is Backward.THREE_TERM


def _always(row: Dialect) -> bool:
    return True


#: What a backward in three terms, which reads a variance, has instead of words that only one of 1/std can have.
_OF_A_VARIANCE: dict[str, tuple[object, ...]] = {
    "saved_statistic": (SavedStatistic.VARIANCE,),
    "inference_backward": tuple(
        w for w in InferenceBackward if w not in (InferenceBackward.FIXED, InferenceBackward.ROLLING_AS_INVERSE_STD)
    ),
}


def _sensible(field: str, values: tuple[object, ...]) -> Change:
    """Words that the row's backward can have."""

    def rows(row: Dialect) -> Iterator[Dialect]:
        allowed = _OF_A_VARIANCE[field] if _three_term(row) else values
        yield from words(field, allowed).rows(row)

    return Change(field, (field,), rows)


def _other_backward(row: Dialect) -> Iterator[Dialect]:
    """The other backward, with the words that it can have."""
    if _three_term(row):
        yield replace(row, backward=Backward.INVERSE_STD)
        return
    word, allowed = row.inference_backward, _OF_A_VARIANCE["inference_backward"]
    yield replace(
        row,
        backward=Backward.THREE_TERM,
        saved_statistic=SavedStatistic.VARIANCE,
        inference_backward=word if word in allowed else InferenceBackward.ROLLING,
    )


@dataclass(frozen=True)
class Field:
    """One field. needs: what must be observed for it to be decided. used: whether a row has a use for it."""

    change: Change
    needs: str
    used: Callable[[Dialect], bool] = _always

    @property
    def name(self) -> str:
        return self.change.fields[0]


_SOLVED = {change.fields: change for change in CHANGES}
_FORWARD, _BACKWARD = "a training forward", "a training backward"
_MOVED = f"{_FORWARD} that returns rolling_variance"

#: In the order in which they are told.
FIELDS = (
    Field(_SOLVED[("normalize",)], "a forward"),
    Field(_SOLVED[("variance_ddof",)], _FORWARD),
    Field(_SOLVED[("rolling_ddof",)], _MOVED, lambda row: row.rolling_updated_in is RollingUpdatedIn.FORWARD),
    Field(words("least_divisor", (0, 1)), "a training forward of a single value"),
    Field(MOMENTUM, f"{_FORWARD} that returns rolling_mean and rolling_variance"),
    Field(Change("rolling_connected", ("rolling_connected",), _own_rolling, CONNECTED),
          f"{_FORWARD} of a CONNECTED layer"),
    Field(words("rolling_updated_in", tuple(RollingUpdatedIn)), _BACKWARD),
    Field(_SOLVED[("initial_rolling_variance",)], "make_batchnorm_layer"),
    Field(_sensible("saved_statistic", tuple(SavedStatistic)), f"{_FORWARD} that returns variance"),
    Field(words("saves_x", tuple(SavesX)), "an inference forward that returns x"),
    Field(words("saves_x_norm", (True, False)), f"{_FORWARD} that returns x_norm"),
    Field(Change("backward", ("backward",), _other_backward), _BACKWARD),
    Field(_SOLVED[("mean_delta",)], _BACKWARD, _three_term),
    Field(_SOLVED[("variance_delta",)], _BACKWARD, _three_term),
    Field(_SOLVED[("normalize_delta",)], _BACKWARD, _three_term),
    Field(_sensible("inference_backward", tuple(InferenceBackward)), "an inference backward"),
    *(Field(_bias_gradient(kind), f"a backward of a {kind} layer that returns bias_updates") for kind in LayerType),
)  # fmt: skip


def _cudnn(row: Dialect) -> Iterator[Dialect]:
    if row.backward is not Backward.INVERSE_STD:
        yield replace(row, backward=Backward.INVERSE_STD, saved_statistic=SavedStatistic.INVERSE_STD)


#: What a search may change: every field, pairs of them that usually change together, and a pair of which either half
#: alone shows nothing where the variance is not returned.
EVERYTHING = (
    *(f.change for f in FIELDS),
    *(c for c in CHANGES if len(c.fields) > 1),
    Change("backward by 1/std that was saved", ("backward", "saved_statistic"), _cudnn),
)


def _places(row: Dialect) -> Iterator[Dialect]:
    for places in product(Place, repeat=len(BACKWARD)):
        new = {f: replace(getattr(row, f), place=p) for f, p in zip(BACKWARD, places, strict=True)}
        yield replace(row, **new)


_EPSILONS = (MEAN_DELTA, VARIANCE_DELTA, NORMALIZE_DELTA)
#: For a second search: an epsilon of the backward that nearly fits at first makes the others wrong, so that all three
#: are unknown from the start.
ALL_EPSILONS = (
    *(c for c in EVERYTHING if not set(c.fields) & set(BACKWARD)),
    Change("every epsilon of the backward", BACKWARD, _places, _EPSILONS),
)
