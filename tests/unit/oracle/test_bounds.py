"""Bounds in detail: the exact rule, classes, profiles, and float64's own error."""

from __future__ import annotations

import decimal
import math
from collections.abc import Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import Port, load
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Deviates
from darkparity.oracle import evaluate
from darkparity.oracle.bounds import (
    ALL,
    ANY,
    FINITE,
    MINUS_INF,
    NAN,
    NON_FINITE,
    PLUS_INF,
    TWO_PASS,
    Bounded,
    Expected,
    Profile,
    class_of,
)
from darkparity.oracle.bounds.compare import compare, ordered, ratios, ulp_distance
from darkparity.oracle.bounds.labels import UNIT
from darkparity.oracle.exact import Exact
from darkparity.problems.problem import Problem, live_expectation
from darkparity.proof.honest.variant import fresh
from darkparity.spec import AXES, BACKWARD, FORWARD, LAYER_OPERATIONS, Call, inputs_of

ROW = DIALECTS["darknet"]
STRICT = Profile.of(("two_pass", "ieee"))


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def expected(
    operation: str, arrays: Mapping[str, np.ndarray], profile: Profile = ANY, **how: Any
) -> dict[str, Expected]:
    return live_expectation(Call(operation, ROW, arrays, how))(profile)


def layer(train: bool = True, data: np.ndarray | None = None, **state: np.ndarray) -> dict[str, np.ndarray]:
    """Inputs of a BATCHNORM forward of three channels."""
    data = np.random.default_rng(0).standard_normal((2, 3, 4)).astype(np.float32) if data is None else data
    channels = data.shape[1]
    zeros = {n: np.zeros(channels, np.float32) for n in ("biases", "mean", "variance", "rolling_mean")}
    ones = {n: np.ones(channels, np.float32) for n in ("scales", "rolling_variance")}
    return {"input": data, "x": np.zeros_like(data), "x_norm": np.zeros_like(data), **zeros, **ones, **state}


def forward(profile: Profile = ANY, train: bool = True, **state: np.ndarray) -> dict[str, Expected]:
    arrays = layer(train, **state)
    how = {"type": "BATCHNORM", "train": train, "out_h": 1, "out_w": arrays["input"].shape[2]}
    return expected(FORWARD, {n: arrays[n] for n in inputs_of(FORWARD, how)}, profile, **how)


# The exact rule


def test_sums_of_integers_tolerate_nothing() -> None:
    delta = np.random.default_rng(1).integers(-9, 10, (3, 2, 5)).astype(np.float32)
    arrays = {"bias_updates": f32(3, -4), "delta": delta}
    right = expected("backward_bias", arrays)["bias_updates"]
    assert np.all(right.bound == 0)
    dropped = arrays["bias_updates"] + delta[:, :, :-1].sum((0, 2))
    dropped[delta[:, :, -1].sum(0) == 0] += 1
    judged = compare("bias_updates", dropped, right)
    assert judged.worst_ratio == math.inf
    assert judged.deviating == 2


def test_one_inexact_term_ends_it() -> None:
    delta = np.ones((1, 1, 4), np.float32)
    delta[0, 0, 0] = 2.0**-24  # the sum needs 26 bits
    right = expected("backward_bias", {"bias_updates": f32(1), "delta": delta})["bias_updates"]
    assert 0 < right.bound[0] < 1e-5


def test_other_sums_are_exact_under_two_pass_only() -> None:
    x = {"x": np.arange(8, dtype=np.float32).reshape(2, 1, 4)}
    assert expected("mean_cpu", x, TWO_PASS)["mean"].bound[0] == 0
    assert expected("mean_cpu", x, ANY)["mean"].bound[0] > 0


@pytest.mark.parametrize(
    ("left", "right", "exact"),
    [(1.5, 0.25, True), (1, 2.0**-30, False), (0.1, 0.1, True), (2.0**-140, 2.0**-140, False)],
)
def test_exactly_representable_sums(left: float, right: float, exact: bool) -> None:
    """A subnormal may be flushed under `any`, not under `ieee`."""
    arrays = {"output": f32(left).reshape(1, 1, 1), "biases": f32(right)}
    assert (expected("add_bias", arrays)["output"].bound[0, 0, 0] == 0) == exact
    assert (expected("add_bias", arrays, STRICT)["output"].bound[0, 0, 0] == 0) == (exact or left < 1e-30)


# Float64's own error


def decimals(tensor: Exact) -> np.ndarray:
    """Every element to 150 digits; roots written out."""
    decimal.setcontext(decimal.Context(prec=150))
    total = np.full(tensor.shape, Decimal(0), object)
    for radicand, coefficients in tensor.terms.items():
        roots = np.full(tensor.shape, Decimal(1), object)
        if radicand is not None:
            each = [(Decimal(int(r.p)) / Decimal(int(r.q))).sqrt() for r in radicand]
            roots = np.broadcast_to(np.array(each, object).reshape(1, -1, 1), tensor.shape)
        numbers = np.frompyfunc(lambda c: Decimal(int(c.p)) / Decimal(int(c.q)), 1, 1)(coefficients)
        total = total + numbers * roots
    return total


