"""Golden fixtures: a store that is whole or not there, exact differences, files that do not fit refused."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkparity.cases import case_named
from darkparity.dialects import DIALECTS
from darkparity.formats.directory import DirectoryError
from darkparity.formats.records import FormatError
from darkparity.problems.golden import plan
from darkparity.problems.golden.differences import Difference, differences
from darkparity.problems.golden.fixture import build
from darkparity.problems.golden.reading import parse
from darkparity.problems.golden.store import MANIFEST, Store, StoreError, default_store, manifest_text, problem
from darkparity.problems.golden.text import text
from darkparity.problems.golden.writing import regenerate

NAMES = ("mean_cpu/nan_in_one_channel", "variance_cpu/two_elements", "backward_bias/above_4096_elements",
         "scale_bias/exact_products", "add_bias/infinities_of_both_signs", "make_batchnorm_layer/ordinary")  # fmt: skip
CASE_OF = {f"darknet/{name}.json": case_named(*name.split("/")) for name in NAMES}
DARKNET = DIALECTS["darknet"]
MEAN = "darknet/mean_cpu/nan_in_one_channel.json"
BIAS = "darknet/backward_bias/above_4096_elements.json"
TABLE = "separates/darknet.txt"


def planned(monkeypatch: pytest.MonkeyPatch, names: Collection[str] = tuple(CASE_OF)) -> None:
    monkeypatch.setattr(plan, "plan", lambda: [(CASE_OF[name], DARKNET) for name in names])
    monkeypatch.setattr(plan, "unstored", list)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A store of six fixtures and a table of what they separate."""
    planned(monkeypatch)
    target = tmp_path / "golden"
    assert set(regenerate(target)) == {*CASE_OF, TABLE}
    return target


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.relative_to(folder).as_posix(): (p.read_bytes(), p.stat().st_mtime_ns)
            for p in folder.rglob("*") if p.is_file()}  # fmt: skip


def test_regenerating_twice_changes_nothing(small: Path) -> None:
    before = contents(small)
    assert regenerate(small) == {}
    assert contents(small) == before
    assert list(differences(Store(small))) == []
    assert [p.name for p in small.parent.iterdir()] == ["golden"]


@pytest.mark.parametrize("name", CASE_OF)
def test_a_fixture_reads_back_as_it_was_built(small: Path, name: str) -> None:
    case = CASE_OF[name]
    built, read = build(case, DARKNET), Store(small).read(name)
    assert (read.id, read.fault, read.attributes) == (built.id, built.fault, built.attributes)
    if built.recipe is None:
        for profile in ("any", "two_pass"):
            for array, expected in built.expected[profile].items():
                stored = read.expected[profile][array]
                np.testing.assert_array_equal(stored.value, expected.value)
                np.testing.assert_array_equal(stored.allowed, expected.allowed)
                assert np.all(stored.bound >= expected.bound)
    else:
        np.testing.assert_array_equal(problem(read, name).arrays["delta"], case.arrays()["delta"])


def test_the_repositorys_store_stays_small(store: Store) -> None:
    sizes = [p.stat().st_size for p in store.path.rglob("*") if p.is_file()]
    assert max(sizes) < 2**20
    assert sum(sizes) < 8e6


@pytest.mark.slow
def test_a_sample_of_the_repositorys_store_is_current(store: Store) -> None:
    """All of it: `darkparity golden diff`."""
    for case, dialect in plan.plan()[::25]:
        fixture = build(case, dialect)
        assert (store.path / fixture.path).read_text("utf-8") == text(fixture), fixture.path


def flip(path: Path) -> None:
    """Change the first expected number."""
    content = path.read_text("utf-8")
    at = re.compile(r'("expected":.*?"data": \[\s*)(-?[\d.e-]+)', re.S)
    path.write_text(at.sub(r"\g<1>1234.5", content, count=1), "utf-8")


def test_a_flipped_digit_is_found_and_named(small: Path) -> None:
    flip(small / MEAN)
    flipped = (small / MEAN).read_bytes()
    with pytest.raises(StoreError, match=f"{MEAN}: sha256 differs"):
        Store(small).read(MEAN)
    (difference,) = differences(Store(small))
    assert (difference.file, difference.array, difference.element) == (MEAN, "expected mean", "[0]")
    assert difference.stored == "1234.5"
    assert "stored 1234.5, oracle" in str(difference)
    assert regenerate(small) == {MEAN: flipped}
    assert list(differences(Store(small))) == []


