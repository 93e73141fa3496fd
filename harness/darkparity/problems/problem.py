"""A problem put to every implementation, with what is right for it at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from darkparity.dialects import Dialect
from darkparity.oracle import Answer, answer
from darkparity.oracle.bounds import ANY, Expected, Profile, expect, expect_live
from darkparity.oracle.bounds.compare import compare
from darkparity.spec import Arrays, Attributes, Call

#: Elements per array up to which the exact oracle answers a live problem (20 us per element and output);
#: beyond it float64 with its own error bound does.
EXACT_ELEMENTS = 2048

#: Origins: a stored fixture; a row of the table of cases, made and answered now; the same with other random numbers;
#: a file of the user's.
GOLDEN, LIVE, REDRAWN = "golden", "live", "redrawn"

Expectation = Callable[[Profile], dict[str, Expected]]


class Generated(Mapping[str, np.ndarray]):
    """Arrays that are made when first looked at, and made again after `release`.

    least: elements that the largest one has at least; 0 where that is not known.
    """

    def __init__(self, make: Callable[[], Arrays], least: int = 0) -> None:
        self._make, self.least = make, least
        self._arrays: Arrays | None = None

    def _made(self) -> Arrays:
        if self._arrays is None:
            self._arrays = self._make()
        return self._arrays

    def __getitem__(self, name: str) -> np.ndarray:
        return self._made()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())

    def release(self) -> None:
        """Let the memory go."""
        self._arrays = None


@dataclass(frozen=True)
class Problem:
    """One call, from a golden fixture, a live case or the user's own tensors, and what is expected of it.

    separates: margins of the catalogued deviations this problem tells apart, all outputs observed; None: unknown.
    of_base: the same of the dialect that this one was changed from.
    recorded: outputs that somebody recorded for exactly these inputs, to be judged as well.
    unjudged: recorded output -> why it cannot be judged.
    unjudgeable: why nobody's answer can be judged; empty if it can.
    reproduce: command-line arguments that ask this problem alone.
    """

    id: str
    call: Call
    fault: str
    origin: str
    expectation: Expectation
    reproduce: str = ""
    recorded: Arrays = field(default_factory=dict)
    unjudged: Mapping[str, str] = field(default_factory=dict)
    unjudgeable: str = ""
    separates: Mapping[str, float] | None = None
    of_base: Mapping[str, float] | None = None
    _known: dict[Profile, dict[str, Expected]] = field(default_factory=dict, repr=False, compare=False)

    #: What `power.power_of` worked out, by observed outputs.
    _power: dict[frozenset[str], dict[str, float]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def operation(self) -> str:
        return self.call.operation

    @property
    def dialect(self) -> Dialect:
        return self.call.dialect

    @property
    def arrays(self) -> Arrays:
        return self.call.arrays

    @property
    def attributes(self) -> Attributes:
        return self.call.attributes

    def on(self, arrays: Arrays) -> Problem:
        """The same call on other arrays; what is expected stays that of these."""
        return replace(self, call=replace(self.call, arrays=arrays))

    def expected(self, profile: Profile) -> dict[str, Expected]:
        """What is right for an arithmetic of `profile`; computed once."""
        if profile not in self._known:
            self._known[profile] = self.expectation(profile)
        return self._known[profile]

    @property
    def is_recorded(self) -> bool:
        """Somebody's results are there, judgeable or not."""
        return bool(self.recorded or self.unjudged)

    def recording_conforms(self) -> bool | None:
        """Whether what was recorded lies inside the bounds; None where nothing of it could have deviated."""
        expected = self.expected(ANY) if self.recorded else {}
        found = [compare(name, array, expected[name]) for name, array in self.recorded.items()]
        if any(not c.conforms for c in found):
            return False
        return True if any(c.evidence for c in found) else None

    @property
    def elements(self) -> int:
        """Elements of the largest input array."""
        return _largest(self.arrays)

    def within(self, elements: int) -> bool:
        """Whether it has at most so many elements; what is known to be larger is not made to find out."""
        known = self.arrays.least if isinstance(self.arrays, Generated) else 0
        return known <= elements and self.elements <= elements

    def release(self) -> None:
        """Forget what is large and can be made again: a run over large layers holds one of them at a time."""
        if self.elements > EXACT_ELEMENTS:
            self._known.clear()
        if isinstance(self.arrays, Generated):
            self.arrays.release()


def _largest(arrays: Arrays) -> int:
    return max((a.size for a in arrays.values()), default=0)


def live_expectation(call: Call) -> Expectation:
    """What is right, worked out now: exactly for small inputs, by bounded float64 for large ones."""
    answers: dict[str, Answer] = {}

    def expectation(profile: Profile) -> dict[str, Expected]:
        if _largest(call.arrays) > EXACT_ELEMENTS:
            return expect_live(call, profile)
        answers.update(answers or answer(call))
        return expect(call, profile, answers)

    return expectation
