"""The dialects: the constants and choices in which batch norms differ, one row each.

A row added to a table below shows up in the command line, the test ids and the documentation.
"""

from __future__ import annotations

from collections.abc import Mapping

from .alexeyab import ALEXEYAB_ROWS
from .choices import Backward, InferenceBackward, LayerType, Place, RollingUpdatedIn, SavedStatistic, SavesX
from .darknet import DARKNET_ROWS
from .dialect import INSIDE, OUTSIDE, Dialect, Epsilon, Rolling
from .frameworks import FRAMEWORK_ROWS
from .settings import UNTOLD, settings

DEFAULT = "darknet"
DIALECTS: Mapping[str, Dialect] = {d.name: d for d in (*DARKNET_ROWS, *ALEXEYAB_ROWS, *FRAMEWORK_ROWS)}


def dialect(name: str) -> Dialect:
    """Return the row `name`; raises KeyError that lists the known dialects."""
    try:
        return DIALECTS[name]
    except KeyError:
        raise KeyError(f"unknown dialect {name!r}; known: {', '.join(DIALECTS)}") from None


__all__ = [
    "DEFAULT",
    "DIALECTS",
    "INSIDE",
    "OUTSIDE",
    "UNTOLD",
    "Backward",
    "Dialect",
    "Epsilon",
    "InferenceBackward",
    "LayerType",
    "Place",
    "Rolling",
    "RollingUpdatedIn",
    "SavedStatistic",
    "SavesX",
    "dialect",
    "settings",
]
