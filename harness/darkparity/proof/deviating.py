"""A catalogued deviation as an implementation: what the self-test judges and diagnosis is tried on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darkparity.implementations.protocol import EVERY, Description
from darkparity.oracle.deviations import Deviation
from darkparity.oracle.deviations.answers import values
from darkparity.spec import OPERATIONS, Call


class DeviatingImplementation:
    """Computes the changed specification in float64 and rounds."""

    def __init__(self, deviation: Deviation) -> None:
        self.deviation = deviation

    def describe(self) -> Description:
        return Description(self.deviation.name, "catalogue", (EVERY,), tuple(OPERATIONS))

    def run(self, call: Call, outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Every output by name."""
        return values(self.deviation, call)
