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
from darkparity.judging.result import RECORDED, Result
from darkparity.judging.runner import Participant, run
from darkparity.judging.verdict import Conforms, Inconclusive
from darkparity.problems.network import asking
from darkparity.problems.network.asking import Asked, OwnNetwork, Source, open_network, problems_of
from darkparity.problems.network.own import own_network
from darkparity.problems.select import Filters, unjudged_of
from darkparity.spec import BACKWARD, FORWARD, Call, inputs_of
from small_network import CFG, FILES, saved_network

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


def conforms(own: OwnNetwork, path: Path) -> dict[str, bool | None]:
    """Problem -> whether what was recorded of it conforms."""
    asked = problems_of(opened(own, path), [DARKNET])
    return {q.id.removeprefix("darknet-"): q.recording_conforms() for q in asked if q.is_recorded}


PARAMETERS = ("scales", "biases", "rolling_mean_before", "rolling_variance_before")


@pytest.mark.parametrize("kept", ["all", "none", "one ULP off", "bare"])
@pytest.mark.parametrize("wrong", [False, True])
def test_results_are_judged_with_the_weights_whatever_parameters_were_recorded(
    own: OwnNetwork, tmp_path: Path, kept: str, wrong: bool
) -> None:
    arrays = recording(own.asked[1], False, "bn001")
    for name in (f"bn001_{n}" for n in PARAMETERS):
        values = arrays.pop(name)
        if kept != "none":
            name = name.removesuffix("_before") if kept == "bare" else name
            arrays[name] = np.nextafter(values, np.float32(9)) if kept == "one ULP off" else values
    if wrong:
        arrays["bn001_output"] = 2 * arrays["bn001_output"] + 1
    path = saved(tmp_path, arrays)
    assert conforms(own, path) == {"forward_batchnorm_layer-layer001-inference": not wrong}
    said = "the recorded scales is not that of the weights: 5 of 5 channels differ, by 1 ULP"
    assert any(said in note for note in opened(own, path).notes) == (kept == "one ULP off")


def test_a_recorded_backward_without_what_it_found_is_not_judged(own: OwnNetwork, tmp_path: Path) -> None:
    arrays = recording(own.asked[0], True, "bn000")
    for name in ("mean", "scale_updates_before"):
        del arrays[f"bn000_{name}"]
    asked = problems_of(opened(own, saved(tmp_path, arrays)), [DARKNET])
    (backward,) = (q for q in asked if q.is_recorded and q.operation == BACKWARD)
    assert set(backward.recorded) == {"bias_updates", "mean_delta"}
    assert backward.unjudged["scale_updates"].startswith("scale_updates_before is not in the file: the recorded ")
    assert backward.unjudged["delta"].startswith("mean is not in the file: the recorded delta cannot be judged")


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("at", [0, 4])
def test_of_a_large_layer_some_channels_are_judged_whole(
    own: OwnNetwork, tmp_path: Path, train: bool, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statistics belong to a channel's every pixel: channels are left out, not rows."""
    monkeypatch.setattr(asking, "_LAYER_ELEMENTS", 3 * 12 * 9 * 2)
    arrays = recording(own.asked[0], train, "bn000")
    path = saved(tmp_path, arrays)
    mine = opened(own, path)
    assert mine.asked[0].shape == (3, 2, 12, 9)
    assert any("2 of 5 channels, evenly spread, are asked of layer000" in note for note in mine.notes)
    assert set(conforms(own, path).values()) == {True}
    arrays["bn000_output"][0, 2 * (at > 0), 100] += 0.01  # channels 0 and 2 are asked
    assert False in conforms(own, saved(tmp_path, arrays)).values()


def test_a_channel_that_is_too_large_is_named_or_judged_by_its_first_rows(
    own: OwnNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_LAYER_ELEMENTS", 3 * 5 * 9 * 2)
    train = opened(own, saved(tmp_path, recording(own.asked[0], True, "bn000")))
    assert "too large to be asked whole" in train.unjudged["layer000: recorded output"]
    assert not any(q.is_recorded for q in problems_of(train, [DARKNET]))
    path = saved(tmp_path, recording(own.asked[0], False, "bn000"))
    inference = opened(own, path)
    assert inference.asked[0].shape == (3, 5, 2, 9)
    assert not inference.unjudged
    assert set(conforms(own, path).values()) == {True}


def test_the_other_mode_is_tried_and_can_be_given(
    own: OwnNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a framework gives of a training step, output alone, looks like inference."""
    arrays = recording(own.asked[1], True, "bn001")
    path = saved(tmp_path, {n: arrays[n] for n in ("bn001_input", "bn001_output")})
    files = (own.network.path, own.weights.path, path, Filters(operations=(FORWARD,)), 0)
    _, said = own_network(*files)
    assert said["notes"] == ["layer001: the recorded output conforms in training mode, not in inference mode: "
                             "--mode training"]  # fmt: skip
    problems, said = own_network(*files, True)
    assert [q.recording_conforms() for q in problems if q.is_recorded] == [True]
    assert said["notes"] == []


def test_recorded_names_without_a_layer_are_no_image(own: OwnNetwork, tmp_path: Path) -> None:
    x = np.zeros((3, 12, 9), np.float32)
    with pytest.raises(InputError, match=r"input, output: of which layer\?"):
        opened(own, saved(tmp_path, {"input": x, "output": x}))


@pytest.mark.parametrize("option", ["batch_normalize=2", "batch_normalize=1\ncbn=1"])
def test_cross_iteration_batch_norm_is_not_judged_as_plain_one(own: OwnNetwork, tmp_path: Path, option: str) -> None:
    own.network.path.write_text(CFG.replace("batch_normalize=1", option, 1))
    path = saved(tmp_path, recording(own.asked[0], True, "bn000"))
    problems, said = own_network(own.network.path, own.weights.path, path, Filters(), 0)
    crossed = {q.id for q in problems if q.unjudgeable}
    assert crossed == {f"darknet-{o}-layer000-train" for o in (FORWARD, BACKWARD)}
    assert any("layer 0 [convolutional]: batch_normalize=2 is cross-iteration" in n for n in said["network"]["notes"])
    assert set(unjudged_of(problems)) == crossed
    results: list[Result] = []
    run([Participant.of(load("numpy"))], [q for q in problems if "layer000" in q.id], results.append)
    words = {(r.implementation, r.attributes["train"]): type(r.verdict) for r in results}
    assert words == {("numpy", False): Conforms, ("numpy", True): Inconclusive, (RECORDED, True): Inconclusive}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bn007_input": np.zeros((1, 5, 12, 9), np.float32)}, r"bn007: net\.cfg has no .* number; there are 0, 1, 2"),
        ({"bn001_input": np.zeros((3, 5, 9, 12), np.float32)}, r"bn001 has input of shape .*takes \(N, 5, 12, 9\)"),
        ({"bn002_output": np.zeros((1, 6), np.float32)}, r"bn002 has no input"),
        ({"head_output": np.zeros((1, 6), np.float32)}, r"head_output: of which layer\?"),
        ({"bn001_output": np.zeros((3, 12, 9, 5), np.float32)}, r"NHWC\? array.transpose\(0, 3, 1, 2\)"),
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
