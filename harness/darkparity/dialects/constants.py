"""The constants of a batch norm, float32 as the C code holds them."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Annotated

from .choices import Place, chosen

INSIDE, OUTSIDE = Place.INSIDE, Place.OUTSIDE

#: Significant digits that tell every float32 from its neighbours (IEEE 754-2019, 5.12.2).
_DIGITS = 9


def float32(value: float) -> float:
    """`value` as the C code holds it: rounded to float32 (ALPHA and the `f` suffix in DarkNet)."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def shortest(value: float) -> str:
    """The shortest decimal that is `value` again once it is rounded to float32: `0.001`, `1e-05`."""
    held = float32(value)
    texts = (repr(float(f"{held:.{digits}g}")) for digits in range(1, _DIGITS + 1))
    return next(text for text in texts if float32(float(text)) == held)


@dataclass(frozen=True)
class Epsilon:
    """A constant that keeps a denominator from zero, and where it stands: a Place or its word."""

    value: float = field(metadata={"wire": "epsilon"})
    place: Annotated[Place, "`inside`: sqrt(variance + epsilon); `outside`: sqrt(variance) + epsilon"]

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", float32(self.value))
        object.__setattr__(self, "place", chosen(Place, self.place, "epsilon place"))

    @property
    def inside(self) -> bool:
        return self.place is INSIDE


@dataclass(frozen=True)
class Rolling:
    """rolling = decay * rolling + gain * batch."""

    decay: float
    gain: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "decay", float32(self.decay))
        object.__setattr__(self, "gain", float32(self.gain))

    def with_new_weight(self, momentum: float) -> Rolling:
        """For a momentum that is the weight of the new value, as PyTorch has it."""
        return Rolling(1 - momentum, momentum)

    def with_old_weight(self, momentum: float) -> Rolling:
        """For a momentum that is the weight of the old value; its complement is formed in float32 if this one's is."""
        in_float32 = self.gain == float32(1 - self.decay)
        return Rolling(momentum, 1 - (float32(momentum) if in_float32 else momentum))
