"""The exact oracle against independent arithmetic: fractions, 60-digit decimals, hand-worked answers."""

from __future__ import annotations

import decimal
import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from by_hand import a, f32, forward
from darkparity.dialects import DIALECTS
from darkparity.oracle import Answer, answer
from darkparity.oracle.rounding import round_rational
from darkparity.spec import BACKWARD, Call, inputs_of
from worked_example import DELTA, WORKED, X

MAX = float(np.finfo(np.float32).max)
TINY = 2.0**-149


def ask(operation: str, arrays: Mapping[str, Any], **attributes: Any) -> dict[str, Answer]:
    return answer(Call(operation, DIALECTS["darknet"], arrays, attributes))


def nearest(value: Fraction) -> float:
    """Nearest float32, ties to even: chosen among neighbours, not computed as the oracle does."""
    if abs(value) >= Fraction(MAX) + Fraction(2) ** 103:
        return math.copysign(math.inf, value)
    middle = np.float32(max(-MAX, min(MAX, float(value))))
    candidates = [np.nextafter(middle, np.float32(-MAX)), middle, np.nextafter(middle, np.float32(MAX))]
    even = {float(c): int(np.float32(c).view(np.uint32)) & 1 for c in candidates}
    return min(even, key=lambda c: (abs(Fraction(c) - value), even[c]))


def check(found: Answer, exact: Mapping[tuple[int, ...], Fraction]) -> None:
    """Correctly rounded, with a residual that covers what is left over, by a ball of 50 bits at most."""
    for at, value in exact.items():
        right = nearest(value)
        assert found.expected[at] == right, (at, float(value))
        left_over = abs(value - Fraction(right))
        least, most = left_over - abs(value) / 10**50, left_over + abs(value) / 2**50
        assert least <= Fraction(found.residual[at]) <= most


def fractions(array: np.ndarray) -> list[list[Fraction]]:
    """Channel -> its values, batch and pixel in order."""
    return [[Fraction(float(v)) for v in array[:, c].ravel()] for c in range(array.shape[1])]


def draw(seed: int, shape: tuple[int, ...], scale: float = 1.0, shift: float = 0.0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(shape) * scale + shift).astype(np.float32)


@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e15])
def test_sums_and_statistics_against_fractions(scale: float) -> None:
    x, delta, m = draw(1, (3, 2, 5), scale, scale), draw(2, (3, 2, 5)), 15
    given_mean, start = draw(3, (2,)), draw(4, (2,))
    for c, (xs, ds) in enumerate(zip(fractions(x), fractions(delta), strict=True)):
        mean, old = Fraction(float(given_mean[c])), Fraction(float(start[c]))
        check(ask("mean_cpu", {"x": x})["mean"], {(c,): sum(xs) / m})
        square = sum((v - mean) ** 2 for v in xs) / (m - 1)
        check(ask("variance_cpu", {"x": x, "mean": given_mean})["variance"], {(c,): square})
        updates = ask("backward_bias", {"bias_updates": start, "delta": delta})["bias_updates"]
        check(updates, {(c,): old + sum(ds)})
        updates = ask("backward_scale_cpu", {"x_norm": x, "delta": delta, "scale_updates": start})
        check(updates["scale_updates"], {(c,): old + sum(v * d for v, d in zip(xs, ds, strict=True))})


def test_blas_routines_against_fractions() -> None:
    x, y = draw(5, (7,)), draw(6, (9,))
    alpha = float(np.float32(0.3))
    got = ask("axpy_cpu", {"X": x, "Y": y}, N=3, ALPHA=alpha, INCX=2, INCY=4)["Y"]
    exact = {(i,): Fraction(float(v)) for i, v in enumerate(y)}
    for i in range(3):
        exact[4 * i,] += Fraction(alpha) * Fraction(float(x[2 * i]))
    check(got, exact)
    scaled = ask("scal_cpu", {"X": x}, N=3, ALPHA=alpha, INCX=3)["X"]
    factors = [Fraction(alpha) if i % 3 == 0 else 1 for i in range(x.size)]
    check(scaled, {(i,): Fraction(float(v)) * factors[i] for i, v in enumerate(x)})


