"""Solved constants as one more row to explain answers with, alone or beside a deviation."""

from __future__ import annotations

from collections.abc import Sequence

from darkparity.dialects import Dialect
from darkparity.judging.evidence import Evidence
from darkparity.oracle import Variant
from darkparity.oracle.deviations.deviation import Deviation

from .solution import solve


def solved(evidence: Sequence[Evidence], row: Dialect) -> Deviation | None:
    """Named `constants:` with their options; None where no other constants explain anything."""
    solution = solve(evidence, row)
    if solution is None:
        return None
    sentence = f"{solution.sentence}: {solution.declaration}"
    return Deviation(
        f"constants: {solution.declaration}", sentence, "constants", Variant(dialect=lambda _: solution.row)
    )
