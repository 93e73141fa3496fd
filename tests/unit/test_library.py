"""`import darkparity`: the few public names, what they return, and what they refuse."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import darkparity
from darkparity.errors import UsageError
from darkparity.implementations.shipped import numpy_port
from darkparity.request import OPTIONS
from support import STORE

TINY = {"cases": "*tiny_variance", "store": STORE}


class Halving:
    """Right but for a factor."""

    @staticmethod
    def mean_cpu(x: np.ndarray) -> np.ndarray:
        return x.mean(axis=(0, 2), dtype=np.float32) / np.float32(2)


def test_the_public_names_are_there_and_documented() -> None:
    for name in darkparity.__all__:
        assert getattr(darkparity, name) is not None
        assert name.startswith("__") or inspect.getdoc(getattr(darkparity, name))
    assert dir(darkparity) == sorted(darkparity.__all__)
    with pytest.raises(AttributeError, match="chekc"):
        _ = darkparity.chekc  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_examples_in_the_docstrings_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(STORE.parent)
    finder = doctest.DocTestFinder(recurse=False)
    tests = finder.find(darkparity)
    for function in (darkparity.check, darkparity.identify):
        tests += finder.find(function, function.__name__, globs={function.__name__: function})
    for test in tests:
        assert test.examples, test.name
        assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.slow
def test_identify_takes_an_object_and_names_its_row() -> None:
    found = darkparity.identify(numpy_port)
    assert found.identified
    assert "darknet" in found.same
    assert darkparity.check("numpy", dialect=found.row.name, **TINY).conforms
    with pytest.raises(UsageError, match="nothing to identify"):
        darkparity.identify()


def test_a_run_says_what_was_found() -> None:
    run = darkparity.check("numpy", **TINY)
    assert run.conforms
    assert run.failures == ()
    assert {r.implementation for r in run.results} == {"numpy"}
    assert repr(run).startswith("<Run PASS  ")
    assert "<table>" in run._repr_html_()


@pytest.mark.slow
@pytest.mark.parametrize("target", [numpy_port, Halving, Halving()], ids=["module", "class", "instance"])
def test_objects_are_implementations_as_they_are(target: Any) -> None:
    run = darkparity.check(target, operations="mean_cpu", store=STORE)
    assert run.conforms == (target is numpy_port)
    assert run.header.implementations[0].asked.partition(":")[0] == (
        numpy_port.__name__ if target is numpy_port else Halving.__module__
    )


@pytest.mark.slow
def test_assert_conforms_tells_case_array_and_command() -> None:
    darkparity.assert_conforms("numpy", **TINY)
    with pytest.raises(AssertionError) as raised:
        darkparity.assert_conforms(Halving(), operations="mean_cpu", store=STORE)
    said = str(raised.value)
    assert said.startswith("FAIL  ")
    assert "array      mean: " in said
    assert "reproduce  darkparity check " in said
    assert "more cases" in said


def test_what_was_never_judged_does_not_conform() -> None:
    with pytest.raises(AssertionError, match="not offered: variance_cpu"):
        darkparity.assert_conforms(Halving(), operations="variance_cpu", store=STORE)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"case": "x"}, "no option 'case'; did you mean cases"),
        ({"jobs": 0}, "jobs=0: must be at least 1"),
        ({"jobs": "2"}, "jobs='2': needs int"),
        ({"strict": 1}, "strict=1: needs bool"),
        ({"dialect": "darknett"}, "no dialect 'darknett'; did you mean darknet"),
        ({"isolate": True}, "an object cannot run in a child process"),
    ],
)
def test_misuse_is_a_usage_error(options: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        darkparity.check(Halving(), **options)


def test_a_run_is_saved_whole_and_read_back(tmp_path: Path) -> None:
    from darkparity.report.run import read

    run = darkparity.check("numpy", output=tmp_path / "run.jsonl", **TINY)
    run.write(tmp_path / "again.jsonl")
    assert read(tmp_path / "again.jsonl").results == read(tmp_path / "run.jsonl").results == run.results
    assert not list(tmp_path.glob(".*"))


def test_signature_and_help_come_from_the_one_table() -> None:
    names = list(inspect.signature(darkparity.check).parameters)
    assert names == ["implementations", *OPTIONS]
    for option in OPTIONS.values():
        assert option.metadata["help"] in str(darkparity.check.__doc__)


def test_a_diagnosis_that_fails_loses_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("nothing to concatenate")

    monkeypatch.setattr("darkparity.judging.diagnose.diagnose", fail)
    run = darkparity.check(Halving, operations="mean_cpu", cases="*ordinary*", store=STORE)
    assert run.exit_code == 1
    assert run.failures
    assert "the diagnosis itself failed" in run.diagnoses[0].sentence
    assert "nothing to concatenate" in run.diagnoses[0].sentence
