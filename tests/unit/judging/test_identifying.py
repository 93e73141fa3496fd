"""What batch norm this is: hidden rows are found from answers alone, and what does not show is not claimed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS, Dialect, Epsilon, Place, Rolling, dialect
from darkparity.implementations import adapt, load
from darkparity.implementations.shipped import numpy_port
from darkparity.judging.identifying import Identity, identify, identify_recording
from darkparity.judging.runner import Participant
from darkparity.proof.identified.rows import written
from darkparity.proof.identified.trial import trials


def identified(row: Dialect, everything: bool = True) -> Identity:
    return identify(Participant.of(adapt(written(row, everything))))


def known(found: Identity, name: str) -> Any:
    return next(k for k in found.fields if k.name == name)


@pytest.mark.parametrize("trial", list(trials(3, 5)), ids=lambda t: str(t.number))
def test_random_rows_are_found_field_by_field(trial: Any) -> None:
    assert trial.identity.identified, trial.identity.left
    assert trial.wrong == ()
    assert trial.decided >= 12


@pytest.mark.parametrize("name", ["darknet", "pytorch", "mxnet"])
def test_a_known_dialect_is_recognized(name: str) -> None:
    found = identified(DIALECTS[name])
    assert name in found.same
    assert found.nearest in found.same


def test_own_constants_are_declared_on_the_nearest_dialect() -> None:
    row = replace(DIALECTS["pytorch"], normalize=Epsilon(2e-4, Place.INSIDE), rolling=Rolling(0.93, 0.07))
    found = identified(row, everything=False)
    assert found.same == ()
    assert found.row.name == "pytorch(epsilon=0.0002,momentum=0.07)"
    assert dialect(found.row.name).rolling == row.rolling


def test_three_epsilons_of_a_backward_are_found_together() -> None:
    """A mean_delta without epsilon fits the training backwards nearly: only an inference backward shows that it and
    the others are wrong. Who returns no variance may be taken to save 1/std, which three terms cannot read."""
    terms = dict(mean_delta=Epsilon(1.745e-6, Place.OUTSIDE), variance_delta=Epsilon(9.937e-5, Place.INSIDE),
                 normalize_delta=Epsilon(1.0595e-4, Place.INSIDE))  # fmt: skip
    row = replace(DIALECTS["darknet"], normalize=Epsilon(9.937e-5, Place.INSIDE), variance_ddof=0, rolling_ddof=0,
                  rolling=Rolling(0.672, 0.328), **terms)  # type: ignore[arg-type]  # fmt: skip
    found = identified(row, everything=False)
    assert found.identified, found.left
    for name, epsilon in terms.items():
        field = known(found, name)
        (interval,) = field.intervals.values()
        said = [o.value for o in (field.value, *field.others) if o.place is epsilon.place]
        assert epsilon.value in interval or said == [pytest.approx(epsilon.value, rel=1e-3)], name


def test_the_probes_are_the_same_in_every_process() -> None:
    code = ("import zlib; from darkparity.dialects import DIALECTS; "
            "from darkparity.judging.identifying.probes import training; "
            "print(zlib.crc32(b''.join(a.tobytes() for p in training(DIALECTS['darknet']) "
            "for a in p.call.arrays.values())))")  # fmt: skip
    seeds = [{**os.environ, "PYTHONHASHSEED": str(seed)} for seed in range(4)]
    said = {subprocess.run([sys.executable, "-c", code], env=e, capture_output=True, check=True).stdout for e in seeds}
    assert len(said) == 1


class Evaluating:
    """Inference alone, and `output` alone."""

    row = DIALECTS["keras"]

    def forward_batchnorm_layer(
        self, type: str, train: bool, input: np.ndarray, output: np.ndarray, scales: np.ndarray, biases: np.ndarray,
        rolling_mean: np.ndarray, rolling_variance: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        if train:
            raise NotImplementedError("inference only")
        image = input if type == "BATCHNORM" else output
        normalized = numpy_port.normalize_cpu(image, rolling_mean, rolling_variance, self.row)
        return normalized * scales[:, np.newaxis] + biases[:, np.newaxis]


def test_what_does_not_show_is_not_claimed() -> None:
    found = identify(Participant.of(adapt(Evaluating)))
    assert found.identified
    assert known(found, "normalize").value == Epsilon(1e-3, Place.INSIDE)
    assert {k.name for k in found.fields if not k.needs} == {"normalize"}
    assert known(found, "backward").needs == "a training backward"
    assert "inference only" in found.silent["a training forward with m = 2"]


def test_what_is_no_batch_norm_is_not_identified() -> None:
    class Halved(Evaluating):
        def forward_batchnorm_layer(
            self, type: str, train: bool, input: np.ndarray, output: np.ndarray, scales: np.ndarray,
            biases: np.ndarray, rolling_mean: np.ndarray, rolling_variance: np.ndarray,
        ) -> np.ndarray:  # fmt: skip
            given = type, train, input, output, scales, biases, rolling_mean, rolling_variance
            return super().forward_batchnorm_layer(*given) / np.float32(2)

    found = identify(Participant.of(adapt(Halved)))
    assert not found.identified
    assert found.left == ("output of an inference forward",)


def test_a_recording_is_identified_in_the_mode_it_was_made_in(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    shape, row = (4, 8, 6), replace(DIALECTS["pytorch"], normalize=Epsilon(1e-3, Place.INSIDE))
    each = {n: rng.normal(size=8).astype(np.float32) for n in ("scales", "biases", "rolling_mean")}
    each["rolling_variance"] = (10 ** rng.uniform(-6, 0, 8)).astype(np.float32)
    image = rng.normal(size=shape).astype(np.float32)
    scratch = dict(output=image, x=image, x_norm=image, mean=each["scales"], variance=each["scales"])
    given: dict[str, Any] = {**scratch, **each, "dialect": row}
    made = numpy_port.forward_batchnorm_layer("BATCHNORM", False, image, **given)
    path = tmp_path / "recorded.npz"
    arrays: dict[str, Any] = {"input": image, "output_after": made["output"], **each}
    np.savez(path, **arrays)
    found = identify_recording(path)
    assert found.identified
    assert known(found, "normalize").value == Epsilon(1e-3, Place.INSIDE)
    assert known(found, "rolling").needs


def test_a_framework_itself_is_recognized() -> None:
    pytest.importorskip("torch")
    assert identify(Participant.of(load("torch-native"))).same == ("pytorch",)