def test_missing_surplus_and_unlisted_files_are_named(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (small / MEAN).unlink()
    assert list(differences(Store(small))) == [Difference(MEAN, "file", "", "missing", "present")]
    with pytest.raises(StoreError, match="the manifest lists it"):
        Store(small).read(MEAN)
    regenerate(small)
    planned(monkeypatch, set(CASE_OF) - {MEAN})
    *in_table, surplus = differences(Store(small))
    assert surplus == Difference(MEAN, "file", "", "listed", "no such case")
    assert {(d.file, d.element, d.generated) for d in in_table} == {(TABLE, "mean_cpu/nan_in_one_channel", "nothing")}
    assert list(regenerate(small)) == [TABLE, f"{MEAN} (removed)"]
    assert not (small / MEAN).parent.exists()


def test_a_recipe_whose_inputs_changed_is_refused(small: Path) -> None:
    content = (small / BIAS).read_text("utf-8")
    digest = re.search(r'"sha256": "([0-9a-f]{64})"', content)
    assert digest is not None
    fixture = parse(content.replace(digest[1], "0" * 64), BIAS)
    with pytest.raises(StoreError, match="another sha256 than the recipe states"):
        problem(fixture, BIAS)


class KilledError(Exception):
    """Stands for a signal."""


def test_a_failure_half_way_leaves_the_old_store(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flip(small / MEAN)
    before, calls = contents(small), []

    def failing(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise KilledError
        return build(*args)

    monkeypatch.setattr(plan, "build", failing)
    with pytest.raises(KilledError):
        regenerate(small)
    assert contents(small) == before
    assert [p.name for p in small.parent.iterdir()] == ["golden"]


def test_files_of_others_in_a_store_stay(small: Path) -> None:
    mine = {"notes.txt": "mine", "darknet/mean_cpu/mine.json": "{}", "schema.json": "{}"}
    for name, content in mine.items():
        (small / name).write_text(content, "utf-8")
    flip(small / MEAN)
    assert list(regenerate(small)) == [MEAN]
    assert {name: (small / name).read_text("utf-8") for name in mine} == mine


def test_a_directory_that_is_no_store_is_refused(small: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("years", "utf-8")
    with pytest.raises(DirectoryError, match=r"thesis: holds chapter\.tex and no MANIFEST\.json"):
        regenerate(tmp_path / "thesis")
    (small / MANIFEST).write_text('{"kind": "darkparity export"}', "utf-8")
    before = contents(small)
    with pytest.raises(FormatError, match=r"MANIFEST\.json: .*kind"):
        regenerate(small)
    assert contents(small) == before


def test_a_planned_file_that_the_manifest_does_not_list_is_not_replaced(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(monkeypatch, set(CASE_OF) - {MEAN})
    regenerate(small)
    planned(monkeypatch)
    (small / MEAN).parent.mkdir()
    (small / MEAN).write_text("mine", "utf-8")
    with pytest.raises(DirectoryError, match=f"{MEAN}: is in the way and not listed"):
        regenerate(small)
    assert (small / MEAN).read_text("utf-8") == "mine"


REFUSED = {
    "another format": ({"schema_version": 2}, "schema_version 2: this version of darkparity reads 1 only"),
    "a name that leaves": ({"case": "/../../outside"}, "is not a name in snake_case"),
    "another id": ({"id": "darknet-mean_cpu-tiny"}, "id 'darknet-mean_cpu-tiny' is not"),
    "no such dialect": ({"dialect": "darkent"}, "no dialect 'darkent'; did you mean darknet"),
    "a field of another type": ({"fault": ["x"]}, "fault: needs text, got a list"),
    "inputs and recipe": ({"recipe": {}}, "needs either inputs or recipe"),
    "half of the outputs": ({"expected": {}}, "the outputs are output, delta, x"),
    "much out of little": ({"attributes": {"batch": 99999, "w": 99, "h": 99, "c": 99}}, "the inputs need .99999"),
    "a wrong attribute": ({"attributes": {"batch": 2}}, "needs .'batch', 'c', 'h', 'w'."),
    "an index outside": ({"classes": {"mean": {"all": [10**9]}}}, "classes mean: an index outside of 4"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_fixture_whose_parts_do_not_fit_is_refused(name: str) -> None:
    changed, message = REFUSED[name]
    case = case_named("make_batchnorm_layer", "ordinary")
    assert case is not None
    data = json.loads(text(build(case, DARKNET))) | changed
    with pytest.raises(FormatError, match=rf"^make\.json: .*{message}"):
        parse(json.dumps(data), "make.json")


@pytest.mark.parametrize(("changed", "message"), [
    ({"files": {"../../outside.json": {"sha256": "", "inputs_sha256": ""}}}, "no name of a file in that directory"),
    ({"files": {MEAN: {"sha256": ""}}}, "lacks inputs_sha256"), ({"files": []}, "files: needs an object"),
    ({"schema_version": 9}, "schema_version 9: this version of darkparity reads 1 only"),
])  # fmt: skip
def test_a_manifest_that_is_none_is_refused(small: Path, changed: dict[str, Any], message: str) -> None:
    data = json.loads((small / MANIFEST).read_text("utf-8")) | changed
    (small / MANIFEST).write_text(json.dumps(data), "utf-8")
    with pytest.raises(FormatError, match=rf"MANIFEST\.json: .*{message}"):
        _ = Store(small).files


def test_a_file_at_another_ones_place_is_refused(small: Path) -> None:
    (small / BIAS).write_bytes((small / MEAN).read_bytes())
    files = {**Store(small).files, BIAS: Store(small).files[MEAN]}
    (small / MANIFEST).write_text(manifest_text(files), "utf-8")
    with pytest.raises(StoreError, match=f"{BIAS}: holds darknet-mean_cpu-nan_in_one_channel, which belongs into"):
        Store(small).read(BIAS)


def test_where_the_store_is_looked_for(small: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(small.parent)
    assert default_store().path == Path("golden")
    with pytest.raises(StoreError, match=f"no {MANIFEST} there"):
        default_store(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="an installed package is never written"):
        regenerate(tmp_path / "site-packages" / "golden")
