"""The fields of a row as questions: what each could be, and what has to be seen for it to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from darkparity.dialects import (
    Backward,
    Dialect,
    InferenceBackward,
    LayerType,
    RollingUpdatedIn,
    SavedStatistic,
    SavesX,
)
from darkparity.judging.solving.change import CHANGES, MOMENTUM, Change, words
from darkparity.judging.solving.constant import CONNECTED


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
    Field(words("saved_statistic", tuple(SavedStatistic)), f"{_FORWARD} that returns variance"),
    Field(words("saves_x", tuple(SavesX)), "an inference forward that returns x"),
    Field(words("saves_x_norm", (True, False)), f"{_FORWARD} that returns x_norm"),
    Field(words("backward", tuple(Backward)), _BACKWARD),
    Field(_SOLVED[("mean_delta",)], _BACKWARD, _three_term),
    Field(_SOLVED[("variance_delta",)], _BACKWARD, _three_term),
    Field(_SOLVED[("normalize_delta",)], _BACKWARD, _three_term),
    Field(words("inference_backward", tuple(InferenceBackward)), "an inference backward"),
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
