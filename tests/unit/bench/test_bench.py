"""`darkparity bench`: who conforms is timed in turns, who does not is shown and not ranked. No test asserts a time."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkparity.bench import PRESETS, Plan, chosen, floor, measure
from darkparity.bench.calls import PREPARED, Workspace
from darkparity.bench.clock import LEAST_ROUNDS, Entrant, _order, take_turns
from darkparity.bench.plan import problem, wanted
from darkparity.bench.report import Report, Spread
from darkparity.bench.threads import VARIABLES, thread_environment, thread_limit
from darkparity.bench.traffic import Traffic, traffic
from darkparity.cli import main
from darkparity.implementations import Description, load
from darkparity.implementations.shipped import numpy_port
from darkparity.judging.runner import Participant

SMALL = ("--shape", "2x3x4x4", "--rounds", "2")
SHAPE = (2, 3, 4, 4)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def measured(*names: str, **plan: Any) -> Report:
    participants = [Participant.of(load(name)) for name in names]
    return measure(participants, Plan((SHAPE,), rounds=2, **plan), lambda what, done, total: None)


def bad_port(directory: Path) -> str:
    source = Path(numpy_port.__file__).read_text("utf-8")
    (directory / "bad.py").write_text(
        source.replace("return bias_updates + _sum(delta)", "return _sum(delta)").replace('"numpy"', '"bad"'), "utf-8"
    )
    return "bad.py"


def test_conforming_are_timed_and_deviating_are_not_ranked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["bench", "numpy", bad_port(tmp_path), *SMALL, "--json"])
    report = json.loads(capsys.readouterr().out)
    rows = {(t["implementation"], t["mode"], t["way"]): t for t in report["timings"]}
    assert code == report["exit_code"] == 1
    assert report["threads"] == 1
    assert len(rows) == 2 * 3 * 2
    assert rows["numpy", "training", "run"]["ratio"] == {"median": 1.0, "low": 1.0, "high": 1.0}
    assert rows["bad", "inference", "bare"]["seconds"]["median"] > 0
    for way in ("run", "bare"):
        assert (rows["bad", "backward", way]["verdict"], rows["bad", "backward", way]["seconds"]) == ("deviates", None)


def test_table_shows_who_is_not_ranked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "numpy", bad_port(tmp_path), *SMALL, "--mode", "backward"]) == 1
    out = capsys.readouterr().out
    assert "deviates, not ranked" in out
    assert "3 read + 1 written: numpy run, numpy bare" in out
    assert "1 thread," in out
    assert "2x3x4x4" in out


def test_a_bare_function_that_deviates_is_not_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract's answer was right; what is timed bare is judged on its own."""
    participant = Participant.of(load("numpy"))
    right = participant.implementation.bound  # type: ignore[attr-defined]

    def wrong(*call: Any) -> Any:
        function, results = right(*call)
        return function, lambda got: {name: array + 1 for name, array in results(got).items()}

    monkeypatch.setattr(participant.implementation, "bound", wrong)
    plan = Plan((SHAPE,), modes=("training",), rounds=2)
    timings = {t.way: t for t in measure([participant], plan, lambda *_: None).timings}
    assert timings["run"].seconds
    assert (timings["bare"].verdict, timings["bare"].seconds) == ("deviates", None)


@pytest.mark.parametrize("name", ["cpp", "numpy"])
@pytest.mark.parametrize("mode", ["training", "inference", "backward"])
def test_state_is_restored_between_rounds(name: str, mode: str) -> None:
    participant, asked = Participant.of(load(name)), problem(mode, SHAPE, "darknet")
    space = Workspace(asked)
    call = PREPARED["bare"](participant, asked, wanted(asked, "all"), space)
    assert call
    seen = []
    for _ in range(2):
        call.restore()
        seen.append({k: v.copy() for k, v in call.results(call.call()).items()})
    assert all(np.array_equal(seen[0][k], seen[1][k]) for k in seen[0])
    call.restore()
    assert all(np.array_equal(space.arrays[k], asked.arrays[k]) for k in asked.arrays)


