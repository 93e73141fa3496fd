"""The measured page is what the oracle says now, and its numbers are those that theory gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.proof.pages import distances
from support import ROOT


def between(left: str, right: str, array: str, spread: float) -> float:
    names = list(DIALECTS)
    return distances.matrix(array, spread)[names.index(left)][names.index(right)]


def test_the_page_is_current() -> None:
    text = (ROOT / distances.PAGE).read_text("utf-8")
    assert distances.page(text) == text, "run `python -m darkparity.proof.pages.distances`"


def test_distances_are_those_of_theory() -> None:
    m = 128
    assert between("darknet-gpu", "flax", "output", 1.0) == pytest.approx(np.sqrt(m / (m - 1)) - 1, rel=1e-3)
    assert between("darknet", "darknet-gpu", "inference", 0.01) == pytest.approx(1 - 1 / np.sqrt(1.1), rel=1e-2)
    assert between("onnx", "paddle", "output", 0.01) == 0
    assert between("darknet", "darknet", "delta", 1.0) == 0


@pytest.mark.slow
def test_plots_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from darkparity.proof.pages.distances.plots import draw

    assert draw(tmp_path) == ["docs/distance-over-variance.svg", "docs/distance-over-m.svg"]
    assert all(path.stat().st_size < 200_000 for path in tmp_path.iterdir())