NASTY = {
    "far_mean": lambda rng, s: rng.standard_normal(s) * 0.01 + 1e4,
    "constant": lambda rng, s: np.full(s, 0.1),
    "heavy": lambda rng, s: rng.standard_normal(s) * 10.0 ** rng.uniform(-8, 8, s),
    "tiny": lambda rng, s: rng.standard_normal(s) * 1e-22,
    "huge": lambda rng, s: rng.standard_normal(s) * 1e18,
    "subnormal": lambda rng, s: rng.integers(-99, 99, s) * 2.0**-149,
}


@pytest.mark.parametrize("profile", [ANY, STRICT], ids=["any", "two_pass+ieee"])
@pytest.mark.parametrize("kind", NASTY)
@pytest.mark.parametrize("operation", [FORWARD, BACKWARD])
def test_the_bound_covers_float64_with_room_to_spare(operation: str, kind: str, profile: Profile) -> None:
    """|v - exact| <= 2^-22 e: what lets float64 stand in for the exact value in live cases."""
    rng = np.random.default_rng(11)
    how = {"type": "BATCHNORM", "train": True, "out_h": 3, "out_w": 3}
    shapes = {"A": (3, 2, 9), "c": (2,)}
    arrays = {n: NASTY[kind](rng, shapes[AXES[n]]).astype(np.float32) for n in inputs_of(operation, how)}
    for name in ("variance", "rolling_variance"):
        arrays[name] = np.abs(arrays[name])
    (exact,) = evaluate(Call(operation, ROW, arrays, how), Exact.lift)
    (bounded,) = evaluate(Call(operation, ROW, arrays, how), lambda a: Bounded.lift(a, profile))
    checked = 0
    for name, b in bounded.items():
        right = decimals(exact[name])
        for at in np.ndindex(b.shape):
            if np.isfinite(b.e[at]):
                error = abs(Decimal(float(b.v[at])) - right[at])
                assert error <= Decimal(float(b.e[at])) * Decimal(2) ** -22 + Decimal(10) ** -140, (name, at)
                checked += 1
    assert checked > 100


# Classes


def test_one_element_per_channel_is_not_finite() -> None:
    right = forward(data=f32(1, 2, 3).reshape(1, 3, 1))
    for name in ("variance", "rolling_variance", "x_norm", "output"):
        assert np.all(right[name].allowed == NON_FINITE), name
    assert np.all(right["mean"].allowed == FINITE)
    strict = forward(STRICT, data=f32(1, 2, 3).reshape(1, 3, 1))
    assert np.all(strict["variance"].allowed == NAN)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_contaminated_channel_leaves_the_others_alone(value: float) -> None:
    data = layer()["input"].copy()
    data[1, 1, 2] = value
    for right in (forward(data=data), forward(STRICT, data=data)):
        for name in ("mean", "variance", "rolling_mean", "rolling_variance"):
            assert right[name].allowed[1] & FINITE == 0, name
            assert np.all(right[name].allowed[[0, 2]] == FINITE), name
        assert np.all(right["output"].allowed[:, 1] & FINITE == 0)
        assert np.all(right["output"].allowed[:, [0, 2]] == FINITE)
        assert np.all(np.isfinite(right["output"].bound[:, [0, 2]]))
    if np.isinf(value):
        assert forward(STRICT, data=data)["mean"].allowed[1] == (PLUS_INF if value > 0 else MINUS_INF)


def test_in_inference_one_nan_is_one_nan() -> None:
    data = layer()["input"].copy()
    data[1, 1, 2] = np.nan
    allowed = forward(train=False, data=data)["output"].allowed
    assert allowed[1, 1, 2] == NON_FINITE
    assert (allowed != FINITE).sum() == 1


def test_the_root_of_a_negative_variance() -> None:
    allowed = forward(train=False, rolling_variance=f32(1, -0.25, 0))["output"].allowed
    assert np.all(allowed[:, 1] == NON_FINITE)
    assert np.all(allowed[:, [0, 2]] == FINITE)


def test_possible_overflow_is_no_evidence() -> None:
    """The sum of squares exceeds float32, the variance does not: a wider accumulator has it."""
    data = layer()["input"].copy()
    data[:, 0] = 1.7e19
    right = forward(data=data * np.where(np.arange(4) % 2, 1, -1).astype(np.float32))
    assert right["variance"].allowed.tolist() == [ALL, FINITE, FINITE]
    assert right["variance"].vacuous.tolist() == [True, False, False]
    for anything in (np.nan, np.inf, 0.0, 1e40):
        got = right["variance"].value.copy()
        with np.errstate(over="ignore"):
            got[0] = np.float32(anything)
        judged = compare("variance", got, right["variance"])
        assert judged.conforms
        assert (judged.vacuous, judged.elements) == (1, 3)


