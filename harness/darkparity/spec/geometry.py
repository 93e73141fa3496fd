"""The sizes of a layer, and the shapes that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

from .operations import AXES


@dataclass(frozen=True)
class Geometry:
    """Sizes of one layer; spatial = height * width."""

    batch: int
    channels: int
    spatial: int

    @classmethod
    def of_layer(cls, batch: int, channels: int, height: int, width: int) -> Geometry:
        """From the four sizes of an image batch, in the order of its axes."""
        return cls(batch, channels, height * width)

    def shape_of(self, array: str) -> tuple[int, ...]:
        """(batch, channels, spatial) or (channels,), by AXES. No BLAS vector: its length is not the layer's."""
        return (self.batch, self.channels, self.spatial) if AXES[array] == "A" else (self.channels,)
