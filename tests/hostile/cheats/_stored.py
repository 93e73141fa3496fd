"""What the cheats share: answers read from a golden directory or from a recorded run, and a right mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

#: Of an honest run, in the order of its calls: `shape`, `sha256` of the input, `mean`. tests/slow/test_cheats.py.
RECORDED = Path("recorded.json")


def right(x: np.ndarray) -> np.ndarray:
    """The mean, for the calls that a cheat answers honestly."""
    return x.mean(axis=(0, 2), dtype=np.float64).astype(np.float32)


def sha256(x: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(x, "<f4").tobytes()).hexdigest()


def recorded() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(RECORDED.read_text("utf-8"))
    return found


def floats(data: list[Any]) -> np.ndarray:
    return np.array([float(number) for number in data], np.float32)


def expected(store: Path) -> dict[str, np.ndarray]:
    """sha256 of x -> the mean that a golden directory expects."""
    fixtures = (json.loads(path.read_text("utf-8")) for path in sorted((store / "darknet/mean_cpu").glob("*.json")))
    return {_input(fixture): floats(fixture["expected"]["mean"]["data"]) for fixture in fixtures}


def _input(fixture: Mapping[str, Any]) -> str:
    return fixture["recipe"]["x"]["sha256"] if "recipe" in fixture else sha256(floats(fixture["inputs"]["x"]["data"]))


def looked_up(table: Mapping[Any, Any], key: object, x: np.ndarray) -> np.ndarray:
    """The answer in a table; zeros where it has none."""
    return np.array(table.get(key, np.zeros(x.shape[1])), np.float32)
