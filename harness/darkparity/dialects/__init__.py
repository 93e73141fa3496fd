"""The dialects: the constants and choices in which batch norms differ, one row each.

A row added to a table shows up in the command line, the test ids and the documentation.
"""

from __future__ import annotations

from .changes import CHANGES, Change, names_of
from .choices import Backward, Form, InferenceBackward, LayerType, Place, RollingUpdatedIn, SavedStatistic, SavesX
from .constants import INSIDE, OUTSIDE, Epsilon, Rolling
from .dialect import Dialect
from .known import DEFAULT, DIALECTS, KNOWN, PRESETS, Given, check_name, dialect, is_named, listed, named
from .settings import UNTOLD, settings

__all__ = [
    "CHANGES",
    "DEFAULT",
    "DIALECTS",
    "INSIDE",
    "KNOWN",
    "OUTSIDE",
    "PRESETS",
    "UNTOLD",
    "Backward",
    "Change",
    "Dialect",
    "Epsilon",
    "Form",
    "Given",
    "InferenceBackward",
    "LayerType",
    "Place",
    "Rolling",
    "RollingUpdatedIn",
    "SavedStatistic",
    "SavesX",
    "check_name",
    "dialect",
    "is_named",
    "listed",
    "named",
    "names_of",
    "settings",
]