def test_the_layers_statistics_against_fractions() -> None:
    """Free-running: each of them from unrounded ones."""
    x, old_mean, old_variance = draw(7, (2, 3, 4), 3, 1), draw(8, (3,)), abs(draw(9, (3,)))
    got = forward(x, rolling_mean=old_mean, rolling_variance=old_variance)
    decay, gain = Fraction(float(np.float32(0.99))), Fraction(float(np.float32(0.01)))
    for c, xs in enumerate(fractions(x)):
        mean = sum(xs) / 8
        variance = sum((v - mean) ** 2 for v in xs) / 7
        check(got["mean"], {(c,): mean})
        check(got["variance"], {(c,): variance})
        check(got["rolling_mean"], {(c,): decay * Fraction(float(old_mean[c])) + gain * mean})
        check(got["rolling_variance"], {(c,): decay * Fraction(float(old_variance[c])) + gain * variance})


@pytest.mark.parametrize("scale", [1.0, 1e-4, 1e6])
def test_a_layers_roots_against_60_digits(scale: float) -> None:
    """Forward and backward of one channel, written out again in decimals."""
    decimal.setcontext(decimal.Context(prec=60))
    x, delta, x_norm = draw(10, (2, 1, 4), scale, scale), draw(11, (2, 1, 4), 1, 0.5), draw(12, (2, 1, 4))
    scales, biases = f32(1.25), f32(-0.3)
    xs, ds = ([Decimal(float(v)) for v in array.ravel()] for array in (x, delta))
    s, b, m = Decimal("1.25"), Decimal(float(biases[0])), len(xs)
    mean = sum(xs) / m
    variance = sum((v - mean) ** 2 for v in xs) / (m - 1)
    root = variance.sqrt() + Decimal(float(np.float32(1e-6)))
    got = forward(x, scales=scales, biases=biases)["output"]
    check(got, {np.unravel_index(i, x.shape): Fraction((v - mean) / root * s + b) for i, v in enumerate(xs)})

    mean, variance = (Decimal(float(np.float32(float(v)))) for v in (mean, variance))
    root = (variance + Decimal(float(np.float32(1e-5)))).sqrt()
    mean_delta = -sum(d * s for d in ds) / root
    variance_delta = -sum(d * s * (v - mean) for d, v in zip(ds, xs, strict=True)) / 2 / root**3
    a, b = variance_delta * 2 / m, mean_delta / m
    dx = [d * s / root + a * (v - mean) + b for d, v in zip(ds, xs, strict=True)]
    statistics = {"mean": f32(mean), "variance": f32(variance)}
    got = backward({"x": x, "delta": delta, "x_norm": x_norm, "scales": scales, **statistics})
    check(got["mean_delta"], {(0,): Fraction(mean_delta)})
    check(got["variance_delta"], {(0,): Fraction(variance_delta)})
    check(got["delta"], {np.unravel_index(i, x.shape): Fraction(v) for i, v in enumerate(dx)})


def backward(state: Mapping[str, np.ndarray], dialect: str = "darknet", train: bool = True) -> dict[str, Answer]:
    batch, channels, spatial = state["x"].shape
    how = {"type": "BATCHNORM", "train": train, "out_h": 1, "out_w": spatial}
    zeros = np.zeros(channels, np.float32)
    unset = dict.fromkeys(("rolling_mean", "rolling_variance", "bias_updates", "scale_updates"), zeros)
    arrays = unset | {"x_norm": np.zeros((batch, channels, spatial), np.float32)} | dict(state)
    given = {n: arrays[n] for n in inputs_of(BACKWARD, how, DIALECTS[dialect])}
    return answer(Call(BACKWARD, DIALECTS[dialect], given, how))


@pytest.mark.parametrize("dialect", WORKED)
def test_the_worked_answer_of_every_dialect(dialect: str) -> None:
    y0, rolling, dx0 = WORKED[dialect]
    got = forward(X, dialect)
    assert float(got["output"].expected[0, 0, 0]) == pytest.approx(y0, abs=1.2e-7)
    saved = {n: answer.expected for n, answer in got.items() if n != "output"}
    after = backward({**saved, "delta": DELTA, "scales": f32(1)}, dialect)
    assert float(after["rolling_variance"].expected[0]) == pytest.approx(rolling, abs=6e-8)
    assert float(after["delta"].expected[0, 0, 0]) == pytest.approx(dx0, abs=1e-8)


def test_every_dialect_that_trains_has_a_worked_answer() -> None:
    assert set(WORKED) == {name for name, row in DIALECTS.items() if not row.inference_only}


def test_alexeyab_connected_has_its_own_decay() -> None:
    rolling = forward(X, "alexeyab", "CONNECTED")["rolling_variance"].expected[0]
    assert rolling == np.float32(float(np.float32(0.05)) * 7.125)  # .95 and .05 are float32 constants


