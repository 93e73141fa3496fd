"""docs/check-your-port.md from top to bottom: files written, commands run, quoted output found."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from darkparity.cli import main
from support import ROOT, fenced

PAGE = ROOT / "docs" / "check-your-port.md"


@pytest.mark.slow
def test_the_walk_through_is_real(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = ""
    steps = fenced(PAGE)
    assert len(steps) >= 12
    for kind, text in steps:
        if kind in ("python", "toml"):
            name = text.splitlines()[0].removeprefix("# ")
            (workplace / name).write_text(text, "utf-8")
        elif kind == "text":
            missing = [line for line in text.splitlines() if line.split() not in printed_lines(printed)]
            assert not missing, printed
        elif kind == "sh":
            assert outside(text) == 0
        else:
            printed = "".join(ran(line, capsys) for line in text.splitlines())


def printed_lines(printed: str) -> list[list[str]]:
    return [line.split() for line in printed.splitlines()]


def ran(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    command, _, code = line.partition("  # exit ")
    assert main(shlex.split(command)[1:]) == int(code or 0), command
    return capsys.readouterr().out


def outside(command: str) -> int:
    """`pytest ...` as the reader types it, in a process of its own."""
    words = shlex.split(command)
    assert words[0] == "pytest"
    done = subprocess.run([sys.executable, "-m", *words, "-q"], capture_output=True, text=True)
    assert "1 xfailed" in done.stdout, done.stdout
    return done.returncode
