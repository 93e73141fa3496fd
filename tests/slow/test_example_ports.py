"""The starting points of `new-port` conform, and a broken copy of each deviates; offline, they answer later."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkparity.cli import main
from darkparity.cli.new_port import STARTERS, Language, commands, write
from darkparity.dialects import DIALECTS
from darkparity.implementations import load
from darkparity.implementations.wire.external import External
from darkparity.judging.participants import close
from darkparity.judging.runner import Participant, ask
from darkparity.problems.problem import Problem, live_expectation
from darkparity.spec import Call
from support import ROOT

#: What each needs beside darkparity: programs, modules.
NEEDS = {
    Language.C: (("cc",), ()),
    Language.JAVASCRIPT: (("node",), ()),
    Language.PYTHON: ((), ()),
    Language.PYTHON_WIRE: ((), ("numba",)),
    Language.PYBIND11: (("c++",), ("pybind11",)),
}
#: A bug that ports have: file, right text, wrong text, operation that shows it.
BROKEN = {
    Language.C: ("port.c", "sqrt(variance[f]) + .000001f", "sqrt(variance[f] + .000001f)", "normalize_cpu"),
    Language.JAVASCRIPT: ("port.js", "ALPHA: f32(0.01)", "ALPHA: f32(0.1)", "forward_batchnorm_layer"),
    Language.PYTHON: ("port.py", "return bias_updates + _sum(delta)", "return _sum(delta)", "backward_bias"),
    Language.PYTHON_WIRE: ("port.py", "scale_updates[c] += total", "scale_updates[c] = total", "backward_scale_cpu"),
    # The rolling statistics are copied over the layer's, which the next training step needs.
    Language.PYBIND11: ("port.py", "mean, variance = rolling", "mean[:], variance[:] = rolling",
                        "backward_batchnorm_layer"),
}  # fmt: skip
STRICT = "cc -Wall -Wextra -Werror -std=gnu99 -O2"


def needed(language: Language) -> None:
    programs, modules = NEEDS[language]
    missing = [p for p in programs if shutil.which(p) is None]
    missing += [m for m in modules if importlib.util.find_spec(m) is None]
    if missing:
        pytest.skip(f"{language}: {', '.join(missing)} not installed")


def build(language: Language, directory: Path) -> None:
    """Run the first command that new-port prints (pip has nothing to do here); warnings are errors."""
    command, _ = commands(language, directory)
    if language is Language.PYBIND11:
        command = command.replace("-O2", "-Wall -Wextra -Werror -O1")  # as right, built in half the time
    if " pip " not in command:
        command = re.sub("^cc -O2", STRICT, command)
        subprocess.run(command, shell=True, check=True, cwd=directory, capture_output=True, timeout=300)


def participant(language: Language, directory: Path) -> Participant:
    """What the second command checks."""
    _, check = commands(language, directory)
    *options, port = shlex.split(check)[2:]
    return Participant.of(External(shlex.split(port)) if options else load(port))


@pytest.fixture(scope="session", params=list(Language))
def language(request: pytest.FixtureRequest) -> Language:
    needed(request.param)
    return request.param


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[Language, Path]:
    return {}


def built(language: Language, places: dict[Language, Path], factory: pytest.TempPathFactory) -> Path:
    """Its directory, built once."""
    if language not in places:
        directory = factory.mktemp(f"port of {language}")
        write(language, directory)
        build(language, directory)
        places[language] = directory
    return places[language]


@pytest.fixture
def place(language: Language, places: dict[Language, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(language, places, tmp_path_factory)


@pytest.fixture
def c_port(places: dict[Language, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    needed(Language.C)
    return built(Language.C, places, tmp_path_factory) / "port"


def verdicts(asked: Participant, problems: list[Problem]) -> dict[str, str]:
    try:
        return {q.id: ask(asked, q)[0].verdict.word for q in problems}
    finally:
        close([asked])


def test_it_conforms_on_every_golden_case(language: Language, place: Path, problems: tuple[Problem, ...]) -> None:
    asked = participant(language, place)
    assert asked.name == "my_port"
    assert set(verdicts(asked, list(problems)).values()) == {"conforms"}


def test_a_broken_copy_deviates(language: Language, place: Path, problems: tuple[Problem, ...], tmp_path: Path) -> None:
    file, right, wrong, operation = BROKEN[language]
    directory = tmp_path / "broken"
    shutil.copytree(place, directory)
    text = (directory / file).read_text("utf-8")
    assert text.count(right) == 1
    (directory / file).write_text(text.replace(right, wrong), "utf-8")
    if language is not Language.PYBIND11:  # its module is as it was
        build(language, directory)
    found = verdicts(participant(language, directory), [q for q in problems if q.operation == operation])
    assert "deviates" in found.values()
    assert set(found.values()) <= {"deviates", "conforms"}


def test_the_c_port_is_one_short_file() -> None:
    text = (ROOT / "harness" / "darkparity" / STARTERS[Language.C].files["port.c"]).read_text("utf-8")
    assert len(text.splitlines()) < 300
    standard = {"math", "stdint", "stdio", "stdlib", "string", "time", "unistd"}
    assert set(re.findall(r"#include <(\w+)\.h>", text)) == standard
    assert '#include "' not in text


def test_a_million_elements_through_a_child(c_port: Path) -> None:
    x = np.random.default_rng(3).standard_normal((4, 64, 3907), np.float32)
    arrays = {"output": x, "scales": x[0, :, 0].copy()}
    call = Call("scale_bias", DIALECTS["darknet"], arrays)
    problem = Problem("million", call, "", "", live_expectation(call))
    child = Participant.of(External([str(c_port)]))
    try:
        assert ask(child, problem)[0].verdict.word == "conforms"
    finally:
        close([child])


# --- export on one day, grade on another


def exported(directory: Path, encoding: str, *patterns: str) -> Path:
    cases = [w for p in patterns for w in ("--case", p)]
    store = str(ROOT / "golden")
    assert main(["export", str(directory), "--format", encoding, "--store", store, *cases]) == 0
    return directory


def graded(directory: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """On another day: the directory has been carried elsewhere and back."""
    moved = directory.rename(directory.with_name("came back"))
    capsys.readouterr()
    code = main(["grade", str(moved), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_script_that_knows_only_the_documentation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = ROOT / "tests" / "ports" / "offline.py"
    assert "darkparity" not in re.sub(r'"""(.|\n)*?"""', "", script.read_text("utf-8"))
    wanted = ("mean_cpu-*", "variance_cpu-*", "normalize_cpu-o*", "axpy_cpu-*", "scale_bias-*", "copy_cpu-*")
    cases = exported(tmp_path / "cases", "json", *(f"darknet-{name}" for name in wanted))
    empty = {"PATH": os.environ["PATH"], "PYTHONNOUSERSITE": "1"}
    subprocess.run([sys.executable, str(script), str(cases)], check=True, cwd=tmp_path, env=empty, timeout=60)
    code, report = graded(cases, capsys)
    assert (code, report["header"]["implementations"][0]["name"]) == (0, "device")
    assert set(report["counts"]) == {"conforms", "unsupported"}
    assert report["counts"]["conforms"] > 40


def test_the_c_port_answers_files_too(c_port: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = exported(tmp_path / "cases", "safetensors", "darknet-*-ordinary*", "darknet-make_*")
    requests = sorted(str(p) for p in cases.glob("*/request.safetensors"))
    subprocess.run([str(c_port), *requests], check=True, timeout=60)
    code, report = graded(cases, capsys)
    assert code == 0
    assert report["counts"] == {"conforms": len(requests)}
