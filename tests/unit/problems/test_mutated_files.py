"""Golden fixtures, manifests, exports and known files that somebody damaged: refused clearly, or whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from darkparity.cases import case_named
from darkparity.dialects import DIALECTS
from darkparity.implementations import load
from darkparity.judging import known
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import HarnessFault
from darkparity.problems.exported import export, read_export
from darkparity.problems.golden.fixture import build
from darkparity.problems.golden.reading import parse
from darkparity.problems.golden.store import MANIFEST, Store, problem
from darkparity.problems.golden.text import text
from darkparity.problems.problem import Problem
from darkparity.problems.select import entries, live
from mutating import accepted

DARKNET = DIALECTS["darknet"]
CASES = ("axpy_cpu/strides_swapped", "variance_cpu/two_elements", "make_batchnorm_layer/one_of_everything",
         "forward_batchnorm_layer/one_element_per_channel", "backward_bias/above_4096_elements",
         "training_run/one_value_poisons")  # fmt: skip
KNOWN = b"""format = 1
[[known]]
implementation = "mine"
case = ["darknet-variance_cpu-*", "tiny"]
reason = "divides by m"
link = "https://example.org/1"
"""


def judged(asked: Problem) -> None:
    """What was accepted must be good for a judgement too."""
    result = ask(Participant.of(load("numpy")), asked)[0]
    assert not isinstance(result.verdict, HarnessFault), result


@pytest.mark.parametrize("name", CASES)
def test_a_damaged_fixture(name: str) -> None:
    case = case_named(*name.split("/"))
    assert case is not None
    content = text(build(case, DARKNET)).encode()

    def read(data: bytes) -> None:
        judged(problem(parse(data.decode("utf-8", "replace"), name), name))

    assert 0 < accepted(read, content, 1000) < 500


def test_a_damaged_manifest(tmp_path: Path, store: Store) -> None:
    manifest = json.loads((store.path / MANIFEST).read_text("utf-8"))
    manifest["files"] = dict([*manifest["files"].items()][:3])

    def read(data: bytes) -> None:
        (tmp_path / MANIFEST).write_bytes(data)
        entries(Store(tmp_path), "alexeyab")

    assert 0 < accepted(read, json.dumps(manifest).encode(), 1000) < 500


@pytest.fixture(params=["json", "safetensors"])
def exported(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    cases = [case_named("axpy_cpu", "strides_swapped"), case_named("make_batchnorm_layer", "one_of_everything")]
    export(tmp_path / "cases", [live(case, DARKNET) for case in cases if case], request.param, None)
    return tmp_path / "cases"


def test_a_damaged_export_manifest(exported: Path) -> None:
    path = exported / MANIFEST

    def read(data: bytes) -> None:
        path.write_bytes(data)
        read_export(exported)

    assert 0 < accepted(read, path.read_bytes(), 1000) < 500


def test_a_damaged_request_with_the_right_digest(exported: Path) -> None:
    manifest = json.loads((exported / MANIFEST).read_text("utf-8"))
    for row in manifest["cases"].values():
        path = exported / row["request"]
        content = path.read_bytes()

        def read(data: bytes, row: dict[str, str] = row, path: Path = path) -> None:
            path.write_bytes(data)
            row["sha256"] = hashlib.sha256(data).hexdigest()
            (exported / MANIFEST).write_text(json.dumps(manifest), "utf-8")
            for asked in read_export(exported).problems:
                judged(asked)

        accepted(read, content, 500, structured=path.suffix == ".json")
        read(content)


def test_a_damaged_known_file(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        known.read(path)

    assert 0 < accepted(read, KNOWN, 2000, structured=False) < 1500
