"""One's own network backward: a state that a training forward leaves, every layer judged, dialects compared."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli import main
from darkparity.dialects import DIALECTS
from darkparity.implementations.shipped import numpy_port
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Deviates
from darkparity.oracle.deviations import DEVIATIONS
from darkparity.problems.network.asking import Asked, OwnNetwork, Source, arrays_of, open_network, problems_of
from darkparity.problems.network.delta_differences import delta_differences, others
from darkparity.proof.deviating import DeviatingImplementation
from darkparity.spec import BACKWARD, FORWARD
from small_network import FILES, saved_network
from support import shipped

DARKNET = DIALECTS["darknet"]


@pytest.fixture
def own(tmp_path: Path) -> OwnNetwork:
    return saved_network(tmp_path)


def wide(asked: Asked, name: str) -> np.ndarray:
    return asked.parameters[name].astype(np.float64)[:, None]


def test_the_state_is_that_after_a_training_forward(own: OwnNetwork) -> None:
    for asked in own.asked:
        arrays = arrays_of(asked, DARKNET, BACKWARD, train=True)
        x = asked.activations.astype(np.float64)
        mean, variance = x.mean((0, 2)), x.var((0, 2), ddof=1)
        x_norm = (x - mean[:, None]) / (np.sqrt(variance) + 1e-6)[:, None]
        assert np.array_equal(arrays["x"], asked.activations)
        np.testing.assert_array_equal(arrays["mean"], mean.astype(np.float32))
        np.testing.assert_allclose(arrays["variance"], variance, rtol=2.0**-23)
        np.testing.assert_allclose(arrays["x_norm"], x_norm, rtol=2.0**-22, atol=2.0**-24)


def test_the_parameters_are_the_files(own: OwnNetwork) -> None:
    for asked in own.asked:
        for train in (True, False):
            arrays = arrays_of(asked, DARKNET, BACKWARD, train)
            for name in ("scales", "rolling_mean", "rolling_variance"):
                assert np.array_equal(arrays[name], asked.parameters[name])
            assert np.abs(arrays["bias_updates"]).min() > 0


def test_cudnn_leaves_inverse_deviations(own: OwnNetwork) -> None:
    asked = own.asked[0]
    ours, theirs = (arrays_of(asked, DIALECTS[name], BACKWARD, train=True) for name in ("darknet-gpu", "darknet-cudnn"))
    m = asked.activations[:, 0].size
    biased = ours["variance"].astype(np.float64) * (m - 1) / m
    np.testing.assert_allclose(theirs["variance"], 1 / np.sqrt(biased + 1e-5), rtol=1e-6)


def test_delta_depends_on_seed_and_layer(own: OwnNetwork) -> None:
    other = open_network(own.network.path, own.weights.path, Source(seed=1))
    deltas = [arrays_of(n.asked[i], DARKNET, BACKWARD, train=True)["delta"] for n in (own, other) for i in (0, 1)]
    assert deltas[0].shape == deltas[1].shape
    assert len({d.tobytes() for d in deltas}) == 4
    assert 0.05 < deltas[0].std() < 0.2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cpp", "numpy", "torch", "darknet"])
def test_every_layer_conforms_in_both_directions_and_modes(name: str, own: OwnNetwork) -> None:
    who = Participant.of(shipped(name))
    asked = problems_of(own, [DARKNET])
    assert len({q.id for q in asked}) == len(asked) == 3 * 4
    for problem in asked:
        result = ask(who, problem)[0]
        assert isinstance(result.verdict, Conforms), f"{problem.id}: {result.verdict}"
        assert result.separates


#: Wrong only in backward -> the modes in which that shows.
PLANTED = {
    "mean_delta_epsilon_1e6": {True, False},
    "direct_epsilon_in_other_place": {True, False},
    "backward_over_m_minus_1": {True, False},
    "bias_updates_overwritten": {True, False},
    "fixed_statistics": {True, False},
    "updates_after_scaling": {True, False},
    "rolling_in_training_backward": {True},
    "inference_backward_batch": {False},
    "x_norm_recomputed_in_inference": {False},
    "rolling_aliased": {False},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_shows_in_backward_alone(name: str, own: OwnNetwork) -> None:
    who = Participant.of(DeviatingImplementation(DEVIATIONS[name]))
    for problem in problems_of(own, [DARKNET]):
        wrong = problem.operation == BACKWARD and problem.attributes["train"] in PLANTED[name]
        verdict = ask(who, problem)[0].verdict
        assert isinstance(verdict, Deviates if wrong else Conforms), f"{problem.id}: {verdict}"


@pytest.mark.slow
def test_the_command_line_names_the_layer_and_asks_it_again(
    own: OwnNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    source = Path(numpy_port.__file__).read_text("utf-8")
    wrong = source.replace("return -_sum(delta) / _root", "return _sum(delta) / _root")
    assert wrong != source
    (tmp_path / "port.py").write_text(wrong)
    assert main(["check", "port.py", *FILES, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert {c["operation"]: c["verdict"] for c in said["cells"]} == {FORWARD: "conforms", BACKWARD: "deviates"}
    assert main(["check", "port.py", *FILES, "--case", f"darknet-{BACKWARD}-layer001-inference"]) == 1
    out = capsys.readouterr().out
    assert f"--case darknet-{BACKWARD}-layer001-inference" in out
    assert "mean_delta" in out
    assert main(["check", "port.py", *FILES, "--operation", FORWARD]) == 0
    assert main(["check", "port.py", *FILES, "--operation", "mean_cpu"]) == 2


def test_dialects_with_one_delta_share_a_column() -> None:
    columns = [set(names.split(", ")) for names in others()]
    assert not any({"darknet", "darknet-gpu"} & names for names in columns)
    assert sum("pytorch" in names and "flax" in names for names in columns) == 1
    assert sum("keras" in names for names in columns) == sum("pytorch" in names for names in columns) == 1
    backward = {name for name, row in DIALECTS.items() if not row.inference_only}
    assert set().union(*columns) == backward - {"darknet", "darknet-gpu"}


def test_only_what_a_dialect_has_is_asked(own: OwnNetwork) -> None:
    asked = problems_of(own, [DIALECTS["opencv"]])
    assert [(q.operation, q.attributes["train"]) for q in asked] == [(FORWARD, False)] * 3


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["caffe", "mxnet", "alexeyab", "pytorch"])
def test_every_dialect_can_be_asked(own: OwnNetwork, dialect: str) -> None:
    """Among them sums that are divided by their weight, and statistics that backward updates."""
    who = Participant.of(shipped("numpy"))
    asked = problems_of(own, [DIALECTS[dialect]])
    assert len(asked) == 12
    assert all(isinstance(ask(who, q)[0].verdict, Conforms) for q in asked)


def test_differences_of_delta_are_those_of_the_formulas(own: OwnNetwork) -> None:
    """The first layer in inference mode: PyTorch's constants against DarkNet's three terms, written out."""
    asked = own.asked[0]
    row = next(r for r in delta_differences(own) if r["layer"] == asked.name)
    arrays = arrays_of(asked, DARKNET, BACKWARD, train=False)
    delta = arrays["delta"] * wide(asked, "scales")
    centred = arrays["x"] - wide(asked, "rolling_mean")
    spread = wide(asked, "rolling_variance") + np.float32(1e-5)
    m = asked.activations[:, 0].size
    fixed = delta / np.sqrt(spread)
    along, total = (part.sum((0, 2))[:, None] for part in (delta * centred, delta))
    moved = (centred * along / spread + total) / np.sqrt(spread) / m
    contrast = np.ptp(fixed - moved, axis=(0, 2)) / 2
    column = next(name for name in row["others"] if "pytorch" in name.split(", "))
    expected = (np.abs(moved).max((0, 2)) / contrast).max()
    assert row["others"][column]["inference"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.slow
def test_differences_of_delta_are_shown(
    own: OwnNetwork, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    assert main(["check", "numpy", *FILES]) == 0
    lines = capsys.readouterr().out.partition("what other dialects do to delta")[2].splitlines()
    assert "pytorch, flax" in "\n".join(lines)
    cudnn = next(i for i, line in enumerate(lines) if line.endswith("alexeyab-cudnn"))
    column = lines[cudnn].split()[0]
    head = next(line for line in lines if line.startswith("layer"))
    first = next(i for i, line in enumerate(lines) if line.startswith("000 "))
    assert lines[first + 1].split()[head.split().index(column) - 2] == "="
