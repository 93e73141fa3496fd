"""export and grade: a port that runs elsewhere, on another day, in any language."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from darkparity.cases import case_named
from darkparity.cli import main
from darkparity.dialects import DIALECTS
from darkparity.errors import UsageError
from darkparity.formats import messages
from darkparity.formats.directory import DirectoryError
from darkparity.formats.json_arrays import array_text
from darkparity.formats.records import FormatError
from darkparity.implementations import load
from darkparity.problems.exported import FORMATS, read_export
from darkparity.problems.exported import export as export_problems
from darkparity.problems.select import live
from darkparity.spec import Call
from support import ROOT

CASES = ("darknet-add_bias-*", "darknet-make_*", "darknet-backward_batchnorm_layer-ordinary*")
Answer = dict[str, np.ndarray]


def export(to: Path, encoding: str) -> Path:
    arguments = [
        "export",
        str(to),
        "--format",
        encoding,
        "--store",
        str(ROOT / "golden"),
        *(w for c in CASES for w in ("--case", c)),
    ]
    assert main(arguments) == 0
    return to


def answer(directory: Path, write: Callable[[Path, Answer], None], into: Path | None = None) -> None:
    """What a user's own program does: read each request, compute, write the answer next to it."""
    port = load("numpy")
    manifest = json.loads((directory / "MANIFEST.json").read_text("utf-8"))
    for identity, row in manifest["cases"].items():
        path = directory / row["request"]
        asked = FORMATS[path.suffix[1:]][1](path.read_bytes())
        content = asked.content
        attributes = messages.attributes_of(content["operation"], content["attributes"])
        got = port.run(Call(content["operation"], DIALECTS[content["dialect"]], asked.arrays, attributes))
        target = (into or directory) / identity
        target.mkdir(parents=True, exist_ok=True)
        write(target, got)


def as_json(target: Path, arrays: Answer) -> None:
    rows = ",".join(f"{json.dumps(n)}: {array_text(a)}" for n, a in arrays.items())
    (target / "answer.json").write_text(f'{{"arrays": {{{rows}}}}}', "utf-8")


def as_safetensors(target: Path, arrays: Answer) -> None:
    save_file(arrays, target / "answer.safetensors")


