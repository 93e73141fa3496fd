"""What an implementation answered to one problem: all that solving for constants and diagnosing look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from darkparity.oracle.bounds import ANY, Profile
from darkparity.problems.problem import Problem


@dataclass(frozen=True)
class Evidence:
    """One problem and what the implementation answered.

    deviates: whether an array of `got` lies outside its bounds in the problem's dialect. profile: what a variant's own
    bound must allow: `any`, and `affine` if the implementation declares it.
    """

    problem: Problem
    got: Mapping[str, np.ndarray]
    deviates: bool
    profile: Profile = ANY
