"""The words that fields of a dialect choose from. Each compares, sorts and prints as its own text."""

from __future__ import annotations

from enum import StrEnum, auto
from typing import TypeVar

from darkparity.errors import UsageError

Choice = TypeVar("Choice", bound=StrEnum)


class LayerType(StrEnum):
    """DarkNet's layers with batch normalization."""

    BATCHNORM = "BATCHNORM"
    CONVOLUTIONAL = "CONVOLUTIONAL"
    CONNECTED = "CONNECTED"


class Place(StrEnum):
    """Where an epsilon stands."""

    INSIDE = auto()
    OUTSIDE = auto()


class Backward(StrEnum):
    """The stages of a backward."""

    THREE_TERM = auto()
    INVERSE_STD = auto()


class SavedStatistic(StrEnum):
    """What `variance` holds after a training forward."""

    VARIANCE = auto()
    INVERSE_STD = auto()


class SavesX(StrEnum):
    """When a forward saves x."""

    ALWAYS = auto()
    TRAINING = auto()


class InferenceBackward(StrEnum):
    """The statistics of an inference-mode backward."""

    ROLLING = auto()
    ROLLING_COPIED = auto()
    BATCH = auto()
    FIXED = auto()
    ROLLING_AS_INVERSE_STD = auto()


class RollingUpdatedIn(StrEnum):
    """The function whose training call updates the rolling statistics."""

    FORWARD = auto()
    BACKWARD = auto()


class Form(StrEnum):
    """Whether a reference computes by the formula, or may use an equivalent that is less accurate."""

    FORMULA = auto()
    EITHER = auto()
    EITHER_CLIPPED = auto()


class Momentum(StrEnum):
    """What a framework's `momentum` weighs."""

    PYTORCH = auto()
    DARKNET = auto()
    NONE = auto()


def chosen(kind: type[Choice], word: str, field: str) -> Choice:
    """The member of `kind` that `word` names. Raises UsageError with the field and its words."""
    try:
        return kind(word)
    except ValueError:
        raise UsageError(f"{field} is {str(word)!r}, must be one of {', '.join(kind)}") from None
