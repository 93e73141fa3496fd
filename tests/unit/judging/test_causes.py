"""What kinds of field reports are told: one small port each."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli import main
from darkparity.implementations import load
from darkparity.judging.diagnose import Witness, diagnose
from darkparity.judging.diagnosis import Diagnosis
from darkparity.judging.evidence import gathered
from darkparity.judging.runner import Participant
from darkparity.proof.accusations import outcomes
from darkparity.proof.diagnosis_trial import fresh_questions

FORWARD = """
import numpy as np
DARKPARITY = dict(name="port", dialect={dialect!r})
f = np.float32
def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance, out_h, out_w):
    x = input if type == "BATCHNORM" else output
    m = f(x.shape[0] * x.shape[2])
    mean, variance = rolling_mean, rolling_variance
    if {trains}:
        mean = x.mean((0, 2), dtype=f)
        variance = ((x - mean[:, None]) ** 2).sum((0, 2), dtype=f) / ({divisor})
    hat = (x - mean[:, None]) / ({root})[:, None]
    {output}
    return dict(output=y)
"""
PLAIN = "y = hat * scales[:, None] + biases[:, None]"
DARKNET = {
    "dialect": "darknet", "trains": "train", "divisor": "m - f(1)", "root": "np.sqrt(variance) + f(1e-6)",
    "output": PLAIN,
}  # fmt: skip
TAIL = (
    PLAIN
    + """
    rows = y.reshape(*x.shape[:2], out_h, out_w).copy()
    rows[..., out_w // 4 * 4:] = x.reshape(rows.shape)[..., out_w // 4 * 4:]
    y = rows.reshape(x.shape)"""
)
PORTS = {
    "two arrays are swapped": (
        {"output": "y = hat * biases[:, None] + scales[:, None]"},
        "scales are added and biases",
    ),
    "an epsilon of no dialect": ({"root": "np.sqrt(variance + f(2e-4))"}, "epsilon is 0.0002"),
    "the ends of rows": ({"output": TAIL}, "the last out_w modulo 4 columns of each row"),
    "the mode is ignored": ({"trains": "True"}, "inference normalizes with the statistics of its own batch"),
    "folded inference": (
        {"output": "a = scales / (np.sqrt(variance) + f(1e-6)); y = x * a[:, None] + (biases - mean * a)[:, None]"},
        "declare the label `affine`",
    ),
}


def told(source: str, path: Path) -> Diagnosis:
    path.write_text(source, "utf-8")
    problems = fresh_questions(3)
    witness = Witness.of(Participant.of(load(str(path))))
    with np.errstate(all="ignore"):
        pieces = list(gathered(witness.answers, problems, witness.profile))
    failing, conforming = ([p.problem for p in pieces if p.deviates is wrong] for wrong in (True, False))
    found = diagnose(witness, failing, conforming)
    assert found is not None
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", PORTS)
def test_the_cause_is_told(kind: str, tmp_path: Path) -> None:
    changes, text = PORTS[kind]
    assert text in told(FORWARD.format(**{**DARKNET, **changes}), tmp_path / "port.py").sentence


@pytest.mark.slow
def test_what_another_dialect_computes_is_no_mistake() -> None:
    assert [o.accused for o in outcomes(4, seed=5, names=("serial", "folded"))] == [()] * 4


@pytest.mark.slow
def test_a_large_recording_in_the_other_mode_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw = np.random.default_rng(4)
    x = draw.normal(size=(2, 8, 40, 40)).astype(np.float32)
    scales, biases, mean = (draw.normal(size=8).astype(np.float32) for _ in range(3))
    variance = draw.uniform(0.5, 2, 8).astype(np.float32)
    each = (1, 8, 1, 1)
    root = np.sqrt(x.var((0, 2, 3), ddof=1, keepdims=True)) + np.float32(1e-6)
    hat = (x - x.mean((0, 2, 3), keepdims=True)) / root
    np.savez(tmp_path / "r.npz", input=x, scales=scales, biases=biases, rolling_mean_before=mean,
             rolling_variance_before=variance, output_after=hat * scales.reshape(each)
             + biases.reshape(each))  # fmt: skip
    assert main(["diagnose", "numpy", "--input", str(tmp_path / "r.npz"), "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["diagnoses"]
    assert "--mode training" in found["sentence"]
