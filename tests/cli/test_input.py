"""`check --input` from the command line: results for what can be asked, exit 2 and why for what cannot."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli import main
from support import Run

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 3, 4, 5)).astype(np.float32)


@pytest.fixture
def check(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "160")
    return lambda file, *more: run("check", "numpy", "--input", file, *more)


def png(path: Path) -> None:
    pytest.importorskip("PIL.Image").fromarray(RNG.integers(0, 256, (6, 5, 3), dtype=np.uint8)).save(path)


def tensors(path: Path) -> None:
    arrays = {"input": X, "scales": X.ravel()[:3].copy()}
    pytest.importorskip("safetensors.numpy").save_file(arrays, path)


#: file -> how it is written, the cases it gives, something of what is drawn.
ACCEPTED = {
    "photo.png": (png, 4, "photo: biases"),
    "rank2.npy": (lambda p: np.save(p, X.reshape(8, 15)), 4, "rank2: scales"),
    "rank3.npy": (lambda p: np.save(p, X[0]), 4, "rank3: delta"),
    "rank4.npy": (lambda p: np.save(p, X), 4, "rank4: bias_updates"),
    "fortran.npy": (lambda p: np.save(p, np.asfortranarray(X)), 4, "fortran: scales"),
    "partial.npz": (lambda p: np.savez(p, input=X, scales=X.ravel()[:3], rolling_mean=X.ravel()[:3]), 4,
                    "partial: biases"),
    "names.npz": (lambda p: np.savez(p, input=X, mean=X.ravel()[:3], variance=np.ones(3, np.float32),
                                     scale_updates=X.ravel()[:3]), 4, "names: biases"),
    "two.npz": (lambda p: np.savez(p, a_input=X, b_input=X[:1]), 8, "b: scale_updates"),
    "mine.safetensors": (tensors, 4, "mine: rolling_variance"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ACCEPTED)
def test_a_file_is_judged_in_both_modes_and_directions(name: str, check: Run, tmp_path: Path) -> None:
    write, cases, drawn = ACCEPTED[name]
    write(tmp_path / name)
    said = check(name)
    assert said.code == 0, said.out + said.err
    assert f"input  {name}  ({cases} cases)" in said.out
    assert "not in the file, generated from seed 0: " in said.out
    assert drawn in said.out.replace("\n", " ")
    assert f"PASS  {cases} conforms" in said.out


def test_what_was_given_is_not_drawn_and_what_means_nothing_is_listed(check: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", input=X, scales=X.ravel()[:3], weights=X, comment=np.array("hello"))
    said = check("mine.npz", "--seed", "7")
    assert said.code == 0
    assert "ignored names in the file: weights, comment" in said.out
    assert "generated from seed 7: mine: bias_updates, mine: biases" in said.out
    assert "mine: scales" not in said.out
    head = json.loads(check("mine.npz", "--json").out)["header"]
    assert head["input"]["ignored"] == ["weights", "comment"]


@pytest.mark.slow
def test_another_seed_is_another_question_and_the_command_repeats_it(check: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", X)
    (tmp_path / "bad.py").write_text("def forward_batchnorm_layer(output, x):\n    return {'x': output * 2}\n")
    main(["check", "bad.py", "--input", "mine.npy", "--seed", "3", "--json", "--output", "run.jsonl"])
    failures = [json.loads(line) for line in Path("run.jsonl").read_text("utf-8").splitlines()]
    commands = [r["reproduce"] for r in failures if r.get("verdict") == "deviates"]
    assert commands
    assert all("--input mine.npy" in c and "--seed 3" in c for c in commands)


@pytest.mark.slow
def test_a_wrong_port_is_found_on_ones_own_tensors(check: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", X)
    (tmp_path / "bad.py").write_text("def forward_batchnorm_layer(output, x):\n    return {'x': output * 2}\n")
    assert main(["check", "bad.py", "--input", "mine.npy"]) == 1


def test_a_recording_that_cannot_be_judged_is_no_pass(check: Run, tmp_path: Path) -> None:
    """numpy conforms, with a drawn array; the recording is inconclusive, and the array that it needs is named."""
    np.savez(tmp_path / "mine.npz", input=X, output=X, rolling_mean=X.ravel()[:3], rolling_variance=np.ones(3, "f4"),
             biases=X.ravel()[:3], gama=X.ravel()[:3])  # fmt: skip
    said = check("mine.npz")
    assert said.code == 1
    why = "scales is not in the file: the recorded output cannot be judged; add it, or give --cfg and --weights"
    assert f"not judged: darknet-forward_batchnorm_layer-mine-inference: recorded output: {why}" in said.out
    assert "gama is not read: no array is called so; did you mean gamma?" in said.out
    told = json.loads(check("mine.npz", "--json").out)
    assert list(told["header"]["unjudged"].values()) == [why]
    cells = {c["implementation"]: (c["verdict"], c["exit_code"]) for c in told["cells"]}
    assert cells == {"numpy": ("conforms", 0), "recorded": ("inconclusive", 1)}


def test_a_pass_of_some_recorded_arrays_is_none_where_others_are_not_judged(check: Run, tmp_path: Path) -> None:
    """The output conforms; the new rolling_mean cannot be judged without the old one."""
    c = np.ones(3, np.float32)
    away = X - X.mean((0, 2, 3), keepdims=True)
    y = away / np.sqrt((away**2).sum((0, 2, 3), keepdims=True) / np.float32(39))
    np.savez(tmp_path / "mine.npz", input=X, scales=c, biases=c * 0, output=y, rolling_mean_after=c)
    told = json.loads(check("mine.npz", "--json").out)
    assert {c["implementation"]: c["verdict"] for c in told["cells"]} == {"numpy": "conforms", "recorded": "conforms"}
    assert told["exit_code"] == 1
    assert [name.rpartition(" ")[2] for name in told["header"]["unjudged"]] == ["rolling_mean"]


def test_the_mode_can_be_given(check: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", input=X)
    for mode, name in (("training", "train"), ("inference", "inference")):
        told = json.loads(check("mine.npz", "--mode", mode, "--json", "--output", "run.jsonl").out)
        assert told["header"]["options"]["mode"] == mode
        cases = [json.loads(line).get("case") for line in Path("run.jsonl").read_text("utf-8").splitlines()]
        assert {c.rpartition("-")[2] for c in cases if c} == {name}
    assert "did you mean training?" in check("mine.npz", "--mode", "trainig").err
    assert main(["check", "numpy", "--mode", "training"]) == 2


def test_vacuous_elements_are_listed(check: Run, tmp_path: Path) -> None:
    """Channel 1 is constant at a large mean: nothing can be said of what is normalized there."""
    data = X.copy()
    data[:, 1] = 1e7 + np.arange(2 * 20, dtype=np.float32).reshape(2, 4, 5) % 2
    np.save(tmp_path / "flat.npy", data)
    said = check("flat.npy")
    assert "no evidence" in said.out
    assert "darknet-forward_batchnorm_layer-flat-train: output: 40 of 120" in said.out


def test_nothing_but_vacuous_elements_is_no_pass(check: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "huge.npy", np.full((2, 2, 3, 3), 3e38, np.float32) * np.sign(X[:, :2, :3, :3]))
    said = check("huge.npy", "--operation", "forward_batchnorm_layer", "--case", "*train")
    assert said.code == 1
    assert "no element could have deviated" in said.out


def truncated(path: Path) -> None:
    np.savez(path, input=X)
    path.write_bytes(path.read_bytes()[:200])


def truncated_tensors(path: Path) -> None:
    tensors(path)
    path.write_bytes(path.read_bytes()[:-9])


def truncated_image(path: Path) -> None:
    png(path)
    path.write_bytes(path.read_bytes()[:60])


def half(path: Path) -> None:
    pytest.importorskip("safetensors.numpy").save_file({"input": X.astype(np.float16)}, path)


def bfloat16(path: Path) -> None:
    """NumPy has no bfloat16: written by hand, four values."""
    head = json.dumps({"input": {"dtype": "BF16", "shape": [1, 2, 2], "data_offsets": [0, 8]}}).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + bytes(8))


#: file -> how it is written, what is said.
REFUSED = {
    "pickled.npz": (lambda p: np.savez(p, input=np.array([{}], object)), "pickled object"),
    "pickled.npy": (lambda p: np.save(p, np.array([{}], object)), "pickled object"),
    "double.npy": (lambda p: np.save(p, X.astype(np.float64)), "dtype float64, needs float32"),
    "bigendian.npy": (lambda p: np.save(p, X.astype(">f4")), "dtype >f4, needs float32"),
    "half.safetensors": (half, "dtype float16, needs float32"),
    "brain.safetensors": (bfloat16, "float32"),
    "rank5.npy": (lambda p: np.save(p, X[None]), "takes (N, C), (C, H, W), (N, C, S) or (N, C, H, W)"),
    "scalar.npy": (lambda p: np.save(p, np.float32(3)), "takes (N, C), (C, H, W), (N, C, S) or (N, C, H, W)"),
    "strange.npz": (lambda p: np.savez(p, weights=X), "no array is called like one of"),
    "no_input.npz": (lambda p: np.savez(p, scales=X.ravel()[:3]), "no `input`: nothing to normalize"),
    "misfit.npz": (lambda p: np.savez(p, input=X, biases=X.ravel()[:4]), "biases has shape (4,), input"),
    "twice.npz": (lambda p: np.savez(p, input_in=X, input_before=X), "keep one of them"),
    "truncated.npz": (truncated, "cannot be read"),
    "truncated.safetensors": (truncated_tensors, "cannot be read"),
    "truncated.png": (truncated_image, "cannot be read"),
    "empty.npy": (lambda p: p.write_bytes(b""), "cannot be read"),
    "directory.npy": (lambda p: p.mkdir(), "no such file"),
    "absent.npy": (lambda p: None, "no such file"),
    "text.csv": (lambda p: p.write_text("1,2"), "unknown kind '.csv'; takes .npy"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_file_is_exit_2_and_says_what_to_do(name: str, check: Run, tmp_path: Path) -> None:
    write, message = REFUSED[name]
    write(tmp_path / name)
    said = check(name)
    assert said.code == 2
    assert said.err.startswith(f"darkparity: {name}: ")
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
