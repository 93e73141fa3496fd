"""--input with --cfg: what was recorded in the network is its activations, and its results are judged."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli import main
from darkparity.dialects import DIALECTS
from darkparity.formats.tensor_files import InputError
from darkparity.implementations import load
from darkparity.judging.result import RECORDED
from darkparity.problems.network.asking import Asked, OwnNetwork, Source, open_network, problems_of
from darkparity.spec import BACKWARD, FORWARD, Call, inputs_of
from small_network import FILES, saved_network

DARKNET = DIALECTS["darknet"]
Arrays = dict[str, np.ndarray]


@pytest.fixture
def own(tmp_path: Path) -> OwnNetwork:
    return saved_network(tmp_path)


def recording(asked: Asked, train: bool, prefix: str) -> Arrays:
    """A step of one layer with NumPy's port on other activations than those that would be drawn, batch 3."""
    random, (_, channels, height, width) = np.random.default_rng(9), asked.shape
    attributes = {"type": asked.part.type, "train": train, "out_h": height, "out_w": width}
    x = random.normal(1, 2, (3, channels, height, width)).astype(np.float32)
    flat, zeros = x.reshape(3, channels, -1), np.zeros(channels, np.float32)
    scratch = {"x": flat * 0, "x_norm": flat * 0, "mean": zeros, "variance": zeros}
    state = {**asked.parameters, **scratch, "input": flat, "output": flat}
    port, before = load("numpy"), {f"{n}_before": asked.parameters[n] for n in ("rolling_mean", "rolling_variance")}
    after = port.run(Call(FORWARD, DARKNET, {n: state[n] for n in inputs_of(FORWARD, attributes)}, attributes))
    left = ("output", "x_norm", "mean", "variance") if train else ("output",)
    kept = {"input": x, "scales": asked.parameters["scales"], "biases": asked.parameters["biases"], **before}
    kept |= {n: after[n] for n in left}
    if train:
        delta = random.normal(0, 0.1, flat.shape).astype(np.float32)
        state |= after | {"delta": delta, "bias_updates": zeros + 1, "scale_updates": zeros - 1}
        back = port.run(Call(BACKWARD, DARKNET, {n: state[n] for n in inputs_of(BACKWARD, attributes)}, attributes))
        kept |= {"delta_in": delta, "bias_updates_before": zeros + 1, "scale_updates_before": zeros - 1,
                 "delta_out": back["delta"], "mean_delta": back["mean_delta"],
                 **{f"{n}_after": back[n] for n in ("bias_updates", "scale_updates")}}  # fmt: skip
    return {f"{prefix}_{name}": array for name, array in kept.items()}


def saved(directory: Path, arrays: Arrays) -> Path:
    np.savez(directory / "run.npz", **arrays)
    return directory / "run.npz"


def opened(own: OwnNetwork, path: Path) -> OwnNetwork:
    return open_network(own.network.path, own.weights.path, Source(path))


def verdicts(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[tuple[str, str], str]]:
    code = main(["check", "numpy", *FILES, "--input", "run.npz", "--json", *arguments])
    cells = json.loads(capsys.readouterr().out)["cells"]
    return code, {(c["implementation"], c["operation"]): c["verdict"] for c in cells}


@pytest.mark.slow
@pytest.mark.parametrize("train", [True, False])
def test_a_recording_is_activations_and_results(
    own: OwnNetwork, tmp_path: Path, train: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arrays = recording(own.asked[1], train, "bn001")
    mine = opened(own, saved(tmp_path, arrays))
    assert [a.shape[0] for a in mine.asked] == [2, 3, 2]
    assert mine.notes[0].startswith("activations of 1 of 3 layers from ")
    problems = {(q.operation, q.attributes["train"]): q for q in problems_of(mine, [DARKNET]) if "layer001" in q.id}
    assert all(np.array_equal(q.arrays["x"].ravel(), arrays["bn001_input"].ravel())
               for (operation, _), q in problems.items() if operation == BACKWARD)  # fmt: skip
    answered = {call for call, q in problems.items() if q.recorded}
    assert answered == ({(FORWARD, True), (BACKWARD, True)} if train else {(FORWARD, False)})
    if train:
        back = problems[BACKWARD, True].arrays
        assert np.array_equal(back["delta"], arrays["bn001_delta_in"])
        assert np.array_equal(back["x_norm"], arrays["bn001_x_norm"])
    code, found = verdicts(capsys)
    assert code == 0
    assert {c for c in found if c[0] == RECORDED} == {(RECORDED, operation) for operation, _ in answered}
    assert set(found.values()) == {"conforms"}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "operation"), [("output", FORWARD), ("delta_out", BACKWARD)])
def test_a_wrong_recorded_result_deviates(
    own: OwnNetwork, tmp_path: Path, name: str, operation: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    arrays = recording(own.asked[1], True, "bn001")
    arrays[f"bn001_{name}"][0, 0, 0] += 0.01
    saved(tmp_path, arrays)
    code, found = verdicts(capsys, "--case", "*layer001*")
    assert code == 1
    assert {cell for cell, verdict in found.items() if verdict == "deviates"} == {(RECORDED, operation)}


def test_results_of_other_parameters_are_not_compared(own: OwnNetwork, tmp_path: Path) -> None:
    arrays = recording(own.asked[0], True, "bn000")
    arrays["bn000_scales"] = arrays["bn000_scales"] + 1
    mine = opened(own, saved(tmp_path, arrays))
    assert mine.asked[0].shape[0] == 3
    assert not any(q.recorded for q in problems_of(mine, [DARKNET]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bn007_input": np.zeros((1, 5, 12, 9), np.float32)}, r"bn007: net\.cfg has no .* number; there are 0, 1, 2"),
        ({"bn001_input": np.zeros((3, 5, 9, 12), np.float32)}, r"bn001 has input of shape .*takes \(N, 5, 12, 9\)"),
        ({"bn002_scales": np.zeros(6, np.float32)}, r"bn002 has no input"),
        ({"bn001_delta_in": np.zeros((3, 5, 12), np.float32)}, r"bn001 delta has shape"),
        ({"bn001_input": np.zeros((3, 5, 12, 9))}, r"bn001_input has dtype float64, needs float32"),
    ],
)
def test_a_recording_of_another_network(own: OwnNetwork, tmp_path: Path, change: Arrays, message: str) -> None:
    path = saved(tmp_path, recording(own.asked[1], True, "bn001") | change)
    with pytest.raises(InputError, match=message):
        opened(own, path)


def test_what_darknet_itself_computed() -> None:
    """yoloface-50k: the recorded parameters are the file's, so five layers' results are judged."""
    directory = Path(os.environ.get("DARKPARITY_DATA") or "nowhere") / "yoloface-50k"
    if not directory.is_dir():
        pytest.skip("DARKPARITY_DATA names no directory with yoloface-50k")
    files = (directory / "yoloface-50k.cfg", directory / "yoloface-50k.weights")
    for mode, operations in (("train", {FORWARD, BACKWARD}), ("infer", {FORWARD})):
        asked = problems_of(open_network(*files, Source(directory / f"captured-{mode}.npz")), [DARKNET])
        recorded = [q for q in asked if q.recorded]
        assert len(recorded) == 5 * len(operations)
        assert {q.operation for q in recorded} == operations
        assert {q.attributes["train"] for q in recorded} == {mode == "train"}
