"""Small layers written out by hand, asked of the oracle."""

from __future__ import annotations

from typing import Any

import numpy as np

from darkparity.dialects import DIALECTS
from darkparity.oracle import Answer, answer
from darkparity.spec import FORWARD, MAKE, Call, inputs_of


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def a(*rows: Any) -> np.ndarray:
    """(batch, 1, spatial) of the rows given."""
    return np.array(rows, np.float32)[:, np.newaxis, :]


def forward(x: np.ndarray, dialect: str = "darknet", kind: str = "BATCHNORM", **state: np.ndarray) -> dict[str, Answer]:
    how = {"type": kind, "train": True, "out_h": 1, "out_w": x.shape[2]}
    sizes = dict(zip(("batch", "c", "w"), x.shape, strict=True)) | {"h": 1}
    fresh = answer(Call(MAKE, DIALECTS[dialect], {}, sizes))
    arrays = {n: a.expected for n, a in fresh.items()} | {"input": x, "output": x} | state
    given = {n: arrays[n] for n in inputs_of(FORWARD, how, DIALECTS[dialect])}
    return answer(Call(FORWARD, DIALECTS[dialect], given, how))
