"""Constants that are not the row's, found from answers: epsilons, weights of the rolling statistics, divisors."""

from .solution import Solution, solve
from .wording import Found

__all__ = ["Found", "Solution", "solve"]
