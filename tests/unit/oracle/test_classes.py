"""Classes of elements with an infinite bound: NaN that nobody computes, overflow that everybody does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import load
from darkparity.oracle.bounds import ALL, ANY, FINITE, MINUS_INF, PLUS_INF, Expected, Profile, class_of, expect_live
from darkparity.oracle.bounds.compare import compare
from darkparity.problems.problem import live_expectation
from darkparity.spec import AXES, BACKWARD, FORWARD, Call, inputs_of

Arrays = dict[str, np.ndarray]
LARGEST = np.finfo(np.float32).max


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def how(x: np.ndarray, train: bool) -> dict[str, Any]:
    return {"type": "CONVOLUTIONAL", "train": train, "out_h": 1, "out_w": x.shape[2]}


def arrays_of(
    image: np.ndarray, train: bool, operation: str = FORWARD, dialect: str = "darknet", **given: Any
) -> Arrays:
    one = np.ones(image.shape[1])
    fill: Arrays = {"scales": one, "rolling_variance": one, "rolling_weight": one, "output": image, **given}
    shapes = {"A": image.shape, "c": one.shape}
    names = inputs_of(operation, how(image, train), DIALECTS[dialect])
    return {n: np.ascontiguousarray(fill.get(n, np.zeros(shapes[AXES[n]])), np.float32) for n in names}


def right(
    x: np.ndarray, train: bool, profile: Profile = ANY, dialect: str = "darknet", **given: Any
) -> dict[str, Expected]:
    arrays = arrays_of(x, train, dialect=dialect, **given)
    return live_expectation(Call(FORWARD, DIALECTS[dialect], arrays, how(x, train)))(profile)


NEARLY_CONSTANT = (1000 + np.random.default_rng(2).normal(0, 0.01, (2, 3, 256))).astype(np.float32)


@pytest.mark.parametrize("dialect", ["darknet", "caffe", "pytorch", "alexeyab-cudnn"])
@pytest.mark.parametrize("labels", [(), ("affine",), ("two_pass", "ieee")])
def test_a_sum_of_squares_is_never_negative(dialect: str, labels: tuple[str, ...]) -> None:
    """Nothing is known of the number, but nobody gets NaN unless the variance is E[x^2] - E[x]^2."""
    output = right(NEARLY_CONSTANT, True, Profile.of(labels), dialect)["output"]
    assert output.vacuous.any()
    assert np.all(output.allowed[output.vacuous] == FINITE)
    got = output.value.copy()
    got[0, 1, 7] = np.nan
    assert compare("output", got, output).deviating == 1
    got[0, 1, 7] = 12.0
    assert compare("output", got, output).conforms


def test_the_root_of_a_variance_that_may_be_negative_stays_open() -> None:
    """A given rolling variance of a dialect that has weights: a quotient by something near zero."""
    x = np.ones((1, 1, 4), np.float32)
    weight = f32(-1.0)  # makes the used variance -1
    output = right(x, False, dialect="caffe", rolling_weight=weight)["output"]
    assert not np.any(output.allowed == FINITE)


OVERFLOW = {
    "inference": (f32(3e38, -3e38, 1, 0).reshape(1, 1, 4), {"scales": f32(100), "biases": f32(5)}),
    "inference, tiny variance": (f32(1e37, -1e37, 1, 0).reshape(1, 1, 4), {"rolling_variance": f32(1e-8)}),
}


@pytest.mark.parametrize("kind", OVERFLOW)
def test_what_everybody_overflows_is_that_infinity(kind: str) -> None:
    x, given = OVERFLOW[kind]
    output = right(x, False, **given)["output"]
    assert output.allowed.ravel().tolist() == [PLUS_INF, MINUS_INF, FINITE, FINITE]
    assert not output.vacuous.any()
    clamped = np.clip(output.value, -LARGEST, LARGEST)
    assert compare("output", clamped, output).deviating == 2
    assert compare("output", output.value, output).conforms


def test_what_a_wider_accumulator_saves_stays_open() -> None:
    """scales * x_norm overflows, the bias brings it back: with FMA the sum is finite."""
    output = right(f32(3e38).reshape(1, 1, 1), False, scales=f32(1.2), biases=f32(-3e38))["output"]
    assert output.allowed.item() == ALL
    rolling = right(f32(1e20, -1e20).reshape(1, 1, 2), True)["rolling_variance"]
    assert rolling.allowed.item() == ALL  # .01 of an infinite float32, of a finite float64


def test_a_newton_step_from_an_estimate_of_1_over_infinity_is_nan() -> None:
    """rsqrt(inf) = 0, and 0 (1.5 - inf 0 0 / 2) is NaN; who rounds roots correctly divides by infinity."""
    x = f32(1e20, -1e20, 5e19).reshape(1, 1, 3)
    assert np.all(right(x, True)["output"].allowed == ALL)
    assert np.all(right(x, True, Profile.of(("ieee",)))["output"].allowed == FINITE)


def drawn(random: np.random.Generator) -> Arrays:
    """Arrays over all binades; half the time a channel is nearly constant."""

    def anything(*shape: int) -> np.ndarray:
        return (random.choice([-1, 1], shape) * 2.0 ** random.uniform(-140, 128, shape)).astype(np.float32)

    near = (2.0 ** random.uniform(0, 30) + random.normal(size=(2, 3, 3))).astype(np.float32)
    x = anything(2, 3, 3) if random.random() < 0.5 else near
    names = ("scales", "biases", "rolling_mean", "mean", "bias_updates", "scale_updates")
    variances = {n: np.abs(anything(3)) for n in ("rolling_variance", "variance")}
    statistics = {**variances, **{n: anything(3) for n in names}}
    return {"x": x, "x_norm": anything(2, 3, 3), "delta": anything(2, 3, 3), **statistics}


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("dialect", ["darknet", "pytorch", "alexeyab"])
def test_honest_answers_have_the_classes_that_are_said_to_be_certain(dialect: str, train: bool) -> None:
    random, row, certain = np.random.default_rng(8), DIALECTS[dialect], 0
    ports = [load(name) for name in ("numpy", "cpp", "torch")]
    for operation in (FORWARD, BACKWARD) * 12:
        given = drawn(random)
        arrays = arrays_of(given["x"], train, operation, dialect, **given)
        call = Call(operation, row, arrays, how(given["x"], train))
        expected = expect_live(call, ANY)
        for port in ports:
            with np.errstate(all="ignore"):
                got = port.run(call)
            for name in expected.keys() & got.keys():
                assert np.all(class_of(got[name]) & expected[name].allowed), (port, operation, name)
        certain += sum(int((a.vacuous & (a.allowed == FINITE)).sum()) for a in expected.values())
        certain += sum(int(np.isin(a.allowed, (PLUS_INF, MINUS_INF)).sum()) for a in expected.values())
    assert certain > 10
