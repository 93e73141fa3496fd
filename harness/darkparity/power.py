"""What a case can tell apart: how far another answer lies from the right one, in multiples of the bound."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from darkparity.bounds import Expected
from darkparity.compare import ratios

#: A separation that counts: the wrong answer is at least this many bounds away (design section 6).
SEPARATES = 4.0


def margin(expected: Mapping[str, Expected], other: Mapping[str, np.ndarray]) -> float:
    """Largest |other - expected| / bound over all observed elements; inf for a class conflict or zero bound.

    other: float32 arrays by name, e.g. the exact answers of another dialect or of a deviation.
    """
    return max(
        (
            float(ratios(other[name], right).max(initial=0.0))
            for name, right in expected.items()
            if name in other and other[name].shape == right.value.shape
        ),
        default=0.0,
    )
