"""`darkparity new-port`: files, commands, refusals."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from darkparity.cli import main
from darkparity.cli.new_port import STARTERS, Language
from support import ROOT

Printed = pytest.CaptureFixture[str]


@pytest.mark.parametrize("language", list(Language))
def test_it_writes_what_it_says(language: Language, tmp_path: Path, capsys: Printed) -> None:
    place = tmp_path / "my ports" / "first"
    assert main(["new-port", language, str(place)]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    written = [Path(rest) for word, rest in lines if word == "wrote"]
    assert sorted(written) == sorted(place.iterdir())
    assert {p.name for p in written} == set(STARTERS[language].files)
    assert [word for word, _ in lines[-2:]] == ["first", "then"]
    assert shlex.split(lines[-1][1])[:2] == ["darkparity", "check"]


@pytest.mark.parametrize("language", list(Language))
def test_it_overwrites_nothing(language: Language, tmp_path: Path, capsys: Printed) -> None:
    *_, last = STARTERS[language].files
    (tmp_path / last).write_text("mine", "utf-8")
    assert main(["new-port", language, str(tmp_path)]) == 2
    assert f"{last}: exists already; nothing was written" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == [last]
    assert (tmp_path / last).read_text("utf-8") == "mine"


def test_a_call_that_was_killed_is_made_up_for(tmp_path: Path, capsys: Printed) -> None:
    first, last = STARTERS[Language.PYBIND11].files
    assert main(["new-port", Language.PYBIND11, str(tmp_path)]) == 0
    (tmp_path / last).unlink()
    assert main(["new-port", Language.PYBIND11, str(tmp_path)]) == 0
    assert {p.name for p in tmp_path.iterdir()} == {first, last}


def test_an_unknown_language_names_the_known_ones(tmp_path: Path, capsys: Printed) -> None:
    assert main(["new-port", "cobol", str(tmp_path / "x")]) == 2
    said = capsys.readouterr().err
    assert all(language in said for language in Language)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("language", list(Language))
def test_every_starting_point_says_how_to_change_it(language: Language) -> None:
    for source in STARTERS[language].files.values():
        text = (ROOT / "harness" / "darkparity" / source).read_text("utf-8")
        assert "To make it yours" in text or "Copy this file to start" in text


def test_a_written_python_port_goes_by_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new-port", "python", "."]) == 0
    arguments = ["--store", str(ROOT / "golden"), "--case", "darknet-mean_cpu-o*", "--json"]
    assert main(["check", "port.py", *arguments]) == 0
    assert '"my_port"' in capsys.readouterr().out