def test_turns_rotate_and_every_entrant_has_every_round() -> None:
    said: list[str] = []
    entrants = [Entrant(lambda n=n: said.append(n)) for n in "abc"]  # type: ignore[misc]
    assert {tuple(map(id, _order(entrants, k))) for k in range(6)} > {tuple(map(id, entrants))}
    assert len({id(_order(entrants, k)[0]) for k in range(6)}) == 3
    take_turns(entrants, 0.0, None)
    assert [len(e.seconds) for e in entrants] == [LEAST_ROUNDS] * 3
    assert all(e.iterations > 1 for e in entrants)  # an empty call is far below the clock's resolution


def test_restoring_is_not_timed() -> None:
    entrant = Entrant(lambda: None, restore=lambda: time.sleep(0.02))
    entrant.round()
    assert entrant.seconds[0] < 0.02


def test_a_program_reports_its_own_time() -> None:
    entrant = Entrant(lambda: None, reported=lambda: 0.25)
    entrant.round()
    assert entrant.seconds == [0.25]
    assert entrant.busy is None


def test_a_dialect_is_of_those_who_offer_it(capsys: pytest.CaptureFixture[str]) -> None:
    report = measured("cpp", "numpy", dialect="pytorch", modes=("backward",), ways=("bare",))
    assert {(t.implementation, t.dialect, t.traffic) for t in report.timings} == {
        (name, "pytorch", Traffic(2, 1)) for name in ("cpp", "numpy")
    }
    plan = Plan((SHAPE,), dialect="pytorch")
    offers = (Description("it", "", offered, ()) for offered in ((), ("flax",), ("flax", "darknet")))
    assert [plan.dialect_of(told) for told in offers] == ["pytorch", "flax", "darknet"]
    assert main(["bench", "numpy", *SMALL, "--mode", "backward", "--bare", "--dialect", "flax"]) == 0
    assert " flax " in capsys.readouterr().out


def test_what_a_dialect_lacks_is_not_timed() -> None:
    rows = {t.mode: t for t in measured("numpy", dialect="opencv", ways=("bare",)).timings}
    assert {mode: t.verdict for mode, t in rows.items() if t.seconds is None} == {
        "training": "unsupported", "backward": "unsupported"}  # fmt: skip
    assert rows["inference"].verdict == "conforms"
    assert rows["backward"].note == "the dialect opencv has no backward"


def test_ratios_are_paired_by_round() -> None:
    report = measured("cpp", "numpy", baseline="cpp", modes=("training",), ways=("bare",))
    by_name = {t.implementation: t for t in report.timings}
    assert by_name["cpp"].ratio == Spread(1.0, 1.0, 1.0)
    ratio = by_name["numpy"].ratio
    assert ratio
    assert 0 < ratio.low <= ratio.median <= ratio.high
    assert set(report.means()) == {("training", "bare", "cpp"), ("training", "bare", "numpy")}


@pytest.mark.parametrize(
    ("mode", "dialect", "outputs", "expected"),
    [
        ("training", "darknet", "output", Traffic(1, 1)),
        ("training", "darknet", "all", Traffic(1, 3)),
        ("inference", "darknet", "output", Traffic(1, 1)),
        ("inference", "darknet", "all", Traffic(1, 2)),
        ("backward", "darknet", "all", Traffic(3, 1)),
        ("backward", "pytorch", "output", Traffic(2, 1)),
    ],
)
def test_arrays_that_must_move(mode: str, dialect: str, outputs: str, expected: Traffic) -> None:
    asked = problem(mode, SHAPE, dialect)
    assert traffic(asked, wanted(asked, outputs)) == expected
    assert expected.bytes(10) == 40 * (expected.reads + expected.writes)


