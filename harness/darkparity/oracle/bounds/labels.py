"""What an implementation may declare of its arithmetic, and what each claim does to the bounds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from darkparity.dialects import Dialect, Form

#: Unit roundoff of float32 (IEEE 754-2019 binary32, round to nearest).
UNIT = 2.0**-24
#: Smallest normal float32: what flush-to-zero and denormals-are-zero can destroy at most.
SMALLEST_NORMAL = 2.0**-126
#: Half the smallest subnormal: rounding error of gradual underflow.
HALF_SUBNORMAL = 2.0**-150
#: Roundings allowed to one division or root: 2 where IEEE 754 rounds both correctly (DarkNet multiplies by a
#: rounded reciprocal), 6 for an rsqrt estimate with a Newton step: Intel's RSQRTPS errs by 1.5 * 2^-12 at most, the
#: step leaves 1.5 times the square of that, 3.4 u, and adds its own roundings.
ROUNDINGS_IEEE, ROUNDINGS_ANY = 2, 6
#: NumPy's pairwise sum: serial blocks of 128 as 8 accumulators (16 + 3 additions), then a tree
#: (docs/bounds.md, Labels; Higham 2002, section 4.2).
PAIRWISE_BLOCK, PAIRWISE_BASE = 128, 19


@dataclass(frozen=True)
class Profile:
    """The arithmetic assumed of the implementation under judgement."""

    two_pass: bool = False
    ieee: bool = False
    accumulation: str = "serial"
    affine: bool = False
    any_class: bool = False  # what is not finite may be NaN or either infinity all the same

    @classmethod
    def of(cls, labels: Iterable[str]) -> Profile:
        """The profile of a set of labels; raises ValueError for an unknown one."""
        given = set(labels)
        unknown = given - {"two_pass", "ieee", "pairwise", "float64", "affine"}
        if unknown:
            raise ValueError(f"unknown label(s) {', '.join(sorted(unknown))}")
        accumulation = "float64" if "float64" in given else "pairwise" if "pairwise" in given else "serial"
        return cls("two_pass" in given, "ieee" in given, accumulation, "affine" in given)

    def within(self, dialect: Dialect) -> Profile:
        """Where the dialect's own reference may fold the output, everybody may."""
        return replace(self, affine=True) if dialect.output_form is Form.EITHER else self

    @property
    def roundings(self) -> int:
        """Roundings allowed to one division or root."""
        return ROUNDINGS_IEEE if self.ieee else ROUNDINGS_ANY

    def sum_factor(self, terms: int) -> float:
        """gamma(k) of a sum of `terms` values in the declared accumulation class (Higham 2002, eq. 4.4)."""
        steps = terms - 1
        if self.accumulation == "float64":
            steps = min(steps, 1)
        elif self.accumulation == "pairwise" and terms > PAIRWISE_BLOCK:
            steps = min(steps, PAIRWISE_BASE + math.ceil(math.log2(terms / PAIRWISE_BLOCK)))
        product = steps * UNIT
        return product / (1 - product) if product < 1 else math.inf


ANY = Profile()
TWO_PASS = Profile(two_pass=True)
