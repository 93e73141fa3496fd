"""Constants that are not the row's are found from the answers, and nothing is named that answers do not support."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from darkparity.dialects import DIALECTS, INSIDE, OUTSIDE, Dialect, Epsilon, Place, Rolling, dialect
from darkparity.implementations.port import Port
from darkparity.implementations.shipped import numpy_port
from darkparity.judging.evidence import Evidence
from darkparity.judging.solving import Solution, solve
from darkparity.oracle.bounds import ANY
from darkparity.oracle.bounds.compare import compare
from darkparity.oracle.deviations.answers import values
from darkparity.oracle.deviations.power import catalogue
from darkparity.problems.problem import Problem, live_expectation
from darkparity.spec import BACKWARD, FORWARD, Arrays, Call

DARKNET = DIALECTS["darknet"]
CHANNELS, SHAPE = 16, (3, 16, 4)


def calls() -> Iterator[Call]:
    """A training and an inference forward and a training backward; variances from 1e-8 to 10."""
    rng = np.random.default_rng(20)

    def normal(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    def variances() -> np.ndarray:
        return (10 ** rng.uniform(-8, 1, CHANNELS)).astype(np.float32)

    each = {n: normal(CHANNELS) for n in ("scales", "biases", "mean", "rolling_mean", "bias_updates", "scale_updates")}
    each |= {"variance": variances(), "rolling_variance": variances()}
    full = {n: normal(*SHAPE) for n in ("x", "x_norm", "delta")}
    full["input"] = normal(*SHAPE) * np.sqrt(variances())[:, np.newaxis]
    for operation, train in ((FORWARD, True), (FORWARD, False), (BACKWARD, True)):
        call = Call(operation, DARKNET, {}, {"type": "BATCHNORM", "train": train, "out_h": 2, "out_w": 2})
        yield replace(call, arrays={n: (each | full)[n] for n in call.inputs})


CALLS = tuple(calls())


def piece(call: Call, got: Arrays) -> Evidence:
    problem = Problem("made", call, "", "live", live_expectation(call))
    expected = problem.expected(ANY)
    seen = {name: array for name, array in got.items() if name in expected}
    return Evidence(problem, seen, any(not compare(n, a, expected[n]).conforms for n, a in seen.items()))


def answered(row: Dialect, *only: str) -> list[Evidence]:
    """What the shipped NumPy, told `row`, answers where the row `darknet` is asked."""
    port = Port(numpy_port)
    answers = [(call, port.run(replace(call, dialect=row))) for call in CALLS]
    return [piece(c, {n: a for n, a in got.items() if not only or n in only}) for c, got in answers]


def solved(row: Dialect, *only: str) -> Solution:
    found = solve(answered(row, *only), DARKNET)
    assert found is not None
    return found


@pytest.mark.parametrize("value", [1e-3, 1e-5, 3.7e-8, 0.04])
@pytest.mark.parametrize("place", [INSIDE, OUTSIDE])
def test_an_epsilon_and_its_place_are_found(value: float, place: Place) -> None:
    found = solved(replace(DARKNET, normalize=Epsilon(value, place)))
    assert found.row.normalize == Epsilon(value, place)
    assert not found.left
    assert not found.others
    assert dialect(found.row.name).normalize == found.row.normalize
    assert f"--dialect darknet --epsilon {value:g}" in found.declaration
    assert ("--epsilon-place" in found.declaration) is (place is INSIDE)


def test_a_missing_epsilon_is_one_below_a_limit() -> None:
    found = solved(replace(DARKNET, normalize=Epsilon(0.0, OUTSIDE)))
    assert found.row.normalize.value == 0
    assert "no epsilon, or one below" in found.sentence


@pytest.mark.parametrize("only", [(), ("output", "rolling_mean", "rolling_variance", "delta")])
def test_several_constants_are_found_at_once(only: tuple[str, ...]) -> None:
    changed = dict(normalize=Epsilon(1e-3, INSIDE), rolling=Rolling(0.97, 0.03), variance_ddof=0)
    backward = dict(normalize_delta=Epsilon(1e-3, INSIDE), mean_delta=Epsilon(2e-3, INSIDE))
    row = replace(DARKNET, **changed, **backward)  # type: ignore[arg-type]
    found = solved(row, *only)
    assert not found.left
    assert found.row.rolling.gain == pytest.approx(0.03, rel=1e-4)
    for name in ("normalize", "variance_ddof", "rolling_ddof", "normalize_delta", "mean_delta", "variance_delta"):
        assert getattr(found.row, name) == getattr(row, name), name


def test_the_interval_holds_the_truth_and_says_how_sure() -> None:
    found = solved(replace(DARKNET, normalize=Epsilon(1.2345e-4, INSIDE)))
    assert found.row.normalize.value == pytest.approx(1.2345e-4, rel=1e-5)
    assert "epsilon is 0.00012345 inside the root (0.00012345 to 6 digits)" in found.sentence


def test_nothing_is_named_where_everything_conforms() -> None:
    assert solve(answered(DARKNET), DARKNET) is None


@pytest.mark.parametrize("fault", ["scales_first_channel", "scale_updates_from_x", "bfloat16_inputs"])
def test_no_constant_is_blamed_for_another_fault(fault: str) -> None:
    wrong = catalogue(DARKNET)[fault]
    evidence = [piece(call, values(wrong, call)) for call in CALLS]
    assert any(e.deviates for e in evidence)
    assert solve(evidence, DARKNET) is None


def test_large_variances_say_nothing_of_a_small_epsilon() -> None:
    """Beside variances of a million, 1e-6 and 1e-5 are the same: conforming, so that nothing is named."""
    call = CALLS[1]
    wide = replace(call, arrays={**call.arrays, "rolling_variance": np.full(CHANNELS, 1e6, np.float32)})
    row = replace(DARKNET, normalize=Epsilon(1e-5, INSIDE))
    assert solve([piece(wide, Port(numpy_port).run(replace(wide, dialect=row)))], DARKNET) is None
