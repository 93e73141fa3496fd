"""The catalogue of wrong variants: self-test of the cases, stated power of a run, diagnosis of a failure."""

from __future__ import annotations

from collections.abc import Mapping

from darkparity.dialects import DIALECTS

from .constants import CONSTANT_DEVIATIONS
from .deviation import Deviation, as_dialect
from .equivalents import EQUIVALENT_DEVIATIONS
from .gradients import GRADIENT_DEVIATIONS
from .indexing import INDEXING_DEVIATIONS
from .layers import BACKWARD_DEVIATIONS, BUFFER_DEVIATIONS, FORWARD_DEVIATIONS
from .precision import PRECISION_DEVIATIONS
from .statistics import STATISTICS_DEVIATIONS
from .vectors import VECTOR_DEVIATIONS

DEVIATIONS: Mapping[str, Deviation] = {
    row.name: row
    for row in (
        *CONSTANT_DEVIATIONS,
        *STATISTICS_DEVIATIONS,
        *FORWARD_DEVIATIONS,
        *GRADIENT_DEVIATIONS,
        *BACKWARD_DEVIATIONS,
        *INDEXING_DEVIATIONS,
        *PRECISION_DEVIATIONS,
        *VECTOR_DEVIATIONS,
        *BUFFER_DEVIATIONS,
        *EQUIVALENT_DEVIATIONS,
    )
}

#: Every other dialect as a deviation: `dialect:alexeyab`.
DIALECT_DEVIATIONS: Mapping[str, Deviation] = {f"dialect:{row.name}": as_dialect(row) for row in DIALECTS.values()}

__all__ = ["DEVIATIONS", "DIALECT_DEVIATIONS", "Deviation"]
