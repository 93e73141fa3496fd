"""Random rows, and the batch norm that computes each."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from darkparity.dialects import (
    DIALECTS,
    Backward,
    Dialect,
    Epsilon,
    InferenceBackward,
    LayerType,
    Place,
    Rolling,
    RollingUpdatedIn,
    SavedStatistic,
    SavesX,
)

from .writing import BatchNorm, Settings

#: What a layer in a framework hands out; a port of DarkNet's hands out everything.
_FRAMEWORK = ("output", "rolling_mean", "rolling_variance", "delta", "scale_updates", "bias_updates")
#: Words that make no sense where three terms read a variance; `dialect` refuses them.
_OF_INVERSE_STD = (InferenceBackward.FIXED, InferenceBackward.ROLLING_AS_INVERSE_STD)
_TERMS = ("mean_delta", "variance_delta", "normalize_delta")


def _epsilon(draw: random.Random) -> Epsilon:
    """Log-uniform from 1e-8 to 1e-1; often a power of ten."""
    exponent = draw.uniform(-8, -1)
    return Epsilon(10.0 ** (round(exponent) if draw.random() < 0.3 else exponent), draw.choice(list(Place)))


def _rolling(draw: random.Random) -> Rolling:
    """Weights that add up to one, in either convention; sometimes any two."""
    gain = 10.0 ** draw.uniform(-3, -0.3)
    return Rolling(draw.uniform(0.5, 1), gain) if draw.random() < 0.2 else Rolling(1 - gain, gain)


def row(draw: random.Random) -> Dialect:
    """A row that could be somebody's."""
    forward, three = _epsilon(draw), draw.random() < 0.5
    terms = [_epsilon(draw) if draw.random() < 0.7 else forward for _ in _TERMS]
    words = [w for w in InferenceBackward if not (three and w in _OF_INVERSE_STD)]
    fields: dict[str, Any] = dict(
        normalize=forward,
        variance_ddof=draw.choice((0, 0, 1, 1, 2)),
        rolling_ddof=draw.choice((0, 0, 1, 1, 2)),
        least_divisor=draw.choice((0, 0, 1)),
        rolling=_rolling(draw),
        rolling_connected=_rolling(draw) if draw.random() < 0.2 else None,
        rolling_updated_in=draw.choice((RollingUpdatedIn.FORWARD,) * 4 + (RollingUpdatedIn.BACKWARD,)),
        initial_rolling_variance=draw.choice((0.0, 1.0)),
        backward=Backward.THREE_TERM if three else Backward.INVERSE_STD,
        saved_statistic=draw.choice(list(SavedStatistic)) if not three else SavedStatistic.VARIANCE,
        saves_x=draw.choice(list(SavesX)),
        saves_x_norm=three or draw.random() < 0.5,
        inference_backward=draw.choice(words),
        bias_gradient=frozenset(kind for kind in LayerType if draw.random() < 0.8),
        **dict(zip(_TERMS, terms, strict=True)),
    )
    return replace(DIALECTS["darknet"], **fields)


def written(row: Dialect, everything: bool) -> BatchNorm:
    """The batch norm that computes a row. everything: it hands out all arrays, not only a framework's."""
    return BatchNorm(Settings(
        forward=_pair(row.normalize),
        backward=tuple(_pair(getattr(row, t)) for t in _TERMS) if row.backward is Backward.THREE_TERM else (),
        less=row.variance_ddof,
        rolling_less=row.rolling_ddof,
        least=row.least_divisor,
        keep=row.rolling.decay,
        take=row.rolling.gain,
        connected=(row.rolling_connected.decay, row.rolling_connected.gain) if row.rolling_connected else None,
        late=row.rolling_updated_in is RollingUpdatedIn.BACKWARD,
        fresh=row.initial_rolling_variance,
        keeps_root=row.saved_statistic is SavedStatistic.INVERSE_STD,
        keeps_x=row.saves_x is SavesX.ALWAYS,
        keeps_normalized=row.saves_x_norm,
        evaluating=str(row.inference_backward),
        bias=row.bias_gradient,
        returns=() if everything else _FRAMEWORK,
    ))  # fmt: skip


def _pair(epsilon: Epsilon) -> tuple[float, bool]:
    return epsilon.value, epsilon.inside
