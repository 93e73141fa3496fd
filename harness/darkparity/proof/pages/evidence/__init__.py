"""docs/evidence.md: what the cases catch and let pass, and what ad hoc tolerances make of the same answers."""

from .page import evidence, page
from .rules import measure

__all__ = ["evidence", "measure", "page"]