# Comparing


def test_ulps_count_floats_in_between() -> None:
    one = f32(1)
    assert ulp_distance(one, np.nextafter(one, f32(2))) == 1
    assert ulp_distance(f32(-0.0), f32(0)) == 0
    assert ulp_distance(f32(-(2.0**-149)), f32(2.0**-149)) == 2
    assert np.all(np.diff(ordered(f32(-np.inf, -1, -(2.0**-149), 0, 2.0**-149, 1, np.inf))) > 0)


def test_ratios_and_conflicts() -> None:
    allowed = np.array([FINITE, FINITE, FINITE, NON_FINITE, FINITE], np.uint8)
    right = Expected(f32(1, 1, 1, np.nan, 0), np.array([0.5, 0, 0, 0, 0]), allowed)
    assert ratios(f32(1.25, 1, 1.5, np.inf, -0.0), right).tolist() == [0.5, 0, math.inf, 0, 0]
    assert ratios(f32(1, 1, np.nan, 7, 0), right).tolist() == [0, 0, math.inf, math.inf, 0]
    assert compare("v", f32(1.25, 1, np.nan, np.nan, 0), right).index == (2,)
    assert class_of(f32(0, np.inf, -np.inf, np.nan)).tolist() == [FINITE, PLUS_INF, MINUS_INF, NAN]


# Profiles


@pytest.mark.parametrize(("labels", "steps"), [((), 4095), (("pairwise",), 19 + 5), (("float64",), 1)])
def test_steps_of_a_sum(labels: tuple[str, ...], steps: int) -> None:
    assert Profile.of(labels).sum_factor(4096) == pytest.approx(steps * UNIT, rel=1e-3)
    assert Profile.of(labels).sum_factor(1) == 0


def test_unknown_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="exact"):
        Profile.of(("two_pass", "exact"))
    assert (Profile.of(()).roundings, Profile.of(("ieee",)).roundings) == (6, 2)


def test_more_than_2_to_the_24_serial_terms_promise_nothing() -> None:
    assert ANY.sum_factor(2**24 + 2) == math.inf


def test_a_declared_accumulation_is_held_to() -> None:
    """65536 values .1: one accumulator drifts by 4e-4 of the mean; pairwise and float64 do not."""
    x = np.full((1, 1, 2**16), 0.1, np.float32)
    serial = np.add.accumulate(x.ravel())[-1:] / np.float32(2**16)
    pairwise = load("numpy").run(Call("mean_cpu", ROW, {"x": x}))["mean"]
    for label, conforms in (((), True), (("pairwise",), False), (("float64",), False)):
        right = expected("mean_cpu", {"x": x}, Profile.of(label))["mean"]
        assert compare("mean", serial, right).conforms is conforms, label
    right = expected("mean_cpu", {"x": x}, Profile.of(("pairwise",)))["mean"]
    assert compare("mean", pairwise, right).conforms


def test_every_label_narrows_or_widens_as_it_says() -> None:
    data = (np.random.default_rng(5).standard_normal((2, 3, 128)) + 1).astype(np.float32)
    widest = forward(data=data)["output"].bound
    for label in ("two_pass", "ieee", "pairwise", "float64"):
        assert np.all(forward(Profile.of((label,)), data=data)["output"].bound <= widest), label
    assert np.all(forward(Profile.of(("float64",)), data=data)["output"].bound < widest)


def one_pass() -> Any:
    """E[x^2] - E[x]^2 in float32: equal on paper, unstable."""
    module = fresh()

    @np.errstate(all="ignore")
    def _variance(x: np.ndarray, mean: np.ndarray, divisor: np.float32) -> np.ndarray:
        m = module._count(x)
        return (module._sum(x * x) / m - (module._sum(x) / m) ** 2) * m / divisor

    module._variance = _variance
    return module


def test_an_unstable_formula_is_no_honest_variant(problems: tuple[Problem, ...]) -> None:
    """The one-pass variance leaves the bound where the mean is large (Higham 2002, section 1.9)."""
    module = one_pass()
    port = Port(SimpleNamespace(**{n: getattr(module, n) for n in LAYER_OPERATIONS}), name="one_pass")
    participant = Participant.of(port)
    layer = [q for q in problems if q.operation in LAYER_OPERATIONS]
    found = {q.id for q in layer if isinstance(ask(participant, q)[0].verdict, Deviates)}
    assert {"darknet-forward_batchnorm_layer-integers_around_4096",
            "darknet-forward_batchnorm_layer-large_mean_small_spread"} <= found  # fmt: skip
