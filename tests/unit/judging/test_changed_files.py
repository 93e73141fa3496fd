"""A store or a run file that an implementation changes while the run lasts: no verdict, and it is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import darkparity
from darkparity.problems.golden.store import StoreChanged
from darkparity.report.run import Run
from darkparity.report.runfile import RunFileError
from support import STORE

HONEST = "x.mean(axis=(0, 2), dtype='f8').astype('f4')"
MANIFEST = "pathlib.Path('golden/MANIFEST.json')"
REWRITE = f"{MANIFEST}.write_text({MANIFEST}.read_text() + ' ')"
FORGE = "[p.write_text(p.read_text().replace('one_element', 'two_element')) for p in pathlib.Path().glob('.*.partial')]"


def check(directory: Path, import_time: str = "0", call_time: str = "0") -> Run:
    body = f"import pathlib\n{import_time}\ndef mean_cpu(x):\n    {call_time}\n    return {HONEST}\n"
    (directory / "port.py").write_text(body, "utf-8")
    return darkparity.check("port.py", operations="mean_cpu", cases="*one_element", output="run.jsonl")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "golden" / "darknet").mkdir(parents=True)
    shutil.copy(STORE / "MANIFEST.json", "golden")
    shutil.copytree(STORE / "darknet" / "mean_cpu", "golden/darknet/mean_cpu")
    shutil.copytree(STORE / "separates", "golden/separates")
    return tmp_path


def test_untouched_files_are_no_trouble(here: Path) -> None:
    assert check(here).conforms
    assert (here / "run.jsonl").exists()


@pytest.mark.parametrize("when", ["import_time", "call_time"])
def test_a_store_that_changes_ends_the_run(here: Path, when: str) -> None:
    with pytest.raises(StoreChanged, match=r"MANIFEST\.json: changed during the run"):
        check(here, **{when: REWRITE})
    assert not (here / "run.jsonl").exists()


def test_a_run_file_that_changes_is_not_put_in_its_place(here: Path) -> None:
    with pytest.raises(RunFileError, match="changed during the run"):
        check(here, call_time=FORGE)
    assert not (here / "run.jsonl").exists()
