"""Fuzzing: the same seed draws the same cases; what is wrong is found, shrinks, and can be asked again."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from darkparity.cases import Case
from darkparity.cases.fills import normal
from darkparity.cli import main
from darkparity.dialects import DIALECTS
from darkparity.fuzz import Finding, Limits, random_case, search
from darkparity.fuzz.drawing import OPERATION_CHOICES
from darkparity.fuzz.saving import save
from darkparity.fuzz.snippets import c_snippet, numpy_snippet
from darkparity.judging.runner import Participant, Result
from darkparity.judging.verdict import Unsupported
from darkparity.oracle.deviations import DEVIATIONS
from darkparity.problems.golden.store import Store, problem
from darkparity.problems.select import live
from darkparity.proof.deviating import DeviatingImplementation
from darkparity.proof.fuzz_drill import DRAWN, drawn, drill
from darkparity.proof.honest import gather
from darkparity.spec import Call, check_call

ROW = DIALECTS["darknet"]
PORT = """
import numpy as np

def scale_bias(output, scales):
    return output * np.abs(scales)[:, None]
"""


def found_in(name: str, *operations: str, seed: int = 1) -> Finding:
    wrong = Participant.of(DeviatingImplementation(DEVIATIONS[name]))
    found, _ = search(wrong, ROW, Limits(2000, 60, seed), operations)
    assert found is not None
    return found


@pytest.mark.parametrize("dialect", ["darknet", "pytorch"])
def test_drawn_cases_keep_the_contract(dialect: str) -> None:
    for seed in range(200):
        case = random_case(seed, DIALECTS[dialect])
        check_call(Call(case.operation, DIALECTS["darknet"], case.arrays(), case.full_attributes))


def test_drawn_cases_reach_everything() -> None:
    cases = [random_case(seed, ROW) for seed in range(600)]
    assert {c.operation for c in cases} == set(OPERATION_CHOICES)
    assert {c.attributes.get("type") for c in cases} > {"BATCHNORM", "CONVOLUTIONAL", "CONNECTED"}
    assert len({c.attributes.get("modes") for c in cases}) > 10


def test_a_seed_is_a_case() -> None:
    """On every machine and Python: a stored literal."""
    assert random_case(7, ROW) == random_case(7, ROW)
    assert isinstance(random_case(7, ROW), Case)
    assert len({repr(random_case(seed, ROW)) for seed in range(50)}) == 50


def test_the_published_draw_is_ten_of_the_catalogue() -> None:
    assert len(set(drawn())) == DRAWN
    assert all(name in DEVIATIONS for name in drawn())


@pytest.mark.slow
@pytest.mark.parametrize("name", drawn()[:3])
def test_what_is_wrong_is_found_and_shrinks(name: str) -> None:
    (result,) = drill([name])
    assert result.found
    assert result.elements <= 12


def test_nothing_is_found_in_an_honest_port() -> None:
    honest, asked = search(gather(["serial"]).participants[0], ROW, Limits(60, 20, 0), ("mean_cpu", "scale_bias"))
    assert honest is None
    assert asked > 30


def test_time_ends_a_search() -> None:
    found, asked = search(gather(["serial"]).participants[0], ROW, Limits(10**6, 0.2, 0), ("mean_cpu",))
    assert found is None
    assert asked < 10**4


def test_searches_are_deterministic() -> None:
    first, second = found_in("scales_magnitude", "scale_bias"), found_in("scales_magnitude", "scale_bias")
    assert first.case == second.case
    assert first.elements == 1


@pytest.mark.slow
def test_numpy_snippet_stands_alone_and_fails(tmp_path: Path) -> None:
    for name in ("variance_bessel_twice", "nan_swallowed"):
        (tmp_path / "case.py").write_text(numpy_snippet(found_in(name)), "utf-8")
        done = subprocess.run([sys.executable, "case.py"], cwd=tmp_path, capture_output=True, text=True)
        assert "AssertionError" in done.stderr


@pytest.mark.parametrize(("name", "operation"), [
    ("scales_magnitude", "scale_bias"), ("scal_divides", "scal_cpu"), ("biased_variance", "forward_batchnorm_layer"),
])  # fmt: skip
def test_c_snippet_compiles(name: str, operation: str, tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    (tmp_path / "case.c").write_text(c_snippet(found_in(name, operation)), "utf-8")
    command = [compiler, "-std=c99", "-Wall", "-Werror", "-Wno-unused-variable", "-c", "case.c"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_large_finding_is_saved_whole(tmp_path: Path) -> None:
    case = Case("fuzz_1", "add_bias", "Found by fuzzing.", {"output": normal(), "biases": normal()}, (16, 1, 17, 17))
    path, options = save(Finding(case, live(case, ROW), Result("x", "", "", "", Unsupported("")), None), tmp_path)
    name = path.relative_to(tmp_path).as_posix()
    np.testing.assert_array_equal(problem(Store(tmp_path).read(name), name).arrays["output"], case.arrays()["output"])
    assert main(["check", "numpy", *shlex.split(options), "--output", str(tmp_path / "run.jsonl")]) == 0


def test_saved_cases_join_one_store(tmp_path: Path) -> None:
    for name in ("scales_magnitude", "scales_squared"):
        path, options = save(found_in(name, "scale_bias"), tmp_path)
        assert path.is_file()
    assert main(["golden", "show", *shlex.split(options)[3:], "--store", str(tmp_path)]) == 0


def test_the_command_finds_saves_and_asks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("port.py").write_text(PORT, "utf-8")
    assert main(["fuzz", "port.py", "--seed", "3", "--max-examples", "500"]) == 1
    shown = capsys.readouterr().out
    assert "expected_output" in shown
    assert "void scale_bias(" in shown
    again = shlex.split(shown.strip().splitlines()[-1].partition("again: ")[2])
    assert main([*again[1:], "--json", "--output", "run.jsonl"]) == 1
    counts = json.loads(capsys.readouterr().out)
    assert counts["exit_code"] == 1
    assert not Path(".hypothesis").exists()


def test_the_command_finds_nothing_in_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["fuzz", "numpy", "--operation", "scale_bias", "--max-examples", "30", "--json"]) == 0
    assert not list(tmp_path.iterdir())


def test_the_extra_is_named_where_it_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    assert main(["fuzz", "numpy"]) == 2
    assert "darkparity[fuzz]" in capsys.readouterr().err
