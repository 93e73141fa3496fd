"""Dataclasses to JSON and back: nothing is guessed, and every refusal names its place."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Literal

import pytest

from darkparity.formats.records import FormatError, from_json, to_json


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Comparison:
    elements: int
    bound: float
    index: tuple[int, ...] = ()
    first: tuple[int, ...] | None = None
    pair: tuple[int, str] = (0, "")


@dataclass(frozen=True)
class Good:
    kind: ClassVar[str] = "good"
    comparisons: tuple[Comparison, ...] = ()


@dataclass(frozen=True)
class Bad:
    kind: Literal["bad", "worse"]
    why: str


@dataclass(frozen=True)
class Result:
    case: str
    verdict: Good | Bad
    colour: Colour = Colour.RED
    certain: bool = True
    counts: Mapping[str, int] = field(default_factory=dict)
    labels: frozenset[str] = frozenset()
    limit: int | str | None = None
    anything: Any = None

    def __post_init__(self) -> None:
        if not self.case:
            raise ValueError("a case without a name")


@dataclass(frozen=True)
class Run:
    results: tuple[Result, ...]


RUN = Run((
    Result("a", Good((Comparison(3, math.inf, (1, 2), (0,), (1, "x")), Comparison(0, -math.inf)))),
    Result("b", Bad("worse", "late"), Colour.BLUE, False, {"x y": 1}, frozenset("ba"), "none", {"k": [1.5]}),
))  # fmt: skip


def wrong(path: str, value: Any) -> str:
    """What reading RUN says with one value replaced; `path` is Python after `data`."""
    data = to_json(RUN)
    exec(f"data{path} = value", {"data": data, "value": value})
    with pytest.raises(FormatError) as caught:
        from_json(Run, data, "run.json")
    return str(caught.value)


def test_there_and_back_through_text() -> None:
    text = json.dumps(to_json(RUN), allow_nan=False)
    assert from_json(Run, json.loads(text)) == RUN
    assert '"labels": ["a", "b"]' in text
    assert '{"kind": "good", "comparisons": [{"elements": 3, "bound": "Infinity"' in text


def test_nan_comes_back() -> None:
    assert to_json(Comparison(1, math.nan))["bound"] == "NaN"
    assert math.isnan(from_json(Comparison, {"elements": 1, "bound": "NaN"}).bound)


COMPARISON = "['results'][0]['verdict']['comparisons'][1]"
WRONG = [
    (f"{COMPARISON}['elements']", "x", "verdict.comparisons[1].elements: needs a whole number, got 'x'"),
    (f"{COMPARISON}['elements']", True, "elements: needs a whole number, got true"),
    (f"{COMPARISON}['elements']", 1.0, "elements: needs a whole number, got 1.0"),
    (f"{COMPARISON}['bound']", "nan", "bound: needs a number, got 'nan'"),
    (f"{COMPARISON}['bound']", 10**400, "bound: needs a number, got a whole number of 1329 bits"),
    (f"{COMPARISON}['bound']", None, "bound: needs a number, got null"),
    (f"{COMPARISON}['index']", [1, "2"], "index[1]: needs a whole number, got '2'"),
    (f"{COMPARISON}['first']", [None], "first[0]: needs a whole number, got null"),
    (f"{COMPARISON}['first']", 3, "first: needs a list or null, got 3"),
    (f"{COMPARISON}['pair']", [1], "pair: needs a list of 2, got a list"),
    (f"{COMPARISON}['extra']", 3, "comparisons[1]: 'extra' is no field; known: elements, bound, index"),
    (COMPARISON, {"bound": 1}, "comparisons[1]: lacks elements"),
    (COMPARISON, [], "comparisons[1]: needs an object, got a list"),
    ("['results'][0]['verdict']['kind']", "fine", "verdict.kind: needs 'good' or 'bad' or 'worse', got 'fine'"),
    ("['results'][0]['verdict']", {}, "verdict.kind: needs 'good' or 'bad' or 'worse', got null"),
    ("['results'][0]['colour']", [], "colour: needs 'red' or 'blue', got a list"),
    ("['results'][0]['certain']", 1, "certain: needs true or false, got 1"),
    ("['results'][1]['counts']['x y']", 1.5, "results[1].counts['x y']: needs a whole number, got 1.5"),
    ("['results'][0]['limit']", 1.5, "limit: needs a whole number or text or null, got 1.5"),
    ("['results'][0]['case']", "", "results[0]: a case without a name"),
    ("['results']", {"0": 1}, "run.json: results: needs a list, got an object"),
]


@pytest.mark.parametrize(("path", "value", "said"), WRONG, ids=[row[2] for row in WRONG])
def test_what_does_not_fit_is_named_with_its_place(path: str, value: Any, said: str) -> None:
    message = wrong(path, value)
    assert message.startswith("run.json: results")
    assert said in message


def test_long_and_hostile_values_are_shortened_and_escaped() -> None:
    message = wrong(f"{COMPARISON}['elements']", "\x1b[31m\r\ud800" + "x" * 10**6)
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 200


def test_unknown_keys_of_newer_files_can_be_skipped() -> None:
    data = {"elements": 1, "bound": 2, "invented": {"later": []}}
    assert from_json(Comparison, data, ignore_unknown=True) == Comparison(1, 2)
    with pytest.raises(FormatError, match="'invented' is no field"):
        from_json(Comparison, data)


def test_a_line_of_a_file_may_be_one_of_several_records() -> None:
    assert from_json(Good | Bad, {"kind": "bad", "why": "x"}) == Bad("bad", "x")
    with pytest.raises(FormatError, match=r"^lines:3: kind: needs 'good' or 'bad'"):
        from_json(Good | Bad, {"why": "x"}, "lines:3")
    with pytest.raises(FormatError, match="kind: needs 'good', got null"):
        from_json(Good, {})


def test_hints_that_cannot_be_read_are_the_programmers_fault() -> None:
    with pytest.raises(TypeError, match="stands in a union and has no"):
        from_json(Comparison | Bad, {})
    with pytest.raises(TypeError, match="cannot be read"):
        from_json(complex, 1)
    with pytest.raises(TypeError, match="no form in JSON"):
        to_json(1j)


def test_literals_of_one_value_and_another_type_differ() -> None:
    assert from_json(Literal[1], 1) == 1
    with pytest.raises(FormatError):
        from_json(Literal[1], True)
