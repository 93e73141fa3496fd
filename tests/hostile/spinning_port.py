"""A port that never returns; in process nothing but an end from outside stops it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def mean_cpu(x: Any, batch: int, filters: int, spatial: int, mean: Any) -> None:
    if os.environ.get("SPINNING"):
        (Path(os.environ["SPINNING"]) / str(os.getpid())).touch()
    while True:
        try:
            while True:
                pass
        except BaseException:  # what a careless `except:` does to Ctrl-C
            continue