@pytest.mark.parametrize("stream", [floor._STREAM, floor._numpy], ids=["C++ if built", "NumPy"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("elements", [100_001, (1 << 20) + 1])
@pytest.mark.parametrize("need", [Traffic(1, 1), Traffic(2, 1), Traffic(3, 1), Traffic(1, 3)], ids=str)
def test_floor_writes_every_element(
    need: Traffic, elements: int, threads: int, stream: floor.Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor, "_STREAM", stream)
    streamed = floor.Floor(need, elements)
    for target in streamed._targets:
        target.fill(-1)
    with thread_limit(threads):
        streamed()
    assert all(target.size >= elements for target in streamed._targets)
    assert all(np.all(target == need.reads) for target in streamed._targets)
    streamed.close()


def test_backward_follows_a_forward_of_its_x() -> None:
    arrays = problem("backward", SHAPE, "darknet").arrays
    assert np.allclose(arrays["mean"], arrays["x"].mean(axis=(0, 2)), atol=1e-6)
    assert np.allclose(arrays["variance"], arrays["x"].var(axis=(0, 2), ddof=1), rtol=1e-5)
    assert abs(arrays["x_norm"].mean()) < 1e-6


def test_geometries(tmp_path: Path) -> None:
    cfg = tmp_path / "net.cfg"
    layer = "[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\nstride=2\npad=1\nactivation=leaky\n"
    cfg.write_text("[net]\nheight=16\nwidth=8\nchannels=3\n" + layer + layer, "utf-8")
    assert chosen((), (), (cfg,), None) == ((1, 4, 8, 4), (1, 4, 4, 2))
    assert chosen(("2x3x4x4",), (), (cfg, cfg), 5) == ((5, 4, 8, 4), (5, 4, 4, 2), SHAPE)
    assert chosen((), ("targets",), (), None) == PRESETS["targets"]
    assert {len(PRESETS[name]) for name in ("yolov3-tiny", "darknet53", "resnet50")} == {9, 11, 12}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--baseline", "cpp"), "--baseline takes one of numpy"),
        (("--preset", "vgg"), "known are yolov3-tiny, darknet53, resnet50, targets"),
        (("--mode", "sideways"), "known are training, inference, backward"),
        (("--outputs", "none"), "known are output, all"),
        (("--dialect", "theano"), "no dialect 'theano'; known: darknet"),
        (("--plot", "picture.gif"), "ends in neither of .png, .svg"),
        (("--compare", "absent.json"), "no report of `darkparity bench`: absent.json: cannot be read"),
    ],
)
def test_what_cannot_be_measured_is_said(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    assert main(["bench", "numpy", *SMALL, *arguments]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["picture.png", "picture.svg"])
def test_plot(name: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert main(["bench", "numpy", *SMALL, "--plot", name]) == 0
    assert (tmp_path / name).stat().st_size > 1000


def test_threads_are_told_to_libraries_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLES[0], "7")
    monkeypatch.delenv(VARIABLES[1], raising=False)
    with thread_environment(2):
        assert {os.environ[name] for name in VARIABLES} == {"2"}
    assert os.environ[VARIABLES[0]] == "7"
    assert VARIABLES[1] not in os.environ


@pytest.mark.parametrize(("name", "get"), [("darkparity._core", "threads"), ("torch", "get_num_threads")])
def test_loaded_libraries_are_told_and_put_back(name: str, get: str) -> None:
    library = pytest.importorskip(name)
    if not hasattr(library, get):
        pytest.skip("built without cpp-fused")
    threads = getattr(library, get)
    before = threads()
    with thread_limit(before + 1):
        assert threads() == before + 1
    assert threads() == before


@pytest.mark.parametrize("name", ["torch", "torch-native", "onnxruntime", "flax", "darknet"])
def test_others_side_by_side(name: str) -> None:
    """Where installed: measured in their own dialect, bare as well."""
    try:
        load(name)
    except ImportError:
        pytest.skip(f"{name} is not installed")
    except Exception as error:
        if type(error).__name__ != "NotInstalled":
            raise
        pytest.skip(str(error))
    report = measured("numpy", name, modes=("training", "inference"), ways=("run", "bare"))
    found = {(t.mode, t.way): t for t in report.timings if t.implementation == name}
    assert {t.verdict for t in found.values()} == {"conforms"}
    assert all(t.seconds and t.ratio and t.floor for t in found.values())
    assert {way for _, way in found} >= {"run"}
