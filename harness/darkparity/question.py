"""A question put to every implementation, with what is right for it at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from darkparity.bounds import Expected, Profile, expect, expect_live
from darkparity.dialects import Dialect
from darkparity.oracle import Answer, answer

#: Elements per array up to which the exact oracle answers a live question (20 us per element and output);
#: beyond it float64 with its own error bound does.
EXACT_ELEMENTS = 2048

Expectation = Callable[[Profile], dict[str, Expected]]


@dataclass(frozen=True)
class Question:
    """One call of one operation, from a golden fixture, a live case or the user's own tensors.

    recorded: outputs that somebody recorded for exactly these inputs, to be judged as well.
    reproduce: command-line arguments that ask this question alone.
    """

    id: str
    operation: str
    dialect: Dialect
    attributes: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]
    fault: str
    origin: str
    expectation: Expectation
    reproduce: str = ""
    recorded: Mapping[str, np.ndarray] = field(default_factory=dict)
    _known: dict[Profile, dict[str, Expected]] = field(default_factory=dict, repr=False, compare=False)

    def expected(self, profile: Profile) -> dict[str, Expected]:
        """What is right for an arithmetic of `profile`; computed once."""
        if profile not in self._known:
            self._known[profile] = self.expectation(profile)
        return self._known[profile]

    @property
    def elements(self) -> int:
        """Elements of the largest input array."""
        return max((a.size for a in self.arrays.values()), default=0)


def live_expectation(
    operation: str, dialect: Dialect, arrays: Mapping[str, np.ndarray], attributes: Mapping[str, Any]
) -> Expectation:
    """What is right, worked out now: exactly for small inputs, by bounded float64 for large ones."""
    call = (operation, dialect, arrays, attributes)
    if max((a.size for a in arrays.values()), default=0) > EXACT_ELEMENTS:
        return lambda profile: expect_live(*call, profile)
    answers: dict[str, Answer] = {}

    def expectation(profile: Profile) -> dict[str, Expected]:
        answers.update(answers or answer(*call))
        return expect(*call, profile, answers)

    return expectation
