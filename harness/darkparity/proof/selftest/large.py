"""What large sums still show: one element dropped, a variance divided by m, at m = 2^16 and 2^20."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from darkparity.cases import Case
from darkparity.cases.fills import constant, dyadic, normal
from darkparity.cases.recipe import Fill
from darkparity.dialects import DIALECTS
from darkparity.oracle.bounds import Profile
from darkparity.oracle.deviations import DEVIATIONS
from darkparity.oracle.deviations.power import SEPARATES, margins
from darkparity.problems.problem import Problem
from darkparity.problems.select import live

_SIZES = {2**16: (16, 1, 64, 64), 2**20: (16, 1, 256, 256)}
_DATA = {"dyadic": dyadic(), "gaussian": normal()}
_LABELS = ((), ("two_pass",), ("two_pass", "ieee"), ("two_pass", "pairwise"), ("two_pass", "float64"))
DROPPED, BIASED = "sums_without_last_element", "biased_variance"
#: deviation -> the routine that shows it.
_SHOWN = {DROPPED: "backward_bias", BIASED: "variance_cpu"}
_REQUIRED_SIZE = 2**16


@dataclass(frozen=True)
class Large:
    """The margin of one deviation at one size. required: it must be at least 4."""

    m: int
    data: str
    deviation: str
    operation: str
    labels: tuple[str, ...]
    margin: float
    required: bool

    @property
    def good(self) -> bool:
        return not self.required or self.margin >= SEPARATES


def measured() -> Iterator[Large]:
    """Every size, data, deviation and set of labels."""
    for m, shape in _SIZES.items():
        for data, fill in _DATA.items():
            for deviation, operation in _SHOWN.items():
                yield from _measured(m, data, deviation, _problem(operation, shape, fill))


def _measured(m: int, data: str, deviation: str, problem: Problem) -> Iterator[Large]:
    assert deviation in DEVIATIONS
    for labels in _LABELS:
        expected = problem.expected(Profile.of(labels))
        required = m == _REQUIRED_SIZE and data == "dyadic" and (deviation == DROPPED or "two_pass" in labels)
        found = margins(problem.call, expected, (deviation,)).get(deviation, 0.0)
        yield Large(m, data, deviation, problem.operation, labels, found, required)


def _problem(operation: str, shape: tuple[int, ...], fill: Fill) -> Problem:
    fills = {"delta": fill, "x": fill, "mean": constant(0.0), "bias_updates": constant(3.0)}
    return live(Case("large", operation, "Many terms.", fills, shape), DIALECTS["darknet"])
