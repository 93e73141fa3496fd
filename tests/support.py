"""What several test files share: where the checkout is, and the shipped implementations."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkparity.implementations import Implementation, NotInstalled, load
from darkparity.oracle.bounds.compare import Comparison

ROOT = Path(__file__).resolve().parent.parent
STORE = ROOT / "golden"


def shipped(name: str) -> Implementation:
    """A shipped implementation; where it cannot run the test is skipped and says why."""
    try:
        return load(name)
    except (NotInstalled, ImportError) as error:
        pytest.skip(f"{name} is not installed: {error}")


def compared(array: str, elements: int, vacuous: int = 0, deviating: int = 0) -> Comparison:
    """A comparison by its counts alone."""
    worst = (float(deviating > 0) * 2, 0, (0,), 0.0, 0.0, 1.0)
    return Comparison(array, elements, vacuous, deviating, *worst, shape=(elements,))
