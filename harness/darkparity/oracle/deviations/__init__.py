"""The catalogue of wrong variants: self-test of the cases, stated power of a run, diagnosis of a failure."""

from __future__ import annotations

from collections.abc import Mapping

from darkparity.dialects import DEFAULT, DIALECTS

from .catalogue import catalogue, deviations
from .deviation import Deviation, as_dialect

#: Those of the default dialect.
DEVIATIONS: Mapping[str, Deviation] = deviations(DIALECTS[DEFAULT])

#: Every other dialect as a deviation: `dialect:alexeyab`.
DIALECT_DEVIATIONS: Mapping[str, Deviation] = {f"dialect:{row.name}": as_dialect(row) for row in DIALECTS.values()}

__all__ = ["DEVIATIONS", "DIALECT_DEVIATIONS", "Deviation", "catalogue", "deviations"]
