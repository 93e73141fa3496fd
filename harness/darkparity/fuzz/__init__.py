"""Fuzzing: cases drawn at random until one fails, then made as small and simple as it can be."""

from .drawing import drawn_case, random_case
from .search import Finding, Limits, search

__all__ = ["Finding", "Limits", "drawn_case", "random_case", "search"]
