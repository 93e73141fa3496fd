"""One implementation's verdict on one case, with all that a report needs to speak of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .known import Known
from .verdict import Crashed, Deviates, HarnessFault, NotDeterministic, TimedOut, Verdict

#: What stands for results that were recorded in the user's file, as an implementation's name.
RECORDED = "recorded"


@dataclass(frozen=True)
class Result:
    """A verdict and where it comes from.

    fault: what the case looks for. seconds: the implementation's own time. reproduce: arguments of `darkparity check`
    that ask this case again. separates: catalogued deviations that this case would have shown; None: not worked out
    (what deviates, redrawn cases, and live ones of real layer size). known: the known difference that speaks of it.
    """

    implementation: str
    case: str
    operation: str
    dialect: str
    verdict: Verdict
    attributes: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""
    fault: str = ""
    seconds: float = 0.0
    reproduce: str = ""
    separates: tuple[str, ...] | None = None
    known: Known | None = None

    @property
    def fails(self) -> bool:
        """The implementation, or the harness, failed on this case and no known difference excuses it."""
        return isinstance(self.verdict, HarnessFault) or (self.failed and self.known is None)

    @property
    def failed(self) -> bool:
        """The implementation failed, excused or not."""
        return isinstance(self.verdict, Deviates | NotDeterministic | Crashed | TimedOut)

    @property
    def word(self) -> str:
        """The verdict's word; an excused failure is `known`."""
        return "known" if self.known is not None and self.failed else self.verdict.word
