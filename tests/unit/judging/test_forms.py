"""Less accurate forms that a dialect's own reference uses conform in that dialect, and in no other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import dialect
from darkparity.implementations import Port
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Deviates
from darkparity.problems.problem import Problem, live_expectation
from darkparity.spec import FORWARD, Call

EPSILON = np.float32(1e-5)
SHAPE = (4, 3, 25)


def folded(x: Any, mean: Any, variance: Any, scales: Any, biases: Any) -> Any:
    slope = scales / np.sqrt(variance + EPSILON)
    return x * slope[:, None] + (biases - mean * slope)[:, None]


def formula(x: Any, mean: Any, variance: Any, scales: Any, biases: Any) -> Any:
    return (x - mean[:, None]) / np.sqrt(variance + EPSILON)[:, None] * scales[:, None] + biases[:, None]


def about_mean(x: Any, mean: Any) -> Any:
    return np.square(x - mean[:, None]).mean((0, 2), dtype=np.float32)


def of_squares(x: Any, mean: Any) -> Any:
    return np.square(x).mean((0, 2), dtype=np.float32) - np.square(mean)


def verdict(row: str, train: bool, output: Any, variance: Any = about_mean) -> Any:
    """A forward of values around 100, standard deviation .5, by a PyTorch-like layer with epsilon 1e-5."""

    def forward(input: np.ndarray, scales: np.ndarray, biases: np.ndarray, rolling_mean: np.ndarray,
                rolling_variance: np.ndarray) -> dict[str, np.ndarray]:  # fmt: skip
        mean = input.mean((0, 2), dtype=np.float32)
        used = (mean, variance(input, mean)) if train else (rolling_mean, rolling_variance)
        return {"output": output(input, *used, scales, biases), **({"variance": used[1]} if train else {})}

    rng = np.random.default_rng(3)
    arrays = {n: rng.uniform(0.5, 2, SHAPE[1]).astype(np.float32)
              for n in ("scales", "biases", "mean", "variance", "rolling_variance")}  # fmt: skip
    arrays |= dict.fromkeys(("x", "x_norm"), np.zeros(SHAPE, np.float32))
    arrays |= {
        "input": rng.normal(100, 0.5, SHAPE).astype(np.float32),
        "rolling_mean": np.full(SHAPE[1], 100.1, np.float32),
    }
    call = Call(FORWARD, dialect(row), arrays, {"type": "BATCHNORM", "train": train, "out_h": 5, "out_w": 5})
    who = SimpleNamespace(forward_batchnorm_layer=forward, DARKPARITY={"dialect": row})
    problem = Problem("mine", call, "", "live", live_expectation(call))
    return ask(Participant.of(Port(who, name="mine")), problem)[0].verdict


#: Rows with epsilon 1e-5 that allow neither, one, the other, both.
ROWS = ("tensorflow-fused(epsilon=1e-5)", "pytorch", "flax", "keras(epsilon=1e-5)")


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("train", [True, False])
def test_the_formula_conforms_everywhere(row: str, train: bool) -> None:
    assert isinstance(verdict(row, train, formula), Conforms)


@pytest.mark.parametrize(("row", "allowed"), [*zip(ROWS, (False, True, False, True), strict=True)])
def test_a_folded_output_conforms_where_the_row_says_so(row: str, allowed: bool) -> None:
    assert isinstance(verdict(row, False, folded), Conforms if allowed else Deviates)


@pytest.mark.parametrize(("row", "allowed"), [*zip(ROWS, (False, False, True, True), strict=True)])
def test_a_variance_of_squares_conforms_where_the_row_says_so(row: str, allowed: bool) -> None:
    assert isinstance(verdict(row, True, formula, of_squares), Conforms if allowed else Deviates)
