"""The exact answer of an operation, correctly rounded to float32; independent of every implementation."""

from .answer import Answer, answer
from .evaluate import UNCHANGED, Environment, Variant, as_array, as_tensor, evaluate, run_stage, stacked
from .rounding import Undecided

__all__ = [
    "UNCHANGED",
    "Answer",
    "Environment",
    "Undecided",
    "Variant",
    "answer",
    "as_array",
    "as_tensor",
    "evaluate",
    "run_stage",
    "stacked",
]
