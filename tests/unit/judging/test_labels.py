"""Declared labels are held to: a false claim is named, an honest one conforms."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkparity.cli import main
from darkparity.dialects import DIALECTS
from darkparity.implementations import Port
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Deviates, Verdict
from darkparity.problems.problem import Problem, live_expectation
from darkparity.spec import FORWARD, Call, inputs_of

ROW = DIALECTS["darknet"]
F = np.float32


def port(labels: tuple[str, ...], **functions: Callable[..., Any]) -> Port:
    methods = {name: staticmethod(function) for name, function in functions.items()}
    return Port(type("Mine", (), {**methods, "DARKPARITY": {"labels": labels}}))


def verdict(labels: tuple[str, ...], operation: str, function: Callable[..., Any],
            arrays: dict[str, np.ndarray], **how: Any) -> Verdict:  # fmt: skip
    call = Call(operation, ROW, arrays, how)
    problem = Problem("darknet-asked", call, "", "live", live_expectation(call))
    return ask(Participant.of(port(labels, **{operation: function})), problem)[0].verdict


# Accumulation: mean of 2^16 values. Serial float32 sums drift; pairwise ones do not; float64 ones even less.


def rows(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x.swapaxes(0, 1)).reshape(x.shape[1], -1)


def serial(x: np.ndarray) -> np.ndarray:
    return np.add.accumulate(rows(x), axis=1, dtype=F)[:, -1] / F(x.shape[0] * x.shape[2])


def pairwise(x: np.ndarray) -> np.ndarray:
    return rows(x).sum(axis=1) / F(x.shape[0] * x.shape[2])


def blocked(x: np.ndarray) -> np.ndarray:
    """Serial in blocks of 128: between serial and pairwise."""
    blocks = np.add.accumulate(rows(x).reshape(x.shape[1], -1, 128), axis=2, dtype=F)[:, :, -1]
    return np.add.accumulate(blocks, axis=1, dtype=F)[:, -1] / F(x.shape[0] * x.shape[2])


def wide(x: np.ndarray) -> np.ndarray:
    return (rows(x).sum(axis=1, dtype=np.float64) / (x.shape[0] * x.shape[2])).astype(F)


DATA = {
    "constant": np.full((4, 2, 2**14), 0.1, F),
    "positive": np.random.default_rng(5).uniform(0, 1, (4, 2, 2**14)).astype(F),
}
#: what sums, what it claims, on what -> the broken claim; "" conforms.
CLAIMS = [
    (serial, (), "constant", ""),
    (serial, ("pairwise",), "constant", "pairwise"),
    (serial, ("pairwise", "ieee"), "constant", "pairwise"),
    (serial, ("float64",), "positive", "float64"),
    (pairwise, ("pairwise",), "constant", ""),
    (pairwise, ("pairwise", "two_pass", "ieee"), "positive", ""),
    (blocked, ("float64",), "constant", "float64"),
    (blocked, (), "constant", ""),
    (wide, ("float64", "two_pass", "ieee"), "constant", ""),
    (wide, ("float64",), "positive", ""),
    (wide, ("pairwise",), "positive", ""),
]


@pytest.mark.parametrize(("total", "labels", "data", "broken"), CLAIMS)
def test_accumulation(total: Callable[..., Any], labels: tuple[str, ...], data: str, broken: str) -> None:
    found = verdict(labels, "mean_cpu", total, {"x": DATA[data]})
    assert isinstance(found, Deviates if broken else Conforms), found
    assert getattr(found, "broken_claim", "") == broken


def test_a_wrong_formula_is_no_broken_claim() -> None:
    """Dropping labels does not make it right, so the claim is not what is wrong."""
    found = verdict(("pairwise",), "mean_cpu", lambda x: wide(x) * F(1.5), {"x": DATA["positive"]})
    assert isinstance(found, Deviates)
    assert found.broken_claim == ""


# two_pass: sums that are exact in any order tolerate nothing; a running mean does not keep to that.


def running(x: np.ndarray) -> np.ndarray:
    mean = np.zeros(x.shape[1], F)
    for count, column in enumerate(rows(x).T, 1):
        mean += (column - mean) / F(count)
    return mean


@pytest.mark.parametrize(("total", "labels", "broken"), [
    (running, (), ""), (running, ("two_pass",), "two_pass"), (running, ("two_pass", "ieee"), "two_pass"),
    (pairwise, ("two_pass",), ""), (serial, ("two_pass", "ieee"), ""),
])  # fmt: skip
def test_two_pass(total: Callable[..., Any], labels: tuple[str, ...], broken: str) -> None:
    integers = np.random.default_rng(6).integers(-9, 10, (4, 3, 16)).astype(F)  # m = 64
    found = verdict(labels, "mean_cpu", total, {"x": integers})
    assert isinstance(found, Deviates if broken else Conforms), found
    assert getattr(found, "broken_claim", "") == broken


# affine: y = a x + b, as folding into a convolution's weights computes it.


def folded(output: np.ndarray, scales: np.ndarray, biases: np.ndarray, rolling_mean: np.ndarray,
           rolling_variance: np.ndarray) -> dict[str, np.ndarray]:  # fmt: skip
    a = scales / (np.sqrt(rolling_variance) + F(1e-6))
    b = biases - rolling_mean * a
    return {"output": output * a[:, None] + b[:, None]}


def far(mean: float, sd: float) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    rng, how = np.random.default_rng(7), {"type": "CONVOLUTIONAL", "train": False, "out_h": 6, "out_w": 5}
    state = {n: rng.uniform(0.5, 1.5, 3).astype(F) for n in ("scales", "biases", "mean", "variance")}
    state |= {"rolling_mean": np.full(3, mean, F), "rolling_variance": np.full(3, sd * sd, F)}
    state |= {n: rng.normal(mean, sd, (2, 3, 30)).astype(F) for n in ("output", "x", "x_norm")}
    return {n: state[n] for n in inputs_of(FORWARD, how)}, how


@pytest.mark.parametrize(("labels", "mean", "conforms"), [
    (("affine",), 1e3, True), (("affine", "two_pass", "ieee"), 1e3, True), ((), 1e3, False),
    (("ieee",), 1e3, False), (("affine",), 0.0, True), ((), 0.0, True),
])  # fmt: skip
def test_a_folded_inference_needs_the_label_where_the_mean_is_far(
    labels: tuple[str, ...], mean: float, conforms: bool
) -> None:
    arrays, how = far(mean, 0.1)
    found = verdict(labels, FORWARD, folded, arrays, **how)
    assert isinstance(found, Conforms if conforms else Deviates), found


def test_the_label_excuses_folding_and_nothing_else() -> None:
    arrays, how = far(0.0, 0.1)

    def other_bias(output: Any, scales: Any, biases: Any, rolling_mean: Any, rolling_variance: Any) -> Any:
        return folded(output, scales, biases * F(1.01), rolling_mean, rolling_variance)

    assert isinstance(verdict(("affine",), FORWARD, other_bias, arrays, **how), Deviates)


# What the user sees.

PORT = """
import numpy as np
DARKPARITY = dict(name="mine", dialect="darknet", labels=("two_pass",))

def mean_cpu(x):
    mean = np.zeros(x.shape[1], np.float32)
    for count, column in enumerate(x.transpose(0, 2, 1).reshape(-1, x.shape[1]), 1):
        with np.errstate(all="ignore"):
            mean += (column - mean) / np.float32(count)
    return mean
"""


def test_the_broken_claim_is_in_text_and_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Any
) -> None:
    (tmp_path / "port.py").write_text(PORT, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    words = ["check", "port.py", "--case", "*mean_cpu-above_4096_elements", "--store", str(store.path)]
    assert main(words) == 1
    assert "claim      conforms without the declared two_pass: the claim is wrong" in capsys.readouterr().out
    assert main([*words, "--json"]) == 1
    failures = json.loads(capsys.readouterr().out)["failures"]
    assert {f["detail"]["broken_claim"] for f in failures} == {"two_pass"}