@pytest.mark.parametrize(
    ("values", "mean"),
    [
        ((2.0**24, 1), 2.0**23),  # 8388608.5: a tie, down to even
        ((2.0**24 + 2, 1), 2.0**23 + 2),  # 8388609.5: a tie, up to even
        ((TINY, 0), 0.0),  # half the smallest subnormal: a tie, to zero
        ((3 * TINY, 0), 2 * TINY),
        ((-3 * TINY, 0), -2 * TINY),
        ((MAX, MAX), MAX),  # the sum overflows float32, the exact mean does not
        ((1, -1), 0.0),
    ],
)
def test_means_that_are_ties(values: tuple[float, ...], mean: float) -> None:
    assert ask("mean_cpu", {"x": a(list(values))})["mean"].expected[0] == np.float32(mean)


@pytest.mark.parametrize(
    ("output", "bias", "total"),
    [
        (2 - 2.0**-23, 2.0**-24, 2.0),  # a tie at a binade's end
        (1, 2.0**-24, 1.0),
        (1, 2.0**-24 + 2.0**-47, 1 + 2.0**-23),  # just above the tie
        (2.0**-126, -TINY, 2.0**-126 - TINY),  # the largest subnormal
        (MAX, 2.0**103, math.inf),  # tie with 2^128
        (MAX, 2.0**103 * (1 - 2.0**-24), MAX),
        (-MAX, -MAX, -math.inf),
        (0.75, -0.75, 0.0),
    ],
)
def test_sums_at_the_edges_of_float32(output: float, bias: float, total: float) -> None:
    got = ask("add_bias", {"output": a([output]), "biases": f32(bias)})["output"]
    assert got.expected[0, 0, 0] == np.float32(total)
    exact = math.isfinite(total) and Fraction(output) + Fraction(bias) == Fraction(total)
    assert (got.residual[0, 0, 0] == 0) == exact


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.integers(-(2**200), 2**200), st.integers(1, 2**200), st.integers(-200, 200))
def test_rationals_are_rounded_to_nearest(p: int, q: int, exponent: int) -> None:
    value = Fraction(p, q) * Fraction(2) ** exponent
    assert round_rational(fmpq(value.numerator, value.denominator)) == nearest(value)


@pytest.mark.parametrize("dialect", ["darknet", "alexeyab-cudnn", "pytorch"])
@pytest.mark.parametrize("scale", [1.0, -1.5, 0.0])
def test_a_constant_delta_cancels_to_exact_zero(dialect: str, scale: float) -> None:
    """Irrational terms that cancel: no precision of any ball would show it."""
    x = a([1, 2, 4, 9])
    delta = np.full(x.shape, 0.7, np.float32)
    state = {"x": x, "delta": delta, "scales": f32(scale), "mean": f32(4), "variance": f32(3)}
    got = backward(state, dialect)["delta"]
    assert np.all(got.expected == 0)
    assert np.all(got.residual == 0)


def test_a_nearly_constant_delta_does_not() -> None:
    delta = np.full((1, 1, 4), 0.7, np.float32)
    delta[0, 0, 0] += 2.0**-24
    state = {"x": a([1, 2, 4, 9]), "delta": delta, "scales": f32(1), "mean": f32(4), "variance": f32(3)}
    assert np.all(backward(state)["delta"].expected != 0)


@pytest.mark.parametrize("train", [True, False])
def test_pytorchs_backward_is_the_gradient_of_its_forward(train: bool) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    x = rng.integers(-8, 9, (4, 3, 16)).astype(np.float32)  # mean and biased variance are exact float32
    delta, scales = draw(13, x.shape), draw(14, (3,))
    mean, variance = draw(15, (3,)), abs(draw(16, (3,)))
    wide = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    gamma, beta = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (scales, scales * 0))
    rolling = [torch.tensor(v, dtype=torch.float64) for v in (mean, variance)]
    epsilon = float(np.float32(1e-5))
    y = torch.nn.functional.batch_norm(wide, *rolling, gamma, beta, train, 0.1, epsilon)
    y.backward(torch.tensor(delta, dtype=torch.float64))
    state = {"x": x, "delta": delta, "scales": scales, "rolling_mean": mean, "rolling_variance": variance,
             "mean": x.mean((0, 2)), "variance": x.astype(float).var((0, 2)).astype(np.float32)}  # fmt: skip
    got = backward(state, "pytorch", train)
    for name, gradient in (("delta", wide), ("scale_updates", gamma), ("bias_updates", beta)):
        right = gradient.grad.numpy()
        difference = np.abs(got[name].expected - right)
        assert np.all(difference <= 2.0**-24 * np.abs(right) + 1e-13), name
