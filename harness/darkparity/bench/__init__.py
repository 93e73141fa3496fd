"""How fast implementations are on layer functions, of those that conform on exactly that geometry.

Every implementation takes its turn in every round, so that whatever the machine does hits all alike; what is
compared is ratios within one run. docs/bench.md says what is timed and how to read it.
"""

from __future__ import annotations

from . import history, picture
from .errors import BenchError
from .geometries import PRESETS, Shape, chosen, written
from .measuring import measure
from .plan import BARE, MODES, WAYS, Plan
from .report import Report, Timing
from .threads import thread_environment

__all__ = [
    "BARE",
    "MODES",
    "PRESETS",
    "WAYS",
    "BenchError",
    "Plan",
    "Report",
    "Shape",
    "Timing",
    "chosen",
    "history",
    "measure",
    "picture",
    "thread_environment",
    "written",
]
