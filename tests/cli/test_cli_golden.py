"""`darkparity golden`: differences named number by number, damage an error."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from darkparity.problems.golden import plan
from darkparity.problems.golden.writing import regenerate
from support import STORE, Run


def test_bare_regenerate_writes_no_store_found_through_the_installation(run: Run, tmp_path: Path) -> None:
    said = run("golden", "regenerate")
    assert (said.code, list(tmp_path.iterdir())) == (2, [])


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of mean_cpu alone, fresh from the oracle."""
    rows = [row for row in plan.plan() if row[0].operation == "mean_cpu" and row[0].name.startswith("o")]
    monkeypatch.setattr(plan, "plan", lambda: rows)
    monkeypatch.setattr(plan, "unstored", list)
    target = tmp_path / "store"
    regenerate(target)
    shutil.copy(STORE / "schema.json", target)
    return target


FIXTURE = "darknet/mean_cpu/ordinary_odd_batch.json"


def _flip_a_digit(path: Path) -> None:
    text = path.read_text("utf-8")
    head, expected, tail = text.partition('"expected"')
    flipped = re.sub(r"(\d)(,)", lambda m: f"{9 - int(m[1])},", tail, count=1)
    path.write_text(head + expected + flipped, "utf-8")


def test_verify_passes_on_a_fresh_store_and_regenerate_changes_nothing(run: Run, small: Path) -> None:
    assert run("golden", "verify", "--store", small).code == 0
    said = run("golden", "regenerate", "--store", small)
    assert said.code == 0
    assert "nothing changed" in said.out


@pytest.mark.parametrize("verb", ["verify", "diff"])
def test_flipped_digit_is_named(run: Run, small: Path, verb: str) -> None:
    _flip_a_digit(small / FIXTURE)
    said = run("golden", verb, "--store", small)
    assert said.code == 1
    assert re.search(rf"{FIXTURE}: expected mean \[0\]: stored \S+, oracle \S+", said.out)
    assert run("check", "numpy", "--case", "darknet-mean_cpu-ordinary*", "--store", small).code == 2


def test_regenerate_repairs_says_what_changed_and_exits_1(run: Run, small: Path) -> None:
    before = (small / FIXTURE).read_bytes()
    _flip_a_digit(small / FIXTURE)
    found = run("golden", "regenerate", "--store", small, "--json")
    assert found.code == 1
    assert json.loads(found.out)["changed"] == [FIXTURE]
    assert json.loads(found.out)["differences"][0]["array"] == "expected mean"
    assert (small / FIXTURE).read_bytes() == before


def test_truncated_fixture_exits_2(run: Run, small: Path) -> None:
    path = small / FIXTURE
    path.write_bytes(path.read_bytes()[:-40])
    for verb in ("verify", "diff"):
        said = run("golden", verb, "--store", small)
        assert said.code == 2
        assert FIXTURE in said.err


def test_broken_schema_exits_2_and_says_where(run: Run, small: Path) -> None:
    path = small / FIXTURE
    path.write_text(path.read_text("utf-8").replace('"operation": "mean_cpu"', '"operation": 7'), "utf-8")
    said = run("golden", "verify", "--store", small)
    assert said.code == 2
    assert FIXTURE in said.err
    assert "operation" in said.err


def test_regenerate_refuses_an_installed_package(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "site-packages" / "darkparity" / "golden"
    said = run("golden", "regenerate", "--store", target)
    assert said.code == 2
    assert not target.exists()


def test_regenerate_touches_nothing_of_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years", "utf-8")
    said = run("golden", "regenerate", "--store", ".")
    assert said.code == 2
    assert "holds thesis.tex and no MANIFEST.json; take an empty or a new directory" in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_current_directory_and_a_link_are_stores_too(
    run: Run, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = small.with_name("link")
    link.symlink_to(small)
    monkeypatch.chdir(small)
    for store in (".", link):
        _flip_a_digit(small / FIXTURE)
        assert run("golden", "regenerate", "--store", store).code == 1
        assert run("golden", "verify", "--store", small).code == 0
    assert link.is_symlink()


def test_a_damaged_schema_is_named(run: Run, small: Path) -> None:
    for content in ("[", '{"type": 7}', '{"$ref": "nowhere.json"}'):
        (small / "schema.json").write_text(content, "utf-8")
        said = run("golden", "verify", "--store", small)
        assert said.code == 2
        assert "schema.json" in said.err


def test_show(run: Run) -> None:
    said = run("golden", "show", "darknet-mean_cpu-one_element", "--store", STORE)
    assert said.code == 0
    assert "sum(x) / m" in said.out
    found = json.loads(run("golden", "show", "darknet-mean_cpu-one_element", "--store", STORE, "--json").out)
    assert set(found["expected"]) == {"mean"}
