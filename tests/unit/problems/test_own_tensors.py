"""A user's own tensors: what files give, what is refused and how, and recordings of a real network."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.formats.tensor_files import InputError
from darkparity.implementations import load
from darkparity.judging.result import RECORDED, Result
from darkparity.judging.runner import Participant, run
from darkparity.judging.verdict import Conforms, Deviates
from darkparity.problems.own_tensors import Reading, read
from darkparity.spec import BACKWARD, FORWARD, Call
from support import ROOT

DATA = Path(os.environ.get("DARKPARITY_DATA", ROOT.parent / "shared" / "data"))
ROW = DIALECTS["darknet"]
RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 3, 4, 5)).astype(np.float32)


def ask(reading: Reading) -> list[Result]:
    results: list[Result] = []
    run([Participant.of(load("numpy"))], reading.problems, results.append)
    return results


def verdicts(results: list[Result]) -> list[tuple[str, type]]:
    return [(r.implementation, type(r.verdict)) for r in results]


def saved(folder: Path, **arrays: np.ndarray) -> Path:
    path = folder / "mine.npz"
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(("shape", "geometry"), [((2, 3, 4, 5), (2, 3, 20)), ((3, 4, 5), (1, 3, 20)),
                                                 ((8, 15), (8, 15, 1))])  # fmt: skip
def test_a_lone_tensor_is_asked_in_both_modes_and_directions(
    tmp_path: Path, shape: tuple[int, ...], geometry: tuple[int, ...]
) -> None:
    path = tmp_path / "mine.npy"
    np.save(path, X.ravel()[: int(np.prod(shape))].reshape(shape))
    reading = read(path, ROW)
    asked = [(q.operation, q.attributes["train"]) for q in reading.problems]
    assert asked == [(FORWARD, True), (BACKWARD, True), (FORWARD, False), (BACKWARD, False)]
    for problem in reading.problems:
        name = "output" if problem.operation == FORWARD else "x"
        np.testing.assert_array_equal(problem.arrays[name].ravel(), X.ravel()[: int(np.prod(shape))])
        assert problem.arrays[name].shape == geometry
    assert "mine: scales" in reading.drawn
    assert not reading.ignored
    assert all(isinstance(r.verdict, Conforms) for r in ask(reading))


def test_what_is_drawn_depends_on_the_seed_alone(tmp_path: Path) -> None:
    path = saved(tmp_path, input=X)
    first, again, other = (read(path, ROW, seed).problems[0].arrays["scales"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.all(first != other)


def test_given_parameters_are_used_and_strange_names_listed(tmp_path: Path) -> None:
    scales = np.array([1, -2, 3], np.float32)
    reading = read(saved(tmp_path, a_input=X, a_scales=scales, b_input=X[:1], meta=np.zeros(3)), ROW)
    assert reading.ignored == ["meta"]
    assert {q.id.split("-")[2] for q in reading.problems} == {"a", "b"}
    assert all(np.array_equal(q.arrays["scales"], scales) for q in reading.problems if "-a-" in q.id)
    assert "a: scales" not in reading.drawn
    assert "b: scales" in reading.drawn


def test_safetensors(tmp_path: Path) -> None:
    numpy_format = pytest.importorskip("safetensors.numpy")
    path = tmp_path / "mine.safetensors"
    numpy_format.save_file({"input": X, "biases": np.ones(3, np.float32)}, path)
    assert np.all(read(path, ROW).problems[0].arrays["biases"] == 1)
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(InputError, match="cannot be read"):
        read(path, ROW)


def test_an_image_is_scaled_like_darknet_does(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    pixels = RNG.integers(0, 256, (6, 5, 3), dtype=np.uint8)
    path = tmp_path / "photo.png"
    image.fromarray(pixels).save(path)
    got = read(path, ROW).problems[0].arrays["output"]
    right = (pixels / np.float32(255)).astype(np.float32).transpose(2, 0, 1).reshape(1, 3, 30)
    np.testing.assert_array_equal(got, right)


REFUSED = {
    "pickled.npz": (lambda p: np.savez(p, input=np.array([{}], object)), "pickled object"),
    "double.npz": (lambda p: np.savez(p, input=X.astype(np.float64)), "dtype float64, needs float32"),
    "rank5.npy": (lambda p: np.save(p, X[None]), r"\(N, C\), \(C, H, W\), \(N, C, S\) or"),
    "rank1.npy": (lambda p: np.save(p, X.ravel()), r"input has shape \(120,\)"),
    "empty.npy": (lambda p: np.save(p, X[:0]), "nothing empty"),
    "strange.npz": (lambda p: np.savez(p, weights=X), "no array is called like one of .*found weights"),
    "without_input.npz": (lambda p: np.savez(p, scales=X.ravel()[:3]), "no `input`: nothing to normalize"),
    "misfit.npz": (lambda p: np.savez(p, input=X, scales=X.ravel()[:4]), r"scales has shape \(4,\)"),
    "no_zip.npz": (lambda p: p.write_bytes(b"PK\x03\x04 broken"), "cannot be read"),
    "zero_bytes.npy": (lambda p: p.write_bytes(b""), "cannot be read"),
    "text.csv": (lambda p: p.write_text("1,2"), r"unknown kind '.csv'; takes .npy"),
    "absent.npy": (lambda p: None, "no such file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_files_are_refused_with_what_to_do(name: str, tmp_path: Path) -> None:
    write, message = REFUSED[name]
    write(tmp_path / name)
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path / name, ROW)
    assert name in str(caught.value)


def recording(folder: Path, **changes: np.ndarray) -> Path:
    """What the NumPy port computed in one training step, under the names of a recording."""
    how = {"type": "CONVOLUTIONAL", "train": True, "out_h": 4, "out_w": 5}
    flat, c = np.ascontiguousarray(X.reshape(2, 3, 20)), np.arange(1, 4, dtype=np.float32)
    arrays = {"output": flat, "x": flat, "x_norm": flat, "scales": c, "biases": -c, "mean": c, "variance": c,
              "rolling_mean": c / 8, "rolling_variance": c / 4}  # fmt: skip
    got = load("numpy").run(Call(FORWARD, ROW, arrays, how))
    results = {f"bn_{n}": got[n] for n in ("output", "mean", "variance", "x_norm")}
    rolling = {f"bn_{n}_after": got[n] for n in ("rolling_mean", "rolling_variance")}
    before = {f"bn_{n}_before": arrays[n] for n in ("rolling_mean", "rolling_variance")}
    given = {"bn_input": X, "bn_scales": c, "bn_biases": -c}
    return saved(folder, **{**results, **rolling, **before, **given, **changes})


def test_a_recording_is_judged_as_one_more_implementation(tmp_path: Path) -> None:
    results = ask(read(recording(tmp_path), ROW))
    assert verdicts(results) == [(RECORDED, Conforms), ("numpy", Conforms)]
    assert {c.array for c in results[0].verdict.comparisons} == {
        "output", "mean", "variance", "x_norm", "rolling_mean", "rolling_variance"}  # fmt: skip


def test_a_wrong_recording_is_found(tmp_path: Path) -> None:
    wrong = np.array([0.01, 0.02, 0.03], np.float32)
    results = ask(read(recording(tmp_path, bn_rolling_mean_after=wrong), ROW))
    assert verdicts(results) == [(RECORDED, Deviates), ("numpy", Conforms)]
    assert results[0].verdict.worst.array == "rolling_mean"


def test_a_layer_recorded_by_darknet_itself_conforms() -> None:
    """Origin: tests/data/README.md. Forward and backward of one training step, judged as `recorded`."""
    reading = read(ROOT / "tests" / "data" / "recorded-layer.npz", ROW)
    asked = [(q.operation, q.attributes["train"]) for q in reading.problems]
    assert asked == [(FORWARD, True), (BACKWARD, True)]
    assert not reading.ignored
    assert not reading.drawn
    results = ask(reading)
    assert verdicts(results) == [(RECORDED, Conforms), ("numpy", Conforms)] * 2
    observed = {c.array for r in results if r.implementation == RECORDED for c in r.verdict.comparisons}
    assert {"output", "x_norm", "rolling_variance", "delta", "bias_updates", "variance_delta"} <= observed
    assert all(c.evidence for r in results for c in r.verdict.comparisons)


def test_the_recorded_layer_is_no_other_dialect() -> None:
    """The control: judged as AlexeyAB's fork the same recording deviates in both directions."""
    results = ask(read(ROOT / "tests" / "data" / "recorded-layer.npz", DIALECTS["alexeyab"]))
    assert [type(r.verdict) for r in results if r.implementation == RECORDED] == [Deviates, Deviates]


@pytest.mark.parametrize("mode", ["train", "infer"])
def test_a_real_network_recorded_by_darknet_itself_conforms(mode: str) -> None:
    """Five layers of a trained network on eight photographs, computed by Debian's darknet package."""
    path = DATA / "yoloface-50k" / f"captured-{mode}.npz"
    if not path.is_file():
        pytest.skip(f"{path} is not there (set DARKPARITY_DATA)")
    reading = read(path, ROW)
    assert len({q.id.rpartition("-")[0].rpartition("-")[2] for q in reading.problems}) == 5
    results = ask(reading)
    assert {r.implementation for r in results} == {RECORDED, "numpy"}
    assert not [r for r in results if not isinstance(r.verdict, Conforms)]
