"""What several test files share: where the checkout is, and the shipped implementations."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkparity.implementations import Implementation, NotInstalled, load

ROOT = Path(__file__).resolve().parent.parent
STORE = ROOT / "golden"


def shipped(name: str) -> Implementation:
    """A shipped implementation; where it cannot run the test is skipped and says why."""
    try:
        return load(name)
    except (NotInstalled, ImportError) as error:
        pytest.skip(f"{name} is not installed: {error}")