def grade(capsys: Any, *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["grade", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = export(tmp_path_factory.mktemp("offline") / "cases", "safetensors")
    answer(directory, as_safetensors)
    return directory


@pytest.fixture
def cases(answered: Path, tmp_path: Path) -> Path:
    """A private copy of an export with right answers."""
    return Path(shutil.copytree(answered, tmp_path / "cases"))


@pytest.mark.parametrize(("encoding", "write"), [("safetensors", as_json), ("json", as_safetensors)])
def test_right_answers_pass_in_either_format(
    encoding: str, write: Callable[[Path, Answer], None], tmp_path: Path, capsys: Any
) -> None:
    directory = export(tmp_path / "cases", encoding)
    answer(directory, write, tmp_path / "answers")
    code, report = grade(capsys, str(directory), str(tmp_path / "answers"))
    assert code == 0
    assert report["counts"] == {"conforms": len(read_export(directory).problems)}


def test_an_export_holds_no_answer(answered: Path) -> None:
    for path in answered.glob("*/request.*"):
        message = messages.decode(path.read_bytes())
        assert set(message.content) == {
            "version", "kind", "seq", "operation", "dialect", "constants", "attributes", "outputs", "case",
        }  # fmt: skip


def first(directory: Path, operation: str) -> Path:
    return next(p for p in sorted(directory.iterdir()) if operation in p.name)


def test_every_kind_of_bad_answer_is_told_apart(cases: Path, capsys: Any, tmp_path: Path) -> None:
    places = [p for p in sorted(cases.iterdir()) if "add_bias" in p.name]
    missing, malformed, unknown, twice, declined, wrong = places[:6]
    (missing / "answer.safetensors").unlink()
    (malformed / "answer.safetensors").write_bytes(b"half an answer")
    save_file({"result": np.zeros(3, np.float32)}, unknown / "answer.safetensors")
    (twice / "answer.json").write_text('{"arrays": {}}', "utf-8")
    refusal = {"version": 1, "kind": "error", "error": "unsupported", "reason": "no biases here"}
    (declined / "answer.safetensors").write_bytes(messages.encode(refusal))
    asked = messages.decode((wrong / "request.safetensors").read_bytes()).arrays["output"]
    save_file({"output": asked}, wrong / "answer.safetensors")
    (cases / "nobody-asked").mkdir()
    (cases / "nobody-asked" / "answer.json").write_text("{}", "utf-8")

    run_file = tmp_path / "run.jsonl"
    code, report = grade(capsys, str(cases), "--output", str(run_file))
    assert code == 1
    results = {r["case"]: r for r in map(json.loads, run_file.read_text("utf-8").splitlines()) if "case" in r}
    verdicts = {p: results[p.name]["verdict"] for p in places if p.name in results}
    assert [verdicts.get(p) for p in places[:6]] == [None, "crashed", "crashed", "crashed", "unsupported", "deviates"]
    assert report["header"]["export"]["missing"] == [missing.name]
    for place, says in ((malformed, "header length"), (unknown, "unknown array"), (twice, "two answers")):
        assert says in results[place.name]["detail"]["message"]
    assert {v for p, v in verdicts.items() if p not in places[:6]} == {"conforms"}
    assert report["header"]["export"]["extra"] == ["nobody-asked/answer.json"]


JSON_ANSWERS = {
    "a misspelt key": ({"aprays": {}}, "'aprays' is none of its keys, `message` and `arrays`"),
    "a key too many": ({"arrays": {}, "note": ""}, "'note' is none of its keys"),
    "no answer but a request": ({"message": {"version": 1, "kind": "run"}, "arrays": {}}, "answer.json is 'run' for"),
    "another case": ({"message": {"version": 1, "kind": "result", "case": "x"}, "arrays": {}}, "'result' for 'x', not"),
    "arrays in a list": ({"arrays": []}, "needs an object `arrays`"),
}


@pytest.mark.parametrize("name", JSON_ANSWERS)
def test_an_answer_in_json_says_nothing_unread(cases: Path, capsys: Any, tmp_path: Path, name: str) -> None:
    """Most mutations of an answer were once taken as it stood: what nobody reads may be what was meant."""
    content, said = JSON_ANSWERS[name]
    place = first(cases, "add_bias")
    (place / "answer.safetensors").unlink()
    (place / "answer.json").write_text(json.dumps(content), "utf-8")
    code, _ = grade(capsys, str(cases), "--output", str(tmp_path / "run.jsonl"))
    assert code == 1
    (result,) = (r for r in map(json.loads, (tmp_path / "run.jsonl").read_text("utf-8").splitlines())
                 if r.get("case") == place.name)  # fmt: skip
    assert result["verdict"] == "crashed"
    assert said in result["detail"]["message"]


def test_a_suite_that_has_changed_since_is_said_and_judges_all_the_same(cases: Path, capsys: Any) -> None:
    path = cases / "MANIFEST.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**manifest, "suite_version": "0.0.1"}), "utf-8")
    code, report = grade(capsys, str(cases))
    assert code == 0
    assert "exported by darkparity 0.0.1" in report["header"]["export"]["changed"]
    assert report["header"]["export"]["store"]["manifest_sha256"]


def test_a_tampered_request_is_refused(cases: Path, capsys: Any) -> None:
    place = first(cases, "add_bias") / "request.safetensors"
    data = bytearray(place.read_bytes())
    data[-1] ^= 1
    place.write_bytes(data)
    assert main(["grade", str(cases)]) == 2
    assert "changed since it was exported" in capsys.readouterr().err


def test_an_implementation_is_held_to_what_it_claims(cases: Path, capsys: Any) -> None:
    about = {"name": "fpga", "implementation_version": "7", "labels": ["two_pass", "ieee"]}
    (cases / "IMPLEMENTATION.json").write_text(json.dumps(about), "utf-8")
    code, report = grade(capsys, str(cases))
    (told,) = report["header"]["implementations"]
    assert (code, told["name"], told["version"], told["labels"]) == (0, "fpga", "7", ["ieee", "two_pass"])
    (cases / "IMPLEMENTATION.json").write_text('{"labels": ["perfect"]}', "utf-8")
    assert main(["grade", str(cases)]) == 2


def test_names_stay_inside_and_a_refused_export_leaves_nothing(tmp_path: Path) -> None:
    case = case_named("add_bias", "exact_sums")
    assert case is not None
    asked = replace(live(case, DIALECTS["darknet"]), id="/../../outside")
    with pytest.raises(FormatError, match="no name of a file in that directory"):
        export_problems(tmp_path / "cases", [asked], "json", None)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_holds_anything_is_refused(tmp_path: Path) -> None:
    stale = tmp_path / "cases" / "darknet-add_bias-old" / "request.json"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}", "utf-8")
    with pytest.raises(DirectoryError, match=r"holds darknet-add_bias-old and no MANIFEST\.json"):
        export_problems(tmp_path / "cases", [], "json", None)
    assert [p.name for p in tmp_path.rglob("*.*")] == ["request.json"]


REFUSED = {
    "another format": ({"format": 2}, "format 2: this version of darkparity reads 1 only"),
    "a name that leaves": ({"cases": {"x": {"request": "../x.json", "sha256": ""}}}, "'../x.json' is no name"),
    "a case that leaves": ({"cases": {"../x": {"request": "x.json", "sha256": ""}}}, "'../x' is no name of a file"),
    "no encoding of ours": ({"cases": {"x": {"request": "x.npz", "sha256": ""}}}, "'x.npz' ends in none of"),
    "a store's manifest": ({"kind": None}, "not the manifest of an export"),
    "a missing file": ({"cases": {"x": {"request": "x.json", "sha256": ""}}}, "MANIFEST.json lists it"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_manifest_that_is_none_is_refused(name: str, cases: Path) -> None:
    changed, message = REFUSED[name]
    path = cases / "MANIFEST.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changed), "utf-8")
    with pytest.raises(UsageError, match=message):
        read_export(cases)


@pytest.mark.parametrize(("before", "after", "message"), [
    ('"version": 1', '"version": 2', "version 2 of the protocol; this is 1"),
    ('"darknet"', '"darkent"', "no dialect 'darkent'; did you mean darknet"),
    ('"kind": "run"', '"kind": "bye"', "kind: needs"),
    ('"attributes": {', '"attributes": {"N": 7, ', "not a request of this suite"),
    ('-ordinary"', '-other"', "is the request of 'darknet-make_batchnorm_layer-other'"),
    ('"batch": 2', '"batch": 2000000', "at most 16777216 are made"),
])  # fmt: skip
def test_a_request_that_is_none_is_refused(before: str, after: str, message: str, tmp_path: Path) -> None:
    case = case_named("make_batchnorm_layer", "ordinary")
    assert case is not None
    export_problems(tmp_path / "cases", [live(case, DIALECTS["darknet"])], "json", None)
    (path,) = tmp_path.glob("cases/*/request.json")
    data = path.read_text("utf-8").replace(before, after)
    path.write_text(data, "utf-8")
    manifest = tmp_path / "cases" / "MANIFEST.json"
    row = {"request": f"{path.parent.name}/request.json", "sha256": hashlib.sha256(data.encode()).hexdigest()}
    changed = json.loads(manifest.read_text("utf-8")) | {"cases": {path.parent.name: row}}
    manifest.write_text(json.dumps(changed), "utf-8")
    with pytest.raises(UsageError, match=message):
        read_export(tmp_path / "cases")


@pytest.mark.parametrize("content", [None, "{}", "no", '{"kind": "darkparity export", "format": 9}'])
def test_what_is_no_export_is_refused(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "MANIFEST.json").write_text(content, "utf-8")
    assert main(["grade", str(tmp_path)]) == 2


def test_nothing_answered_is_no_pass(tmp_path: Path, capsys: Any) -> None:
    directory = export(tmp_path / "cases", "json")
    code, _ = grade(capsys, str(directory))
    assert code == 1
    assert main(["export", str(directory), "--store", str(ROOT / "golden")]) == 2


def test_answers_that_are_missing_fail_however_right_the_others_are(cases: Path, capsys: Any) -> None:
    answered = sorted(cases.glob("*/answer.*"))
    for path in answered[: len(answered) // 2]:
        path.unlink()
    code = main(["grade", str(cases)])
    said = capsys.readouterr().out
    assert code == 1
    assert f"{len(answered) // 2} of {len(answered)} answers are missing: darknet-" in said
    assert "PASS" not in said
