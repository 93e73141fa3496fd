"""Recordings in a file of one's own: names, modes, what is judged and what is named because it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from darkparity.dialects import DIALECTS, Dialect
from darkparity.formats.tensor_files import InputError
from darkparity.implementations import load
from darkparity.problems.array_names import ArrayName, close_to, parse
from darkparity.problems.own_tensors import Reading, read
from darkparity.problems.select import unjudged_of
from darkparity.spec import BACKWARD, FORWARD, Call, inputs_of

Arrays = dict[str, np.ndarray]
Change = Callable[[Arrays], Arrays]
C = 4
RANDOM = np.random.default_rng(3)
X = RANDOM.normal(1, 2, (2, C, 3, 5)).astype(np.float32)
PARAMETERS = {"scales": RANDOM.uniform(0.5, 2, C), "biases": RANDOM.normal(size=C),
              "rolling_mean": RANDOM.normal(size=C), "rolling_variance": RANDOM.uniform(0.5, 2, C)}  # fmt: skip
BEFORE = {n: a.astype(np.float32) for n, a in PARAMETERS.items()}
ROW = DIALECTS["darknet"]


def step(train: bool, dialect: Dialect = ROW) -> Arrays:
    """What the NumPy port leaves of one forward on X."""
    how = {"type": "CONVOLUTIONAL", "train": train, "out_h": 3, "out_w": 5}
    flat, zero = X.reshape(2, C, -1), np.zeros(C, np.float32)
    state = {"output": flat, "x": flat * 0, "x_norm": flat * 0, "mean": zero, "variance": zero, **BEFORE}
    call = Call(FORWARD, dialect, {n: state[n] for n in inputs_of(FORWARD, how, dialect)}, how)
    return load("numpy").run(call)


def called(**names: str) -> Arrays:
    """Input and parameters of X, by other names where given."""
    return {"input": X, **{names.get(n, n): a for n, a in BEFORE.items()}}


OLD = {"rolling_mean": "rolling_mean_before", "rolling_variance": "rolling_variance_before"}
TORCH = {"scales": "weight", "biases": "bias", "rolling_mean": "running_mean", "rolling_variance": "running_var"}
KERAS = {"scales": "gamma", "biases": "beta", "rolling_mean": "moving_mean", "rolling_variance": "moving_variance"}
TENSORFLOW = {"scales": "gamma", "biases": "beta", "rolling_mean": "mean", "rolling_variance": "variance"}
ONNX = {"scales": "scale", "biases": "B", "rolling_mean": "input_mean", "rolling_variance": "input_var"}


def reading(folder: Path, arrays: Arrays, train: bool | None = None, dialect: Dialect = ROW) -> Reading:
    np.savez(folder / "mine.npz", **arrays)
    return read(folder / "mine.npz", dialect, train=train)


def recorded(found: Reading) -> dict[str, bool | None]:
    """Problem -> whether what was recorded of it conforms."""
    return {q.id.removeprefix("darknet-"): q.recording_conforms() for q in found.problems if q.is_recorded}


@pytest.mark.parametrize("names", [{}, OLD, TORCH, KERAS, TENSORFLOW, ONNX], ids=str)
@pytest.mark.parametrize("prefix", ["", "bn000_", "model.24.bn.", "layer1/bn/"])
def test_bare_statistics_are_the_layers_own_in_inference(tmp_path: Path, names: dict[str, str], prefix: str) -> None:
    output = "Y" if names is ONNX else "output"
    arrays = {**called(**names), output: step(False)["output"].reshape(X.shape)}
    found = reading(tmp_path, {prefix + n: a for n, a in arrays.items()})
    assert list(recorded(found).values()) == [True]
    assert not found.drawn
    assert not found.ignored
    said = " ".join(found.notes)
    assert all(f"{word} is {array}" in said for array, word in names.items() if parse(word) != parse(array)
               and not word.startswith("rolling") and parse(word).synonym)  # fmt: skip
    arrays[output] = 2 * arrays[output] + 1
    assert list(recorded(reading(tmp_path, {prefix + n: a for n, a in arrays.items()})).values()) == [False]


@pytest.mark.parametrize("dialect", ["darknet", "pytorch", "keras", "mxnet"])
def test_a_training_step_as_frameworks_give_it(tmp_path: Path, dialect: str) -> None:
    """Output and the new rolling statistics; no saved mean."""
    row, after = DIALECTS[dialect], step(True, DIALECTS[dialect])
    new = {f"{n}_after": after[n] for n in OLD} if row.rolling_updated_in == "forward" else {}
    arrays = {**called(**OLD), "output": after["output"], **new, **({} if new else {"mean": after["mean"]})}
    found = reading(tmp_path, arrays, dialect=row)
    (forward,) = (q for q in found.problems if q.is_recorded)
    assert forward.attributes["train"]
    assert set(forward.recorded) == {n.removesuffix("_after") for n in arrays if n.endswith("_after")} | {"output"} | (
        {"mean"} if not new else set())  # fmt: skip
    assert forward.recording_conforms()
    assert not unjudged_of(found.problems)
    arrays["output"] = step(False, row)["output"]
    assert reading(tmp_path, arrays, dialect=row).problems[0].recording_conforms() is False


@pytest.mark.parametrize("train", [True, False])
def test_output_alone_is_taken_for_inference_and_the_other_mode_is_tried(tmp_path: Path, train: bool) -> None:
    arrays = {**called(**OLD), "output": step(train)["output"]}
    found = reading(tmp_path, arrays)
    assert recorded(found) == {f"{FORWARD}-mine-inference": not train}
    said = "mine: the recorded output conforms in training mode, not in inference mode: --mode training"
    assert found.notes == ([said] if train else [])
    assert recorded(reading(tmp_path, arrays, train=train)) == {
        f"{FORWARD}-mine-{'train' if train else 'inference'}": True}  # fmt: skip


def test_the_other_mode_of_another_dialect(tmp_path: Path) -> None:
    arrays = {**called(**OLD), "output": step(True, DIALECTS["keras"])["output"]}
    assert reading(tmp_path, arrays).notes[0].endswith("--mode training --dialect keras")


@pytest.mark.parametrize("missing", ["scales", "biases", "rolling_mean", "rolling_variance"])
def test_nothing_is_drawn_for_a_recorded_result(tmp_path: Path, missing: str) -> None:
    arrays = {**called(), "output": step(False)["output"]}
    del arrays[missing]
    found = reading(tmp_path, arrays)
    old = missing if missing in ("scales", "biases") else f"{missing}_before"
    why = f"{old} is not in the file: the recorded output cannot be judged; add it, or give --cfg and --weights"
    assert unjudged_of(found.problems) == {f"darknet-{FORWARD}-mine-inference: recorded output": why}
    assert not found.problems[0].recorded
    assert found.drawn == [f"mine: {missing}"]  # for the implementations alone


def test_what_needs_no_missing_array_is_judged(tmp_path: Path) -> None:
    """Training: rolling_mean_after needs the old one, output does not."""
    after = step(True)
    arrays = {"input": X, "scales": BEFORE["scales"], "biases": BEFORE["biases"], "output": after["output"],
              "rolling_mean_after": after["rolling_mean"]}  # fmt: skip
    (forward,) = (q for q in reading(tmp_path, arrays).problems if q.is_recorded)
    assert list(forward.recorded) == ["output"]
    assert list(forward.unjudged) == ["rolling_mean"]
    assert forward.recording_conforms()


def test_every_recorded_array_is_judged_or_named(tmp_path: Path) -> None:
    """Whatever else is recorded beside an inference output."""
    arrays = {**called(**OLD), "output": step(False)["output"], "net_delta": X, "mean_delta": BEFORE["biases"],
              "x_norm_after": X, "scales_after": BEFORE["scales"]}  # fmt: skip
    found = reading(tmp_path, arrays, train=False)
    named = {name for q in found.problems for name in (*q.recorded, *q.unjudged)}
    assert named == {"output", "net_delta", "mean_delta", "x_norm", "scales"}
    alone = DIALECTS["opencv"]
    assert alone.inference_only
    left = reading(tmp_path, arrays, train=False, dialect=alone)
    assert set(left.unjudged) == {"mine: net_delta", "mine: mean_delta"}


def test_a_backward_of_its_own_is_judged_by_what_it_found(tmp_path: Path) -> None:
    """mean and variance beside a recorded delta alone are what it read, not results of a forward."""
    delta = np.ones_like(X)
    arrays = {"input": X, "scales": BEFORE["scales"], "mean": BEFORE["rolling_mean"], "delta_before": delta,
              "variance": BEFORE["rolling_variance"], "delta_after": delta}  # fmt: skip
    forward, backward = reading(tmp_path, arrays).problems
    assert not forward.is_recorded
    assert (backward.operation, list(backward.recorded)) == (BACKWARD, ["delta"])
    assert np.array_equal(backward.arrays["mean"], BEFORE["rolling_mean"])


SHAPES: dict[str, tuple[Change, str]] = {
    "another layout": (lambda a: {**a, "output": a["output"].reshape(X.shape).transpose(0, 2, 3, 1)}, "NHWC"),
    "rows and columns": (lambda a: {**a, "output": a["output"].reshape(X.shape).transpose(0, 1, 3, 2)}, "has shape"),
    "flat": (lambda a: {**a, "output": a["output"].ravel()}, "has shape"),
    "a matrix for channels": (lambda a: {**a, "scales": a["scales"].reshape(2, 2)}, "has shape"),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_nothing_is_reshaped_silently(tmp_path: Path, kind: str) -> None:
    change, message = SHAPES[kind]
    with pytest.raises(InputError, match=message):
        reading(tmp_path, change({**called(**OLD), "output": step(False)["output"]}))


def test_the_specifications_own_shape_is_accepted(tmp_path: Path) -> None:
    """(batch, channels, spatial), of the input, too, where the parameters say so; (1, C, 1, 1) for (C,)."""
    output = step(False)["output"]
    arrays = {**called(**OLD), "input": X.reshape(2, C, -1), "output": output}
    arrays["scales"] = arrays["scales"].reshape(1, C, 1, 1)
    found = reading(tmp_path, arrays)
    assert found.problems[0].arrays["output"].shape == (2, C, 15)
    assert list(recorded(found).values()) == [True]


ODD: dict[str, tuple[Change, str]] = {
    "a negative variance": (
        lambda a: {**a, "rolling_variance_before": np.array([1, -7e-44, 2, -1], np.float32)},
        "rolling_variance: 2 of 4 variances are negative (channels 1, 3; least -1)",
    ),
    "four decimal places": (
        lambda a: {**a, "output": np.round(a["output"], 4)}, "output: every value has at most 4 decimal places"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
def test_odd_values_are_said(tmp_path: Path, kind: str) -> None:
    change, note = ODD[kind]
    arrays = {**called(**OLD), "output": step(False)["output"]}
    assert not reading(tmp_path, arrays).notes
    assert any(note in said for said in reading(tmp_path, change(arrays)).notes)


def test_a_lone_variance_is_looked_at_too(tmp_path: Path) -> None:
    found = reading(tmp_path, {"input": X, "rolling_variance": np.array([1, 1, -1e-45, 1], np.float32)})
    assert sum("1 of 4 variances are negative (channels 2;" in note for note in found.notes) == 1


@pytest.mark.parametrize(("name", "close"), [("rolling_meen", "rolling_mean"), ("gama", "gamma"), ("l0_gama", "gamma"),
                                             ("roling_variance_before", "rolling_variance"), ("comment", ""),
                                             ("weights", ""), ("num_batches_tracked", ""), ("meta", "")])  # fmt: skip
def test_a_misspelt_name_is_named_with_the_close_one(tmp_path: Path, name: str, close: str) -> None:
    assert close_to(name) == close
    found = reading(tmp_path, {"input": X, name: BEFORE["scales"]})
    assert found.ignored == [name]
    assert found.notes == ([f"{name} is not read: no array is called so; did you mean {close}?"] if close else [])


@pytest.mark.parametrize(("name", "parts"), [
    ("rolling_mean", ArrayName("", "rolling_mean", "")),
    ("l0_running_mean", ArrayName("l0", "rolling_mean", "", "running_mean")),
    ("model.24.bn.running_var", ArrayName("model.24.bn", "rolling_variance", "", "running_var")),
    ("layer1/bn/output", ArrayName("layer1/bn", "output", "")),
    ("bn_1/gamma:0", ArrayName("bn_1", "scales", "", "gamma")),
    ("bn022_delta_in", ArrayName("bn022", "delta", "before")),
    ("grad_input", ArrayName("", "delta", "after", "grad_input")),
    ("scale_updates_after", ArrayName("", "scale_updates", "after")),
    ("conv.kernel", None),
])  # fmt: skip
def test_names_taken_apart(name: str, parts: ArrayName | None) -> None:
    assert parse(name) == parts


def test_parameters_of_other_layers_are_nobodys(tmp_path: Path) -> None:
    """A whole state_dict beside one layer's recording."""
    found = reading(tmp_path, {**{f"bn.{n}": a for n, a in called(**TORCH).items()}, "bn.output": step(False)["output"],
                               "conv.weight": X, "conv.bias": BEFORE["biases"],
                               "bn.num_batches_tracked": np.array(7)})  # fmt: skip
    assert list(recorded(found).values()) == [True]
    assert found.ignored == ["bn.num_batches_tracked", "conv.weight", "conv.bias"]
