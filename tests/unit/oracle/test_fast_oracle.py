"""The fast oracle (float64 with an error bound of its own) against the exact one, element by element."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from darkparity.cases import CASES
from darkparity.dialects import DIALECTS
from darkparity.oracle import answer
from darkparity.oracle.bounds import Profile, expect, expect_live, intervals
from darkparity.oracle.deviations.power import first_channels
from darkparity.problems.select import live
from darkparity.spec import AXES, BACKWARD, FORWARD, Call, inputs_of

STRICT = Profile.of(("two_pass", "ieee"))
#: The error of the float64 value is at most this share of the bound (bounds/bounded.py).
SHARE = 2.0**-22
SHAPE = (3, 8, 12, 15)  # batch, channels, height, width: 4320 elements
HOW = {"type": "BATCHNORM", "train": True, "out_h": SHAPE[2], "out_w": SHAPE[3]}

#: What fills every array of kind A.
KINDS = {
    "normal": lambda rng, s: rng.standard_normal(s),
    "far_mean": lambda rng, s: rng.standard_normal(s) * 0.01 + 1e3,
    "heavy_tails": lambda rng, s: rng.standard_normal(s) * 2.0 ** rng.integers(-12, 13, s),
    "tiny": lambda rng, s: rng.standard_normal(s) * 1e-5,
    "integers": lambda rng, s: rng.integers(-8, 9, s) + 4096.0,
    "half_zero": lambda rng, s: np.maximum(rng.standard_normal(s), 0.0),
    "uint8": lambda rng, s: rng.integers(0, 256, s) / 255.0,
    "cancelling": lambda rng, s: rng.standard_normal(s) * np.where(rng.random(s) < 0.5, -8192.0, 8192.0),
}


def inputs(kind: str, operation: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(len(kind))
    shapes = {"A": (SHAPE[0], SHAPE[1], SHAPE[2] * SHAPE[3]), "c": (SHAPE[1],)}
    arrays = {n: KINDS[kind](rng, shapes[AXES[n]]).astype(np.float32) for n in inputs_of(operation, HOW)}
    data = np.asarray(arrays["input" if operation == FORWARD else "x"], np.float64)
    arrays["mean"] = data.mean((0, 2)).astype(np.float32)
    arrays["variance"] = data.var((0, 2), ddof=1).astype(np.float32)
    arrays["rolling_variance"] = np.abs(arrays["rolling_variance"])
    return arrays


@cache
def compared(kind: str, operation: str) -> Mapping[str, tuple[np.ndarray, ...]]:
    """Per output: exact nearest float32, its residual, float64 value, bound; finite elements."""
    arrays, row = inputs(kind, operation), DIALECTS["darknet"]
    call = Call(operation, row, arrays, HOW)
    exact, fast = answer(call), intervals(call, STRICT)
    return {n: (exact[n].expected, exact[n].residual, fast[n].v, fast[n].e) for n in exact}


CALLS = [(kind, operation) for kind in KINDS for operation in (FORWARD, BACKWARD)]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "operation"), CALLS)
def test_they_agree(kind: str, operation: str) -> None:
    """|exact - v| <= 2^-22 e; so v rounds to another float32 only where the exact value is so near a tie."""
    for name, (nearest, residual, v, e) in compared(kind, operation).items():
        slack = SHARE * e
        far = np.abs(v - nearest.astype(np.float64)) > residual * (1 + 2.0**-20) + slack
        assert not far.any(), f"{name}: {far.sum()} elements"
        rounded = v.astype(np.float32)
        other = np.isfinite(e) & (rounded != nearest)
        tie = (rounded[other].astype(np.float64) + nearest[other].astype(np.float64)) / 2
        assert np.all(np.abs(v[other] - tie) <= slack[other]), name


def test_a_hundred_thousand_elements_were_compared_and_nearly_all_are_equal_bit_for_bit() -> None:
    rows = [row for call in CALLS for row in compared(*call).values()]
    total = sum(nearest.size for nearest, *_ in rows)
    finite = sum(int(np.isfinite(e).sum()) for *_, e in rows)
    other = sum(int((np.isfinite(e) & (v.astype(np.float32) != nearest)).sum()) for nearest, _, v, e in rows)
    assert total >= 100_000
    assert finite > 0.9 * total
    assert other <= 10, f"{other} of {finite} elements round otherwise"


@pytest.mark.parametrize("operation", [FORWARD, BACKWARD])
def test_both_judge_alike(operation: str) -> None:
    """Same expected values, and bounds that differ by the float64 slack alone."""
    arrays, row = inputs("normal", operation), DIALECTS["darknet"]
    call = Call(operation, row, arrays, HOW)
    exact, fast = expect(call, STRICT, answer(call)), expect_live(call, STRICT)
    for name, right in exact.items():
        np.testing.assert_array_equal(fast[name].value, right.value)
        np.testing.assert_array_equal(fast[name].allowed, right.allowed)
        np.testing.assert_allclose(fast[name].bound, right.bound, rtol=1e-5)


def test_blocks_of_channels_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays, row = inputs("normal", FORWARD), DIALECTS["darknet"]
    whole = expect_live(Call(FORWARD, row, arrays, HOW), STRICT)
    monkeypatch.setattr("darkparity.oracle.bounds.parts.BLOCK", 1000)
    for name, block in expect_live(Call(FORWARD, row, arrays, HOW), STRICT).items():
        np.testing.assert_array_equal(block.value, whole[name].value)
        np.testing.assert_allclose(block.bound, whole[name].bound, rtol=1e-9)  # other float64 sums


def test_the_first_channels_of_a_training_run_are_taken_along_channels_not_steps() -> None:
    """Statistics of a run are (steps, channels): cutting their first axis left margins of other channels."""
    case = next(c for c in CASES if c.name == "aliased_rolling")
    asked = live(case, DIALECTS["darknet"])
    call, expected = first_channels(asked.call, asked.expected(STRICT), 1)
    assert {n: e.value.shape for n, e in expected.items()} == {n: call.shape_of(n) for n in call.outputs}
    assert call.geometry.channels == 1
