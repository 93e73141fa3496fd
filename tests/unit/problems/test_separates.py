"""The tables of what golden cases separate: read back as written, every wrong one refused, one line per deviation."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from darkparity.cases import case_named
from darkparity.dialects import DIALECTS
from darkparity.formats.records import FormatError
from darkparity.oracle.deviations.power import SEPARATES
from darkparity.problems.golden import plan
from darkparity.problems.golden.differences import differences
from darkparity.problems.golden.separates import Separates, changes, parse, table
from darkparity.problems.golden.store import MANIFEST, Store, StoreError
from darkparity.problems.golden.writing import regenerate

MARGINS = {
    "mean_cpu/one": {"a": 3.999, "b": 4.001, "c": 1000.0, "d": math.inf},
    "mean_cpu/two": {"a": 0.0, "c": 2.0**300, "dialect:x": 7.9},
}
NAMES = ("a", "b", "c", "d", "dialect:x")
WRITTEN = """separates 1 x
case mean_cpu/one
case mean_cpu/two
.. a
2. b
9Z c
*. d
.2 dialect:x
"""


def test_a_table_is_what_the_page_says() -> None:
    assert table("x", NAMES, MARGINS).text == WRITTEN


def test_margins_are_read_back_as_powers_of_two_below_largest_first() -> None:
    read = parse(WRITTEN, "x.txt")
    assert list((read.of("mean_cpu/one") or {}).items()) == [("d", math.inf), ("c", 512.0), ("b", 4.0)]
    assert read.of("mean_cpu/two") == {"c": 2.0**61, "dialect:x": 4.0}
    assert read.of("mean_cpu/three") is None
    assert read == table("x", NAMES, MARGINS)


def test_what_is_written_counts_and_nothing_else_is() -> None:
    at_the_edge = {"a": SEPARATES * (1 + 1e-9), "b": SEPARATES * (1 - 1e-9)}
    assert table("x", ("a", "b"), {"one": at_the_edge}).of("one") == {"a": SEPARATES}


REFUSED = {
    "no header": (WRITTEN.replace("separates 1", "separates 2"), "line 1 is 'separates 2 x'"),
    "nothing": ("", "line 1 is ''"),
    "short line": (WRITTEN.replace("2. b", "2 b"), "line 5: needs a character"),
    "another character": (WRITTEN.replace("2. b", "1. b"), "line 5: needs a character"),
    "no name": (WRITTEN.replace("2. b", "2."), "line 5: needs a character"),
    "a name twice": (WRITTEN.replace("2. b", "2. a"), "line 5: needs .* that no line before has"),
    "a case late": (WRITTEN + "case mean_cpu/three\n", "line 5: needs a character"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused(name: str) -> None:
    content, message = REFUSED[name]
    with pytest.raises(FormatError, match=rf"^x\.txt: {message}"):
        parse(content, "x.txt")


def test_what_differs_is_named_by_deviation_and_case() -> None:
    other = {"mean_cpu/one": {**MARGINS["mean_cpu/one"], "b": 9.0}, "mean_cpu/two": MARGINS["mean_cpu/two"]}
    assert list(changes(parse(WRITTEN, "x"), table("x", NAMES, other))) == [("b", "mean_cpu/one", "2", "3")]
    assert list(changes(Separates("x", ("one",), {}), Separates("x", ("one",), {"a": "."}))) == [
        ("a", "one", "nothing", ".")
    ]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A store of one fixture."""
    monkeypatch.setattr(plan, "plan", lambda: [(case_named("mean_cpu", "one_element"), DIALECTS["darknet"])])
    monkeypatch.setattr(plan, "unstored", lambda: [(case_named("mean_cpu", "simd_tail"), DIALECTS["darknet"])])
    regenerate(tmp_path)
    return tmp_path


def test_a_changed_table_is_refused_found_and_written_again(small: Path) -> None:
    path = small / "separates" / "darknet.txt"
    content = path.read_text("utf-8")
    changed = re.sub(r"^\*(.) mean_zero$", r".\1 mean_zero", content, flags=re.MULTILINE)
    path.write_text(changed, "utf-8")
    with pytest.raises(StoreError, match=r"darknet\.txt: sha256 differs"):
        list(Store(small).problems())
    (found,) = differences(Store(small))
    assert str(found) == "separates/darknet.txt: mean_zero mean_cpu/one_element: stored ., oracle *"
    assert list(regenerate(small)) == ["separates/darknet.txt"]
    assert path.read_text("utf-8") == content


def test_a_store_without_tables_states_nothing(small: Path) -> None:
    data = json.loads((small / MANIFEST).read_text("utf-8"))
    del data["separates"]
    (small / MANIFEST).write_text(json.dumps(data), "utf-8")
    assert [q.separates for q in Store(small).problems()] == [None]


def test_a_case_that_is_no_fixture_is_in_the_table_too(small: Path) -> None:
    store = Store(small)
    assert [q.id for q in store.problems()] == ["darknet-mean_cpu-one_element"]
    assert "mean_zero" in (store.separates("darknet", "mean_cpu/simd_tail") or ())
    assert store.separates("darknet", "mean_cpu/ordinary_odd_batch") is None
    assert store.separates("pytorch", "mean_cpu/simd_tail") is None
