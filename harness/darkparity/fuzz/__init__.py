"""Fuzzing: draws random cases until one fails, then shrinks it."""

from .drawing import drawn_case, random_case
from .search import Finding, Limits, search

__all__ = ["Finding", "Limits", "drawn_case", "random_case", "search"]
